//! Every act that changes something leaves one record in the audit, by whichever route or message, done or refused.
//!
//! A route or message that is new has to be added here: the test reads the document of routes and says which is missing.

use std::{collections::BTreeSet, fs, path::Path};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http::{self, Answer},
    program::{Agent, Server, request},
    viewer::{Upgrade, Viewer},
    waiting::wait_until,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server, one real agent, and what the routes were asked for so far.
struct Bench {
    server: Server,
    _agent: Agent,
    home: TempDir,
    asked: BTreeSet<String>,
    people: u32,
}

fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

impl Bench {
    fn start() -> Self {
        let server = Server::start(&[("commands.interrupt_grace", "100ms")]);
        let agent = server.agent("a-1");
        let home = TempDir::new().unwrap();
        Self { server, _agent: agent, home, asked: BTreeSet::new(), people: 0 }
    }

    /// A token of somebody who has done nothing yet, and their name.
    fn somebody(&mut self, role: Role) -> (String, String) {
        self.people += 1;
        let name = format!("person-{}", self.people);
        (self.server.token(&person(&name, role)), name)
    }

    /// What the audit has of somebody. An export waits for all that was asked before.
    fn records(&self, name: &str) -> Vec<String> {
        let admin = self.server.token(&person("auditor", Role::Admin));
        let path = format!("GET /api/v1/audit/export?format=json&userId={name}");
        let answer = http::send_json(self.server.address(), &path, &admin, &Value::Null);
        assert_eq!(answer.status, 200, "{answer:?}");
        let (from, to) = (answer.body.find('[').unwrap(), answer.body.rfind(']').unwrap());
        // The lengths of the pieces stand on lines of their own.
        let lines = answer.body[from..=to].lines();
        let is_length =
            |line: &&str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit());
        let text: String = lines.filter(|line| !is_length(line)).collect();
        let records: Vec<Value> = serde_json::from_str(&text).unwrap();
        let word = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
        let words = records.iter().rev();
        words.map(|record| word(record, "action") + " " + &word(record, "result")).collect()
    }

    /// Asks as somebody new; what came back, and what the audit says.
    fn ask(&mut self, role: Role, route: &str, path: &str, body: &Value) -> (Answer, Vec<String>) {
        self.asked.insert(route.to_owned());
        let (token, name) = self.somebody(role);
        let method = route.split(' ').next().unwrap();
        let answer =
            http::send_json(self.server.address(), &format!("{method} {path}"), &token, body);
        let records = self.records(&name);
        (answer, records)
    }

    /// Tries as a viewer, who is refused with one record, and does it as somebody with that role.
    fn act(
        &mut self,
        role: Role,
        (route, path): (&str, &str),
        body: &Value,
        expected: &[&str],
    ) -> Value {
        let (answer, refused) = self.ask(Role::Viewer, route, path, body);
        assert_eq!(answer.status, 403, "{route}: {answer:?}");
        assert_eq!(refused.len(), 1, "{route} as a viewer: {refused:?}");
        assert!(refused[0].ends_with(" denied"), "{route} as a viewer: {refused:?}");
        let (answer, done) = self.ask(role, route, path, body);
        assert!((200..300).contains(&answer.status), "{route}: {answer:?}");
        assert_eq!(done, expected, "{route}");
        answer.json()
    }

    /// Asks for something that is not there.
    fn fail(&mut self, route: &str, path: &str, body: &Value, expected: &[&str]) {
        let (answer, records) = self.ask(Role::Admin, route, path, body);
        assert!((400..500).contains(&answer.status), "{route}: {answer:?}");
        assert_eq!(records, expected, "{route}");
    }
}

