//! A server that speaks the agent link over real sockets, and does only what a test tells it to.

use std::{
    collections::BTreeMap,
    net::{TcpListener, TcpStream},
    time::Duration,
};

use pilothouse_protocols::agent_link::{
    messages::{Ended, FromAgent, FromServer, Hello, Resume, Start, Stream, StreamKind, Welcome},
    records::{Kind, RawRecord, decode},
    requests::{Ask, Failure},
    resources::Resources,
    workers::{Activity, Size, SizeOwner, Spawn, WorkerExit},
};
use tungstenite::{Message, WebSocket};

/// How long any single fact may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a fake server knows; survives links, as a database would.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Each command's and worker's output, by position.
    pub(super) output: BTreeMap<String, Vec<u8>>,
    /// Each command's next record.
    pub(super) sequence: BTreeMap<String, u64>,
    /// What is lost, as `(command, from, to)`.
    pub(super) missing: Vec<(String, u64, u64)>,
    /// How often each command and worker was reported as started.
    pub(super) started: Vec<String>,
    /// How commands ended.
    pub(super) ended: BTreeMap<String, Ended>,
    /// How workers ended.
    pub(super) exited: BTreeMap<String, WorkerExit>,
    /// Which sizes terminals were said to have.
    pub(super) sizes: Vec<(String, Size)>,
    /// Whose sizes they were said to be.
    pub(super) size_owners: Vec<(String, Option<String>)>,
    /// What commands and workers printed last.
    pub(super) said: std::collections::HashMap<String, String>,
    /// What workers were said to do.
    pub(super) activities: Vec<(Activity, Option<String>)>,
    /// How terminals looked: whose, after how many bytes, the payload.
    pub(super) checkpoints: Vec<(String, u64, Vec<u8>)>,
    /// Answers to requests.
    pub(super) answers: BTreeMap<u64, Result<serde_json::Value, Failure>>,
    /// What the machine was said to have left.
    pub(super) resources: Vec<Resources>,
    /// The channel of each record.
    pub(super) kinds: Vec<(u8, usize)>,
}

impl Known {
    /// A worker's output as text.
    pub(super) fn text(&self, worker: &str) -> String {
        let output = self.output.get(worker).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(output).into_owned()
    }
}

/// The listening side.
pub(super) struct FakeServer {
    listener: TcpListener,
    pub(super) known: Known,
    /// Whether output is acknowledged as it comes.
    pub(super) acknowledges: bool,
    pub(super) credit: u64,
    /// In milliseconds.
    pub(super) heartbeat_timeout: u64,
    /// In milliseconds.
    pub(super) resources_interval: Option<u64>,
}

/// One link.
pub(super) struct FakeLink {
    socket: WebSocket<TcpStream>,
    lanes: BTreeMap<u32, (Stream, u64, u64)>,
    pub(super) hello: Box<Hello>,
}

