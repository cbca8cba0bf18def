//! The doors of these tests: an agent that prints what it is told to, and a viewer that is told all in short lines.
//!
//! A viewer's lines: `begin continued|empty|screen AT RECORDS -> POSITION`, with `anew` in front after it fell
//! behind, records and live output as `POSITION+LENGTH:FIRST LETTER`; `exit CODE`; `refused WHY`.

use std::sync::Arc;

use bytes::Bytes;
use pilothouse_core::{
    Caller, CoreError, Event, Notice, Reply, Request, Role, Scope,
    agents::{self, Hello, Order, Profile, Report},
    event::Published,
    fanout::{Language, MessageKind, Messages, Resync},
    ids::{ConnectionId, LinkId},
    sessions::{self, Checkpoint, Exit, Size, Touch, WorkerState},
    streams::{Channel, Record, StreamKey},
    time::{Moment, Timestamp},
    view::View,
};
use pilothouse_protocols::{
    Action, Actions, Attach, Attachment, Claim, CloseCode, Conversation, Door, Input, LogPage,
    Past, ReadLog, Start, TerminalLanguage, TokenRule, door::MessageLimits,
};

pub(super) fn person(role: Role) -> Caller {
    Caller {
        user: "ann".into(),
        name: "Ann".into(),
        scope: Scope::Person(role),
        // One that no loop owns, for requests of the test itself.
        connection: ConnectionId(u64::MAX),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    }
}

pub(super) fn agent() -> Caller {
    Caller { user: "a".into(), scope: Scope::Agent("a".parse().unwrap()), ..person(Role::Viewer) }
}

const fn door(
    path: &'static str,
    open: fn(&pilothouse_protocols::Settings) -> Box<dyn Conversation>,
) -> Door {
    Door {
        // Counts are kept for the doors that there are.
        name: "dashboard",
        path,
        claim: Claim::Path,
        subprotocols: &[],
        token: TokenRule::HandshakeOrMessage,
        open_on_loopback: false,
        admits: |_| true,
        largest_message: |_| MessageLimits { before_token: 1 << 20, after_token: 1 << 20 },
        excess: None,
        compress_above: |_| None,
        ping: |_| None,
        silence: |_| None,
        open,
    }
}

pub(super) static VIEWER: Door = door("/viewer", |_| Box::new(FakeViewer { stream: None }));
pub(super) static AGENT: Door = door("/agent", |_| Box::new(FakeAgent::default()));

fn send(actions: &mut Actions, line: String) {
    actions.push(Action::Send { kind: MessageKind::Text, payload: Bytes::from(line) });
}

fn record_word(record: &Record) -> String {
    let first = record.bytes.first().map_or('-', |byte| char::from(*byte));
    format!("{}+{}:{first}", record.position, record.bytes.len())
}

/// Says events in short lines. A line of output is as long as the output, so that floods are floods.
#[derive(Debug)]
struct Short;

impl Language for Short {
    fn name(&self) -> &'static str {
        "short"
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        let line = match &published.event {
            Event::Output(pilothouse_core::streams::Event::Written { record, .. }) => {
                let word = record_word(record);
                let rest = record.bytes.len().saturating_sub(word.len());
                word + &" ".repeat(rest)
            }
            Event::Sessions(sessions::Event::Ended(worker)) => {
                let WorkerState::Ended(exit) = &worker.state else { return };
                format!("exit {}", exit.code)
            }
            _ => return,
        };
        out.push(MessageKind::Text, |bytes| bytes.extend(line.into_bytes()));
    }

    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}
    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
}

/// Attaches when it is opened; `type WORDS`, `log FROM TO`, `ping`.
struct FakeViewer {
    stream: Option<StreamKey>,
}

impl Conversation for FakeViewer {
    fn handle(&mut self, input: Input<'_>, _: Moment, actions: &mut Actions) {
        match input {
            Input::Opened(opening) => {
                let field = |name| {
                    let known = opening.query.iter().find(|(known, _)| known == name);
                    known.map(|(_, value)| value.as_str())
                };
                let has = field("has").and_then(|has| has.split_once(':'));
                let worker: pilothouse_core::ids::WorkerId =
                    field("worker").unwrap().parse().unwrap();
                actions.push(Action::Attach(Attach {
                    session: field("session").unwrap().parse().unwrap(),
                    worker,
                    language: &Short,
                    has: has.map(|(epoch, at)| (epoch.parse().unwrap(), at.parse().unwrap())),
                }));
            }
            Input::Attached(Ok(attachment)) => {
                self.stream = Some(attachment.worker.stream());
                send(actions, beginning(&attachment));
            }
            Input::Attached(Err(refusal)) => {
                send(actions, format!("refused {refusal}"));
                actions.push(Action::Close(CloseCode::Normal));
            }
            Input::Text("ping") => send(actions, "pong".to_owned()),
            Input::Text(text) => self.take(text, actions),
            Input::LogRead(page) => send(actions, page_word(page)),
            _ => {}
        }
    }
}

