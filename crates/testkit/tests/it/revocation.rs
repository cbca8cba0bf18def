//! What happens to sockets whose token is revoked or expires, at both doors and on every event loop.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    program::Server,
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::{Value, json};

/// What the first message of an agent is.
fn hello(agent: &str) -> Value {
    json!({"type": "hello", "version": 1, "agent": agent, "incarnation": "i-1",
           "profile": {"agentType": "shell"}})
}

fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

fn link(server: &Server, agent: &str, token: &str) -> Viewer {
    let mut link = Upgrade::to(format!("/ws/agent?token={token}")).send(server.address()).unwrap();
    link.send(&hello(agent));
    link.expect_that(|message| message["type"] == "welcome");
    link
}

fn dashboard(server: &Server, token: &str) -> Viewer {
    let mut viewer = Viewer::dashboard(server.address(), token);
    viewer.expect("agent:list");
    viewer
}

/// The name of a token, made by another program than ours.
pub(super) fn sha256(token: &str) -> String {
    let script = format!("printf %s '{token}' | sha256sum");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

fn delete(server: &Server, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    http::send(server.address(), &format!("DELETE {path}"), &[("Authorization", &bearer)])
}

fn expect_denied(viewer: &mut Viewer) {
    let error = viewer.expect("error");
    assert_eq!((&error["code"], &error["recoverable"]), (&json!("AUTH_FAILED"), &json!(false)));
    assert_eq!(viewer.expect_close(), 1008);
}

fn status_with(server: &Server, door: &str, token: &str) -> u16 {
    let sent = Upgrade::to(format!("{door}?token={token}")).send(server.address());
    sent.map_or_else(|(status, _)| status, |_| 101)
}

#[test]
fn a_revoked_token_ends_its_sockets_on_every_loop_and_opens_none() {
    let mut server = Server::start(&[("server.loops", "3")]);
    let admin = server.token(&person("root", Role::Admin));
    let (bad, good) = (server.operator(), server.token(&person("bob", Role::Operator)));
    let agent = server.token(&Grant::Agent("a-1".parse().unwrap()));
    let mut ended: Vec<_> = (0..12).map(|_| dashboard(&server, &bad)).collect();
    let mut stays = dashboard(&server, &good);
    let mut link = link(&server, "a-1", &agent);
    let started = Instant::now();
    let answer = delete(&server, &format!("/api/v1/credentials/{}", sha256(&bad)), &admin);
    assert_eq!((answer.status, answer.json()), (200, json!({"closed": 12})));
    for viewer in &mut ended {
        expect_denied(viewer);
    }
    let upper = sha256(&agent).to_uppercase();
    let answer = delete(&server, &format!("/api/v1/credentials/{upper}"), &admin);
    assert_eq!((answer.status, answer.json()), (200, json!({"closed": 1})));
    let error = link.expect_that(|message| message["type"] == "error");
    assert_eq!(error["code"], "TOKEN_EXPIRED");
    assert_eq!(link.expect_close(), 4001);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    for _ in 0..2 {
        for door in ["/ws/dashboard", "/ws/agent"] {
            assert_eq!(status_with(&server, door, &bad), 401);
            assert_eq!(status_with(&server, door, &agent), 401);
        }
        let mut late = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
        let info = json!({"userAgent": "test", "timezone": "UTC"});
        let payload = json!({"token": bad, "clientInfo": info});
        late.send(&json!({"type": "dashboard:connect", "payload": payload}));
        expect_denied(&mut late);
        assert_eq!(delete(&server, "/api/v1/users/ann/sockets", &bad).status, 401);
        stays.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
        stays.expect("heartbeat");
        // The list outlives the server.
        drop(stays);
        server.kill_and_restart();
        stays = dashboard(&server, &good);
    }
}

#[test]
fn a_refresh_to_another_token_escapes_the_revocation_of_the_old_one() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let old = server.short_token(&person("ann", Role::Operator), Duration::from_secs(600));
    let new = server.operator();
    let mut viewer = dashboard(&server, &old);
    viewer.send(&json!({"type": "token:refresh", "payload": {"token": new}}));
    viewer.expect("token:refreshed");
    let revoke = |token: &str| {
        delete(&server, &format!("/api/v1/credentials/{}", sha256(token)), &admin).json()
    };
    assert_eq!(revoke(&old), json!({"closed": 0}));
    viewer.send(&json!({"type": "token:refresh", "payload": {"token": old}}));
    expect_denied(&mut viewer);
    let mut viewer = dashboard(&server, &new);
    assert_eq!(revoke(&new), json!({"closed": 1}));
    expect_denied(&mut viewer);
}

