//! The task behind a followed run: keeps a connection until the run is over, and comes back when it is lost.

use std::time::Duration;

use pilothouse_protocols::runs::messages::{
    Authenticate, ClientMessage, ErrorMessage, ServerMessage, StartAgent, StepUpdate, Success,
};
use pilothouse_websocket::stream::Owned;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};

use super::{
    FollowedRun, RunEvent,
    messages::{read, step},
    wire::{Socket, close, open, say, send},
};
use crate::{
    Backoff, Error,
    attempts::Attempts,
    builder::Plan,
    socket::{closed, explain},
};

/// Events that wait for the reader; beyond that the server waits. Each may have a picture of 4 MiB.
const EVENTS: usize = 4;
/// What the server closes with when another attempt would end in the same way.
const FINAL: [u16; 3] = [1002, 1007, 1009];
/// The protocol's words for a run that is not there.
const NOT_THERE: &str = "Failed to start agent";
/// The protocol's words for a token that has to be replaced at once.
const EXPIRED: &str = "Authentication token expired";

/// Why a connection is not served any more.
enum Ended {
    /// The run is over, or nobody listens any more.
    Unwanted,
    /// It broke; another one may work.
    Lost(Error),
    /// It broke, and no other one will work.
    Over(Error),
}

/// Everything the task owns.
struct Following {
    plan: Plan,
    run: String,
    /// The number of the last step that was told.
    told: u32,
    events: mpsc::Sender<Result<RunEvent, Error>>,
    attempts: Attempts,
}

/// Follows a run from behind that step on.
pub(crate) fn start(mut plan: Plan, run: &str, after: u32) -> FollowedRun {
    if plan.options.backoff == Backoff::default() {
        plan.options.backoff.jitter = 30;
    }
    let (events, delivered) = mpsc::channel(EVENTS);
    let run = run.to_owned();
    let attempts = Attempts::after_a_wait();
    let following = Following { plan, run, told: after, events, attempts };
    tokio::spawn(following.run());
    FollowedRun { events: delivered }
}

impl Following {
    async fn run(mut self) {
        let mut lost = None;
        let error = loop {
            let mut socket = match self.connect(lost).await {
                Ok(socket) => socket,
                Err(Some(error)) => break error,
                Err(None) => return,
            };
            let opened = Instant::now();
            lost = match self.serve(&mut socket).await {
                Ended::Unwanted => return close(&mut socket).await,
                Ended::Over(error) => break error,
                Ended::Lost(error) => Some(error),
            };
            self.attempts.ended(opened);
        };
        let _ = self.events.send(Err(error)).await;
    }

    /// Tries until there is a connection; the error if there will be none, nothing if nobody wants one.
    async fn connect(&mut self, lost: Option<Error>) -> Result<Socket, Option<Error>> {
        let since = Instant::now();
        let mut last = lost;
        loop {
            if let Some(error) = last {
                let (next, _) = self.attempts.next(&self.plan.options, since, error)?;
                let wait = next.wait;
                let event = RunEvent::Reconnecting(next);
                self.events.send(Ok(event)).await.map_err(|_| None)?;
                self.meanwhile(sleep(wait)).await.ok_or(None)?;
            }
            match self.meanwhile(open(self.plan.clone())).await.ok_or(None)? {
                Ok(socket) => {
                    self.attempts.succeeded();
                    return Ok(socket);
                }
                Err(error @ Error::Status { status: 404 }) => return Err(Some(error)),
                Err(error) => last = Some(self.attempts.judge(error, &self.plan.token)?),
            }
        }
    }

