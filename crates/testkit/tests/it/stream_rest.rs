//! The REST routes of seed 000's family: for every role what it may, and none of the holes that they had elsewhere.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http::{self, Answer},
    program::{Agent, Server},
    viewer::Upgrade,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server, a real agent with a session in a folder, and everybody who may ask.
struct Bench {
    server: Server,
    _agent: Agent,
    work: TempDir,
    session: String,
}

fn person(role: Role) -> Grant {
    Grant::Person { user: role.as_str().into(), role }
}

impl Bench {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(settings: &[(&str, &str)]) -> Self {
        let server = Server::start(settings);
        let agent = server.agent("a-1");
        let work = TempDir::new().unwrap();
        let mut bench = Self { server, _agent: agent, work, session: String::new() };
        bench.session = bench.make_session("a-1");
        bench
    }

    fn make_session(&self, agent: &str) -> String {
        let body = json!({"type": "quick", "locationPath": self.work.path(), "agentId": agent});
        let made = self.ask(&self.token(Role::Operator), "POST /api/sessions", &body);
        made.json()["session"]["id"].as_str().unwrap().to_owned()
    }

    fn token(&self, role: Role) -> String {
        self.server.token(&person(role))
    }

    fn own(&self, session: &str, agent: &str) -> String {
        let (session, agent) = (session.parse().unwrap(), agent.parse().unwrap());
        self.server.token(&Grant::Session { session, agent })
    }

    fn ask(&self, token: &str, request: &str, body: &Value) -> Answer {
        http::send_json(self.server.address(), request, token, body)
    }

    /// Asks with `{session}` for the id of the session.
    fn asked(&self, token: &str, request: &str, body: &Value) -> Answer {
        self.ask(token, &request.replace("{session}", &self.session), body)
    }

    fn done(&self, token: &str, request: &str, body: &Value) -> Value {
        let answer = self.asked(token, request, body);
        assert_eq!(answer.status, 200, "{request}: {answer:?}");
        answer.json()
    }

    /// A command, as soon as it has ended.
    fn ended(&self, task: &str) -> Value {
        let mut dashboard = self.server.dashboard();
        let path = format!("GET /api/task/{task}");
        let token = self.token(Role::Viewer);
        let said = self.done(&token, &path, &Value::Null);
        if said["completedAt"].is_string() {
            return said;
        }
        dashboard.expect_that(|message| {
            let payload = &message["payload"];
            message["type"] == "command:status"
                && payload["commandId"] == task
                && matches!(payload["status"].as_str(), Some("completed" | "failed"))
        });
        self.done(&token, &path, &Value::Null)
    }
}

/// What a token says, whoever signed it.
fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "compared with what tokens say")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn every_route_answers_those_who_may_ask_and_nobody_else() {
    let bench = Bench::start();
    let other = bench.make_session("a-1");
    let task = json!({"taskDescription": "true"});
    let made = bench.done(&bench.token(Role::Admin), "POST /api/session/{session}/execute", &task);
    let show = format!("GET /api/task/{}", made["taskId"].as_str().unwrap());
    let view = Grant::Viewer { user: "v".into(), session: bench.session.parse().unwrap() };
    let everybody = [
        ("admin", bench.token(Role::Admin)),
        ("operator", bench.token(Role::Operator)),
        ("viewer", bench.token(Role::Viewer)),
        ("own session", bench.own(&bench.session, "a-1")),
        ("other session", bench.own(&other, "a-1")),
        ("other agent", bench.own("elsewhere", "a-2")),
        ("view", bench.server.token(&view)),
        ("agent", bench.server.agent_token("a-1")),
        ("forged", "a.b.c".to_owned()),
    ];
    let none = Value::Null;
    let of_session = json!({"sessionId": bench.session});
    // In the order of those above.
    let table: [(&str, &Value, [u16; 9]); 11] = [
        ("GET /api/session-status?session={session}", &none, [200; 9]),
        ("GET /api/csrf-token", &none, [200; 9]),
        ("GET /api/session/{session}", &none, [200, 200, 200, 200, 403, 403, 403, 403, 401]),
        (
            "GET /api/automation/{session}/status",
            &none,
            [200, 200, 200, 200, 403, 403, 403, 403, 401],
        ),
        ("GET /api/session/{session}/tasks", &none, [200, 200, 200, 200, 403, 403, 403, 403, 401]),
        (
            "GET /api/session/{session}/command-history",
            &none,
            [200, 200, 200, 200, 403, 403, 403, 403, 401],
        ),
        // The queue is the agent's, and so is each task: of that agent's sessions, every one sees it.
        (&show, &none, [200, 200, 200, 200, 200, 404, 403, 403, 401]),
        ("GET /api/agent/a-1/status", &none, [200, 200, 200, 200, 200, 403, 403, 403, 401]),
        ("POST /api/auth/token", &of_session, [200, 200, 403, 403, 403, 403, 403, 403, 401]),
        (
            "POST /api/session/{session}/execute",
            &task,
            [200, 200, 403, 403, 403, 403, 403, 403, 401],
        ),
        (
            "POST /api/automation/{session}/execute",
            &task,
            [200, 200, 403, 403, 403, 403, 403, 403, 401],
        ),
    ];
    for (request, body, expected) in table {
        for ((who, token), status) in everybody.iter().zip(expected) {
            let answer = bench.asked(token, request, body);
            assert_eq!(answer.status, status, "{who}: {request}: {answer:?}");
            let shape = answer.json();
            if status >= 400 {
                let words = ["unauthorized", "forbidden", "not_found"];
                let word = shape["status"].as_str().unwrap();
                assert!(words.contains(&word) && shape["error"].is_string(), "{who}: {shape}");
                assert!(!answer.body.contains("eyJ"), "a token for {who}: {answer:?}");
            }
            let may_have_one = matches!(*who, "admin" | "operator" | "own session");
            assert!(may_have_one || !answer.body.contains("eyJ"), "a token for {who}: {answer:?}");
        }
        let plain = request.replace("{session}", &bench.session);
        let nobody = http::send(bench.server.address(), &plain, &[]);
        let open = request.contains("session-status") || request.contains("csrf");
        assert_eq!(nobody.status, if open { 200 } else { 401 }, "{request}: {nobody:?}");
    }
}

