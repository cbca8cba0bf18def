//! Runs transcripts in memory: the real core, one door's conversations, fake agents, a clock turned by hand.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use pilothouse_core::{
    Asked, Caller, Core, CoreError, Delivery, Reply, Request, Role, Scope, Urgency,
    agents::{self, Hello, Profile, Report},
    commands::{Ended, Outcome},
    fanout::{Framing, Message, MessageKind, Progress, Shape},
    ids::{AgentId, CommandId, ConnectionId, IncarnationId, LinkId},
    ports::Write,
    streams::{Channel, Record, StoredGroup, StreamKey},
    time::{Moment, Steady, Timestamp},
};
use serde_json::Value;

use crate::{
    Action, Actions, CloseCode, Conversation, Denied, Door, Input, Opening, Recall, Recalled,
    Settings,
    transcript::{Act, Deed, Names, Step, Transcript},
};

/// 2026-01-01, so that timestamps look like some.
const START: u64 = 1_767_225_600_000;
/// `limits.messages_per_second`
const MESSAGES_PER_SECOND: usize = 100;

struct Client {
    conversation: Box<dyn Conversation>,
    connection: ConnectionId,
    caller: Option<Caller>,
    watching: Option<(Shape, u64)>,
    wakes_at: Option<Steady>,
    inbox: VecDeque<String>,
    closed: Option<CloseCode>,
    is_behind: bool,
    sent_this_second: usize,
}

#[derive(Default)]
struct Agent {
    link: Option<LinkId>,
    positions: BTreeMap<String, (u64, u64)>,
}

struct World {
    door: &'static Door,
    core: Core,
    now: Moment,
    stores: bool,
    stored: Vec<StoredGroup>,
    clients: BTreeMap<String, Client>,
    agents: BTreeMap<String, Agent>,
    names: Names,
    connections: u64,
}

/// Runs one transcript; panics at the first line that is not kept.
pub(crate) fn run(door: &'static Door, name: &str, text: &str) {
    let transcript = Transcript::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let now = Moment { wall: Timestamp(START), steady: Steady(0) };
    // A ring small enough for a transcript to fall off, and a queue that is soon full.
    let settings = pilothouse_core::Settings {
        ring_bytes: 16 << 10,
        backlog_bytes: 512,
        queue_capacity: 2,
        ..pilothouse_core::Settings::default()
    };
    let mut world = World {
        door,
        core: Core::new(settings, 1),
        now,
        stores: true,
        stored: Vec::new(),
        clients: BTreeMap::new(),
        agents: BTreeMap::new(),
        names: Names::default(),
        connections: 0,
    };
    for (line, step) in transcript.steps {
        world.step(step).unwrap_or_else(|error| panic!("{name}, line {line}: {error}"));
    }
    for (client, left) in &world.clients {
        assert!(left.inbox.is_empty(), "{name}: {client} was also told {:#?}", left.inbox);
    }
}

