//! Drives one browser: says what a page shows, finds what is meant on it, and does it with real mouse and keys.
//!
//! It knows a browser and nothing of runs: who decides what is done, and where steps go, is somebody else's business.

#![expect(
    clippy::too_many_arguments,
    reason = "which page, which part of it, and how long it may take are said in every question"
)]

mod accessibility;
mod acting;
mod action;
mod aiming;
mod choosing;
mod error;
mod events;
mod finding;
mod look;
mod matching;
mod mouse;
mod outline;
mod page;
mod patience;
mod picture;
mod reading;
mod recording;
mod seen;
mod settling;
mod tabs;
mod typing;
mod watching;
mod words;

#[cfg(test)]
mod tests;

use std::{collections::HashSet, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::mpsc;

pub(crate) use action::{Action, Direction, Target};
pub(crate) use error::DriverError;
pub(crate) use seen::{Done, Observation, TabSeen};

use crate::browsers::{Driven, Event, Steered};
use look::{Key, Refs};
use page::Pages;
use watching::Watching;

/// How long one action may take if nothing else is said.
const STEP_WITHIN: Duration = Duration::from_secs(30);
/// Where things are looked up if nothing else is said; `{}` stands for what.
const SEARCH: &str = "https://duckduckgo.com/?q={}";

/// Whether a secret is for the page of an address.
#[derive(Clone)]
pub(crate) struct Permit(pub(crate) Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Permit")
    }
}

/// Whoever drives a browser.
#[derive(Debug)]
pub(crate) struct Driver {
    driven: Driven,
    watching: Watching,
    /// Which of the browser's programs is driven.
    life: u64,
    pages: Pages,
    refs: Refs,
    /// Nodes whose contents are shown to nobody. Bounded by what pages contain: those of pages that are gone go.
    hidden: HashSet<Key>,
    /// How often people had steered when the page was looked at last.
    holds: u64,
    /// What is typed just now must not be seen.
    is_secret: bool,
    /// Whose frames it may be typed into.
    permit: Option<Permit>,
    told_incident: Option<String>,
    limit: Duration,
    search: String,
    files: Option<PathBuf>,
}

impl Driver {
    /// Drives a browser from now on.
    pub(crate) fn new(driven: Driven, events: mpsc::Receiver<Event>) -> Self {
        let now = driven.now();
        Self {
            watching: Watching::begin(events, driven.watch()),
            driven,
            life: 0,
            pages: Pages::new(),
            refs: Refs::default(),
            hidden: HashSet::new(),
            holds: now.holds,
            is_secret: false,
            permit: None,
            told_incident: now.incident,
            limit: STEP_WITHIN,
            search: SEARCH.to_owned(),
            files: None,
        }
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

    /// Waits until no person steers the browser.
    pub(crate) async fn handed_back(&mut self) -> Result<(), DriverError> {
        loop {
            if self.driven.is_gone() {
                return Err(DriverError::Gone);
            }
            if !self.driven.now().is_held {
                return Ok(());
            }
            self.driven.changed().await;
        }
    }

    /// Waits until no person steers, and says whether one did since the page was looked at last.
    async fn wait_for_hand_back(&mut self) -> Result<bool, DriverError> {
        self.handed_back().await?;
        let before = self.holds;
        self.take_holds();
        Ok(self.holds != before)
    }

    /// From now on what a person did before is known.
    fn take_holds(&mut self) {
        self.holds = self.driven.now().holds;
    }

    /// What people are told of the browser, whoever decides should know too, once; dialogs and downloads are told of
    /// elsewhere.
    fn note_incident(&mut self) {
        let incident = self.driven.now().incident;
        if self.told_incident == incident {
            return;
        }
        self.told_incident.clone_from(&incident);
        let is_told = |it: &String| it.contains("a dialog (") || it.ends_with(" was downloaded");
        if let Some(incident) = incident.filter(|it| !is_told(it)) {
            self.watching.note(incident);
        }
    }
}
