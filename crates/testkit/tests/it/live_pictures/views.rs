//! What viewers see, as they asked for it, and who is let in.

use std::time::Duration;

use pilothouse_core::Role;
use pilothouse_testkit::{
    http,
    program::Server,
    viewer::{Received, Upgrade},
    waiting::wait_until,
};
use serde_json::{Value, json};

use super::{
    frame, next, person, producer, producer_with, shown, status, view_of, viewer, watching,
    worker_of,
};

#[test]
fn many_viewers_see_each_picture_as_text_with_four_fields() {
    let server = Server::start(&[]);
    let mut viewers: Vec<_> = (0..5).map(|_| viewer(&server, "s-1", "")).collect();
    let mut worker = producer(&server, "s-1");
    for number in 1..=3 {
        worker.send(&frame(number));
        for viewer in &mut viewers {
            assert_eq!(next(viewer), shown("s-1", &frame(number)));
        }
    }
    let metrics = server.metrics();
    assert_eq!(metrics["pilothouse_pictures_received_total"], 3);
    assert_eq!(metrics["pilothouse_pictures_forwarded_total"], 15);
    assert_eq!(metrics["pilothouse_picture_viewers"], 5);
    assert_eq!(metrics["pilothouse_picture_producers"], 1);
}

#[test]
fn whoever_comes_late_sees_the_last_picture_at_once_also_when_nobody_brings_any() {
    let server = Server::start(&[]);
    let mut early = viewer(&server, "s-1", "");
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(7));
    assert_eq!(next(&mut early), shown("s-1", &frame(7)));
    assert_eq!(next(&mut viewer(&server, "s-1", "")), shown("s-1", &frame(7)));
    drop(worker);
    server.wait_for_metric("pilothouse_picture_producers", 0);
    assert_eq!(next(&mut viewer(&server, "s-1", "")), shown("s-1", &frame(7)));
}

#[test]
fn one_viewer_that_leaves_takes_nothing_from_the_others() {
    let server = Server::start(&[]);
    let (first, mut second) = (viewer(&server, "s-1", ""), viewer(&server, "s-1", ""));
    let mut worker = producer(&server, "s-1");
    drop(first);
    server.wait_for_metric("pilothouse_picture_viewers", 1);
    worker.send(&frame(1));
    assert_eq!(next(&mut second), shown("s-1", &frame(1)));
}

#[test]
fn a_view_takes_a_token_that_is_for_it() {
    let server = Server::start(&[]);
    let refused = |target: &str| Upgrade::to(target).send(server.address()).err().unwrap().0;
    assert_eq!(refused("/ws/view/s-1"), 401);
    assert_eq!(refused("/ws/view/s-1?token=nonsense"), 401);
    let token = |grant| server.token(&grant);
    for foreign in [token(view_of("s-2")), token(worker_of("s-2")), server.agent_token("a-1")] {
        assert_eq!(refused(&format!("/ws/view/s-1?token={foreign}")), 401);
    }
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(1));
    for good in [
        token(view_of("s-1")),
        token(worker_of("s-1")),
        token(person("ann", Role::Viewer)),
        token(person("bob", Role::Admin)),
    ] {
        let target = format!("/ws/view/s-1?token={good}");
        let mut viewer = Upgrade::to(target).send(server.address()).unwrap();
        assert_eq!(next(&mut viewer), shown("s-1", &frame(1)));
    }
    let odd = format!("/ws/view/s.1?token={}", watching(&server));
    let mut odd = Upgrade::to(odd).send(server.address()).unwrap();
    assert_eq!(odd.receive(), Received::Closed(4003, "Invalid session".into()));
}