#[test]
fn every_route_that_changes_something_leaves_one_record() {
    let mut bench = Bench::start();
    let work = bench.home.path().join("work");
    fs::create_dir(&work).unwrap();
    let id = |answer: &Value, of: &str| answer[of]["id"].as_str().unwrap().to_owned();
    sessions(&mut bench, &work, id);
    repositories(&mut bench, &work, id);
    keys_and_access(&mut bench);
    people(&mut bench);
    kinds_and_presets(&mut bench);
    reports(&mut bench);
    webhooks(&mut bench);
    own_sessions(&mut bench, &work);
    recordings(&mut bench, &work);
    commands(&mut bench);
    tasks(&mut bench, &work);
    runs(&mut bench);
    browsers(&mut bench);
    // Last, since it holds the agent.
    control(&mut bench);
    let document = bench.server.get("/api/openapi.json").1;
    let document: Value = serde_json::from_str(&document).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|method| *method != "get") {
            let route = format!("{} {path}", method.to_uppercase());
            assert!(bench.asked.contains(&route), "say in this test how {route} is asked");
        }
    }
}

fn sessions(bench: &mut Bench, work: &Path, id: impl Fn(&Value, &str) -> String) {
    let operator = Role::Operator;
    let body = json!({"type": "quick", "locationPath": work, "agentId": "a-1"});
    let route = "POST /api/sessions";
    // The agent is asked about the folder first, which is an act of its own.
    let looked = ["agent.stat success", "session.create success"];
    let made = bench.act(operator, (route, "/api/sessions"), &body, &looked);
    let session = format!("/api/sessions/{}", id(&made, "session"));
    let other = bench.act(operator, (route, "/api/sessions"), &body, &looked);
    let other = format!("/api/sessions/{}", id(&other, "session"));
    let change = json!({"title": "shop"});
    let route = "PATCH /api/sessions/{session}";
    bench.act(operator, (route, &session), &change, &["session.change success"]);
    bench.fail(route, "/api/sessions/no-such", &change, &["session.change failure"]);
    let route = "POST /api/sessions/{session}/workers";
    let workers = format!("{session}/workers");
    let terminal = json!({"type": "terminal"});
    let worker = bench.act(operator, (route, &workers), &terminal, &["worker.add success"]);
    let worker = format!("{workers}/{}", id(&worker, "worker"));
    let route = "POST /api/sessions/{session}/workers/{worker}/restart";
    let restart = format!("{worker}/restart");
    bench.act(operator, (route, &restart), &json!({}), &["worker.restart success"]);
    let route = "DELETE /api/sessions/{session}/workers/{worker}";
    bench.act(operator, (route, &worker), &Value::Null, &["worker.remove success"]);
    bench.fail(route, &worker, &Value::Null, &["worker.remove failure"]);
    let route = "DELETE /api/sessions/{session}";
    bench.act(operator, (route, &session), &Value::Null, &["session.delete success"]);
    bench.fail(route, &session, &Value::Null, &["session.delete failure"]);
    let route = "DELETE /api/sessions/{session}/invalid";
    let invalid = format!("{other}/invalid");
    bench.act(operator, (route, &invalid), &Value::Null, &["session.delete success"]);
}

/// The same in our own family.
fn own_sessions(bench: &mut Bench, work: &Path) {
    let operator = Role::Operator;
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let body = json!({"type": "quick", "locationPath": work, "agentId": "a-1"});
    let route = "POST /api/v1/sessions";
    let looked = ["agent.stat success", "session.create success"];
    let made = bench.act(operator, (route, "/api/v1/sessions"), &body, &looked);
    let session = format!("/api/v1/sessions/{}", id(&made));
    let change = json!({"title": "shop"});
    let route = "PATCH /api/v1/sessions/{session}";
    bench.act(operator, (route, &session), &change, &["session.change success"]);
    bench.fail(route, "/api/v1/sessions/no-such", &change, &["session.change failure"]);
    let route = "POST /api/v1/sessions/{session}/workers";
    let workers = format!("{session}/workers");
    let terminal = json!({"type": "terminal"});
    let worker = bench.act(operator, (route, &workers), &terminal, &["worker.add success"]);
    let worker = format!("{workers}/{}", id(&worker));
    let route = "POST /api/v1/sessions/{session}/workers/{worker}/restart";
    let restart = format!("{worker}/restart");
    bench.act(operator, (route, &restart), &json!({}), &["worker.restart success"]);
    let route = "DELETE /api/v1/sessions/{session}/workers/{worker}";
    bench.act(operator, (route, &worker), &Value::Null, &["worker.remove success"]);
    bench.fail(route, &worker, &Value::Null, &["worker.remove failure"]);
    let route = "DELETE /api/v1/sessions/{session}";
    bench.act(operator, (route, &session), &Value::Null, &["session.delete success"]);
    bench.fail(route, &session, &Value::Null, &["session.delete failure"]);
}

