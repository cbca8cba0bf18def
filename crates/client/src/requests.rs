//! What this dashboard asked for: what waits for a connection, and what waits for its answer.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot;

use crate::{
    Error,
    messages::{ClientMessage, CommandRequest, CommandStatus, ErrorMessage},
};

/// What a dashboard wants of its task.
#[derive(Debug)]
pub(crate) enum Order {
    /// Say something to the server.
    Send(Request),
    /// See to it that a command's output is complete, from that record on.
    Follow { command: String, from: Option<u64> },
    /// Do not wait any longer for the next attempt.
    Reconnect,
}

/// Who waits until something is on its way.
pub(crate) type Sent = oneshot::Sender<Result<(), Error>>;

/// Something to be said to the server.
#[derive(Debug)]
pub(crate) enum Request {
    /// Answered as soon as it is on its way, or waits for a connection.
    Message { message: ClientMessage, sent: Option<Sent> },
    /// Answered with the command's id.
    Run { request: CommandRequest, answer: oneshot::Sender<Result<String, Error>> },
}

/// A command that was asked for.
#[derive(Debug)]
struct Asked {
    answer: oneshot::Sender<Result<String, Error>>,
    /// The connection it was sent over is gone, so its answer may be lost.
    is_doubtful: bool,
}

/// Both queues. Overflow rule of what waits for a connection: the newest is refused.
#[derive(Debug)]
pub(crate) struct Requests {
    most_waiting: usize,
    waiting: VecDeque<Request>,
    asked: BTreeMap<String, Asked>,
}

impl Request {
    fn fail(self, error: Error) {
        // Whoever does not wait for the answer any more does not need it.
        match self {
            Self::Message { sent, .. } => tell(sent, Err(error)),
            Self::Run { answer, .. } => drop(answer.send(Err(error))),
        }
    }

    fn is_given_up(&self) -> bool {
        match self {
            Self::Message { sent, .. } => sent.as_ref().is_some_and(Sent::is_closed),
            Self::Run { answer, .. } => answer.is_closed(),
        }
    }
}

/// Whoever does not wait any more does not need to know.
pub(crate) fn tell(sent: Option<Sent>, result: Result<(), Error>) {
    if let Some(sent) = sent {
        let _ = sent.send(result);
    }
}

impl Requests {
    pub(crate) fn new(most_waiting: usize) -> Self {
        Self { most_waiting, waiting: VecDeque::new(), asked: BTreeMap::new() }
    }

    /// A request that comes while there is no connection.
    pub(crate) fn while_away(&mut self, request: Request) {
        self.waiting.retain(|request| !request.is_given_up());
        if self.most_waiting == 0 {
            request.fail(Error::Away);
        } else if self.waiting.len() >= self.most_waiting {
            request.fail(Error::TooManyWaiting);
        } else if let Request::Message { message, sent } = request {
            tell(sent, Ok(()));
            self.waiting.push_back(Request::Message { message, sent: None });
        } else {
            self.waiting.push_back(request);
        }
    }

    /// What waited, now that there is a connection. Nobody who gave up is served.
    pub(crate) fn take_waiting(&mut self) -> VecDeque<Request> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|request| !request.is_given_up());
        waiting
    }

    /// A request goes on its way: what to say, and who waits until it was said.
    pub(crate) fn depart(&mut self, request: Request) -> Option<(ClientMessage, Option<Sent>)> {
        match request {
            Request::Message { message, sent } => Some((message, sent)),
            Request::Run { request, answer } => {
                if answer.is_closed() {
                    return None;
                }
                let name = request.request_id.clone().unwrap_or_default();
                self.asked.insert(name, Asked { answer, is_doubtful: false });
                Some((ClientMessage::CommandRequest(request), None))
            }
        }
    }

    /// The command that was asked for, if this tells of it.
    pub(crate) fn answered(&mut self, status: &CommandStatus) -> Option<String> {
        let asked = self.asked.remove(status.request_id.as_deref()?)?;
        let _ = asked.answer.send(Ok(status.command_id.clone()));
        Some(status.command_id.clone())
    }

    /// Whether the error is the answer to something that was asked for.
    pub(crate) fn refused(&mut self, error: &ErrorMessage) -> bool {
        let details = error.details.as_ref();
        let name = details.and_then(|details| details.request_id.as_deref());
        let Some(asked) = name.and_then(|name| self.asked.remove(name)) else { return false };
        let _ = asked.answer.send(Err(Error::Rejected(Box::new(error.clone()))));
        true
    }

    /// The connection is gone: answers that are outstanding may never come.
    pub(crate) fn line_lost(&mut self) {
        for asked in self.asked.values_mut() {
            asked.is_doubtful = true;
        }
    }

    /// The server has told all that is live: what is not among it was never queued, or has ended.
    pub(crate) fn snapshot_ended(&mut self) {
        for (request_id, asked) in self.asked.extract_if(.., |_, asked| asked.is_doubtful) {
            let _ = asked.answer.send(Err(Error::Unknown { request_id }));
        }
    }

    /// There will be no further connection.
    pub(crate) fn end(&mut self) {
        for request in self.waiting.drain(..) {
            request.fail(Error::lost("it has ended"));
        }
        for (request_id, asked) in std::mem::take(&mut self.asked) {
            let _ = asked.answer.send(Err(Error::Unknown { request_id }));
        }
    }
}

#[cfg(test)]
#[path = "requests_tests.rs"]
mod tests;
