//! A Node.js program of `node/` that tells what it sees, one line of JSON at a time.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Instant,
};

use serde_json::Value;

use crate::program::PATIENCE;

/// The program, running. Ended when this is dropped.
pub struct NodeProgram {
    child: Child,
    lines: Receiver<Value>,
    /// All that was seen so far.
    pub seen: Vec<Value>,
}

impl NodeProgram {
    /// Starts a script of `node/`.
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("node")
            .arg(script)
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/node"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed; `cargo xtask test` installs it as root");
        let output = child.stdout.take().expect("its output is a pipe");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, seen: Vec::new() }
    }

    /// The next thing it says that is `what`; others before it are kept in [`NodeProgram::seen`].
    pub fn expect(&mut self, what: &str) -> Value {
        self.expect_that(|line| line["what"] == what)
    }

    /// The next thing it says for which `wanted` holds.
    pub fn expect_that(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("nothing of that kind came after {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if wanted(&line) {
                return line;
            }
        }
    }

    /// Says a line to it.
    pub fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("its input is a pipe");
        writeln!(input, "{line}").expect("the script reads");
    }

    /// Closes its input, and waits until it has ended by itself. Returns whether it ended well.
    pub fn finish(mut self) -> bool {
        drop(self.child.stdin.take());
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for NodeProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
