//! One link: from hello to its end. Reading and writing go on beside each other.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::{ids::CommandId, streams::StreamKey};
use pilothouse_protocols::agent_link::{
    OLDEST_VERSION, VERSION,
    messages::{FromAgent, FromServer, Hello, Welcome},
    resources::Resources,
    runs::FEATURE,
};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until, timeout},
};

use super::{
    Link, LinkError,
    outgoing::{Held, Message, Said},
    transport::{self, Incoming, Receiver, Sender},
};
use crate::spool::Cursor;

/// The oldest version whose servers tolerate lines that were printed.
const LINES_SINCE: u32 = 2;
/// The version that brought witnesses.
const WITNESSED_SINCE: u32 = 2;

/// How many requests are worked on at once; more are refused.
const MOST_REQUESTS: usize = 32;

/// A link that was welcomed.
#[derive(Debug)]
pub(super) struct Session {
    sender: Sender,
    receiver: Receiver,
    welcome: Welcome,
    shared: Arc<Shared>,
}

/// What reading tells writing.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) said: Mutex<Said>,
    pub(super) replies: Mutex<VecDeque<FromAgent>>,
    /// Room for requests that are worked on.
    pub(super) desks: Arc<Semaphore>,
    /// What the machine has left, if that was not said yet; only the newest is of interest.
    pub(super) resources: Mutex<Option<Box<Resources>>>,
    /// The answer to the last ping; earlier ones need none (RFC 6455 5.5.3).
    pong: Mutex<Option<Bytes>>,
    pub(super) wake: Notify,
}

impl Session {
    /// Connects, says hello and waits for the welcome.
    pub(super) async fn open(link: &Link) -> Result<Self, LinkError> {
        let opened = timeout(link.config.connect_within, Self::greet(link)).await;
        opened.unwrap_or(Err(transport::TransportError::Silent.into()))
    }

    async fn greet(link: &Link) -> Result<Self, LinkError> {
        let credential = link.credentials.lock().present().to_owned();
        let (mut sender, mut receiver) =
            transport::connect(&link.connector, &link.server(), &credential).await?;
        let (commands, workers) = link.books.outbox().held();
        let commands_held = commands.iter().filter_map(|held| {
            let stream = StreamKey::command(CommandId::new(&held.command).ok()?);
            Some(Held { stream, face: None })
        });
        let workers_held = workers.iter().filter_map(|held| {
            let stream = StreamKey::try_from(&held.stream).ok()?;
            Some(Held { stream, face: Some((held.size.into(), held.activity.into())) })
        });
        let held: Vec<_> = commands_held.chain(workers_held).collect();
        let key = {
            let mut credentials = link.credentials.lock();
            credentials.accepted(!link.is_witness);
            credentials.hash()
        };
        let hello = Hello {
            version: VERSION,
            // A server that does not know of witnesses would take one for the agent.
            oldest: Some(if link.is_witness { WITNESSED_SINCE } else { OLDEST_VERSION }),
            // A witness gets no work.
            features: if link.is_witness { Vec::new() } else { vec![FEATURE.to_owned()] },
            key: (!link.is_witness).then(|| key.to_hexadecimal()),
            witness: link.is_witness,
            agent: link.config.id.as_str().to_owned(),
            incarnation: link.incarnation.clone(),
            profile: link.profile.clone(),
            commands,
            workers,
            browsers: if link.is_witness { Vec::new() } else { link.browsers.held() },
            runs: if link.is_witness { Vec::new() } else { link.runs.held() },
        };
        sender.text(encode(&FromAgent::Hello(Box::new(hello))))?;
        sender.flush().await?;
        let welcome = wait_for_welcome(&mut receiver).await?;
        let chunk = welcome.output_chunk.and_then(|bytes| usize::try_from(bytes).ok());
        link.commands.gather(welcome.output_batch.map(Duration::from_millis), chunk);
        let mut said = Said::new(welcome.credit, &held, &welcome.resume);
        if welcome.version < LINES_SINCE {
            said.keep_lines();
        }
        link.books.outbox().set_credit(welcome.credit);
        for resume in &welcome.resume {
            if let Ok(stream) = StreamKey::try_from(&resume.stream) {
                let from = Cursor { position: resume.position, sequence: resume.sequence };
                link.books.outbox().resume(&stream, from);
            }
        }
        for command in welcome.forget.iter().filter_map(|id| CommandId::new(id).ok()) {
            link.commands.forget(&command).await;
        }
        for stream in welcome.forget_workers.iter().filter_map(|it| StreamKey::try_from(it).ok()) {
            link.workers.forget(&stream).await;
        }
        link.workers.link_opened();
        link.runs.welcomed(&welcome.runs, &welcome.forget_runs);
        let shared = Shared {
            desks: Arc::new(Semaphore::new(MOST_REQUESTS)),
            said: Mutex::new(said),
            replies: Mutex::default(),
            resources: Mutex::default(),
            pong: Mutex::default(),
            wake: Notify::new(),
        };
        Ok(Self { sender, receiver, welcome, shared: Arc::new(shared) })
    }

