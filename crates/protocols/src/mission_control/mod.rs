//! The mission control protocol at `/`: who is there, what sessions say, and a heartbeat; and beside it the audit as it
//! grows. It only tells.
//!
//! The reference for people is `docs/protocols/mission_control.md`.

pub mod audit;
mod conversation;
mod encode;
pub mod messages;

#[cfg(test)]
mod tests;

pub use encode::{FEED, Feed};

use pilothouse_core::Scope;

use crate::{Claim, Door, Excess, TokenRule, door::MessageLimits};

/// The door. The same path shows the page to whoever asks without an upgrade.
pub static DOOR: Door = Door {
    name: "mission_control",
    path: "/",
    claim: Claim::Path,
    token: TokenRule::Handshake,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(_)),
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 64 << 10 },
    excess: Some(Excess::Delay),
    // Messages are small, and this protocol's own servers never compressed.
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    subprotocols: &[],
    open: |_| Box::new(conversation::MissionControl::default()),
};
