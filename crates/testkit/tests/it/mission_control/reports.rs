//! Programs without a link report by REST; a link counts more, and reports that stop end.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    program::{Server, request},
    terminal::rest,
};
use serde_json::{Value, json};

use super::{expect_status, feed};

fn post(server: &Server, token: &str, path: &str, body: &Value) -> http::Answer {
    http::send_json(server.address(), &format!("POST {path}"), token, body)
}

#[test]
fn a_program_reports_its_status_and_what_it_does() {
    let server = Server::start(&[]);
    let mut feed = feed(&server);
    let token = server.agent_token("script-1");
    for (status, told) in [("busy", "online"), ("error", "error"), ("offline", "offline")] {
        let body = json!({"status": status, "name": "Night script"});
        let answer = post(&server, &token, "/api/agents/script-1/status", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        expect_status(&mut feed, "script-1", told);
    }
    let body =
        json!({"agentId": "script-1", "sessionId": "run 7", "message": "half\nUser said: Hello\n"});
    assert_eq!(post(&server, &token, "/api/activity", &body).status, 200);
    // Whoever says something is there.
    expect_status(&mut feed, "script-1", "online");
    let said = feed.expect_that(|message| message["type"] == "session:activity");
    assert_eq!(
        (&said["payload"]["sessionId"], &said["payload"]["lastMessage"]),
        (&json!("run 7"), &json!("User said: Hello"))
    );
    let (_, answer) = rest(&server, "GET", "/api/agents/night", None);
    assert_eq!(
        (&answer["data"]["id"], &answer["data"]["name"]),
        (&json!("script-1"), &json!("Night script"))
    );
    assert_eq!(answer["data"]["metadata"]["source"], "api");
    // Nothing can be ordered there.
    let mut dashboard = server.dashboard();
    dashboard.send(&request("script-1", "ls"));
    let refused = dashboard.expect("error");
    assert_eq!(refused["code"], "AGENT_OFFLINE");
    assert!(refused["message"].as_str().unwrap().contains("only reported"), "{refused}");
}

#[test]
fn reports_are_for_operators_and_for_the_agent_itself() {
    let server = Server::start(&[]);
    let viewer = server.token(&Grant::Person { user: "eve".into(), role: Role::Viewer });
    let (other, own) = (server.agent_token("other"), server.agent_token("script-1"));
    let online = json!({"status": "online"});
    let said = json!({"agentId": "script-1", "sessionId": "s", "message": "x"});
    for (token, expected) in [
        (&viewer, 403),
        (&other, 403),
        (&"bad".to_owned(), 401),
        (&own, 200),
        (&server.operator(), 200),
    ] {
        assert_eq!(post(&server, token, "/api/agents/script-1/status", &online).status, expected);
        assert_eq!(post(&server, token, "/api/activity", &said).status, expected);
    }
    let named = json!({"name": "a script's", "agentId": "script-1"});
    let made = post(&server, &server.operator(), "/api/agent-keys", &named).json();
    let made = made["data"]["apiKey"].as_str().expect("a key is shown once").to_owned();
    let key = http::send(
        server.address(),
        "POST /api/agents/script-1/status",
        &[("X-Agent-Key", &made), ("Content-Length", "0")],
    );
    assert_eq!(
        (key.status, &key.json()["error"]["code"]),
        (400, &json!("VALIDATION_ERROR")),
        "{key:?}"
    );
    let operator = server.operator();
    for (path, body) in [
        ("/api/agents/script-1/status", json!({"status": "well"})),
        ("/api/agents/a%20b/status", online.clone()),
        ("/api/activity", json!({"agentId": "script-1", "sessionId": "s"})),
        ("/api/activity", json!({"agentId": "script-1", "sessionId": "a\nb", "message": "x"})),
        ("/api/activity", json!({"sessionId": "s", "message": "x"})),
        ("/api/activity", json!({"agentId": "script-1", "sessionId": "s", "message": " \n "})),
    ] {
        let answer = post(&server, &operator, path, &body);
        assert_eq!(answer.status, 400, "{path} {body}: {answer:?}");
        assert_eq!(answer.json()["success"], false);
    }
}

#[test]
fn a_link_counts_more_than_reports_and_reports_that_stop_end() {
    let server = Server::start(&[("agents.reported_for", "1s")]);
    let mut feed = feed(&server);
    let operator = server.operator();
    let report = |agent: &str, status: &str| {
        let path = format!("/api/agents/{agent}/status");
        assert_eq!(post(&server, &operator, &path, &json!({"status": status})).status, 200);
    };
    report("agent-2", "online");
    expect_status(&mut feed, "agent-2", "online");
    expect_status(&mut feed, "agent-2", "offline");
    report("agent-1", "error");
    expect_status(&mut feed, "agent-1", "error");
    let mut agent = server.agent("agent-1");
    expect_status(&mut feed, "agent-1", "online");
    report("agent-1", "offline");
    let (_, answer) = rest(&server, "GET", "/api/agents/agent-1", None);
    assert_eq!(
        (&answer["data"]["status"], &answer["data"]["metadata"]["source"]),
        (&json!("online"), &json!("link"))
    );
    agent.kill();
    expect_status(&mut feed, "agent-1", "offline");
}