#[test]
fn what_is_not_there_and_what_makes_no_sense_is_refused_in_the_familys_shape() {
    let bench = Bench::start();
    let operator = bench.token(Role::Operator);
    let text = |text: &str| json!({ "taskDescription": text });
    let (long, longer) = (text(&"x".repeat(70_000)), text(&"x".repeat(600_000)));
    let refused: [(&str, Value, u16, &str); 13] = [
        ("GET /api/session/none", Value::Null, 404, "not_found"),
        ("GET /api/session/..%2f..%2fx", Value::Null, 404, "not_found"),
        ("GET /api/automation/none/status", Value::Null, 404, "not_found"),
        ("GET /api/session/none/tasks", Value::Null, 404, "not_found"),
        ("GET /api/task/none", Value::Null, 404, "not_found"),
        ("GET /api/agent/none/status", Value::Null, 404, "not_found"),
        ("GET /api/session-status", Value::Null, 400, "invalid"),
        ("POST /api/session/none/execute", text("true"), 404, "not_found"),
        ("POST /api/session/{session}/execute", json!({}), 400, "invalid"),
        ("POST /api/session/{session}/execute", long, 400, "invalid"),
        ("POST /api/session/{session}/execute", longer, 413, "too_large"),
        ("POST /api/auth/token", json!({}), 400, "invalid"),
        ("POST /api/auth/token", json!({"sessionId": "none"}), 404, "not_found"),
    ];
    for (request, body, status, word) in refused {
        let answer = bench.asked(&operator, request, &body);
        let shape = answer.json();
        assert_eq!(
            (answer.status, shape["status"].as_str()),
            (status, Some(word)),
            "{request}: {answer:?}"
        );
        assert_eq!((&shape["ready"], &shape["success"]), (&json!(false), &json!(false)));
    }
    let foreign = json!({"sessionId": bench.session, "agentId": "a-2"});
    let answer = bench.ask(&operator, "POST /api/auth/token", &foreign);
    assert_eq!(answer.status, 400, "{answer:?}");
    // What nobody knows is told in the words of front ends that ask again and again.
    let (status, body) = bench.server.get("/api/session-status?session=none");
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &said["status"], &said["ready"]),
        (200, &json!("not_found"), &json!(false))
    );
    let deleted = bench.own(&bench.session, "a-1");
    bench.asked(&operator, "DELETE /api/sessions/{session}", &Value::Null);
    let answer = bench.asked(&deleted, "GET /api/session/{session}", &Value::Null);
    assert_eq!((answer.status, &answer.json()["status"]), (410, &json!("expired")), "{answer:?}");
}

