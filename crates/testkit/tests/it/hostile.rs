//! Peers that send nonsense, bombs or nothing: each gets the protocol's answer, nobody else notices.

use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use pilothouse_testkit::{
    program::{Server, request},
    viewer::{Received, Upgrade, Viewer},
};
use pilothouse_websocket::{deflate::Deflater, frame::Opcode};
use serde_json::{Value, json};

fn error_of(viewer: &mut Viewer, message: &str) -> Value {
    viewer.send_raw(Opcode::Text, message.as_bytes());
    viewer.expect("error")
}

#[test]
fn bad_messages_get_the_protocols_error_and_the_socket_stays() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    let request =
        |payload: &Value| json!({"type": "command:request", "payload": payload}).to_string();
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let table = [
        ("not JSON".to_owned(), "INVALID_MESSAGE"),
        ("{}".to_owned(), "INVALID_MESSAGE"),
        ("[1,2".to_owned(), "INVALID_MESSAGE"),
        (deep, "INVALID_MESSAGE"),
        (json!({"type": 7, "payload": {}}).to_string(), "INVALID_MESSAGE"),
        (json!({"type": "no:such", "payload": {}}).to_string(), "INVALID_MESSAGE"),
        (json!({"type": "heartbeat"}).to_string(), "INVALID_MESSAGE"),
        (json!({"type": "heartbeat", "payload": {"sequence": "x"}}).to_string(), "INVALID_MESSAGE"),
        (
            json!({"version": "2.0.0", "type": "heartbeat", "payload": {"sequence": 1}})
                .to_string(),
            "INVALID_MESSAGE",
        ),
        (request(&json!({"agentId": "agent-1"})), "INVALID_MESSAGE"),
        (request(&json!({"agentId": "agent-1", "command": 1})), "INVALID_MESSAGE"),
        (request(&json!({"agentId": "agent-1", "command": "a\0b"})), "INVALID_MESSAGE"),
        (request(&json!({"agentId": "agent-1", "command": "x".repeat(70_000)})), "INVALID_MESSAGE"),
        (
            request(&json!({"agentId": "agent-1", "command": "ls", "priority": "urgent"})),
            "INVALID_MESSAGE",
        ),
        (request(&json!({"agentId": "nobody", "command": "ls"})), "AGENT_NOT_FOUND"),
        (request(&json!({"agentId": "../../etc", "command": "ls"})), "AGENT_NOT_FOUND"),
        (
            json!({"type": "command:interrupt", "payload": {"commandId": "cmd-x"}}).to_string(),
            "COMMAND_NOT_FOUND",
        ),
    ];
    for (message, code) in &table {
        let error = error_of(&mut viewer, message);
        assert_eq!(error["code"], *code, "{message:.80}");
        assert_eq!(error["recoverable"], true, "{message:.80}");
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    viewer.send_raw(Opcode::Binary, b"\x00\x01");
    assert_eq!(viewer.expect("error")["code"], "INVALID_MESSAGE");
    viewer.send(&json!({"type": "heartbeat", "payload": {"sequence": 9}}));
    assert_eq!(viewer.expect("heartbeat"), json!({"sequence": 9}));
}

#[test]
fn broken_frames_get_the_right_close_code() {
    let server = Server::start(&[]);
    let mut text = server.dashboard();
    text.send_raw(Opcode::Text, b"\xff\xfe");
    assert_eq!(text.expect_close(), 1007);

    let mut big = server.dashboard();
    big.send_raw(Opcode::Text, &vec![b'x'; (1 << 20) + 1]);
    assert_eq!(big.expect_close(), 1009);

    let mut announced = server.dashboard();
    announced.send_bytes(&[0x81, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]);
    assert_eq!(announced.expect_close(), 1009);

    let mut unmasked = server.dashboard();
    unmasked.send_bytes(b"\x81\x02hi");
    assert_eq!(unmasked.expect_close(), 1002);

    let mut reserved = server.dashboard();
    reserved.send_bytes(&[0x83, 0x80, 1, 2, 3, 4]);
    assert_eq!(reserved.expect_close(), 1002);
}

#[test]
fn a_compression_bomb_is_too_big() {
    let server = Server::start(&[]);
    let upgrade = Upgrade::to("/ws/dashboard")
        .with("Authorization", &format!("Bearer {}", server.operator()))
        .with("Sec-WebSocket-Extensions", "permessage-deflate");
    let mut viewer = upgrade.send(server.address()).unwrap();
    let mut frame = BytesMut::new();
    let bomb = vec![b' '; 256 << 20];
    assert!(Deflater::new(15, 9).deflate_message(Opcode::Text, &bomb, &mut frame));
    drop(bomb);
    // The deflater writes a server's frame; a client's has a mask, here of zeros.
    let head = if frame[1] == 127 { 10 } else { 4 };
    frame[1] |= 0x80;
    let before = server.resident_kib();
    viewer.send_bytes(&frame[..head]);
    viewer.send_bytes(&[0; 4]);
    viewer.send_bytes(&frame[head..]);
    assert_eq!(viewer.expect_close(), 1009);
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB");
}

