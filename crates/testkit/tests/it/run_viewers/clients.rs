//! Clients that others wrote: the one in the protocol's own document, and one on npm's `ws`.

use pilothouse_testkit::{node::NodeProgram, program::Server};
use serde_json::{Value, json};

use super::{agent, base64, complete, made, picture, start, step, take};

fn seed_client(server: &Server, run: &str) -> NodeProgram {
    let address = format!("ws://{}/ws", server.address());
    NodeProgram::start("runs/seed_client.mjs", &[&address, &server.operator(), run])
}

/// The steps that a client told of, in order.
fn steps(client: &NodeProgram) -> Vec<Value> {
    let steps = client.seen.iter().filter(|line| line["what"] == "step_update");
    steps.map(|line| line["message"]["stepNumber"].clone()).collect()
}

#[test]
fn the_documents_own_client_is_told_a_run_to_its_end() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut client = seed_client(&server, &run);
    let granted = client.expect("authentication")["message"].clone();
    assert_eq!(granted, json!({"type": "authentication", "status": "success"}));
    agent.say(&json!({"type": "runBegan", "run": run}));
    take(&agent, &run, 1);
    let told = client.expect("step_update")["message"].clone();
    let expected = json!({
        "type": "step_update", "stepNumber": 1, "screenshot": base64(&picture(64)),
        "action": {"type": "click", "selector": "#buy"}, "explanation": "step 1", "runId": run,
    });
    assert_eq!(told, expected);
    take(&agent, &run, 2);
    complete(&agent, &run);
    let told = client.expect("completion")["message"].clone();
    let expected = json!({
        "type": "completion", "status": "success", "commands": [{"type": "click", "selector": "#buy"}],
        "finalAnswer": "bought", "runId": run,
    });
    assert_eq!(told, expected);
    assert_eq!(steps(&client), [1, 2]);
    // Its text `ping` is not answered with anything that it could not read.
    assert!(!client.seen.iter().any(|line| line["what"] == "error"), "{:?}", client.seen);
    assert!(client.finish());
}

#[test]
fn the_documents_own_client_comes_back_after_a_kill_and_misses_nothing() {
    let mut server = Server::start(&[]);
    let first = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut client = seed_client(&server, &run);
    client.expect("authentication");
    first.say(&json!({"type": "runBegan", "run": run}));
    take(&first, &run, 1);
    client.expect("step_update");
    server.kill_and_restart();
    let second = agent(&server, "a-1", &[&run]);
    take(&second, &run, 2);
    complete(&second, &run);
    client.expect("completion");
    // It knows nothing of `afterStep`, so it is told the run from its beginning.
    assert_eq!(steps(&client), [1, 1, 2]);
}

#[test]
fn a_client_that_waits_for_nothing_is_understood_all_the_same() {
    let server = Server::start(&[("timing.ping_interval", "1s")]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let address = format!("ws://{}/ws", server.address());
    let shows = json!({"type": "authenticate", "token": server.operator()}).to_string();
    let begins = start(&run).to_string();
    let beats = json!({"type": "heartbeat", "timestamp": "2026-01-01T00:00:00Z"}).to_string();
    let all = [&*address, &shows, &begins, "ping", &beats, "garbage"];
    let mut client = NodeProgram::start("runs/ws.mjs", &all);
    assert_eq!(client.expect("authentication")["message"]["status"], "success");
    let error = client.expect("error")["message"].clone();
    assert_eq!(error["error"], "Failed to process message");
    // The largest screenshot that there can be.
    let large = picture(4 << 20);
    agent.say(&step(&run, 1, &large));
    let told = client.expect("step_update");
    assert_eq!((&told["size"], &told["isBinary"]), (&json!(4 << 20), &json!(false)));
    complete(&agent, &run);
    client.expect("completion");
    client.expect("ping");
    assert!(client.finish());
}
