//! Transcripts: what a protocol's peers say, as text files that people read and that tests run.
//!
//! This is the notation only. Running one takes a server: in memory beside the protocols, or a real one.
//!
//! ```text
//! # a comment
//! agent agent-1 is online
//! → connect /ws/dashboard?token=ana
//! ← {"type":"agent:list","payload":{"agents":[{"agentId":"agent-1","…":"…"}]}}
//! ben → {"type":"heartbeat","payload":{"sequence":1}}
//! ben ← close 1008
//! 5 s pass
//! ```
//!
//! Arrows may carry a client's name. In expectations the text `…` stands for any value, a field named
//! `…` for any further fields, and `cmd-1`, `conn-1`, … for whatever id takes that place first.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

/// A transcript, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The steps with their line numbers, from 1.
    pub steps: Vec<(usize, Step)>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A client does something, or is to see something.
    Client {
        /// Its name; empty for the one without.
        client: String,
        /// What.
        act: Act,
    },
    /// An agent does something.
    Agent {
        /// Its id.
        agent: String,
        /// What.
        deed: Deed,
    },
    /// Time goes by.
    Pass(Duration),
    /// The server is told to stop.
    ServerStops,
    /// Storage goes away (`false`) or comes back.
    Storage(bool),
}

/// What a client does or sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// `→ connect PATH`
    Connect(String),
    /// `→ TEXT`: sends that.
    Send(String),
    /// `→ N × TEXT`: sends that so many times.
    SendMany(usize, String),
    /// `→ binary HEX`
    SendBinary(Vec<u8>),
    /// `← JSON`
    Expect(Value),
    /// `← close CODE`
    ExpectClose(u16),
    /// `← nothing`: nothing has come that was not expected.
    ExpectNothing,
    /// `NAME's token expires`
    TokenExpires,
    /// `NAME falls behind`: its socket takes nothing until it catches up.
    FallsBehind,
    /// `NAME catches up`
    CatchesUp,
}

/// What an agent does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// `agent ID is online`
    Comes,
    /// `agent ID is gone`
    Goes,
    /// `ID starts COMMAND`
    Starts(String),
    /// `ID writes COMMAND "TEXT"`, or `… to stderr`
    Writes {
        /// Which command.
        command: String,
        /// What.
        text: String,
        /// Whether to stderr.
        is_stderr: bool,
    },
    /// `ID loses N bytes of COMMAND`
    Loses(u64, String),
    /// `ID exits COMMAND with CODE`
    Exits(String, i32),
    /// `ID kills COMMAND with SIGNAL`
    Killed(String, String),
    /// `ID interrupts COMMAND`
    Interrupts(String),
    /// `ID times COMMAND out`
    TimesOut(String),
    /// `ID cannot start COMMAND: REASON`
    CannotStart(String, String),
}

impl Transcript {
    /// Reads a transcript; the error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let step = read_arrow(line).or_else(|| read_words(line));
            let step = step.ok_or_else(|| format!("line {}: not understood: {line}", index + 1))?;
            steps.push((index + 1, step));
        }
        Ok(Self { steps })
    }
}

fn read_arrow(line: &str) -> Option<Step> {
    let (client, arrow, rest) = if let Some((client, rest)) = line.split_once('→') {
        (client, '→', rest)
    } else {
        let (client, rest) = line.split_once('←')?;
        (client, '←', rest)
    };
    let (client, rest) = (client.trim(), rest.trim());
    if client.contains(['{', '"', ' ']) {
        return None;
    }
    let act = if arrow == '→' { read_sent(rest)? } else { read_expected(rest)? };
    Some(Step::Client { client: client.into(), act })
}

fn read_sent(rest: &str) -> Option<Act> {
    if let Some(path) = rest.strip_prefix("connect ") {
        return Some(Act::Connect(path.into()));
    }
    if let Some(hex) = rest.strip_prefix("binary ") {
        let byte = |place| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok();
        return (0..hex.len()).step_by(2).map(byte).collect::<Option<_>>().map(Act::SendBinary);
    }
    if let Some((count, text)) = rest.split_once(" × ")
        && let Ok(count) = count.parse()
    {
        return Some(Act::SendMany(count, text.into()));
    }
    Some(Act::Send(rest.into()))
}

fn read_expected(rest: &str) -> Option<Act> {
    if let Some(code) = rest.strip_prefix("close ") {
        return code.parse().ok().map(Act::ExpectClose);
    }
    if rest == "nothing" {
        return Some(Act::ExpectNothing);
    }
    serde_json::from_str(rest).ok().map(Act::Expect)
}

