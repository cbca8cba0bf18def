//! The control plane at `/ws`: programs show a token, subscribe to tasks, sessions and agents, and are told how they stand.
//!
//! The reference for people is `docs/protocols/control_and_stream.md`. Pictures have doors of their own.

mod automation;
mod conversation;
mod ears;
mod lines;
pub mod messages;
mod reading;
mod telling;
mod words;

#[cfg(test)]
mod tests;

pub use automation::{Automation, SideEvent};

use pilothouse_core::Scope;

use crate::{Claim, Conversation, Door, Excess, Settings, TokenRule, door::MessageLimits};

/// The largest message that is read, in bytes; above [`conversation::LARGEST`] it is answered with an error alone.
const LARGEST_FRAME: usize = 64 << 10;

/// The door. Another protocol may share its path: the first message decides.
pub static DOOR: Door = Door {
    name: "control_and_stream",
    path: "/ws",
    claim: Claim::FirstMessage(reading::claims),
    subprotocols: &[],
    token: TokenRule::HandshakeOrMessage,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(_) | Scope::Session { .. }),
    // The same before the token, so that what is too large is told to be.
    largest_message: |_| MessageLimits { before_token: LARGEST_FRAME, after_token: LARGEST_FRAME },
    excess: Some(Excess::Delay),
    // Messages are small, and this protocol's own servers never compressed.
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open: |settings| Box::new(conversation::ControlPlane::new(settings)),
};

/// The same conversation inside of Socket.IO's event `message`, where some answers are as its front ends know them.
pub fn open_in_events(settings: &Settings) -> Box<dyn Conversation> {
    Box::new(conversation::ControlPlane::in_events(settings))
}