    /// Waits while there is no connection. Nothing if nobody listens any more.
    async fn meanwhile<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = future => Some(done),
            () = self.events.closed() => None,
        }
    }

    async fn serve(&mut self, socket: &mut Socket) -> Ended {
        let every = self.plan.options.heartbeat / 2;
        let mut beat = interval_at(Instant::now() + every, every);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let start = ClientMessage::StartAgent(StartAgent {
            run_id: self.run.clone(),
            after_step: Some(self.told),
            extended: Some(true),
        });
        if let Err(error) = say(socket, &start, every).await {
            return Ended::Lost(error);
        }
        if let Err(ended) = self.deliver(RunEvent::Connected).await {
            return ended;
        }
        let events = self.events.clone();
        loop {
            let served = tokio::select! {
                message = socket.reader.receive() => match message {
                    Ok(Some(message)) => {
                        let served = self.hear(message, socket, every).await;
                        // However long the reader took with it, the server was not silent meanwhile.
                        heard = Instant::now();
                        served
                    }
                    Ok(None) => Err(Ended::Lost(Error::lost("the server closed it"))),
                    Err(error) => Err(Ended::Lost(explain(error))),
                },
                _ = beat.tick() => {
                    if heard.elapsed() >= self.plan.options.dead_after {
                        Err(Ended::Lost(Error::lost("the server is silent")))
                    } else {
                        send(socket, Owned::Ping(bytes::Bytes::new()), every).await.map_err(Ended::Lost)
                    }
                }
                () = events.closed() => Err(Ended::Unwanted),
            };
            if let Err(ended) = served {
                return ended;
            }
        }
    }

    async fn hear(
        &mut self,
        message: Owned,
        socket: &mut Socket,
        within: Duration,
    ) -> Result<(), Ended> {
        match message {
            Owned::Text(text) => match read(&text).map_err(Ended::Over)? {
                Some(message) => self.take(message, socket, within).await,
                None => Ok(()),
            },
            Owned::Ping(payload) => {
                send(socket, Owned::Pong(payload), within).await.map_err(Ended::Lost)
            }
            Owned::Pong(_) => Ok(()),
            Owned::Binary(_) => Err(Ended::Over(Error::protocol("a message is binary"))),
            Owned::Close(Some((code, reason))) if FINAL.contains(&code) => {
                Err(Ended::Over(closed(Some((code, reason)))))
            }
            Owned::Close(close) => Err(Ended::Lost(closed(close))),
        }
    }

    async fn take(
        &mut self,
        message: ServerMessage,
        socket: &mut Socket,
        within: Duration,
    ) -> Result<(), Ended> {
        match message {
            ServerMessage::StepUpdate(update) => self.step(update).await,
            ServerMessage::RunStatus(status) if status.run_id == self.run => {
                self.deliver(RunEvent::Status(status)).await
            }
            ServerMessage::Completion(completion) if completion.run_id == self.run => {
                self.deliver(RunEvent::Ended(completion)).await?;
                Err(Ended::Unwanted)
            }
            ServerMessage::Error(error) => self.complaint(error, socket, within).await,
            ServerMessage::Authentication(answer) if answer.status == Success::Failed => {
                let reason = answer.reason.or(answer.error).unwrap_or_default();
                Err(Ended::Lost(Error::Refused { reason }))
            }
            ServerMessage::Authentication(_)
            | ServerMessage::RunStatus(_)
            | ServerMessage::Completion(_) => Ok(()),
        }
    }

    async fn step(&mut self, update: StepUpdate) -> Result<(), Ended> {
        if update.run_id != self.run || update.step_number <= self.told {
            return Ok(());
        }
        let number = update.step_number;
        let event = RunEvent::Step(step(update).map_err(Ended::Over)?);
        self.deliver(event).await?;
        self.told = number;
        Ok(())
    }

    async fn complaint(
        &mut self,
        complaint: ErrorMessage,
        socket: &mut Socket,
        within: Duration,
    ) -> Result<(), Ended> {
        let ErrorMessage { error, reason, .. } = complaint;
        let reason = reason.unwrap_or_else(|| error.clone());
        match error.as_str() {
            NOT_THERE => Err(Ended::Over(Error::Gone { reason })),
            EXPIRED if self.plan.token.can_renew() => {
                let asked = timeout(self.plan.connect_within, self.plan.token.get()).await;
                let asked =
                    asked.unwrap_or_else(|_| Err(Error::lost("there was no newer token in time")));
                let token = asked.map_err(Ended::Lost)?;
                let shown = ClientMessage::Authenticate(Authenticate { token });
                say(socket, &shown, within).await.map_err(Ended::Lost)
            }
            // A close follows, and tells whether to come back.
            EXPIRED => Ok(()),
            _ => Err(Ended::Over(Error::protocol(format!("it did not understand us: {reason}")))),
        }
    }

    async fn deliver(&self, event: RunEvent) -> Result<(), Ended> {
        self.events.send(Ok(event)).await.map_err(|_| Ended::Unwanted)
    }
}
