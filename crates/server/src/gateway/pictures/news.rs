//! What those who asked for it are told of a stream besides its pictures.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use pilothouse_core::browsers::{State, Tab, Viewport};
use pilothouse_protocols::pictures::{Status, Trouble, Watcher};

use super::stream::{Inner, Stream};

/// How long something is called troubled after something came that was no picture.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// How many watchers are named.
const MOST_NAMED: usize = 100;

/// How a stream is at one moment, for all who hear of it.
#[derive(Debug, Clone)]
pub(crate) struct News {
    pub(crate) status_version: u64,
    pub(crate) status: Status,
    pub(crate) tabs_version: u64,
    pub(crate) tabs: Arc<[Tab]>,
    pub(crate) watchers_version: u64,
    pub(crate) watchers: Arc<[Watcher]>,
}

impl Stream {
    /// How it is now; nothing if nobody hears of it.
    pub(crate) fn news(&self) -> Option<News> {
        let inner = self.inner.lock();
        inner.viewers.values().any(|viewer| viewer.hears_news).then(|| News {
            status_version: inner.status_version,
            status: self.status(&inner),
            tabs_version: inner.tabs_version,
            tabs: inner.browser.as_ref().map(|browser| browser.tabs.clone()).unwrap_or_default(),
            watchers_version: inner.watchers_version,
            watchers: watchers(&inner),
        })
    }

    /// Gathers what came and went: told together, so that a crowd costs no more than its last state.
    pub(super) fn settle_watchers(&self, tell: impl FnMut(usize)) {
        let mut inner = self.inner.lock();
        if std::mem::take(&mut inner.watchers_changed) {
            inner.watchers_version += 1;
            drop(inner);
            self.tell_loops(tell);
        }
    }

    fn status(&self, inner: &Inner) -> Status {
        let newest = inner.newest.as_ref();
        let metadata = newest.and_then(|newest| newest.picture.metadata);
        let is_live = inner.producer.as_ref().is_some_and(|producer| producer.is_live);
        let browser = inner.browser.as_ref();
        let incident = browser.and_then(|browser| browser.incident.as_deref());
        let is_open = browser.is_some_and(|browser| browser.state == State::Open);
        let reason = match (&inner.trouble, &inner.producer, incident) {
            (Some((Trouble::Malformed, _)), ..) => {
                Some("the producer sent something that is no picture".into())
            }
            (_, Some(_), Some(incident)) => Some(incident.into()),
            (_, Some(_), None) if is_live => None,
            (_, Some(_), None) => Some("no picture has come yet".into()),
            // Of a browser that is open something else cut the pictures off, whatever it went through.
            (_, None, Some(incident)) if !is_open => Some(incident.into()),
            (_, None, _) => {
                Some(inner.reason.clone().unwrap_or_else(|| "nobody brings pictures".into()))
            }
        };
        let of_pages = browser.map(|browser| {
            let Viewport { width, height } = browser.viewport;
            (f64::from(width), f64::from(height))
        });
        Status {
            stream: Some(self.id.clone()),
            is_live,
            reason,
            viewport: metadata
                .and_then(|shown| shown.device_width.zip(shown.device_height))
                .or(of_pages),
            url: browser.map(|browser| (*browser.url).into()),
            title: browser.map(|browser| (*browser.title).into()),
            is_recorded: inner.recording.is_some(),
        }
    }
}

fn watchers(inner: &Inner) -> Arc<[Watcher]> {
    let mut counts: BTreeMap<(&str, &'static str), u32> = BTreeMap::new();
    for viewer in inner.viewers.values() {
        *counts.entry((&viewer.name, viewer.role)).or_default() += 1;
    }
    let named = counts.into_iter().take(MOST_NAMED);
    named
        .map(|((name, role), connections)| Watcher { name: name.into(), role, connections })
        .collect()
}