impl FakeViewer {
    fn take(&self, text: &str, actions: &mut Actions) {
        let stream = self.stream.clone().unwrap();
        if let Some(typed) = text.strip_prefix("type ") {
            let worker = stream.worker().unwrap().clone();
            actions.push(Action::Touch(worker, Touch::Input(typed.into())));
        } else {
            let mut words = text.split(' ').skip(1).map(|word| word.parse().unwrap());
            let (from, to) = (words.next().unwrap(), words.next().unwrap());
            actions.push(Action::ReadLog(ReadLog { stream, from, to }));
        }
    }
}

impl TerminalLanguage for Short {
    fn past(&self, past: &Past) -> Option<Vec<u8>> {
        let (kind, at) = match &past.start {
            Start::Checkpoint(checkpoint) => ("screen", checkpoint.position),
            Start::Continued(at) => ("continued", *at),
            Start::Empty(at) => ("empty", *at),
        };
        let records = past.records.iter().map(|record| record_word(record) + " ");
        let records: String = records.collect();
        Some(format!("begin {kind} {at} {records}-> {}", past.position).into_bytes())
    }
}

fn beginning(attachment: &Attachment) -> String {
    let anew = if attachment.is_resync { "anew " } else { "" };
    anew.to_owned() + std::str::from_utf8(attachment.past.as_ref().unwrap()).unwrap()
}

fn page_word(page: Result<LogPage, CoreError>) -> String {
    match page {
        Ok(page) => {
            let records: Vec<_> = page.records.iter().map(record_word).collect();
            format!("log {} {}", page.first, records.join(" "))
        }
        Err(refusal) => format!("log refused {refusal}"),
    }
}

/// Links when it is opened. `print COUNT LETTERS` prints that many records, each the letters' first repeated as often as
/// the second number says; `screen`, `exit`. Says what it is ordered.
#[derive(Default)]
struct FakeAgent {
    link: Option<LinkId>,
    stream: Option<StreamKey>,
    position: u64,
    sequence: u64,
}

impl Conversation for FakeAgent {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        match input {
            Input::Opened(_) => actions.push(Action::Ask(hello())),
            Input::Answer(Ok(Reply::Linked(linked))) => {
                self.link = Some(linked.link);
                send(actions, "linked".to_owned());
            }
            Input::Notice(Notice::Order(Order::Spawn(order))) => {
                self.stream = Some(order.stream.clone());
                self.report(actions, Report::WorkerStarted { stream: order.stream.clone() });
                let worker = order.stream.worker().unwrap();
                send(actions, format!("spawn {} {worker}", order.session));
            }
            Input::Notice(Notice::Order(Order::Input { text, .. })) => {
                send(actions, format!("input {text}"));
            }
            Input::Notice(Notice::Order(Order::Leave { .. })) => {
                send(actions, "leave".to_owned());
            }
            Input::Text(text) => self.take(text, now.wall, actions),
            _ => {}
        }
    }
}

impl FakeAgent {
    fn report(&self, actions: &mut Actions, report: Report) {
        actions.push(Action::Report(self.link.unwrap(), report));
    }

    fn take(&mut self, text: &str, at: Timestamp, actions: &mut Actions) {
        let stream = self.stream.clone().unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["print", letter, size] => {
                let bytes = Bytes::from(letter.repeat(size.parse().unwrap()));
                self.sequence += 1;
                let (position, sequence) = (self.position, self.sequence);
                self.position += bytes.len() as u64;
                let channel = Channel::Terminal;
                let record = Record { stream, channel, position, sequence, bytes };
                self.report(actions, Report::Output(record));
            }
            ["screen"] => {
                let (position, size) = (self.position, Size::default());
                let bytes = Bytes::from_static(b"screen");
                let checkpoint = Checkpoint { stream, position, size, bytes };
                self.report(actions, Report::Checkpoint(checkpoint));
            }
            ["exit"] => {
                let exit = Exit { code: 3, signal: None, reason: None, at };
                self.report(actions, Report::WorkerEnded { stream, exit });
            }
            _ => panic!("{text}"),
        }
    }
}

fn hello() -> Request {
    Request::Agents(agents::Request::Link(Hello {
        agent: "a".parse().unwrap(),
        incarnation: "life-1".parse().unwrap(),
        key: None,
        is_witness: false,
        profile: Profile {
            name: "a".into(),
            agent_type: "shell".into(),
            version: "1".into(),
            platform: "linux".into(),
            host: "here".into(),
            capabilities: Arc::new(["terminals".into()]),
        },
        commands: Vec::new(),
        workers: Vec::new(),
        browsers: Vec::new(),
        runs: None,
    }))
}
