//! The dashboard protocol's own example, over real sockets, with server and agent as processes.

use std::process::Command;

use pilothouse_testkit::program::{Server, request};
use serde_json::json;

#[test]
fn a_command_runs_on_a_live_agent_and_the_session_goes_as_documented() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut dashboard = server.dashboard();
    dashboard.send(&request("agent-1", "printf 'total 24\\n'; printf oops >&2; exit 0"));
    let queued = dashboard.expect_status("queued");
    let id = queued["commandId"].clone();
    assert_eq!(queued["agentId"], "agent-1");
    assert_eq!(dashboard.expect_status("running")["commandId"], id);
    let first = dashboard.expect("terminal:output");
    let second = dashboard.expect("terminal:output");
    assert_eq!((&first["sequence"], &second["sequence"]), (&json!(1), &json!(2)));
    let mut parts = [&first, &second].map(|part| (part["stream"].clone(), part["data"].clone()));
    parts.sort_by_key(|(stream, _)| stream.to_string());
    assert_eq!(parts[0], (json!("stderr"), json!("oops")));
    assert_eq!(parts[1], (json!("stdout"), json!("total 24\n")));
    let completed = dashboard.expect_status("completed");
    assert_eq!((&completed["commandId"], &completed["exitCode"]), (&id, &json!(0)));
    dashboard.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    assert_eq!(dashboard.expect("heartbeat"), json!({"sequence": 1}));
}

#[test]
fn five_dashboards_get_the_same_bytes_in_the_same_order() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut dashboards: Vec<_> = (0..5).map(|_| server.dashboard()).collect();
    dashboards[0].send(&request("agent-1", "seq 1 20000; echo done >&2"));
    let told: Vec<Vec<String>> = dashboards
        .iter_mut()
        .map(|dashboard| {
            let mut texts = Vec::new();
            loop {
                let text = dashboard.text();
                // The list follows the agent's first link by a moment, so some see it and some do not.
                let is_list = text.contains("\"agent:list\"");
                let is_last = text.contains("\"completed\"");
                texts.extend((!is_list).then_some(text));
                if is_last {
                    return texts;
                }
            }
        })
        .collect();
    assert!(told[0].len() > 10, "{}", told[0].len());
    for other in &told[1..] {
        assert_eq!(other, &told[0]);
    }
}

#[test]
fn the_example_works_with_npm_ws() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/node");
    let output = Command::new("node")
        .args(["example.mjs", &format!("ws://{}/ws/dashboard", server.address())])
        .env("TOKEN", server.operator())
        .current_dir(folder)
        .output()
        .expect("node is installed; `cargo xtask test` installs it as root");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{wrong}");
    assert_eq!(said.lines().last(), Some("the session went as documented"), "{said}");
}