/// Tokens and tasks of seed 000's family.
fn tasks(bench: &mut Bench, work: &Path) {
    let operator = Role::Operator;
    let token = bench.server.operator();
    let body = json!({"type": "quick", "locationPath": work, "agentId": "a-1"});
    let made = http::send_json(bench.server.address(), "POST /api/sessions", &token, &body).json();
    let session = made["session"]["id"].as_str().unwrap();
    let body = json!({ "sessionId": session });
    let made = ["token.make success"];
    bench.act(operator, ("POST /api/auth/token", "/api/auth/token"), &body, &made);
    let body = json!({"taskDescription": "true"});
    for family in ["session", "automation"] {
        let route = format!("POST /api/{family}/{{session}}/execute");
        let path = format!("/api/{family}/{session}/execute");
        bench.act(operator, (&route, &path), &body, &["command.enqueue success"]);
        let path = format!("/api/{family}/no-such/execute");
        bench.fail(&route, &path, &body, &["command.enqueue failure"]);
    }
}

/// Runs of an agent that says that it does them.
fn runs(bench: &mut Bench) {
    let operator = Role::Operator;
    let manner = Manner { runs: Some(Vec::new()), ..Manner::default() };
    let agent = FakeAgent::link(&bench.server, "r-1", manner);
    let body = json!({"task": "buy shoes", "agentId": "r-1"});
    let route = "POST /api/runs";
    let made = bench.act(operator, (route, "/api/runs"), &body, &["run.create success"]);
    bench.fail(route, "/api/runs", &json!({}), &["run.create failure"]);
    let id = &made["run"]["id"];
    let path = |act: &str| format!("/api/runs/{}/{act}", id.as_str().unwrap());
    for act in ["pause", "resume"] {
        let route = format!("POST /api/runs/{{run}}/{act}");
        let done = format!("run.{act} success");
        bench.act(Role::Admin, (&route, &path(act)), &json!({}), &[&done]);
        let failed = format!("run.{act} failure");
        bench.fail(&route, &format!("/api/runs/no-such/{act}"), &json!({}), &[&failed]);
    }
    for (kind, act, word, body) in [
        ("question", "reply", "reply", json!({"waitId": "question", "text": "42"})),
        ("approval", "decision", "decide", json!({"waitId": "approval", "granted": true})),
    ] {
        agent.say(&json!({"type": "runWaits", "run": id, "wait": kind, "kind": kind, "text": "?"}));
        wait_until("the run waits", || {
            let token = bench.server.operator();
            let run = format!("GET /api/runs/{}", id.as_str().unwrap());
            let shown = http::send_json(bench.server.address(), &run, &token, &Value::Null);
            shown.json()["run"]["waiting"]["id"] == kind
        });
        let route = format!("POST /api/runs/{{run}}/{act}");
        let done = format!("run.{word} success");
        bench.act(Role::Admin, (&route, &path(act)), &body, &[&done]);
        let failed = format!("run.{word} failure");
        bench.fail(&route, &format!("/api/runs/no-such/{act}"), &body, &[&failed]);
    }
    let run = path("cancel");
    let route = "POST /api/runs/{run}/cancel";
    // Somebody else's, so that it takes an admin.
    bench.act(Role::Admin, (route, &run), &json!({}), &["run.cancel success"]);
    bench.fail(route, "/api/runs/no-such/cancel", &json!({}), &["run.cancel failure"]);
    let route = "POST /api/agent/create-run";
    let body = json!({"runObjective": "buy shoes"});
    bench.act(operator, (route, "/api/agent/create-run"), &body, &["run.create success"]);
}

