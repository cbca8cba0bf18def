//! The clients of the protocol's documentation, on npm's `ws`, word for word.

use std::time::Duration;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    node::NodeProgram,
    program::{Server, request},
};
use serde_json::{Value, json};

use super::door;

fn start(server: &Server, script: &str, token: &str) -> NodeProgram {
    NodeProgram::start(&format!("mission_control/{script}.mjs"), &[&door(server), token])
}

#[test]
fn both_ways_to_show_a_token_work_and_what_clients_say_ends_nothing() {
    let server = Server::start(&[("timing.ping_interval", "1s")]);
    let mut header = start(&server, "header", &server.operator());
    let mut query = start(&server, "query", &server.operator());
    header.expect("open");
    query.expect("open");
    let _agent = server.agent("agent-1");
    let came = header.expect("message");
    let payload = &came["message"]["payload"];
    assert_eq!(came["message"]["type"], "agent:status");
    assert_eq!(came["message"].as_object().unwrap().len(), 2);
    assert_eq!((&payload["agentId"], &payload["status"]), (&json!("agent-1"), &json!("online")));
    assert!(payload["timestamp"].as_u64().unwrap() > 1_700_000_000_000, "{payload}");
    assert_eq!(query.expect("status")["text"], "Agent agent-1 is now online");
    let mut dashboard = server.dashboard();
    dashboard.send(&request("agent-1", "echo User said: Hello"));
    assert_eq!(query.expect("activity")["text"], "User said: Hello");
    let beat = header.expect_that(|line| line["message"]["type"] == "heartbeat");
    assert_eq!(query.expect("heartbeat")["timestamp"], beat["message"]["payload"]["timestamp"]);
    header.expect("ping");
    server.terminate();
    assert_eq!(header.expect("close")["code"], 1001);
    assert_eq!(query.expect("close")["code"], 1001);
    assert!(header.finish() && query.finish());
}

#[test]
fn without_a_good_token_clients_see_1006() {
    let server = Server::start(&[]);
    let agent = server.agent_token("agent-1");
    for (script, token) in
        [("header", ""), ("header", "bad"), ("query", ""), ("query", "a.b.c"), ("query", &agent)]
    {
        let mut client = start(&server, script, token);
        client.expect("error");
        assert_eq!(client.expect("close")["code"], 1006, "{script} with `{token}`");
    }
}

#[test]
fn the_react_hook_knows_every_agent_and_closes_with_its_component() {
    let server = Server::start(&[]);
    let mut hook = start(&server, "hook", &server.operator());
    hook.expect_that(|line| line["isConnected"] == true);
    let _one = server.agent("agent-1");
    let mut two = server.agent("agent-2");
    let status = |line: &Value, agent: &str| line["agentStatuses"][agent]["status"].clone();
    hook.expect_that(|line| {
        status(line, "agent-1") == "online" && status(line, "agent-2") == "online"
    });
    two.kill();
    hook.expect_that(|line| {
        status(line, "agent-1") == "online" && status(line, "agent-2") == "offline"
    });
    server.wait_for_health(|health| health["websocket"]["connections"] == 1);
    assert!(hook.finish());
    server.wait_for_health(|health| health["websocket"]["connections"] == 0);
}

#[test]
fn the_reconnection_strategy_comes_back_after_a_restart() {
    let mut server = Server::start(&[]);
    let mut client = start(&server, "reconnecting", &server.operator());
    assert_eq!(client.expect("open")["reconnectAttempts"], 0);
    server.restart();
    assert_eq!(client.expect("close")["code"], 1001);
    client.expect("open");
    server.kill_and_restart();
    assert_eq!(client.expect("close")["code"], 1006);
    client.expect("open");
}

#[test]
fn a_token_that_expires_under_an_open_socket_closes_it() {
    let server = Server::start(&[("timing.expiry_check", "50ms")]);
    let grant = Grant::Person { user: "ann".into(), role: Role::Viewer };
    let token = server.short_token(&grant, Duration::from_secs(3));
    let mut client = start(&server, "query", &token);
    client.expect("open");
    assert_eq!(client.expect("close")["code"], 4001);
    let mut again = start(&server, "header", &token);
    // It is refused, or, as long as clocks may differ by that much, let in and sent away at once.
    let code = again.expect("close")["code"].clone();
    assert!(code == 1006 || code == 4001, "{code}");
}
