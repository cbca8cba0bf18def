//! One connection: opened, greeted, and kept alive until it is lost.

use std::time::Duration;

use pilothouse_websocket::connect::Transport;
use tokio::{
    task::JoinHandle,
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};

use crate::{
    Error,
    builder::Plan,
    clock::wall_clock,
    messages::{ClientMessage, ConnectionAck, Heartbeat, ServerMessage, TokenRefresh},
    socket::{Incoming, Socket},
    token::{TokenSource, renew_in},
};

const DOOR: &str = "/ws/dashboard";
/// How long to wait before a token is asked for again when there was none to be had.
const RENEW_AGAIN: Duration = Duration::from_secs(5);
/// A token is not replaced more often than this, whatever it says of itself.
const SHORTEST_RENEWAL: Duration = Duration::from_millis(500);

/// A connection that was greeted.
pub(crate) struct Line {
    pub(crate) socket: Socket<Transport>,
    pub(crate) greeting: ConnectionAck,
    pub(crate) opened: Instant,
    pub(crate) heard: Instant,
    pub(crate) heartbeat: Interval,
    pub(crate) beats: u64,
    /// The question about output that was not answered yet: about which command, and since when.
    pub(crate) asked: Option<(String, Instant)>,
    /// When the next question may be asked.
    pub(crate) ask_at: Instant,
    /// What the server said before it closes for good.
    pub(crate) refusal: Option<String>,
    pub(crate) renewal: Renewal,
}

/// When the present token is to be replaced, and the one that is being asked for.
#[derive(Debug, Default)]
pub(crate) struct Renewal {
    at: Option<Instant>,
    asked: Option<JoinHandle<Result<String, Error>>>,
}

impl Line {
    /// Connects, shows a token, waits for the greeting, and says the first heartbeat: its echo marks
    /// the end of what the server tells first.
    pub(crate) async fn open(plan: &Plan) -> Result<Self, Error> {
        let silent = |_| Error::lost("the server did not greet in time");
        timeout(plan.connect_within, Self::greet(plan)).await.map_err(silent)?
    }

    async fn greet(plan: &Plan) -> Result<Self, Error> {
        let token = plan.token.get().await?;
        let address = &plan.address;
        let unreachable = |source| Error::Unreachable { server: address.to_string(), source };
        let transport = plan.connector.connect(address).await.map_err(unreachable)?;
        let path = address.path(DOOR);
        let mut socket = Socket::open(transport, &address.authority(), &path, &token).await?;
        let greeting = loop {
            match socket.next().await? {
                None => {}
                Some(Incoming::Ping(payload)) => socket.pong(payload).await?,
                Some(Incoming::Message(message)) => match *message {
                    ServerMessage::ConnectionAck(greeting) => break greeting,
                    ServerMessage::Error(error) => {
                        return Err(Error::Refused { reason: error.message });
                    }
                    _ => return Err(Error::protocol("it did not greet first")),
                },
            }
        };
        let now = Instant::now();
        let every = plan.options.heartbeat;
        let mut heartbeat = interval_at(now + every, every);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut line = Self {
            socket,
            greeting,
            opened: now,
            heard: now,
            heartbeat,
            beats: 0,
            asked: None,
            ask_at: now,
            refusal: None,
            renewal: Renewal::default(),
        };
        line.renewal.plan(&plan.token, &token);
        line.beat().await?;
        Ok(line)
    }

    pub(crate) async fn beat(&mut self) -> Result<(), Error> {
        self.beats += 1;
        let beat = Heartbeat { sequence: self.beats.into() };
        self.send(ClientMessage::Heartbeat(beat)).await
    }

    /// Sends a message. A server that takes nothing is as dead as one that says nothing.
    pub(crate) async fn send(&mut self, message: ClientMessage) -> Result<(), Error> {
        let period = self.heartbeat.period();
        let sent = timeout(period * 2, self.socket.send(message)).await;
        sent.unwrap_or_else(|_| Err(Error::lost("the server does not read")))
    }

    pub(crate) async fn show(&mut self, token: String) -> Result<(), Error> {
        self.send(ClientMessage::TokenRefresh(TokenRefresh { token })).await
    }
}

impl Renewal {
    fn plan(&mut self, source: &TokenSource, token: &str) {
        let wait = renew_in(token, wall_clock()).filter(|_| source.can_renew());
        self.at = wait.map(|wait| Instant::now() + wait.max(SHORTEST_RENEWAL));
    }

    /// Asks for another token now, if another one can be had.
    pub(crate) fn begin(&mut self, source: &TokenSource) {
        if source.can_renew() && self.asked.is_none() {
            self.at = None;
            let source = source.clone();
            self.asked = Some(tokio::spawn(async move { source.get().await }));
        }
    }

    /// Waits until there is another token to be shown; for ever if none is needed. Cancel-safe.
    pub(crate) async fn next(&mut self, source: &TokenSource) -> String {
        loop {
            if let Some(asked) = &mut self.asked {
                let answer = asked.await;
                self.asked = None;
                if let Ok(Ok(token)) = answer {
                    self.plan(source, &token);
                    return token;
                }
                self.at = Some(Instant::now() + RENEW_AGAIN);
            }
            match self.at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
            self.begin(source);
        }
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }
}
