//! Sessions and workers in our own family, and terminals read by positions.

use pilothouse_core::Role;
use pilothouse_testkit::{
    http,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{Bench, assert_problem, field, text};

#[test]
fn a_session_is_made_changed_and_ended() {
    let bench = Bench::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let body = json!({"type": "quick", "locationPath": folder.path(), "agentId": "a-1"});
    let made = bench.ask("POST /api/v1/sessions", &body);
    assert_eq!(made.status, 201, "{made:?}");
    let path = field(&made, "location").unwrap();
    let session = text(&made.json(), "id");
    assert_eq!(path, format!("/api/v1/sessions/{session}"));
    assert_eq!(bench.read(&path), made.json());
    let changed = bench.done(&format!("PATCH {path}"), &json!({"title": "Shop window"}));
    assert_eq!(changed["title"], "Shop window");
    let other = text(&bench.done("POST /api/v1/sessions", &body), "id");
    let found = |query: &str| {
        bench.pages(&format!("/api/v1/sessions?{query}"), ("sessions", "id"), "after")
    };
    assert_eq!(found("limit=1"), [vec![session.clone()], vec![other.clone()]]);
    assert_eq!(found("q=WINDOW&agentId=a-1"), [vec![session.clone()]]);
    assert_eq!(found("agentId=a-2"), [Vec::<String>::new()]);
    let workers = format!("{path}/workers");
    let added = bench.ask(&format!("POST {workers}"), &json!({"type": "terminal"}));
    let worker = field(&added, "location").unwrap();
    assert_eq!((added.status, bench.read(&worker)["type"].clone()), (201, json!("terminal")));
    bench.done(&format!("POST {workers}"), &json!({"type": "terminal"}));
    let pages = bench.pages(&format!("{workers}?limit=1"), ("workers", "id"), "after");
    assert_eq!(pages.len(), 2);
    let restarted = bench.done(&format!("POST {worker}/restart"), &json!({}));
    assert_eq!(restarted["epoch"].as_u64(), added.json()["epoch"].as_u64().map(|it| it + 1));
    assert_eq!(bench.ask(&format!("DELETE {worker}"), &Value::Null).status, 204);
    assert_problem(&bench.get(&worker), 404, "worker");
    let viewer = bench.token("vic", Role::Viewer);
    for (request, body) in [
        ("POST /api/v1/sessions".to_owned(), body),
        (format!("PATCH {path}"), json!({"title": "x"})),
        (format!("DELETE {path}"), Value::Null),
        (format!("POST {workers}"), json!({"type": "terminal"})),
    ] {
        let refused = http::send_json(bench.address(), &request, &viewer, &body);
        assert_problem(&refused, 403, "role");
    }
    assert_eq!(bench.ask(&format!("DELETE {path}"), &Value::Null).status, 204);
    assert_problem(&bench.get(&path), 404, "session");
    let absent = json!({"type": "quick", "locationPath": "/no/such/place", "agentId": "a-1"});
    assert_problem(&bench.ask("POST /api/v1/sessions", &absent), 400, "/no/such/place");
}

#[test]
fn a_terminal_is_read_by_positions() {
    let bench = Bench::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let body = json!({"type": "quick", "locationPath": folder.path(), "agentId": "a-1"});
    let session = text(&bench.done("POST /api/v1/sessions", &body), "id");
    let path = format!("/api/v1/sessions/{session}/workers");
    let worker = text(&bench.done(&format!("POST {path}"), &json!({"type": "terminal"})), "id");
    let door = format!("/ws/session/{session}/worker/{worker}?token={}", bench.token);
    let mut terminal: Viewer = Upgrade::to(door).send(bench.address()).unwrap();
    terminal.send(&json!({"type": "input", "data": "seq 1 20000; echo the-$((1+1))-end; exit\r"}));
    terminal.expect("exit");
    let output = format!("{path}/{worker}/output");
    bench.until(&format!("{output}?from=99999999"), |page| page["end"] == true);
    let (mut found, mut from) = (String::new(), 0);
    loop {
        let page = bench.read(&format!("{output}?from={from}&limit=20000"));
        for piece in page["output"].as_array().unwrap() {
            assert_eq!(
                (&piece["stream"], &piece["position"]),
                (&json!("terminal"), &json!(found.len()))
            );
            found.push_str(piece["text"].as_str().unwrap());
        }
        from = page["next"].as_u64().unwrap();
        if page["end"] == true {
            break;
        }
    }
    assert!(found.contains("the-2-end\r\n") && found.contains("\r\n20000\r\n"));
    let head = format!(
        "GET {output}?format=text HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        bench.token
    );
    assert!(http::raw(bench.address(), head.as_bytes()).body == found);
    assert_problem(&bench.get(&format!("{output}?epoch=7")), 404, "life 7");
    let admin = bench.token("root", Role::Admin);
    let audit = "GET /api/v1/audit?action=worker.attach&limit=1";
    let looked = http::send_json(bench.address(), audit, &admin, &Value::Null).json();
    assert_eq!(looked["records"][0]["subject"], worker.as_str(), "{looked}");
}
