//! The core as its callers see it: tables for what is asked, properties for everything else.

mod agent_kinds;
mod audit;
mod away;
mod browsers;
mod clocks;
mod holds;
mod kept_lines;
mod keys;
mod links;
mod lives;
mod people;
mod people_properties;
mod pictures;
mod properties;
mod readiness;
mod reported;
mod resources;
mod returns;
mod runs;
mod runs_browsers;
mod runs_paused;
mod runs_properties;
mod runs_waiting;
mod sessions;
mod steering;
mod storage;
mod viewers;
mod webhook_sending;
mod webhooks;

use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::{
    Role, Scope,
    agents::{Hello, Linked, Order, Profile},
    commands::{Ended, Enqueue, Outcome, Priority, State},
    event::Published,
    fanout::{Language, MessageKind, Messages, Progress, Resync, Shape},
    ids::{AgentId, CommandId, IncarnationId},
    ports::Write,
    streams::{Channel, Record, StreamKey},
    time::Timestamp,
    view::View,
};

/// Says every event in one line, for tests to read.
#[derive(Debug)]
struct Plain;

fn word(event: &Event) -> String {
    match event {
        Event::Agents(agents::Event::Status(agent)) => format!("{} {:?}", agent.id, agent.status),
        Event::Agents(agents::Event::Presence(_)) => String::new(),
        Event::Agents(agents::Event::List(agents)) => format!("list of {}", agents.len()),
        Event::Commands(commands::Event::Status(command)) => {
            let state = match &command.state {
                State::Queued => "queued".to_owned(),
                State::Running { .. } => "running".to_owned(),
                State::Ended(ended) => format!("{:?}", ended.outcome),
            };
            format!("{} {state}", command.line)
        }
        Event::Commands(commands::Event::Queue { waiting, .. }) => {
            let names = waiting.iter().map(|w| format!(" {}:{}", w.position, w.command.line));
            format!("queue{}", names.collect::<String>())
        }
        Event::Output(crate::streams::Event::Written { record, .. }) => {
            format!("output {}", String::from_utf8_lossy(&record.bytes))
        }
        Event::Output(crate::streams::Event::Missing { from, to, .. }) => {
            format!("missing {from}..{to}")
        }
        Event::Attention(attention::Event::Raised(item)) => format!("raised {:?}", item.reason),
        Event::Attention(attention::Event::Cleared(_)) => "cleared".to_owned(),
        Event::Sessions(event) => session_word(event),
        Event::AgentTypes(crate::agent_type::Event::Kept(kept)) => format!("type {}", kept.id),
        Event::AgentTypes(crate::agent_type::Event::Gone(id)) => format!("no type {id}"),
        Event::Audit(record) => format!("audit {}", record.action),
        Event::Browsers(event) => browsers::word(event),
        Event::Said(said) => format!("{} says {}", said.session, said.text),
        Event::Beat => "beat".to_owned(),
        Event::Control(crate::control::Event::Held { agent, hold }) => match hold {
            Some(hold) => format!("{agent} {}", hold.cause.as_str()),
            None => format!("{agent} goes on"),
        },
        Event::Presets(crate::presets::Event::All(all)) => format!("{} presets", all.len()),
        Event::Readiness(crate::readiness::Event::Changed(told)) => {
            format!("{} {}", told.stream, told.status())
        }
        Event::Readiness(crate::readiness::Event::Forgotten(stream)) => format!("no {stream}"),
        Event::Runs(crate::runs::Event::Status(run)) => format!("run {}", run.state.name()),
        Event::Runs(crate::runs::Event::Step(taken)) => format!("step {}", taken.step.number),
    }
}

