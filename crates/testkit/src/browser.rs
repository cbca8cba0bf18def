//! Viewers of a terminal that answer queries and report their focus, as browsers do: xterm.js in node.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use serde_json::{Value, json};

use crate::program::{PATIENCE, Server};

/// A viewer in a process of its own. Ended when dropped.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    events: Receiver<Value>,
    /// What its terminal has sent by itself, as far as it was seen.
    pub sent: Vec<String>,
}

impl Browser {
    /// Opens a worker's terminal; its window has the focus or not.
    pub fn open(server: &Server, session: &str, worker: &str, has_focus: bool) -> Self {
        let url = format!("ws://{}/ws/session/{session}/worker/{worker}", server.address());
        let focus = if has_focus { "focused" } else { "blurred" };
        let mut child = Command::new("node")
            .args(["terminal_viewer.mjs", &url, focus])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/node"))
            .env("TOKEN", server.operator())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed; `cargo xtask test` installs it as root");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (told, events) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("it prints JSON");
                if told.send(event).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { child, input, events, sent: Vec::new() };
        browser.expect("open");
        browser
    }

    /// Types.
    pub fn input(&mut self, text: &str) {
        self.ask(&json!({ "type": text }));
    }

    /// Its window gets the focus or loses it.
    pub fn focus(&mut self, has_focus: bool) {
        self.ask(&json!({ "focus": has_focus }));
    }

    /// Waits until the terminal has shown a history, with everything that it sends because of that.
    pub fn expect_history(&mut self) {
        self.expect("history");
    }

    /// Waits until the terminal has sent something of which that holds.
    pub fn expect_sent(&mut self, wanted: impl Fn(&str) -> bool) {
        while !self.sent.iter().any(|text| wanted(text)) {
            self.expect("sent");
        }
    }

    /// The lines on the screen without blanks at their ends, as soon as that holds for them.
    pub fn expect_screen(&mut self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            self.ask(&json!({ "screen": true }));
            let told = self.expect("screen");
            let lines = told.as_array().into_iter().flatten();
            let lines: Vec<_> =
                lines.filter_map(|line| Some(line.as_str()?.trim_end().to_owned())).collect();
            if wanted(&lines) {
                return lines;
            }
            assert!(std::time::Instant::now() < deadline, "{}", lines.join("\n"));
            // Nobody tells when it changes.
            thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    fn ask(&mut self, what: &Value) {
        writeln!(self.input, "{what}").expect("the viewer lives");
    }

    fn expect(&mut self, kind: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE);
            let event =
                event.unwrap_or_else(|error| panic!("no {kind}: {error}; it sent {:?}", self.sent));
            if let Some(text) = event["sent"].as_str() {
                self.sent.push(text.to_owned());
            }
            if !event[kind].is_null() {
                return event[kind].clone();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
