//! The link between an agent and its server: one WebSocket, JSON for control, binary records for output.
//!
//! Both ends use these types. Only the server's side is a conversation here; the agent's side is in its own crate.

mod browser_conversions;
mod browser_inputs;
pub mod browsers;
pub mod conversation;
pub mod conversions;
pub mod hello;
pub mod lanes;
pub mod messages;
pub mod outcomes;
pub mod records;
pub mod requests;
pub mod resources;
mod run_conversions;
pub mod runs;
mod worker_conversions;
pub mod workers;

#[cfg(test)]
mod conversation_tests;

use pilothouse_core::{Role, Scope};

use crate::{Claim, Door, TokenRule, door::MessageLimits};

/// The newest version of the protocol that this release speaks.
pub const VERSION: u32 = 2;

/// The oldest version that this release still speaks: the one before [`VERSION`].
pub const OLDEST_VERSION: u32 = 1;

/// The largest message once the agent's token is known; checkpoints and pictures have to fit.
pub const LARGEST_MESSAGE: usize = 16 << 20;

/// The door.
pub static DOOR: Door = Door {
    name: "agent_link",
    path: "/ws/agent",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::Handshake,
    open_on_loopback: false,
    admits: |scope| match scope {
        Scope::Agent(_) | Scope::Enrolled(_) | Scope::Keyed { .. } => true,
        Scope::Person(role) => *role >= Role::Operator,
        Scope::View(_) | Scope::Session { .. } | Scope::Nobody => false,
    },
    largest_message: |_| MessageLimits { before_token: 3072, after_token: LARGEST_MESSAGE },
    excess: None,
    compress_above: |_| None,
    ping: |settings| Some(settings.ping_interval),
    silence: |_| None,
    open: |settings| Box::new(conversation::AgentLink::new(settings)),
};

/// The version two sides speak, given the newest and the oldest of the other; `None` if there is none.
pub fn negotiate(newest: u32, oldest: u32) -> Option<u32> {
    let version = newest.min(VERSION);
    (version >= OLDEST_VERSION && version >= oldest).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_both_speak_is_chosen() {
        for (newest, oldest, expect) in [
            (VERSION, OLDEST_VERSION, Some(VERSION)),
            (VERSION + 1, VERSION, Some(VERSION)),
            (VERSION + 2, VERSION + 1, None),
            (0, 0, None),
        ] {
            assert_eq!(negotiate(newest, oldest), expect, "{newest} down to {oldest}");
        }
    }
}