#[test]
fn a_sessions_token_opens_that_session_and_never_outlives_what_it_was_asked_with() {
    let bench = Bench::start();
    let operator = bench.token(Role::Operator);
    let made = bench.done(&operator, "POST /api/auth/token", &json!({"sessionId": bench.session}));
    assert_eq!((&made["agentId"], &made["expiresIn"]), (&json!("a-1"), &json!("1h")));
    let token = made["token"].as_str().unwrap();
    let said = claims(token);
    assert_eq!(
        (&said["type"], &said["sessionId"]),
        (&json!("websocket_auth"), &json!(bench.session))
    );
    assert_eq!((&said["agentId"], &said["sub"]), (&json!("a-1"), &json!("operator")));
    assert!(said.get("role").is_none() && said.get("scope").is_none(), "{said}");
    let by_agent = bench.done(&operator, "POST /api/auth/token", &json!({"agentId": "a-1"}));
    assert_eq!(by_agent["sessionId"], json!(bench.session));
    // It opens the session's pictures, and no other's.
    let view = |session: &str| Upgrade::to(format!("/ws/view/{session}?token={token}"));
    view(&bench.session).send(bench.server.address()).unwrap();
    assert!(matches!(view("other").send(bench.server.address()), Err((401, _))));
    // Nor is it good for more of itself.
    let again = bench.done(token, "GET /api/session/{session}", &Value::Null);
    assert_eq!(again["token"], json!(token));
    let short = bench.server.short_token(&person(Role::Admin), Duration::from_secs(90));
    let made = bench.done(&short, "POST /api/auth/token", &json!({"sessionId": bench.session}));
    let (end, most) = (&claims(made["token"].as_str().unwrap())["exp"], &claims(&short)["exp"]);
    assert!(end.as_u64() <= most.as_u64(), "{end} {most}");
    let found = bench.done(&short, "GET /api/session/{session}", &Value::Null);
    let end = claims(found["token"].as_str().unwrap())["exp"].as_u64().unwrap();
    assert!(end <= most.as_u64().unwrap() && end > seconds(), "{end} {most}");
    assert_eq!((&found["timeRemaining"], &found["isActive"]), (&json!(1), &json!(true)));
}

#[test]
fn a_sessions_token_ends_with_the_sign_in_of_who_asked_for_it() {
    let bench = Bench::start();
    let admin = bench.token(Role::Admin);
    let account = json!({"username": "carl", "password": "correct-horse-9", "role": "operator"});
    let made = bench.ask(&admin, "POST /api/v1/users", &account).json();
    let path = format!("DELETE /api/v1/users/{}/sign-ins", made["id"].as_str().unwrap());
    let sign_in = json!({"username": "carl", "password": "correct-horse-9"});
    let entered = bench.ask("", "POST /api/auth/login", &sign_in).json();
    let own = entered["token"].as_str().unwrap();
    let made = bench.done(own, "POST /api/auth/token", &json!({"sessionId": bench.session}));
    let token = made["token"].as_str().unwrap();
    bench.done(token, "GET /api/session/{session}", &Value::Null);
    assert!(bench.ask(&admin, &path, &Value::Null).status < 300);
    let over = bench.asked(token, "GET /api/session/{session}", &Value::Null);
    assert_eq!((over.status, &over.json()["status"]), (401, &json!("unauthorized")), "{over:?}");
}

#[test]
fn tasks_are_done_in_the_sessions_folder_and_told_from_their_beginning_to_their_end() {
    let bench = Bench::start();
    let operator = bench.token(Role::Operator);
    let body = json!({"taskDescription": "echo done > here"});
    let made = bench.done(&operator, "POST /api/session/{session}/execute", &body);
    assert_eq!((&made["success"], &made["task"]), (&json!(true), &json!("echo done > here")));
    let task = bench.ended(made["taskId"].as_str().unwrap());
    assert_eq!((&task["status"], &task["progress"]), (&json!("COMPLETED"), &json!(100)), "{task}");
    assert_eq!(task["sessionId"], json!(bench.session));
    assert_eq!(task["result"]["exitCode"], json!(0));
    assert_eq!(fs::read_to_string(bench.work.path().join("here")).unwrap(), "done\n");
    // Under each of its three names, also by the agent's own id.
    for (field, session) in [("command", "{session}"), ("message", "a-1")] {
        let request = format!("POST /api/automation/{session}/execute");
        let made = bench.done(&operator, &request, &json!({ field: "exit 3" }));
        let task = bench.ended(made["taskId"].as_str().unwrap());
        assert_eq!((&task["status"], &task["progress"]), (&json!("FAILED"), &json!(0)), "{task}");
        assert_eq!(task["error"], json!("exited with 3"));
    }
    let tasks = bench.done(&operator, "GET /api/session/{session}/tasks", &Value::Null);
    let states: Vec<_> =
        tasks.as_array().unwrap().iter().map(|task| task["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["FAILED", "FAILED", "COMPLETED"], "the newest first");
    let said = bench.done(&operator, "GET /api/session/{session}/command-history", &Value::Null);
    let said: Vec<_> = said
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["role"].as_str().unwrap(), it["content"].as_str().unwrap()))
        .collect();
    assert_eq!(said[..2], [("user", "echo done > here"), ("agent", "completed")]);
    assert_eq!(said[2..4], [("user", "exit 3"), ("agent", "failed: exited with 3")]);
    let agent = bench.done(&operator, "GET /api/agent/a-1/status", &Value::Null);
    assert_eq!((&agent["status"], &agent["sessionId"]), (&json!("online"), &json!(bench.session)));
}

