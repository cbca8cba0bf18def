//! The task behind a terminal: keeps a connection to the worker's socket, and comes back when it is lost.

use std::time::Duration;

use pilothouse_protocols::sessions_and_workers::messages::{
    Exit, WorkerClientMessage, WorkerServerMessage,
};
use pilothouse_websocket::{
    connect::Transport,
    stream::{Owned, WebSocketStream},
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};

use super::{
    Keyboard, Order, Terminal, TerminalEvent, TerminalExit,
    messages::{Complaint, Heard, read},
    place::Place,
};
use crate::{
    Backoff, Error,
    attempts::Attempts,
    builder::Plan,
    socket::{closed, explain, upgrade},
};

/// Events that wait for the reader; beyond that the server waits.
const EVENTS: usize = 64;
/// Keys and sizes that wait for the task; beyond that the caller waits.
const ORDERS: usize = 64;
/// The largest message: a history with all that a server keeps of one worker, and some more.
const LARGEST_MESSAGE: usize = 64 << 20;
/// The worker has a new life; its socket is there at once.
const RESTARTED: u16 = 4001;
/// What the server closes with when another attempt would end in the same way.
const FINAL: [u16; 5] = [1000, 1002, 1007, 1008, 1009];

/// The protocol's words for what is not there.
const GONE: [&str; 6] = [
    "SESSION_NOT_FOUND",
    "WORKER_NOT_FOUND",
    "SESSION_DELETED",
    "WORKER_DELETED",
    "SESSION_PAUSED",
    "PATH_NOT_FOUND",
];

type Socket = WebSocketStream<Transport>;

/// Why a connection is not served any more.
enum Ended {
    /// Nobody listens any more.
    Unwanted,
    /// It broke; another one may work.
    Lost(Error),
    /// The worker was started anew.
    Restarted,
    /// It broke, and no other one will work; or the worker ended.
    Over(Option<Error>),
}

/// Everything the task owns.
struct Attachment {
    plan: Plan,
    door: String,
    orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<Result<TerminalEvent, Error>>,
    place: Place,
    size: Option<(u16, u16)>,
    /// What the server said is not there, on this connection.
    gone: Option<String>,
    /// What it last complained of otherwise.
    complaint: Option<String>,
    attempts: Attempts,
}

/// Attaches once; from then on a task keeps it.
pub(crate) async fn start(mut plan: Plan, session: &str, worker: &str) -> Result<Terminal, Error> {
    if plan.options.backoff == Backoff::default() {
        plan.options.backoff.jitter = 30;
    }
    let (order, orders) = mpsc::channel(ORDERS);
    let (events, delivered) = mpsc::channel(EVENTS);
    let attachment = Attachment {
        plan,
        door: format!("/ws/session/{session}/worker/{worker}"),
        orders,
        events,
        place: Place::default(),
        size: None,
        gone: None,
        complaint: None,
        attempts: Attempts::after_a_wait(),
    };
    let socket = open(attachment.plan.clone(), attachment.target()).await?;
    tokio::spawn(attachment.run(socket));
    Ok(Terminal { keyboard: Keyboard(order), events: delivered })
}

impl Attachment {
    async fn run(mut self, mut socket: Socket) {
        let error = loop {
            let opened = Instant::now();
            let ended = self.serve(&mut socket).await;
            let worked = self.attempts.ended(opened);
            let lost = match ended {
                Ended::Unwanted | Ended::Over(None) => return close(&mut socket).await,
                Ended::Over(Some(error)) => break error,
                Ended::Lost(error) => Some(error),
                Ended::Restarted if worked => None,
                Ended::Restarted => Some(Error::lost("the worker was started anew")),
            };
            drop(socket);
            socket = match self.come_back(lost).await {
                Ok(socket) => socket,
                Err(Some(error)) => break error,
                Err(None) => return,
            };
            if self.events.send(Ok(TerminalEvent::Connected)).await.is_err() {
                return;
            }
        };
        let _ = self.events.send(Err(error)).await;
    }

    /// What is asked for in the next handshake.
    fn target(&self) -> String {
        self.plan.address.path(&self.door) + &self.place.query()
    }

    /// Tries until there is a connection; the error if there will be none, nothing if nobody wants one.
    async fn come_back(&mut self, lost: Option<Error>) -> Result<Socket, Option<Error>> {
        let since = Instant::now();
        let mut last = lost;
        loop {
            if let Some(error) = last {
                let (next, _) = self.attempts.next(&self.plan.options, since, error)?;
                let wait = next.wait;
                let event = TerminalEvent::Reconnecting(next);
                self.events.send(Ok(event)).await.map_err(|_| None)?;
                self.meanwhile(sleep(wait)).await.ok_or(None)?;
            }
            let opening = open(self.plan.clone(), self.target());
            match self.meanwhile(opening).await.ok_or(None)? {
                Ok(socket) => {
                    self.attempts.succeeded();
                    return Ok(socket);
                }
                Err(error @ Error::Status { status: 404 }) => return Err(Some(error)),
                Err(error) => last = Some(self.attempts.judge(error, &self.plan.token)?),
            }
        }
    }