#[test]
fn a_flood_of_messages_is_refused_and_counted_and_the_socket_stays() {
    let server = Server::start(&[]);
    let mut viewer = server.dashboard();
    for sequence in 0..300 {
        viewer.send(&json!({"type": "heartbeat", "payload": {"sequence": sequence}}));
    }
    // A hundred a second pass; the others are refused, which is said at most once a second.
    let mut echoes = 0;
    let error = loop {
        let message = viewer.expect_that(|_| true);
        match message["type"].as_str() {
            Some("heartbeat") => echoes += 1,
            Some("error") => break message["payload"].clone(),
            _ => {}
        }
    };
    assert!((100..200).contains(&echoes), "{echoes}");
    assert_eq!((&error["code"], &error["recoverable"]), (&json!("RATE_LIMIT"), &json!(true)));
    // It is let in again as the rate allows.
    let again = loop {
        viewer.send(&json!({"type": "heartbeat", "payload": {"sequence": 7777}}));
        let message = viewer.expect_that(|m| m["type"] == "heartbeat" || m["type"] == "error");
        if message["payload"]["sequence"] == 7777 {
            break message;
        }
    };
    assert_eq!(again["type"], "heartbeat");
}

#[test]
fn the_eleventh_command_of_a_minute_is_refused() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    for _ in 0..11 {
        viewer.send(&request("agent-1", "true"));
    }
    let mut queued = 0;
    let error = loop {
        let message = viewer.expect_that(|_| true);
        if message["type"] == "error" {
            break message;
        }
        queued += usize::from(message["payload"]["status"] == "queued");
    };
    assert_eq!((queued, &error["payload"]["code"]), (10, &json!("RATE_LIMIT")));
}

#[test]
fn thousands_of_half_open_peers_cost_little_and_disturb_nobody() {
    let server = Server::start(&[("timing.header_timeout", "60s"), ("timing.auth_timeout", "60s")]);
    let mut healthy = server.dashboard();
    let many = 1000;
    let warm: Vec<_> = (0..50).map(|_| half_a_head(&server)).collect();
    let before = server.resident_kib();
    let heads: Vec<_> = (0..many).map(|_| half_a_head(&server)).collect();
    let strangers: Vec<_> = (0..many).map(|_| half_a_message(&server)).collect();
    let started = Instant::now();
    healthy.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    healthy.expect("heartbeat");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let grown = server.resident_kib().saturating_sub(before) * 1024;
    let each = grown / (2 * many);
    assert!(each <= 4096, "{each} bytes for each socket without a token");
    drop((warm, heads, strangers));
}

fn half_a_head(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let padding = "x".repeat(1500);
    write!(stream, "GET /ws/dashboard HTTP/1.1\r\nHost: localhost\r\nX-Padding: {padding}")
        .unwrap();
    stream
}

fn half_a_message(server: &Server) -> Viewer {
    let mut viewer = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
    // Announces 2,800 bytes and sends 2,000 of them.
    viewer.send_bytes(&[0x81, 0xfe, 0x0a, 0xf0, 0, 0, 0, 0]);
    viewer.send_bytes(&[b' '; 2000]);
    viewer
}

#[test]
fn a_stranger_cannot_send_much() {
    let server = Server::start(&[]);
    let mut viewer = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
    viewer.send_raw(Opcode::Text, &[b' '; 5000]);
    assert_eq!(viewer.expect_close(), 1009);
}

#[test]
fn a_slow_handshake_is_ended() {
    let server = Server::start(&[("timing.header_timeout", "200ms")]);
    let started = Instant::now();
    let stream = half_a_head(&server);
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut rest = Vec::new();
    let ended = std::io::Read::read_to_end(&mut &stream, &mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset));
    assert!(rest.is_empty());
    assert!(started.elapsed() >= Duration::from_millis(150), "not before its time");
}

#[test]
fn silent_dashboards_are_dead_after_a_while() {
    let server = Server::start(&[("timing.heartbeat_timeout", "400ms")]);
    let mut viewer = server.dashboard();
    assert_eq!(viewer.expect_close(), 4000);
    assert_eq!(viewer.receive(), Received::Ended);
}