#[test]
fn an_agent_without_a_session_is_found_by_its_own_name() {
    let server = Server::start(&[]);
    let _agent = server.agent("a-1");
    let operator = server.operator();
    let ask =
        |request: &str, body: &Value| http::send_json(server.address(), request, &operator, body);
    let found = ask("GET /api/session/a-1", &Value::Null).json();
    assert_eq!((&found["sessionId"], &found["agentId"]), (&json!("a-1"), &json!("a-1")));
    let made = ask("POST /api/session/a-1/execute", &json!({"taskDescription": "true"}));
    assert_eq!(made.status, 200, "{made:?}");
    let own = claims(found["token"].as_str().unwrap());
    assert_eq!((&own["sessionId"], &own["agentId"]), (&json!("a-1"), &json!("a-1")));
}

#[test]
fn the_token_and_the_tasks_are_those_of_the_control_plane() {
    let bench = Bench::start();
    let operator = bench.token(Role::Operator);
    let made = bench.done(&operator, "POST /api/auth/token", &json!({"sessionId": bench.session}));
    let mut socket = Upgrade::to("/ws").send(bench.server.address()).unwrap();
    let hello = json!({"type": "AUTHENTICATE", "sessionToken": made["token"], "agentId": "a-1"});
    socket.send(&hello);
    socket.expect_that(|message| message["type"] == "AUTHENTICATED");
    let session = bench.session.as_str();
    let wish = json!({"type": "SUBSCRIBE", "subscriptionType": "SESSION", "targetId": session});
    socket.send(&wish);
    socket.expect_that(|message| message["type"] == "SUBSCRIBED");
    let body = json!({"taskDescription": "true"});
    let made = bench.done(&operator, "POST /api/session/{session}/execute", &body);
    let told = socket.expect_that(|message| {
        message["type"] == "TASK_STATUS" && message["status"] == "COMPLETED"
    });
    let read = bench.ended(made["taskId"].as_str().unwrap());
    for field in ["sessionId", "agentId", "status", "taskType", "progress"] {
        assert_eq!(told[field], read[field], "{field}: {told} {read}");
    }
    assert_eq!((&told["taskId"], &read["id"]), (&made["taskId"], &made["taskId"]));
}

#[test]
fn a_run_is_a_task_too() {
    let server = Server::start(&[]);
    let manner = Manner { runs: Some(Vec::new()), ..Manner::default() };
    let _agent = FakeAgent::link(&server, "r-1", manner);
    let operator = server.operator();
    let ask =
        |request: &str, body: &Value| http::send_json(server.address(), request, &operator, body);
    let made = ask("POST /api/runs", &json!({"task": "buy shoes", "agentId": "r-1"})).json();
    let id = made["run"]["id"].as_str().unwrap();
    let task = ask(&format!("GET /api/task/{id}"), &Value::Null).json();
    assert_eq!((&task["taskDescription"], &task["progress"]), (&json!("buy shoes"), &json!(0)));
    let cancelled = ask(&format!("POST /api/runs/{id}/cancel"), &json!({}));
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let listed = ask("GET /api/session/r-1/tasks", &Value::Null).json();
    assert_eq!((&listed[0]["id"], listed.as_array().unwrap().len()), (&json!(id), 1), "{listed}");
    let said = ask("GET /api/session/r-1/command-history", &Value::Null).json();
    assert_eq!(said[0]["content"], json!("buy shoes"), "{said}");
}