#[test]
fn a_token_that_expires_or_is_revoked_ends_the_view() {
    let server = Server::start(&[("timing.expiry_check", "50ms")]);
    let short = server.short_token(&view_of("s-1"), Duration::from_secs(2));
    let target = format!("/ws/view/s-1?token={short}&events=1");
    let mut short = Upgrade::to(target).send(server.address()).unwrap();
    let error = short.expect_that(|message| message["type"] == "error");
    assert_eq!(error["code"], "TOKEN_EXPIRED");
    assert_eq!(short.expect_close(), 4001);

    let mut watched = viewer(&server, "s-1", "");
    let admin = server.token(&person("root", Role::Admin));
    let answer =
        http::send_json(server.address(), "DELETE /api/v1/users/wim/sockets", &admin, &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(watched.expect_close(), 4001);
}

#[test]
fn who_asks_for_events_hears_how_the_stream_is_and_who_watches() {
    let server = Server::start(&[]);
    let mut viewer = viewer(&server, "s-1", "&events=1");
    let first = next(&mut viewer);
    assert_eq!(
        first,
        json!({
            "type": "status", "sessionId": "s-1", "live": false,
            "reason": "nobody brings pictures", "recording": false,
        })
    );
    assert_eq!(next(&mut viewer), json!({"type": "tabs", "tabs": []}), "there is no browser");
    let watchers = viewer.expect_that(|message| message["type"] == "watchers");
    assert_eq!(watchers["watchers"], json!([{"name": "wim", "role": "viewer", "connections": 1}]));
    let mut worker = producer(&server, "s-1");
    let mut picture = frame(1);
    picture["seq"] = json!(41);
    picture["metadata"] = json!({"deviceWidth": 800.0, "deviceHeight": 600.0});
    worker.send(&picture);
    let live = status(&mut viewer, |status| status["live"] == true);
    assert_eq!((&live["viewportWidth"], &live["viewportHeight"]), (&json!(800.0), &json!(600.0)));
    let seen = viewer.expect_that(|message| message["type"] == "frame");
    assert_eq!((&seen["seq"], &seen["metadata"]), (&json!(41), &picture["metadata"]));
    viewer.send(&json!({"type": "status"}));
    status(&mut viewer, |status| status["live"] == true);
    let mut guest = Upgrade::to(format!("/ws/view/s-1?token={}", server.token(&view_of("s-1"))))
        .send(server.address())
        .unwrap();
    let both = viewer.expect_that(|message| {
        message["watchers"].as_array().is_some_and(|watchers| watchers.len() == 2)
    });
    assert_eq!(both["watchers"][0]["name"], "guest");
    drop(worker);
    let over = status(&mut viewer, |status| status["live"] == false);
    assert_eq!(over["reason"], "the connection to the producer was lost");
    let plain = next(&mut guest);
    assert_eq!(plain, shown("s-1", &picture), "and never anything else");
}

#[test]
fn binary_viewers_get_heads_and_bytes() {
    let server = Server::start(&[]);
    let mut viewer = viewer(&server, "s-1", "&binary=1");
    let mut worker = producer(&server, "s-1");
    let mut picture = frame(1);
    picture["seq"] = json!(9);
    worker.send(&picture);
    let message = viewer.binary();
    let (length, rest) = message.split_first_chunk().unwrap();
    let (head, content) = rest.split_at(u32::from_le_bytes(*length) as usize);
    let head: Value = serde_json::from_slice(head).unwrap();
    assert_eq!(
        head,
        json!({
            "type": "frame", "sessionId": "s-1", "timestamp": 1.5, "seq": 9, "mime": "image/jpeg",
        })
    );
    assert_eq!(content, [0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 1]);
}

#[test]
fn a_session_that_is_shown_is_ready_and_is_not_when_its_producer_left() {
    let server = Server::start(&[]);
    let token = server.token(&worker_of("s-1"));
    let mut worker = producer_with(&server, "s-1", &token);
    let ready = || {
        let path = "GET /api/session-status?session=s-1";
        http::send_json(server.address(), path, &server.operator(), &Value::Null).json()
    };
    worker.send(&frame(1));
    wait_until("the session is ready", || ready()["ready"] == true);
    drop(worker);
    wait_until("it is not any more", || ready()["ready"] == false);
}
