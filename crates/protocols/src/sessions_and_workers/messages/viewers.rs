//! Who is in front of a terminal, on the wire.

use pilothouse_core::sessions;
use serde::{Deserialize, Serialize};

use super::moment;

/// `viewers`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct TerminalViewers {
    /// Those who came first, and whoever owns the size; at most 50, in the order in which they came.
    pub viewers: Vec<TerminalViewer>,
    /// How many there are, those that are not named included.
    pub total: usize,
}

/// Somebody in front of a terminal, by one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub struct TerminalViewer {
    /// Names the connection; one's own stands in `worker`.
    pub id: String,
    /// The user's id.
    pub user: String,
    /// What to show to people.
    pub name: String,
    /// Since when, ISO 8601.
    pub since: String,
    /// Whether what it types reaches the terminal.
    pub may_type: bool,
    /// Whether the terminal has its size. False for all when nobody who is there decided on it, and when the agent does
    /// not tell.
    pub owns_size: bool,
}

impl From<&sessions::Viewers> for TerminalViewers {
    fn from(viewers: &sessions::Viewers) -> Self {
        let viewer = |viewer: &sessions::Viewer| TerminalViewer {
            id: viewer.id.as_ref().into(),
            user: viewer.user.as_ref().into(),
            name: viewer.name.as_ref().into(),
            since: moment(viewer.since),
            may_type: viewer.may_type,
            owns_size: viewer.owns_size,
        };
        Self { viewers: viewers.named.iter().map(viewer).collect(), total: viewers.total }
    }
}
