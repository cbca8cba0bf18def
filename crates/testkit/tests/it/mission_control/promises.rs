//! What the protocol's documentation promises to every client, sentence by sentence.

use std::collections::BTreeMap;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    node::NodeProgram,
    program::{Server, request},
    proxy::Proxy,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{door, expect_status, feed};

/// The names of an object's fields, by alphabet.
fn names(object: &Value) -> Vec<String> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    names
}

fn person(server: &Server, user: &str, role: Role) -> String {
    server.token(&Grant::Person { user: user.into(), role })
}

fn open(server: &Server, token: &str) -> Viewer {
    Upgrade::to(format!("/?token={token}")).send(server.address()).expect("the token is good")
}

/// A listener that looks at every field of everything it hears.
struct Strict {
    feed: Viewer,
    fields: BTreeMap<String, Vec<String>>,
    statuses: Vec<String>,
}

impl Strict {
    fn next(&mut self) {
        let message = self.feed.expect_that(|_| true);
        assert_eq!(names(&message), ["payload", "type"], "{message}");
        let kind = message["type"].as_str().unwrap().to_owned();
        let payload = &message["payload"];
        assert!(payload["timestamp"].as_u64().unwrap() > 1_700_000_000_000, "{message}");
        if kind == "agent:status" {
            self.statuses.push(payload["status"].as_str().unwrap().to_owned());
        }
        let fields = names(payload);
        let known = self.fields.entry(kind).or_insert_with(|| fields.clone());
        assert_eq!(*known, fields, "{message}");
    }

    fn until_status(&mut self, is_it: impl Fn(&str) -> bool) {
        let before = self.statuses.len();
        while self.statuses.len() == before || !self.statuses.last().is_some_and(|it| is_it(it)) {
            self.next();
        }
    }
}

#[test]
fn every_message_has_exactly_its_fields() {
    let settings = [("timing.ping_interval", "200ms"), ("agents.crash_loop_within", "20s")];
    let server = Server::start(&settings);
    let feed = feed(&server);
    let mut strict = Strict { feed, fields: BTreeMap::new(), statuses: Vec::new() };
    let mut agent = server.agent("agent-1");
    strict.until_status(|status| status == "online");
    server.dashboard().send(&request("agent-1", "echo hello; sleep 30"));
    while !strict.fields.contains_key("session:activity") {
        strict.next();
    }
    for _ in 0..3 {
        agent.kill();
        strict.until_status(|status| status == "offline");
        agent.start_again();
        strict.until_status(|status| status != "offline");
    }
    assert_eq!(strict.statuses.last().unwrap(), "error", "{:?}", strict.statuses);
    while !strict.fields.contains_key("heartbeat") {
        strict.next();
    }
    let is_known = |status: &String| ["online", "offline", "error"].contains(&&**status);
    assert!(strict.statuses.iter().all(is_known), "{:?}", strict.statuses);
    let expected = json!({
        "agent:status": ["agentId", "status", "timestamp"],
        "heartbeat": ["timestamp"],
        "session:activity": ["agentId", "lastMessage", "sessionId", "timestamp"],
    });
    assert_eq!(json!(strict.fields), expected);
}

#[test]
fn one_user_may_have_several_sockets_and_everybody_hears_everything() {
    let server = Server::start(&[("server.loops", "2")]);
    let (ann, bob) = (server.operator(), person(&server, "bob", Role::Viewer));
    let mut all: Vec<_> = (0..10).map(|_| open(&server, &ann)).collect();
    all.extend((0..3).map(|_| open(&server, &bob)));
    let counts = |connections: u32, users: u32| {
        let expected =
            json!({"status": "running", "connections": connections, "connectedUsers": users});
        server.wait_for_health(|health| health["websocket"] == expected);
    };
    counts(13, 2);
    drop(all.remove(0));
    counts(12, 2);
    let _agent = server.agent("agent-1");
    for socket in &mut all {
        expect_status(socket, "agent-1", "online");
    }
    all.truncate(9);
    counts(9, 1);
    all.clear();
    counts(0, 0);
}

#[test]
fn a_link_that_was_cut_somewhere_is_found_by_the_next_ping() {
    let server = Server::start(&[("timing.ping_interval", "500ms")]);
    let proxy = Proxy::before(server.address());
    let path = format!("/?token={}", server.operator());
    let mut lost = Upgrade::to(path).send(proxy.address()).unwrap();
    let mut near = feed(&server);
    lost.expect("heartbeat");
    server.wait_for_health(|health| health["websocket"]["connections"] == 2);
    // Neither end is told.
    proxy.silence(true);
    server.wait_for_health(|health| health["websocket"]["connections"] == 1);
    near.expect("heartbeat");
}

#[test]
fn whatever_a_client_says_is_ignored_and_its_socket_stays() {
    let server = Server::start(&[("timing.ping_interval", "500ms")]);
    let arguments = [&*door(&server), &*server.operator()];
    let mut client = NodeProgram::start("mission_control/frames.mjs", &arguments);
    client.expect("open");
    assert_eq!(client.expect("pong")["text"], "still there?");
    for _ in 0..3 {
        client.expect_that(|line| line["message"]["type"] == "heartbeat");
    }
    let is_ours = |line: &&Value| line["what"] == "close" || line["what"] == "error";
    assert_eq!(client.seen.iter().find(is_ours), None);
    let answers = client.seen.iter().filter(|line| line["what"] == "message");
    assert!(answers.into_iter().all(|line| line["message"]["type"] == "heartbeat"));
}

