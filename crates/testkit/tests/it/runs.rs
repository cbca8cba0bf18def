//! Runs over real sockets: made and read over REST, done by an agent that says how far it is.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use base64::Engine as _;
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http::{self, Answer},
    program::Server,
    waiting::wait_until,
};
use serde_json::{Value, json};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 0, 0xff];

fn agent(server: &Server, id: &str, held: &[&str]) -> FakeAgent {
    let runs = held.iter().map(|&run| run.to_owned()).collect();
    FakeAgent::link(server, id, Manner { runs: Some(runs), ..Manner::default() })
}

fn ask(server: &Server, request: &str, body: &Value) -> Answer {
    http::send_json(server.address(), request, &server.operator(), body)
}

/// Makes a run and returns its id.
fn made(server: &Server, body: &Value) -> String {
    let answer = ask(server, "POST /api/runs", body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["run"]["id"].as_str().unwrap().to_owned();
    assert!(answer.head.to_lowercase().contains(&format!("location: /api/runs/{id}")));
    id
}

fn shown(server: &Server, run: &str) -> Value {
    let answer = ask(server, &format!("GET /api/runs/{run}"), &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn step(run: &str, number: u32) -> Value {
    let screenshot = base64::engine::general_purpose::STANDARD.encode(JPEG);
    json!({"type": "runStep", "run": run, "number": number, "action": {"type": "click", "selector": "#buy"},
           "explanation": format!("step {number}"), "screenshot": screenshot})
}

/// The bytes that a route answers with, and its head.
fn bytes(server: &Server, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let token = server.operator();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}

#[test]
fn a_run_is_made_done_step_by_step_and_read_back() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let script = json!([{"type": "navigate", "url": "https://shop.example"}]);
    let run = made(&server, &json!({"task": "buy shoes", "script": script, "maxSteps": 7}));
    let start = agent.expect("startRun");
    assert_eq!((&start["run"], &start["task"]), (&json!(run), &json!("buy shoes")));
    assert_eq!((&start["steps"], &start["timeout"]), (&json!(7), &json!(1_800_000)));
    assert_eq!(start["script"], script);
    assert_eq!(shown(&server, &run)["run"]["status"], "PENDING");
    agent.say(&json!({"type": "runBegan", "run": run}));
    wait_until("the run is under way", || shown(&server, &run)["run"]["status"] == "INPROGRESS");
    agent.say(&step(&run, 1));
    assert_eq!(agent.expect("runStored")["steps"], 1);
    agent.say(&json!({"type": "runStep", "run": run, "number": 2, "action": {"type": "done"}}));
    assert_eq!(agent.expect("runStored")["steps"], 2);
    let commands = json!([{"type": "click", "selector": "#buy"}]);
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "completed", "answer": "bought",
                      "commands": commands}));
    assert_eq!(agent.expect("forgetRun")["run"], json!(run));
    let told = shown(&server, &run);
    assert_eq!(told["status"], "success");
    assert_eq!(told["data"]["run"], told["run"]);
    let shape = &told["run"];
    assert_eq!((&shape["status"], &shape["stepCount"]), (&json!("COMPLETED"), &json!(2)));
    assert_eq!((&shape["answer"], &shape["commands"]), (&json!("bought"), &commands));
    assert_eq!((&shape["requestedBy"], &shape["agentId"]), (&json!("ann"), &json!("a-1")));
    let steps: Vec<_> = told["steps"].as_array().unwrap().iter().collect();
    assert_eq!(steps[0]["action"], json!({"type": "click", "selector": "#buy"}));
    assert_eq!(
        (&steps[0]["explanation"], &steps[0]["hasScreenshot"]),
        (&json!("step 1"), &json!(true))
    );
    assert_eq!((steps.len(), &steps[1]["hasScreenshot"]), (2, &json!(false)));
    let (head, picture) = bytes(&server, &format!("/api/runs/{run}/steps/1/screenshot"));
    assert!(head.contains("content-type: image/jpeg") && head.contains("nosniff"), "{head}");
    assert_eq!(picture, JPEG);
    let (head, _) = bytes(&server, &format!("/api/runs/{run}/steps/2/screenshot"));
    assert!(head.starts_with("http/1.1 404"), "{head}");
    let listed = ask(&server, "GET /api/runs?status=completed,failed", &Value::Null).json();
    assert_eq!(listed["runs"][0]["id"], json!(run));
    assert_eq!(
        ask(&server, "GET /api/runs?status=PENDING", &Value::Null).json()["runs"],
        json!([])
    );
}

