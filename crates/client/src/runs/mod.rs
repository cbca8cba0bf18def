//! A run as whoever follows it is told it: every step once and in order, how it stands, and how it ends.
//!
//! The connection comes back by itself and goes on behind the last step that was told.

mod following;
#[cfg(test)]
mod following_tests;
mod messages;
mod wire;

pub(crate) use following::start;
pub use pilothouse_protocols::runs::messages::{
    Completion, LiveStatus, RunStatus, Waiting, WaitingKind, WaitingRequest,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use crate::{Error, Reconnecting};

/// What [`FollowedRun::next`] delivers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RunEvent {
    /// How the run stands: first, and whenever that changes. May overtake steps that were taken before.
    Status(RunStatus),
    /// The run took a step.
    Step(RunStep),
    /// The run is over, and all of its steps were told. Nothing comes after this.
    Ended(Completion),
    /// There is no connection, and the next attempt waits.
    Reconnecting(Reconnecting),
    /// There is a connection.
    Connected,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStep {
    /// Its number in the run, from 1.
    pub number: u32,
    /// What was done: a `type`, and whatever goes with it.
    pub action: Map<String, Value>,
    /// Why, for people.
    pub explanation: String,
    /// How the page looked, as JPEG or PNG, if there is a picture.
    pub screenshot: Option<Vec<u8>>,
}

/// A run that is followed. Dropping it closes the connection; the run goes on.
///
/// Whoever does not call [`Self::next`] makes the server wait, not this process grow.
#[derive(Debug)]
pub struct FollowedRun {
    events: mpsc::Receiver<Result<RunEvent, Error>>,
}

impl FollowedRun {
    /// The next event, in order. Cancel-safe: nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// Nothing more can be told: there is no such run, the token does not count any more, or the time to come back is
    /// over. After an error, and after [`RunEvent::Ended`], nothing comes any more.
    pub async fn next(&mut self) -> Result<RunEvent, Error> {
        self.events.recv().await.unwrap_or_else(|| Err(Error::lost("it has ended")))
    }
}