#[test]
fn the_reconnection_strategy_waits_twice_as_long_each_time_and_gives_up_after_five() {
    let mut server = Server::start(&[]);
    let arguments = [&*door(&server), &*server.operator(), "50"];
    let mut client = NodeProgram::start("mission_control/reconnecting.mjs", &arguments);
    client.expect("open");
    server.stop();
    let mut delays = Vec::new();
    for code in [1001, 1006, 1006, 1006, 1006] {
        assert_eq!(client.expect("close")["code"], code);
        delays.push(client.expect("wait")["delay"].as_u64().unwrap());
    }
    assert_eq!(delays, [1000, 2000, 4000, 8000, 16000]);
    assert_eq!(client.expect("close")["code"], 1006);
    // Nothing more is planned, so the program ends.
    assert!(client.finish());
}

#[test]
fn whoever_loses_a_role_or_a_token_loses_the_doors_that_take_it_at_once() {
    let server = Server::start(&[]);
    let root = person(&server, "root", Role::Admin);
    let ask = |request: &str, token: &str, body: &Value| {
        http::send_json(server.address(), request, token, body)
    };
    let body = json!({"username": "ada", "password": "correct horse", "role": "admin"});
    assert_eq!(ask("POST /api/users", &root, &body).status, 201);
    let body = json!({"username": "ada", "password": "correct horse"});
    let entry = ask("POST /api/auth/login", "", &body).json();
    let token = entry["token"].as_str().unwrap();
    let at = |path: &str| {
        Upgrade::to(format!("{path}?token={token}")).send(server.address()).expect("it is good")
    };
    let (mut feed, mut audit) = (at("/"), at("/api/ws/audit"));
    let others: Vec<_> = ["/ws/dashboard", "/ws/app"].into_iter().map(at).collect();
    let role = ask("PUT /api/users/ada/role", &root, &json!({"role": "viewer"}));
    assert_eq!(role.status, 200, "{role:?}");
    audit.expect_close();
    // Whoever may only look goes on looking.
    let _agent = server.agent("agent-1");
    expect_status(&mut feed, "agent-1", "online");
    assert_eq!(ask("POST /api/agents/agent-1/stop", token, &json!({})).status, 403);
    let gone = ask("DELETE /api/users/ada", &root, &Value::Null);
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(feed.expect_close(), 4001);
    for mut socket in others {
        socket.expect_close();
    }
    assert_eq!(ask("GET /api/agents", token, &Value::Null).status, 401);
}

#[test]
fn mission_controls_own_front_end_finds_what_it_reads() {
    let server = Server::start(&[]);
    let root = person(&server, "root", Role::Admin);
    let body = json!({"name": "Ada", "email": "ada@example.org", "password": "correct horse",
                      "role": "admin"});
    let ask = |request: &str, token: &str, body: &Value| {
        http::send_json(server.address(), request, token, body)
    };
    let made = ask("POST /api/users", &root, &body);
    assert_eq!(made.status, 201, "{made:?}");
    let body = json!({"email": "ada@example.org", "password": "correct horse"});
    let entry = ask("POST /api/auth/login", "", &body);
    let cookie = entry.head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_it = name.eq_ignore_ascii_case("set-cookie");
        is_it.then(|| value.split(';').next().unwrap().to_owned())
    });
    let json = entry.json();
    let token = json["token"].as_str().expect("the token is at the top");
    assert_eq!(
        (&json["user"]["email"], &json["success"]),
        (&json!("ada@example.org"), &json!(true))
    );
    assert_eq!(json["data"]["token"], token);
    let me = ask("GET /api/auth/me", token, &Value::Null).json();
    assert_eq!(me["email"], "ada@example.org", "{me}");

    // Its page asks every five seconds, without a header.
    let _agent = server.agent("agent-1");
    let cookie = cookie.expect("signing in sets a cookie");
    let agents = http::send(server.address(), "GET /api/agents", &[("Cookie", &cookie)]);
    assert_eq!(agents.json()["data"]["agents"][0]["id"], "agent-1", "{agents:?}");
    let users = ask("GET /api/users", token, &Value::Null).json();
    assert_eq!(users["users"], users["data"]["users"]);
    assert_eq!(users["users"].as_array().unwrap().len(), 1, "{users}");
    let id = users["users"][0]["id"].as_str().unwrap().to_owned();
    let own = ask(&format!("PATCH /api/users/{id}/role"), token, &json!({"role": "viewer"}));
    assert_eq!(own.json()["error"]["code"], "CANNOT_DEMOTE_SELF", "{own:?}");

    let path = format!("/api/ws/audit?token={token}");
    let mut audit = Upgrade::to(path).send(server.address()).expect("she is an administrator");
    server.dashboard().send(&request("agent-1", "true"));
    let news = audit.expect_that(|message| message["payload"]["action"] == "command.enqueue");
    assert_eq!(news["type"], "audit.new");
    for field in ["id", "timestamp", "agentId", "userId", "userName", "description", "result"] {
        assert!(!news["payload"][field].is_null(), "{field}: {news}");
    }
    let query = "page=1&pageSize=20&agent=agent-1&action=&result=success&search=&from=&to=";
    let logs = ask(&format!("GET /api/audit-logs?{query}"), token, &Value::Null).json();
    let data = &logs["data"];
    assert!(data["logs"].is_array() && data["hasMore"].is_boolean(), "{logs}");
    assert!(data["total"].as_u64().unwrap() >= 1, "{logs}");
    let agents = ask("GET /api/audit-logs/agents", token, &Value::Null).json();
    assert!(agents["agents"].to_string().contains("agent-1"), "{agents}");
}
