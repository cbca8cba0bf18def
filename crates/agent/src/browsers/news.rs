//! How the browsers are, for the link to tell: the newest of each, and that one is gone.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;
use pilothouse_core::ids::SessionId;
use pilothouse_protocols::agent_link::{browsers::Browser, messages::FromAgent};
use tokio::sync::Notify;

/// What the server has yet to learn. Bounded by the browsers there may be.
#[derive(Debug, Default)]
pub(super) struct News {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    browsers: BTreeMap<SessionId, Browser>,
    untold: BTreeSet<SessionId>,
    /// How many inputs of which turn were done.
    took: BTreeMap<SessionId, (u64, usize)>,
    /// What was copied in which turn; the newest.
    copied: BTreeMap<SessionId, (u64, String)>,
}

impl News {
    /// A browser is like this now.
    pub(super) fn put(&self, session: &SessionId, browser: Browser) {
        let mut state = self.state.lock();
        if state.browsers.get(session) != Some(&browser) {
            state.browsers.insert(session.clone(), browser);
            state.untold.insert(session.clone());
            self.changed.notify_one();
        }
    }

    /// A browser is closed.
    pub(super) fn gone(&self, session: &SessionId) {
        let mut state = self.state.lock();
        if state.browsers.remove(session).is_some() {
            state.untold.insert(session.clone());
            self.changed.notify_one();
        }
    }

    /// So many inputs of a turn were done, or can have no effect any more.
    pub(super) fn took(&self, session: &SessionId, turn: u64, count: usize) {
        if count == 0 {
            return;
        }
        let mut state = self.state.lock();
        let took = state.took.entry(session.clone()).or_insert((turn, 0));
        *took = if took.0 == turn { (turn, took.1 + count) } else { (turn, count) };
        self.changed.notify_one();
    }

    /// Something was copied.
    pub(super) fn copied(&self, session: &SessionId, turn: u64, text: String) {
        self.state.lock().copied.insert(session.clone(), (turn, text));
        self.changed.notify_one();
    }

    /// All browsers, for a hello; that tells everything that was untold.
    pub(super) fn held(&self) -> Vec<Browser> {
        let mut state = self.state.lock();
        state.untold.clear();
        state.browsers.values().cloned().collect()
    }

    /// What is untold, and counts as told from now on.
    pub(super) fn take(&self) -> Vec<FromAgent> {
        let mut state = self.state.lock();
        let untold = std::mem::take(&mut state.untold).into_iter();
        let told = untold.map(|session| match state.browsers.get(&session) {
            Some(browser) => FromAgent::Browser(Box::new(browser.clone())),
            None => FromAgent::BrowserGone { session: session.as_str().to_owned() },
        });
        let mut told: Vec<_> = told.collect();
        told.extend(std::mem::take(&mut state.took).into_iter().map(
            |(session, (epoch, inputs))| FromAgent::BrowserTook {
                session: session.as_str().to_owned(),
                epoch,
                inputs,
            },
        ));
        told.extend(std::mem::take(&mut state.copied).into_iter().map(
            |(session, (epoch, text))| FromAgent::BrowserClipboard {
                session: session.as_str().to_owned(),
                epoch,
                text,
            },
        ));
        told
    }

    /// Waits until there may be something untold.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}
