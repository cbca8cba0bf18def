//! What a run with approval may do: nothing that changes something elsewhere, and no page of a strange host, leaves the
//! browser before somebody granted it.
//!
//! Chromium holds every request of the browser back, whoever made it, until [`Permission`] says what becomes of it; and
//! the gate lets through only what it expects from there, which closes what Chromium does not hold back: sockets,
//! requests of its own, and whatever another release may forget.

mod desk;
mod guarding;
mod hosts;
mod request;
mod words;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use url::Url;

use super::cdp::CdpSession;
use desk::{Desk, Question, Verdict};
pub(crate) use guarding::Guarded;
pub(crate) use hosts::InvalidHost;
use hosts::{Hosts, Site};
use request::{Named, Paused};

/// Something that a browser wants to do and a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its name in answers.
    pub(crate) id: String,
    /// The request's method.
    pub(crate) method: String,
    /// Where it goes, without what its query says.
    pub(crate) url: String,
    /// What it is, for people: no values of fields, no body.
    pub(crate) text: String,
}

impl Wanted {
    fn new(method: &str, url: &Url, text: String) -> Self {
        let method = words::visible(method, 16);
        Self { id: String::new(), method, url: words::address(url), text }
    }
}

/// How a question ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was granted, and goes out once.
    Granted,
    /// It was denied, perhaps with a reason; it failed in the page.
    Denied(Option<String>),
    /// Nobody answered in time; it failed in the page.
    Expired,
    /// Nobody waits for it any more.
    GivenUp,
}

/// A question that was asked is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Over {
    /// Which.
    pub(crate) id: String,
    /// How.
    pub(crate) outcome: Outcome,
}

/// What whoever answers has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A question, from now on until it is over.
    Wanted(Wanted),
    /// No question any more.
    Over(Over),
}

/// There is no such question, or none any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing waits for that answer any more")]
pub(crate) struct NothingWaits;

/// What a run may do in a browser. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Permission(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    timeout: Duration,
    desk: Mutex<Desk>,
    /// The browser that holds requests back; nothing while there is none.
    browser: Mutex<Option<CdpSession>>,
    changed: watch::Sender<()>,
}

impl Permission {
    /// Pages of these hosts need no approval. What changes something there does. A question that nobody answers within
    /// `timeout` counts as denied.
    pub(crate) fn new<T: AsRef<str>>(
        allowed: &[T],
        timeout: Duration,
    ) -> Result<Self, InvalidHost> {
        let desk = Mutex::new(Desk::new(Hosts::parse(allowed)?));
        let changed = watch::Sender::new(());
        Ok(Self(Arc::new(Inner { timeout, desk, browser: Mutex::default(), changed })))
    }

    /// How long a question waits.
    pub(crate) fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// The next question, or the end of one. A question's time begins when it is given here.
    pub(crate) async fn happened(&self) -> Happening {
        let mut changed = self.0.changed.subscribe();
        loop {
            let next = self.0.desk.lock().next();
            if let Some(happening) = next {
                if let Happening::Wanted(wanted) = &happening {
                    self.expire(&wanted.id);
                }
                return happening;
            }
            // The sender is ours.
            let _ = changed.changed().await;
        }
    }

    /// The next question, for whoever does not care how those before ended.
    #[cfg(test)]
    pub(crate) async fn wanted(&self) -> Wanted {
        loop {
            if let Happening::Wanted(wanted) = self.happened().await {
                return wanted;
            }
        }
    }

    /// Answers a question: what was asked goes out once, or fails in the page.
    pub(crate) fn decide(
        &self,
        id: &str,
        granted: bool,
        reason: Option<String>,
    ) -> Result<(), NothingWaits> {
        self.answer(id, granted, reason, false)
    }

    /// Answers a question for its host: so it is for the rest of the run, also for what changes something there.
    pub(crate) fn decide_for_host(
        &self,
        id: &str,
        granted: bool,
        reason: Option<String>,
    ) -> Result<(), NothingWaits> {
        self.answer(id, granted, reason, true)
    }

    /// Waits until nothing waits for an answer.
    #[cfg(test)]
    pub(crate) async fn all_decided(&self) {
        let mut changed = self.0.changed.subscribe();
        while self.is_waiting() {
            let _ = changed.changed().await;
        }
    }

