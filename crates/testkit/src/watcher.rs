//! A dashboard that reads all the time, on a thread of its own, and remembers everything it was told.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    program::PATIENCE,
    viewer::{self, Received, Viewer},
};

/// How long a watcher bears silence. Longer than any silence a test makes.
const SILENCE: Duration = Duration::from_secs(120);

/// How often a watcher says that it lives.
const BEAT: Duration = Duration::from_millis(500);

/// A dashboard on a thread.
pub struct Watcher {
    told: Arc<Told>,
    stream: std::net::TcpStream,
    /// Up to where [`Watcher::expect_that`] has looked.
    looked: usize,
}

#[derive(Default)]
struct Told {
    messages: Mutex<Messages>,
    changed: Condvar,
}

#[derive(Default)]
struct Messages {
    all: Vec<Value>,
    /// How the connection ended, if it did.
    end: Option<String>,
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher {
    /// Reads on where a dashboard is.
    pub fn of(mut viewer: Viewer) -> Self {
        let told = Arc::new(Told::default());
        let stream = viewer.stream().try_clone().expect("sockets can be shared");
        stream.set_read_timeout(Some(SILENCE)).expect("a timeout can be set");
        let kept = told.clone();
        thread::spawn(move || {
            loop {
                let received = viewer.receive_within(SILENCE);
                let mut messages = kept.lock();
                match received {
                    Received::Text(text) => {
                        let message = serde_json::from_str(&text).expect("messages are JSON");
                        messages.all.push(message);
                    }
                    Received::Closed(..) | Received::Ended => {
                        messages.end = Some(format!("{received:?}"));
                    }
                }
                kept.changed.notify_all();
                if messages.end.is_some() {
                    return;
                }
            }
        });
        let beating = stream.try_clone().expect("sockets can be shared");
        let beat = json!({"type": "heartbeat", "payload": {"sequence": 1}}).to_string();
        thread::spawn(move || {
            while viewer::send_text(&beating, &beat).is_ok() {
                thread::sleep(BEAT);
            }
        });
        Self { told, stream, looked: 0 }
    }

    /// Sends a JSON message.
    pub fn send(&self, message: &Value) {
        // A server that has closed does not read; what it said before is there to be read.
        let _ = viewer::send_text(&self.stream, &message.to_string());
    }

    /// Looks from now on only at what is told from now on.
    pub fn skip(&mut self) {
        self.looked = self.told.lock().all.len();
    }

    /// The next message for which `wanted` holds, behind the one this returned last.
    pub fn expect_that(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut messages = self.told.lock();
        loop {
            let place = messages.all[self.looked..].iter().position(&wanted);
            if let Some(place) = place {
                self.looked += place + 1;
                return messages.all[self.looked - 1].clone();
            }
            self.looked = messages.all.len();
            assert!(messages.end.is_none(), "the connection is over: {:?}", messages.end);
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it did not come; last: {:?}", messages.all.last());
            let waited = self.told.changed.wait_timeout(messages, left);
            messages = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The payload of the next message of that type.
    pub fn expect(&mut self, kind: &str) -> Value {
        self.expect_that(|message| message["type"] == kind)["payload"].take()
    }

    /// The payload of the next `command:status` of that command, or of any, with that status.
    pub fn expect_status(&mut self, command: Option<&Value>, status: &str) -> Value {
        self.expect_that(|message| {
            message["type"] == "command:status"
                && message["payload"]["status"] == status
                && command.is_none_or(|id| message["payload"]["commandId"] == *id)
        })["payload"]
            .take()
    }

    /// The payload of the next `agent:status` of that agent with that status.
    pub fn expect_agent(&mut self, agent: &str, status: &str) -> Value {
        self.expect_that(|message| {
            message["type"] == "agent:status"
                && message["payload"]["agentId"] == agent
                && message["payload"]["status"] == status
        })["payload"]
            .take()
    }

    /// Waits for output of a command that ends so.
    pub fn expect_output(&mut self, command: &Value, end: &str) {
        self.expect_that(|message| {
            message["payload"]["commandId"] == *command
                && message["payload"]["data"].as_str().is_some_and(|data| data.ends_with(end))
        });
    }

    /// Everything told so far.
    pub fn told(&self) -> Vec<Value> {
        self.told.lock().all.clone()
    }

    /// What was told after the first `known` messages.
    pub fn told_after(&self, known: usize) -> Vec<Value> {
        self.told.lock().all[known..].to_vec()
    }

    /// How the connection ends.
    pub fn expect_end(&self) -> String {
        let messages = self.told.lock();
        let changed = &self.told.changed;
        let waited = changed.wait_timeout_while(messages, PATIENCE, |told| told.end.is_none());
        let (messages, _) = waited.unwrap_or_else(PoisonError::into_inner);
        messages.end.clone().expect("the connection ends")
    }

    /// Whether the connection is still open.
    pub fn is_open(&self) -> bool {
        self.told.lock().end.is_none()
    }

    /// All output of a command so far. It has to have come in order, once, and without a gap.
    pub fn output_of(&self, command: &Value) -> String {
        let messages = self.told.lock();
        let (mut output, mut sequence) = (String::new(), 0);
        for message in &messages.all {
            let payload = &message["payload"];
            if payload["commandId"] != *command || message["type"] != "terminal:output" {
                continue;
            }
            assert!(payload["gap"].is_null(), "{message}");
            sequence += 1;
            assert_eq!(payload["sequence"], sequence, "each record once, and in order");
            output += payload["data"].as_str().unwrap_or("");
        }
        output
    }

    /// All states of a command so far.
    pub fn states_of(&self, command: &Value) -> Vec<String> {
        let messages = self.told.lock();
        let of_it = messages.all.iter().filter(|message| {
            message["type"] == "command:status" && message["payload"]["commandId"] == *command
        });
        of_it.filter_map(|m| Some(m["payload"]["status"].as_str()?.to_owned())).collect()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
