//! Keys of agents: real agents link with them, and are cut off and kept out when these stop to count.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    program::{self, PATIENCE, Server},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};
use tempfile::TempDir;

fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

fn bearer_of(token: &str) -> String {
    format!("Bearer {token}")
}

fn admin(server: &Server) -> String {
    server.token(&person("root", Role::Admin))
}

fn ask(server: &Server, request: &str, token: &str, body: &Value) -> Answer {
    http::send_json(server.address(), request, token, body)
}

/// Makes a key as Ann, and returns its id and the key.
fn make(server: &Server, body: &Value) -> (String, String) {
    let made = ask(server, "POST /api/v1/keys", &server.operator(), body);
    assert_eq!(made.status, 201, "{made:?}");
    let text = |name: &str| made.json()[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

fn key(server: &Server, id: &str) -> Value {
    ask(server, &format!("GET /api/v1/keys/{id}"), &admin(server), &Value::Null).json()
}

fn all(server: &Server) -> Vec<Value> {
    let all = ask(server, "GET /api/v1/keys", &admin(server), &Value::Null).json();
    all["keys"].as_array().unwrap().clone()
}

/// An agent's process, with the key in a file and its log in another.
struct KeyedAgent {
    folder: TempDir,
    command: Command,
    child: Child,
}

impl KeyedAgent {
    fn start(server: &Server, id: &str, key: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (file, log) = (folder.path().join("key"), folder.path().join("log"));
        fs::write(&file, key).unwrap();
        let mut command = Command::new(program::program());
        command
            .args(["--log", "info", "agent", "--id", id])
            .args(["--server", &format!("ws://{}", server.address()), "--key-file"])
            .arg(&file)
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .stdin(Stdio::null())
            .stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        Self { folder, command, child }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Waits until that was said so many times.
    fn wait_for(&self, words: &str, times: usize) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = fs::read_to_string(self.log()).unwrap();
            if said.matches(words).count() >= times {
                return said;
            }
            assert!(Instant::now() < deadline, "`{words}` was not said {times} times: {said}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn end(&mut self) {
        program::signal(self.child.id(), "TERM");
        let _ = self.child.wait();
    }

    /// Starts it anew with that key.
    fn start_again(&mut self, key: &str) {
        self.end();
        fs::write(self.folder.path().join("key"), key).unwrap();
        self.command.stderr(File::create(self.log()).unwrap());
        self.child = self.command.spawn().unwrap();
    }
}

impl Drop for KeyedAgent {
    fn drop(&mut self) {
        self.end();
    }
}

const REVOKED: &str = "the agent's key was revoked; start the agent with another one";

#[test]
fn a_revoked_key_cuts_off_its_agent_which_does_not_come_back_before_it_has_a_new_one() {
    let server = Server::start(&[]);
    let (id, text) = make(&server, &json!({"name": "farm", "agentId": "a-1", "expiresIn": "90d"}));
    let mut agent = KeyedAgent::start(&server, "a-1", &text);
    server.wait_until_online("a-1");
    let listed = all(&server);
    let child = listed.iter().find(|key| key["origin"] == "enrolled").expect("it enrolled");
    assert_eq!((&child["parentId"], &child["agentId"]), (&json!(id), &json!("a-1")));
    assert!(key(&server, &id)["lastUsedAt"].is_string());
    let mut viewer = server.dashboard();
    let started = Instant::now();
    let revoked =
        ask(&server, &format!("POST /api/v1/keys/{id}/revoke"), &server.operator(), &json!({}));
    assert_eq!((revoked.status, revoked.json()), (200, json!({"closed": 1})));
    viewer.expect_that(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "offline"
    });
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // Neither the key it enrolled with nor the one in the file is of use: it says what to do.
    agent.wait_for(REVOKED, 4);
    assert_eq!(key(&server, &id)["status"], "revoked");
    assert_eq!(key(&server, child["id"].as_str().unwrap())["status"], "revoked");
    agent.start_again(&text);
    agent.wait_for(REVOKED, 2);
    let (_, other) = make(&server, &json!({"name": "any"}));
    agent.start_again(&other);
    agent.wait_for("the key this agent enrolled with was revoked", 1);
    let (new, text) = make(&server, &json!({"name": "farm again", "agentId": "a-1"}));
    agent.start_again(&text);
    server.wait_until_online("a-1");
    let children: Vec<_> =
        all(&server).into_iter().filter(|key| key["origin"] == "enrolled").collect();
    assert_eq!(children.len(), 1);
    assert_eq!((&children[0]["parentId"], &children[0]["status"]), (&json!(new), &json!("active")));
}

#[test]
fn an_agent_alone_is_shut_out_and_let_in_again_once_its_key_is_forgotten() {
    let server = Server::start(&[]);
    let (id, text) = make(&server, &json!({"name": "farm"}));
    let (mut one, _two) =
        (KeyedAgent::start(&server, "a-1", &text), KeyedAgent::start(&server, "a-2", &text));
    server.wait_until_online("a-1");
    server.wait_until_online("a-2");
    let child = all(&server).into_iter().find(|key| key["agentId"] == "a-1").unwrap();
    let child = child["id"].as_str().unwrap();
    let revoked = ask(
        &server,
        &format!("POST /api/agent-keys/{child}/revoke"),
        &server.operator(),
        &json!({}),
    );
    assert_eq!((revoked.status, &revoked.json()["success"]), (200, &json!(true)));
    one.wait_for("the key this agent enrolled with was revoked", 1);
    server.wait_until_online("a-2");
    assert_eq!(key(&server, &id)["status"], "active");
    let deleted =
        ask(&server, &format!("DELETE /api/agent-keys/{child}"), &server.operator(), &Value::Null);
    assert_eq!(deleted.status, 200, "{deleted:?}");
    one.start_again(&text);
    server.wait_until_online("a-1");
    assert_ne!(key(&server, child)["status"], "active");
}

#[test]
fn an_expired_key_ends_its_links_and_opens_none() {
    let server = Server::start(&[("timing.expiry_check", "100ms")]);
    let (_, text) = make(&server, &json!({"name": "short", "expiresIn": "4s"}));
    let agent = KeyedAgent::start(&server, "a-1", &text);
    server.wait_until_online("a-1");
    agent.wait_for("the agent's key has expired; start the agent with another one", 2);
    let keys = all(&server);
    assert!(keys.iter().all(|key| key["status"] == "expired"), "{keys:?}");
}

#[test]
fn a_key_is_shown_once_and_both_families_tell_the_same() {
    let mut server = Server::start(&[]);
    let (ann, boss) = (server.operator(), admin(&server));
    let body =
        json!({"name": "build", "expiresInDays": 30, "permissions": ["x"], "metadata": {"a": 1}});
    let made = ask(&server, "POST /api/agent-keys", &ann, &body);
    assert_eq!(made.status, 201, "{made:?}");
    let data = &made.json()["data"];
    let (id, text) =
        (data["id"].as_str().unwrap().to_owned(), data["apiKey"].as_str().unwrap().to_owned());
    assert!(text.starts_with("mc_") && text.len() == 3 + 64, "{text}");
    assert!(data["expiresAt"].is_string() && data["createdAt"].is_string());
    server.kill_and_restart();
    for path in ["/api/agent-keys", "/api/v1/keys"] {
        let answer = ask(&server, &format!("GET {path}"), &ann, &Value::Null);
        assert!(answer.body.contains(&id) && !answer.body.contains(&text), "{answer:?}");
        let one = ask(&server, &format!("GET {path}/{id}"), &boss, &Value::Null);
        assert!(one.body.contains("build") && !one.body.contains(&text), "{one:?}");
    }
    let link = |key: &str| Upgrade::to("/ws/agent").with("X-Agent-Key", key).send(server.address());
    assert!(link(&text).is_ok());
    for wrong in [&text[..66], &format!("{text}0"), &text.to_uppercase(), "mc_", ""] {
        assert_eq!(link(wrong).err().unwrap().0, 401, "{wrong}");
    }
    let bearer = Upgrade::to("/ws/agent").with("Authorization", &format!("Bearer {text}"));
    assert!(bearer.send(server.address()).is_ok());
    // It opens nothing else, and its own field counts nowhere else.
    for door in ["/ws/dashboard", "/ws/app", "/api/ws/audit"] {
        let upgrade = Upgrade::to(door).with("Authorization", &format!("Bearer {text}"));
        assert_eq!(upgrade.send(server.address()).err().unwrap().0, 401, "{door}");
    }
    assert_eq!(
        Upgrade::to("/ws/app").with("X-Agent-Key", &boss).send(server.address()).err().unwrap().0,
        401
    );
    assert_eq!(ask(&server, "GET /api/v1/keys", &text, &Value::Null).status, 403);
    let rest =
        |fields: &[(&str, &str)]| http::send(server.address(), "GET /api/v1/keys", fields).status;
    assert_eq!(rest(&[("X-Agent-Key", &text)]), 403, "it is known, and no person");
    assert_eq!(rest(&[("X-Agent-Key", &boss)]), 401);
    assert_eq!(rest(&[("X-Agent-Key", "mc_0")]), 401);
    let both = [("X-Agent-Key", text.as_str()), ("Authorization", &bearer_of(&boss))];
    assert_eq!(rest(&both), 401);
    let closed = ask(&server, &format!("DELETE /api/v1/keys/{id}"), &ann, &Value::Null);
    assert_eq!(closed.status, 200);
    assert_eq!(link(&text).err().unwrap().0, 401);
    assert_eq!(ask(&server, &format!("GET /api/v1/keys/{id}"), &boss, &Value::Null).status, 404);
    let gone = ask(&server, &format!("GET /api/agent-keys/{id}"), &boss, &Value::Null);
    assert_eq!((gone.status, &gone.json()["error"]["code"]), (404, &json!("KEY_NOT_FOUND")));
    let audit = ask(&server, "GET /api/v1/audit?action=key.create,key.delete", &boss, &Value::Null);
    let records = audit.json()["records"].as_array().unwrap().clone();
    let actions: Vec<_> = records.iter().map(|record| record["action"].clone()).collect();
    assert_eq!(actions, ["key.delete", "key.create"]);
    assert!(!audit.body.contains(&text[3..]));
}

#[test]
fn who_may_make_see_and_revoke_keys() {
    let server = Server::start(&[]);
    let (id, _) = make(&server, &json!({"name": "of ann"}));
    let bob = server.token(&person("bob", Role::Operator));
    let eve = server.token(&person("eve", Role::Viewer));
    let agent = server.agent_token("a-1");
    let body = json!({"name": "mine"});
    for token in [&eve, &agent] {
        for request in ["POST /api/v1/keys", "POST /api/agent-keys"] {
            assert_eq!(ask(&server, request, token, &body).status, 403, "{request}");
        }
        assert_eq!(ask(&server, "GET /api/v1/keys", token, &Value::Null).status, 403);
        assert_eq!(ask(&server, "GET /api/agent-keys", token, &Value::Null).status, 403);
    }
    assert_eq!(ask(&server, "POST /api/v1/keys", "nonsense", &body).status, 401);
    let seen = ask(&server, "GET /api/agent-keys", &bob, &Value::Null).json();
    assert_eq!((&seen["data"]["count"], &seen["data"]["keys"]), (&json!(0), &json!([])));
    assert_eq!(
        ask(&server, &format!("POST /api/v1/keys/{id}/revoke"), &bob, &json!({})).status,
        403
    );
    assert_eq!(
        ask(&server, &format!("DELETE /api/agent-keys/{id}"), &bob, &Value::Null).status,
        403
    );
    assert_eq!(ask(&server, "DELETE /api/v1/keys/key-unknown", &bob, &Value::Null).status, 404);
    assert_eq!(ask(&server, "DELETE /api/v1/keys/.", &bob, &Value::Null).status, 404);
    for (path, body) in [
        ("/api/v1/keys", json!({"name": ""})),
        ("/api/v1/keys", json!({"name": "x".repeat(101)})),
        ("/api/v1/keys", json!({"name": "x", "agentId": "../etc"})),
        ("/api/v1/keys", json!({"name": "x", "expiresIn": "soon"})),
        ("/api/v1/keys", json!({"name": "x", "expiresIn": "0s"})),
        ("/api/v1/keys", json!({})),
        ("/api/agent-keys", json!({"name": "xy"})),
        ("/api/agent-keys", json!({"name": "xyz", "expiresInDays": 0})),
        ("/api/agent-keys", json!({"name": "xyz", "expiresInDays": 366})),
    ] {
        let answer = ask(&server, &format!("POST {path}"), &bob, &body);
        assert_eq!(answer.status, 400, "{body} {answer:?}");
    }
    assert_eq!(key(&server, &id)["status"], "active");
}

#[test]
fn the_command_line_makes_lists_and_revokes_keys() {
    let server = Server::start(&[]);
    let run = |arguments: &[&str]| {
        let output = server.command(server.address(), arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, out, err) = run(&["keys", "add", "farm", "--agent", "a-1", "--expires", "1h"]);
    let text = out.trim();
    assert!(code == Some(0) && text.starts_with("mc_") && !err.contains(text), "{code:?} {err}");
    let mut agent = Command::new(program::program());
    let folder = TempDir::new().unwrap();
    agent
        .args([
            "agent",
            "--id",
            "a-1",
            "--server",
            &format!("ws://{}", server.address()),
            "--data-dir",
        ])
        .arg(folder.path())
        .env("PILOTHOUSE_KEY", text)
        .stdin(Stdio::null());
    let mut agent = agent.spawn().unwrap();
    server.wait_until_online("a-1");
    let environment = fs::read(format!("/proc/{}/environ", agent.id())).unwrap();
    let arguments = fs::read(format!("/proc/{}/cmdline", agent.id())).unwrap();
    for place in [environment, arguments] {
        assert!(!String::from_utf8_lossy(&place).contains(text), "the key is out of sight");
    }
    let (code, table, _) = run(&["keys"]);
    assert!(code == Some(0) && table.contains("farm") && table.contains("active"), "{table}");
    assert!(!table.contains(text));
    let (_, json, _) = run(&["keys", "list", "--json"]);
    let keys: Vec<Value> = serde_json::from_str(&json).unwrap();
    let made = keys.iter().find(|key| key["origin"] == "made").unwrap();
    let (code, _, err) = run(&["keys", "revoke", made["id"].as_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    let mut viewer = Viewer::dashboard(server.address(), &server.operator());
    viewer.expect_that(|message| message.to_string().contains("\"offline\""));
    let (_, json, _) = run(&["keys", "list", "--json"]);
    let keys: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert!(keys.iter().all(|key| key["status"] == "revoked"), "{json}");
    let (code, _, err) = run(&["keys", "revoke", "key-unknown"]);
    assert!(code != Some(0) && err.contains("is not known"), "{code:?} {err}");
    program::signal(agent.id(), "TERM");
    let _ = agent.wait();
}
