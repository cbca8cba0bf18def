//! Runs that are paused, ask, want leave, and are done again, over REST and the agent link.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http::{self, Answer},
    program::Server,
    waiting::wait_until,
};
use serde_json::{Value, json};

fn agent(server: &Server, held: &[&str]) -> FakeAgent {
    let runs = held.iter().map(|&run| run.to_owned()).collect();
    FakeAgent::link(server, "a-1", Manner { runs: Some(runs), ..Manner::default() })
}

fn ask_as(server: &Server, user: &str, role: Role, request: &str, body: &Value) -> Answer {
    let token = server.token(&Grant::Person { user: user.into(), role });
    http::send_json(server.address(), request, &token, body)
}

fn ask(server: &Server, request: &str, body: &Value) -> Answer {
    ask_as(server, "ann", Role::Operator, request, body)
}

fn made(server: &Server, body: &Value) -> String {
    let answer = ask(server, "POST /api/runs", body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["run"]["id"].as_str().unwrap().to_owned()
}

fn shown(server: &Server, run: &str) -> Value {
    let answer = ask(server, &format!("GET /api/runs/{run}"), &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["run"].clone()
}

/// A linked agent with a run under way.
fn begun(server: &Server, body: &Value) -> (FakeAgent, String) {
    let agent = agent(server, &[]);
    let run = made(server, body);
    agent.expect("startRun");
    agent.say(&json!({"type": "runBegan", "run": run}));
    wait_until("the run is under way", || shown(server, &run)["status"] == "INPROGRESS");
    (agent, run)
}

fn act(server: &Server, run: &str, act: &str, body: &Value) -> (u16, Value) {
    let answer = ask(server, &format!("POST /api/runs/{run}/{act}"), body);
    (answer.status, answer.json())
}

#[test]
fn a_question_is_listed_and_the_first_reply_reaches_the_run() {
    let server = Server::start(&[]);
    let (agent, run) = begun(&server, &json!({"task": "buy shoes"}));
    agent.say(&json!({"type": "runWaits", "run": run, "wait": "w-1", "kind": "question",
                      "text": "Which size?"}));
    wait_until("it waits", || shown(&server, &run)["waiting"].is_object());
    let told = shown(&server, &run);
    assert_eq!((&told["status"], &told["paused"]), (&json!("INPROGRESS"), &json!(false)));
    let waiting = &told["waiting"];
    assert_eq!(
        (&waiting["id"], &waiting["kind"], &waiting["text"]),
        (&json!("w-1"), &json!("question"), &json!("Which size?"))
    );
    assert!(waiting["since"].is_string() && waiting.get("until").is_none());
    let item = ask(&server, "GET /api/v1/attention", &Value::Null).json()["items"][0].clone();
    assert_eq!(
        (&item["reason"], &item["answer"], &item["subjectId"]),
        (&json!("runAsks"), &json!("reply"), &json!(run))
    );
    server.wait_for_metric("pilothouse_runs_asking", 1);
    let route = format!("POST /api/runs/{run}/reply");
    let body = json!({"waitId": "w-1", "text": "42"});
    assert_eq!(ask_as(&server, "eve", Role::Operator, &route, &body).status, 403);
    assert_eq!(ask_as(&server, "ann", Role::Viewer, &route, &body).status, 403);
    for (body, status) in [
        (json!({"waitId": "w-2", "text": "42"}), 409),
        (json!({"waitId": "w-1", "text": " "}), 400),
        (json!({"waitId": "w-1"}), 400),
        (json!({"text": "42"}), 400),
    ] {
        let (code, answer) = act(&server, &run, "reply", &body);
        assert_eq!((code, &answer["status"]), (status, &json!("error")), "{body}: {answer}");
    }
    let decision = json!({"waitId": "w-1", "granted": true});
    assert_eq!(act(&server, &run, "decision", &decision).0, 409, "a question wants words");
    let (code, answer) = act(&server, &run, "reply", &body);
    assert_eq!((code, answer["run"].get("waiting")), (200, None));
    let told = agent.expect("replyRun");
    assert_eq!(
        (&told["run"], &told["wait"], &told["text"]),
        (&json!(run), &json!("w-1"), &json!("42"))
    );
    assert_eq!(act(&server, &run, "reply", &body).0, 200, "the same again");
    let (code, answer) = act(&server, &run, "reply", &json!({"waitId": "w-1", "text": "43"}));
    let words = format!("somebody else has answered run {run} already, and differently");
    assert_eq!((code, &answer), (409, &json!({"status": "error", "message": words})));
    agent.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-1"}));
    let items = || ask(&server, "GET /api/v1/attention", &Value::Null).json()["items"].clone();
    assert_eq!(items(), json!([]));
    server.wait_for_metric("pilothouse_runs_asking", 0);
}

#[test]
fn leave_is_granted_by_any_operator_and_outlives_a_kill_of_the_server() {
    let mut server = Server::start(&[]);
    let hosts = json!(["shop.example", "*.bank.example"]);
    let body = json!({"task": "buy shoes", "approval": true, "allowedHosts": hosts});
    let first = agent(&server, &[]);
    let run = made(&server, &body);
    let start = first.expect("startRun");
    assert_eq!((&start["approval"], &start["allowed"]), (&json!(true), &hosts));
    let wants = json!({"type": "runWaits", "run": run, "wait": "w-1", "kind": "approval",
                       "text": "POST to pay.example (form, 2 fields: name, card)", "timeout": 600_000,
                       "method": "POST", "url": "https://pay.example/pay"});
    first.say(&wants);
    wait_until("it waits", || shown(&server, &run)["waiting"].is_object());
    assert_eq!(act(&server, &run, "pause", &json!({})).0, 200);
    assert_eq!(first.expect("pauseRun")["run"], json!(run));
    server.kill_and_restart();
    let told = shown(&server, &run);
    assert_eq!((&told["paused"], &told["approval"]), (&json!(true), &json!(true)));
    assert_eq!(told["allowedHosts"], hosts);
    let waiting = &told["waiting"];
    assert_eq!(
        (&waiting["method"], &waiting["url"], waiting["until"].is_string()),
        (&json!("POST"), &json!("https://pay.example/pay"), true)
    );
    let item = ask(&server, "GET /api/v1/attention", &Value::Null).json()["items"][0].clone();
    assert_eq!((&item["reason"], &item["answer"]), (&json!("runWantsApproval"), &json!("decide")));
    let second = agent(&server, &[&run]);
    assert_eq!(second.expect("pauseRun")["run"], json!(run), "the agent may not have heard of it");
    second.say(&wants);
    second.say(&json!({"type": "runPaused", "run": run, "paused": true}));
    let route = format!("POST /api/runs/{run}/decision");
    let decision = json!({"waitId": "w-1", "granted": true, "reason": "go", "always": true});
    assert_eq!(ask_as(&server, "bob", Role::Operator, &route, &decision).status, 200);
    let told = second.expect("decideRun");
    assert_eq!(
        (&told["wait"], &told["granted"], &told["reason"], &told["always"]),
        (&json!("w-1"), &json!(true), &json!("go"), &json!(true))
    );
    let refusal = json!({"waitId": "w-1", "granted": false});
    assert_eq!(act(&server, &run, "decision", &refusal).0, 409);
    // An agent that was away says it again, and is told again.
    drop(second);
    let third = agent(&server, &[&run]);
    third.say(&wants);
    assert_eq!(third.expect("decideRun")["granted"], true);
    assert_eq!(act(&server, &run, "resume", &json!({})).0, 200);
    assert_eq!(third.expect("resumeRun")["run"], json!(run));
    assert_eq!(shown(&server, &run)["paused"], false);
    // What nobody decides in time is over.
    let brief = json!({"type": "runWaits", "run": run, "wait": "w-2", "kind": "approval",
                       "text": "?", "timeout": 0});
    third.say(&brief);
    wait_until("it has waited", || {
        let (code, _) = act(&server, &run, "decision", &json!({"waitId": "w-2", "granted": true}));
        assert_eq!(code, 409);
        shown(&server, &run)["waiting"]["id"] == "w-2"
    });
    third.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-2"}));
    wait_until("it goes on", || shown(&server, &run).get("waiting").is_none());
}

#[test]
fn a_paused_run_can_be_cancelled_and_one_that_never_began_lets_others_go_first() {
    let server = Server::start(&[("runs.per_agent", "1")]);
    let (agent, run) = begun(&server, &json!({"task": "one"}));
    let waits = [made(&server, &json!({"task": "two"})), made(&server, &json!({"task": "three"}))];
    for held in [&run, &waits[0]] {
        let (code, answer) = act(&server, held, "pause", &json!({}));
        assert_eq!((code, &answer["run"]["paused"]), (200, &json!(true)));
    }
    server.wait_for_metric("pilothouse_runs_paused", 2);
    assert_eq!(act(&server, &run, "cancel", &json!({})).0, 200);
    agent.expect("cancelRun");
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "cancelled"}));
    assert_eq!(agent.expect("startRun")["run"], json!(waits[1]));
    assert_eq!(act(&server, &waits[0], "resume", &json!({})).0, 200);
    agent.say(&json!({"type": "runEnded", "run": waits[1], "outcome": "completed"}));
    assert_eq!(agent.expect("startRun")["run"], json!(waits[0]));
    for act_of in ["pause", "resume"] {
        let (code, answer) = act(&server, &run, act_of, &json!({}));
        let words = json!({"status": "error", "message": format!("run {run} is over")});
        assert_eq!((code, &answer), (409, &words));
        assert_eq!(act(&server, "run-0", act_of, &json!({})).0, 404);
        assert_eq!(act(&server, "..%2F", act_of, &json!({})).0, 404);
    }
}

