//! Some dashboards stop reading in a flood: the others notice nothing, and memory stays where it is.

use std::{
    io::Read,
    net::TcpStream,
    thread,
    time::{Duration, Instant, SystemTime},
};

use pilothouse_testkit::program::{PATIENCE, Server, request};

/// What one healthy dashboard saw.
struct Seen {
    bytes: Vec<u8>,
    /// From the event's time to its arrival, in milliseconds.
    lags: Vec<u64>,
}

#[expect(clippy::disallowed_methods, reason = "arrival is compared with the server's wall clock")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

/// Reads as fast as it can until the command has ended. Server frames are unmasked, so their heads can
/// be followed where they lie.
fn read_all(mut stream: TcpStream) -> Seen {
    let mut seen = Seen { bytes: Vec::with_capacity(32 << 20), lags: Vec::new() };
    let mut piece = vec![0; 256 * 1024];
    let mut next = 0;
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server dropped a healthy dashboard");
        let arrived = now();
        seen.bytes.extend_from_slice(&piece[..read]);
        while let Some((start, end)) = frame_at(&seen.bytes, next) {
            let text = &seen.bytes[start..end];
            let head = String::from_utf8_lossy(&text[..text.len().min(120)]).into_owned();
            if let Some((_, rest)) = head.split_once("\"timestamp\":") {
                let sent: u64 = rest[..13].parse().unwrap();
                seen.lags.push(arrived.saturating_sub(sent));
            }
            let is_status = head.contains("command:status");
            if is_status && String::from_utf8_lossy(text).contains("\"completed\"") {
                seen.bytes.truncate(end);
                return seen;
            }
            next = end;
        }
    }
}

/// Where the payload of the frame at `at` begins and ends, if all of it is there.
fn frame_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (start, len) = match *bytes.get(at + 1)? {
        126 => {
            (at + 4, usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?])))
        }
        127 => {
            let len: [u8; 8] = bytes.get(at + 2..at + 10)?.try_into().unwrap();
            (at + 10, usize::try_from(u64::from_be_bytes(len)).unwrap())
        }
        short => (at + 2, usize::from(short)),
    };
    (start + len <= bytes.len()).then_some((start, start + len))
}

#[test]
fn five_of_twenty_dashboards_stop_reading_and_nobody_else_notices() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut stuck: Vec<_> = (0..5).map(|_| server.dashboard()).collect();
    let healthy: Vec<_> = (0..15).map(|_| server.dashboard()).collect();
    let mut requester = server.dashboard();
    let before = server.reset_peak();
    let readers: Vec<_> = healthy
        .iter()
        .map(|viewer| {
            let stream = viewer.stream().try_clone().unwrap();
            thread::spawn(move || read_all(stream))
        })
        .collect();
    // 20 MB in lines that can be told apart.
    requester.send(&request("agent-1", "seq -f '%019.0f' 1 1000000"));
    drop(requester);
    let seen: Vec<Seen> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    let grown = server.peak_kib().saturating_sub(before);
    assert!(grown < 64 * 1024, "memory grew by {grown} KiB");

    // The greeting is each dashboard's own; from the command's first message on all get the same.
    let output_of = |seen: &Seen| {
        let text = String::from_utf8_lossy(&seen.bytes);
        text[text.find("\"command:status\"").unwrap()..].to_owned()
    };
    let first = output_of(&seen[0]);
    assert!(first.len() > 20_000_000, "{}", first.len());
    assert!(!first.contains("\"gap\""));
    // Every line of the output once: each is 19 digits and an escaped line feed.
    assert_eq!(first.matches("\\n").count(), 1_000_000);
    for (place, other) in seen.iter().enumerate().skip(1) {
        assert!(output_of(other) == first, "dashboard {place} missed something");
    }
    let mut lags: Vec<u64> = seen.iter().flat_map(|seen| seen.lags.iter().copied()).collect();
    lags.sort_unstable();
    let p99 = lags[lags.len() * 99 / 100];
    assert!(p99 < 250, "p99 of {} sightings is {p99} ms", lags.len());

    for viewer in &mut stuck {
        let started = Instant::now();
        // The state anew, the gap, the newest output, and the end that was missed.
        let gap = viewer.expect_that(|message| message["payload"]["gap"].is_object());
        assert!(gap["payload"]["gap"]["nextSequence"].as_u64().unwrap() > 100, "{gap}");
        let last = viewer.expect_that(|message| {
            message["payload"]["data"].as_str().is_some_and(|data| data.ends_with("1000000\n"))
        });
        assert_eq!(last["type"], "terminal:output");
        assert_eq!(viewer.expect_status("completed")["exitCode"], 0);
        assert!(started.elapsed() < PATIENCE.min(Duration::from_secs(20)));
    }
}
