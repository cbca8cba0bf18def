//! The desk: where those ask the core who have no connection, such as REST routes, and wait for the answer.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use pilothouse_core::{Asked, Caller, CoreError, Reply, Request, ids::ConnectionId};
use tokio::sync::oneshot;

use crate::hub::Hub;

/// How many may wait for an answer. Overflow rule: further ones are refused.
const MOST_WAITING: usize = 1_000;
/// How long an answer is usually waited for.
pub(crate) const WITHIN: Duration = Duration::from_secs(10);

/// The core's answer to somebody who waits for it.
type Answer = Result<Reply, CoreError>;

/// Why there is no answer to build on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The core said no.
    #[error(transparent)]
    Refused(#[from] CoreError),
    /// Too many wait already.
    #[error("too many requests wait for an answer; try again later")]
    Crowded,
    /// Nothing came in time.
    #[error("the answer did not come in time; look whether it was done, and try again")]
    TooLate,
}

/// Everybody who waits.
#[derive(Default)]
pub(crate) struct Desk {
    waiting: Mutex<HashMap<ConnectionId, oneshot::Sender<Answer>>>,
}

impl Desk {
    /// Hands an answer to whoever waits for it; what nobody waits for any more is dropped.
    pub(crate) fn answer(&self, connection: ConnectionId, answer: Answer) {
        if let Some(waiting) = self.waiting.lock().remove(&connection) {
            let _ = waiting.send(answer);
        }
    }

    /// How many wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.lock().len()
    }

    fn enter(&self, connection: ConnectionId) -> Result<oneshot::Receiver<Answer>, NoAnswer> {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= MOST_WAITING {
            return Err(NoAnswer::Crowded);
        }
        let (sender, receiver) = oneshot::channel();
        waiting.insert(connection, sender);
        Ok(receiver)
    }
}

/// Somebody who waits. Dropped early, say because the peer is gone, it leaves nothing behind.
struct Waiting<'a> {
    hub: &'a Hub,
    connection: ConnectionId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let is_unanswered = self.hub.desk.waiting.lock().remove(&self.connection).is_some();
        if is_unanswered {
            self.hub.with(|core, _| core.forget(self.connection));
        }
    }
}

impl Hub {
    /// Asks the core and waits for its answer, also where that comes with a commit or from an agent.
    /// The caller's connection is of no matter here: each question has one of its own.
    pub(crate) async fn ask(
        &self,
        caller: &Caller,
        request: Request,
        within: Duration,
    ) -> Result<Reply, NoAnswer> {
        let connection = self.desk_connection();
        let answer = self.desk.enter(connection)?;
        let waiting = Waiting { hub: self, connection };
        let caller = Caller { connection, ..caller.clone() };
        let asked = self.with(|core, now| core.ask(&caller, request, now));
        if let Asked::Answered(answer) = asked {
            return Ok(answer?);
        }
        let answer = tokio::time::timeout(within, answer).await;
        drop(waiting);
        match answer {
            Ok(Ok(answer)) => Ok(answer?),
            // The sender is dropped only with the hub.
            Ok(Err(_)) | Err(_) => Err(NoAnswer::TooLate),
        }
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
