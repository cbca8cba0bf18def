//! The protocol's transcripts, which are kept in memory, kept by a real server.

use std::collections::BTreeMap;

use pilothouse_core::Role;
use pilothouse_protocols::transcript::{Act, Change, Deed, Names, Step, Transcript};
use pilothouse_testkit::{
    fake_agent::FakeAgent,
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{agent, made_by, next, person};

/// Whatever a transcript has as a moment of its own clock.
const ITS_CLOCK: &str = "2026-01-01T";

struct Stage {
    server: Server,
    agents: BTreeMap<String, FakeAgent>,
    clients: BTreeMap<String, Viewer>,
    names: Names,
}

fn keep(name: &str, text: &str) {
    let transcript = Transcript::parse(text).unwrap();
    // Where time passes, it is for this.
    let server = Server::start(&[("timing.auth_timeout", "5s")]);
    let (agents, clients) = (BTreeMap::new(), BTreeMap::new());
    let mut stage = Stage { server, agents, clients, names: Names::default() };
    for (line, step) in transcript.steps {
        stage.step(step).unwrap_or_else(|error| panic!("{name}, line {line}: {error}"));
    }
}

impl Stage {
    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Agent { agent: id, deed: Deed::ComesWithBrowser } => {
                self.agents.insert(id.clone(), agent(&self.server, &id, &[]));
            }
            Step::Agent { agent, deed: Deed::Says(said) } => {
                let said = serde_json::from_str(&self.names.resolve(&said.to_string())).unwrap();
                self.agents[&agent].say(&said);
            }
            Step::Session(Change::Run { run, agent }) => {
                let id = made_by(&self.server, "operator", &agent);
                self.names.give(&run, &id);
            }
            Step::Client { client, act } => self.act(&client, act)?,
            Step::Pass(_) => {}
            other => panic!("not played here: {other:?}"),
        }
        Ok(())
    }

    /// The token of a transcript's user.
    fn token(&self, name: &str) -> String {
        if name == "bad" {
            return name.to_owned();
        }
        let (user, role) = match name.strip_suffix("-viewer") {
            Some(user) => (user, Role::Viewer),
            None => (name, Role::Operator),
        };
        person(&self.server, user.split('-').next().unwrap(), role)
    }

    fn act(&mut self, name: &str, act: Act) -> Result<(), String> {
        if let Act::Connect(path) = &act {
            let path = match path.split_once("?token=") {
                Some((path, token)) => format!("{path}?token={}", self.token(token)),
                None => path.clone(),
            };
            let client = Upgrade::to(path).send(self.server.address()).unwrap();
            self.clients.insert(name.into(), client);
            return Ok(());
        }
        let text = match &act {
            Act::Send(text) => match serde_json::from_str::<Value>(text) {
                Ok(mut message) if message["token"].as_str().is_some_and(|it| !it.is_empty()) => {
                    message["token"] = self.token(message["token"].as_str().unwrap()).into();
                    message.to_string()
                }
                _ => self.names.resolve(text),
            },
            _ => String::new(),
        };
        let client = self.clients.get_mut(name).ok_or("nobody of that name connected")?;
        match act {
            Act::Send(_) => {
                client.send_raw(pilothouse_websocket::frame::Opcode::Text, text.as_bytes());
            }
            Act::Expect(expected) => {
                let actual = next(client);
                let expected = without_clock(expected);
                self.names.matches(&expected, &actual).map_err(|e| format!("{e}\nin {actual}"))?;
            }
            Act::ExpectClose(code) => {
                let closed = client.expect_close();
                if closed != code {
                    return Err(format!("closed with {closed}"));
                }
            }
            // What comes next is the answer to this, so that nothing came before it.
            Act::ExpectNothing => {
                client.send(&json!({"type": "pause_run", "runId": ""}));
                let answer = next(client);
                if answer["error"] != "Request refused" {
                    return Err(format!("came: {answer}"));
                }
            }
            other => panic!("not played here: {other:?}"),
        }
        Ok(())
    }
}

fn without_clock(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(ITS_CLOCK) => "…".into(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, without_clock(value))).collect()
        }
        value => value,
    }
}

macro_rules! kept {
    ($name:ident) => {
        #[test]
        fn $name() {
            keep(
                stringify!($name),
                include_str!(concat!(
                    "../../../../protocols/src/runs/transcripts/",
                    stringify!($name),
                    ".txt"
                )),
            );
        }
    };
}

kept!(example_session);
kept!(extended);
kept!(tokens);
kept!(two_runs);
