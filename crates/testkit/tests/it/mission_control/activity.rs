//! What real commands, real terminals and real agents make mission control say.

use pilothouse_testkit::{
    program::{Server, request},
    terminal::{self, Terminal},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{expect_status, feed};

fn is_activity(message: &Value, line: &str) -> bool {
    message["type"] == "session:activity" && message["payload"]["lastMessage"] == line
}

#[test]
fn a_real_command_says_the_line_it_printed() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    server.wait_until_online("agent-1");
    let mut feed = feed(&server);
    let mut dashboard = server.dashboard();
    dashboard.send(&request("agent-1", "printf '\\033[32mfirst\\033[0m\\n'; exec sleep 30"));
    let id = dashboard.expect_status("queued")["commandId"].clone();
    let said = feed.expect_that(|message| message["type"] == "session:activity");
    let payload = &said["payload"];
    assert_eq!(said.as_object().unwrap().len(), 2, "{said}");
    assert_eq!(payload.as_object().unwrap().len(), 4, "{said}");
    assert_eq!((&payload["agentId"], &payload["sessionId"]), (&json!("agent-1"), &id));
    assert_eq!(payload["lastMessage"], "first");
    assert!(payload["timestamp"].is_u64(), "{said}");
}

#[test]
fn of_a_burst_the_last_line_is_told_too_even_by_a_command_that_has_ended() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    server.wait_until_online("agent-1");
    let mut feed = feed(&server);
    server.dashboard().send(&request("agent-1", "seq 1 5000; printf '10%%\\r100%%\\n'; echo bye"));
    let mut lines = Vec::new();
    while lines.last() != Some(&json!("bye")) {
        let said = feed.expect_that(|message| message["type"] == "session:activity");
        lines.push(said["payload"]["lastMessage"].clone());
    }
    assert!(lines.len() <= 4, "at most one a second: {lines:?}");
}

#[test]
fn a_real_terminal_says_the_line_it_printed() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    server.wait_until_online("agent-1");
    let folder = TempDir::new().unwrap();
    let session = terminal::session(&server, folder.path().to_str().unwrap());
    let worker = terminal::shell(&server, &session);
    let mut feed = feed(&server);
    let mut shell = Terminal::attach(&server, &session, &worker, "");
    // What is typed before the prompt is echoed before it, and the output comes behind the prompt.
    shell.input("PS1='rea''dy> '\r");
    shell.expect_text("ready> ");
    shell.input("echo pro$((40+2))cessing user request...\r");
    let said = feed.expect_that(|message| is_activity(message, "pro42cessing user request..."));
    assert_eq!(said["payload"]["sessionId"], json!(session));
    assert_eq!(said["payload"]["agentId"], "agent-1");
}

#[test]
fn an_agent_that_is_killed_again_and_again_is_in_error_until_it_stays() {
    let server = Server::start(&[("agents.crash_loop_within", "20s")]);
    let mut feed = feed(&server);
    let mut agent = server.agent("agent-1");
    expect_status(&mut feed, "agent-1", "online");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        agent.kill();
        expect_status(&mut feed, "agent-1", "offline");
        agent.start_again();
        let back = feed.expect_that(|message| {
            let payload = &message["payload"];
            payload["agentId"] == "agent-1" && payload["status"] != "offline"
        });
        statuses.push(back["payload"]["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(statuses.last().unwrap(), "error", "{statuses:?}");
    let (_, answer) = terminal::rest(&server, "GET", "/api/agents/agent-1", None);
    assert_eq!(answer["data"]["status"], "error", "{answer}");
    let trouble = answer["data"]["metadata"]["trouble"].as_str().unwrap();
    assert!(trouble.contains("started anew 3 times within 20 s"), "{trouble}");
    expect_status(&mut feed, "agent-1", "online");
}
