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
        told.collect()
    }

    /// Waits until there may be something untold.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}
