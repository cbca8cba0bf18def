//! The messages of a worker's socket, as far as a viewer needs them.

use serde::{Deserialize, Serialize};

/// What a viewer says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum FromViewer<'a> {
    Input { data: &'a str },
    Resize { cols: u16, rows: u16 },
}

/// What the server says. Types of a later version are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum ToViewer {
    Output(Output),
    History(History),
    Activity {
        state: String,
    },
    #[serde(rename_all = "camelCase")]
    Exit {
        exit_code: i32,
        signal: Option<String>,
    },
    Error {
        #[serde(default)]
        code: Option<String>,
        message: String,
    },
    #[serde(other)]
    Later,
}

/// What the worker printed just now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Output {
    pub(super) data: String,
    /// How many bytes of its log there are after it.
    pub(super) offset: Option<u64>,
    /// Which life of the worker it is of.
    pub(super) epoch: Option<u32>,
}

/// What the worker printed before, or how its terminal looks because of that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    pub(super) data: String,
    /// How many bytes of the log come before it.
    pub(super) start_offset: Option<u64>,
    /// How many bytes of the log there are after it.
    pub(super) offset: Option<u64>,
    /// Which life of the worker it is of.
    pub(super) epoch: Option<u32>,
    /// Whether it takes the place of what the viewer has; otherwise it goes on there.
    pub(super) replaces: Option<bool>,
}
