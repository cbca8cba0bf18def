//! Runs transcripts in memory: the real core, one door's conversations, fake agents, a clock turned by hand.

mod agents;
mod fed;
mod runs;
mod sessions;
mod terminals;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use pilothouse_core::{
    Asked, Caller, Core, CoreError, Delivery, Reply, Urgency,
    fanout::{Progress, Shape, TopicKey},
    ids::{AgentId, ConnectionId, SessionId},
    listening::{Cursors, Heard},
    ports::{Stored, Write},
    sessions::Checkpoint,
    streams::{StoredGroup, StreamKey},
    time::{Moment, Steady, Timestamp},
};
use serde_json::Value;

use crate::{
    Action, Actions, CloseCode, Conversation, Door, Opening, ReadStep, Recall, Recalled, Settings,
    TerminalLanguage, lobby,
    transcript::{Act, Names, Step, Transcript},
};
use agents::Agent;
use fed::{Fed, Lines, receive, verify};
use runs::StoredRuns;

/// 2026-01-01, so that timestamps look like some.
const START: u64 = 1_767_225_600_000;
/// `limits.messages_per_second`
const MESSAGES_PER_SECOND: usize = 100;

/// How many events one turn brings.
const MOST_HEARD: usize = 2000;

/// A message that passed a door in a transcript.
pub(crate) struct Said {
    /// Whether a client said it, and not the server.
    pub(crate) by_client: bool,
    /// The message.
    pub(crate) text: String,
}

struct Client {
    conversation: Box<dyn Conversation>,
    connection: ConnectionId,
    caller: Option<Caller>,
    watching: Option<Watching>,
    cursors: Cursors,
    wakes_at: Option<Steady>,
    /// The step that is read once it takes bytes again.
    wanted_step: Option<ReadStep>,
    inbox: VecDeque<String>,
    closed: Option<CloseCode>,
    is_behind: bool,
    sent_this_second: usize,
}

struct Watching {
    topic: TopicKey,
    shape: Shape,
    cursor: u64,
    may_type: bool,
    /// In front of a terminal: which session it is of, and in which words it is told.
    terminal: Option<(SessionId, &'static dyn TerminalLanguage)>,
}

struct World {
    door: &'static Door,
    core: Core,
    now: Moment,
    stores: bool,
    stored: Vec<StoredGroup>,
    checkpoints: Vec<Checkpoint>,
    stored_runs: StoredRuns,
    clients: BTreeMap<String, Client>,
    agents: BTreeMap<String, Agent>,
    names: Names,
    connections: u64,
    /// What the operator was answered.
    answered: Option<Result<Reply, CoreError>>,
    said: Vec<Said>,
}

/// Runs one transcript; panics at the first line that is not kept. Returns what was said.
pub(crate) fn run(door: &'static Door, name: &str, text: &str) -> Vec<Said> {
    let transcript = Transcript::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let now = Moment { wall: Timestamp(START), steady: Steady(0) };
    // A ring small enough for a transcript to fall off, and a queue that is soon full.
    let settings = pilothouse_core::Settings {
        ring_bytes: 16 << 10,
        backlog_bytes: 512,
        queue_capacity: 2,
        // Only mission control has words for it; the others' clocks stay still.
        beat_every: (door.name == "mission_control").then_some(Duration::from_secs(30)),
        ..pilothouse_core::Settings::default()
    };
    let mut core = Core::new(settings, 1);
    core.restore(Stored::default(), now);
    let mut world = World {
        door,
        core,
        now,
        stores: true,
        stored: Vec::new(),
        checkpoints: Vec::new(),
        stored_runs: StoredRuns::default(),
        clients: BTreeMap::new(),
        agents: BTreeMap::new(),
        names: Names::default(),
        connections: 0,
        answered: None,
        said: Vec::new(),
    };
    for (line, step) in transcript.steps {
        world.step(step).unwrap_or_else(|error| panic!("{name}, line {line}: {error}"));
    }
    for (client, left) in &world.clients {
        assert!(left.inbox.is_empty(), "{name}: {client} was also told {:#?}", left.inbox);
    }
    world.said
}

impl World {
    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Client { client, act } => self.act(&client, act)?,
            Step::Agent { agent, deed } => self.deed(&agent, deed)?,
            Step::Session(change) => self.change(change),
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
            Act::CatchesUp => {
                client.is_behind = false;
                let wanted = client.wanted_step.take();
                let agents: Vec<_> = client.cursors.agents().cloned().collect();
                for agent in &agents {
                    self.let_hear(agent);
                }
                if let Some(wanted) = wanted {
                    self.read_step(name, wanted);
                }
            }
            Act::Expect(expected) => {
                let Some(text) = client.inbox.pop_front() else {
                    return Err(format!("nothing came, expected {expected}"));
                };
                let actual: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
                if self.door.name == "dashboard" {
                    assert_eq!(actual["version"], "1.0.0", "{text}");
                    assert!(actual["timestamp"].as_u64().is_some_and(|at| at >= START), "{text}");
                }
                self.names.matches(&expected, &actual).map_err(|e| format!("{e}\nin {text}"))?;
                self.said.push(Said { by_client: false, text });
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
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let query: Vec<(String, String)> =
            pairs.map(|(name, value)| (name.into(), value.into())).collect();
        let (tokens, query): (Vec<_>, Vec<_>) =
            query.into_iter().partition(|(name, _)| name == "token");
        let path = self.names.resolve_path(path);
        let parts = self.door.path.split('/').zip(path.split('/'));
        let parameters: Vec<String> =
            parts.filter(|(wanted, _)| *wanted == "*").map(|(_, part)| part.into()).collect();
        let caller = match tokens.first() {
            Some((_, token)) => {
                Some(verify(token, connection, &self.names).map_err(|denied| denied.to_string())?)
            }
            None => None,
        };
        let client = Client {
            conversation: lobby::open(self.door, &Settings::default()),
            connection,
            caller: caller.clone(),
            watching: None,
            cursors: Cursors::default(),
            wakes_at: None,
            wanted_step: None,
            inbox: VecDeque::new(),
            closed: None,
            is_behind: false,
            sent_this_second: 0,
        };
        self.clients.insert(name.into(), client);
        let opening =
            Opening { connection, caller, parameters, query, subprotocol: None, denied: None };
        self.input(name, &Fed::Opened(opening));
        Ok(())
    }

