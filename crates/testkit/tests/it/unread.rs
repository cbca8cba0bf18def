//! Clients that ask and do not read: what waits for them is bounded, and what they read in the end is right.

use pilothouse_testkit::{
    program::Server,
    terminal::{rest, session},
    viewer::{Upgrade, Viewer},
};
use pilothouse_websocket::frame::Opcode;
use serde_json::json;

const SESSIONS: usize = 60;
const REQUESTS: u64 = 5_000;
const PINGS: usize = 400_000;
/// What sockets of this machine take, and what waits behind them.
const MOST_WAITING: usize = 32 << 20;
const MOST_GROWN_KIB: u64 = 48 << 10;

/// A server with a long list of sessions, and a client of it.
fn listed() -> (Server, pilothouse_testkit::program::Agent, Viewer) {
    let server = Server::start(&[("limits.messages_per_second", "1000000")]);
    let agent = server.agent("box");
    for number in 0..SESSIONS {
        let made = session(&server, "/tmp");
        let title = json!({ "title": format!("{number} {}", "x".repeat(4000)) });
        let (status, answer) =
            rest(&server, "PATCH", &format!("/api/sessions/{made}"), Some(&title));
        assert_eq!(status, 200, "{answer}");
    }
    let upgrade = Upgrade::to(format!("/ws/app?token={}", server.operator()));
    let mut app = upgrade.send(server.address()).expect("the token is good");
    let sync = app.expect_that(|message| message["type"] == "sessions-sync");
    assert_eq!(sync["sessions"].as_array().unwrap().len(), SESSIONS);
    (server, agent, app)
}

/// Waits until the server has taken so many messages from clients of `/ws/app`.
fn wait_until_heard(server: &Server, messages: u64) {
    let series = "pilothouse_messages_received_total{door=\"sessions_app\"}";
    server.wait_for_metric(series, messages);
}

#[test]
fn whoever_asks_for_all_sessions_without_reading_is_told_them_once_and_right() {
    let (server, _agent, mut app) = listed();
    let before = server.reset_peak();
    for request in 0..REQUESTS {
        app.send(&json!({ "type": "request-sync" }));
        if request % 500 == 0 {
            // No two syncs are the same bytes.
            session(&server, "/tmp");
        }
    }
    wait_until_heard(&server, REQUESTS);
    let grown = server.peak_kib().saturating_sub(before);
    assert!(grown < MOST_GROWN_KIB, "the server grew by {grown} KiB");

    let last = session(&server, "/tmp");
    let (mut bytes, mut known) = (0, Vec::new());
    while !known.contains(&last) {
        let message = app.text();
        bytes += message.len();
        let message: serde_json::Value = serde_json::from_str(&message).unwrap();
        let id = |session: &serde_json::Value| session["id"].as_str().unwrap().to_owned();
        match message["type"].as_str().unwrap() {
            "sessions-sync" => {
                known = message["sessions"].as_array().unwrap().iter().map(id).collect();
            }
            "session-created" => {
                let made = id(&message["session"]);
                assert!(!known.contains(&made), "a sync has what came before it, and nothing else");
                known.push(made);
            }
            _ => {}
        }
    }
    assert!(bytes < MOST_WAITING, "{bytes} bytes waited");
    assert_eq!(known.len(), SESSIONS + 10 + 1);
}

#[test]
fn whoever_reads_is_told_all_sessions_as_often_as_it_asks() {
    let server = Server::start(&[]);
    let upgrade = Upgrade::to(format!("/ws/app?token={}", server.operator()));
    let mut app = upgrade.send(server.address()).expect("the token is good");
    let mut frame = bytes::BytesMut::new();
    let request = json!({ "type": "request-sync" }).to_string();
    pilothouse_websocket::frame::put_masked(&mut frame, Opcode::Text, request.as_bytes(), [1; 4]);
    // All of them are read at once.
    app.send_bytes(&frame.repeat(20));
    for _ in 0..=20 {
        app.expect_that(|message| message["type"] == "sessions-sync");
    }
}

#[test]
fn whoever_pings_without_reading_waits_for_one_answer() {
    let (server, _agent, mut app) = listed();
    // Its socket is full first.
    for _ in 0..200 {
        app.send(&json!({ "type": "request-sync" }));
    }
    wait_until_heard(&server, 200);
    let before = server.reset_peak();
    let ping = {
        let mut frame = bytes::BytesMut::new();
        pilothouse_websocket::frame::put_masked(&mut frame, Opcode::Ping, &[b'p'; 125], [1; 4]);
        frame.repeat(100)
    };
    for _ in 0..PINGS / 100 {
        app.send_bytes(&ping);
    }
    app.send(&json!({ "type": "request-sync" }));
    wait_until_heard(&server, 201);
    let grown = server.peak_kib().saturating_sub(before);
    assert!(grown < MOST_GROWN_KIB / 4, "the server grew by {grown} KiB");
    let last = session(&server, "/tmp");
    app.expect_that(|message| message["session"]["id"] == last);
}
