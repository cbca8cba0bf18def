//! `/health` counts who listens, and sockets that are only half open are found.

use nix::sys::socket::{setsockopt, sockopt::RcvBuf};
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    node::NodeProgram,
    program::Server,
    viewer::{Received, Upgrade},
};
use serde_json::{Value, json};

use super::{door, feed};

#[test]
fn health_has_the_fields_that_mission_control_reads() {
    let server = Server::start(&[]);
    let _dashboard = server.dashboard();
    let _feeds: Vec<_> = (0..3).map(|_| feed(&server)).collect();
    let bob = server.token(&Grant::Person { user: "bob".into(), role: Role::Viewer });
    let _bob = Upgrade::to(format!("/?token={bob}")).send(server.address()).unwrap();
    let health = server.wait_for_health(|health| health["websocket"]["connections"] == 4);
    assert_eq!(health["status"], "ok");
    assert_eq!(health["gateway"], "disabled");
    assert_eq!(health["config"], json!({"gatewayUrl": "", "useMockData": false}));
    let websocket = &health["websocket"];
    assert_eq!(
        (&websocket["status"], &websocket["connectedUsers"]),
        (&json!("running"), &json!(2))
    );
    let sockets = &health["sockets"];
    assert_eq!((&sockets["total"], &sockets["doors"]["dashboard"]), (&json!(5), &json!(1)));
    // Nothing else is in what mission control's documentation shows.
    assert_eq!(*websocket, json!({"status": "running", "connections": 4, "connectedUsers": 2}));
    let timestamp = health["timestamp"].as_str().unwrap();
    assert!(timestamp.ends_with('Z') && timestamp.as_bytes()[19] == b'.', "{timestamp}");
}

#[test]
fn fifty_clients_that_come_and_go_leave_nobody_behind() {
    let server = Server::start(&[]);
    let arguments = [&*door(&server), &*server.operator()];
    let mut node = NodeProgram::start("mission_control/cycles.mjs", &arguments);
    node.expect("done");
    assert!(node.finish());
}

#[test]
fn a_socket_without_an_answer_to_a_ping_is_dropped_by_the_next() {
    let server = Server::start(&[("timing.ping_interval", "500ms")]);
    let arguments = [&*door(&server), &*server.operator()];
    let mut deaf = NodeProgram::start("mission_control/deaf.mjs", &arguments);
    deaf.expect("open");
    assert_eq!(deaf.expect("close")["code"], 4000);
    let pings = deaf.seen.iter().filter(|line| line["what"] == "ping").count();
    assert_eq!(pings, 1, "{:?}", deaf.seen);
    server.wait_for_health(|health| health["websocket"]["connections"] == 0);
    // One that does answer stays.
    let mut header = NodeProgram::start("mission_control/header.mjs", &arguments);
    for _ in 0..4 {
        header.expect("ping");
    }
    assert!(header.seen.iter().all(|line| line["what"] != "close"), "{:?}", header.seen);
}

#[test]
fn the_path_of_the_door_shows_the_page_and_takes_every_client() {
    let server = Server::start(&[]);
    let page = http::send(server.address(), "GET /", &[]);
    assert_eq!(page.status, 200);
    assert!(page.head.contains("text/html"), "{page:?}");
    for path in ["/x", "/api/agents", "/ws/"] {
        let refused = Upgrade::to(format!("{path}?token={}", server.operator()));
        assert!(matches!(refused.send(server.address()), Err((404, _))), "{path}");
    }
    let refused = Upgrade::to("/").send(server.address()).err().expect("there is no token");
    let body: Value = serde_json::from_str(&refused.1).unwrap_or_default();
    assert_eq!(refused.0, 401, "{body}");
    let foreign = Upgrade::to(format!("/?token={}", server.operator()));
    let foreign = foreign.with("Origin", "https://elsewhere.example").send(server.address());
    assert!(matches!(foreign, Err((403, _))));
}

#[test]
fn who_reads_too_slowly_is_sent_away_and_delays_nobody() {
    let server = Server::start(&[("output.ring", "64 KiB")]);
    let mut slow = feed(&server);
    setsockopt(slow.stream(), RcvBuf, &4096).unwrap();
    let mut quick = feed(&server);
    let operator = server.operator();
    // Four bytes each. In all it is what the socket's buffers take, and more than the ring keeps behind that.
    let message = "\u{1f680}".repeat(200);
    for number in 0..900 {
        let session = format!("s{number}");
        let body = json!({"agentId": "a", "sessionId": session, "message": message});
        let answer = http::send_json(server.address(), "POST /api/activity", &operator, &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        quick.expect_that(|message| message["payload"]["sessionId"] == session);
    }
    let end = loop {
        match slow.receive() {
            Received::Text(_) => {}
            end => break end,
        }
    };
    assert_eq!(end, Received::Closed(1013, "read too slowly".into()));
}

#[test]
fn ending_a_users_sockets_ends_them_here_too() {
    let server = Server::start(&[]);
    let (mut ann, mut bob) = (feed(&server), {
        let bob = server.token(&Grant::Person { user: "bob".into(), role: Role::Viewer });
        Upgrade::to(format!("/?token={bob}")).send(server.address()).unwrap()
    });
    let root = server.token(&Grant::Person { user: "root".into(), role: Role::Admin });
    let request = "DELETE /api/v1/users/ann/sockets";
    let answer = http::send_json(server.address(), request, &root, &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(ann.expect_close(), 4001);
    let _agent = server.agent("agent-1");
    bob.expect_that(|message| message["type"] == "agent:status");
}