#[test]
fn the_sockets_of_a_user_are_closed_and_the_user_may_come_back() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let ann = server.token(&person("ann lee/x", Role::Viewer));
    let mut ended = [dashboard(&server, &ann), dashboard(&server, &ann)];
    let mut stays = dashboard(&server, &admin);
    let answer = delete(&server, "/api/v1/users/ann%20lee%2Fx/sockets", &admin);
    assert_eq!((answer.status, answer.json()), (200, json!({"closed": 2})));
    ended.iter_mut().for_each(expect_denied);
    dashboard(&server, &ann);
    stays.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    stays.expect("heartbeat");
}

#[test]
fn an_agents_key_opens_its_link_only_and_is_revoked_like_a_token() {
    let mut server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let token = server.token(&Grant::Agent("a-1".parse().unwrap()));
    let key = "pha_a-1.0123456789abcdef0123456789abcdef";
    let mut first = Upgrade::to(format!("/ws/agent?token={token}")).send(server.address()).unwrap();
    let mut enrolling = hello("a-1");
    enrolling["version"] = json!(2);
    enrolling["key"] = json!(sha256(key));
    first.send(&enrolling);
    first.expect_that(|message| message["type"] == "enrolled");
    drop(first);
    assert_eq!(status_with(&server, "/ws/dashboard", key), 401);
    assert_eq!(delete(&server, "/api/v1/users/ann/sockets", key).status, 403);
    assert_eq!(status_with(&server, "/ws/agent", "pha_a-2.0123456789abcdef0123456789abcdef"), 401);
    let mut link = Upgrade::to(format!("/ws/agent?token={key}")).send(server.address()).unwrap();
    link.send(&enrolling);
    link.expect_that(|message| message["type"] == "welcome");
    // An agent is no person of the same name.
    let answer = delete(&server, "/api/v1/users/a-1/sockets", &admin);
    assert_eq!(answer.json(), json!({"closed": 0}));
    let answer = delete(&server, &format!("/api/v1/credentials/{}", sha256(key)), &admin);
    assert_eq!(answer.json(), json!({"closed": 1}));
    link.expect_that(|message| message["code"] == "TOKEN_EXPIRED");
    assert_eq!(link.expect_close(), 4001);
    assert_eq!(status_with(&server, "/ws/agent", key), 401);
    server.kill_and_restart();
    assert_eq!(status_with(&server, "/ws/agent", key), 401);
}

#[test]
fn only_administrators_revoke_and_refusals_are_problems() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let name = sha256("whatever");
    let path = format!("/api/v1/credentials/{name}");
    let operator = server.operator();
    let agent = server.token(&Grant::Agent("a-1".parse().unwrap()));
    let refusals = [
        (delete(&server, &path, &operator), 403),
        (delete(&server, &path, &agent), 403),
        (delete(&server, "/api/v1/users/ann/sockets", &operator), 403),
        (delete(&server, &path, "nonsense"), 401),
        (http::send(server.address(), &format!("DELETE {path}"), &[]), 401),
        (http::send(server.address(), &format!("DELETE {path}?token={admin}"), &[]), 401),
        (delete(&server, &path[..path.len() - 1], &admin), 400),
        (delete(&server, &format!("{path}0"), &admin), 400),
        (delete(&server, &path.replace(&name[..1], "g"), &admin), 400),
    ];
    for (answer, status) in refusals {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
        assert_eq!(answer.json()["status"], status);
        assert!(answer.json()["detail"].is_string());
    }
    assert_eq!(http::send(server.address(), &format!("GET {path}"), &[]).status, 405);
    assert_eq!(delete(&server, &path, &admin).status, 200);
}

#[test]
fn an_expiring_token_closes_both_doors_with_their_own_words() {
    let server =
        Server::start(&[("timing.expiry_check", "100ms"), ("timing.expiry_grace", "200ms")]);
    let soon = Duration::from_secs(2);
    let ann = server.short_token(&person("ann", Role::Operator), soon);
    let agent = server.short_token(&Grant::Agent("a-1".parse().unwrap()), soon);
    let (mut viewer, mut link) = (dashboard(&server, &ann), link(&server, "a-1", &agent));
    let started = Instant::now();
    let error = link.expect_that(|message| message["type"] == "error");
    assert_eq!(error["code"], "TOKEN_EXPIRED");
    assert!(matches!(link.receive(), Received::Closed(4001, _)));
    expect_denied(&mut viewer);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}
