//! What is said about who steers a browser.

use pilothouse_core::browsers::Lease;
use pilothouse_core::{ids::ConnectionId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// `control`, to a viewer: who steers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the wire on its own")]
pub struct ControlState {
    /// Who; `null` if nobody does.
    pub holder: Option<ControlHolder>,
    /// Whether this connection does.
    pub you: bool,
    /// Counts the changes of who steers.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
    /// When it ends at the latest, ISO 8601; with `warning`, when it ends unless the holder does something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub until: Option<String>,
    /// Whether it ends soon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub warning: bool,
    /// Who waits for it, in the order in which they asked.
    pub waiting: Vec<ControlWaiting>,
    /// Whether this viewer's role allows to steer.
    pub may_request: bool,
    /// Whether this connection waits for it.
    pub asked: bool,
}

/// Whoever steers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct ControlHolder {
    /// What to show to people.
    pub name: String,
    /// The user's id.
    pub user: String,
    /// Whether the connection broke and the holder may still come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub away: bool,
}

/// Somebody who waits to steer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct ControlWaiting {
    /// Names the request, for `grant` and `decline`.
    pub id: String,
    /// What to show to people.
    pub name: String,
}

impl ControlState {
    /// As one viewer is told.
    pub fn of(lease: &Lease, own: ConnectionId, may_request: bool) -> Self {
        let is_own = |connection: ConnectionId| connection == own;
        let holder = lease.holder.as_ref();
        Self {
            holder: holder.map(|holder| ControlHolder {
                name: holder.name.to_string(),
                user: holder.user.to_string(),
                away: holder.is_away,
            }),
            you: holder.is_some_and(|holder| is_own(holder.connection) && !holder.is_away),
            epoch: lease.epoch,
            until: lease.until.map(moment),
            warning: lease.is_ending,
            waiting: lease
                .waiting
                .iter()
                .map(|one| ControlWaiting { id: one.id.to_string(), name: one.name.to_string() })
                .collect(),
            may_request,
            asked: lease.waiting.iter().any(|one| is_own(one.connection)),
        }
    }
}

/// A moment as ISO 8601 has it, with milliseconds.
fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}

/// `control`, from a viewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct ControlRequest {
    /// What is asked.
    pub action: ControlAction,
    /// Whose request is answered; the first one's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub id: Option<String>,
}

/// What can be asked about who steers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum ControlAction {
    /// To steer: at once if nobody does, otherwise when the holder agrees.
    Request,
    /// To steer no longer, or to wait no longer.
    Release,
    /// That somebody who waits steers.
    Grant,
    /// That somebody who waits does not.
    Decline,
    /// To steer whoever does; for administrators.
    Take,
    /// Nothing: the holder is still there.
    Renew,
}
