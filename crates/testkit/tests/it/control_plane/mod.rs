//! The control plane over real sockets: services on npm's `ws`, front ends on socket.io-client, a real agent.

mod conversation;
mod endings;
mod front_ends;
mod socket_io;

use std::process::Command;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    program::{Agent, Server, request},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A server with an agent that has a session.
struct Bench {
    server: Server,
    _agent: Agent,
    session: String,
}

impl Bench {
    fn start(settings: &[(&str, &str)]) -> Self {
        let server = Server::start(settings);
        let agent = server.agent("agent-1");
        let session = make_session(&server, "agent-1");
        Self { server, _agent: agent, session }
    }

    /// The token of its session.
    fn token(&self) -> String {
        self.server.token(&session_grant(&self.session, "agent-1"))
    }

    /// A service that has shown that token.
    fn service(&self, token: &str) -> Viewer {
        let mut service = connect(&self.server);
        service.send(&shows(token, "agent-1"));
        service.expect_that(|message| message["type"] == "AUTHENTICATED");
        service
    }

    /// Has a command line run by a person at a dashboard.
    fn run(&self, line: &str) {
        self.server.dashboard().send(&request("agent-1", line));
    }
}

fn make_session(server: &Server, agent: &str) -> String {
    let body = json!({"type": "quick", "locationPath": "/tmp", "agentId": agent});
    let answer = http::send_json(server.address(), "POST /api/sessions", &server.operator(), &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["session"]["id"].as_str().unwrap().to_owned()
}

fn session_grant(session: &str, agent: &str) -> Grant {
    Grant::Session { session: session.parse().unwrap(), agent: agent.parse().unwrap() }
}

fn connect(server: &Server) -> Viewer {
    Upgrade::to("/ws").send(server.address()).unwrap()
}

fn shows(token: &str, agent: &str) -> Value {
    json!({"type": "AUTHENTICATE", "sessionToken": token, "agentId": agent})
}

fn subscribes(kind: &str, target: &str) -> Value {
    json!({"type": "SUBSCRIBE", "subscriptionType": kind, "targetId": target})
}

/// The next message of a type, wherever it stands.
fn next(service: &mut Viewer, kind: &str) -> Value {
    service.expect_that(|message| message["type"] == kind)
}

/// Waits for a task's status, alone or in a batch.
fn expect_task(service: &mut Viewer, status: &str) -> Value {
    let is_it = |message: &Value| message["type"] == "TASK_STATUS" && message["status"] == status;
    let in_batch = |message: &Value| {
        message["messages"].as_array().is_some_and(|messages| messages.iter().any(is_it))
    };
    let message = service.expect_that(|message| is_it(message) || in_batch(message));
    match message["messages"].as_array() {
        Some(messages) => messages.iter().find(|one| is_it(one)).unwrap().clone(),
        None => message,
    }
}

/// The name of a token, made by another program than ours.
fn sha256(token: &str) -> String {
    let script = format!("printf %s '{token}' | sha256sum");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

fn revoke(server: &Server, token: &str) -> Value {
    let admin = server.token(&Grant::Person { user: "root".into(), role: Role::Admin });
    let path = format!("DELETE /api/v1/credentials/{}", sha256(token));
    http::send_json(server.address(), &path, &admin, &Value::Null).json()
}