fn session_word(event: &crate::sessions::Event) -> String {
    use crate::sessions::Event;
    match event {
        Event::Created(session) => format!("created with {} workers", session.workers.len()),
        Event::Updated(session) => {
            let states = session.workers.iter().map(|worker| match &worker.state {
                crate::sessions::WorkerState::Starting => " starting".to_owned(),
                crate::sessions::WorkerState::Running { .. } => " running".to_owned(),
                crate::sessions::WorkerState::Ended(exit) => format!(" {}", exit.code),
            });
            let rest = if session.is_active { "" } else { " inactive" };
            format!("updated{}{rest}", states.collect::<String>())
        }
        Event::Deleted(_) => "deleted".to_owned(),
        Event::Activity(worker) => format!("worker {}", worker.activity.as_str()),
        Event::Ended(worker) => format!("exit in life {}", worker.epoch),
        Event::Restarted(worker) => format!("life {}", worker.epoch),
        Event::Removed(_) => "removed".to_owned(),
        Event::Resized(worker) => format!("{}x{}", worker.size.columns, worker.size.rows),
        Event::Viewers(viewers) => {
            let named = viewers.named.iter().map(|viewer| {
                let types = if viewer.may_type { "" } else { " reads" };
                let owns = if viewer.owns_size { " owns" } else { "" };
                format!(" {}{types}{owns},", viewer.name)
            });
            format!("{} watch:{}", viewers.total, named.collect::<String>())
        }
        Event::Repositories(all) => format!("{} repositories", all.len()),
    }
}

impl Language for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }
    fn event(&self, published: &Published, out: &mut Messages) {
        // Tests of the audit have a language of their own.
        if matches!(published.event, Event::Audit(_)) {
            return;
        }
        let line = word(&published.event);
        if line.is_empty() {
            return;
        }
        out.push(MessageKind::Text, |bytes| bytes.extend(format!("{line}\n").into_bytes()));
    }
    fn snapshot(&self, view: &View, _: Timestamp, out: &mut Messages) {
        let line = format!("snapshot {} {}\n", view.agents().len(), view.running().count());
        out.push(MessageKind::Text, |bytes| bytes.extend(line.into_bytes()));
    }
    fn resync(&self, _: &View, resync: &Resync, _: Timestamp, out: &mut Messages) {
        let gaps: Vec<_> = resync.gaps.iter().map(|gap| gap.next_sequence).collect();
        let line = format!("resync {gaps:?}\n");
        out.push(MessageKind::Text, |bytes| bytes.extend(line.into_bytes()));
    }
    fn resync_ends(&self, view: &View, resync: &Resync, _: Timestamp, out: &mut Messages) {
        for command in view.ended_since(resync.seen) {
            let line = format!("ended {}\n", command.line);
            out.push(MessageKind::Text, |bytes| bytes.extend(line.into_bytes()));
        }
    }
}

struct NoFraming;

impl crate::fanout::Framing for NoFraming {
    fn frame(&mut self, message: crate::fanout::Message<'_>, out: &mut bytes::BytesMut) -> bool {
        out.extend_from_slice(message.payload);
        false
    }
}

