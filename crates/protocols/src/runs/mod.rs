//! Runs at `/ws`: a client shows a token, names a run, and is told its steps with their screenshots, and how it ended.
//!
//! The reference for people is `docs/protocols/runs.md`.

mod conversation;
mod encode;
mod follow;
mod following;
pub mod messages;
mod reading;
mod status;

#[cfg(test)]
mod tests;

use pilothouse_core::Scope;

use crate::{Claim, Conversation, Door, Excess, Settings, TokenRule, door::MessageLimits};

/// The largest message that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// The door. Another protocol shares its path: the first message decides.
pub static DOOR: Door = Door {
    name: "runs",
    path: "/ws",
    claim: Claim::FirstMessage(reading::claims),
    subprotocols: &[],
    token: TokenRule::HandshakeOrMessage,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(_)),
    largest_message: |_| MessageLimits { before_token: LARGEST, after_token: LARGEST },
    excess: Some(Excess::Delay),
    // Nearly everything is pictures, which are compressed already.
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open,
};

fn open(settings: &Settings) -> Box<dyn Conversation> {
    Box::new(conversation::Follower::new(settings))
}