/// Browsers of a session that is not there: whoever asked is in the audit all the same.
fn browsers(bench: &mut Bench) {
    let at = "/api/v1/sessions/no-such/browser";
    let acts: [(&str, &str, Value, &str); 5] = [
        ("POST", "", json!({}), "browser.open failure"),
        ("POST", "/go", json!({"action": "reload"}), "browser.go failure"),
        ("POST", "/tabs", json!({"action": "new"}), "browser.tab failure"),
        ("POST", "/resize", json!({"width": 800, "height": 600}), "browser.resize failure"),
        ("DELETE", "", Value::Null, "browser.close failure"),
    ];
    for (method, act, body, record) in acts {
        let route = format!("{method} /api/v1/sessions/{{session}}/browser{act}");
        bench.fail(&route, &format!("{at}{act}"), &body, &[record]);
    }
}

fn recordings(bench: &mut Bench, work: &Path) {
    let operator = Role::Operator;
    let body = json!({"type": "quick", "locationPath": work, "agentId": "a-1"});
    let looked = ["agent.stat success", "session.create success"];
    let made = bench.act(operator, ("POST /api/v1/sessions", "/api/v1/sessions"), &body, &looked);
    let session = format!("/api/v1/sessions/{}", made["id"].as_str().unwrap());
    let route = "POST /api/v1/sessions/{session}/recordings";
    let recordings = format!("{session}/recordings");
    let started = ["recording.start success"];
    let made = bench.act(operator, (route, &recordings), &json!({}), &started);
    bench.fail(route, &recordings, &json!({}), &["recording.start failure"]);
    let recording = format!("{recordings}/{}", made["recording"]["id"].as_str().unwrap());
    let route = "POST /api/v1/sessions/{session}/recordings/{recording}/stop";
    let stop = format!("{recording}/stop");
    bench.act(operator, (route, &stop), &json!({}), &["recording.stop success"]);
    let route = "DELETE /api/v1/sessions/{session}/recordings/{recording}";
    bench.act(operator, (route, &recording), &Value::Null, &["recording.delete success"]);
    bench.fail(route, &recording, &Value::Null, &["recording.delete failure"]);
    let route = "POST /api/v1/sessions/{session}/viewer-token";
    let token = format!("{session}/viewer-token");
    bench.act(operator, (route, &token), &json!({}), &["viewer_token.make success"]);
}

/// Commands wait while their agent is paused, so that they can be moved.
fn commands(bench: &mut Bench) {
    let operator = Role::Operator;
    let admin = bench.server.token(&person("pauser", Role::Admin));
    let control = |act: &str| {
        let path = format!("POST /api/v1/agents/a-1/{act}");
        http::send_json(bench.server.address(), &path, &admin, &json!({}))
    };
    assert_eq!(control("pause").status, 200);
    let body = json!({"agentId": "a-1", "command": "true"});
    let route = "POST /api/v1/commands";
    let made =
        bench.act(operator, (route, "/api/v1/commands"), &body, &["command.enqueue success"]);
    let command = format!("/api/v1/commands/{}", made["id"].as_str().unwrap());
    let absent = json!({"agentId": "no-such", "command": "true"});
    bench.fail(route, "/api/v1/commands", &absent, &["command.enqueue failure"]);
    let (route, path) = ("POST /api/v1/commands/{command}/move", format!("{command}/move"));
    bench.act(operator, (route, &path), &json!({"position": 1}), &["command.move success"]);
    let (route, path) =
        ("POST /api/v1/commands/{command}/interrupt", format!("{command}/interrupt"));
    bench.act(operator, (route, &path), &json!({}), &["command.interrupt success"]);
    let absent = "/api/v1/commands/cmd-no-such/interrupt";
    bench.fail(route, absent, &json!({}), &["command.interrupt failure"]);
    let admin = bench.server.token(&person("pauser", Role::Admin));
    let path = "POST /api/v1/agents/a-1/resume";
    assert_eq!(http::send_json(bench.server.address(), path, &admin, &json!({})).status, 200);
}

