//! The pages of one browser, and which of them is in front.
//!
//! Pure: what Chromium says comes in, and whoever asks does what follows from it.

use std::{sync::Arc, time::Duration};

use pilothouse_core::browsers::MOST_TABS;
use pilothouse_protocols::agent_link::browsers::Tab as Told;
use tokio::{sync::oneshot, time::Instant};

/// A dialog of a page; while it is open the page does nothing else.
#[derive(Debug, Clone)]
pub(super) struct Dialog {
    /// When it is dismissed.
    pub(super) until: Instant,
}

impl Dialog {
    /// How long a dialog stays open.
    pub(super) const LASTS: Duration = Duration::from_secs(10);
}

/// A page.
#[derive(Debug)]
pub(super) struct Tab {
    /// What Chromium calls it, and everybody else too.
    pub(super) id: Arc<str>,
    /// The session in which it is talked to.
    pub(super) session: Arc<str>,
    /// Its title.
    pub(super) title: String,
    /// Its address.
    pub(super) url: String,
    /// What it asks just now.
    pub(super) dialog: Option<Dialog>,
    /// Its renderer is gone, and not back yet.
    pub(super) is_crashed: bool,
    /// It is on its way to another page. Until that comes, Chromium lets it answer nothing.
    pub(super) leaving: Option<Leaving>,
}

/// A page on its way to another one.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) since: Instant,
    /// What Chromium calls this way, so that the end of an earlier one is not taken for its end.
    pub(super) loader: Box<str>,
    /// Whoever sent it there waits for its end, which is when this is dropped.
    pub(super) waiting: Option<oneshot::Sender<()>>,
}

impl Tab {
    /// How long a page may be on its way before its silence counts.
    pub(super) const ARRIVES_WITHIN: Duration = Duration::from_mins(2);

    /// How long an answer may take before what begins then is no excuse for it.
    const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

    /// Whether it cannot answer what it was asked then, because it is on its way to another page.
    pub(super) fn is_leaving(&self, asked: Instant, now: Instant) -> bool {
        self.leaving.as_ref().is_some_and(|Leaving { since, .. }| {
            *since <= asked + Self::ANSWERS_WITHIN && now < *since + Self::ARRIVES_WITHIN
        })
    }

    /// It answered what it was asked then, so that it is on no way that began before.
    pub(super) fn answers(&mut self, asked: Instant) {
        self.leaving.take_if(|leaving| leaving.since <= asked);
    }
}

/// All pages, oldest first.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    tabs: Vec<Tab>,
    active: Option<Arc<str>>,
}

impl Tabs {
    /// A page came; false if there are as many as there may be.
    pub(super) fn add(&mut self, id: &str, session: &str, url: &str) -> bool {
        if self.tabs.len() >= MOST_TABS {
            return false;
        }
        self.tabs.push(Tab {
            id: id.into(),
            session: session.into(),
            title: String::new(),
            url: url.to_owned(),
            dialog: None,
            is_crashed: false,
            leaving: None,
        });
        true
    }

    /// A page is gone. If it was in front, the newest one follows it.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let before = self.tabs.len();
        self.tabs.retain(|tab| &*tab.id != id);
        if self.active.as_deref() == Some(id) {
            self.active = self.tabs.last().map(|tab| tab.id.clone());
        }
        self.tabs.len() < before
    }

    /// Brings a page to the front; false if there is none of that name.
    pub(super) fn activate(&mut self, id: &str) -> bool {
        let found = self.tabs.iter().find(|tab| &*tab.id == id).map(|tab| tab.id.clone());
        let is_there = found.is_some();
        self.active = found.or(self.active.take());
        is_there
    }

    /// The page in front.
    pub(super) fn active(&self) -> Option<&Tab> {
        let id = self.active.as_ref()?;
        self.tabs.iter().find(|tab| tab.id == *id)
    }

    /// The page of that name.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| &*tab.id == id)
    }

    /// The page that is talked to in that session.
    pub(super) fn of_session(&mut self, session: &str) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| &*tab.session == session)
    }

    /// All pages.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Tab> {
        self.tabs.iter()
    }

    /// Whether there are as many as there may be.
    pub(super) fn are_full(&self) -> bool {
        self.tabs.len() >= MOST_TABS
    }

    /// As people are told.
    pub(super) fn told(&self) -> Vec<Told> {
        let told = self.tabs.iter().map(|tab| Told {
            id: tab.id.as_ref().to_owned(),
            title: tab.title.clone(),
            url: tab.url.clone(),
            active: self.active.as_ref() == Some(&tab.id),
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_page_follows_the_one_in_front_and_there_are_only_so_many() {
        let mut tabs = Tabs::default();
        for number in 0..MOST_TABS {
            assert!(tabs.add(&format!("t{number}"), &format!("s{number}"), "about:blank"));
        }
        assert!(tabs.are_full() && !tabs.add("more", "s", ""));
        assert!(tabs.active().is_none());
        assert!(tabs.activate("t3") && !tabs.activate("t99"));
        assert_eq!(&*tabs.active().unwrap().session, "s3");
        assert!(tabs.remove("t5") && !tabs.remove("t5"));
        assert_eq!(&*tabs.active().unwrap().id, "t3");
        assert!(tabs.remove("t3"));
        assert_eq!(&*tabs.active().unwrap().id, "t19");
        assert_eq!(tabs.told().iter().filter(|tab| tab.active).count(), 1);
        for number in 0..MOST_TABS {
            tabs.remove(&format!("t{number}"));
        }
        assert!(tabs.active().is_none() && tabs.told().is_empty());
    }

    #[test]
    fn a_page_on_its_way_is_excused_and_one_that_was_silent_before_is_not() {
        let now = Instant::now();
        let at = |secs: u64| now + Duration::from_secs(secs);
        let mut tabs = Tabs::default();
        tabs.add("t", "s", "about:blank");
        let tab = tabs.get_mut("t").unwrap();
        assert!(!tab.is_leaving(at(0), at(10)), "it goes nowhere");
        tab.leaving = Some(Leaving { since: at(5), loader: "l".into(), waiting: None });
        assert!(tab.is_leaving(at(6), at(16)) && tab.is_leaving(at(4), at(14)));
        assert!(!tab.is_leaving(at(3), at(13)), "it was silent when it began");
        assert!(!tab.is_leaving(at(130), at(140)), "too long");
        tab.answers(at(4));
        assert!(tab.leaving.is_some(), "that was before");
        tab.answers(at(5));
        assert!(tab.leaving.is_none());
    }
}
