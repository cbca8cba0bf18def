//! Whether a session's browser is ready: told truthfully here and in Redis, over stops of producers, of Redis and of the server.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    confidential, http,
    program::{Agent, PATIENCE, Server},
    redis::Redis,
    viewer::{Upgrade, Viewer},
};
use redis::Commands;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The smallest thing that looks like a JPEG.
const PICTURE: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==";
/// So that nobody waits for long.
const HASTE: [(&str, &str); 2] = [("redis.check_every", "200ms"), ("redis.timeout", "1s")];

fn server_with(url: &str) -> Server {
    Server::start(&[HASTE[0], HASTE[1], ("redis.url", url)])
}

/// A producer whose first picture was sent.
fn producer(server: &Server, stream: &str) -> Viewer {
    let upgrade = Upgrade::to(format!("/ws/stream/{stream}"));
    let mut producer = upgrade.send(server.address()).unwrap();
    producer.send(&picture(stream));
    producer
}

fn picture(stream: &str) -> Value {
    json!({"type": "frame", "sessionId": stream, "data": PICTURE, "timestamp": 1_700_000_000.5})
}

fn status(server: &Server, stream: &str) -> Value {
    let (code, body) = server.get(&format!("/api/session-status?session={stream}"));
    assert_eq!(code, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// What is said of a stream, as soon as its status is that.
fn wait_for(server: &Server, stream: &str, wanted: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = status(server, stream);
        if said["status"] == wanted {
            return said;
        }
        assert!(Instant::now() < deadline, "{wanted}: {said}");
        // Nobody tells when it changes; front ends ask again and again too.
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A session on a real agent, and what has to stay for it.
fn session(server: &Server) -> (String, Agent, TempDir) {
    let agent = server.agent("a-1");
    let work = TempDir::new().unwrap();
    let body = json!({"type": "quick", "locationPath": work.path(), "agentId": "a-1"});
    let token = server.token(&Grant::Person { user: "ann".into(), role: Role::Operator });
    let made = http::send_json(server.address(), "POST /api/sessions", &token, &body);
    (made.json()["session"]["id"].as_str().unwrap().to_owned(), agent, work)
}

fn flags(hash: &BTreeMap<String, String>) -> [Option<&str>; 4] {
    ["browser_ready", "worker_ready", "workerConnected", "status"]
        .map(|name| hash.get(name).map(String::as_str))
}

const LIVE: [Option<&str>; 4] = [Some("true"), Some("true"), Some("true"), Some("active")];
const ENDED: [Option<&str>; 4] = [Some("false"), Some("false"), Some("false"), Some("ended")];

#[test]
fn a_session_is_ready_while_its_pictures_flow_and_a_restart_knows_that_none_do() {
    let mut server = Server::start(&[]);
    let (id, _agent, _work) = session(&server);
    assert_eq!(status(&server, "nobody")["status"], "not_found");
    let said = status(&server, &id);
    assert_eq!((&said["status"], &said["ready"]), (&json!("queued"), &json!(false)), "{said}");
    let connected = Upgrade::to(format!("/ws/stream/{id}")).send(server.address()).unwrap();
    assert_eq!(status(&server, &id)["status"], "queued", "a socket is no picture yet");
    drop(connected);
    let first = producer(&server, &id);
    let said = wait_for(&server, &id, "ready");
    let ready = [&said["ready"], &said["browserReady"], &said["workerReady"]];
    assert_eq!(ready, [&json!(true); 3], "{said}");
    let named: Vec<_> = said.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, ["browserReady", "ready", "status", "timestamp", "workerReady"]);
    drop(first);
    let said = wait_for(&server, &id, "ended");
    let ready = [&said["ready"], &said["browserReady"], &said["workerReady"]];
    assert_eq!(ready, [&json!(false); 3], "{said}");
    let _second = producer(&server, &id);
    wait_for(&server, &id, "ready");
    let _loose = producer(&server, "loose");
    wait_for(&server, "loose", "ready");
    server.kill_and_restart();
    assert_eq!(status(&server, &id)["status"], "ended");
    assert_eq!(status(&server, "loose")["status"], "ended");
    assert_eq!(server.wait_for_health(|_| true)["redis"], "disabled");
}

#[test]
fn redis_has_the_flags_of_workers_while_pictures_flow() {
    let redis = Redis::start().unwrap();
    let mut server = server_with(&redis.url());
    server.wait_for_health(|health| health["redis"] == "connected" && health["status"] == "ok");
    let first = producer(&server, "s-1");
    let hash = redis.wait_for("session:s-1", |hash| flags(hash) == LIVE);
    let started: u64 = hash["stream_started_at"].parse().unwrap();
    assert!((1_700_000_000..10_000_000_000).contains(&started), "in seconds: {started}");
    let expiry = redis.expiry("session:s-1").unwrap();
    assert!((24 * 3600..=25 * 3600).contains(&expiry), "{expiry}");
    drop(first);
    redis.wait_for("session:s-1", |hash| flags(hash) == ENDED);
    let _second = producer(&server, "s-1");
    redis.wait_for("session:s-1", |hash| flags(hash) == LIVE);
    // A crash tells nobody; the next life does.
    server.kill_and_restart();
    redis.wait_for("session:s-1", |hash| flags(hash) == ENDED);
    let _third = producer(&server, "s-1");
    redis.wait_for("session:s-1", |hash| flags(hash) == LIVE);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(flags(&redis.hash("session:s-1")), ENDED, "an orderly end says so itself");
}

#[test]
fn what_others_keep_in_redis_stays() {
    let redis = Redis::start().unwrap();
    let mut other = redis.connect();
    let fields = [("agent_id", "a-1"), ("browser_ready", "false"), ("websocket_token", "x")];
    let () = other.hset_multiple("session:theirs", &fields).unwrap();
    let () = other.set("session:string", r#"{"sessionId":"string"}"#).unwrap();
    let server = server_with(&redis.url());
    let _string = producer(&server, "string");
    let _theirs = producer(&server, "theirs");
    let hash = redis.wait_for("session:theirs", |hash| flags(hash) == LIVE);
    assert_eq!((&*hash["agent_id"], &*hash["websocket_token"]), ("a-1", "x"));
    assert_eq!(redis.expiry("session:theirs"), None, "how long it stays is theirs to say");
    let string: String = other.get("session:string").unwrap();
    assert_eq!(string, r#"{"sessionId":"string"}"#);
    wait_for(&server, "string", "ready");
    let health = server.wait_for_health(|health| health["redis"] == "connected");
    assert_eq!(health["status"], "ok", "{health}");
}

#[test]
fn without_redis_everything_else_works_and_once_it_is_back_it_is_told() {
    let mut redis = Redis::start().unwrap();
    redis.halt();
    let server = server_with(&redis.url());
    let health = server.wait_for_health(|health| health["status"] == "degraded");
    assert_eq!(health["redis"], "disconnected");
    assert!(health["reasons"][0].as_str().unwrap().contains("nobody listens"), "{health}");
    let _stays = producer(&server, "stays");
    let leaves = producer(&server, "leaves");
    wait_for(&server, "stays", "ready");
    wait_for(&server, "leaves", "ready");
    redis.resume().unwrap();
    redis.wait_for("session:stays", |hash| flags(hash) == LIVE);
    redis.wait_for("session:leaves", |hash| flags(hash) == LIVE);
    server.wait_for_health(|health| health["redis"] == "connected" && health["status"] == "ok");
    redis.halt();
    server.wait_for_health(|health| health["redis"] == "disconnected");
    drop(leaves);
    wait_for(&server, "leaves", "ended");
    // It comes back with nothing of what it knew.
    redis.resume().unwrap();
    redis.wait_for("session:stays", |hash| flags(hash) == LIVE);
    assert_eq!(redis.hash("session:leaves"), BTreeMap::new());
    server.wait_for_health(|health| health["redis"] == "connected" && health["status"] == "ok");
}

#[test]
fn a_wrong_password_is_told_without_it_and_harms_nobody() {
    let (right, wrong) = ("open-sesame-4711-right", "open-sesame-4711-wrong");
    let redis = Redis::start_with(Some(right)).unwrap();
    confidential::keep(wrong);
    let server = server_with(&redis.url_with(Some(wrong)));
    let health = server.wait_for_health(|health| health["status"] == "degraded");
    assert_eq!(health["redis"], "disconnected");
    let reason = health["reasons"][0].as_str().unwrap();
    assert!(reason.contains("it refuses the user"), "{health}");
    assert!(!health.to_string().contains("sesame"), "{health}");
    let _producer = producer(&server, "s");
    wait_for(&server, "s", "ready");
    assert_eq!(redis.hash("session:s"), BTreeMap::new());
    drop(server);
    let server = server_with(&redis.url());
    server.wait_for_health(|health| health["redis"] == "connected");
    let _producer = producer(&server, "s");
    redis.wait_for("session:s", |hash| flags(hash) == LIVE);
}

#[test]
fn a_redis_that_answers_nothing_delays_nobody() {
    let redis = Redis::start().unwrap();
    let server = server_with(&redis.url());
    server.wait_for_health(|health| health["redis"] == "connected");
    redis.freeze(true);
    let mut producer = producer(&server, "s");
    wait_for(&server, "s", "ready");
    let token = server.token(&Grant::Viewer { user: "ann".into(), session: "s".parse().unwrap() });
    let view = Upgrade::to(format!("/ws/view/s?token={token}"));
    let mut viewer = view.send(server.address()).unwrap();
    for _ in 0..3 {
        producer.send(&picture("s"));
        viewer.expect("frame");
    }
    let health = server.wait_for_health(|health| health["redis"] == "disconnected");
    assert!(health["reasons"][0].as_str().unwrap().contains("in time"), "{health}");
    redis.freeze(false);
    redis.wait_for("session:s", |hash| flags(hash) == LIVE);
    server.wait_for_health(|health| health["redis"] == "connected" && health["status"] == "ok");
}