    /// The link's number, for logs.
    pub(super) fn number(&self) -> u64 {
        self.welcome.link
    }

    /// Goes on until the link is lost, and says why.
    pub(super) async fn run(&mut self, link: &Link) -> LinkError {
        let Self { sender, receiver, welcome, shared } = self;
        let milliseconds = |number: u64| Duration::from_millis(number.max(1));
        let beat = milliseconds(welcome.heartbeat_interval);
        let patience = milliseconds(welcome.heartbeat_timeout);
        let every = welcome.resources_interval.map(milliseconds);
        let ended = tokio::select! {
            ended = shared.read(link, receiver, patience) => ended,
            ended = shared.write(link, sender, beat) => ended,
            never = shared.tell_resources(link, every) => match never {},
        };
        match ended {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }
}

/// Neither direction ends but by an error.
pub(super) type Never = std::convert::Infallible;

impl Shared {
    async fn read(
        self: &Arc<Self>,
        link: &Link,
        receiver: &mut Receiver,
        patience: Duration,
    ) -> Result<Never, LinkError> {
        loop {
            let incoming = timeout(patience, receiver.next()).await;
            match incoming.unwrap_or(Err(transport::TransportError::Silent))? {
                Incoming::Text(text) => self.take(link, parse(&text)?).await?,
                Incoming::Ping(payload) => {
                    *self.pong.lock() = Some(payload);
                    self.wake.notify_one();
                }
                Incoming::Life => {}
                Incoming::Closed(code) => return Err(LinkError::Closed(code)),
            }
        }
    }

    async fn write(
        &self,
        link: &Link,
        sender: &mut Sender,
        beat: Duration,
    ) -> Result<Never, LinkError> {
        let outbox = link.books.outbox();
        let mut next_beat = Instant::now() + beat;
        loop {
            let is_idle = !self.queue_turn(link, sender)?;
            if next_beat <= Instant::now() {
                next_beat = Instant::now() + beat;
                sender.text(encode(&FromAgent::Heartbeat))?;
            }
            sender.flush().await?;
            if is_idle {
                tokio::select! {
                    () = outbox.changed() => {}
                    () = self.wake.notified() => {}
                    () = link.browsers.changed() => {}
                    () = link.runs.changed() => {}
                    () = sleep_until(next_beat) => {}
                }
            }
        }
    }

    /// Queues what there is to say; false if there is nothing.
    fn queue_turn(&self, link: &Link, sender: &mut Sender) -> Result<bool, LinkError> {
        if let Some(payload) = self.pong.lock().take() {
            sender.pong(payload)?;
        }
        if let Some(resources) = self.resources.lock().take() {
            sender.text(encode(&FromAgent::Resources(resources)))?;
        }
        let replies = std::mem::take(&mut *self.replies.lock());
        // After the replies were taken, and sent before them: what an answer changed is told before the answer.
        let browsers = link.browsers.take_news();
        let runs = link.runs.take_news();
        let outbox = link.books.outbox();
        let output = outbox.look(|streams, trouble| self.said.lock().turn(streams, trouble));
        let is_quiet = replies.is_empty() && browsers.is_empty() && runs.is_empty();
        let has_something = !is_quiet || !output.is_empty();
        for news in browsers.into_iter().chain(runs) {
            sender.text(encode(&news))?;
        }
        for reply in replies {
            sender.text(encode(&reply))?;
        }
        for message in output {
            match message {
                Message::Text(control) => sender.text(encode(&control))?,
                Message::Binary(records) => sender.binary(records)?,
            }
        }
        Ok(has_something)
    }
}

async fn wait_for_welcome(receiver: &mut Receiver) -> Result<Welcome, LinkError> {
    loop {
        match receiver.next().await? {
            Incoming::Text(text) => match parse(&text)? {
                FromServer::Welcome(welcome) => return Ok(welcome),
                FromServer::Refused { code, reason } => {
                    return Err(LinkError::Refused { code, reason });
                }
                FromServer::Unknown => {}
                other => return Err(LinkError::Protocol(format!("no welcome but {other:?}"))),
            },
            Incoming::Life | Incoming::Ping(_) => {}
            Incoming::Closed(code) => return Err(LinkError::Closed(code)),
        }
    }
}

fn parse(text: &str) -> Result<FromServer, LinkError> {
    serde_json::from_str(text).map_err(|error| LinkError::Protocol(error.to_string()))
}

fn encode(message: &FromAgent) -> String {
    serde_json::to_string(message).expect("wire messages have string keys")
}
