//! Who gets in, how, and what the others are told.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use bytes::BytesMut;
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    program::{Server, request},
    viewer::Upgrade,
};
use pilothouse_websocket::frame::{self, Opcode};
use serde_json::{Value, json};

fn status_of(server: &Server, upgrade: &Upgrade) -> u16 {
    upgrade.send(server.address()).map_or_else(|(status, _)| status, |_| 101)
}

#[test]
fn a_token_comes_by_header_query_subprotocol_or_first_message() {
    let server = Server::start(&[]);
    let token = server.operator();
    let ways = [
        Upgrade::to("/ws/dashboard").with("Authorization", &format!("Bearer {token}")),
        Upgrade::to(format!("/ws/dashboard?token={token}")),
        Upgrade::to("/ws/dashboard")
            .with("Sec-WebSocket-Protocol", &format!("pilothouse.v1, bearer.{token}")),
    ];
    for way in &ways {
        let mut viewer = way.send(server.address()).unwrap();
        viewer.expect("connection:ack");
        viewer.expect("agent:list");
    }
    let mut viewer = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
    let info = json!({"userAgent": "test", "timezone": "UTC"});
    viewer.send(
        &json!({"type": "dashboard:connect", "payload": {"token": token, "clientInfo": info}}),
    );
    let first: Value = serde_json::from_str(&viewer.text()).unwrap();
    assert_eq!(first["type"], "connection:ack", "nothing is said before the token");
    viewer.expect("agent:list");
}

#[test]
fn bad_tokens_and_tokens_of_another_kind_are_refused_before_the_upgrade() {
    let server = Server::start(&[]);
    let agent = server.token(&Grant::Agent("agent-1".parse().unwrap()));
    let session = "s-1".parse().unwrap();
    let viewer = server.token(&Grant::Viewer { user: "ann".into(), session });
    let good = server.operator();
    for token in ["", "x", "a.b.c", &agent, &viewer, &good[..good.len() - 3]] {
        let refused = Upgrade::to(format!("/ws/dashboard?token={token}")).send(server.address());
        let (status, body) = refused.err().unwrap();
        assert_eq!(status, 401, "{token}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["error"].is_string());
    }
    let twice = Upgrade::to(format!("/ws/dashboard?token={good}&token={good}"));
    assert_eq!(status_of(&server, &twice), 401);
    assert_eq!(status_of(&server, &Upgrade::to("/ws/agent")), 401);
    assert_eq!(status_of(&server, &Upgrade::to(format!("/ws/agent?token={viewer}"))), 401);
}

#[test]
fn foreign_origins_and_hosts_are_refused_at_every_door() {
    let server = Server::start(&[("origins.allowed", "https://ops.example")]);
    let token = server.operator();
    for door in ["/ws/dashboard", "/ws/agent"] {
        let upgrade = Upgrade::to(format!("{door}?token={token}"));
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost.evil.example",
            "https://ops.example.evil",
        ] {
            assert_eq!(
                status_of(&server, &upgrade.clone().with("Origin", origin)),
                403,
                "{origin}"
            );
        }
        let own = upgrade.clone().with("Origin", "http://localhost");
        assert_eq!(status_of(&server, &own), 101);
        let allowed = upgrade.clone().with("Origin", "https://ops.example");
        assert_eq!(status_of(&server, &allowed), 101);
        let rebound = upgrade.with("Host", "evil.example");
        assert_eq!(status_of(&server, &rebound), 403);
    }
}

#[test]
fn other_paths_are_told_what_they_are() {
    let server = Server::start(&[]);
    assert_eq!(status_of(&server, &Upgrade::to("/ws/nothing")), 404);
    assert_eq!(server.get("/ws/dashboard").0, 426);
    assert_eq!(server.get("/nothing").0, 404);
    let (status, page) = server.get("/");
    assert_eq!(status, 200);
    assert!(page.contains("Pilothouse"));
    let (status, health) = server.get("/health");
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
}

#[test]
fn a_first_message_that_is_no_token_ends_the_connection() {
    let server = Server::start(&[("timing.auth_timeout", "400ms")]);
    let connect = |token: &str| {
        let info = json!({"userAgent": "test", "timezone": "UTC"});
        json!({"type": "dashboard:connect", "payload": {"token": token, "clientInfo": info}})
    };
    let heartbeat = json!({"type": "heartbeat", "payload": {"sequence": 1}});
    for (first, code) in [(connect("bad"), "AUTH_FAILED"), (heartbeat, "UNAUTHORIZED")] {
        let mut viewer = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
        viewer.send(&first);
        let error = viewer.expect("error");
        assert_eq!((&error["code"], &error["recoverable"]), (&json!(code), &json!(false)));
        assert_eq!(viewer.expect_close(), 1008);
    }
    let mut silent = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
    assert_eq!(silent.expect("error")["code"], "AUTH_FAILED");
    assert_eq!(silent.expect_close(), 1008);
}

#[test]
fn an_expired_token_ends_the_connection_unless_it_is_refreshed() {
    let server =
        Server::start(&[("timing.expiry_check", "100ms"), ("timing.expiry_grace", "300ms")]);
    let ann = Grant::Person { user: "ann".into(), role: Role::Operator };
    let short = server.short_token(&ann, Duration::from_secs(1));
    let connect = |token: &str| {
        let way = Upgrade::to(format!("/ws/dashboard?token={token}"));
        let mut viewer = way.send(server.address()).unwrap();
        viewer.expect("agent:list");
        viewer
    };
    let (mut careless, mut careful) = (connect(&short), connect(&short));
    careful.send(&json!({"type": "token:refresh", "payload": {"token": server.operator()}}));
    assert!(careful.expect("token:refreshed")["expiresAt"].is_u64());
    let error = careless.expect("error");
    assert_eq!((&error["code"], &error["recoverable"]), (&json!("AUTH_FAILED"), &json!(false)));
    assert_eq!(careless.expect_close(), 1008);
    careful.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    careful.expect("heartbeat");
    let bob = server.token(&Grant::Person { user: "bob".into(), role: Role::Admin });
    careful.send(&json!({"type": "token:refresh", "payload": {"token": bob}}));
    assert_eq!(careful.expect("error")["code"], "AUTH_FAILED");
    assert_eq!(careful.expect_close(), 1008);
}

#[test]
fn viewers_watch_and_do_not_command() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let token = server.token(&Grant::Person { user: "eve".into(), role: Role::Viewer });
    let way = Upgrade::to(format!("/ws/dashboard?token={token}"));
    let mut viewer = way.send(server.address()).unwrap();
    viewer.send(&request("agent-1", "touch /tmp/never"));
    assert_eq!(viewer.expect("error")["code"], "FORBIDDEN");
}

#[test]
fn proxies_may_upgrade_a_connection_that_they_used_before() {
    let server = Server::start(&[]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0);
        answer.extend_from_slice(&piece[..read]);
    }
    // A first message right behind the request must not be lost on the way from one server to the other.
    let mut first = BytesMut::new();
    let beat = json!({"type": "heartbeat", "payload": {"sequence": 3}}).to_string();
    frame::put_masked(&mut first, Opcode::Text, beat.as_bytes(), [1, 2, 3, 4]);
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let mut viewer = upgrade.send_on(stream, &first).unwrap();
    viewer.expect("agent:list");
    assert_eq!(viewer.expect("heartbeat"), json!({"sequence": 3}));
    let bad = TcpStream::connect(server.address()).unwrap();
    let refused = Upgrade::to("/ws/dashboard?token=bad").send_on(bad, &first);
    assert_eq!(refused.err().unwrap().0, 401);
}
