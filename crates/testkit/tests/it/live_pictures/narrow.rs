//! Viewers on lines that do not carry the pictures as they are: they get lighter ones, in time, and the last one sharp.

use std::{
    io::Read,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use jpeg_encoder::{ColorType, Encoder};
use pilothouse_testkit::{
    program::{PATIENCE, Server},
    viewer::Viewer,
};
use pilothouse_websocket::{Decoder, Message, Role};
use serde_json::{Value, json};

use super::{base64, next, pace::narrow, producer_with, viewer};

/// 1 Mbit/s.
const RATE: usize = 125_000;

/// A real picture of about 40 kB, with its number as the time at which it was taken.
fn detailed(number: u64) -> Value {
    const SIDE: u16 = 256;
    let mut noise = u32::try_from(number).unwrap();
    let pixels = (0..usize::from(SIDE) * usize::from(SIDE)).flat_map(|place| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let ink = if place / 5 % 3 == 0 { noise >> 24 } else { 230 };
        [ink, ink / 2, 99].map(|it| u8::try_from(it).unwrap())
    });
    let mut packed = Vec::new();
    let encoder = Encoder::new(&mut packed, 75);
    encoder.encode(&pixels.collect::<Vec<_>>(), SIDE, SIDE, ColorType::Rgb).unwrap();
    packed.resize(packed.len().next_multiple_of(3), 0);
    json!({"type": "frame", "sessionId": "x", "data": base64(&packed), "timestamp": number})
}

/// What somebody on a narrow line saw.
struct Seen {
    picture: Value,
    at: Instant,
}

impl Seen {
    fn number(&self) -> u64 {
        self.picture["timestamp"].as_u64().unwrap()
    }

    fn size(&self) -> usize {
        self.picture["data"].as_str().unwrap().len()
    }
}

/// Reads at that rate, and acknowledges if that is asked for.
fn read_slowly(viewer: Viewer, rate: usize, acknowledges: bool) -> Receiver<Seen> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut viewer = viewer;
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
                    let picture = serde_json::from_str(text).unwrap();
                    if acknowledges {
                        viewer.send(&json!({"type": "ack"}));
                    }
                    if tell.send(Seen { picture, at: Instant::now() }).is_err() {
                        return;
                    }
                }
            }
            // As much time as so many bytes take on a line of that rate.
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    });
    told
}

/// Brings so many pictures at 15 a second, and tells when each was sent.
fn bring(worker: &mut Viewer, numbers: std::ops::RangeInclusive<u64>) -> Vec<(Value, Instant)> {
    let begun = Instant::now();
    let pictures = numbers.zip(0..).map(|(number, count)| {
        let picture = detailed(number);
        let due = begun + Duration::from_millis(1000 / 15) * count;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        worker.send(&picture);
        (picture, Instant::now())
    });
    pictures.collect()
}

/// Everything up to that picture as its producer made it.
fn until_sharp(told: &Receiver<Seen>, wanted: &Value) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    while seen.last().is_none_or(|last| last.picture["data"] != wanted["data"]) {
        seen.push(told.recv_timeout(PATIENCE).unwrap());
    }
    seen
}

fn check_and_print(who: &str, seen: &[Seen], sent: &[(Value, Instant)]) {
    let age =
        |seen: &Seen| seen.at.duration_since(sent[usize::try_from(seen.number()).unwrap() - 1].1);
    let (sharp, moving) = seen.split_last().unwrap();
    assert!(moving.iter().map(Seen::number).is_sorted());
    let full = sharp.size();
    let light = moving.iter().filter(|one| one.size() * 3 < full * 2).count();
    assert!(light * 2 > moving.len(), "{light} of {} were lighter than {full}", moving.len());
    assert_eq!(sharp.number(), sent.len() as u64, "what stays is sharp");
    let mut ages: Vec<_> = moving.iter().map(age).collect();
    ages.sort();
    let percentile = |share: usize| ages[(ages.len() - 1) * share / 100];
    let (p50, p95) = (percentile(50), percentile(95));
    eprintln!(
        "behind 1 Mbit/s {who} saw {} of {} pictures, {light} lighter, p50 {p50:?} and p95 {p95:?} old",
        moving.len(),
        sent.len(),
    );
    // Whole pictures would be at least as old as two of them take, and without giving way the last 20 s.
    assert!(p95 < Duration::from_secs(2), "{ages:?}");
}

/// Ten viewers, of which two are behind 1 Mbit/s and one reads nothing: the figures are printed, and what is asserted
/// holds on any machine.
#[test]
fn a_narrow_line_gets_lighter_pictures_in_time_and_the_last_one_sharp_and_costs_nobody_anything() {
    const PICTURES: u64 = 120;
    let server = Server::start(&[]);
    let _frozen = narrow(&server, "");
    let plain = read_slowly(narrow(&server, ""), RATE, false);
    let acknowledging = read_slowly(narrow(&server, "&pacing=ack"), RATE, true);
    let readers = (0..7).map(|_| {
        let mut viewer = viewer(&server, "s-1", "");
        thread::spawn(move || {
            let mut count = 1_u64;
            while next(&mut viewer)["timestamp"] != PICTURES {
                count += 1;
            }
            count
        })
    });
    let readers: Vec<_> = readers.collect();
    let mut worker = producer_with(&server, "s-1", &server.operator());
    let sent = bring(&mut worker, 1..=PICTURES);
    for reader in readers {
        let count = reader.join().unwrap();
        assert!(count * 10 >= PICTURES * 9, "a healthy viewer saw {count} of {PICTURES}");
    }
    let last = &sent.last().unwrap().0;
    check_and_print("a viewer of old", &until_sharp(&plain, last), &sent);
    check_and_print("one that acknowledges", &until_sharp(&acknowledging, last), &sent);
    assert!(server.metrics()["pilothouse_pictures_lightened_total"] > 10);
}

#[test]
fn who_wants_pictures_as_they_are_made_says_so_and_gets_them() {
    let server = Server::start(&[("streams.lighten", "false")]);
    let told = read_slowly(narrow(&server, ""), RATE, false);
    let mut worker = producer_with(&server, "s-1", &server.operator());
    let sent = bring(&mut worker, 1..=30);
    for seen in until_sharp(&told, &sent[29].0) {
        assert_eq!(
            seen.picture["data"],
            sent[usize::try_from(seen.number()).unwrap() - 1].0["data"]
        );
    }
    assert_eq!(server.metrics()["pilothouse_pictures_lightened_total"], 0);
}
