//! What a command line agent is doing, seen from its screen: working, waiting, or asking a person.
//!
//! A [`Detector`] is told what the screen shows, what people type and what time it is, and says when the state
//! changes. It compares screens by their text, so that drawing the same again, a blinking cursor or a clock in
//! a corner is no activity, however many bytes it takes. It has no process, no terminal and no clock.
//!
//! What it promises:
//!
//! - **unknown** until the first output with something to see; then **active**.
//! - **active**: the screen has gone on changing, also by a spinner that writes a few characters a second.
//!   Three changes within 3 s that are not just one moment's drawing begin it, 2 s without any end it; pauses
//!   shorter than that are part of the work.
//! - **idle** is reported when nothing has changed for 2 s, at the moment [`Detector::next_due`] names.
//! - **asking** is reported 0.4 s after the screen came to rest with a question on it, and after 0.8 s if
//!   something beside the question goes on changing. It lasts as long as the question does, however long
//!   that is.
//!
//! What people type is not activity of the agent: what changes within 1.5 s of a key, before Enter, counts only
//! if the agent was at work already and it does not look like the echo of that key.

mod detector;
mod difference;
mod pace;
mod patterns;
mod question;
mod screen;
#[cfg(test)]
mod tests;
mod typing;

use pilothouse_core::{sessions::Activity, time::Moment};

pub use detector::Detector;
pub use patterns::{PatternError, Patterns};

/// A new state; or another question, while the state is still `Asking`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the agent is doing now.
    pub state: Activity,
    /// Since when: the moment of the fact, which is a little before it was certain.
    pub since: Moment,
    /// What is asked, in one line of up to 200 characters; only with `Asking`.
    pub question: Option<String>,
}
