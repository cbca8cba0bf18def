//! The REST routes of the sessions and workers protocol, over real HTTP, with an agent that has a real git.

mod agent_kinds;
mod doors;
mod paths;
mod real_agent;
mod repositories;

use std::{fs, path::Path, process::Command};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http::{self, Answer},
    program::Server,
    viewer::Upgrade,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server with one agent, whose home is a temporary folder.
struct Bench {
    server: Server,
    agent: FakeAgent,
    token: String,
    home: TempDir,
}

#[expect(clippy::needless_pass_by_value, reason = "bodies are written where they are sent")]
impl Bench {
    fn start() -> Self {
        Self::with(Manner::default())
    }

    fn with(manner: Manner) -> Self {
        let server = Server::start(&[("commands.interrupt_grace", "100ms")]);
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("work")).unwrap();
        let manner = Manner { home: home.path().canonicalize().unwrap(), ..manner };
        let agent = FakeAgent::link(&server, "a-1", manner);
        let token = server.operator();
        Self { server, agent, token, home }
    }

    fn ask(&self, request: &str, body: Value) -> Answer {
        http::send_json(self.server.address(), request, &self.token, &body)
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.ask(&format!("GET {path}"), Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// What comes back if that status does.
    fn expect(&self, status: u16, request: &str, body: Value) -> Value {
        let answer = self.ask(request, body);
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        answer.json()
    }

    /// The error that comes back with that status.
    fn refused(&self, status: u16, request: &str, body: Value) -> String {
        let answer = self.expect(status, request, body);
        answer["error"].as_str().unwrap_or_else(|| panic!("{request}: {answer}")).to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.home.path().canonicalize().unwrap().join(name).to_str().unwrap().to_owned()
    }

    /// A quick session in a folder of the home.
    fn quick(&self, folder: &str) -> Value {
        let body = json!({"type": "quick", "locationPath": self.path(folder)});
        self.expect(201, "POST /api/sessions", body)["session"].take()
    }

    /// A registered repository in the home, with one commit.
    fn repository(&self, name: &str) -> Value {
        let folder = self.home.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet", "--initial-branch=main"]);
        commit(&folder, "first");
        let body = json!({"path": format!("~/{name}")});
        self.expect(201, "POST /api/repositories", body)["repository"].take()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"];
    let output = Command::new("git").arg("-C").arg(folder).args(who).args(arguments).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn commit(folder: &Path, text: &str) {
    fs::write(folder.join("file"), text).unwrap();
    git(folder, &["add", "file"]);
    git(folder, &["commit", "--quiet", "-m", text]);
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

#[test]
fn a_session_is_made_seen_named_and_deleted() {
    let bench = Bench::start();
    assert_eq!(bench.get("/api/sessions"), json!({"sessions": []}));
    assert_eq!(bench.get("/api/config"), json!({"homeDir": bench.path("").trim_end_matches('/')}));
    let session = bench.quick("work");
    assert_eq!(session["type"], "quick");
    assert_eq!(session["status"], "active");
    assert_eq!(session["locationPath"], bench.path("work"));
    assert_eq!(session["workers"], json!([]));
    assert!(session["createdAt"].as_str().unwrap().ends_with('Z'), "{session}");
    let path = format!("/api/sessions/{}", id(&session));
    assert_eq!(bench.get(&path)["session"], session);
    let named = bench.expect(200, &format!("PATCH {path}"), json!({"title": "Zoë's"}));
    assert_eq!(named, json!({"success": true, "title": "Zoë's"}));
    assert_eq!(bench.get("/api/sessions")["sessions"][0]["title"], "Zoë's");
    let deleted = bench.expect(200, &format!("DELETE {path}"), Value::Null);
    assert_eq!(deleted, json!({"success": true}));
    bench.refused(404, &format!("GET {path}"), Value::Null);
    bench.refused(404, &format!("DELETE {path}/invalid"), Value::Null);
}

#[test]
fn workers_are_added_listed_restarted_and_removed() {
    let bench = Bench::start();
    let session = bench.quick("work");
    let path = format!("/api/sessions/{}/workers", id(&session));
    let body = json!({"type": "terminal", "name": "Shell"});
    let added = bench.expect(201, &format!("POST {path}"), body)["worker"].take();
    assert_eq!((&added["type"], &added["name"]), (&json!("terminal"), &json!("Shell")));
    let spawn = bench.agent.expect("spawn");
    assert_eq!(spawn["directory"], bench.path("work"));
    assert_eq!((&spawn["line"], &spawn["stream"]["epoch"]), (&Value::Null, &json!(1)));
    let body = json!({"type": "agent", "agentType": "claude", "initialPrompt": "--do 'it' $(x)"});
    let agent = bench.expect(201, &format!("POST {path}"), body)["worker"].take();
    assert_eq!((&agent["type"], &agent["agentId"]), (&json!("agent"), &json!("claude")));
    let spawn = bench.agent.expect("spawn");
    // What a person wrote is no part of the line, and no option either.
    assert_eq!(spawn["line"], "claude \"$PILOTHOUSE_PROMPT\"");
    assert_eq!(spawn["environment"], json!([["PILOTHOUSE_PROMPT", " --do 'it' $(x)"]]));
    let listed = bench.get(&path);
    assert_eq!(
        (&listed["workers"][0]["id"], &listed["workers"][1]["id"]),
        (&added["id"], &agent["id"])
    );
    let restart = format!("POST {path}/{}/restart", id(&agent));
    let body = json!({"continueConversation": true});
    assert_eq!(bench.expect(200, &restart, body)["worker"]["id"], agent["id"]);
    let spawn = bench.agent.expect("spawn");
    assert_eq!((&spawn["line"], &spawn["stream"]["epoch"]), (&json!("claude -c"), &json!(2)));
    bench.expect(200, &restart, Value::Null);
    let spawn = bench.agent.expect("spawn");
    assert_eq!((&spawn["line"], &spawn["environment"]), (&json!("claude"), &json!([])));
    bench.expect(200, &format!("POST {path}/{}/restart", id(&added)), json!({}));
    assert_eq!(bench.agent.expect("spawn")["line"], Value::Null);
    bench.expect(200, &format!("DELETE {path}/{}", id(&added)), Value::Null);
    assert_eq!(bench.get(&path)["workers"].as_array().unwrap().len(), 1);
    for (status, request, body) in [
        (404, format!("DELETE {path}/{}", id(&added)), Value::Null),
        (404, format!("POST {path}/w-unknown/restart"), json!({})),
        (404, "POST /api/sessions/s-unknown/workers".into(), json!({"type": "terminal"})),
        (400, format!("POST {path}"), json!({"type": "git-diff"})),
        (400, format!("POST {path}"), json!({"type": "agent", "agentType": "nobody"})),
        (400, format!("POST {path}"), json!({"name": "x"})),
        (400, format!("POST {path}"), json!({"type": "terminal", "name": "a\u{0}b"})),
        (400, format!("POST {path}"), json!("terminal")),
    ] {
        bench.refused(status, &request, body);
    }
}

#[test]
fn a_session_begins_with_an_agent_if_a_type_or_a_prompt_asks_for_one() {
    let bench = Bench::start();
    let create = |more: Value| {
        let mut body = json!({"type": "quick", "locationPath": "~/work"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.expect(201, "POST /api/sessions", body)["session"].take()
    };
    let by_prompt = create(json!({"initialPrompt": "tidy up", "title": "T"}));
    assert_eq!(by_prompt["workers"][0]["agentId"], "claude");
    assert_eq!(
        (&by_prompt["initialPrompt"], &by_prompt["title"]),
        (&json!("tidy up"), &json!("T"))
    );
    assert_eq!(bench.agent.expect("spawn")["environment"][0][1], "tidy up");
    let by_type = create(json!({"agentType": "codex", "agentId": "a-1"}));
    assert_eq!(by_type["workers"][0]["agentId"], "codex");
    assert_eq!(bench.agent.expect("spawn")["line"], "codex");
    // Older clients name a kind of command line agent there.
    let by_older = create(json!({"agentId": "claude-code-builtin"}));
    assert_eq!(by_older["workers"][0]["agentId"], "claude");
    assert_eq!(create(json!({"initialPrompt": ""}))["workers"], json!([]));
    let types = bench.get("/api/agent-types");
    let types = types["agentTypes"].as_array().unwrap();
    assert!(types.iter().any(|known| known["id"] == "codex" && known["isBuiltIn"] == true));
    assert_eq!(bench.get("/api/agent-types/claude")["agentType"], types[0]);
    bench.refused(404, "GET /api/agent-types/nobody", Value::Null);
}

#[test]
fn who_asks_something_waits_for_a_person_with_session_and_question() {
    let bench = Bench::start();
    assert_eq!(bench.get("/api/v1/attention"), json!({"items": []}));
    let door = Upgrade::to(format!("/ws/app?token={}", bench.token));
    let mut app = door.send(bench.server.address()).unwrap();
    let body = json!({"type": "quick", "locationPath": "~/work", "agentType": "claude"});
    let session = bench.expect(201, "POST /api/sessions", body)["session"].take();
    let stream = bench.agent.expect("spawn")["stream"].take();
    let question = "Do you want to proceed?";
    let asks =
        json!({"type": "activity", "stream": stream, "activity": "asking", "question": question});
    bench.agent.say(&asks);
    app.expect_that(|message| message["activityState"] == "asking");
    // What agents say and what it leads to is told in one step.
    let items = bench.get("/api/v1/attention")["items"].take();
    let item = &items[0];
    assert_eq!((&item["sessionId"], &item["agentId"]), (&session["id"], &json!("a-1")));
    assert_eq!(
        (&item["subjectType"], &item["subjectId"]),
        (&json!("worker"), &session["workers"][0]["id"])
    );
    assert_eq!((&item["reason"], &item["answer"]), (&json!("workerAsks"), &json!("type")));
    assert_eq!(item["text"], question);
    let unknown = http::send(bench.server.address(), "GET /api/v1/attention", &[]);
    assert_eq!(unknown.status, 401);
    assert!(unknown.head.contains("content-type: application/problem+json"), "{unknown:?}");
    let document = bench.get("/api/openapi.json");
    assert_eq!(document["paths"]["/api/v1/attention"]["get"]["operationId"], "getAttention");
}

#[test]
fn whoever_may_not_is_told_so() {
    let bench = Bench::start();
    let session = bench.quick("work");
    let path = format!("/api/sessions/{}", id(&session));
    let viewer = Grant::Person { user: "vi".into(), role: Role::Viewer };
    let viewer = bench.server.token(&viewer);
    let agents = bench.server.agent_token("a-1");
    let ask = |token: &str, request: &str, body: &Value| {
        let answer = http::send_json(bench.server.address(), request, token, body);
        assert!(answer.status < 400 || answer.json()["error"].is_string(), "{answer:?}");
        answer.status
    };
    let reads = ["/api/sessions", &path, &format!("{path}/workers"), "/api/config"];
    for read in reads.map(|path| format!("GET {path}")) {
        assert_eq!(ask(&viewer, &read, &Value::Null), 200, "{read}");
        assert_eq!(ask(&agents, &read, &Value::Null), 403, "{read}");
        assert_eq!(ask("nonsense", &read, &Value::Null), 401, "{read}");
        let answer = http::send(bench.server.address(), &read, &[]);
        assert_eq!(answer.status, 401);
        assert!(answer.head.to_lowercase().contains("www-authenticate: bearer"), "{answer:?}");
    }
    let quick = json!({"type": "quick", "locationPath": "~/work"});
    for (write, body) in [
        ("POST /api/sessions".to_owned(), quick),
        (format!("PATCH {path}"), json!({"title": "x"})),
        (format!("DELETE {path}"), Value::Null),
        (format!("DELETE {path}/invalid"), Value::Null),
        (format!("POST {path}/workers"), json!({"type": "terminal"})),
        ("POST /api/repositories".to_owned(), json!({"path": "~/work"})),
        ("GET /api/sessions/validate".to_owned(), Value::Null),
    ] {
        assert_eq!(ask(&viewer, &write, &body), 403, "{write}");
    }
    assert_eq!(bench.get("/api/sessions")["sessions"], json!([session]));
}

#[test]
fn which_agent_is_meant_has_to_be_clear() {
    let mut bench = Bench::start();
    let quick = |more: Value| {
        let mut body = json!({"type": "quick", "locationPath": "/tmp"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let second = FakeAgent::link(&bench.server, "b-2", Manner::default());
    let several = bench.refused(409, "POST /api/sessions", quick(json!({})));
    assert!(several.contains("a-1, b-2") && several.contains("agentId"), "{several}");
    let there = bench.expect(201, "POST /api/sessions", quick(json!({"agentId": "b-2"})));
    bench.refused(404, "POST /api/sessions", quick(json!({"agentId": "c-3"})));
    drop(second);
    bench.agent.cut();
    bench.server.wait_for_health(|health| health["agents"]["online"] == 0);
    bench.refused(409, "POST /api/sessions", quick(json!({"agentId": "b-2"})));
    let none = bench.refused(409, "POST /api/sessions", quick(json!({})));
    assert!(none.contains("pilothouse agent"), "{none}");
    let path = format!("/api/sessions/{}", id(&there["session"]));
    assert_eq!(bench.get(&path)["session"]["status"], "inactive");
    let offline = bench.refused(409, &format!("POST {path}/workers"), json!({"type": "terminal"}));
    assert!(offline.contains("b-2 is not connected"), "{offline}");
    bench.refused(409, &format!("GET {path}/branches"), Value::Null);
    assert_eq!(bench.get("/api/config"), json!({"homeDir": ""}));
    bench.expect(200, &format!("DELETE {path}"), Value::Null);
}

#[test]
fn an_agent_that_does_not_answer_costs_a_sentence_and_not_the_server() {
    let bench = Bench::with(Manner { is_silent: true, ..Manner::default() });
    let body = json!({"type": "quick", "locationPath": "/tmp"});
    let silent = bench.refused(503, "POST /api/sessions", body);
    assert!(silent.contains("a-1 did not answer in time"), "{silent}");
}