#[test]
fn the_front_ends_of_the_runs_protocol_make_and_list_runs_in_their_words() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let empty = ask(&server, "POST /api/agent/create-run", &json!({"runObjective": " "}));
    let words = json!({"status": "error", "message": "Run objective is required"});
    assert_eq!((empty.status, empty.json()), (400, words));
    let body = json!({"runObjective": "buy shoes"});
    let made = ask(&server, "POST /api/agent/create-run", &body);
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("success")));
    let run = made.json()["data"]["id"].as_str().unwrap().to_owned();
    let all = |name: &str| {
        let all = ask(&server, "GET /api/agent/all-runs", &Value::Null).json();
        assert_eq!((&all["status"], &all["results"]), (&json!("success"), &json!(1)));
        all["data"]["agentRuns"][0][name].clone()
    };
    assert_eq!(
        (all("id"), all("user_id"), all("run_objective")),
        (json!(run), json!("ann"), json!("buy shoes"))
    );
    assert_eq!(
        (all("status"), all("steps"), all("completed_at")),
        (json!("PENDING"), Value::Null, Value::Null)
    );
    agent.expect("startRun");
    agent.say(&step(&run, 1));
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "failed", "error": "sold out"}));
    agent.expect("forgetRun");
    assert_eq!((all("status"), all("completed_at").is_string()), (json!("FAILED"), true));
    let steps = json!({"steps": [{"number": 1, "action": "click", "explanation": "step 1"}], "finalAnswer": "sold out"});
    assert_eq!(all("steps"), steps);
    // And somebody has to look.
    let waits = ask(&server, "GET /api/v1/attention", &Value::Null).json();
    assert_eq!(
        (&waits["items"][0]["reason"], &waits["items"][0]["subjectId"]),
        (&json!("runFailed"), &json!(run))
    );
    let dismissed = ask(&server, &format!("DELETE /api/v1/attention/run/{run}"), &Value::Null);
    assert_eq!(dismissed.status, 204);
}

#[test]
fn runs_wait_their_turn_and_are_cancelled_waiting_or_under_way() {
    let server = Server::start(&[("runs.per_agent", "1"), ("runs.queue_capacity", "2")]);
    let agent = agent(&server, "a-1", &[]);
    let body = json!({"task": "x", "agentId": "a-1"});
    let runs: Vec<_> = (0..3).map(|_| made(&server, &body)).collect();
    let full = ask(&server, "POST /api/runs", &body);
    assert_eq!((full.status, &full.json()["status"]), (409, &json!("error")), "{full:?}");
    assert_eq!(agent.expect("startRun")["run"], json!(runs[0]));
    agent.say(&json!({"type": "runBegan", "run": runs[0]}));
    let cancel = |run: &str, user: &str, role| {
        let token = server.token(&Grant::Person { user: user.into(), role });
        http::send_json(
            server.address(),
            &format!("POST /api/runs/{run}/cancel"),
            &token,
            &json!({}),
        )
    };
    assert_eq!(cancel(&runs[1], "eve", Role::Operator).status, 403);
    let cancelled = cancel(&runs[1], "ann", Role::Operator);
    assert_eq!((cancelled.status, &cancelled.json()["run"]["status"]), (200, &json!("CANCELLED")));
    assert_eq!(cancel(&runs[0], "root", Role::Admin).status, 200);
    assert_eq!(agent.expect("cancelRun")["run"], json!(runs[0]));
    assert_eq!(shown(&server, &runs[0])["run"]["status"], "INPROGRESS");
    agent.say(&json!({"type": "runEnded", "run": runs[0], "outcome": "cancelled"}));
    assert_eq!(agent.expect("startRun")["run"], json!(runs[2]), "the next that is still wanted");
    wait_until("it is over", || shown(&server, &runs[0])["run"]["status"] == "CANCELLED");
    // What is over stays as it is.
    let again = cancel(&runs[0], "ann", Role::Operator);
    assert_eq!((again.status, &again.json()["run"]["status"]), (200, &json!("CANCELLED")));
    assert_eq!(cancel("run-0", "ann", Role::Operator).status, 404);
}