impl World {
    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Client { client, act } => self.act(&client, act)?,
            Step::Agent { agent, deed } => self.deed(&agent, deed),
            Step::Pass(duration) => self.pass(duration),
            Step::Storage(is_there) => self.stores = is_there,
            Step::ServerStops => {
                for name in self.names_of_clients() {
                    self.input(&name, &Fed::Shutdown);
                }
            }
        }
        self.settle();
        Ok(())
    }

    fn act(&mut self, name: &str, act: Act) -> Result<(), String> {
        if let Act::Connect(path) = act {
            return self.connect(name, &path);
        }
        let client = self.clients.get_mut(name).ok_or("nobody of that name connected")?;
        match act {
            Act::Connect(_) => {}
            Act::Send(text) => self.send(name, &text, 1),
            Act::SendMany(count, text) => self.send(name, &text, count),
            Act::SendBinary(bytes) => self.input(name, &Fed::Binary(bytes)),
            Act::TokenExpires => self.input(name, &Fed::Expired),
            Act::FallsBehind => client.is_behind = true,
            Act::CatchesUp => client.is_behind = false,
            Act::Expect(expected) => {
                let Some(text) = client.inbox.pop_front() else {
                    return Err(format!("nothing came, expected {expected}"));
                };
                let actual: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
                assert_eq!(actual["version"], "1.0.0", "{text}");
                assert!(actual["timestamp"].as_u64().is_some_and(|at| at >= START), "{text}");
                self.names.matches(&expected, &actual).map_err(|e| format!("{e}\nin {text}"))?;
            }
            Act::ExpectClose(code) => {
                let closed = client.closed.map(CloseCode::number);
                if closed != Some(code) || !client.inbox.is_empty() {
                    return Err(format!("closed: {closed:?}, unread: {:?}", client.inbox));
                }
            }
            Act::ExpectNothing => {
                if !client.inbox.is_empty() || client.closed.is_some() {
                    return Err(format!("came: {:?}, closed: {:?}", client.inbox, client.closed));
                }
            }
        }
        Ok(())
    }

    fn connect(&mut self, name: &str, path: &str) -> Result<(), String> {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let token = path.split_once("token=").map(|(_, token)| token);
        let caller = match token {
            Some(token) => Some(verify(token, connection).map_err(|denied| denied.to_string())?),
            None => None,
        };
        let client = Client {
            conversation: (self.door.open)(&Settings::default()),
            connection,
            caller: caller.clone(),
            watching: None,
            wakes_at: None,
            inbox: VecDeque::new(),
            closed: None,
            is_behind: false,
            sent_this_second: 0,
        };
        self.clients.insert(name.into(), client);
        let opening = Opening { connection, caller, parameters: Vec::new(), query: Vec::new() };
        self.input(name, &Fed::Opened(opening));
        Ok(())
    }

    fn send(&mut self, name: &str, text: &str, count: usize) {
        let text = self.names.resolve(text);
        let mut dropped = 0;
        for _ in 0..count {
            let Some(client) = self.clients.get_mut(name) else { return };
            client.sent_this_second += 1;
            if client.sent_this_second > MESSAGES_PER_SECOND {
                dropped += 1;
            } else {
                self.input(name, &Fed::Text(text.clone()));
                self.settle();
            }
        }
        if dropped > 0 {
            self.input(name, &Fed::TooFast(dropped));
        }
    }

    /// Feeds one input, and whatever answers it leads to.
    fn input(&mut self, name: &str, first: &Fed) {
        let mut actions = Actions::new();
        let Some(client) = self.clients.get_mut(name) else { return };
        if client.closed.is_some() {
            return;
        }
        client.conversation.handle(first.as_input(), self.now, &mut actions);
        for action in actions {
            self.perform(name, action);
        }
    }

    fn perform(&mut self, name: &str, action: Action) {
        let Some(client) = self.clients.get_mut(name) else { return };
        match action {
            Action::Send { payload, .. } => {
                client.inbox.push_back(String::from_utf8(payload.to_vec()).unwrap());
            }
            Action::Close(code) => client.closed = Some(code),
            Action::WakeAt(at) => client.wakes_at = Some(at),
            Action::Watch(language) => {
                let watched =
                    self.core.fleet().watch(language, 0, || Box::new(Lines), self.now.wall);
                client.watching = Some((watched.shape, watched.cursor));
                receive(&mut client.inbox, &watched.snapshot);
            }
            Action::Verify(token) => {
                let verified = verify(&token, client.connection);
                if let Ok(caller) = &verified {
                    client.caller = Some(caller.clone());
                }
                self.input(name, &Fed::Verified(verified));
            }
            Action::Ask(request) => {
                let caller = client.caller.clone().expect("only callers ask");
                if let Asked::Answered(answer) = self.core.ask(&caller, request, self.now) {
                    self.input(name, &Fed::Delivery(Delivery::Answer(answer)));
                }
            }
            Action::Recall(recall) => {
                let recalled = self.recall(&recall);
                self.input(name, &Fed::Recalled(recalled));
            }
            Action::Attach(_) | Action::ReadLog(_) | Action::Touch(..) => {
                panic!("terminals are not in memory")
            }
            Action::Report(..) => panic!("a viewer reports nothing"),
        }
    }

    /// Pages of two records, so that transcripts need not be long.
    fn recall(&mut self, recall: &Recall) -> Result<Recalled, CoreError> {
        let unknown = || CoreError::CommandNotFound(recall.command.clone());
        let command = self.core.fleet().view().command(&recall.command).ok_or_else(unknown)?;
        let stream = StreamKey::command(recall.command.clone());
        let groups = self.stored.iter().filter(|group| group.stream == stream);
        let mut records: Vec<_> = groups.flat_map(StoredGroup::numbered).collect();
        records.retain(|record| record.sequence > recall.after);
        let is_last = records.len() <= 2;
        records.truncate(2);
        Ok(Recalled { command: command.clone(), records, is_last })
    }

    /// Stores, delivers and shows until nothing is left to do.
    fn settle(&mut self) {
        loop {
            if self.core.wants_commit() != Urgency::Nothing
                && let Some(writes) = self.core.begin_commit()
            {
                self.stored.extend(writes.iter().filter_map(|write| match write {
                    Write::Output(group) if self.stores => Some(group.clone()),
                    _ => None,
                }));
                self.core.end_commit(self.stores);
            }
            let deliveries = self.core.take_deliveries();
            let is_done = deliveries.is_empty();
            for (connection, delivery) in deliveries {
                let to = self.clients.iter().find(|(_, client)| client.connection == connection);
                if let Some(name) = to.map(|(name, _)| name.clone()) {
                    self.show();
                    self.input(&name, &Fed::Delivery(delivery));
                }
            }
            self.show();
            if is_done {
                return;
            }
        }
    }

    fn show(&mut self) {
        for client in self.clients.values_mut().filter(|client| !client.is_behind) {
            let Some((shape, cursor)) = &mut client.watching else { continue };
            if client.closed.is_some() {
                continue;
            }
            let slices = match self.core.fleet().read(*shape, *cursor, self.now.wall) {
                Progress::Events(batch) => {
                    *cursor = batch.next;
                    batch.slices
                }
                Progress::Resynced { slices, cursor: next } => {
                    *cursor = next;
                    slices
                }
                Progress::Gone | Progress::FellOff => panic!("somebody watches the fleet"),
            };
            for slice in slices {
                receive(&mut client.inbox, &slice);
            }
        }
    }

    fn pass(&mut self, duration: Duration) {
        let end = self.now.steady + duration;
        for client in self.clients.values_mut() {
            client.sent_this_second = 0;
        }
        loop {
            let alarms = self.clients.values().filter_map(|client| client.wakes_at);
            let next = alarms.chain(self.core.next_due()).min().filter(|at| *at <= end);
            let to = next.unwrap_or(end).max(self.now.steady);
            self.now.wall.0 += to.0 - self.now.steady.0;
            self.now.steady = to;
            self.core.advance(self.now);
            for name in self.names_of_clients() {
                let client = self.clients.get_mut(&name).expect("just listed");
                if client.wakes_at.is_some_and(|at| at <= to) {
                    client.wakes_at = None;
                    self.input(&name, &Fed::Woke);
                }
            }
            self.settle();
            if next.is_none() {
                return;
            }
        }
    }

    fn names_of_clients(&self) -> Vec<String> {
        self.clients.keys().cloned().collect()
    }

    fn deed(&mut self, name: &str, deed: Deed) {
        if let Deed::Comes = deed {
            return self.link(name);
        }
        let report = self.report(name, deed);
        let link = self.agents[name].link.expect("the agent is online");
        self.core.report(link, report, self.now);
    }

    fn link(&mut self, name: &str) {
        self.connections += 1000;
        let agent = AgentId::new(name).unwrap();
        let caller = Caller {
            user: name.into(),
            name: name.into(),
            scope: Scope::Agent(agent.clone()),
            connection: ConnectionId(self.connections),
            address: "127.0.0.1".into(),
            expires_at: None,
        };
        self.connections -= 999;
        let profile = Profile {
            name: name.into(),
            agent_type: "claude".into(),
            version: "1.2.3".into(),
            platform: "linux-x86_64".into(),
            host: "box".into(),
            capabilities: [Arc::from("commands")].into(),
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
        };
        let request = Request::Agents(agents::Request::Link(hello));
        let Asked::Answered(Ok(Reply::Linked(linked))) = self.core.ask(&caller, request, self.now)
        else {
            panic!("{name} could not link")
        };
        self.agents.entry(name.into()).or_default().link = Some(linked.link);
    }

    fn report(&mut self, name: &str, deed: Deed) -> Report {
        let id = |command: &str| CommandId::new(self.names.id(command)).unwrap();
        let ended = |command: &str, outcome| {
            let ended = Ended { outcome, at: self.now.wall, ran_for: Duration::from_millis(1500) };
            Report::Ended { command: id(command), ended }
        };
        match deed {
            Deed::Comes => panic!("handled before"),
            Deed::Goes => Report::Lost,
            Deed::Starts(command) => Report::Started { command: id(&command), at: self.now.wall },
            Deed::Exits(command, code) => ended(&command, Outcome::Exited { code, signal: None }),
            Deed::Killed(command, signal) => {
                ended(&command, Outcome::Exited { code: 139, signal: Some(signal.into()) })
            }
            Deed::Interrupts(command) => ended(&command, Outcome::Interrupted { code: Some(130) }),
            Deed::TimesOut(command) => ended(&command, Outcome::TimedOut { code: Some(137) }),
            Deed::CannotStart(command, reason) => {
                ended(&command, Outcome::NotStarted { reason: reason.into() })
            }
            Deed::Loses(count, command) => {
                let stream = StreamKey::command(id(&command));
                let place = self.agents.get_mut(name).unwrap().positions.entry(command);
                let (position, sequence) = place.or_insert((0, 1));
                let from = *position;
                *position += count;
                *sequence += 1;
                Report::Missing { stream, from, to: *position, next_sequence: *sequence }
            }
            Deed::Writes { command, text, is_stderr } => {
                let stream = StreamKey::command(id(&command));
                let place = self.agents.get_mut(name).unwrap().positions.entry(command);
                let (position, sequence) = place.or_insert((0, 1));
                let bytes = Bytes::from(text.into_bytes());
                let channel = if is_stderr { Channel::Stderr } else { Channel::Stdout };
                let record =
                    Record { stream, channel, position: *position, sequence: *sequence, bytes };
                (*position, *sequence) = (record.end(), *sequence + 1);
                Report::Output(record)
            }
        }
    }
}