impl FakeServer {
    pub(super) fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            listener,
            known: Known::default(),
            acknowledges: true,
            credit: 1 << 20,
            heartbeat_timeout: 60_000,
            resources_interval: None,
        }
    }

    /// A server that comes back to where it was.
    pub(super) fn listen_at(url: &str) -> Self {
        let listener = TcpListener::bind(url.trim_start_matches("ws://")).unwrap();
        Self { listener, ..Self::listen() }
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}", self.listener.local_addr().unwrap())
    }

    /// Waits for an agent and welcomes it.
    pub(super) fn accept(&mut self) -> FakeLink {
        // An agent that was stopped may have left a connection behind on which nothing comes.
        let (socket, hello) = loop {
            let (stream, _) = self.listener.accept().unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let Ok(mut socket) = tungstenite::accept(stream) else { continue };
            if let Ok(Message::Text(text)) = socket.read() {
                break (socket, serde_json::from_str(&text).unwrap());
            }
        };
        let FromAgent::Hello(hello) = hello else { panic!("no hello but {hello:?}") };
        let commands = hello.commands.iter().map(|held| stream_of(&held.command));
        let workers = hello.workers.iter().map(|held| held.stream.clone());
        let resume = commands.chain(workers).map(|stream| Resume {
            position: self.known.output.get(&stream.id).map_or(0, |o| o.len() as u64),
            sequence: self.known.sequence.get(&stream.id).copied().unwrap_or(1),
            stream,
        });
        let welcome = Welcome {
            version: 1,
            link: 1,
            resume: resume.collect(),
            forget: Vec::new(),
            forget_workers: Vec::new(),
            runs: Vec::new(),
            forget_runs: Vec::new(),
            credit: self.credit,
            heartbeat_interval: 20_000,
            heartbeat_timeout: self.heartbeat_timeout,
            output_batch: None,
            output_chunk: None,
            resources_interval: self.resources_interval,
        };
        let mut link = FakeLink { socket, lanes: BTreeMap::new(), hello };
        link.send(&FromServer::Welcome(welcome));
        link
    }

    /// Takes messages in until `enough`.
    pub(super) fn take_until(&mut self, link: &mut FakeLink, enough: impl Fn(&Known) -> bool) {
        while !enough(&self.known) {
            self.take(link).unwrap();
        }
    }

    /// Takes one message in.
    pub(super) fn take(&mut self, link: &mut FakeLink) -> Result<(), tungstenite::Error> {
        match link.socket.read()? {
            Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                FromAgent::Lane { lane, stream, position, sequence } => {
                    link.lanes.insert(lane, (stream, position, sequence));
                }
                FromAgent::Started { command, .. } => self.known.started.push(command),
                FromAgent::Ended { command, ended } => {
                    self.known.ended.insert(command, ended);
                }
                FromAgent::Missing { lane, from, to, next_sequence } => {
                    let lane = link.lanes.get_mut(&lane).unwrap();
                    assert_eq!(from, lane.1);
                    self.known.missing.push((lane.0.id.clone(), from, to));
                    let output = self.known.output.entry(lane.0.id.clone()).or_default();
                    output.resize(usize::try_from(to).unwrap(), b'?');
                    (lane.1, lane.2) = (to, next_sequence);
                }
                FromAgent::WorkerStarted { stream } => self.known.started.push(stream.id),
                FromAgent::WorkerEnded { stream, exit } => {
                    self.known.exited.insert(stream.id, exit);
                }
                FromAgent::Resized { stream, size } => self.known.sizes.push((stream.id, size)),
                FromAgent::SizeOwner(SizeOwner { stream, viewer }) => {
                    self.known.size_owners.push((stream.id, viewer));
                }
                FromAgent::Activity { activity, question, .. } => {
                    self.known.activities.push((activity, question));
                }
                FromAgent::Response { id, ok, error } => {
                    self.known.answers.insert(id, ok.ok_or_else(|| error.unwrap()));
                }
                FromAgent::Said { stream, text } => drop(self.known.said.insert(stream.id, text)),
                FromAgent::Resources(told) => self.known.resources.push(*told),
                FromAgent::Heartbeat => link.send(&FromServer::Heartbeat),
                other => panic!("unexpected {other:?}"),
            },
            Message::Binary(message) => {
                for record in decode(&message) {
                    self.record(link, &record.unwrap());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn record(&mut self, link: &mut FakeLink, record: &RawRecord<'_>) {
        let (stream, position, sequence) = link.lanes.get_mut(&record.lane).unwrap();
        assert_eq!(record.epoch, stream.epoch);
        let command = &stream.id;
        if record.kind == Kind::Checkpoint {
            assert_eq!(record.position, *position, "a checkpoint that is elsewhere");
            let checkpoint = (command.clone(), record.position, record.bytes.to_vec());
            return self.known.checkpoints.push(checkpoint);
        }
        assert_eq!(
            (record.position, record.sequence),
            (*position, *sequence),
            "a hole or a repetition"
        );
        *position += record.bytes.len() as u64;
        *sequence += 1;
        let output = self.known.output.entry(command.clone()).or_default();
        assert_eq!(output.len() as u64, record.position, "what is stored is sent again");
        output.extend_from_slice(record.bytes);
        self.known.sequence.insert(command.clone(), *sequence);
        self.known.kinds.push((record.kind.number(), record.bytes.len()));
        let acknowledge = FromServer::Acknowledge {
            stream: stream.clone(),
            position: *position,
            sequence: *sequence,
        };
        if self.acknowledges {
            link.send(&acknowledge);
        }
    }
}

impl FakeLink {
    pub(super) fn send(&mut self, message: &FromServer) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).unwrap();
    }

    pub(super) fn start(&mut self, command: &str, line: &str) {
        self.start_with(command, line, |_| {});
    }

    pub(super) fn start_with(
        &mut self,
        command: &str,
        line: &str,
        change: impl FnOnce(&mut Start),
    ) {
        let mut start = Start {
            command: command.to_owned(),
            line: line.to_owned(),
            directory: None,
            environment: Vec::new(),
            timeout: 60_000,
        };
        change(&mut start);
        self.send(&FromServer::Start(start));
    }

    /// Asks for something no agent of this release can do.
    pub(super) fn ask(&mut self, id: u64) {
        self.request(id, Ask::Unknown);
    }

    pub(super) fn request(&mut self, id: u64, ask: Ask) {
        self.send(&FromServer::Request { id, deadline: 20_000, ask });
    }

    /// Starts a line in a terminal, or the login shell.
    pub(super) fn spawn(&mut self, worker: &str, line: Option<&str>) {
        self.spawn_with(worker, line, |_| {});
    }

    pub(super) fn spawn_with(
        &mut self,
        worker: &str,
        line: Option<&str>,
        change: impl FnOnce(&mut Spawn),
    ) {
        let mut spawn = Spawn {
            stream: worker_stream(worker),
            session: "s-1".to_owned(),
            line: line.map(str::to_owned),
            directory: "/".to_owned(),
            environment: Vec::new(),
            size: Size { columns: 80, rows: 24 },
            is_agent: false,
            asking_patterns: Vec::new(),
        };
        change(&mut spawn);
        self.send(&FromServer::Spawn(Box::new(spawn)));
    }

    /// Types, as the only viewer.
    pub(super) fn input(&mut self, worker: &str, text: &str) {
        let (viewer, text) = ("v-1".to_owned(), text.to_owned());
        self.send(&FromServer::Input { stream: worker_stream(worker), viewer, text });
    }

    pub(super) fn resize(&mut self, worker: &str, viewer: &str, columns: u16, rows: u16) {
        let (viewer, size) = (viewer.to_owned(), Size { columns, rows });
        self.send(&FromServer::Resize { stream: worker_stream(worker), viewer, size });
    }

    /// Breaks the connection without a word.
    pub(super) fn cut(self) {
        drop(self);
    }

    /// The answer to the next request; output is not expected.
    pub(super) fn read_text(&mut self) -> FromAgent {
        match self.socket.read().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("no text but {other:?}"),
        }
    }
}

fn stream_of(command: &str) -> Stream {
    Stream { kind: StreamKind::Command, id: command.to_owned(), epoch: 0 }
}

/// The first life of a worker.
pub(super) fn worker_stream(worker: &str) -> Stream {
    Stream { kind: StreamKind::Worker, id: worker.to_owned(), epoch: 1 }
}
