//! How connections of the control plane end, and what ends none.

use std::time::Duration;

use pilothouse_testkit::viewer::{Received, Upgrade};
use pilothouse_websocket::frame::Opcode;
use serde_json::{Value, json};

use super::{Bench, connect, next, revoke, session_grant, shows};

#[test]
fn who_shows_no_token_in_time_is_sent_away() {
    let bench = Bench::start(&[("timing.auth_timeout", "500ms")]);
    let mut silent = connect(&bench.server);
    assert!(matches!(silent.receive(), Received::Closed(1008, _)), "nothing is said before");
    let mut known = bench.service(&bench.token());
    let mut knocking = connect(&bench.server);
    knocking.send(&json!({"type": "PING"}));
    assert_eq!(next(&mut knocking, "ERROR")["code"], "AUTH_REQUIRED");
    assert_eq!(next(&mut knocking, "ERROR")["code"], "AUTH_REQUIRED");
    assert_eq!(knocking.expect_close(), 1008);
    known.send(&json!({"type": "PING"}));
    next(&mut known, "PONG");
}

#[test]
fn large_and_broken_messages_get_the_right_answer() {
    let bench = Bench::start(&[]);
    let mut service = bench.service(&bench.token());
    let padded = |size: usize| json!({"type": "PING", "padding": "x".repeat(size)});
    service.send(&padded(33 << 10));
    assert_eq!(next(&mut service, "ERROR")["code"], "MESSAGE_TOO_LARGE");
    service.send(&padded(30 << 10));
    next(&mut service, "PONG");
    service.send_raw(Opcode::Binary, br#"{"type":"PING","messageId":"bytes"}"#);
    assert_eq!(next(&mut service, "PONG")["messageId"], "bytes");
    service.send_raw(Opcode::Binary, b"\xff");
    assert_eq!(next(&mut service, "ERROR")["code"], "INVALID_JSON");
    service.send(&padded(64 << 10));
    assert_eq!(service.expect_close(), 1009);
    let mut broken = connect(&bench.server);
    broken.send_raw(Opcode::Text, b"\xff");
    assert_eq!(broken.expect_close(), 1007);
    let mut early = connect(&bench.server);
    early.send_raw(Opcode::Text, b"ping");
    early.send_raw(Opcode::Text, b"not JSON");
    let error = early.expect_that(|_| true);
    assert_eq!(error["type"], "error");
    early.send(&padded(33 << 10));
    assert_eq!(next(&mut early, "ERROR")["code"], "MESSAGE_TOO_LARGE");
}

#[test]
fn a_dead_peer_is_dropped_and_a_living_one_is_not() {
    let settings = [("timing.ping_interval", "500ms"), ("timing.heartbeat_timeout", "1s")];
    let bench = Bench::start(&settings);
    let mut living = bench.service(&bench.token());
    let mut dead = bench.service(&bench.token());
    dead.be_mute();
    let dead = std::thread::spawn(move || dead.expect_close());
    // The living one answers pings while it reads.
    while !dead.is_finished() {
        living.send(&json!({"type": "PING"}));
        next(&mut living, "PONG");
    }
    assert_eq!(dead.join().unwrap(), 4000);
    living.send(&json!({"type": "PING"}));
    next(&mut living, "PONG");
}

#[test]
fn a_revoked_token_ends_its_connections_and_an_expired_one_does() {
    let bench = Bench::start(&[("timing.expiry_check", "200ms")]);
    let token = bench.token();
    let (mut one, mut other) = (bench.service(&token), bench.service(&bench.server.operator()));
    assert_eq!(revoke(&bench.server, &token), json!({"closed": 1}));
    let error = next(&mut one, "ERROR");
    assert!(error["error"].as_str().unwrap().starts_with("SESSION_REVOKED"), "{error}");
    assert_eq!((&error["code"], one.expect_close()), (&Value::Null, 1000));
    let mut again = connect(&bench.server);
    again.send(&shows(&token, "agent-1"));
    assert_eq!(next(&mut again, "ERROR")["code"], "INVALID_TOKEN");
    let grant = session_grant(&bench.session, "agent-1");
    let short = bench.server.short_token(&grant, Duration::from_secs(2));
    let mut short = bench.service(&short);
    assert_eq!(next(&mut short, "ERROR")["code"], "SESSION_EXPIRED");
    assert_eq!(short.expect_close(), 4001);
    other.send(&json!({"type": "PING"}));
    next(&mut other, "PONG");
    assert_eq!(bench.server.terminate(), Some(0));
    assert_eq!(other.expect_close(), 1001);
}

#[test]
fn a_foreign_origin_and_a_longer_path_are_refused() {
    let bench = Bench::start(&[]);
    let status = |upgrade: Upgrade| {
        upgrade.send(bench.server.address()).map_or_else(|(status, _)| status, |_| 101)
    };
    assert_eq!(status(Upgrade::to("/ws").with("Origin", "https://evil.example")), 403);
    assert_eq!(status(Upgrade::to("/ws/")), 404);
    assert_eq!(status(Upgrade::to("/ws?a=b")), 101);
}
