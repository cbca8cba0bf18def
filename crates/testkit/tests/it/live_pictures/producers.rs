//! Who may bring pictures, and who gives way to whom.

use pilothouse_core::Role;
use pilothouse_testkit::{
    http,
    program::Server,
    terminal,
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{
    frame, next, person, producer, producer_with, shown, status, view_of, viewer, worker_of,
};

fn ending(producer: &mut Viewer) -> (u16, String) {
    match producer.receive() {
        Received::Closed(code, reason) => (code, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bad_tokens_and_wrong_sessions_are_told_after_the_upgrade() {
    let server = Server::start(&[]);
    let ends = |stream: &str, token: &str| ending(&mut producer_with(&server, stream, token));
    let invalid_token = (4002, "Invalid token".to_owned());
    let invalid_session = (4003, "Invalid session".to_owned());
    assert_eq!(ends("s-1", "nonsense"), invalid_token);
    assert_eq!(ends("s-1", &server.token(&view_of("s-1"))), invalid_token);
    assert_eq!(ends("s-1", &server.token(&person("ann", Role::Viewer))), invalid_token);
    assert_eq!(ends("s-1", &server.token(&worker_of("s-2"))), invalid_session);
    assert_eq!(ending(&mut producer(&server, "s%2F1")), invalid_session);
    let header = Upgrade::to("/ws/stream/s-1").with("Authorization", "Bearer nonsense");
    assert_eq!(ending(&mut header.send(server.address()).unwrap()), invalid_token);
}

#[test]
fn an_agent_brings_pictures_of_its_own_sessions_only() {
    let server = Server::start(&[]);
    let _agent = server.agent("a-1");
    let session = terminal::session(&server, "/tmp");
    let mut watched = viewer(&server, &session, "");
    let mut own = producer_with(&server, &session, &server.agent_token("a-1"));
    own.send(&frame(1));
    assert_eq!(next(&mut watched), shown(&session, &frame(1)));
    let mut other = producer_with(&server, &session, &server.agent_token("a-2"));
    assert_eq!(ending(&mut other).0, 4003);
    let mut unknown = producer_with(&server, "s-unknown", &server.agent_token("a-1"));
    assert_eq!(ending(&mut unknown).0, 4003);
    own.send(&frame(2));
    assert_eq!(next(&mut watched), shown(&session, &frame(2)), "nobody took its place");
}

#[test]
fn tokens_can_be_demanded_of_producers() {
    let server = Server::start(&[("streams.require_token", "true")]);
    assert_eq!(ending(&mut producer(&server, "s-1")), (4002, "Invalid token".to_owned()));
    let mut watched = viewer(&server, "s-1", "");
    producer_with(&server, "s-1", &server.operator()).send(&frame(1));
    assert_eq!(next(&mut watched), shown("s-1", &frame(1)));
}

#[test]
fn without_a_token_nobody_displaces_anybody_and_with_one_the_newest_counts() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "&events=1");
    let mut first = producer(&server, "s-1");
    first.send(&frame(1));
    status(&mut watched, |status| status["live"] == true);
    let occupied = (1013, "the stream has a producer".to_owned());
    assert_eq!(ending(&mut producer(&server, "s-1")), occupied);
    let token = server.token(&worker_of("s-1"));
    let mut second = producer_with(&server, "s-1", &token);
    assert_eq!(ending(&mut first).0, 4009);
    second.send(&frame(2));
    let is = |number| move |message: &serde_json::Value| message["data"] == frame(number)["data"];
    watched.expect_that(is(2));
    assert_eq!(ending(&mut producer(&server, "s-1")), occupied);
    // The same worker comes back while its old connection hangs half open.
    let mut third = producer_with(&server, "s-1", &token);
    third.send(&frame(3));
    watched.expect_that(is(3));
    second.send(&frame(4));
    assert_eq!(ending(&mut second).0, 4009);
    drop(third);
    let over = status(&mut watched, |status| status["live"] == false);
    assert_eq!(over["reason"], "the connection to the producer was lost");
    assert_eq!(server.metrics()["pilothouse_picture_producers"], 0);
}

#[test]
fn without_tokens_there_are_only_so_many_streams_and_few_from_one_address() {
    let server = Server::start(&[("streams.open_per_address", "3"), ("streams.keep_for", "1s")]);
    let mut in_place: Vec<_> =
        (0..3).map(|number| producer(&server, &format!("s-{number}"))).collect();
    server.wait_for_metric("pilothouse_picture_producers", 3);
    assert_eq!(ending(&mut producer(&server, "s-9")).0, 1013);
    let with_token = producer_with(&server, "s-10", &server.operator());
    server.wait_for_metric("pilothouse_picture_producers", 4);
    drop(in_place.pop());
    server.wait_for_metric("pilothouse_picture_producers", 3);
    let _next = producer(&server, "s-9");
    server.wait_for_metric("pilothouse_picture_producers", 4);
    drop((in_place, with_token));
    // Those that nobody brings or sees are forgotten after a while.
    server.wait_for_metric("pilothouse_picture_streams", 1);
}

#[test]
fn a_new_stream_takes_the_place_of_one_that_was_left() {
    let server = Server::start(&[("streams.open_max", "2")]);
    for number in 0..6 {
        let mut worker = producer(&server, &format!("s-{number}"));
        worker.send(&frame(number));
        server.wait_for_metric("pilothouse_pictures_received_total", number + 1);
        drop(worker);
        server.wait_for_metric("pilothouse_picture_producers", 0);
    }
    assert_eq!(server.metrics()["pilothouse_picture_streams"], 2);
    assert_eq!(next(&mut viewer(&server, "s-5", "")), shown("s-5", &frame(5)));
}

#[test]
fn whoever_asks_is_told_of_each_picture_that_was_taken() {
    let server = Server::start(&[]);
    let mut asking = Upgrade::to("/ws/stream/s-1?ack=1").send(server.address()).unwrap();
    for number in 1..=3 {
        asking.send(&frame(number));
        assert_eq!(next(&mut asking), json!({"type": "ack", "seq": number}));
    }
    let mut numbered = frame(4);
    numbered["seq"] = json!(400);
    asking.send(&json!({"type": "AUTHENTICATE", "sessionToken": "x", "agentId": "y"}));
    asking.send(&numbered);
    assert_eq!(next(&mut asking), json!({"type": "ack", "seq": 400}), "and of nothing else");
    assert_eq!(server.metrics()["pilothouse_pictures_ignored_total{kind=\"other_type\"}"], 1);
}

#[test]
fn whoever_may_do_less_brings_no_pictures_any_more_and_goes_on_watching() {
    let server = Server::start(&[]);
    let root = server.token(&person("root", Role::Admin));
    let ask = |request: &str, token: &str, body: &Value| {
        http::send_json(server.address(), request, token, body)
    };
    let account = json!({"username": "ada", "password": "correct horse", "role": "admin"});
    assert_eq!(ask("POST /api/users", &root, &account).status, 201);
    let entry = json!({"username": "ada", "password": "correct horse"});
    let entry = ask("POST /api/auth/login", "", &entry).json();
    let token = entry["token"].as_str().unwrap();
    let becomes = |role: &str| {
        let answer = ask("PUT /api/users/ada/role", &root, &json!({ "role": role }));
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let _agent = server.agent("a-1");
    let session = terminal::session(&server, "/tmp");
    let made = ask("POST /api/auth/token", token, &json!({ "sessionId": session })).json();
    let made = made["token"].as_str().unwrap();
    let mut by_session = producer_with(&server, &session, made);
    let mut own = producer_with(&server, "s-1", token);
    let mut watched =
        Upgrade::to(format!("/ws/view/s-1?token={token}")).send(server.address()).unwrap();
    own.send(&frame(1));
    assert_eq!(next(&mut watched), shown("s-1", &frame(1)));
    becomes("operator");
    own.send(&frame(2));
    assert_eq!(next(&mut watched), shown("s-1", &frame(2)), "an operator may as well");
    becomes("viewer");
    assert_eq!(ending(&mut own).0, 4001);
    assert_eq!(ending(&mut by_session).0, 4001);
    for (stream, token) in [("s-1", token), (&*session, made)] {
        assert_eq!(ending(&mut producer_with(&server, stream, token)).0, 4002);
    }
    producer_with(&server, "s-1", &server.operator()).send(&frame(3));
    assert_eq!(next(&mut watched), shown("s-1", &frame(3)));
}
