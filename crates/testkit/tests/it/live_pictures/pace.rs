//! How fast viewers get pictures: as they want, and as their sockets take them; nobody waits for anybody.

use std::{net::TcpStream, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use nix::sys::socket::{setsockopt, sockopt::RcvBuf};
use pilothouse_testkit::{
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{frame, next, producer, shown, viewer, watching};

/// The number that is in a picture.
fn number(picture: &Value) -> u64 {
    let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    u64::from(u32::from_be_bytes(bytes[5..9].try_into().unwrap()))
}

/// The same picture, larger.
fn large(count: u64, bytes: usize) -> Value {
    let mut picture = frame(count);
    let small = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    let content = [&small[..], &vec![7; bytes / 4 * 3]].concat();
    picture["data"] = STANDARD.encode(content).into();
    picture
}

/// A viewer whose socket takes little at once.
pub(super) fn narrow(server: &Server, query: &str) -> Viewer {
    let stream = TcpStream::connect(server.address()).unwrap();
    setsockopt(&stream, RcvBuf, &(8 * 1024)).unwrap();
    let target = format!("/ws/view/s-1?token={}{query}", watching(server));
    Upgrade::to(target).send_on(stream, b"").unwrap()
}

#[test]
fn a_viewer_gets_no_more_in_a_second_than_it_wants_and_the_last_in_any_case() {
    let server = Server::start(&[]);
    let begun = Instant::now();
    let mut slow = viewer(&server, "s-1", "&maxFps=4");
    let mut worker = Upgrade::to("/ws/stream/s-1?ack=1").send(server.address()).unwrap();
    worker.send(&frame(1));
    worker.text();
    let mut seen = vec![number(&next(&mut slow))];
    for count in 2..=40 {
        worker.send(&frame(count));
        worker.text();
    }
    while *seen.last().unwrap() < 40 {
        seen.push(number(&next(&mut slow)));
    }
    assert!(seen.is_sorted() && seen[0] == 1, "{seen:?}");
    // One at once, and then one each quarter of a second; as many as fit in the time that it took.
    let most = begun.elapsed().as_millis() / 250 + 1;
    assert!(seen.len() as u128 <= most, "{seen:?} in {:?}", begun.elapsed());
    let dropped = server.metrics()["pilothouse_pictures_dropped_total{reason=\"rate\"}"];
    assert_eq!(dropped, 40 - seen.len() as u64, "{seen:?}");
}

#[test]
fn the_pace_can_be_changed_while_watching() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "&events=1&maxFps=1");
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(1));
    let is = |number| move |message: &Value| message["data"] == frame(number)["data"];
    watched.expect_that(is(1));
    watched.send(&json!({"type": "config", "maxFps": 60, "pacing": "ack"}));
    worker.send(&frame(2));
    let second = watched.expect_that(is(2));
    worker.send(&frame(3));
    worker.send(&frame(4));
    server.wait_for_metric("pilothouse_pictures_received_total", 4);
    watched.send(&json!({"type": "ack", "seq": second["seq"]}));
    let newest = watched.expect_that(|message| message["type"] == "frame");
    assert_eq!(number(&newest), 4, "and not the third, which gave way");
}

#[test]
fn with_acknowledgements_there_is_one_picture_at_a_time_and_it_is_the_newest() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "&pacing=ack");
    let mut worker = producer(&server, "s-1");
    worker.send(&frame(1));
    assert_eq!(next(&mut watched), shown("s-1", &frame(1)));
    for count in 2..=9 {
        worker.send(&frame(count));
        server.wait_for_metric("pilothouse_pictures_received_total", count);
    }
    watched.send(&json!({"type": "ack"}));
    assert_eq!(next(&mut watched), shown("s-1", &frame(9)));
    let dropped = "pilothouse_pictures_dropped_total{reason=\"acknowledgement\"}";
    assert_eq!(server.metrics()[dropped], 7);
}

#[test]
fn who_does_not_read_gets_whole_pictures_and_then_the_newest() {
    let server = Server::start(&[]);
    let mut stuck = narrow(&server, "");
    let mut others: Vec<_> = (0..3).map(|_| viewer(&server, "s-1", "")).collect();
    let token = server.operator();
    let target = format!("/ws/stream/s-1?ack=1&token={token}");
    let mut worker = Upgrade::to(target).send(server.address()).unwrap();
    for count in 1..=30 {
        worker.send(&large(count, 1 << 20));
        assert_eq!(next(&mut worker)["seq"], count);
        for other in &mut others {
            assert_eq!(number(&next(other)), count, "whoever reads sees every one");
        }
    }
    let first = number(&next(&mut stuck));
    let mut seen = vec![first];
    while *seen.last().unwrap() < 30 {
        seen.push(number(&next(&mut stuck)));
    }
    assert!(seen.is_sorted() && seen.len() < 8, "the kernel holds little: {seen:?}");
    let dropped = server.metrics()["pilothouse_pictures_dropped_total{reason=\"socket\"}"];
    assert_eq!(dropped, 30 - seen.len() as u64, "{seen:?}");
}
