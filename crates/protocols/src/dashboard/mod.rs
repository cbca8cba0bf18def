//! Skeleton of the door /ws/dashboard.

use crate::{Actions, Claim, Conversation, Door, Input, TokenRule, door::MessageLimits};
use pilothouse_core::{Scope, time::Moment};

/// The door.
pub static DOOR: Door = Door {
    name: "dashboard",
    path: "/ws/dashboard",
    claim: Claim::Path,
    token: TokenRule::Handshake,
    admits: |scope| matches!(scope, Scope::Person(_)),
    largest_message: |_| MessageLimits { before_token: 3072, after_token: 1 << 20 },
    excess: None,
    compress_above: |_| None,
    ping: |_| None,
    open: |_| Box::new(Dashboard),
};

struct Dashboard;

impl Conversation for Dashboard {
    fn handle(&mut self, _: Input<'_>, _: Moment, _: &mut Actions) {}
}