    fn send(&mut self, name: &str, text: &str, count: usize) {
        let text = self.names.resolve(text);
        self.said.push(Said { by_client: true, text: text.clone() });
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
            Action::Close(code) => {
                client.closed = Some(code);
                if let Some(watching) = client.watching.take() {
                    self.core.topics().unwatch(&watching.topic, watching.shape);
                    if let TopicKey::Worker(worker) = &watching.topic {
                        self.core.leave(client.connection, worker, self.now);
                    }
                }
            }
            Action::WakeAt(at) => client.wakes_at = Some(at),
            Action::Steer(session, steer) => {
                let caller = client.caller.clone().expect("only callers are in front of browsers");
                self.core.steer(&caller, &session, steer, self.now);
            }
            Action::Watch(language) => {
                let watched =
                    self.core.fleet().watch(language, 0, || Box::new(Lines), self.now.wall);
                client.watching = Some(Watching {
                    topic: TopicKey::Fleet,
                    shape: watched.shape,
                    cursor: watched.cursor,
                    may_type: false,
                    terminal: None,
                });
                receive(&mut client.inbox, &watched.snapshot);
            }
            Action::Listen(subject) => {
                let caller = client.caller.clone().expect("only callers listen");
                let standing = self.core.listen(&caller, &subject, &mut client.cursors);
                self.input(name, &Fed::Listening(standing));
            }
            Action::Unlisten(agent) => self.core.unlisten(&agent, &mut client.cursors),
            Action::Disown => client.caller = None,
            Action::Claim(door) => assert_eq!(door.path, self.door.path),
            Action::Verify(token) => {
                let verified = verify(&token, client.connection, &self.names);
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
            Action::Attach(attach) => self.attach(name, &attach),
            Action::ReadLog(wanted) => self.read_log(name, wanted),
            Action::ReadStep(wanted) => self.read_step(name, wanted),
            Action::Touch(worker, touch) => {
                let caller = client.caller.clone().expect("only callers touch");
                self.core.touch(&caller, &worker, touch);
            }
            Action::Report(..) => panic!("a viewer reports nothing"),
            Action::Showing(_) => panic!("there are no pictures here"),
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

    fn commit(&mut self) {
        if self.core.wants_commit() != Urgency::Nothing
            && let Some(writes) = self.core.begin_commit()
        {
            for write in writes.iter().filter(|_| self.stores) {
                match write {
                    Write::Output(group) => self.stored.push(group.clone()),
                    Write::Checkpoint(checkpoint) => self.checkpoints.push(checkpoint.clone()),
                    other => self.stored_runs.keep(other),
                }
            }
            self.core.end_commit(self.stores);
        }
    }

    /// Stores, delivers and shows until nothing is left to do.
    fn settle(&mut self) {
        loop {
            self.commit();
            let deliveries = self.core.take_deliveries();
            let is_done = deliveries.is_empty();
            for (connection, delivery) in deliveries {
                self.tell_agent(connection, &delivery);
                self.tell_operator(connection, &delivery);
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
        for agent in self.core.take_heard() {
            self.let_hear(&agent);
        }
        for name in self.names_of_clients() {
            let client = self.clients.get_mut(&name).expect("just listed");
            let Some(watching) = &mut client.watching else { continue };
            if client.is_behind || client.closed.is_some() {
                continue;
            }
            let Watching { topic, shape, cursor, .. } = watching;
            let slices = match self.core.topics().read(topic, *shape, *cursor, self.now.wall) {
                Progress::Events(batch) => {
                    *cursor = batch.next;
                    batch.slices
                }
                Progress::Resynced { slices, cursor: next } => {
                    *cursor = next;
                    slices
                }
                Progress::FellOff if *topic == TopicKey::Fleet => {
                    self.perform(&name, Action::Close(CloseCode::FellBehind));
                    continue;
                }
                Progress::FellOff => {
                    self.begin_anew(&name);
                    continue;
                }
                Progress::Gone => panic!("somebody watches it"),
            };
            for slice in slices {
                receive(&mut client.inbox, &slice);
            }
        }
    }

    /// Tells those who listen to an agent what is new there, and those who were too slow that they were.
    fn let_hear(&mut self, agent: &AgentId) {
        for name in self.names_of_clients() {
            let client = self.clients.get_mut(&name).expect("just listed");
            if client.is_behind || !client.cursors.has(agent) {
                continue;
            }
            match self.core.heard(agent, &mut client.cursors, MOST_HEARD) {
                Heard::Events(events) => self.input(&name, &Fed::Heard(agent.clone(), events)),
                Heard::Missed => self.input(&name, &Fed::Missed(agent.clone())),
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
}
