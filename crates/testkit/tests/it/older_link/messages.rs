//! The link's messages as they were in version 1. Kept as they are, so that what was released then is tested for ever.

use serde::{Deserialize, Serialize};

use super::requests::{Ask, Failure};

/// What an agent says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum FromAgent {
    /// The first message of a link.
    Hello(Hello),
    /// A command's process started.
    Started {
        /// Which command.
        command: String,
        /// When, in milliseconds since 1970 by the agent's clock.
        at: u64,
    },
    /// A command ended; all of its output was sent before.
    Ended {
        /// Which command.
        command: String,
        /// How and when.
        #[serde(flatten)]
        ended: Ended,
    },
    /// From now on records with this lane number belong to this stream.
    Lane {
        /// The number in the records' headers; chosen by the agent, good for this link.
        lane: u32,
        /// Which stream.
        stream: Stream,
        /// Where the lane's first record will be.
        position: u64,
        /// The number of the lane's first record.
        sequence: u64,
    },
    /// These bytes of a lane are lost for good; the lane goes on behind them.
    Missing {
        /// Which lane.
        lane: u32,
        /// The first lost byte.
        from: u64,
        /// The first byte that is there again.
        to: u64,
        /// The number of the first record that is there again.
        next_sequence: u64,
    },
    /// Something is wrong with the agent, or no longer when there is no reason.
    Trouble {
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The answer to a request.
    Response {
        /// The request's id.
        id: u64,
        /// What was asked for; absent when it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ok: Option<serde_json::Value>,
        /// Why it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    },
    /// A sign of life; the server answers with the same.
    Heartbeat,
    /// A type of a later version; ignored.
    #[serde(other)]
    Unknown,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum FromServer {
    /// The answer to a hello; from now on the link is good.
    Welcome(Welcome),
    /// The answer to a hello that is not accepted; the socket is closed after it.
    Refused {
        /// For programs; the document lists them.
        code: RefusalCode,
        /// For people.
        reason: String,
    },
    /// What the agent sent breaks the protocol; the socket is closed after it.
    Error {
        /// For programs; the document lists them.
        code: ErrorCode,
        /// For people.
        reason: String,
    },
    /// Start a command, at most once.
    Start(Start),
    /// End a command's whole process tree.
    Interrupt {
        /// Which command.
        command: String,
        /// How long each politer signal gets, in milliseconds.
        grace: u64,
    },
    /// Everything before this is stored; the agent may forget it.
    Acknowledge {
        /// Which stream.
        stream: Stream,
        /// The first byte that is not stored.
        position: u64,
        /// The number of the first record that is not stored.
        sequence: u64,
    },
    /// A command's end is stored, or the server does not want the command: end it if it runs, then forget it.
    Forget {
        /// Which command.
        command: String,
    },
    /// From now on each stream may have so many bytes unacknowledged.
    Credit {
        /// How many.
        bytes: u64,
    },
    /// The agent is asked for something.
    Request {
        /// Names the request on this link.
        id: u64,
        /// After so many milliseconds the answer is of no use.
        deadline: u64,
        /// What.
        #[serde(flatten)]
        ask: Ask,
    },
    /// A fresh checkpoint of that stream is wanted.
    Checkpoint {
        /// Which stream.
        stream: Stream,
    },
    /// The answer to a heartbeat.
    Heartbeat,
    /// A type of a later version; ignored.
    #[serde(other)]
    Unknown,
}

/// An agent's introduction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hello {
    /// The newest version of the protocol the agent speaks.
    pub(super) version: u32,
    /// The oldest; the same as `version` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) oldest: Option<u32>,
    /// What it can do beyond its version.
    #[serde(default)]
    pub(super) features: Vec<String>,
    /// Who it is.
    pub(super) agent: String,
    /// Which life of its process this is.
    pub(super) incarnation: String,
    /// What it says of itself.
    pub(super) profile: Profile,
    /// Every command in its journal.
    #[serde(default)]
    pub(super) commands: Vec<HeldCommand>,
}

/// What an agent says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    /// For people; the id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// `shell`, `claude`, `codex`, …
    pub(super) agent_type: String,
    /// The agent program's version.
    #[serde(default)]
    pub(super) version: String,
    /// Operating system and machine.
    #[serde(default)]
    pub(super) platform: String,
    /// The machine's name.
    #[serde(default)]
    pub(super) host: String,
    /// `commands`, `terminals`, `browser`.
    #[serde(default)]
    pub(super) capabilities: Vec<String>,
}

