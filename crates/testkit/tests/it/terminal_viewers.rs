//! Several in front of one terminal: all see the same, and one who does not read costs the others nothing.

use std::{thread, time::Duration};

use pilothouse_testkit::{
    http::send_json,
    program::{Agent, PATIENCE, Server},
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A server, its agent, and a shell in a session.
struct Bench {
    server: Server,
    _agent: Agent,
    path: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("box");
        server.wait_until_online("box");
        let post = |path: &str, body: &Value| {
            let answer =
                send_json(server.address(), &format!("POST {path}"), &server.operator(), body);
            assert_eq!(answer.status, 201, "{}", answer.body);
            answer.json()
        };
        let made = post("/api/sessions", &json!({ "type": "quick", "locationPath": "/tmp" }));
        let session = made["session"]["id"].as_str().unwrap();
        let workers = format!("/api/sessions/{session}/workers");
        let added = post(&workers, &json!({ "type": "terminal" }));
        let worker = added["worker"]["id"].as_str().unwrap();
        let path = format!("/ws/session/{session}/worker/{worker}?fromOffset=0");
        Self { server, _agent: agent, path }
    }

    fn attach(&self) -> Screen {
        let token = format!("Bearer {}", self.server.operator());
        let upgrade = Upgrade::to(&self.path).with("Authorization", &token);
        let viewer = upgrade.send(self.server.address()).expect("the token is good");
        Screen { viewer, start: 0, end: 0, text: String::new(), bytes: 0, resyncs: 0 }
    }
}

/// What one viewer has in front of it, as far as it is kept.
struct Screen {
    viewer: Viewer,
    /// Where in the log the text begins, if a history began it anew.
    start: u64,
    /// Where in the log it ends.
    end: u64,
    text: String,
    /// How much it was told, in characters.
    bytes: usize,
    resyncs: usize,
}

impl Screen {
    fn type_in(&mut self, text: &str) {
        self.viewer.send(&json!({ "type": "input", "data": text }));
    }

    /// Takes the next message. What is live goes on exactly where all before it ended.
    fn take(&mut self) {
        let Received::Text(text) = self.viewer.receive_within(PATIENCE * 4) else {
            panic!("the server keeps its viewers")
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        let number = |field: &str| message[field].as_u64().unwrap();
        let data = message["data"].as_str().unwrap_or_default();
        match message["type"].as_str().unwrap() {
            "history" => {
                self.resyncs += usize::from(self.end > 0);
                self.text.clear();
                self.start = number("startOffset");
                self.end = number("offset");
            }
            "output" => {
                // All that these shells print is one byte for each character.
                assert_eq!(
                    self.end + data.len() as u64,
                    number("offset"),
                    "a hole or a repetition"
                );
                self.end = number("offset");
            }
            _ => return,
        }
        self.bytes += data.len();
        self.text.push_str(data);
    }

    fn take_until(&mut self, wanted: &str, keep: usize) {
        while !self.text.contains(wanted) {
            if self.text.len() > keep {
                let cut = self.text.floor_char_boundary(self.text.len() - 100);
                self.start = self.end - (self.text.len() - cut) as u64;
                self.text.drain(..cut);
            }
            self.take();
        }
    }
}

#[test]
fn all_viewers_of_a_terminal_see_the_same_bytes() {
    let bench = Bench::new();
    let (mut one, mut other) = (bench.attach(), bench.attach());
    one.type_in("stty -echo; PS1=; echo rea''dy\r");
    for screen in [&mut one, &mut other] {
        screen.take_until("ready\r\n", usize::MAX);
        screen.text.clear();
    }
    one.type_in("seq 1 20000; echo en''d\r");
    let expected: String = (1..=20_000).map(|number| format!("{number}\r\n")).collect();
    for screen in [&mut one, &mut other] {
        screen.take_until("end\r\n", usize::MAX);
        let seen = screen.text.split("end").next().unwrap();
        assert!(seen.ends_with(&expected), "{:?}", &seen[..seen.len().min(200)]);
    }
    assert_eq!(one.end, other.end);
}

#[test]
fn a_viewer_that_stops_reading_in_a_flood_has_the_right_screen_afterwards() {
    const FLOOD: usize = 60_000_000;
    let bench = Bench::new();
    let (mut frozen, mut reader) = (bench.attach(), bench.attach());
    reader.type_in("stty -echo; PS1=; echo rea''dy\r");
    for screen in [&mut frozen, &mut reader] {
        screen.take_until("ready\r\n", usize::MAX);
    }
    let before = bench.server.resident_kib();
    reader.type_in(&format!("yes 01234567890123456789012345678 | head -c {FLOOD}; echo en''d\r"));
    let reading = thread::spawn(move || {
        reader.take_until("end\r\n", 1000);
        reader
    });
    let mut most = 0;
    while !reading.is_finished() {
        most = most.max(bench.server.resident_kib());
        // Nobody tells when it changes.
        thread::sleep(Duration::from_millis(20));
    }
    let reader = reading.join().unwrap();
    let grown = most.saturating_sub(before);
    assert!(grown < 128 << 10, "the server grew by {grown} KiB");
    let told = frozen.bytes;
    frozen.take_until("end\r\n", 4 << 20);
    assert_eq!(frozen.end, reader.end);
    assert!(frozen.resyncs >= 1 && frozen.bytes - told < FLOOD / 2, "it was told {}", frozen.bytes);
    // And it goes on live.
    frozen.type_in("echo still''here\r");
    frozen.take_until("stillhere\r\n", usize::MAX);
}
