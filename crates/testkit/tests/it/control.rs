//! Whole agents under control, each effect seen on their processes.

use std::{fs, path::PathBuf};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    processes::tagged,
    program::{Server, request},
    viewer::{Upgrade, Viewer},
    waiting::wait_until,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server, whoever asks it, and a folder to work in.
pub(crate) struct Bench {
    pub(crate) server: Server,
    token: String,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn start() -> Self {
        let server =
            Server::start(&[("commands.interrupt_grace", "200ms"), ("agents.stop_within", "10s")]);
        let token = server.operator();
        Self { server, token, folder: TempDir::new().unwrap() }
    }

    fn ask(&self, request: &str, body: &Value) -> Answer {
        http::send_json(self.server.address(), request, &self.token, body)
    }

    pub(crate) fn done(&self, request: &str, body: &Value) -> Value {
        let answer = self.ask(request, body);
        assert!((200..300).contains(&answer.status), "{request}: {answer:?}");
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    /// A terminal on an agent with somebody in front of it.
    pub(crate) fn terminal(&self, agent: &str) -> (String, Viewer) {
        let body = json!({"type": "quick", "locationPath": self.folder.path(), "agentId": agent});
        let session = self.done("POST /api/sessions", &body)["session"]["id"].take();
        let session = session.as_str().unwrap().to_owned();
        let made = self
            .done(&format!("POST /api/sessions/{session}/workers"), &json!({"type": "terminal"}));
        let worker = made["worker"]["id"].as_str().unwrap();
        let door = format!("/ws/session/{session}/worker/{worker}?token={}", self.token);
        (worker.to_owned(), Upgrade::to(door).send(self.server.address()).unwrap())
    }

    /// A terminal on an agent in which a program writes what is typed into that file, and echoes nothing.
    pub(crate) fn writing_terminal(&self, agent: &str) -> (String, PathBuf) {
        let (worker, mut terminal) = self.terminal(agent);
        let file = self.folder.path().join("got");
        let line = format!("clear; stty -echo; echo rea''dy; cat > {}\r", file.display());
        terminal.send(&json!({"type": "input", "data": line}));
        let mut shown = String::new();
        while !shown.contains("ready") {
            let message = terminal.expect_that(|message| message["type"] == "output");
            shown.push_str(message["data"].as_str().unwrap());
        }
        (worker, file)
    }
}

#[test]
fn a_stopped_agent_has_no_child_left_and_goes_on_with_its_queue_when_resumed() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut viewer = bench.server.dashboard();
    let tag = format!("1000.{}82", std::process::id());
    viewer.send(&request("a-1", &format!("trap '' INT; setsid sleep {tag} & sleep {tag}")));
    viewer.expect_status("running");
    viewer.send(&request("a-1", "echo later"));
    viewer.expect_status("queued");
    let (_, mut terminal) = bench.terminal("a-1");
    terminal.send(&json!({"type": "input", "data": format!("setsid sleep {tag} & sleep {tag}\r")}));
    wait_until("all of them run", || tagged(&tag).len() >= 4);

    let stopped = bench.done("POST /api/v1/agents/a-1/stop", &json!({}));
    let expected = json!({"confirmed": true, "agents": [
        {"agentId": "a-1", "result": "stopped", "commands": 1, "workers": 1}
    ]});
    assert_eq!(stopped, expected);
    assert_eq!(tagged(&tag).len(), 0);
    terminal.expect_that(|message| message["type"] == "exit");
    let held = viewer.expect_that(|message| {
        message["type"] == "command:queue" && message["payload"]["held"]["cause"] == "stopped"
    });
    assert_eq!(held["payload"]["queue"][0]["command"], "echo later");
    let refused = bench.ask("POST /api/sessions", &json!({
        "type": "quick", "locationPath": bench.folder.path(), "agentId": "a-1", "agentType": "claude"
    }));
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("resume it first"), "{refused:?}");

    bench.done("POST /api/v1/agents/a-1/resume", &json!({}));
    viewer.expect_that(|message| message["payload"]["data"] == "later\n");
    viewer.expect_status("completed");
}

