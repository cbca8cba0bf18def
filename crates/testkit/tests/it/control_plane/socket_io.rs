//! The same conversation in Socket.IO, by every transport, and what stands in front of it.

use pilothouse_testkit::{
    http::{self, Answer},
    node::NodeProgram,
    program::request,
    viewer::{Received, Upgrade, Viewer},
};
use pilothouse_websocket::frame::Opcode;
use serde_json::{Value, json};

use super::{Bench, revoke, shows, subscribes};

fn front_end(bench: &Bench, transports: &str, token: &str) -> NodeProgram {
    let address = format!("http://{}", bench.server.address());
    let arguments = [&*address, transports, token, "agent-1", &bench.session];
    NodeProgram::start("control_plane/socket_io.mjs", &arguments)
}

fn completed(line: &Value) -> bool {
    line["what"] == "TASK_STATUS" && line["message"]["status"] == "COMPLETED"
}

/// Once polling has given way to a WebSocket.
fn upgraded(front: &mut NodeProgram) {
    if !front.seen.iter().any(|line| line["what"] == "upgrade") {
        front.expect("upgrade");
    }
}

#[test]
fn every_transport_holds_the_same_conversation() {
    let bench = Bench::start(&[]);
    for (transports, first) in
        [("polling", "polling"), ("websocket", "websocket"), ("polling,websocket", "polling")]
    {
        let mut front = front_end(&bench, transports, &bench.token());
        assert_eq!(front.expect("open")["transport"], first);
        front.expect("connect");
        assert_eq!(front.expect("automationStatus")["payload"]["status"], "connected");
        let greeting = front.expect("CONNECTION_STATUS");
        assert!(greeting["message"]["messageId"].as_str().unwrap().starts_with("conn-"));
        // Who is nobody yet may not join.
        assert_eq!(front.expect("ERROR")["message"]["code"], "SUBSCRIPTION_DENIED");
        front.expect("PONG");
        front.expect("AUTHENTICATED");
        front.expect("SESSION_STATUS");
        front.expect("SUBSCRIBED");
        if transports.contains(',') {
            upgraded(&mut front);
        }
        bench.run("echo working");
        let start = front.expect("automationUpdate")["payload"].clone();
        assert_eq!(
            (&start["type"], &start["command"]),
            (&json!("automation_start"), &json!("echo working"))
        );
        front.expect_that(|line| {
            line["what"] == "automationUpdate" && line["payload"]["type"] == "automation_complete"
        });
        if !front.seen.iter().any(completed) {
            front.expect_that(completed);
        }
        assert!(front.finish());
    }
    // Each of them says six things, and hears more.
    let series = |name: &str| format!("pilothouse_{name}_total{{door=\"socket_io\"}}");
    bench.server.wait_for_metric(&series("messages_received"), 18);
    let metrics = bench.server.metrics();
    assert_eq!(metrics[&series("connections_opened")], 3);
    assert!(metrics[&series("messages_sent")] > 18, "{metrics:?}");
}

#[test]
fn results_stay_in_their_sessions_room() {
    let bench = Bench::start(&[]);
    let mut one = front_end(&bench, "websocket", &bench.token());
    one.expect("SUBSCRIBED");
    let mut two = front_end(&bench, "polling", &bench.server.operator());
    two.expect("SUBSCRIBED");
    let update = one.expect("automation:update")["payload"].clone();
    assert_eq!((&update["type"], &update["result"]["from"]), (&json!("result"), &json!("polling")));
    let mut stranger = front_end(&bench, "websocket", "bad");
    assert_eq!(stranger.expect("ERROR")["message"]["code"], "SUBSCRIPTION_DENIED");
    let is_refused = |line: &Value| line["message"]["code"] == "INVALID_TOKEN";
    stranger.expect_that(is_refused);
    bench.run("true");
    two.expect_that(completed);
    let is_told = |line: &Value| line["what"].as_str().unwrap_or_default().contains("TASK");
    assert!(!stranger.seen.iter().any(is_told), "{:#?}", stranger.seen);
}

#[test]
fn front_ends_come_back_after_a_restart_and_not_after_a_revocation() {
    let mut bench = Bench::start(&[]);
    let token = bench.token();
    let mut front = front_end(&bench, "websocket", &token);
    front.expect("SUBSCRIBED");
    bench.server.restart();
    let gone = front.expect("disconnect");
    assert!(["transport close", "transport error"].contains(&gone["reason"].as_str().unwrap()));
    front.expect("connect");
    front.expect("SUBSCRIBED");
    assert_eq!(revoke(&bench.server, &token), json!({"closed": 1}));
    front.expect_that(|line| {
        let error = line["message"]["error"].as_str().unwrap_or_default();
        line["what"] == "ERROR" && error.starts_with("SESSION_REVOKED")
    });
    assert_eq!(front.expect("disconnect")["reason"], "io server disconnect");
}

#[test]
fn a_client_that_upgrades_in_a_flood_misses_no_line_unsaid() {
    let bench = Bench::start(&[]);
    bench.run("sleep 1; seq 1 200000; echo over");
    let mut front = front_end(&bench, "polling,websocket", &bench.token());
    upgraded(&mut front);
    front.expect_that(completed);
    let levels = |level: &str| {
        let logs = front.seen.iter().filter(|line| line["what"] == "TASK_LOGS");
        logs.filter(|line| line["message"]["logLevel"] == level).count()
    };
    let lines = front.seen.iter().filter(|line| line["what"] == "TASK_LOGS");
    let lines: Vec<u32> = lines
        .flat_map(|line| line["message"]["logs"].as_array().unwrap())
        .filter_map(|line| line.as_str()?.parse().ok())
        .collect();
    assert!(lines.is_sorted(), "in order, whichever transport");
    let holes = lines.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert!(holes <= levels("warn"), "{holes} holes, of which {} were told", levels("warn"));
}

