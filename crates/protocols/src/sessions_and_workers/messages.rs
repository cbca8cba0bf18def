//! Every message of the two doors, in both directions, for the server and for clients.
//!
//! Output is written by hand in `terminal.rs`, since it is nearly everything; a test holds it to these types.

use serde::{Deserialize, Serialize, Serializer};

mod session;
mod viewers;

pub use super::reading::{parse_app, parse_worker};
pub use crate::json_reading::Malformed;
pub use session::{
    AgentActivityState, Session, SessionKind, SessionStatus, Worker, WorkerActivity, WorkerKind,
    WorkerState, moment,
};
pub use viewers::{TerminalViewer, TerminalViewers};

/// What the server says at `/ws/app`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum AppServerMessage {
    /// All sessions, and what their agent workers do. Comes first, and in answer to `request-sync`.
    SessionsSync {
        /// Oldest first.
        sessions: Vec<Session>,
        /// Of the agent workers that were seen doing something.
        activity_states: Vec<WorkerActivity>,
    },
    /// There is a new session.
    SessionCreated {
        /// The session.
        session: Session,
    },
    /// Something of a session changed: title, branch, workers, status.
    SessionUpdated {
        /// As it is now.
        session: Session,
    },
    /// A session is gone, with its workers.
    SessionDeleted {
        /// Which one.
        session_id: String,
    },
    /// An agent worker does something else now.
    WorkerActivity(WorkerActivity),
    /// Something was refused, or the connection ends.
    Error(ErrorMessage),
}

/// What a client says at `/ws/app`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum AppClientMessage {
    /// Asks for `sessions-sync`.
    RequestSync {
        /// Tolerated, and without effect: there is one kind of sync.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "unknown"))]
        scope: Option<serde_json::Value>,
    },
}

/// What the server says at a worker's door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum WorkerServerMessage {
    /// The worker printed something.
    Output(Output),
    /// What it printed before, or how its terminal looks because of that.
    History(History),
    /// What the agent in it does now. Agent workers only.
    Activity {
        /// What.
        state: AgentActivityState,
    },
    /// Its process ended; all of its output came before.
    Exit(Exit),
    /// Something was refused, or the connection ends.
    Error(ErrorMessage),
    /// The worker as it is when somebody attaches. With offsets only.
    Worker(AttachedWorker),
    /// The terminal has another size now. With offsets only.
    Resized {
        /// Its width in cells.
        cols: u16,
        /// Its height in cells.
        rows: u16,
    },
    /// Who is in front of the terminal: when one attaches, and when that has changed. With offsets only.
    Viewers(TerminalViewers),
    /// A part of its log, in answer to `request-history-range`. With offsets only.
    HistoryRange(HistoryRange),
}

/// `output`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", optional_fields)
)]
pub struct Output {
    /// What it printed.
    pub data: String,
    /// How many bytes of its log there are after it. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Which life of the worker it is of. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
}

/// `history`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", optional_fields)
)]
pub struct History {
    /// What to write to the terminal.
    pub data: String,
    /// How many bytes of the log come before what `data` has of it. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_offset: Option<u64>,
    /// How many bytes of the log there are after it. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Which life of the worker it is of. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// Whether it takes the place of what the terminal shows; otherwise it goes on there. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<bool>,
}

/// `exit`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", optional_fields)
)]
pub struct Exit {
    /// The exit code; 128 + n for death by signal n, 1 if there is no such worker.
    pub exit_code: i32,
    /// The signal's name, such as `SIGKILL`, if one ended it.
    #[cfg_attr(test, ts(optional = false))]
    pub signal: Option<String>,
    /// In words, if it did not end by itself. With offsets only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `worker`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct AttachedWorker {
    /// Whether its process lives.
    pub state: WorkerState,
    /// Which life of it.
    pub epoch: u32,
    /// The terminal's width in cells.
    pub cols: u16,
    /// The terminal's height in cells.
    pub rows: u16,
    /// Whether this connection may type.
    pub may_type: bool,
    /// Which of the `viewers` this connection is; empty at servers that do not tell them.
    #[serde(default)]
    pub viewer_id: String,
}

/// `history-range`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct HistoryRange {
    /// What it printed there; empty if nothing of that is kept.
    pub data: String,
    /// The first byte of it.
    pub start_offset: u64,
    /// The byte after the last; ask for more from there on.
    pub end_offset: u64,
    /// The oldest byte that is kept.
    pub first_offset: u64,
    /// Which life of the worker it is of.
    pub epoch: u32,
}

/// What a client says at a worker's door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum WorkerClientMessage {
    /// Types something, control characters included.
    Input {
        /// What.
        data: String,
    },
    /// Wants the terminal to have that size. Each side is brought into 1 to 1000.
    Resize {
        /// Its width in cells.
        #[serde(serialize_with = "plain_number")]
        cols: f64,
        /// Its height in cells.
        #[serde(serialize_with = "plain_number")]
        rows: f64,
    },
    /// Sends a picture: it is saved on the agent's machine, and its path is typed.
    Image(Image),
    /// Asks for a part of the log of the worker's present life. With offsets only.
    RequestHistoryRange {
        /// The first byte that is wanted.
        from: u64,
        /// The byte after the last that is wanted.
        to: u64,
    },
}

/// `image`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct Image {
    /// The picture in base64, at most 5 MB of picture.
    pub data: String,
    /// Such as `image/png`.
    pub mime_type: String,
}

/// `error`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct ErrorMessage {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

/// Why something was refused, or why the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum ErrorCode {
    /// The message cannot be read, or a value makes no sense.
    InvalidMessage,
    /// There is no such session.
    SessionNotFound,
    /// The session has no such worker.
    WorkerNotFound,
    /// The session was deleted just now.
    SessionDeleted,
    /// The worker was taken out of its session just now.
    WorkerDeleted,
    /// The worker was started anew: come back, its log begins anew.
    WorkerRestarted,
    /// The worker's agent is away: what was typed is lost.
    AgentOffline,
    /// The token's role does not allow it.
    Forbidden,
    /// The picture is larger than 5 MB.
    ImageTooLarge,
    /// The picture is of a kind that is not taken, or is none.
    ImageUnsupported,
    /// The agent could not do it.
    Failed,
    /// The server cannot store or read anything now.
    StorageUnavailable,
    /// The token has expired.
    TokenExpired,
    /// The token was revoked.
    TokenRevoked,
}

/// Whole numbers without a fraction, as everybody else writes them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn plain_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "compared with what it was right behind")]
    let whole = *number as i32;
    if f64::from(whole).to_bits() == number.to_bits() {
        serializer.serialize_i32(whole)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// Pictures stay out of logs.
impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("mime_type", &self.mime_type).finish_non_exhaustive()
    }
}
