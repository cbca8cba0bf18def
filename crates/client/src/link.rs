//! The task behind a dashboard: owns the socket, keeps the heartbeat, moves messages both ways.

use std::time::Duration;

use pilothouse_protocols::dashboard::messages::{
    ClientMessage, Envelope, Heartbeat, ServerMessage,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use crate::{
    Error,
    socket::{Incoming, Socket},
};

const HEARTBEAT: Duration = Duration::from_secs(30);
const DEAD_AFTER: Duration = Duration::from_secs(60);

/// What the task delivers; after an error nothing comes any more.
pub(crate) type Delivery = Result<ServerMessage, Error>;

/// What a link does next.
enum Turn {
    Outgoing(ClientMessage),
    Beat,
    Delivered,
    Incoming(Result<Incoming, Error>),
    Nobody,
}

/// Runs until the socket ends or nobody is left to send to it.
pub(crate) struct Link<S> {
    pub(crate) socket: Socket<S>,
    pub(crate) outgoing: mpsc::Receiver<ClientMessage>,
    pub(crate) incoming: mpsc::Sender<Delivery>,
    /// The wall clock, in milliseconds since 1970.
    pub(crate) now: fn() -> u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(crate) async fn run(mut self) {
        if let Err(error) = self.serve().await {
            let _ = self.incoming.send(Err(error)).await;
        }
        self.socket.close().await;
    }

    async fn serve(&mut self) -> Result<(), Error> {
        let mut heartbeat = heartbeat();
        let mut sequence = 0_u64;
        let mut heard = Instant::now();
        let mut waiting: Option<ServerMessage> = None;
        loop {
            match self.turn(&mut heartbeat, &mut waiting).await {
                Turn::Nobody => return Ok(()),
                Turn::Outgoing(message) => self.send(message).await?,
                Turn::Beat => {
                    if waiting.is_none() && heard.elapsed() > DEAD_AFTER {
                        return Err(Error::lost("the server said nothing for a minute"));
                    }
                    sequence += 1;
                    let beat = Heartbeat { sequence: sequence.into() };
                    self.send(ClientMessage::Heartbeat(beat)).await?;
                }
                // Silence counts only while the socket is read.
                Turn::Delivered => heard = Instant::now(),
                Turn::Incoming(incoming) => {
                    heard = Instant::now();
                    waiting = self.receive(incoming?).await?;
                }
            }
        }
    }

    /// What happens next. Every arm is cancel-safe: receiving, reserving, ticking, reading into a buffer.
    async fn turn(
        &mut self,
        heartbeat: &mut Interval,
        waiting: &mut Option<ServerMessage>,
    ) -> Turn {
        tokio::select! {
            message = self.outgoing.recv() => message.map_or(Turn::Nobody, Turn::Outgoing),
            _ = heartbeat.tick() => Turn::Beat,
            // Bounded: while the reader is behind, the socket is not read and TCP makes the server wait.
            permit = self.incoming.reserve(), if waiting.is_some() => {
                let Ok(permit) = permit else { return Turn::Nobody };
                if let Some(message) = waiting.take() {
                    permit.send(Ok(message));
                }
                Turn::Delivered
            }
            incoming = self.socket.next(), if waiting.is_none() => Turn::Incoming(incoming),
        }
    }

    async fn send(&mut self, message: ClientMessage) -> Result<(), Error> {
        let envelope = Envelope::new(message, (self.now)());
        let text = serde_json::to_string(&envelope).expect("wire types have string keys");
        self.socket.send_text(text).await
    }

    async fn receive(&mut self, incoming: Incoming) -> Result<Option<ServerMessage>, Error> {
        match incoming {
            Incoming::Text(text) => read(&text),
            Incoming::Ping(payload) => self.socket.send_pong(payload).await.map(|()| None),
            Incoming::Closed { code, reason } if reason.is_empty() => {
                Err(Error::lost(format!("the server closed it with code {code}")))
            }
            Incoming::Closed { code, reason } => {
                Err(Error::lost(format!("the server closed it: {reason} ({code})")))
            }
        }
    }
}

/// Reads a message; `None` for types of a later version, which a client may ignore.
fn read(text: &str) -> Result<Option<ServerMessage>, Error> {
    match serde_json::from_str::<Envelope<ServerMessage>>(text) {
        Ok(envelope) => Ok(Some(envelope.message)),
        Err(error) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) if value["type"].is_string() => Ok(None),
            _ => Err(Error::protocol(format!("a message is not JSON of ours ({error})"))),
        },
    }
}

fn heartbeat() -> Interval {
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat
}