/// A command in an agent's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldCommand {
    /// Which one.
    pub(super) command: String,
    /// When its process started, in milliseconds since 1970.
    pub(super) started_at: u64,
    /// The first byte of output that the agent still has.
    #[serde(default)]
    pub(super) first_position: u64,
    /// The byte after the last one it has.
    #[serde(default)]
    pub(super) next_position: u64,
    /// How it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<Ended>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ended {
    /// How.
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// When, in milliseconds since 1970 by the agent's clock.
    pub(super) ended_at: u64,
    /// How long the process lived, in milliseconds.
    #[serde(default)]
    pub(super) ran_for: u64,
}

/// The ways a command can end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Outcome {
    /// By itself.
    Exited {
        /// The exit code; 128 + n for death by signal n.
        code: i32,
        /// The signal's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<String>,
    },
    /// By an `interrupt`.
    Interrupted {
        /// The exit code of a process that was there to be ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// By its time limit.
    TimedOut {
        /// The exit code of the ended process.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// It never ran.
    NotStarted {
        /// Why, for people.
        reason: String,
    },
    /// With the agent process that owned it.
    AgentLost,
}

/// The server's answer to a hello.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome {
    /// The version both speak from now on.
    pub(super) version: u32,
    /// Names this link in logs.
    pub(super) link: u64,
    /// From where the server wants each stream; a stream not named here goes on from what is not acknowledged.
    #[serde(default)]
    pub(super) resume: Vec<Resume>,
    /// Commands to be ended if they run, and forgotten.
    #[serde(default)]
    pub(super) forget: Vec<String>,
    /// How many bytes each stream may have unacknowledged.
    pub(super) credit: u64,
    /// How often the agent sends a heartbeat, in milliseconds.
    pub(super) heartbeat_interval: u64,
    /// After so many milliseconds without any message either side takes the other for dead.
    pub(super) heartbeat_timeout: u64,
    /// How long output of commands is gathered, in milliseconds; the agent's own default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output_batch: Option<u64>,
    /// The largest piece of output of a command, in bytes; the agent's own default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output_chunk: Option<u64>,
}

/// Where a stream goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resume {
    /// Which stream.
    pub(super) stream: Stream,
    /// The first byte the server has not stored.
    pub(super) position: u64,
    /// The number of the first record the server has not stored.
    pub(super) sequence: u64,
}

/// All that is needed to start a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start {
    /// Its id.
    pub(super) command: String,
    /// The line for `/bin/sh -c`.
    pub(super) line: String,
    /// The directory to run in; the agent's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) directory: Option<String>,
    /// Extra environment variables, in order.
    #[serde(default)]
    pub(super) environment: Vec<(String, String)>,
    /// When the agent is to end it, in milliseconds.
    pub(super) timeout: u64,
}

/// Names one log of output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stream {
    /// Whose output.
    pub(super) kind: StreamKind,
    /// The id inside its kind.
    pub(super) id: String,
    /// Which life of it; always 0 for commands.
    #[serde(default)]
    pub(super) epoch: u32,
}

/// What a stream is the output of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StreamKind {
    /// A command.
    Command,
    /// A worker.
    Worker,
    /// A run.
    Run,
}

/// Why a hello is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum RefusalCode {
    /// No version that both speak.
    VersionUnsupported,
    /// The token does not open this agent.
    Forbidden,
    /// The id belongs to another credential.
    AgentTaken,
    /// A field of the hello cannot be accepted.
    Invalid,
    /// The server cannot take the agent now; try again later.
    Unavailable,
    /// A reason of a later version.
    #[serde(other)]
    Unknown,
}

/// How an agent broke the protocol, or what its connection lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ErrorCode {
    /// Not a message, or not one that makes sense here.
    Malformed,
    /// Something came before `hello`, or a second `hello`.
    OutOfOrder,
    /// A record that no `lane` announced, or that does not follow the one before.
    BrokenLane,
    /// The token has expired; connect with another one.
    TokenExpired,
    /// A code of a later version.
    #[serde(other)]
    Unknown,
}
