//! A talk with a model, as neither dialect has it.

use bytes::Bytes;
use serde_json::{Map, Value};

/// One turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    /// What the model is told.
    Told {
        /// In words.
        text: String,
        /// A JPEG.
        picture: Option<Bytes>,
    },
    /// What it said.
    Said(Said),
    /// What came of each of its calls.
    Results(Vec<CallResult>),
}

impl Turn {
    pub(super) fn told(text: impl Into<String>) -> Self {
        Self::Told { text: text.into(), picture: None }
    }
}

/// An answer of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    /// In words.
    pub(super) text: String,
    /// The tools it wants.
    pub(super) calls: Vec<Call>,
    /// How many tokens question and answer took, if it was said.
    pub(super) tokens: Option<u64>,
    /// It had more to say than it may.
    pub(super) is_cut: bool,
}

/// A tool that a model wants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    /// Names it in this talk.
    pub(super) id: String,
    /// Which tool.
    pub(super) name: String,
    /// With what, or why that cannot be read.
    pub(super) arguments: Result<Map<String, Value>, String>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallResult {
    /// Of which.
    pub(super) id: String,
    /// In words.
    pub(super) text: String,
    /// It was wrong.
    pub(super) is_error: bool,
}

/// Something a model can want.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// A JSON schema of its arguments.
    pub(super) schema: Value,
}

/// A whole request.
pub(super) struct Question<'a> {
    pub(super) system: &'a str,
    pub(super) turns: &'a [Turn],
    pub(super) tools: &'a [Tool],
}
