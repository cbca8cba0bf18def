//! Who steers a browser: at most one person at a time, for so long, and who waits for it.

use std::sync::Arc;

use crate::{
    ids::{ConnectionId, SessionId},
    time::Timestamp,
};

/// How many people may wait for one browser. Overflow rule: further ones are refused.
pub const MOST_WAITING: usize = 20;

/// Who steers a session's browser, as everybody who watches it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose browser.
    pub session: SessionId,
    /// Who steers; nobody if absent.
    pub holder: Option<Holder>,
    /// Counts the changes of who steers; what was begun under another one does nothing any more.
    pub epoch: u64,
    /// When it ends at the latest; with `is_ending`, when it ends unless the holder does something.
    pub until: Option<Timestamp>,
    /// Whether it ends soon.
    pub is_ending: bool,
    /// Who waits for it, in the order in which they asked.
    pub waiting: Arc<[Waiting]>,
}

impl Lease {
    /// Nobody ever steered it.
    pub fn of_nobody(session: SessionId) -> Self {
        let waiting = Arc::default();
        Self { session, holder: None, epoch: 0, until: None, is_ending: false, waiting }
    }
}

/// Whoever steers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user's id.
    pub user: Arc<str>,
    /// What to show to people.
    pub name: Arc<str>,
    /// By which connection; the last one, while the holder is away.
    pub connection: ConnectionId,
    /// Whether the connection broke and the holder may still come back.
    pub is_away: bool,
}

/// Somebody who asked to steer, and waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Names the request.
    pub id: u64,
    /// The user's id.
    pub user: Arc<str>,
    /// What to show to people.
    pub name: Arc<str>,
    /// By which connection.
    pub connection: ConnectionId,
}

/// Why somebody steers no longer without having said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Nothing was done for so long.
    Idle,
    /// Nobody steers longer at a time.
    Longest,
    /// The connection broke, and the holder did not come back.
    Away,
    /// The token expired or was revoked.
    TokenOver,
    /// The role does not allow it any more, or the user was removed.
    NotAllowed,
    /// The session or its browser ended.
    BrowserGone,
}

impl Ending {
    /// In words, for the audit.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "nothing was done for too long",
            Self::Longest => "nobody steers longer at a time",
            Self::Away => "the connection broke and nobody came back",
            Self::TokenOver => "the token expired or was revoked",
            Self::NotAllowed => "the role does not allow it any more",
            Self::BrowserGone => "the session or its browser ended",
        }
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parting {
    /// It was closed as connections are closed: whoever was there has left.
    Left,
    /// It broke: whoever was there may come back.
    Broken,
    /// It was ended because its token does not count any more.
    Refused,
}