fn read_words(line: &str) -> Option<Step> {
    let words: Vec<&str> = line.split(' ').collect();
    let client = |client: &str, act| Some(Step::Client { client: client.into(), act });
    match words[..] {
        ["the", "server", "stops"] => return Some(Step::ServerStops),
        ["storage", "is", "away"] => return Some(Step::Storage(false)),
        ["storage", "is", "back"] => return Some(Step::Storage(true)),
        ["the", "token", "expires"] => return client("", Act::TokenExpires),
        ["the", "client", "falls", "behind"] => return client("", Act::FallsBehind),
        ["the", "client", "catches", "up"] => return client("", Act::CatchesUp),
        [count, "s", "pass"] => return count.parse().ok().map(Duration::from_secs).map(Step::Pass),
        [count, "ms", "pass"] => {
            return count.parse().ok().map(Duration::from_millis).map(Step::Pass);
        }
        _ => {}
    }
    let (agent, deed) = read_deed(&words, line)?;
    Some(Step::Agent { agent: agent.into(), deed })
}

fn read_deed<'a>(words: &[&'a str], line: &str) -> Option<(&'a str, Deed)> {
    Some(match *words {
        ["agent", agent, "is", "online"] => (agent, Deed::Comes),
        ["agent", agent, "is", "gone"] => (agent, Deed::Goes),
        [agent, "starts", command] => (agent, Deed::Starts(command.into())),
        [agent, "exits", command, "with", code] => {
            (agent, Deed::Exits(command.into(), code.parse().ok()?))
        }
        [agent, "kills", command, "with", signal] => {
            (agent, Deed::Killed(command.into(), signal.into()))
        }
        [agent, "interrupts", command] => (agent, Deed::Interrupts(command.into())),
        [agent, "times", command, "out"] => (agent, Deed::TimesOut(command.into())),
        [agent, "loses", count, "bytes", "of", command] => {
            (agent, Deed::Loses(count.parse().ok()?, command.into()))
        }
        [agent, "cannot", "start", command, ..] => {
            let (_, reason) = line.split_once(": ")?;
            (agent, Deed::CannotStart(command.trim_end_matches(':').into(), reason.into()))
        }
        [agent, "writes", command, ..] => {
            let quoted = &line[line.find('"')?..=line.rfind('"')?];
            let text = serde_json::from_str(quoted).ok()?;
            let is_stderr = line.ends_with("\" to stderr");
            (agent, Deed::Writes { command: command.into(), text, is_stderr })
        }
        _ => return None,
    })
}

/// What `cmd-1`, `conn-1`, … stand for in one run.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Replaces names by what they stand for, in a text to be sent.
    pub fn resolve(&self, text: &str) -> String {
        let mut resolved = text.to_owned();
        for (name, id) in &self.0 {
            resolved = resolved.replace(&format!("\"{name}\""), &format!("\"{id}\""));
        }
        resolved
    }

    /// What a name stands for; itself if nothing took its place yet.
    pub fn id<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// Whether `actual` is what was expected. `version` and `timestamp` of the envelope are not compared
    /// unless expected. An error says where the two differ.
    pub fn matches(&mut self, expected: &Value, actual: &Value) -> Result<(), String> {
        let mut actual = actual.clone();
        if let (Value::Object(expected), Value::Object(actual)) = (expected, &mut actual) {
            for field in ["version", "timestamp"] {
                if !expected.contains_key(field) {
                    actual.remove(field);
                }
            }
        }
        self.compare(expected, &actual, "message")
    }

    fn compare(&mut self, expected: &Value, actual: &Value, path: &str) -> Result<(), String> {
        match (expected, actual) {
            (Value::String(any), _) if any == "…" => Ok(()),
            (Value::String(name), Value::String(id)) if is_name(name) => {
                let known = self.0.entry(name.clone()).or_insert_with(|| id.clone());
                if known == id { Ok(()) } else { Err(format!("{path}: {id} is not {name}")) }
            }
            (Value::Object(expected), Value::Object(actual)) => {
                for (field, value) in expected.iter().filter(|(field, _)| *field != "…") {
                    let path = format!("{path}.{field}");
                    let found = actual.get(field).ok_or_else(|| format!("{path} is missing"))?;
                    self.compare(value, found, &path)?;
                }
                match actual.keys().find(|field| !expected.contains_key(*field)) {
                    Some(field) if !expected.contains_key("…") => {
                        Err(format!("{path}.{field} was not expected"))
                    }
                    _ => Ok(()),
                }
            }
            (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
                for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                    self.compare(expected, actual, &format!("{path}[{index}]"))?;
                }
                Ok(())
            }
            _ if expected == actual => Ok(()),
            _ => Err(format!("{path}: expected {expected}, got {actual}")),
        }
    }
}

/// Whether a text stands for an id the server makes: `cmd-` or `conn-` and a small number.
fn is_name(text: &str) -> bool {
    let number = text.strip_prefix("cmd-").or_else(|| text.strip_prefix("conn-"));
    number.is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.parse::<u16>().is_ok())
}