fn repositories(bench: &mut Bench, work: &Path, id: impl Fn(&Value, &str) -> String) {
    let operator = Role::Operator;
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git").args(arguments).current_dir(work).output();
        assert!(done.unwrap().status.success(), "git {arguments:?}");
    };
    git(&["init", "--initial-branch", "main"]);
    git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--allow-empty", "-m", "first"]);
    let body = json!({"path": work, "agentId": "a-1"});
    let (answer, records) =
        bench.ask(operator, "POST /api/repositories", "/api/repositories", &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    one(&records, "repository.add success");
    refused(bench, "POST /api/repositories", "/api/repositories", &body);
    let path = format!("/api/repositories/{}", id(&answer.json(), "repository"));
    let trees = format!("{path}/worktrees");
    let body = json!({"branch": "side", "mode": "custom", "baseBranch": "main"});
    let route = "POST /api/repositories/{repository}/worktrees";
    let (answer, records) = bench.ask(operator, route, &trees, &body);
    assert!(records.iter().any(|record| record == "agent.git success"), "{answer:?} {records:?}");
    // Whoever may see may look into repositories, so that looks come before what is refused.
    let (answer, records) = bench.ask(Role::Viewer, route, &trees, &body);
    assert_eq!(answer.status, 403, "{answer:?}");
    let denied = records.iter().filter(|record| record.ends_with(" denied"));
    assert_eq!(denied.count(), 1, "{records:?}");
    let route = "DELETE /api/repositories/{repository}/worktrees/{path}";
    let tree = format!("{trees}/no-such");
    let (answer, records) = bench.ask(operator, route, &tree, &Value::Null);
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert!(!records.is_empty() && records.len() < 3, "{records:?}");
    let route = "DELETE /api/repositories/{repository}";
    bench.act(operator, (route, &path), &Value::Null, &["repository.remove success"]);
    bench.fail(route, &path, &Value::Null, &["repository.remove failure"]);
}

fn keys_and_access(bench: &mut Bench) {
    let operator = Role::Operator;
    for (base, made) in [("/api/v1/keys", "id"), ("/api/agent-keys", "data")] {
        let route = format!("POST {base}");
        let body = json!({"name": "build"});
        let answer = bench.act(operator, (&route, base), &body, &["key.create success"]);
        let id = if made == "id" { &answer["id"] } else { &answer["data"]["id"] };
        let key = format!("{base}/{}", id.as_str().unwrap());
        let route = format!("POST {base}/{{key}}/revoke");
        let revoke = format!("{key}/revoke");
        let (_, foreign) = bench.ask(operator, &route, &revoke, &json!({}));
        assert_eq!(foreign, ["key.revoke denied"]);
        bench.act(Role::Admin, (&route, &revoke), &json!({}), &["key.revoke success"]);
        let route = format!("DELETE {base}/{{key}}");
        bench.act(Role::Admin, (&route, &key), &Value::Null, &["key.delete success"]);
        bench.fail(&route, &key, &Value::Null, &["key.delete failure"]);
    }
    let admin = Role::Admin;
    let path = format!("/api/v1/credentials/{}", "ab".repeat(32));
    bench.act(admin, ("DELETE /credentials", &path), &Value::Null, &["access.revoke success"]);
    let path = "/api/v1/users/nobody/sockets";
    bench.act(admin, ("DELETE /sockets", path), &Value::Null, &["access.end_sockets success"]);
}

