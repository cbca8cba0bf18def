//! What people do with a browser that is shown to them, as Chromium wants to be told.
//!
//! All of it is pure: [`Hand`] knows what is held down and turns inputs into calls, [`Steering`] says when they are
//! made. Neither knows who steers: the server decides that, and every change of it is a new turn with its own number.

mod hand;
mod keyboard;
mod keys;
mod queue;
mod sight;
mod steering;

use hand::Hand;
pub(crate) use hand::Wish;
use queue::Queue;
use sight::Aimed;
pub(crate) use sight::Sight;
pub(crate) use steering::{Steering, UnderWay};

use serde_json::Value;

/// One call of Chromium's Input domain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) method: &'static str,
    /// What goes with it.
    pub(crate) parameters: Value,
}

impl Call {
    fn new(method: &'static str, parameters: Value) -> Self {
        Self { method, parameters }
    }
}

#[cfg(test)]
mod tests;
