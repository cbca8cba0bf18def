//! Live pictures: `/ws/stream/{session}` takes them from a producer, `/ws/view/{session}` shows them to viewers.
//!
//! The reference for people is `docs/protocols/live_pictures.md`.

mod encode;
mod inputs;
pub mod messages;
mod producer;
mod reading;
mod steering;
mod viewer;

#[cfg(test)]
mod steering_tests;
#[cfg(test)]
mod tests;

pub use encode::{Written, bytes, text, write};
pub use reading::{NoPicture, read_binary, read_text};

use pilothouse_core::{Role, Scope};

use crate::{Claim, Door, TokenRule, door::MessageLimits};

/// How large a message of a producer without a token may be.
const TOKENLESS: usize = 2 << 20;
/// And with one.
const LARGEST: usize = 16 << 20;

/// The door that takes pictures.
pub static STREAM_DOOR: Door = Door {
    name: "live_pictures_stream",
    path: "/ws/stream/*",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::AfterUpgrade,
    open_on_loopback: false,
    admits: |scope| match scope {
        Scope::Person(role) => *role >= Role::Operator,
        Scope::Session { .. } | Scope::Agent(_) | Scope::Enrolled(_) | Scope::Keyed { .. } => true,
        Scope::View(_) | Scope::Nobody => false,
    },
    largest_message: |_| MessageLimits { before_token: TOKENLESS, after_token: LARGEST },
    // How many pictures come is the producer's business; those that nobody has time for give way.
    excess: None,
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open: |settings| Box::new(producer::Producer::new(settings.streams_require_token)),
};

/// The door that shows them.
pub static VIEW_DOOR: Door = Door {
    name: "live_pictures_view",
    path: "/ws/view/*",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::Handshake,
    open_on_loopback: false,
    admits: |scope| matches!(scope, Scope::Person(_) | Scope::View(_) | Scope::Session { .. }),
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 64 << 10 },
    // Read as fast as they come: a click must not wait behind the moves before it.
    excess: None,
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open: |_| Box::new(viewer::Viewer::default()),
};
