//! What runs wait for: a person's answer to a question, or leave to send something.

use std::{sync::Arc, time::Duration};

use crate::{ids::RunId, time::Timestamp};

/// The longest answer to a question, in bytes.
pub const LONGEST_REPLY: usize = 16 * 1024;

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Its id, one of the run's.
    pub id: Arc<str>,
    /// What kind of act is wanted.
    pub kind: WaitKind,
    /// The question, or what is about to be sent, for people.
    pub text: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// When the run goes on without an answer.
    pub until: Option<Timestamp>,
    /// What is about to be sent.
    pub request: Option<PageRequest>,
}

/// What a person can do about a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitKind {
    /// Answer it in words.
    Question,
    /// Allow or refuse it.
    Approval,
}

impl WaitKind {
    /// Its name in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Approval => "approval",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Question, Self::Approval].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A request of a page that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Its method.
    pub method: Arc<str>,
    /// Where it would go.
    pub url: Arc<str>,
}

/// A wait as an agent tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Its id, one of the run's.
    pub id: Arc<str>,
    /// What kind of act is wanted.
    pub kind: WaitKind,
    /// The question, or what is about to be sent, for people.
    pub text: Arc<str>,
    /// How long it waits from now on; for ever if absent.
    pub within: Option<Duration>,
    /// What is about to be sent.
    pub request: Option<PageRequest>,
}

/// What somebody decides about a request that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may be sent.
    pub granted: bool,
    /// Why, for the run and the audit.
    pub reason: Option<Arc<str>>,
    /// Whether the same holds for all that the run sends to that host from now on.
    pub always: bool,
}

/// Why something asked of a run was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has its final state.
    #[error("run {0} is over")]
    Over(RunId),
    /// It waits for nothing of that id, or not any more.
    #[error("run {0} does not wait for this any more")]
    NotWaiting(RunId),
    /// Somebody answered something else.
    #[error("somebody else has answered run {0} already, and differently")]
    Answered(RunId),
    /// A question is answered in words, and leave is granted or not.
    #[error("run {run} waits for {}", match kind { WaitKind::Question => "an answer in words, not for a decision", WaitKind::Approval => "a decision, not for an answer in words" })]
    WrongKind {
        /// Which run.
        run: RunId,
        /// What it does wait for.
        kind: WaitKind,
    },
    /// Only what is over can be done again.
    #[error("run {0} is not over yet; what it does can be done again once it is")]
    NotOver(RunId),
    /// It did nothing, or its agent kept no commands.
    #[error("run {0} has no commands that could be done again")]
    NothingToReplay(RunId),
}
