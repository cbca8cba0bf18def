//! Every list of our own family is paged alike.

use pilothouse_core::Role;
use pilothouse_testkit::http;
use serde_json::{Value, json};

use super::{Bench, assert_problem, field};

#[test]
fn users_keys_presets_and_what_waits_come_in_pages() {
    let mut bench = Bench::start(&[]);
    bench.token = bench.token("root", Role::Admin);
    for number in 0..5 {
        let user = json!({"username": format!("user-{number}"), "password": "correct-horse-9"});
        let made = bench.ask("POST /api/v1/users", &user);
        let path = field(&made, "location").unwrap();
        assert_eq!(bench.read(&path)["username"], format!("user-{number}"));
        let made = bench.ask("POST /api/v1/keys", &json!({"name": format!("key-{number}")}));
        let path = field(&made, "location").unwrap();
        assert_eq!(bench.read(&path)["name"], format!("key-{number}"));
        let preset = json!({"name": format!("preset-{number}"), "command": "true"});
        let made = bench.ask("POST /api/v1/presets", &preset);
        assert_eq!(made.status, 201);
        bench.ended(&bench.queue("exit 1"));
    }
    for (list, name) in [("users", "username"), ("presets", "name")] {
        let all = bench.pages(&format!("/api/v1/{list}?"), (list, name), "after");
        assert_eq!((all.len(), all[0].len()), (1, 5), "{list}: {all:?}");
        let pages = bench.pages(&format!("/api/v1/{list}?limit=2"), (list, name), "after");
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(pages.concat(), all.concat());
        assert_problem(&bench.get(&format!("/api/v1/{list}?after=a/b")), 400, "next");
    }
    // The agent's own key is there too.
    for (path, list, name) in
        [("keys", "keys", "id"), ("attention", "items", "subjectId"), ("audit", "records", "id")]
    {
        let cursor = if path == "audit" { "before" } else { "after" };
        let all = bench.pages(&format!("/api/v1/{path}?"), (list, name), cursor);
        let pages = bench.pages(&format!("/api/v1/{path}?limit=2"), (list, name), cursor);
        assert!(pages.len() > 2 && pages.iter().all(|page| page.len() <= 2), "{path}: {pages:?}");
        assert_eq!(pages.concat(), all.concat(), "{path}");
    }
    let page = bench.read("/api/users?limit=2&offset=3");
    assert_eq!((&page["count"], page["users"].as_array().unwrap().len()), (&json!(5), 2));
    assert_eq!(page["users"][0]["username"], "user-3");
    assert_eq!(bench.read("/api/users")["users"].as_array().unwrap().len(), 5);
    let wrong =
        http::send_json(bench.address(), "GET /api/users?limit=x", &bench.token, &Value::Null);
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (400, &json!("VALIDATION_ERROR")));
}
