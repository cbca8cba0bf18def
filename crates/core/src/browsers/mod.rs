//! Browsers: at most one in a session, run by the session's agent, watched and steered by people.
//!
//! What is known of them is what their agents say, and is kept in memory: an agent that comes back says it again.

mod act;
mod book;
mod claims;
mod input;
mod inputs;
mod lease;
mod life;
mod steering;

pub use act::{Act, Go, Request, TabAct};
pub(crate) use book::Book;
pub(crate) use claims::{Claims, Happened};
pub use input::{
    Button, Input, KeyEvent, Keyboard, Mouse, MouseEvent, Touch, TouchEvent, TouchPoint,
};
pub use lease::{Ending, Holder, Lease, MOST_WAITING, Parting, Waiting};
pub(crate) use steering::Steering;
pub use steering::{Steer, SteeringAct};

use std::sync::Arc;

use crate::{
    ids::{AgentId, SessionId},
    time::Timestamp,
};

/// How many pages a browser has at most; further ones are closed.
pub const MOST_TABS: usize = 20;
/// The longest address of a page that counts, in bytes.
pub const LONGEST_URL: usize = 8 << 10;

/// A session's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// Of which session; its pictures have the same id.
    pub session: SessionId,
    /// On which agent.
    pub agent: AgentId,
    /// Whether it can be seen and steered.
    pub state: State,
    /// The address of the page that is in front.
    pub url: Arc<str>,
    /// That page's title.
    pub title: Arc<str>,
    /// Its pages, oldest first.
    pub tabs: Arc<[Tab]>,
    /// How large its pages are.
    pub viewport: Viewport,
    /// What happened to it last that people should know, such as that it crashed and came back.
    pub incident: Option<Arc<str>>,
    /// Since when it is in this state.
    pub since: Timestamp,
}

/// Whether a browser can be seen and steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Its program is being started, or started again.
    Opening,
    /// It can.
    Open,
    /// It crashed too often, or never started; its incident says why.
    Failed,
}

impl State {
    /// The state's name on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Failed => "failed",
        }
    }
}

/// A page of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Names it in its browser.
    pub id: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// Its address.
    pub url: Arc<str>,
    /// Whether it is in front: the one that is seen and steered.
    pub is_active: bool,
}

/// How large pages are, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Viewport {
    /// Their width.
    pub width: u32,
    /// Their height.
    pub height: u32,
}

impl Viewport {
    /// The shortest side.
    pub const SHORTEST: u32 = 100;
    /// The longest side.
    pub const LONGEST: u32 = 4096;

    /// The nearest size that a page can have.
    pub fn clamped(width: u32, height: u32) -> Self {
        let side = |pixels: u32| pixels.clamp(Self::SHORTEST, Self::LONGEST);
        Self { width: side(width), height: side(height) }
    }
}

impl Default for Viewport {
    fn default() -> Self {
        Self { width: 1280, height: 720 }
    }
}

/// How an agent says that one of its browsers is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Of which session.
    pub session: SessionId,
    /// Whether it can be seen and steered.
    pub state: State,
    /// The address of the page that is in front.
    pub url: Arc<str>,
    /// That page's title.
    pub title: Arc<str>,
    /// Its pages, oldest first.
    pub tabs: Arc<[Tab]>,
    /// How large its pages are.
    pub viewport: Viewport,
    /// What happened to it last that people should know.
    pub incident: Option<Arc<str>>,
}

/// What an agent reports of its browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// One is like this now.
    Seen(Box<Seen>),
    /// One was closed.
    Gone(SessionId),
    /// What a person asked to be copied.
    Copied(Arc<Copied>),
    /// So many inputs of a turn at steering were done, or can have no effect any more.
    Took {
        /// In which session's browser.
        session: SessionId,
        /// Which turn.
        epoch: u64,
        /// How many.
        count: usize,
    },
}

/// What was copied out of a page, for whoever steered it then.
#[derive(Clone, PartialEq, Eq)]
pub struct Copied {
    /// From which session's browser.
    pub session: SessionId,
    /// In which turn at steering it was asked for.
    pub epoch: u64,
    /// The text.
    pub text: Arc<str>,
}

/// The text is not for logs.
impl std::fmt::Debug for Copied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copied")
            .field("session", &self.session)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// What the server tells an agent about its browsers, without waiting for an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// How many pictures a second the fastest viewer wants; 0 if nobody watches.
    Wanted {
        /// Of which session's browser.
        session: SessionId,
        /// So many.
        fps: u32,
    },
    /// A person steers since this turn, or no longer.
    Held {
        /// Which session's browser.
        session: SessionId,
        /// The turn's number; what was begun in an earlier one is to have no effect any more.
        epoch: u64,
        /// Whether somebody steers.
        held: bool,
    },
    /// A person does something, in this order.
    Input {
        /// In which session's browser.
        session: SessionId,
        /// In which turn at steering.
        epoch: u64,
        /// What.
        inputs: Arc<[Input]>,
    },
}

/// What viewers learn about browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// One is new, or anything of it changed.
    Changed(Arc<Browser>),
    /// One is gone.
    Gone(SessionId),
    /// Who steers it, or who waits for that, is somebody else.
    Lease(Arc<Lease>),
}