    /// Whether something waits for an answer just now. A page may wait for it, too, and do nothing else.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.desk.lock().is_waiting()
    }

    /// What did not go out since this was asked last, in words.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        self.0.desk.lock().take_notes()
    }

    fn answer(
        &self,
        id: &str,
        granted: bool,
        reason: Option<String>,
        is_for_host: bool,
    ) -> Result<(), NothingWaits> {
        let id = id.parse().map_err(|_| NothingWaits)?;
        let outcome = if granted { Outcome::Granted } else { Outcome::Denied(reason) };
        self.settle(id, &outcome, is_for_host)
    }

    fn settle(&self, id: u64, outcome: &Outcome, is_for_host: bool) -> Result<(), NothingWaits> {
        let settled = self.0.desk.lock().settle(id, outcome, is_for_host, Instant::now());
        if settled.is_empty() {
            return Err(NothingWaits);
        }
        self.carry_out(settled, outcome);
        Ok(())
    }

    /// A question that nobody answers counts as denied.
    fn expire(&self, id: &str) {
        let Ok(id) = id.parse() else { return };
        let (inner, timeout) = (Arc::downgrade(&self.0), self.0.timeout);
        tokio::spawn(async move {
            sleep(timeout).await;
            if let Some(inner) = inner.upgrade() {
                // It may have been answered long ago.
                let _ = Self(inner).settle(id, &Outcome::Expired, false);
            }
        });
    }

    fn carry_out(&self, settled: Vec<Question>, outcome: &Outcome) {
        self.0.changed.send_replace(());
        let Some(browser) = self.0.browser.lock().clone() else { return };
        for question in settled {
            if *outcome == Outcome::Granted {
                self.release(browser.clone(), question.requests);
            } else {
                for request in &question.requests {
                    fail(&browser, request);
                }
            }
        }
    }

    /// Lets one of those that are the same go: the newest that its page still waits for.
    fn release(&self, browser: CdpSession, mut requests: Vec<String>) {
        if requests.is_empty() {
            return;
        }
        let permission = self.clone();
        tokio::spawn(async move {
            while let Some(request) = requests.pop() {
                let released = browser.ask("Fetch.continueRequest", json!({"requestId": request}));
                if released.await.is_ok() {
                    for request in &requests {
                        fail(&browser, request);
                    }
                    return;
                }
            }
            let text = "what was granted came too late: the page did not wait for it".to_owned();
            permission.0.desk.lock().note(text);
        });
    }

    /// From now on this is the browser, and nothing gets out of it until it is unsealed.
    fn attach(&self, browser: CdpSession) {
        self.0.desk.lock().seal(true);
        *self.0.browser.lock() = Some(browser);
    }

    /// Requests are held back from now on.
    pub(super) fn unseal(&self) {
        self.0.desk.lock().seal(false);
    }

    /// The browser is gone or about to go: nothing gets out of it, and nothing in it waits any more.
    pub(super) fn lose(&self) {
        let now = Instant::now();
        {
            let mut desk = self.0.desk.lock();
            desk.seal(true);
            desk.give_up(&Outcome::GivenUp, now);
        }
        self.0.browser.lock().take();
        self.0.changed.send_replace(());
    }

    /// The run is over: whatever waits fails, and so does what would have to be asked from now on.
    pub(super) fn end(&self) {
        let outcome = Outcome::Denied(Some("the run is over".to_owned()));
        let left = {
            let mut desk = self.0.desk.lock();
            desk.end();
            desk.give_up(&outcome, Instant::now())
        };
        self.carry_out(left, &outcome);
    }

    /// Whether the run is over.
    pub(super) fn is_ended(&self) -> bool {
        self.0.desk.lock().is_ended()
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What becomes of a request that Chromium holds back.
    fn judge(&self, browser: &CdpSession, paused: &Paused) {
        let verdict = self.0.desk.lock().judge(paused, Instant::now());
        match verdict {
            Verdict::Pass => {
                browser.tell("Fetch.continueRequest", json!({"requestId": paused.request_id}));
            }
            Verdict::Refuse => fail(browser, &paused.request_id),
            Verdict::Wait(_) => self.0.changed.send_replace(()),
        }
    }

    /// Whether the gate lets a tunnel through, or, with an address, a plain request.
    pub(super) fn lets(&self, method: &str, uri: Option<&str>, host: &str, port: u16) -> bool {
        let url = uri.and_then(|uri| Url::parse(uri).ok());
        let site = match (&url, uri) {
            (Some(url), _) => Site::of(url),
            (None, Some(_)) => None,
            (None, None) => Some(Site::tunnelled(host, port)),
        };
        let now = Instant::now();
        site.is_some_and(|site| self.0.desk.lock().lets(method, url.as_ref(), &site, now))
    }

    /// Whether a socket may be opened, as soon as that is known. Whoever asks may stop to wait at any time.
    pub(super) async fn admits(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let Some(site) = Site::of(&url) else { return false };
        let mut changed = self.0.changed.subscribe();
        let verdict = self.0.desk.lock().judge_socket(&url, &site, Instant::now());
        let id = match verdict {
            Verdict::Pass => return true,
            Verdict::Refuse => return false,
            Verdict::Wait(id) => id,
        };
        self.0.changed.send_replace(());
        loop {
            let answer = self.0.desk.lock().is_answered(id, &site, Instant::now());
            if let Some(answer) = answer {
                return answer;
            }
            let _ = changed.changed().await;
        }
    }
}

/// The page sees that it was blocked.
fn fail(browser: &CdpSession, request: &str) {
    let why = json!({"requestId": request, "errorReason": "BlockedByClient"});
    browser.tell("Fetch.failRequest", why);
}
