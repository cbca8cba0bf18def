//! Output of processes as append-only logs, whatever the process is: a command, a worker, a run.

mod away;
mod begun;
mod logs;
mod receive;

pub use begun::Begun;
pub(crate) use logs::{Logs, Place};
pub(crate) use receive::Hole;

use bytes::Bytes;

use crate::{
    ids::{AgentId, CommandId, RunId, WorkerId},
    time::Timestamp,
};

/// Whose output it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A command's.
    Command(CommandId),
    /// A worker's.
    Worker(WorkerId),
    /// A run's.
    Run(RunId),
}

impl Source {
    /// The kind's name in tables and on the agent link: `command`, `worker`, `run`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Worker(_) => "worker",
            Self::Run(_) => "run",
        }
    }

    /// The id inside its kind.
    pub fn id(&self) -> &str {
        match self {
            Self::Command(id) => id.as_str(),
            Self::Worker(id) => id.as_str(),
            Self::Run(id) => id.as_str(),
        }
    }
}

/// Names one log. A restarted worker begins a new epoch; a command has only epoch 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey {
    /// Whose output.
    pub source: Source,
    /// Which life of it.
    pub epoch: u32,
}

impl StreamKey {
    /// The one log of a command.
    pub fn command(id: CommandId) -> Self {
        Self { source: Source::Command(id), epoch: 0 }
    }

    /// The worker whose log it is.
    pub fn worker(&self) -> Option<&WorkerId> {
        match &self.source {
            Source::Worker(id) => Some(id),
            Source::Command(_) | Source::Run(_) => None,
        }
    }
}

/// Which of a process's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// File descriptor 1.
    Stdout,
    /// File descriptor 2.
    Stderr,
    /// A PTY, where both are one.
    Terminal,
}

/// A piece of output as the agent cut it. The server forwards and stores it unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which log.
    pub stream: StreamKey,
    /// Which output of the process.
    pub channel: Channel,
    /// How many bytes of the log, over all channels, come before this one. Never re-based.
    pub position: u64,
    /// Counts the log's records from 1, over all channels.
    pub sequence: u64,
    /// What the process wrote.
    pub bytes: Bytes,
}

impl Record {
    /// The position of the byte after this record.
    pub fn end(&self) -> u64 {
        self.position + self.bytes.len() as u64
    }
}

/// What viewers learn about output.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The process wrote something.
    Written {
        /// On which agent.
        agent: AgentId,
        /// What.
        record: Record,
        /// The character inside of which viewers' log ended before, as far as that is known.
        begun: Begun,
    },
    /// The agent's disk had no room: these bytes are lost for everybody.
    Missing {
        /// On which agent.
        agent: AgentId,
        /// Of which log.
        stream: StreamKey,
        /// The first lost byte.
        from: u64,
        /// The first byte that is there again.
        to: u64,
        /// The number of the first record that is there again.
        next_sequence: u64,
    },
}

/// Records of one stream that are stored together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGroup {
    /// Which log.
    pub stream: StreamKey,
    /// The first record's position.
    pub position: u64,
    /// The first record's number.
    pub sequence: u64,
    /// The records, in order and without holes.
    pub records: Vec<StoredRecord>,
    /// When the last of them came.
    pub at: Timestamp,
}

/// One record of a group; position and number follow from its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Which output of the process.
    pub channel: Channel,
    /// What the process wrote.
    pub bytes: Bytes,
}

impl StoredGroup {
    /// The position of the byte after the group.
    pub fn end(&self) -> u64 {
        self.position + self.records.iter().map(|record| record.bytes.len() as u64).sum::<u64>()
    }

    /// The group's records with their positions and numbers.
    pub fn numbered(&self) -> impl Iterator<Item = Record> {
        let mut position = self.position;
        self.records.iter().zip(self.sequence..).map(move |(record, sequence)| {
            let record = Record {
                stream: self.stream.clone(),
                channel: record.channel,
                position,
                sequence,
                bytes: record.bytes.clone(),
            };
            position = record.end();
            record
        })
    }

    /// The number of the record after the group.
    pub fn next_sequence(&self) -> u64 {
        self.sequence + self.records.len() as u64
    }
}

/// How far a stream is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExtent {
    /// Which log.
    pub stream: StreamKey,
    /// The oldest byte still kept.
    pub first_position: u64,
    /// The byte after the newest.
    pub next_position: u64,
    /// The number of the record after the newest.
    pub next_sequence: u64,
}

/// For people: what the stream is called in logs.
impl std::fmt::Display for StreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.source.kind(), self.source.id(), self.epoch)
    }
}
