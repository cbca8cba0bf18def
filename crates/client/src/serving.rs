//! What goes on while there is a connection.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{
    Error,
    line::Line,
    messages::{ClientMessage, ErrorCode, ErrorMessage, ServerMessage},
    requests::{Order, Request, tell},
    session::{Ended, Session},
    socket::Incoming,
};

/// How far apart questions about output are, so that they stay far below the server's limit of messages.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// How long an answer may take before the question is asked again.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// How long to wait when the server cannot read its storage.
const ASK_LATER: Duration = Duration::from_secs(1);
/// What questions about output are called in `requestId`.
const QUESTION: &str = "output";

/// What happens next.
enum Turn {
    Unwanted,
    Order(Order),
    Beat,
    Silence,
    Delivered,
    AskAgain,
    Ask,
    Token(String),
    Incoming(Option<Incoming>),
}

impl Session {
    /// Serves a connection until it ends.
    pub(crate) async fn serve(&mut self, line: &mut Line) -> Ended {
        match self.serve_all(line).await {
            Ok(()) => Ended::Unwanted,
            Err(error) => match line.refusal.take() {
                // With a token of one's own there would be the same answer again.
                Some(reason) if !self.plan.token.can_renew() => {
                    Ended::Over(Error::Refused { reason })
                }
                Some(_) | None => Ended::Lost(error),
            },
        }
    }

    async fn serve_all(&mut self, line: &mut Line) -> Result<(), Error> {
        for request in self.requests.take_waiting() {
            self.send(request, line).await?;
        }
        loop {
            match self.turn(line).await? {
                Turn::Unwanted => return Ok(()),
                Turn::Order(Order::Send(request)) => self.send(request, line).await?,
                Turn::Order(Order::Follow { command, from }) => self.ledger.follow(&command, from),
                Turn::Order(Order::Reconnect) => {}
                Turn::Beat => line.beat().await?,
                Turn::Silence => return Err(Error::lost("the server said nothing for too long")),
                Turn::Delivered => line.heard = Instant::now(),
                Turn::AskAgain => {
                    if let Some((command, _)) = line.asked.take() {
                        self.ledger.ask_again(&command);
                    }
                }
                Turn::Ask => self.ask(line).await?,
                Turn::Token(token) => line.show(token).await?,
                Turn::Incoming(incoming) => {
                    line.heard = Instant::now();
                    match incoming {
                        Some(Incoming::Message(message)) => self.take(*message, line),
                        Some(Incoming::Ping(payload)) => line.socket.pong(payload).await?,
                        None => {}
                    }
                }
            }
        }
    }

    /// What happens next. Every arm is cancel-safe: receiving, reserving, ticking, reading into a buffer.
    async fn turn(&mut self, line: &mut Line) -> Result<Turn, Error> {
        let has_news = self.ledger.has_news();
        let can_ask = !has_news && line.asked.is_none() && self.ledger.has_questions();
        let asked_again_at = line.asked.as_ref().map(|(_, at)| *at + ANSWERED_WITHIN);
        let ask_at = line.ask_at;
        let silent_at = line.heard + self.plan.options.dead_after;
        let source = &self.plan.token;
        Ok(tokio::select! {
            order = self.orders.recv() => order.map_or(Turn::Unwanted, Turn::Order),
            _ = line.heartbeat.tick() => Turn::Beat,
            // Bounded: while the reader is behind, the socket is not read and TCP makes the server wait.
            permit = self.events.reserve(), if has_news => {
                let Ok(permit) = permit else { return Ok(Turn::Unwanted) };
                if let Some(event) = self.ledger.pop() {
                    permit.send(Ok(event));
                }
                Turn::Delivered
            }
            () = sleep_until(asked_again_at.unwrap_or(ask_at)), if asked_again_at.is_some() => {
                Turn::AskAgain
            }
            () = sleep_until(ask_at), if can_ask => Turn::Ask,
            token = line.renewal.next(source) => Turn::Token(token),
            // Silence counts only while the socket is read.
            () = sleep_until(silent_at), if !has_news => Turn::Silence,
            incoming = line.socket.next(), if !has_news => Turn::Incoming(incoming?),
        })
    }

    async fn ask(&mut self, line: &mut Line) -> Result<(), Error> {
        let Some(mut question) = self.ledger.question() else { return Ok(()) };
        question.request_id = Some(QUESTION.to_owned());
        line.asked = Some((question.command_id.clone(), Instant::now()));
        line.ask_at = Instant::now() + ASK_EVERY;
        line.send(ClientMessage::OutputResume(question)).await
    }

    async fn send(&mut self, request: Request, line: &mut Line) -> Result<(), Error> {
        let Some((message, sent)) = self.requests.depart(request) else { return Ok(()) };
        let result = line.send(message).await;
        tell(sent, result.as_ref().copied().map_err(Error::lost));
        result
    }

    fn take(&mut self, message: ServerMessage, line: &mut Line) {
        match message {
            ServerMessage::Heartbeat(_) => {
                if self.ledger.is_in_snapshot() {
                    self.ledger.end_snapshot();
                    self.requests.snapshot_ended();
                }
                return;
            }
            ServerMessage::TokenRefreshed(_) => line.refusal = None,
            ServerMessage::Error(error) => return self.refused(error, line),
            ServerMessage::CommandStatus(status) => {
                if status.status.is_final() {
                    self.requests.ended(&status.command_id);
                }
                if let Some(command) = self.requests.answered(&status) {
                    self.ledger.follow(&command, None);
                }
                return self.ledger.take(ServerMessage::CommandStatus(status));
            }
            ServerMessage::OutputPage(page) => {
                line.asked = None;
                return self.ledger.take(ServerMessage::OutputPage(page));
            }
            ServerMessage::ConnectionAck(_)
            | ServerMessage::AgentList(_)
            | ServerMessage::AgentStatus(_)
            | ServerMessage::TerminalOutput(_)
            | ServerMessage::CommandQueue(_)
            | ServerMessage::AttentionChanged(_) => {}
        }
        self.ledger.take(message);
    }

    fn refused(&mut self, error: ErrorMessage, line: &mut Line) {
        let details = error.details.as_ref();
        let request = details.and_then(|details| details.request_id.as_deref());
        if request == Some(QUESTION)
            && let Some((command, _)) = line.asked.take()
        {
            match error.code {
                ErrorCode::CommandNotFound => self.ledger.forget(&command),
                ErrorCode::StorageUnavailable | ErrorCode::RateLimit => {
                    self.ledger.ask_again(&command);
                    line.ask_at = Instant::now() + ASK_LATER;
                }
                _ => self.ledger.caught_up(&command, false),
            }
        } else if !self.requests.refused(&error) {
            self.ledger.take(ServerMessage::Error(error.clone()));
        }
        if !error.recoverable {
            line.refusal = Some(error.message);
            line.renewal.begin(&self.plan.token);
        }
    }
}
