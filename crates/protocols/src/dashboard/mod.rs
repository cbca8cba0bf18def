//! The dashboard protocol at `/ws/dashboard`: people see the fleet and run commands on it.
//!
//! The reference for people is `docs/protocols/dashboard.md`.

mod conversation;
mod encode;
mod errors;
pub mod messages;
mod reading;
mod redaction;

#[cfg(test)]
mod tests;

pub use encode::{FLEET, FLEET_WITH_ATTENTION, Fleet};

use pilothouse_core::Scope;

use crate::{Claim, Door, Excess, TokenRule, door::MessageLimits};

/// The door.
pub static DOOR: Door = Door {
    name: "dashboard",
    path: "/ws/dashboard",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::HandshakeOrMessage,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(_)),
    // Before the token, a `dashboard:connect` with a large token still fits.
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 1 << 20 },
    excess: Some(Excess::Refuse),
    compress_above: |settings| Some(settings.compression_threshold),
    ping: |_| None,
    silence: |_| None,
    open: |settings| Box::new(conversation::Dashboard::new(settings)),
};