/// An input that owns what it carries.
enum Fed {
    Opened(Opening),
    Text(String),
    Binary(Vec<u8>),
    TooFast(u64),
    Verified(Result<Caller, Denied>),
    Delivery(Delivery),
    Recalled(Result<Recalled, CoreError>),
    Woke,
    Expired,
    Shutdown,
}

impl Fed {
    fn as_input(&self) -> Input<'_> {
        match self {
            Self::Opened(opening) => Input::Opened(opening),
            Self::Text(text) => Input::Text(text),
            Self::Binary(bytes) => Input::Binary(bytes),
            Self::TooFast(dropped) => Input::TooFast { dropped: *dropped },
            Self::Verified(verified) => Input::Verified(verified.clone()),
            Self::Delivery(Delivery::Answer(answer)) => Input::Answer(answer.clone()),
            Self::Delivery(Delivery::Notice(notice)) => Input::Notice(notice),
            Self::Recalled(recalled) => Input::Recalled(recalled.clone()),
            Self::Woke => Input::Woke,
            Self::Expired => Input::Expired,
            Self::Shutdown => Input::Shutdown,
        }
    }
}

/// A token is its user's name; `-viewer` at its end is a role, a number there tells tokens apart.
fn verify(token: &str, connection: ConnectionId) -> Result<Caller, Denied> {
    if token == "bad" || token.is_empty() {
        return Err(Denied { reason: "the token is not valid" });
    }
    let (user, role) = match token.strip_suffix("-viewer") {
        Some(user) => (user, Role::Viewer),
        None => (token, Role::Operator),
    };
    let user = user.split_once('-').map_or(user, |(user, _)| user);
    Ok(Caller {
        user: user.into(),
        name: user.into(),
        scope: Scope::Person(role),
        connection,
        address: "127.0.0.1".into(),
        expires_at: Some(Timestamp(START + 3_600_000)),
    })
}

/// One message a line: JSON on one line has none inside.
struct Lines;

impl Framing for Lines {
    fn frame(&mut self, message: Message<'_>, out: &mut BytesMut) -> bool {
        assert_eq!(message.kind, MessageKind::Text);
        out.extend_from_slice(message.payload);
        out.extend_from_slice(b"\n");
        false
    }
}

fn receive(inbox: &mut VecDeque<String>, framed: &[u8]) {
    inbox.extend(std::str::from_utf8(framed).unwrap().lines().map(String::from));
}