#[test]
fn a_stop_is_confirmed_only_after_workers_that_were_taken_away_before_are_gone() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (worker, mut terminal) = bench.terminal("a-1");
    let tag = format!("1000.{}85", std::process::id());
    let line = format!("trap '' HUP TERM; sleep {tag} & sleep {tag}\r");
    terminal.send(&json!({"type": "input", "data": line}));
    wait_until("both run", || tagged(&tag).len() >= 2);
    let sessions = bench.done("GET /api/sessions", &Value::Null);
    let session = sessions["sessions"][0]["id"].as_str().unwrap();
    bench.done(&format!("DELETE /api/sessions/{session}/workers/{worker}"), &Value::Null);
    assert!(!tagged(&tag).is_empty(), "they ignore what is said politely");
    let stopped = bench.done("POST /api/v1/agents/a-1/stop", &json!({}));
    assert_eq!((&stopped["confirmed"], tagged(&tag).len()), (&json!(true), 0));
}

#[test]
fn a_paused_agent_finishes_what_runs() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut viewer = bench.server.dashboard();
    let gate = bench.folder.path().join("gate");
    let line = format!("while ! test -e {}; do sleep 0.05; done; echo first", gate.display());
    viewer.send(&request("a-1", &line));
    viewer.expect_status("running");
    viewer.send(&request("a-1", "echo second"));
    bench.done("POST /api/v1/agents/a-1/pause", &json!({}));
    fs::write(&gate, "").unwrap();
    viewer.expect_that(|message| message["payload"]["data"] == "first\n");
    viewer.expect_status("completed");
    bench.done("POST /api/v1/agents/a-1/resume", &json!({}));
    // That nothing ran before is shown by the order: the hold's end comes before the second start.
    viewer.expect_that(|message| {
        assert_ne!(message["payload"]["data"], "second\n");
        message["type"] == "command:queue" && message["payload"]["held"].is_null()
    });
    viewer.expect_that(|message| message["payload"]["data"] == "second\n");
}

#[test]
fn a_restarted_agent_has_a_new_life_and_its_terminals_are_said_to_have_ended() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (_, mut terminal) = bench.terminal("a-1");
    let tag = format!("1000.{}83", std::process::id());
    terminal.send(&json!({"type": "input", "data": format!("sleep {tag}\r")}));
    wait_until("it runs", || tagged(&tag).len() == 1);
    bench.done("POST /api/v1/agents/a-1/restart", &json!({}));
    assert_eq!(tagged(&tag).len(), 0);
    terminal.expect_that(|message| message["type"] == "exit");
    let mut viewer = bench.server.dashboard();
    viewer.send(&request("a-1", "echo here again"));
    viewer.expect_that(|message| message["payload"]["data"] == "here again\n");
}

#[test]
fn a_command_that_starts_while_its_agent_is_restarted_runs_at_most_once_and_ends_once() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut viewer = bench.server.dashboard();
    let file = bench.folder.path().join("ran");
    for round in 0..6 {
        viewer.send(&request("a-1", &format!("echo {round} >> {}; sleep 0.1", file.display())));
        if round % 2 == 0 {
            viewer.expect_status("queued");
        }
        bench.done("POST /api/v1/agents/a-1/restart", &json!({}));
        viewer.expect_that(|message| {
            let status = message["payload"]["status"].as_str().unwrap_or_default();
            let is_over = message["type"] == "command:status"
                && ["completed", "failed", "interrupted"].contains(&status);
            // The agent may be away already when a command comes that was not queued before.
            is_over || round % 2 == 1 && message["payload"]["code"] == "AGENT_OFFLINE"
        });
    }
    let ran = fs::read_to_string(&file).unwrap_or_default();
    let mut once: Vec<_> = ran.lines().collect();
    once.dedup();
    assert_eq!(once, ran.lines().collect::<Vec<_>>(), "nothing ran twice");
}

#[test]
fn a_message_is_typed_as_it_is_and_never_run_by_a_shell() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (worker, file) = bench.writing_terminal("a-1");
    let text = "$(touch /tmp/x) `id` \"quoted\" 'single' \\ %s\nsecond line; rm -rf ~";
    let body = json!({"message": text, "workerId": worker});
    bench.done("POST /api/v1/agents/a-1/message", &body);
    wait_until("it arrives", || {
        fs::read_to_string(&file).is_ok_and(|got| got == format!("{text}\n"))
    });
}

