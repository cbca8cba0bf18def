//! What agents do in a transcript, and what they are told.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use pilothouse_core::{
    Asked, Caller, Delivery, Notice, Reply, Request, Scope,
    agents::{self, Hello, Order, Profile, Report},
    calls::{Call, CallRefusal, Found, RefusalCause},
    commands::{Ended, Outcome},
    ids::{AgentId, CommandId, ConnectionId, IncarnationId, LinkId, RunId, WorkerId},
    sessions::{Activity, Checkpoint, Exit, Size},
    streams::{Channel, Record, StreamKey},
};

use super::World;
use crate::transcript::Deed;

/// One agent.
#[derive(Default)]
pub(super) struct Agent {
    link: Option<LinkId>,
    connection: Option<ConnectionId>,
    /// Where each of its logs ends, and the next record's number.
    places: BTreeMap<StreamKey, (u64, u64)>,
    /// What it was told about terminals, in words.
    heard: Vec<String>,
    call: Option<u64>,
}

impl World {
    pub(super) fn deed(&mut self, name: &str, deed: Deed) -> Result<(), String> {
        match deed {
            Deed::Comes => self.link(name, None),
            Deed::ComesWithBrowser => self.link(name, Some(Arc::default())),
            Deed::Hears(expected) => {
                let agent = self.agents.get_mut(name).ok_or("no such agent")?;
                let heard = std::mem::take(&mut agent.heard).join("; ");
                let heard = if heard.is_empty() { "nothing" } else { &heard };
                if heard != expected {
                    return Err(format!("{name} heard {heard}"));
                }
            }
            deed => {
                let report = self.report(name, deed);
                let link = self.agents[name].link.expect("the agent is online");
                self.core.report(link, report, self.now);
            }
        }
        Ok(())
    }

    /// Notes what an agent is told, if it is for one.
    pub(super) fn tell_agent(&mut self, connection: ConnectionId, delivery: &Delivery) {
        let agent = self.agents.values_mut().find(|agent| agent.connection == Some(connection));
        let (Some(agent), Delivery::Notice(Notice::Order(order))) = (agent, delivery) else {
            return;
        };
        match order {
            Order::Input { text, .. } => agent.heard.push(format!("input {text:?}")),
            Order::Resize { size, .. } => {
                agent.heard.push(format!("resize {} × {}", size.columns, size.rows));
            }
            Order::Call { call, what, .. } => {
                agent.call = Some(*call);
                if let Call::Image { content, .. } = what.as_ref() {
                    agent.heard.push(format!("picture of {} bytes", content.len()));
                }
            }
            _ => {}
        }
    }

    /// The log of a command, or of the present life of a worker.
    pub(super) fn stream(&mut self, name: &str) -> StreamKey {
        let id = self.names.id(name).to_owned();
        if !name.starts_with("wrk-") {
            return StreamKey::command(CommandId::new(&id).unwrap());
        }
        let worker = WorkerId::new(&id).unwrap();
        let view = self.core.fleet().view();
        let found = view.sessions().find_map(|session| session.worker(&worker));
        found.expect("the worker was added").stream()
    }

    fn link(&mut self, name: &str, runs: Option<Arc<[RunId]>>) {
        self.connections += 1000;
        let agent = AgentId::new(name).unwrap();
        let caller = Caller {
            user: name.into(),
            name: name.into(),
            scope: Scope::Agent(agent.clone()),
            connection: ConnectionId(self.connections),
            address: "127.0.0.1".into(),
            program: "".into(),
            expires_at: None,
        };
        self.connections -= 999;
        let profile = Profile {
            name: name.into(),
            agent_type: "claude".into(),
            version: "1.2.3".into(),
            platform: "linux-x86_64".into(),
            host: "box".into(),
            capabilities: match runs {
                Some(_) => [Arc::from("commands"), Arc::from("browser")].into(),
                None => [Arc::from("commands")].into(),
            },
        };
        let incarnation = IncarnationId::new("first").unwrap();
        let hello = Hello {
            agent,
            incarnation,
            key: None,
            is_witness: false,
            profile,
            commands: Vec::new(),
            workers: Vec::new(),
            browsers: Vec::new(),
            runs,
        };
        let request = Request::Agents(agents::Request::Link(hello));
        let Asked::Answered(Ok(Reply::Linked(linked))) = self.core.ask(&caller, request, self.now)
        else {
            panic!("{name} could not link")
        };
        let agent = self.agents.entry(name.into()).or_default();
        (agent.link, agent.connection) = (Some(linked.link), Some(caller.connection));
    }

