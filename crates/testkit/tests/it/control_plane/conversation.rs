//! What services see of a session's work, and what they do not.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::node::NodeProgram;
use serde_json::{Value, json};

use super::{Bench, connect, expect_task, make_session, next, session_grant, shows, subscribes};

#[test]
fn a_command_of_a_dashboard_is_a_task_for_a_service_on_npms_ws() {
    let bench = Bench::start(&[]);
    let address = format!("ws://{}/ws", bench.server.address());
    let token = bench.token();
    let arguments = [&*address, &token, "agent-1", &bench.session];
    let mut service = NodeProgram::start("control_plane/ws.mjs", &arguments);
    let first = service.expect_that(|line| line["what"] != "open");
    assert_eq!((&first["what"], &first["isBinary"]), (&json!("CONNECTION_STATUS"), &json!(false)));
    let second = service.expect_that(|_| true);
    assert_eq!(second["message"]["messageId"], "auth-1");
    let status = service.expect("SESSION_STATUS")["message"].clone();
    assert_eq!((&status["sessionId"], &status["isActive"]), (&json!(bench.session), &json!(true)));
    assert!((110..=120).contains(&status["timeRemaining"].as_u64().unwrap()), "{status}");
    assert_eq!(service.expect("SUBSCRIBED")["message"]["messageId"], "sub-1");
    assert_eq!(service.expect("PONG")["message"]["messageId"], "ping-1");
    bench.run("echo working; echo trouble >&2; exit 3");
    let of = |line: &Value, kind: &str, field: &str, value: &Value| {
        line["what"] == kind && line["message"][field] == *value
    };
    let pending = service.expect_that(|line| of(line, "TASK_STATUS", "status", &json!("PENDING")));
    let task = pending["message"]["taskId"].clone();
    service.expect_that(|line| of(line, "TASK_STATUS", "status", &json!("PROCESSING")));
    service.expect_that(|line| of(line, "TASK_PROGRESS", "progress", &json!(0)));
    service.expect_that(|line| of(line, "TASK_PROGRESS", "progress", &json!(100)));
    let failed = service.expect_that(|line| of(line, "TASK_STATUS", "status", &json!("FAILED")));
    assert_eq!(failed["message"]["taskId"], task);
    assert_eq!(failed["message"]["metadata"]["error"], "exited with 3");
    let told = |level: &str, text: &str| {
        let logs =
            service.seen.iter().filter(|line| of(line, "TASK_LOGS", "logLevel", &json!(level)));
        logs.flat_map(|line| line["message"]["logs"].as_array().unwrap()).any(|line| line == text)
    };
    assert!(told("info", "working") && told("error", "trouble"), "{:#?}", service.seen);
    assert!(service.finish());
}

#[test]
fn a_sessions_token_opens_its_own_session_and_nothing_else() {
    let bench = Bench::start(&[]);
    let _other = bench.server.agent("agent-2");
    let sibling = make_session(&bench.server, "agent-1");
    let foreign = make_session(&bench.server, "agent-2");
    let mut service = bench.service(&bench.token());
    for (kind, target) in
        [("SESSION", &*sibling), ("SESSION", &foreign), ("AGENT", "agent-2"), ("TASK", "nothing")]
    {
        service.send(&subscribes(kind, target));
        assert_eq!(next(&mut service, "ERROR")["code"], "SUBSCRIPTION_DENIED", "{kind} {target}");
    }
    let mut stranger = connect(&bench.server);
    let gone = bench.server.token(&session_grant("gone", "agent-1"));
    let mixed = bench.server.token(&session_grant(&foreign, "agent-1"));
    let viewer = bench
        .server
        .token(&Grant::Viewer { user: "ann".into(), session: bench.session.parse().unwrap() });
    let agent = bench.server.agent_token("agent-1");
    for (token, of, code) in [
        (&bench.token(), "agent-2", "INVALID_TOKEN"),
        (&gone, "agent-1", "INVALID_SESSION"),
        (&mixed, "agent-1", "INVALID_SESSION"),
        (&viewer, "agent-1", "INVALID_TOKEN"),
        (&agent, "agent-1", "INVALID_TOKEN"),
        (&"a.b.c".to_owned(), "agent-1", "INVALID_TOKEN"),
    ] {
        stranger.send(&shows(token, of));
        assert_eq!(next(&mut stranger, "ERROR")["code"], code);
        stranger.send(&subscribes("SESSION", &bench.session));
        assert_eq!(next(&mut stranger, "ERROR")["code"], "AUTH_REQUIRED");
    }
    // After all of these, a good one is still taken.
    let person = bench.server.token(&Grant::Person { user: "vic".into(), role: Role::Viewer });
    stranger.send(&shows(&person, "agent-1"));
    next(&mut stranger, "AUTHENTICATED");
    stranger.send(&subscribes("AGENT", "agent-2"));
    next(&mut stranger, "SUBSCRIBED");
}

#[test]
fn a_token_in_the_handshake_has_to_be_good_too() {
    let bench = Bench::start(&[]);
    let status = |token: &str| {
        let upgrade = pilothouse_testkit::viewer::Upgrade::to(format!("/ws?token={token}"));
        upgrade.send(bench.server.address()).map_or_else(|(status, _)| status, |_| 101)
    };
    assert_eq!((status("bad"), status(&bench.token())), (401, 101));
}

#[test]
fn a_reader_that_was_away_for_a_flood_learns_how_it_ended() {
    let bench = Bench::start(&[]);
    let mut service = bench.service(&bench.token());
    service.send(&subscribes("SESSION", &bench.session));
    next(&mut service, "SUBSCRIBED");
    bench.server.reset_peak();
    let mut dashboard = bench.server.dashboard();
    dashboard.send(&pilothouse_testkit::program::request("agent-1", "seq 1 3000000; echo over"));
    dashboard.expect_status("completed");
    expect_task(&mut service, "COMPLETED");
    assert!(bench.server.peak_kib() < 300_000, "{} KiB", bench.server.peak_kib());
    bench.run("true");
    expect_task(&mut service, "COMPLETED");
}

#[test]
fn a_flood_of_messages_is_answered_to_the_last() {
    let bench = Bench::start(&[("limits.messages_per_second", "200")]);
    let mut service = bench.service(&bench.token());
    for number in 0..600 {
        service.send(&json!({"type": "PING", "messageId": number.to_string()}));
    }
    for number in 0..600 {
        assert_eq!(next(&mut service, "PONG")["messageId"], number.to_string());
    }
}
