//! Producers that send anything but pictures: viewers see none of it, and the server stays as it is.

use std::{io::Write, thread};

use pilothouse_testkit::{
    program::Server,
    viewer::{Received, Upgrade, Viewer},
};
use pilothouse_websocket::frame::Opcode;
use serde_json::{Value, json};

use super::{frame, next, producer, shown, status, viewer};

/// Everything a viewer of events is told until that picture, without the pictures.
fn told_until(viewer: &mut Viewer, picture: &Value) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let message = next(viewer);
        if message["data"] == picture["data"] {
            return told;
        }
        told.push(message);
    }
}

#[test]
fn garbage_and_control_messages_reach_nobody() {
    let server = Server::start(&[]);
    let (mut plain, mut curious) =
        (viewer(&server, "s-1", ""), viewer(&server, "s-1", "&events=1"));
    let mut worker = producer(&server, "s-1");
    for control in ["AUTHENTICATE", "status", "control", "tabs", "watchers", "error", "clipboard"] {
        worker.send(&json!({"type": control, "sessionToken": "x", "message": "<script>"}));
    }
    for garbage in [
        "",
        "ping",
        "[1,2]",
        "{\"type\":\"frame\"}",
        "\u{0}",
        "{\"type\":\"frame\",\"data\":\"<\"}",
    ] {
        worker.send_raw(Opcode::Text, garbage.as_bytes());
        worker.send_raw(Opcode::Binary, garbage.as_bytes());
    }
    worker.send_raw(Opcode::Binary, &[0xff; 5000]);
    let is_bad = |told: &Value| told["reason"] == "the producer sent something that is no picture";
    let mut told = vec![next(&mut curious)];
    while !told.last().is_some_and(is_bad) {
        told.push(next(&mut curious));
    }
    worker.send(&frame(1));
    assert_eq!(next(&mut plain), shown("s-1", &frame(1)), "the first thing that it is told");
    told.extend(told_until(&mut curious, &frame(1)));
    let kinds: Vec<_> = told.iter().map(|message| message["type"].as_str().unwrap()).collect();
    let known = ["control", "status", "tabs", "watchers"];
    assert!(kinds.iter().all(|kind| known.contains(kind)), "{told:?}");
    assert!(!format!("{told:?}").contains("<script>"), "{told:?}");
    let metrics = server.metrics();
    assert_eq!(metrics["pilothouse_pictures_ignored_total{kind=\"other_type\"}"], 7);
    assert_eq!(metrics["pilothouse_pictures_ignored_total{kind=\"malformed\"}"], 13);
}

#[test]
fn what_is_too_large_ends_the_producer_and_viewers_are_told_why() {
    let server = Server::start(&[]);
    let mut curious = viewer(&server, "s-1", "&events=1");
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(1));
    status(&mut curious, |status| status["live"] == true);
    let before = server.resident_kib();
    // Without a token a message of 2 MB is too much; that it would be one of 100 MB is only said.
    let mut head = vec![0x81, 0xff];
    head.extend_from_slice(&(100_u64 << 20).to_be_bytes());
    head.extend_from_slice(&[1, 2, 3, 4]);
    worker.send_bytes(&head);
    assert_eq!(worker.expect_close(), 1009);
    let over = status(&mut curious, |status| status["live"] == false);
    assert_eq!(over["reason"], "the producer sent more than a picture may be");
    assert!(server.resident_kib() < before + 20_000, "nothing was kept for it");
}

#[test]
fn a_picture_as_large_as_it_may_be_comes_through_with_a_token() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "");
    let data = "A".repeat((16 << 20) - 200);
    let large = json!({"type": "frame", "data": data, "timestamp": null}).to_string();
    let token = server.operator();
    let mut worker =
        Upgrade::to(format!("/ws/stream/s-1?token={token}")).send(server.address()).unwrap();
    let sender = thread::spawn(move || {
        worker.send_raw(Opcode::Text, large.as_bytes());
        worker
    });
    let seen = next(&mut watched);
    assert_eq!(seen["data"].as_str().unwrap().len(), data.len());
    drop(sender.join().unwrap());
}

#[test]
fn half_a_picture_is_none_and_silence_is_told() {
    let server = Server::start(&[("timing.heartbeat_timeout", "2s")]);
    let mut curious = viewer(&server, "s-1", "&events=1");
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(1));
    status(&mut curious, |status| status["live"] == true);
    let whole = frame(2).to_string();
    let mut half = vec![0x81, 0x80 | u8::try_from(whole.len()).unwrap(), 0, 0, 0, 0];
    half.extend_from_slice(&whole.as_bytes()[..whole.len() / 2]);
    worker.stream().write_all(&half).unwrap();
    // It neither goes on nor leaves nor answers pings.
    let over = status(&mut curious, |status| status["live"] == false);
    assert_eq!(over["reason"], "the producer was silent for too long");
    worker.be_mute();
    assert!(matches!(worker.receive(), Received::Closed(4000, _)));
    let mut late = viewer(&server, "s-1", "");
    assert_eq!(next(&mut late), shown("s-1", &frame(1)), "not the half one");
}
