//! The sessions and workers protocol: `/ws/app` tells all sessions, and each worker's terminal has a door of its own.
//!
//! The reference for people is `docs/protocols/sessions_and_workers.md`.

mod app;
mod errors;
mod fleet;
mod history;
mod image;
pub mod messages;
mod reading;
mod terminal;
mod worker;

#[cfg(test)]
mod tests;

pub use fleet::{APP, App};
pub use messages::{Session, Worker, moment};
pub use terminal::{TERMINAL, TERMINAL_WITH_OFFSETS, Terminal};

use pilothouse_core::Scope;

use crate::{Claim, Door, Excess, TokenRule, door::MessageLimits};

/// From which size on a message is worth deflating, in bytes.
const COMPRESS_ABOVE: usize = 1024;

/// The subprotocol of clients that want to know where in which log they are; `?fromOffset=` asks for the same.
pub const OFFSETS: &str = "pilothouse.offsets";

/// The door that tells all sessions.
pub static APP_DOOR: Door = Door {
    name: "sessions_app",
    path: "/ws/app",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::Handshake,
    open_on_loopback: true,
    admits: |scope| matches!(scope, Scope::Person(_)),
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 64 << 10 },
    excess: Some(Excess::Delay),
    compress_above: |_| Some(COMPRESS_ABOVE),
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open: |_| Box::new(app::AppConversation::default()),
};

/// The door of one worker's terminal.
pub static WORKER_DOOR: Door = Door {
    name: "sessions_worker",
    path: "/ws/session/*/worker/*",
    claim: Claim::Path,
    subprotocols: &[OFFSETS],
    token: TokenRule::Handshake,
    open_on_loopback: true,
    admits: |scope| matches!(scope, Scope::Person(_)),
    // A picture of 5 MB is 6.7 MB of base64.
    largest_message: |_| MessageLimits { before_token: 3 << 10, after_token: 8 << 20 },
    excess: Some(Excess::Delay),
    compress_above: |_| Some(COMPRESS_ABOVE),
    ping: |settings| Some(settings.ping_every()),
    silence: |settings| Some(settings.silence_after_pings()),
    open: |_| Box::new(worker::WorkerConversation::default()),
};