/// Accounts, and how people come in. Both families lead to the same acts.
fn people(bench: &mut Bench) {
    let admin = Role::Admin;
    for (place, base) in ["/api/users", "/api/v1/users"].into_iter().enumerate() {
        let name = format!("carl-{place}");
        let body = json!({"username": name, "password": "correct-horse-9", "role": "operator"});
        let made =
            bench.act(admin, (&format!("POST {base}"), base), &body, &["user.created success"]);
        let id =
            [&made["id"], &made["user"]["id"], &made["data"]["user"]["id"], &made["data"]["id"]];
        let id = id.into_iter().find_map(Value::as_str).expect("an account has an id");
        let account = format!("{base}/{id}");
        let role = json!({"role": "viewer"});
        let changed = ["user.role.changed success"];
        let path = format!("{account}/role");
        bench.act(admin, (&format!("PUT {base}/{{user}}/role"), &path), &role, &changed);
        if base == "/api/users" {
            bench.act(admin, (&format!("PATCH {base}/{{user}}/role"), &path), &role, &changed);
        }
        let path = format!("{account}/password");
        let password = json!({"newPassword": "another-horse-9"});
        let changed = ["user.password.changed success"];
        bench.act(admin, (&format!("PUT {base}/{{user}}/password"), &path), &password, &changed);
        if base == "/api/v1/users" {
            let (route, path) =
                (format!("DELETE {base}/{{user}}/sign-ins"), format!("{account}/sign-ins"));
            bench.act(admin, (&route, &path), &Value::Null, &["user.sign_in.ended success"]);
            let (route, path) = (format!("{route}/{{signIn}}"), format!("{path}/nothing"));
            bench.fail(&route, &path, &Value::Null, &["user.sign_in.ended failure"]);
        }
        let gone = ["user.deleted success"];
        bench.act(admin, (&format!("DELETE {base}/{{user}}"), &account), &Value::Null, &gone);
    }
    let codes = ("POST /api/auth/codes", "/api/auth/codes");
    bench.act(admin, codes, &Value::Null, &["code.make success"]);
    // These are of nobody, or of whoever signs in: their own tests ask for their records.
    for route in [
        "POST /api/auth/device/authorize",
        "POST /api/auth/device/confirm",
        "POST /api/auth/device/token",
        "POST /api/auth/exchange",
        "POST /api/auth/login",
        "POST /api/auth/logout",
        "POST /api/auth/refresh",
        "POST /api/auth/register",
    ] {
        bench.asked.insert(route.to_owned());
    }
}

fn kinds_and_presets(bench: &mut Bench) {
    let operator = Role::Operator;
    let body = json!({"name": "Own", "commandTemplate": "own {{prompt}}"});
    let path = "/api/agent-types";
    let done = ["agent_type.add success"];
    let made = bench.act(operator, ("POST /api/agent-types", path), &body, &done);
    let path = format!("{path}/{}", made["agentType"]["id"].as_str().unwrap());
    let body = json!({"name": "Other"});
    let route = "PATCH /api/agent-types/{agentType}";
    bench.act(operator, (route, &path), &body, &["agent_type.change success"]);
    let route = "DELETE /api/agent-types/{agentType}";
    bench.act(operator, (route, &path), &Value::Null, &["agent_type.remove success"]);
    let body = json!({"name": "tests", "command": "make test"});
    let path = "/api/v1/presets";
    let made = bench.act(operator, ("POST /api/v1/presets", path), &body, &["preset.add success"]);
    let path = format!("{path}/{}", made["id"].as_str().unwrap());
    let route = "PUT /api/v1/presets/{preset}";
    bench.act(operator, (route, &path), &body, &["preset.change success"]);
    let route = "DELETE /api/v1/presets/{preset}";
    bench.act(operator, (route, &path), &Value::Null, &["preset.remove success"]);
    let route = "DELETE /api/v1/attention/{subjectType}/{subjectId}";
    let path = "/api/v1/attention/agent/a-1";
    bench.act(operator, (route, path), &Value::Null, &["attention.dismiss success"]);
}

fn reports(bench: &mut Bench) {
    let body = json!({"status": "online"});
    let route = "POST /api/agents/{agent}/status";
    let path = "/api/agents/script-1/status";
    bench.act(Role::Operator, (route, path), &body, &["agent.report success"]);
    let body = json!({"agentId": "script-1", "sessionId": "s", "message": "x"});
    let route = "POST /api/activity";
    bench.act(Role::Operator, (route, "/api/activity"), &body, &["agent.say success"]);
}