#[test]
fn an_ended_run_is_done_again_also_after_the_server_was_started_anew() {
    let mut server = Server::start(&[]);
    let (agent_then, run) = begun(&server, &json!({"task": "buy shoes"}));
    let replay = json!({"replay": run});
    assert_eq!(ask(&server, "POST /api/runs", &replay).status, 409, "it is not over");
    let commands = json!([{"type": "click", "role": "button", "name": "Buy", "selector": "#b"}]);
    agent_then
        .say(&json!({"type": "runEnded", "run": run, "outcome": "failed", "error": "sold out",
                           "commands": commands}));
    agent_then.expect("forgetRun");
    let again = made(&server, &replay);
    let start = agent_then.expect("startRun");
    assert_eq!((&start["run"], &start["heal"]), (&json!(again), &json!(true)));
    assert_eq!(start["script"], commands);
    assert_eq!(shown(&server, &again)["heals"], true);
    agent_then
        .say(&json!({"type": "runEnded", "run": again, "outcome": "completed", "commands": []}));
    agent_then.expect("forgetRun");
    server.kill_and_restart();
    let agent_now = agent(&server, &[]);
    made(&server, &replay);
    assert_eq!(agent_now.expect("startRun")["script"], commands);
    // Long ended, it is over and not unknown.
    assert_eq!(act(&server, &run, "pause", &json!({})).0, 409);
    let both = json!({"replay": run, "script": [{"type": "back"}]});
    for (body, status) in [
        (json!({"replay": again}), 409),
        (json!({"replay": "run-0"}), 404),
        (json!({"replay": "../etc"}), 404),
        (both, 400),
        (json!({"task": "x", "allowedHosts": ["a b"]}), 400),
        (json!({"task": "x", "allowedHosts": "shop.example"}), 400),
    ] {
        let answer = ask(&server, "POST /api/runs", &body);
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (status, &json!("error")),
            "{body}: {answer:?}"
        );
    }
}

