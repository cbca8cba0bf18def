//! Runs as clients at `/ws` are told them, over real sockets, done by an agent that says how far it is.

mod clients;
mod endings;
mod following;
mod transcripts;

use base64::Engine as _;
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http,
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// An agent that does runs, and has these from before.
fn agent(server: &Server, id: &str, held: &[&str]) -> FakeAgent {
    let runs = held.iter().map(|&run| run.to_owned()).collect();
    FakeAgent::link(server, id, Manner { runs: Some(runs), ..Manner::default() })
}

fn person(server: &Server, user: &str, role: Role) -> String {
    server.token(&Grant::Person { user: user.into(), role })
}

/// Makes a run as that user and returns its id.
fn made_by(server: &Server, user: &str, agent: &str) -> String {
    let token = person(server, user, Role::Operator);
    let body = json!({"task": "look", "agentId": agent});
    let answer = http::send_json(server.address(), "POST /api/runs", &token, &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["run"]["id"].as_str().unwrap().to_owned()
}

fn made(server: &Server) -> String {
    made_by(server, "ann", "a-1")
}

/// Bytes that begin like a JPEG.
fn picture(size: usize) -> Vec<u8> {
    let mut picture: Vec<u8> = (0..=250).cycle().take(size).collect();
    picture[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
    picture
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn step(run: &str, number: u32, screenshot: &[u8]) -> Value {
    json!({"type": "runStep", "run": run, "number": number, "action": {"type": "click", "selector": "#buy"},
           "explanation": format!("step {number}"), "screenshot": base64(screenshot)})
}

/// Has the agent take a step, and waits until it is stored.
fn take(agent: &FakeAgent, run: &str, number: u32) {
    agent.say(&step(run, number, &picture(64)));
    assert_eq!(agent.expect("runStored")["steps"], number);
}

fn complete(agent: &FakeAgent, run: &str) {
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "completed", "answer": "bought",
                      "commands": [{"type": "click", "selector": "#buy"}]}));
}

fn connect(server: &Server) -> Viewer {
    Upgrade::to("/ws").send(server.address()).unwrap()
}

/// A client whose token was good.
fn client(server: &Server) -> Viewer {
    let mut client = connect(server);
    client.send(&json!({"type": "authenticate", "token": server.operator()}));
    assert_eq!(next(&mut client), json!({"type": "authentication", "status": "success"}));
    client
}

fn start(run: &str) -> Value {
    json!({"type": "start_agent", "runId": run})
}

/// A client that follows a run.
fn follower(server: &Server, run: &str) -> Viewer {
    let mut client = client(server);
    client.send(&start(run));
    client
}

/// Whatever comes next.
fn next(client: &mut Viewer) -> Value {
    client.expect_that(|_| true)
}

/// The numbers of steps that come, up to the end, which is told as 0.
fn numbers(client: &mut Viewer) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let message = next(client);
        match message["type"].as_str() {
            Some("step_update") => numbers.push(message["stepNumber"].as_u64().unwrap()),
            Some("completion") => {
                numbers.push(0);
                return numbers;
            }
            _ => panic!("{message}"),
        }
    }
}
