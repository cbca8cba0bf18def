//! Agents, with all that a page needs of them.

use pilothouse_core::Role;
use pilothouse_testkit::http;
use serde_json::{Value, json};

use super::{Bench, assert_problem, text};

#[test]
fn an_agent_tells_what_it_does_and_what_waits_for_it() {
    let bench = Bench::start(&[]);
    let path = "/api/v1/agents/a-1";
    let agent = bench.read(path);
    for (name, value) in [
        ("id", json!("a-1")),
        ("status", json!("online")),
        ("reported", json!("link")),
        ("queueLength", json!(0)),
        ("queue", json!([])),
        ("lastHour", json!({"commands": 0, "seconds": 0})),
        ("attention", json!([])),
    ] {
        assert_eq!(agent[name], value, "{name}: {agent}");
    }
    let capabilities = agent["capabilities"].to_string();
    assert!(capabilities.contains("commands") && capabilities.contains("terminals"));
    assert!(agent["version"].is_string() && agent["host"].is_string());
    let failed = bench.queue("echo oh no; exit 7");
    bench.ended(&failed);
    bench.done("POST /api/v1/agents/a-1/pause", &json!({}));
    let admin = bench.token("root", Role::Admin);
    let budget = json!({"commandsPerHour": 9});
    let request = "PUT /api/v1/agents/a-1/budget";
    assert_eq!(http::send_json(bench.address(), request, &admin, &budget).status, 200);
    let waiting = bench.queue("true");
    let agent = bench.until(path, |agent| agent["lastLine"] == "oh no");
    assert_eq!((&agent["queueLength"], &agent["queue"][0]["id"]), (&json!(1), &json!(waiting)));
    assert_eq!(agent["queue"][0]["position"], 1);
    assert_eq!((&agent["hold"]["cause"], &agent["hold"]["by"]), (&json!("paused"), &json!("ann")));
    assert_eq!(agent["budget"]["commandsPerHour"], 9);
    assert_eq!(agent["lastHour"]["commands"], 1);
    let item = &agent["attention"][0];
    assert_eq!((&item["subjectId"], &item["reason"]), (&json!(failed), &json!("commandFailed")));
    assert_problem(&bench.get("/api/v1/agents/no-such"), 404, "no-such");
    let without = http::send(bench.address(), "GET /api/v1/agents", &[]);
    assert_problem(&without, 401, "");
    let of_agent = bench.server.agent_token("a-1");
    let refused = http::send_json(bench.address(), "GET /api/v1/agents", &of_agent, &Value::Null);
    assert_problem(&refused, 403, "");
}

#[test]
fn agents_are_found_and_paged() {
    let bench = Bench::start(&[]);
    let names: Vec<String> = (1..=5).map(|number| format!("robot-{number}")).collect();
    for (name, status) in names.iter().zip(["online", "error", "online", "online", "online"]) {
        bench.done(&format!("POST /api/agents/{name}/status"), &json!({"status": status}));
    }
    let found = |query: &str| -> Vec<String> {
        let page = bench.read(&format!("/api/v1/agents?{query}"));
        page["agents"].as_array().unwrap().iter().map(|it| text(it, "id")).collect()
    };
    assert_eq!(found("").len(), 6);
    assert_eq!(found("q=ROBOT"), names);
    assert_eq!(found("status=error"), ["robot-2"]);
    assert_eq!(found("status=error,online&q=robot").len(), 5);
    assert_eq!(found("type=no-such"), Vec::<String>::new());
    assert_eq!(bench.read("/api/v1/agents/robot-1")["reported"], "api");
    let pages = bench.pages("/api/v1/agents?limit=2&q=robot", ("agents", "id"), "after");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(pages.concat(), names);
}