fn webhooks(bench: &mut Bench) {
    let admin = Role::Admin;
    // Nobody listens there: what is sent fails, and is given up when the webhook is turned off.
    let body = json!({"name": "chat", "url": "http://127.0.0.1:1/", "events": ["failed"]});
    let path = "/api/v1/webhooks";
    let made = bench.act(admin, ("POST /api/v1/webhooks", path), &body, &["webhook.add success"]);
    let path = format!("{path}/{}", made["id"].as_str().unwrap());
    let none = json!({});
    let route = "POST /api/v1/webhooks/{webhook}/rotate";
    let rotated = ["webhook.rotate success"];
    bench.act(admin, (route, &format!("{path}/rotate")), &none, &rotated);
    let route = "POST /api/v1/webhooks/{webhook}/test";
    let tested = ["webhook.test success"];
    let test = bench.act(admin, (route, &format!("{path}/test")), &none, &tested);
    let route = "PATCH /api/v1/webhooks/{webhook}";
    for is_active in [false, true] {
        let change = json!({ "isActive": is_active });
        bench.act(admin, (route, &path), &change, &["webhook.change success"]);
    }
    let delivery = test["id"].as_str().unwrap();
    let route = "POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver";
    let again = format!("{path}/deliveries/{delivery}/redeliver");
    bench.act(admin, (route, &again), &none, &["webhook.redeliver success"]);
    let route = "DELETE /api/v1/webhooks/{webhook}";
    bench.act(admin, (route, &path), &Value::Null, &["webhook.remove success"]);
    bench.fail(route, &path, &Value::Null, &["webhook.remove failure"]);
}

fn control(bench: &mut Bench) {
    let operator = Role::Operator;
    let none = json!({});
    for (route, path, action) in [
        ("POST /api/v1/agents/{agent}/pause", "/api/v1/agents/a-1/pause", "agent.pause"),
        ("POST /api/v1/agents/{agent}/resume", "/api/v1/agents/a-1/resume", "agent.resume"),
        ("POST /api/v1/agents/{agent}/restart", "/api/v1/agents/a-1/restart", "agent.restart"),
        ("POST /api/agents/{agent}/restart", "/api/agents/a-1/restart", "agent.restart"),
    ] {
        bench.act(operator, (route, path), &none, &[&format!("{action} success")]);
    }
    let message = json!({"message": "hello"});
    let (route, path) = ("POST /api/v1/agents/{agent}/message", "/api/v1/agents/a-1/message");
    bench.fail(route, path, &message, &["agent.message failure"]);
    let (route, path) = ("POST /api/agents/{agent}/message", "/api/agents/a-1/message");
    bench.fail(route, path, &message, &["agent.message failure"]);
    let budget = json!({"commandsPerHour": 5});
    let path = "/api/v1/agents/a-1/budget";
    let route = "PUT /api/v1/agents/{agent}/budget";
    bench.act(Role::Admin, (route, path), &budget, &["agent.budget success"]);
    let route = "DELETE /api/v1/agents/{agent}/budget";
    bench.act(Role::Admin, (route, path), &none, &["agent.budget success"]);
    for (route, path, action) in [
        ("POST /api/v1/agents/{agent}/stop", "/api/v1/agents/a-1/stop", "agent.stop"),
        ("POST /api/agents/{agent}/stop", "/api/agents/a-1/stop", "agent.stop"),
        ("POST /api/v1/emergency-stop", "/api/v1/emergency-stop", "agent.emergency_stop"),
    ] {
        bench.act(operator, (route, path), &none, &[&format!("{action} success")]);
    }
}

fn refused(bench: &mut Bench, route: &str, path: &str, body: &Value) {
    let (answer, records) = bench.ask(Role::Viewer, route, path, body);
    assert_eq!(answer.status, 403, "{route}: {answer:?}");
    assert_eq!(records.len(), 1, "{route} as a viewer: {records:?}");
    assert!(records[0].ends_with(" denied"), "{route}: {records:?}");
}

/// Whether it is there once, beside the looks that it took.
fn one(records: &[String], expected: &str) {
    let acts: Vec<_> = records.iter().filter(|record| !record.starts_with("agent.")).collect();
    assert_eq!(acts, [expected], "{records:?}");
}

