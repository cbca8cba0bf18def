//! The link's requests as they were in version 1. Kept as they are, so that what was released then is tested for ever.

use serde::{Deserialize, Serialize};

use super::messages::Stream;

/// One question. Everything that names a worker names its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Ask {
    /// Start a worker's process in a PTY.
    Spawn {
        /// The worker's stream; its epoch is the one that begins.
        stream: Stream,
        /// The program and its arguments; the user's shell if empty.
        #[serde(default)]
        program: Vec<String>,
        /// The directory to run in.
        directory: String,
        /// Extra environment variables, in order.
        #[serde(default)]
        environment: Vec<(String, String)>,
        /// The terminal's width.
        columns: u16,
        /// The terminal's height.
        rows: u16,
    },
    /// Change a terminal's size on behalf of a viewer.
    Resize {
        /// The worker's stream.
        stream: Stream,
        /// Who asks.
        viewer: String,
        /// The wanted width.
        columns: u16,
        /// The wanted height.
        rows: u16,
    },
    /// What a viewer types.
    Input {
        /// The worker's stream.
        stream: Stream,
        /// Who types.
        viewer: String,
        /// The text, control characters included.
        text: String,
    },
    /// End a worker's process tree.
    Interrupt {
        /// The worker's stream.
        stream: Stream,
        /// How long each politer signal gets, in milliseconds.
        grace: u64,
    },
    /// Look at a path.
    Stat {
        /// Absolute.
        path: String,
    },
    /// Do a git operation in a directory.
    Git {
        /// Absolute.
        directory: String,
        /// The operation and its arguments, never a shell line.
        arguments: Vec<String>,
    },
    /// The present screen of a terminal, as a checkpoint record in the worker's lane.
    Snapshot {
        /// The worker's stream.
        stream: Stream,
    },
    /// Save a picture on the agent's machine and type its path.
    Image {
        /// The worker's stream.
        stream: Stream,
        /// Who sends it.
        viewer: String,
        /// The picture, base64.
        content: String,
    },
    /// A question of a later version; answered with [`FailureCode::Unsupported`].
    #[serde(other)]
    Unknown,
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failure {
    /// For programs.
    pub(super) code: FailureCode,
    /// For people.
    pub(super) reason: String,
}

/// The codes of failed requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum FailureCode {
    /// This agent cannot do such things.
    Unsupported,
    /// What the request names is not there.
    NotFound,
    /// A field's value cannot be accepted.
    Invalid,
    /// It was tried in vain.
    Failed,
    /// The link was lost before the answer came. Said by the server, never by an agent.
    AgentOffline,
    /// A code of a later version.
    #[serde(other)]
    Unknown,
}
