//! What a dashboard learns, about the fleet and about its own connection.

use std::time::Duration;

use crate::messages::ServerMessage;

/// What [`crate::Dashboard::next`] delivers.
///
/// Over all reconnections, nothing is told twice: state that did not change while the connection was away is not
/// told again, output goes on with the number where it stopped, and a final status comes once. One command's
/// events keep their order; while its missed output is fetched, those of others may overtake them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The server said something. Never an output with a gap notice, which is [`Event::Gap`].
    Message(ServerMessage),
    /// Output is missing here, for good.
    Gap(OutputGap),
    /// The server does not know a command any more that it had told of: how it ended cannot be told.
    Forgotten {
        /// Which one.
        command_id: String,
    },
    /// There is a connection.
    Connected {
        /// Its name in the server's logs.
        connection_id: String,
    },
    /// The state told up to here is complete. Comes after the first messages of every connection;
    /// missed output may still follow.
    Resynced,
    /// The connection is lost, and the next attempt is under way or waits.
    Reconnecting(Reconnecting),
    /// It is over: the next [`crate::Dashboard::next`] is the error.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// Output that a command wrote and that nobody will see here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputGap {
    /// Whose output.
    pub command_id: String,
    /// On which agent.
    pub agent_id: String,
    /// The number of the first missing record.
    pub from_sequence: u64,
    /// The number of the next record that is there.
    pub next_sequence: u64,
    /// Why it is missing, in words.
    pub reason: String,
}

/// An attempt to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconnecting {
    /// Counts from 1 since the connection was lost.
    pub attempt: u32,
    /// How long it is waited before this attempt.
    pub wait: Duration,
    /// Why the connection was lost, or why the last attempt failed.
    pub reason: String,
    /// So many attempts failed that a person should be offered to call [`crate::Dashboard::reconnect`].
    pub is_long: bool,
}

/// How the connection is, in the protocol's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Messages go both ways.
    Connected,
    /// It was lost, and comes back by itself.
    Reconnecting,
    /// It is over.
    Disconnected,
}