#[test]
fn every_message_that_changes_something_leaves_one_record() {
    let mut bench = Bench::start();
    let address = bench.server.address();
    let dashboard = |token: &str| {
        let mut viewer = Viewer::dashboard(address, token);
        viewer.expect("agent:list");
        viewer
    };
    let (ann, ann_name) = bench.somebody(Role::Operator);
    let mut viewer = dashboard(&ann);
    viewer.send(&request("a-1", "sleep 100"));
    let running = viewer.expect_status("running");
    let interrupt =
        |command: &Value| json!({"type": "command:interrupt", "payload": {"commandId": command}});
    viewer.send(&interrupt(&running["commandId"]));
    viewer.expect_status("interrupted");
    viewer.send(&request("no-such", "ls"));
    viewer.expect("error");
    viewer.send(&interrupt(&json!("no-such")));
    viewer.expect("error");
    assert_eq!(
        bench.records(&ann_name),
        [
            "command.enqueue success",
            "command.interrupt success",
            "command.enqueue failure",
            "command.interrupt failure"
        ]
    );
    let (eve, eve_name) = bench.somebody(Role::Viewer);
    let mut viewer = dashboard(&eve);
    for message in [request("a-1", "ls"), interrupt(&running["commandId"])] {
        viewer.send(&message);
        viewer.expect("error");
    }
    assert_eq!(bench.records(&eve_name), ["command.enqueue denied", "command.interrupt denied"]);
    terminals(&mut bench);
    links(&mut bench);
}

/// Opening a terminal is one act, a picture another; typing leaves nothing.
fn terminals(bench: &mut Bench) {
    let address = bench.server.address();
    let body = json!({"type": "quick", "locationPath": bench.home.path(), "agentId": "a-1"});
    let operator = bench.server.operator();
    let made = http::send_json(address, "POST /api/sessions", &operator, &body).json();
    let session = made["session"]["id"].as_str().unwrap().to_owned();
    let path = format!("POST /api/sessions/{session}/workers");
    let worker = http::send_json(address, &path, &operator, &json!({"type": "terminal"})).json();
    let door = format!("/ws/session/{session}/worker/{}", worker["worker"]["id"].as_str().unwrap());
    let picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    for (role, expected) in [
        (Role::Operator, ["worker.attach success", "worker.image success"]),
        (Role::Viewer, ["worker.attach success", "worker.image denied"]),
    ] {
        let (token, name) = bench.somebody(role);
        let mut viewer = Upgrade::to(format!("{door}?token={token}")).send(address).unwrap();
        viewer.send(&json!({"type": "resize", "cols": 80, "rows": 24}));
        viewer.send(&json!({"type": "input", "data": "true\r"}));
        viewer.send(&json!({"type": "image", "data": picture, "mimeType": "image/png"}));
        if role == Role::Operator {
            // The path is typed into the terminal once it is saved.
            viewer.expect_that(|message| message.to_string().contains(".png"));
        } else {
            viewer.expect_that(|message| {
                message["type"] == "error" && message.to_string().contains("takes the role")
            });
        }
        let records = wait_for(bench, &name, expected.len());
        assert_eq!(records, expected, "{role:?}");
    }
}

/// What the audit has of somebody, once it has so many records: an agent's answer decides when the last is written.
fn wait_for(bench: &Bench, name: &str, count: usize) -> Vec<String> {
    for _ in 0..200 {
        let records = bench.records(name);
        if records.len() >= count {
            return records;
        }
    }
    bench.records(name)
}

/// A link is one act, also one that is refused.
fn links(bench: &mut Bench) {
    let hello = |agent: &str| {
        json!({"type": "hello", "version": 2, "agent": agent, "incarnation": "i-1",
               "profile": {"agentType": "shell"}})
    };
    let (ann, name) = bench.somebody(Role::Operator);
    let link = |token: &str, agent: &str, answer: &str| {
        let upgrade = Upgrade::to(format!("/ws/agent?token={token}"));
        let mut link = upgrade.send(bench.server.address()).unwrap();
        link.send(&hello(agent));
        link.expect_that(|message| message["type"] == answer);
    };
    link(&ann, "a-9", "welcome");
    link(&ann, "a-1", "refused");
    assert_eq!(bench.records(&name), ["agent.link success", "agent.link failure"]);
    let other = bench.server.agent_token("b-1");
    link(&other, "a-1", "refused");
    assert_eq!(bench.records("b-1"), ["agent.link denied"]);
}
