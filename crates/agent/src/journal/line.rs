//! The lines of a journal's file, which a later release has to read too.

use pilothouse_core::{
    ids::{CommandId, WorkerId},
    streams::{Source, StreamKey},
};
use pilothouse_protocols::agent_link::{messages, workers};
use serde::{Deserialize, Serialize};

use super::Process;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Line {
    /// It is about to be started.
    Begun {
        #[serde(flatten)]
        whose: Whose,
        at: u64,
        /// Of a worker's terminal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<workers::Size>,
    },
    /// Its first process lives.
    Running {
        #[serde(flatten)]
        whose: Whose,
        process: Process,
    },
    /// A worker's terminal has another size.
    Resized {
        #[serde(flatten)]
        whose: Whose,
        size: workers::Size,
    },
    /// A command ended.
    Ended {
        #[serde(flatten)]
        whose: Whose,
        ended: messages::Ended,
    },
    /// A worker ended.
    Exited {
        #[serde(flatten)]
        whose: Whose,
        exit: workers::WorkerExit,
    },
    /// The server has stored the end.
    Forgotten {
        #[serde(flatten)]
        whose: Whose,
    },
}

impl Line {
    pub(super) fn whose(&self) -> &Whose {
        match self {
            Self::Begun { whose, .. }
            | Self::Running { whose, .. }
            | Self::Resized { whose, .. }
            | Self::Ended { whose, .. }
            | Self::Exited { whose, .. }
            | Self::Forgotten { whose } => whose,
        }
    }
}

/// What a line is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Whose {
    /// A command.
    Command { command: String },
    /// One life of a worker.
    Worker { worker: String, epoch: u32 },
}

impl From<&StreamKey> for Whose {
    fn from(stream: &StreamKey) -> Self {
        let id = stream.source.id().to_owned();
        match stream.source {
            Source::Command(_) => Self::Command { command: id },
            Source::Worker(_) | Source::Run(_) => Self::Worker { worker: id, epoch: stream.epoch },
        }
    }
}

impl Whose {
    /// The stream, unless the line is damaged.
    pub(super) fn stream(&self) -> Option<StreamKey> {
        match self {
            Self::Command { command } => CommandId::new(command).ok().map(StreamKey::command),
            Self::Worker { worker, epoch } => {
                let source = Source::Worker(WorkerId::new(worker).ok()?);
                Some(StreamKey { source, epoch: *epoch })
            }
        }
    }
}