#[test]
fn a_runs_own_browser_is_found_under_the_runs_id_and_goes_with_it() {
    let server = Server::start(&[]);
    let (agent, run) = begun(&server, &json!({"task": "buy shoes"}));
    assert_eq!(shown(&server, &run)["browserId"], json!(run));
    agent.say(&json!({
        "type": "browser", "session": run, "state": "open", "url": "https://shop.example/", "title": "Shop",
        "tabs": [], "viewport": {"width": 1280, "height": 720},
    }));
    let listed = || ask(&server, "GET /api/v1/browsers", &Value::Null).json()["browsers"].clone();
    wait_until("its browser is listed", || listed()[0]["sessionId"] == json!(run));
    let browser = listed()[0].clone();
    assert_eq!(
        (&browser["url"], &browser["runId"]),
        (&json!("https://shop.example/"), &json!(run))
    );
    let route = format!("POST /api/v1/sessions/{run}/viewer-token");
    let token = ask(&server, &route, &json!({}));
    assert!((200..300).contains(&token.status), "{token:?}");
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "completed"}));
    wait_until("its browser is gone", || listed() == json!([]));
    let close = agent.expect("request");
    assert_eq!(
        (&close["ask"], &close["session"]),
        (&json!("closeBrowser"), &json!(run)),
        "{close}"
    );
    assert_eq!(ask(&server, &route, &json!({})).status, 404);
}