#[test]
fn strangers_origins_and_broken_requests_are_refused() {
    let bench = Bench::start(&[]);
    let path = "/ws/socket.io/?EIO=4&transport=";
    let get = |transport: &str, fields: &[(&str, &str)]| {
        http::send(bench.server.address(), &format!("GET {path}{transport}"), fields).status
    };
    let evil = [("Origin", "https://evil.example")];
    assert_eq!((get("polling", &evil), get("polling", &[])), (403, 200));
    let upgrade = Upgrade::to(format!("{path}websocket"));
    let refused = upgrade.clone().with("Origin", "https://evil.example");
    assert_eq!(refused.send(bench.server.address()).err().unwrap().0, 403);
    assert!(upgrade.send(bench.server.address()).is_ok());
    let answer =
        http::send(bench.server.address(), "GET /ws/socket.io/?EIO=3&transport=polling", &[]);
    assert_eq!(answer.status, 400);
    let unknown = format!("GET {path}polling&sid=AAAAAAAAAAAAAAAA");
    assert_eq!(http::send(bench.server.address(), &unknown, &[]).status, 400);
    assert_eq!(http::send(bench.server.address(), "GET /ws/socket.iox/", &[]).status, 404);
}

#[test]
fn an_allowed_page_of_elsewhere_may_read_what_it_polls() {
    let page = "https://ops.example";
    let bench = Bench::start(&[("origins.allowed", page)]);
    let path = "/ws/socket.io/?EIO=4&transport=polling";
    let ask = |method: &str, fields: &[(&str, &str)]| {
        http::send(bench.server.address(), &format!("{method} {path}"), fields)
    };
    let allows = |answer: &Answer, field: &str| {
        let head = answer.head.to_ascii_lowercase();
        head.lines().any(|line| line == field)
    };
    let answer = ask("GET", &[("Origin", page)]);
    let origin = format!("access-control-allow-origin: {page}");
    assert!(answer.status == 200 && allows(&answer, &origin), "{answer:?}");
    assert!(allows(&answer, "vary: origin") && answer.body.starts_with('0'), "{answer:?}");
    let wish = [
        ("Origin", page),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "x-own"),
    ];
    let answer = ask("OPTIONS", &wish);
    assert!(answer.status == 204 && allows(&answer, &origin), "{answer:?}");
    assert!(allows(&answer, "access-control-allow-headers: x-own"), "{answer:?}");
    let foreign = ask("OPTIONS", &[("Origin", "https://evil.example"), wish[1]]);
    assert!(foreign.status == 403 && !foreign.head.contains("ccess-"), "{foreign:?}");
    let metrics = http::send(bench.server.address(), "GET /metrics", &[]).body;
    assert!(metrics.contains("connections_open{door=\"socket_io\"} 0"), "nobody joined");
}

#[test]
fn one_address_begins_only_so_many_sessions() {
    let bench = Bench::start(&[("limits.pending_per_address", "20")]);
    let begin = || {
        let get = "GET /ws/socket.io/?EIO=4&transport=polling";
        http::send(bench.server.address(), get, &[]).status
    };
    let statuses: Vec<u16> = (0..30).map(|_| begin()).collect();
    assert!(statuses[0] == 200 && statuses[29] == 503, "{statuses:?}");
}

/// A client that speaks Engine.IO by hand, so that it can stop to read.
fn by_hand(bench: &Bench) -> Viewer {
    let upgrade = Upgrade::to("/ws/socket.io/?EIO=4&transport=websocket");
    let mut client = upgrade.send(bench.server.address()).unwrap();
    assert!(client.receive_that(|text| text.starts_with('0')));
    client.send_raw(Opcode::Text, b"40");
    assert!(client.receive_that(|text| text.starts_with("40")));
    for message in [shows(&bench.token(), "agent-1"), subscribes("SESSION", &bench.session)] {
        client.send_raw(Opcode::Text, format!("42{}", json!(["message", message])).as_bytes());
    }
    assert!(client.receive_that(|text| text.contains(r#""SUBSCRIBED""#)));
    client
}

#[test]
fn a_slow_reader_costs_little_and_learns_how_it_ended() {
    let bench = Bench::start(&[]);
    let mut slow = by_hand(&bench);
    bench.server.reset_peak();
    let mut dashboard = bench.server.dashboard();
    dashboard.send(&request("agent-1", "seq 1 3000000; echo over"));
    dashboard.expect_status("completed");
    assert!(slow.receive_that(|text| text.contains(r#""status":"COMPLETED""#)));
    assert!(bench.server.peak_kib() < 300_000, "{} KiB", bench.server.peak_kib());
}

#[test]
fn a_flood_of_events_is_thrown_away_and_said_to_be() {
    let bench = Bench::start(&[]);
    let mut client = by_hand(&bench);
    let ping = format!("42{}", json!(["message", {"type": "PING"}]));
    for _ in 0..3000 {
        client.send_raw(Opcode::Text, ping.as_bytes());
    }
    assert!(client.receive_that(|text| text.contains("QUEUE_OVERFLOW")));
    let large =
        format!("42{}", json!(["message", {"type": "PING", "padding": "x".repeat(70_000)}]));
    client.send_raw(Opcode::Text, large.as_bytes());
    let is_over = |received: &Received| matches!(received, Received::Closed(..) | Received::Ended);
    while !is_over(&client.receive()) {}
}
