//! Drives one browser: says what a page shows, finds what is meant on it, and does it with real mouse and keys.
//!
//! It knows a browser and nothing of runs: who decides what is done, and where steps go, is somebody else's business.

mod action;
mod error;
mod seen;
mod words;

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use tokio::sync::mpsc;

pub(crate) use action::{Action, Direction, InvalidAction, Target};
pub(crate) use error::DriverError;
pub(crate) use seen::{Done, Observation, TabSeen};

use crate::browsers::{Driven, Event, Steered};

/// How long one action may take if nothing else is said.
const STEP_WITHIN: Duration = Duration::from_secs(30);
/// Where things are looked up if nothing else is said; `{}` stands for what.
const SEARCH: &str = "https://duckduckgo.com/?q={}";

/// Whoever drives a browser.
#[derive(Debug)]
pub(crate) struct Driver {
    driven: Driven,
    limit: Duration,
    search: String,
    files: Option<PathBuf>,
    #[expect(dead_code, reason = "read by the task that comes next")]
    events: mpsc::Receiver<Event>,
}

impl Driver {
    /// Drives a browser from now on.
    pub(crate) fn new(driven: Driven, events: mpsc::Receiver<Event>) -> Self {
        Self { driven, limit: STEP_WITHIN, search: SEARCH.to_owned(), files: None, events }
    }

    /// How long one action may take.
    #[must_use]
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Where things are looked up; `{}` stands for what.
    #[must_use]
    pub(crate) fn searching(mut self, template: String) -> Self {
        self.search = template;
        self
    }

    /// The folder of the run: what is uploaded comes from it, and what is downloaded goes there.
    #[must_use]
    pub(crate) fn with_files(mut self, folder: PathBuf) -> Self {
        self.files = Some(folder);
        self
    }

    /// Tells whether a person steers the browser.
    pub(crate) fn steered(&self) -> Steered {
        self.driven.steered()
    }

    /// Looks at the page in front.
    pub(crate) async fn observe(&mut self) -> Result<Observation, DriverError> {
        Err(DriverError::Gone)
    }

    /// Does something, waits until the page is calm again, and says what became of it.
    ///
    /// While a person steers, it waits until they hand the browser back, does nothing, and says so with
    /// [`DriverError::Held`]: what was decided before may be wrong by then.
    pub(crate) async fn act(&mut self, _action: &Action) -> Result<Done, DriverError> {
        Err(DriverError::Gone)
    }

    /// The same for what must not be seen: the field that is typed into is hidden in pictures and outlines from then on.
    pub(crate) async fn act_in_secret(&mut self, action: &Action) -> Result<Done, DriverError> {
        self.act(action).await
    }

    /// A picture of what is seen of the page in front, as JPEG; without what is in fields for passwords.
    pub(crate) async fn screenshot(&mut self) -> Result<Bytes, DriverError> {
        Err(DriverError::Gone)
    }

    /// Waits until the page is calm: it is loaded, and neither it nor what it asks for changes any more.
    pub(crate) async fn settled(&mut self) {}

    /// Waits until no person steers the browser.
    pub(crate) async fn handed_back(&mut self) -> Result<(), DriverError> {
        loop {
            if !self.driven.now().is_held {
                return Ok(());
            }
            if !self.driven.changed().await {
                return Err(DriverError::Gone);
            }
        }
    }
}
