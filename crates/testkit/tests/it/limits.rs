//! More connections than the server takes: they are told so, and everybody else notices nothing.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    program::{PATIENCE, Server, Surroundings, request},
    viewer::{Upgrade, Viewer},
};
use serde_json::Value;

fn health(server: &Server) -> Value {
    let (status, body) = server.get("/health");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn refusal(server: &Server, upgrade: &Upgrade) -> String {
    let (status, body) = upgrade.send(server.address()).err().expect("it is full");
    assert_eq!(status, 503, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["error"].as_str().unwrap().to_owned()
}

/// Waits until the server has noticed that connections are gone.
fn connect_soon(server: &Server) -> Viewer {
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let deadline = Instant::now() + PATIENCE;
    loop {
        match upgrade.send(server.address()) {
            Ok(viewer) => return viewer,
            Err((503, _)) if Instant::now() < deadline => std::thread::yield_now(),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_full_server_says_so_and_still_tells_how_it_is() {
    let server = Server::start(&[("limits.connections", "3")]);
    let mut inside: Vec<_> = (0..3).map(|_| server.dashboard()).collect();
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    assert!(refusal(&server, &upgrade).contains("as many connections as it takes"));
    let health = health(&server);
    assert_eq!(health["status"], "degraded");
    assert!(health["reasons"][0].as_str().unwrap().contains("limits"), "{health}");
    assert_eq!(server.get("/").0, 503, "the page waits until there is room");
    inside.pop();
    let mut next = connect_soon(&server);
    next.expect("agent:list");
    drop(inside);
}

#[test]
fn one_address_gets_its_share_and_peers_without_a_token_get_less() {
    let server = Server::start(&[
        ("limits.connections_per_address", "4"),
        ("limits.pending_per_address", "2"),
        ("timing.auth_timeout", "500ms"),
    ]);
    let silent = Upgrade::to("/ws/dashboard");
    let mut nobody: Vec<_> = (0..2).map(|_| silent.send(server.address()).unwrap()).collect();
    assert!(refusal(&server, &silent).contains("have not said who they are"));
    // Their time to say who they are ends, and with it their claim to a place.
    assert_eq!(nobody.pop().unwrap().expect_close(), 1008);
    drop(nobody);
    let mut inside = vec![connect_soon(&server)];
    inside.extend((0..3).map(|_| connect_soon(&server)));
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let reason = refusal(&server, &upgrade);
    assert!(reason.contains("too many connections from your address"), "{reason}");
}

#[test]
fn without_file_descriptors_peers_are_refused_and_nobody_inside_notices() {
    let surroundings = Surroundings { descriptors: Some(64), ..Surroundings::default() };
    let server = Server::start_in(surroundings, &[("limits.connections", "1000")]);
    let _agent = server.agent("agent-1");
    let mut dashboard = server.dashboard();
    let mut keeper = TcpStream::connect(server.address()).unwrap();
    let mut silent = Vec::new();
    // More than it can hold: the last ones are told to come back later.
    let refused = loop {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut answer = String::new();
        match stream.read_to_string(&mut answer) {
            Err(_) if answer.is_empty() => silent.push(stream),
            _ => break answer,
        }
        assert!(silent.len() < 100, "nobody was refused");
    };
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after"), "{refused}");
    keeper
        .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut health = String::new();
    keeper.read_to_string(&mut health).unwrap();
    assert!(health.contains("degraded") && health.contains("file descriptor"), "{health}");
    // A command passes through storage, which opens nothing for it.
    dashboard.send(&request("agent-1", "echo unharmed"));
    assert_eq!(dashboard.expect_status("completed")["exitCode"], 0);
    drop(silent);
    connect_soon(&server).expect("agent:list");
}