    /// Waits while there is no connection; keys are thrown away. Nothing if nobody listens any more.
    async fn meanwhile<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                order = self.orders.recv() => match order? {
                    Order::Resize { columns, rows } => self.size = Some((columns, rows)),
                    Order::Type(_) => {}
                },
                done = &mut future => return Some(done),
            }
        }
    }

    async fn serve(&mut self, socket: &mut Socket) -> Ended {
        let every = self.plan.options.heartbeat / 2;
        let mut beat = interval_at(Instant::now() + every, every);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        (self.gone, self.complaint) = (None, None);
        if let Some((cols, rows)) = self.size
            && let Err(error) = say(socket, &resize(cols, rows), every).await
        {
            return Ended::Lost(error);
        }
        loop {
            let served = tokio::select! {
                message = socket.reader.receive() => {
                    heard = Instant::now();
                    match message {
                        Ok(Some(message)) => self.hear(message, socket, every).await,
                        Ok(None) => Err(Ended::Lost(Error::lost("the server closed it"))),
                        Err(error) => Err(Ended::Lost(explain(error))),
                    }
                }
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(order, socket, every).await,
                    None => Err(Ended::Unwanted),
                },
                _ = beat.tick() => {
                    if heard.elapsed() >= self.plan.options.dead_after {
                        Err(Ended::Lost(Error::lost("the server is silent")))
                    } else {
                        send(socket, Owned::Ping(bytes::Bytes::new()), every).await.map_err(Ended::Lost)
                    }
                }
            };
            if let Err(ended) = served {
                return ended;
            }
        }
    }

    async fn carry_out(
        &mut self,
        order: Order,
        socket: &mut Socket,
        within: Duration,
    ) -> Result<(), Ended> {
        let said = match order {
            Order::Type(data) => say(socket, &WorkerClientMessage::Input { data }, within).await,
            Order::Resize { columns, rows } => {
                self.size = Some((columns, rows));
                say(socket, &resize(columns, rows), within).await
            }
        };
        said.map_err(Ended::Lost)
    }

    async fn hear(
        &mut self,
        message: Owned,
        socket: &mut Socket,
        within: Duration,
    ) -> Result<(), Ended> {
        let text = match message {
            Owned::Text(text) => text,
            Owned::Ping(payload) => {
                return send(socket, Owned::Pong(payload), within).await.map_err(Ended::Lost);
            }
            Owned::Pong(_) => return Ok(()),
            Owned::Binary(_) => {
                return Err(Ended::Over(Some(Error::protocol("a message is binary"))));
            }
            Owned::Close(close) => return Err(self.closed(close)),
        };
        let event = match read(&text).map_err(|error| Ended::Over(Some(error)))? {
            Heard::Message(message) => return self.take(message).await,
            Heard::Error(Complaint { code: Some(code), message })
                if GONE.contains(&code.as_str()) =>
            {
                self.gone = Some(message);
                None
            }
            Heard::Error(Complaint { code, message }) => {
                self.complaint = Some(message.clone());
                Some(TerminalEvent::Refused { code, message })
            }
            Heard::Later => None,
        };
        match event {
            Some(event) => self.deliver(event).await,
            None => Ok(()),
        }
    }

    async fn take(&mut self, message: WorkerServerMessage) -> Result<(), Ended> {
        let event = match message {
            WorkerServerMessage::Output(output) => self.place.output(output),
            WorkerServerMessage::History(history) => self.place.history(history),
            WorkerServerMessage::Activity { state } => Some(TerminalEvent::Activity(state)),
            // An exit after this says only that there is no worker.
            WorkerServerMessage::Exit(_) if self.gone.is_some() => None,
            WorkerServerMessage::Exit(Exit { exit_code: code, signal, .. }) => {
                self.deliver(TerminalEvent::Exit(TerminalExit { code, signal })).await?;
                return Err(Ended::Over(None));
            }
            WorkerServerMessage::Error(_)
            | WorkerServerMessage::Worker(_)
            | WorkerServerMessage::Resized { .. }
            | WorkerServerMessage::Viewers(_)
            | WorkerServerMessage::HistoryRange(_) => None,
        };
        match event {
            Some(event) => self.deliver(event).await,
            None => Ok(()),
        }
    }

    fn closed(&mut self, close: Option<(u16, String)>) -> Ended {
        match close.as_ref().map(|(code, _)| *code) {
            Some(RESTARTED) => Ended::Restarted,
            Some(code) if FINAL.contains(&code) => {
                Ended::Over(Some(match self.gone.take().or(self.complaint.take()) {
                    Some(reason) => Error::Gone { reason },
                    None => closed(close),
                }))
            }
            _ => Ended::Lost(closed(close)),
        }
    }

    async fn deliver(&self, event: TerminalEvent) -> Result<(), Ended> {
        self.events.send(Ok(event)).await.map_err(|_| Ended::Unwanted)
    }
}

async fn open(plan: Plan, target: String) -> Result<Socket, Error> {
    let knock = async {
        let token = plan.token.get().await?;
        let address = &plan.address;
        let unreachable = |source| Error::Unreachable { server: address.to_string(), source };
        let stream = plan.connector.connect(address).await.map_err(unreachable)?;
        upgrade(stream, &address.authority(), &target, &token, LARGEST_MESSAGE).await
    };
    let silent = |_| Error::lost("the server did not answer in time");
    timeout(plan.connect_within, knock).await.map_err(silent)?
}

fn resize(columns: u16, rows: u16) -> WorkerClientMessage {
    WorkerClientMessage::Resize { cols: columns.into(), rows: rows.into() }
}

async fn say(
    socket: &mut Socket,
    message: &WorkerClientMessage,
    within: Duration,
) -> Result<(), Error> {
    let text = serde_json::to_string(message).expect("wire types have string keys");
    send(socket, Owned::Text(text), within).await
}

/// Sends a message. A server that takes nothing is as dead as one that says nothing.
async fn send(socket: &mut Socket, message: Owned, within: Duration) -> Result<(), Error> {
    match timeout(within * 2, socket.send(&message)).await {
        Ok(sent) => sent.map_err(explain),
        Err(_) => Err(Error::lost("the server does not read")),
    }
}

/// Says goodbye; whether the server hears it does not matter.
async fn close(socket: &mut Socket) {
    let _ =
        timeout(Duration::from_secs(1), socket.send(&Owned::Close(Some((1000, String::new())))))
            .await;
}
