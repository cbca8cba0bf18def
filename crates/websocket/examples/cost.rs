//! Measures what the codec costs on this machine: decoding small masked frames, deflating 10 KB.
//!
//! Run it in release mode; it is for comparing two versions on one quiet machine.

use std::{fmt::Write, hint::black_box, time::Instant};

use bytes::BytesMut;
use pilothouse_websocket::{
    Decoder, Role,
    deflate::Deflater,
    frame::{self, Opcode},
};

const FRAMES: u32 = 10_000;
const PAYLOAD: usize = 100;
const ROUNDS: u32 = 200;
const DEFLATED: usize = 10 * 1024;
const MESSAGES: u32 = 2_000;

fn main() {
    decoding();
    for level in [1, 3, 6] {
        deflating(level);
    }
}

fn decoding() {
    let mut frames = BytesMut::new();
    for number in 0..FRAMES {
        frame::put_masked(&mut frames, Opcode::Text, &[b'x'; PAYLOAD], number.to_ne_bytes());
    }
    let mut decoder = Decoder::new(Role::Server, 1 << 20, None);
    let mut seconds = 0.0;
    for _ in 0..ROUNDS {
        // Decoding unmasks in place, so each round has its own copy, made outside of the time.
        let mut copy = frames.clone();
        let mut rest = &mut copy[..];
        let started = Instant::now();
        while !rest.is_empty() {
            let decoded = decoder.decode(rest).expect("the frames are in order");
            let consumed = black_box(decoded).consumed;
            rest = &mut rest[consumed..];
        }
        seconds += started.elapsed().as_secs_f64();
    }
    let nanoseconds = seconds * 1e9 / f64::from(FRAMES * ROUNDS);
    say(&format!("decode: {nanoseconds:.0} ns for a masked text of {PAYLOAD} bytes"));
}

fn deflating(level: u32) {
    let mut payload = String::new();
    for line in 0.. {
        let (second, worker) = (line % 60, line % 7);
        let _ = writeln!(payload, "2026-01-01 12:00:{second:02} worker {worker} did step {line}");
        if payload.len() >= DEFLATED {
            break;
        }
    }
    let mut deflater = Deflater::new(15, level);
    let mut out = BytesMut::new();
    let started = Instant::now();
    for _ in 0..MESSAGES {
        out.clear();
        black_box(deflater.deflate_message(
            Opcode::Text,
            &payload.as_bytes()[..DEFLATED],
            &mut out,
        ));
    }
    let microseconds = started.elapsed().as_secs_f64() * 1e6 / f64::from(MESSAGES);
    let size = out.len();
    say(&format!(
        "deflate, level {level}: {microseconds:.1} us for {DEFLATED} bytes, {size} on the wire"
    ));
}

#[expect(clippy::print_stdout, reason = "the figures are for whoever runs the example")]
fn say(line: &str) {
    println!("{line}");
}