#[test]
fn an_emergency_stop_is_confirmed_by_each_agent_that_can_be_reached() {
    let bench = Bench::start();
    let _agents: Vec<_> = ["a-1", "a-2", "a-3"].map(|id| bench.server.agent(id)).into();
    let mut gone = bench.server.agent("gone");
    let mut viewer = bench.server.dashboard();
    let tag = format!("1000.{}84", std::process::id());
    for id in ["a-1", "a-2"] {
        viewer.send(&request(id, &format!("setsid sleep {tag} & sleep {tag}")));
        viewer.expect_status("running");
    }
    wait_until("all of them run", || tagged(&tag).len() >= 4);
    gone.kill();
    viewer.expect_that(|message| message["payload"]["status"] == "offline");

    let stopped = bench.done("POST /api/v1/emergency-stop", &json!({"reason": "drill"}));
    assert_eq!(tagged(&tag).len(), 0);
    let results: Vec<_> = stopped["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| (agent["agentId"].as_str().unwrap(), agent["result"].as_str().unwrap()))
        .collect();
    let expected =
        [("a-1", "stopped"), ("a-2", "stopped"), ("a-3", "stopped"), ("gone", "unreachable")];
    assert_eq!((stopped["confirmed"].as_bool(), &results[..]), (Some(false), &expected[..]));

    let grant = Grant::Person { user: "vic".into(), role: Role::Viewer };
    let token = bench.server.token(&grant);
    let refused =
        http::send_json(bench.server.address(), "POST /api/v1/emergency-stop", &token, &json!({}));
    assert_eq!(refused.status, 403, "{refused:?}");
}

#[test]
fn a_budget_holds_the_queue_and_says_why_also_after_a_restart() {
    let mut bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let admin = bench.server.token(&Grant::Person { user: "ada".into(), role: Role::Admin });
    let budget = json!({"commandsPerHour": 1, "excess": "hold"});
    let set =
        http::send_json(bench.server.address(), "PUT /api/v1/agents/a-1/budget", &admin, &budget);
    assert_eq!(set.status, 200, "{set:?}");
    let mut viewer = bench.server.dashboard();
    viewer.send(&request("a-1", "echo one"));
    viewer.expect_status("completed");
    viewer.send(&request("a-1", "echo two"));
    viewer.expect_that(|message| {
        message["type"] == "command:queue"
            && message["payload"]["held"]["cause"] == "over-budget"
            && message["payload"]["queue"][0]["command"] == "echo two"
    });
    bench.server.kill_and_restart();
    let used = bench.done("GET /api/v1/agents/a-1/budget", &Value::Null);
    assert_eq!((&used["commands"], &used["budget"]["commandsPerHour"]), (&json!(1), &json!(1)));
    bench.server.wait_until_online("a-1");
    let mut viewer = bench.server.dashboard();
    let end = http::send_json(
        bench.server.address(),
        "DELETE /api/v1/agents/a-1/budget",
        &admin,
        &Value::Null,
    );
    assert_eq!(end.status, 204, "{end:?}");
    viewer.expect_that(|message| message["payload"]["data"] == "two\n");
}

#[test]
fn presets_are_kept_over_a_restart() {
    let mut bench = Bench::start();
    let body =
        json!({"name": "tests", "command": "cargo test", "priority": "high", "timeout": 60000});
    let made = bench.done("POST /api/v1/presets", &body);
    let path = format!("/api/v1/presets/{}", made["id"].as_str().unwrap());
    let body = json!({"name": "tests", "command": "cargo nextest run"});
    bench.done(&format!("PUT {path}"), &body);
    bench.server.kill_and_restart();
    let listed = bench.done("GET /api/v1/presets", &Value::Null);
    assert_eq!(listed["presets"][0]["command"], "cargo nextest run");
    assert_eq!(listed["presets"][0]["id"], made["id"]);
    bench.done(&format!("DELETE {path}"), &Value::Null);
    assert_eq!(bench.done("GET /api/v1/presets", &Value::Null), json!({"presets": []}));
    assert_eq!(bench.ask(&format!("DELETE {path}"), &Value::Null).status, 404);
}
