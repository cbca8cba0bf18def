//! One link: from hello to its end. Reading and writing go on beside each other.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::{commands::StartOrder, ids::CommandId};
use pilothouse_protocols::agent_link::{
    OLDEST_VERSION, VERSION,
    messages::{FromAgent, FromServer, Hello, Stream, StreamKind, Welcome},
    requests::{Failure, FailureCode},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Link, LinkError,
    outgoing::{Message, Said},
    transport::{self, Incoming, Receiver, Sender},
};
use crate::spool::Cursor;

/// The version that brought witnesses.
const WITNESSED_SINCE: u32 = 2;

/// How many answers may wait to be sent. A server that asks faster than it reads loses its link.
const MOST_REPLIES: usize = 256;

/// A link that was welcomed.
#[derive(Debug)]
pub(super) struct Session {
    sender: Sender,
    receiver: Receiver,
    welcome: Welcome,
    shared: Shared,
}

/// What reading tells writing.
#[derive(Debug)]
struct Shared {
    said: Mutex<Said>,
    replies: Mutex<VecDeque<FromAgent>>,
    /// The answer to the last ping; earlier ones need none (RFC 6455 5.5.3).
    pong: Mutex<Option<Bytes>>,
    wake: Notify,
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
        let commands = link.commands.outbox().held();
        let held: Vec<_> =
            commands.iter().filter_map(|held| CommandId::new(&held.command).ok()).collect();
        let key = {
            let mut credentials = link.credentials.lock();
            credentials.accepted();
            credentials.hash()
        };
        let hello = Hello {
            version: VERSION,
            // A server that does not know of witnesses would take one for the agent.
            oldest: Some(if link.is_witness { WITNESSED_SINCE } else { OLDEST_VERSION }),
            features: Vec::new(),
            key: (!link.is_witness).then(|| key.to_hexadecimal()),
            witness: link.is_witness,
            agent: link.config.id.as_str().to_owned(),
            incarnation: link.incarnation.clone(),
            profile: link.profile.clone(),
            commands,
            workers: Vec::new(),
        };
        sender.text(encode(&FromAgent::Hello(Box::new(hello))))?;
        sender.flush().await?;
        let welcome = wait_for_welcome(&mut receiver).await?;
        let chunk = welcome.output_chunk.and_then(|bytes| usize::try_from(bytes).ok());
        link.commands.gather(welcome.output_batch.map(Duration::from_millis), chunk);
        let said = Said::new(welcome.credit, &held, &welcome.resume);
        link.commands.outbox().set_credit(welcome.credit);
        for resume in &welcome.resume {
            if let Some(command) = command_of(&resume.stream) {
                let from = Cursor { position: resume.position, sequence: resume.sequence };
                link.commands.outbox().resume(&command, from);
            }
        }
        for command in welcome.forget.iter().filter_map(|id| CommandId::new(id).ok()) {
            link.commands.forget(&command).await;
        }
        let shared = Shared {
            said: Mutex::new(said),
            replies: Mutex::default(),
            pong: Mutex::default(),
            wake: Notify::new(),
        };
        Ok(Self { sender, receiver, welcome, shared })
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
        let ended = tokio::select! {
            ended = shared.read(link, receiver, patience) => ended,
            ended = shared.write(link, sender, beat) => ended,
        };
        match ended {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }
}

/// Neither direction ends but by an error.
type Never = std::convert::Infallible;

impl Shared {
    async fn read(
        &self,
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

    async fn take(&self, link: &Link, message: FromServer) -> Result<(), LinkError> {
        match message {
            FromServer::Start(start) => match StartOrder::try_from(&start) {
                Ok(order) => link.commands.start(order),
                Err(error) => return Err(LinkError::Protocol(error.to_string())),
            },
            FromServer::Interrupt { command, grace } => {
                if let Ok(command) = CommandId::new(&command) {
                    link.commands.interrupt(&command, Duration::from_millis(grace));
                }
            }
            FromServer::Enrolled => {
                if let Err(error) = link.credentials.lock().enrolled() {
                    tracing::warn!(%error, "the key cannot be kept; the token is needed again");
                }
            }
            FromServer::Acknowledge { stream, position, sequence } => {
                if let Some(command) = command_of(&stream) {
                    self.said.lock().acknowledged(&command, position);
                    link.commands.outbox().acknowledge(&command, Cursor { position, sequence });
                }
            }
            FromServer::Forget { command } => {
                if let Ok(command) = CommandId::new(&command) {
                    link.commands.forget(&command).await;
                }
            }
            FromServer::Credit { bytes } => {
                self.said.lock().set_credit(bytes);
                link.commands.outbox().set_credit(bytes);
                self.wake.notify_one();
            }
            FromServer::Resume(from) => {
                if let Some(command) = command_of(&from.stream) {
                    let from = Cursor { position: from.position, sequence: from.sequence };
                    link.commands.outbox().resume(&command, from);
                    self.said.lock().resume(&command, from);
                    self.wake.notify_one();
                }
            }
            FromServer::Request { id, .. } => return self.refuse(id),
            FromServer::Error { code, reason } => {
                tracing::warn!(?code, reason, "the server complains");
            }
            FromServer::Heartbeat
            | FromServer::Spawn(_)
            | FromServer::EndWorker { .. }
            | FromServer::ForgetWorker { .. }
            | FromServer::Input { .. }
            | FromServer::Resize { .. }
            | FromServer::Leave { .. }
            | FromServer::Checkpoint { .. }
            | FromServer::Welcome(_)
            | FromServer::Refused { .. }
            | FromServer::Unknown => {}
        }
        Ok(())
    }

    /// Commands are all this agent does.
    fn refuse(&self, id: u64) -> Result<(), LinkError> {
        let error = Failure {
            code: FailureCode::Unsupported,
            reason: "this agent runs commands only".to_owned(),
        };
        let mut replies = self.replies.lock();
        if replies.len() >= MOST_REPLIES {
            return Err(LinkError::Protocol("it asks without reading the answers".to_owned()));
        }
        replies.push_back(FromAgent::Response { id, ok: None, error: Some(error) });
        self.wake.notify_one();
        Ok(())
    }

    async fn write(
        &self,
        link: &Link,
        sender: &mut Sender,
        beat: Duration,
    ) -> Result<Never, LinkError> {
        let outbox = link.commands.outbox();
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
        let replies = std::mem::take(&mut *self.replies.lock());
        let outbox = link.commands.outbox();
        let output = outbox.look(|commands, trouble| self.said.lock().turn(commands, trouble));
        let has_something = !replies.is_empty() || !output.is_empty();
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

fn command_of(stream: &Stream) -> Option<CommandId> {
    (stream.kind == StreamKind::Command).then(|| CommandId::new(&stream.id).ok()).flatten()
}

fn parse(text: &str) -> Result<FromServer, LinkError> {
    serde_json::from_str(text).map_err(|error| LinkError::Protocol(error.to_string()))
}

fn encode(message: &FromAgent) -> String {
    serde_json::to_string(message).expect("wire messages have string keys")
}
