//! A viewer of one worker's terminal, and what it takes to have one: a session made over REST.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    http::send_json,
    program::{PATIENCE, Server},
    viewer::{Received, Upgrade, Viewer},
};

/// Several may work in one terminal, and see each other's marks.
static MARKS: AtomicUsize = AtomicUsize::new(100);

/// The answer to a request of an operator: the status, and the body, null if it is no JSON.
pub fn rest(server: &Server, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let (request, body) = (format!("{method} {path}"), body.unwrap_or(&Value::Null));
    let answer = send_json(server.address(), &request, &server.operator(), body);
    (answer.status, answer.json())
}

/// Makes a session in a folder, and returns its id.
pub fn session(server: &Server, folder: &str) -> String {
    let body = json!({ "type": "quick", "locationPath": folder });
    let (status, answer) = rest(server, "POST", "/api/sessions", Some(&body));
    assert_eq!(status, 201, "{answer}");
    answer["session"]["id"].as_str().expect("a session has an id").to_owned()
}

/// Adds a shell to a session, and returns its id.
pub fn shell(server: &Server, session: &str) -> String {
    let path = format!("/api/sessions/{session}/workers");
    let (status, answer) = rest(server, "POST", &path, Some(&json!({ "type": "terminal" })));
    assert_eq!(status, 201, "{answer}");
    answer["worker"]["id"].as_str().expect("a worker has an id").to_owned()
}

/// A viewer of a terminal that remembers all it was told.
pub struct Terminal {
    viewer: Viewer,
    /// Output as text, histories included, in order.
    pub text: String,
    /// All messages but output, in order.
    pub told: Vec<Value>,
}

impl Terminal {
    /// Attaches to a worker. `query` may be empty or begin with `?`.
    pub fn attach(server: &Server, session: &str, worker: &str, query: &str) -> Self {
        Self::attach_at(server.address(), &server.operator(), (session, worker), query)
    }

    /// The same at another address, with another token.
    pub fn attach_at(
        address: SocketAddr,
        token: &str,
        (session, worker): (&str, &str),
        query: &str,
    ) -> Self {
        let path = format!("/ws/session/{session}/worker/{worker}{query}");
        let upgrade = Upgrade::to(path).with("Authorization", &format!("Bearer {token}"));
        Self::of(upgrade.send(address).expect("the token is good"))
    }

    /// A terminal on a connection that is there.
    pub fn of(viewer: Viewer) -> Self {
        Self { viewer, text: String::new(), told: Vec::new() }
    }

    /// The connection.
    pub fn viewer(&mut self) -> &mut Viewer {
        &mut self.viewer
    }

    /// Types.
    pub fn input(&mut self, text: &str) {
        self.viewer.send(&json!({ "type": "input", "data": text }));
    }

    /// Wants that size.
    pub fn resize(&mut self, columns: u32, rows: u32) {
        self.viewer.send(&json!({ "type": "resize", "cols": columns, "rows": rows }));
    }

    /// Takes the next message; the code if it is the server's close.
    pub fn take(&mut self) -> Result<Value, u16> {
        match self.viewer.receive() {
            Received::Text(text) => {
                let message: Value = serde_json::from_str(&text).expect("messages are JSON");
                match message["type"].as_str() {
                    Some("output" | "history") => {
                        if message["replaces"] == true {
                            self.text.clear();
                        }
                        self.text.push_str(message["data"].as_str().expect("data is text"));
                    }
                    _ => self.told.push(message.clone()),
                }
                Ok(message)
            }
            Received::Closed(code, _) => Err(code),
            Received::Ended => Err(1006),
        }
    }

    /// Waits until the text contains this.
    pub fn expect_text(&mut self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text.contains(wanted) {
            let end = self.text.floor_char_boundary(self.text.len().saturating_sub(500));
            assert!(Instant::now() < deadline, "{wanted:?} did not come: {:?}", &self.text[end..]);
            if let Err(code) = self.take() {
                panic!("closed with {code} instead of {wanted:?}: {:?}", &self.text[end..]);
            }
        }
    }

    /// Waits for a message of that type that is no output.
    pub fn expect(&mut self, kind: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut looked = 0;
        loop {
            if let Some(found) = self.told[looked..].iter().position(|told| told["type"] == kind) {
                return self.told.remove(looked + found);
            }
            looked = self.told.len();
            assert!(Instant::now() < deadline, "no {kind} came");
            if let Err(code) = self.take() {
                panic!("closed with {code} instead of {kind}");
            }
        }
    }

    /// Waits for the server's close.
    pub fn expect_close(&mut self) -> u16 {
        loop {
            if let Err(code) = self.take() {
                return code;
            }
        }
    }

    /// Waits until a command typed into a shell has run, and returns what it printed.
    pub fn run(&mut self, line: &str) -> String {
        let mark = format!("m{}k", MARKS.fetch_add(1, Ordering::Relaxed));
        // The echo of the line has the mark in two parts, its output in one.
        let (first, last) = mark.split_at(2);
        self.text.clear();
        self.input(&format!("{line}; echo {first}''{last}\r"));
        self.expect_text(&mark);
        let before = self.text.split(&mark).next().unwrap_or_default();
        // A line that is typed before the prompt is there is echoed twice.
        let echoed = format!("{first}''{last}\r\n");
        let output = before.rsplit_once(&echoed).map_or(before, |(_, output)| output);
        // The shell ends its bracketed paste before it runs a line.
        output.replace("\x1b[?2004l\r", "")
    }
}