#[test]
fn a_server_that_is_killed_in_the_middle_finds_the_run_whole() {
    let mut server = Server::start(&[]);
    let first = agent(&server, "a-1", &[]);
    let run = made(&server, &json!({"task": "x"}));
    let waits = [made(&server, &json!({"task": "y"})), made(&server, &json!({"task": "z"}))];
    first.expect("startRun");
    first.say(&json!({"type": "runBegan", "run": run}));
    first.say(&step(&run, 1));
    first.expect("runStored");
    server.kill_and_restart();
    assert_eq!(shown(&server, &run)["run"]["status"], "INPROGRESS");
    let second = agent(&server, "a-1", &[&run, "run-nobody-knows"]);
    let welcome = second.expect("welcome");
    assert_eq!(welcome["runs"], json!([{"run": run, "steps": 1}]));
    assert_eq!(welcome["forgetRuns"], json!(["run-nobody-knows"]));
    // The one of the other two that had a place is sent again: it may not have arrived.
    assert_eq!(second.expect("startRun")["run"], json!(waits[0]));
    for number in [1, 2] {
        second.say(&step(&run, number));
    }
    second.say(&json!({"type": "runEnded", "run": run, "outcome": "completed"}));
    second.expect("forgetRun");
    let told = shown(&server, &run);
    assert_eq!(
        (&told["run"]["status"], &told["run"]["stepCount"]),
        (&json!("COMPLETED"), &json!(2))
    );
    let numbers: Vec<_> =
        told["steps"].as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(second.expect("startRun")["run"], json!(waits[1]));
    // A new life of the agent without them has lost what it was at.
    second.say(&json!({"type": "runBegan", "run": waits[0]}));
    wait_until("it is under way", || shown(&server, &waits[0])["run"]["status"] == "INPROGRESS");
    let _third = agent(&server, "a-1", &[]);
    wait_until("it has failed", || shown(&server, &waits[0])["run"]["status"] == "FAILED");
    assert_eq!(shown(&server, &waits[0])["run"]["error"], "its agent was started anew and lost it");
}

#[test]
fn what_makes_no_sense_is_refused_in_the_familys_words() {
    let server = Server::start(&[]);
    let nobody = ask(&server, "POST /api/runs", &json!({"task": "x"}));
    assert_eq!(nobody.status, 409);
    let message = "no agent that is connected takes runs; connect one that has a browser";
    assert_eq!(nobody.json(), json!({"status": "error", "message": message}));
    let _without = FakeAgent::link(&server, "a-1", Manner::default());
    for (body, status) in [
        (json!({"task": "x", "agentId": "a-1"}), 409),
        (json!({"task": "x", "agentId": "a-2"}), 404),
        (json!({"task": "x", "agentId": "../etc"}), 400),
        (json!({"task": "x", "sessionId": "ses-0"}), 404),
        (json!({}), 400),
        (json!({"task": "a\u{0}b"}), 400),
        (json!({"task": 7}), 400),
        (json!({"script": "goto"}), 400),
        (json!({"task": "x".repeat(20_000)}), 400),
    ] {
        let answer = ask(&server, "POST /api/runs", &body);
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert_eq!(answer.json()["status"], "error");
        assert!(answer.json()["message"].is_string());
    }
    for (request, status) in [
        ("GET /api/runs/run-0", 404),
        ("GET /api/runs/..%2F", 404),
        ("GET /api/runs/run-0/steps/1/screenshot", 404),
        ("GET /api/runs/run-0/steps/x/screenshot", 400),
        ("GET /api/runs?status=RUNNING", 400),
        ("GET /api/runs?before=x", 400),
        ("GET /api/runs?limit=x", 400),
    ] {
        let answer = ask(&server, request, &Value::Null);
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (status, &json!("error")),
            "{request}"
        );
    }
    let stranger = http::send(server.address(), "GET /api/runs", &[]);
    assert_eq!((stranger.status, &stranger.json()["status"]), (401, &json!("error")));
}