/// A core, a clock that is turned by hand, and one viewer.
struct Bench {
    core: Core,
    now: Moment,
    shape: Shape,
    cursor: u64,
    stored: Vec<Write>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Settings { queue_capacity: 5, ..Settings::default() })
    }

    fn with(settings: Settings) -> Self {
        let mut core = Core::new(settings, 1);
        let now = Moment { wall: Timestamp(1_000_000), steady: Steady(0) };
        let watched = core.fleet().watch(&Plain, 0, || Box::new(NoFraming), now.wall);
        Self { core, now, shape: watched.shape, cursor: watched.cursor, stored: Vec::new() }
    }

    fn pass(&mut self, milliseconds: u64) {
        self.now.wall.0 += milliseconds;
        self.now.steady.0 += milliseconds;
        self.core.advance(self.now);
    }

    /// What the viewer was told since it was last asked.
    fn seen(&mut self) -> Vec<String> {
        match self.core.fleet().read(self.shape, self.cursor, self.now.wall) {
            Progress::Events(batch) => {
                self.cursor = batch.next;
                let text = String::from_utf8(batch.slices.concat()).unwrap();
                text.lines().map(str::to_owned).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn commit(&mut self) {
        while let Some(writes) = self.core.begin_commit() {
            self.stored.extend_from_slice(&writes);
            self.core.end_commit(true);
        }
    }

    fn fail_commit(&mut self) {
        assert!(self.core.begin_commit().is_some());
        self.core.end_commit(false);
    }

    fn link(&mut self, agent: &str, connection: u64) -> Arc<Linked> {
        let hello = hello(agent);
        match self.core.ask(&agent_caller(agent, connection), hello, self.now) {
            Asked::Answered(Ok(Reply::Linked(linked))) => linked,
            other => panic!("{other:?}"),
        }
    }

    fn enqueue(&mut self, line: &str, priority: Priority) -> Asked {
        let request = enqueue("a", line, priority);
        self.core.ask(&person(Role::Operator), request, self.now)
    }

    /// Queues a command, stores it, and returns its id.
    fn queued(&mut self, line: &str, priority: Priority) -> CommandId {
        assert_eq!(self.enqueue(line, priority), Asked::AfterCommit);
        self.commit();
        let deliveries = self.core.deliveries.iter().rev();
        let ids = deliveries.filter_map(|(_, delivery)| match delivery {
            Delivery::Answer(Ok(Reply::Queued(id))) => Some(id.clone()),
            _ => None,
        });
        ids.into_iter().next().unwrap()
    }

    fn orders(&mut self) -> Vec<Order> {
        let deliveries = self.core.take_deliveries().into_iter();
        deliveries
            .filter_map(|(_, delivery)| match delivery {
                Delivery::Notice(Notice::Order(order)) => Some(order),
                _ => None,
            })
            .collect()
    }

    fn started(&mut self, link: LinkId, command: &CommandId) {
        let at = self.now.wall;
        let report = Report::Started { command: command.clone(), at };
        self.core.report(link, report, self.now);
    }

    fn wrote(
        &mut self,
        link: LinkId,
        command: &CommandId,
        (position, sequence): (u64, u64),
        text: &str,
    ) {
        let record = Record {
            stream: StreamKey::command(command.clone()),
            channel: Channel::Stdout,
            position,
            sequence,
            bytes: Bytes::copy_from_slice(text.as_bytes()),
        };
        self.core.report(link, Report::Output(record), self.now);
    }

    fn ended(&mut self, link: LinkId, command: &CommandId, outcome: Outcome) {
        let ended = Ended { outcome, at: self.now.wall, ran_for: Duration::from_millis(5) };
        let report = Report::Ended { command: command.clone(), ended };
        self.core.report(link, report, self.now);
    }
}

fn hello(agent: &str) -> Request {
    Request::Agents(agents::Request::Link(Hello {
        agent: agent.parse().unwrap(),
        incarnation: IncarnationId::new("life-1").unwrap(),
        key: None,
        is_witness: false,
        profile: Profile {
            name: agent.into(),
            agent_type: "shell".into(),
            version: "1".into(),
            platform: "linux".into(),
            host: "here".into(),
            capabilities: Arc::new(["commands".into()]),
        },
        commands: Vec::new(),
        workers: Vec::new(),
        browsers: Vec::new(),
        runs: None,
    }))
}

fn enqueue(agent: &str, line: &str, priority: Priority) -> Request {
    Request::Commands(commands::Request::Enqueue(Enqueue {
        agent: agent.parse().unwrap(),
        line: line.into(),
        priority,
        timeout: None,
        directory: None,
        environment: Vec::new(),
        request_id: None,
    }))
}

fn interrupt(command: &CommandId) -> Request {
    Request::Commands(commands::Request::Interrupt { command: command.clone(), reason: None })
}

fn person(role: Role) -> Caller {
    Caller {
        user: "ann".into(),
        name: "Ann".into(),
        scope: Scope::Person(role),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    }
}

fn agent_caller(agent: &str, connection: u64) -> Caller {
    let id: AgentId = agent.parse().unwrap();
    let scope = Scope::Agent(id);
    Caller {
        user: agent.into(),
        scope,
        connection: ConnectionId(connection),
        ..person(Role::Viewer)
    }
}

fn exited(code: i32) -> Outcome {
    Outcome::Exited { code, signal: None }
}
