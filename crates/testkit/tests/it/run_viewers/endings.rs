//! How connections end at which runs are told, and what ends none.

use std::time::Duration;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    program::Server,
    viewer::{Received, Upgrade},
};
use pilothouse_websocket::frame::Opcode;
use serde_json::{Value, json};

use super::{agent, client, connect, follower, made, next, person, start, take};

#[test]
fn who_is_not_let_in_is_told_why_and_sent_away() {
    let server = Server::start(&[("timing.auth_timeout", "1s")]);
    for (first, expected) in [
        (json!({"type": "authenticate", "token": "x"}), "Invalid authentication token"),
        (json!({"type": "authenticate"}), "No token provided"),
        (json!({"type": "start_agent", "runId": "run-1"}), "Not authenticated"),
        (json!({"type": "heartbeat"}), "Not authenticated"),
    ] {
        let mut client = connect(&server);
        client.send(&first);
        assert_eq!(next(&mut client)["error"], expected, "{first}");
        assert_eq!(client.expect_close(), 1008, "{first}");
    }
    let mut silent = connect(&server);
    assert!(matches!(silent.receive(), Received::Closed(1008, _)));
    // Tokens of sessions open the path, and this protocol does not take them.
    let grant = Grant::Session { session: "s-1".parse().unwrap(), agent: "a-1".parse().unwrap() };
    let mut other =
        Upgrade::to(format!("/ws?token={}", server.token(&grant))).send(server.address()).unwrap();
    other.send(&start("run-1"));
    assert_eq!(next(&mut other)["error"], "Not authenticated");
    assert_eq!(other.expect_close(), 1008);
}

#[test]
fn a_token_of_the_handshake_stands_for_the_message() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    take(&agent, &run, 1);
    let upgrade = Upgrade::to(format!("/ws?token={}", server.operator()));
    let mut client = upgrade.send(server.address()).unwrap();
    client.send(&start(&run));
    assert_eq!(next(&mut client)["stepNumber"], 1);
}

#[test]
fn an_expired_token_can_be_replaced_by_one_of_the_same_user_and_of_nobody_else() {
    let server = Server::start(&[("timing.expiry_check", "100ms"), ("timing.expiry_grace", "2s")]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let short = |user: &str| {
        let grant = Grant::Person { user: user.into(), role: Role::Operator };
        server.short_token(&grant, Duration::from_secs(3))
    };
    let shows = |token: String| json!({"type": "authenticate", "token": token});
    let mut refreshed = connect(&server);
    let mut other = connect(&server);
    let mut late = connect(&server);
    for client in [&mut refreshed, &mut other, &mut late] {
        client.send(&shows(short("ann")));
        assert_eq!(next(client)["status"], "success");
        client.send(&start(&run));
    }
    for client in [&mut refreshed, &mut other, &mut late] {
        assert_eq!(next(client)["error"], "Authentication token expired");
    }
    refreshed.send(&shows(person(&server, "ann", Role::Operator)));
    assert_eq!(next(&mut refreshed)["status"], "success");
    other.send(&shows(person(&server, "bob", Role::Operator)));
    let failed = next(&mut other);
    assert_eq!(
        (&failed["status"], &failed["reason"]),
        (&json!("failed"), &json!("the token belongs to another user"))
    );
    assert_eq!(other.expect_close(), 1008);
    assert_eq!(late.expect_close(), 4001);
    take(&agent, &run, 1);
    assert_eq!(next(&mut refreshed)["stepNumber"], 1);
}

#[test]
fn garbage_ends_nothing_and_large_messages_and_bad_text_do() {
    let server = Server::start(&[]);
    let mut garbled = client(&server);
    for text in ["garbage", "{", "[1]", "null", ""] {
        garbled.send_raw(Opcode::Text, text.as_bytes());
        assert_eq!(next(&mut garbled)["error"], "Failed to process message", "{text:?}");
    }
    garbled.send_raw(Opcode::Binary, br#"{"type":"start_agent","runId":"none"}"#);
    assert_eq!(next(&mut garbled)["error"], "Failed to start agent");
    garbled.send(&json!({"type": "heartbeat", "padding": "x".repeat(65 << 10)}));
    assert_eq!(garbled.expect_close(), 1009);
    let mut broken = client(&server);
    broken.send_raw(Opcode::Text, b"\xff");
    assert_eq!(broken.expect_close(), 1007);
}

#[test]
fn who_is_deaf_to_pings_is_dropped_and_who_is_not_stays() {
    let settings = [("timing.ping_interval", "500ms"), ("timing.heartbeat_timeout", "1s")];
    let server = Server::start(&settings);
    let (mut living, mut dead) = (client(&server), client(&server));
    dead.be_mute();
    let dead = std::thread::spawn(move || dead.expect_close());
    while !dead.is_finished() {
        living.send(&start("none"));
        next(&mut living);
    }
    assert_eq!(dead.join().unwrap(), 4000);
    living.send(&start("none"));
    next(&mut living);
}

#[test]
fn a_revoked_token_ends_its_connections_and_a_server_that_stops_says_so() {
    let server = Server::start(&[]);
    let _agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut other = follower(&server, &run);
    let mut revoked = connect(&server);
    let token = person(&server, "bob", Role::Operator);
    revoked.send(&json!({"type": "authenticate", "token": token}));
    assert_eq!(next(&mut revoked)["status"], "success");
    let admin = person(&server, "root", Role::Admin);
    let path = "DELETE /api/v1/users/bob/sockets";
    let closed = http::send_json(server.address(), path, &admin, &Value::Null);
    assert_eq!(closed.status, 200, "{closed:?}");
    let told = next(&mut revoked);
    assert_eq!(
        (&told["status"], &told["reason"]),
        (&json!("failed"), &json!("the token was revoked"))
    );
    assert_eq!(revoked.expect_close(), 1008);
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(other.expect_close(), 1001);
}