    fn report(&mut self, name: &str, deed: Deed) -> Report {
        match deed {
            Deed::Comes | Deed::ComesWithBrowser | Deed::Hears(_) => panic!("handled before"),
            Deed::Says(said) => self.of_run(&said),
            Deed::Goes => Report::Lost,
            Deed::Starts(of) => match self.stream(&of) {
                stream if stream.worker().is_some() => Report::WorkerStarted { stream },
                _ => Report::Started { command: self.command(&of), at: self.now.wall },
            },
            Deed::Exits(of, code) => self.ends(&of, Outcome::Exited { code, signal: None }),
            Deed::Killed(of, signal) => {
                self.ends(&of, Outcome::Exited { code: 139, signal: Some(signal.into()) })
            }
            Deed::Interrupts(of) => self.ends(&of, Outcome::Interrupted { code: Some(130) }),
            Deed::TimesOut(of) => self.ends(&of, Outcome::TimedOut { code: Some(137) }),
            Deed::CannotStart(of, reason) => {
                self.ends(&of, Outcome::NotStarted { reason: reason.into() })
            }
            Deed::Prints(whose, text) => {
                Report::Said { stream: self.stream(&whose), text: text.into() }
            }
            Deed::Trouble(reason) => Report::Trouble(reason.map(Into::into)),
            Deed::Loses(count, of) => {
                let stream = self.stream(&of);
                let (position, sequence) = self.place(name, &stream);
                let from = *position;
                *position += count;
                *sequence += 1;
                Report::Missing { stream, from, to: *position, next_sequence: *sequence }
            }
            Deed::Writes { command, text, is_stderr } => {
                let stream = self.stream(&command);
                let channel = match (stream.worker(), is_stderr) {
                    (Some(_), _) => Channel::Terminal,
                    (None, true) => Channel::Stderr,
                    (None, false) => Channel::Stdout,
                };
                let bytes = Bytes::from(text.into_bytes());
                let (position, sequence) = self.place(name, &stream);
                let record =
                    Record { stream, channel, position: *position, sequence: *sequence, bytes };
                (*position, *sequence) = (record.end(), *sequence + 1);
                Report::Output(record)
            }
            Deed::Sees(worker, state) => Report::Activity {
                stream: self.stream(&worker),
                activity: Activity::named(&state).expect("a state's name"),
                question: None,
                age: Duration::ZERO,
            },
            Deed::Resizes(worker, columns, rows) => {
                Report::Resized { stream: self.stream(&worker), size: Size { columns, rows } }
            }
            Deed::GivesSize(worker, viewer) => {
                Report::SizeOwner { stream: self.stream(&worker), viewer: viewer.map(Into::into) }
            }
            Deed::Checkpoints(worker, screen) => {
                let stream = self.stream(&worker);
                let position = self.place(name, &stream).0.to_owned();
                let bytes = Bytes::from(screen.into_bytes());
                Report::Checkpoint(Checkpoint { stream, position, size: Size::default(), bytes })
            }
            Deed::SavesPicture => {
                self.answer(name, Ok(Found::Image { path: "/tmp/picture.png".into() }))
            }
            Deed::RefusesPicture(reason) => {
                let refusal = CallRefusal { cause: RefusalCause::Failed, reason: reason.into() };
                self.answer(name, Err(refusal))
            }
        }
    }

    fn command(&self, name: &str) -> CommandId {
        CommandId::new(self.names.id(name)).unwrap()
    }

    fn place(&mut self, agent: &str, stream: &StreamKey) -> (&mut u64, &mut u64) {
        let places = &mut self.agents.get_mut(agent).expect("the agent came").places;
        let place = places.entry(stream.clone()).or_insert((0, 1));
        (&mut place.0, &mut place.1)
    }

    fn answer(&mut self, agent: &str, answer: Result<Found, CallRefusal>) -> Report {
        let call = self.agents.get_mut(agent).and_then(|agent| agent.call.take());
        Report::Called { call: call.expect("the agent was asked"), answer }
    }

    fn ends(&mut self, of: &str, outcome: Outcome) -> Report {
        let stream = self.stream(of);
        let at = self.now.wall;
        if stream.worker().is_none() {
            let ended = Ended { outcome, at, ran_for: Duration::from_millis(1500) };
            return Report::Ended { command: self.command(of), ended };
        }
        let exit = match outcome {
            Outcome::Exited { code, signal } => Exit { code, signal, reason: None, at },
            Outcome::NotStarted { reason } => {
                Exit { code: 1, signal: None, reason: Some(reason), at }
            }
            other => panic!("a worker does not end like that: {other:?}"),
        };
        Report::WorkerEnded { stream, exit }
    }
}
