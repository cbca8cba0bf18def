//! How fast viewers get pictures: as they want, and as their sockets take them; nobody waits for anybody.

use std::{
    io::Read,
    net::TcpStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nix::sys::socket::{setsockopt, sockopt::RcvBuf};
use pilothouse_testkit::{
    program::{PATIENCE, Server},
    viewer::{Upgrade, Viewer},
};
use pilothouse_websocket::{Decoder, Message, Role};
use serde_json::{Value, json};

use super::{frame, next, producer, producer_with, shown, viewer, watching};

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
fn narrow(server: &Server, query: &str) -> Viewer {
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
    for count in 1..=40 {
        worker.send(&frame(count));
        worker.text();
    }
    let mut seen = vec![number(&next(&mut slow))];
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

/// Reads at that rate, and tells each picture's number with the moment at which the last of it came.
fn read_slowly(viewer: &Viewer, rate: usize, seen: &mpsc::Sender<(u64, Instant)>) {
    let mut stream = viewer.stream().try_clone().unwrap();
    let mut decoder = Decoder::new(Role::Client, 16 << 20, None);
    let pause = Duration::from_millis(20);
    let mut piece = vec![0; rate / 50];
    loop {
        let due = Instant::now() + pause;
        let Ok(read @ 1..) = stream.read(&mut piece) else { return };
        let mut at = 0;
        while at < read {
            let Ok(decoded) = decoder.decode(&mut piece[at..read]) else { return };
            at += decoded.consumed;
            if let Some(Message::Text(text)) = decoded.message {
                let picture: Value = serde_json::from_str(text).unwrap();
                if seen.send((number(&picture), Instant::now())).is_err() {
                    return;
                }
            }
        }
        // As much time as so many bytes take on a line of that rate.
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// Ten viewers, of which one is behind 1 Mbit/s and one reads nothing: the figures are printed, and what is asserted
/// holds on any machine.
#[test]
fn a_narrow_line_and_a_frozen_viewer_cost_the_others_nothing() {
    const PICTURES: u64 = 120;
    let server = Server::start(&[]);
    let _frozen = narrow(&server, "");
    let narrow = narrow(&server, "");
    let others: Vec<_> = (0..8).map(|_| viewer(&server, "s-1", "")).collect();
    let mut worker = producer_with(&server, "s-1", &server.operator());
    let (tell, told) = mpsc::channel();
    let slow = thread::spawn(move || read_slowly(&narrow, 125_000, &tell));
    let readers: Vec<_> = others
        .into_iter()
        .map(|mut viewer| {
            thread::spawn(move || {
                let mut count = 0_u64;
                while number(&next(&mut viewer)) < PICTURES {
                    count += 1;
                }
                count + 1
            })
        })
        .collect();
    // 15 pictures a second of 30 kB each, which is 3.6 Mbit/s.
    let begun = Instant::now();
    let mut sent = Vec::new();
    for count in 1..=PICTURES {
        let due = begun + Duration::from_millis(1000 / 15) * u32::try_from(count).unwrap();
        thread::sleep(due.saturating_duration_since(Instant::now()));
        sent.push(Instant::now());
        worker.send(&large(count, 30_000));
    }
    let mut least = PICTURES;
    for reader in readers {
        let count = reader.join().unwrap();
        assert!(count * 10 >= PICTURES * 9, "a healthy viewer saw {count} of {PICTURES}");
        least = least.min(count);
    }
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(last, _)| *last < PICTURES) {
        seen.push(told.recv_timeout(PATIENCE).unwrap());
    }
    let mut ages: Vec<_> = seen
        .iter()
        .map(|(count, at)| at.duration_since(sent[usize::try_from(*count).unwrap() - 1]))
        .collect();
    ages.sort();
    let percentile = |share: usize| ages[(ages.len() - 1) * share / 100];
    eprintln!(
        "the others saw at least {least} of {PICTURES} pictures, and a viewer behind 1 Mbit/s {}, p50 {:?} and p95 {:?} old",
        seen.len(),
        percentile(50),
        percentile(95),
    );
    assert!(seen.iter().map(|(count, _)| count).is_sorted());
    // Without giving way, the last would be as old as all that came faster than the line: 20 s.
    assert!(percentile(95) < Duration::from_secs(5), "{ages:?}");
    drop(told);
    drop(server);
    slow.join().unwrap();
}
