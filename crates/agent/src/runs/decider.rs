//! Who says what a run does next.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;

use super::deed::Deed;
use crate::driver::Observation;

/// Something that is under way.
pub(crate) type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Decides, one deed after the other.
pub(super) trait Decider: Send {
    /// What to do next.
    fn decide<'a>(&'a mut self, seen: Seen<'a>) -> Doing<'a, Result<Decision, DeciderError>>;

    /// Whether it has to see the page for its next decision, now that this came of the last one.
    fn looks(&self, last: Option<&Happened>) -> bool;

    /// Whether it goes by a list: then the same is done again after a person steered, and questions are a part of it.
    fn is_scripted(&self) -> bool;
}

/// What a decider knows. Nothing in it holds the value of a secret.
pub(super) struct Seen<'a> {
    /// The page, for deciders that look.
    pub(super) page: Option<&'a Observation>,
    /// How it looks.
    pub(super) picture: Option<&'a Bytes>,
    /// What came of the last deed.
    pub(super) last: Option<&'a Happened>,
    /// How many steps are left.
    pub(super) steps: u32,
    /// How much time is left.
    pub(super) time: Duration,
}

/// A deed and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Happened {
    /// Which step it was.
    pub(super) step: u32,
    /// What was done.
    pub(super) deed: Deed,
    /// What came of it, or why it was not done.
    pub(super) result: Result<Gain, String>,
}

/// What a deed brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Gain {
    /// What was read, or what a person answered.
    pub(super) text: Option<String>,
    /// What else happened.
    pub(super) notes: Vec<String>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    /// This, as the next step.
    Do(Deed),
    /// Nothing more: it is done.
    Over {
        /// What it found out.
        answer: Option<String>,
    },
}

/// Why nothing is decided any more. The run fails with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct DeciderError(pub(super) String);
