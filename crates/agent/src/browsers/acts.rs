//! What is asked of a browser that runs.

use std::sync::Arc;

use pilothouse_core::browsers::{Act, Go, TabAct};
use pilothouse_protocols::agent_link::requests::{Failure, FailureCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::timeout};

use super::{
    Reply,
    address::{self, BLANK},
    cdp::{CdpError, CdpSession},
    failure,
    running::{Done, Running},
};

/// How long a page may take to begin to be shown.
const SHOWN_WITHIN: std::time::Duration = std::time::Duration::from_secs(25);
/// How long to wait for a page of which all but itself has come.
const ARRIVES_WITHIN: std::time::Duration = std::time::Duration::from_secs(1);

/// How long to wait for a page that takes another one's place, and how often.
const SWAP: std::time::Duration = std::time::Duration::from_millis(25);
const SWAPS: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Navigated {
    #[serde(default)]
    frame_id: Box<str>,
    #[serde(default)]
    loader_id: Box<str>,
    #[serde(default)]
    error_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    current_index: i64,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: i64,
}

impl Running<'_> {
    /// Does what is asked. The answer comes when it is done.
    pub(super) fn act(&mut self, act: Act, token: Option<String>, reply: Reply) {
        if let Some(token) = token {
            *self.lasting.token.lock() = Some(token);
        }
        // Whoever does something has seen what happened before.
        if !matches!(act, Act::Resize(_)) {
            self.lasting.incident = None;
        }
        match act {
            Act::Open { url, viewport } => {
                if let Some(viewport) = viewport {
                    self.resize(viewport);
                }
                match url {
                    Some(url) => self.go(&url, reply),
                    None => self.answer(reply, Ok(())),
                }
            }
            // The loop ends with it.
            Act::Close => {}
            Act::Go(Go::To(url)) => self.go(&url, reply),
            Act::Go(Go::Back) => self.step(-1, reply),
            Act::Go(Go::Forward) => self.step(1, reply),
            Act::Go(Go::Reload) => self.tell_page("Page.reload", reply),
            Act::Go(Go::Stop) => self.tell_page("Page.stopLoading", reply),
            Act::Tab(TabAct::Select(id)) => {
                let is_there = self.bring_to_front(&id);
                self.answer(reply, is_there.then_some(()).ok_or_else(no_tab));
            }
            Act::Tab(TabAct::Close(id)) => self.close_tab(&id, reply),
            Act::Tab(TabAct::New { url }) => self.new_tab(url.as_deref(), reply),
            Act::Resize(viewport) => {
                self.resize(viewport);
                self.answer(reply, Ok(()));
            }
        }
    }

    /// Answers behind what is to be told before.
    pub(super) fn answer(&self, reply: Reply, result: Result<(), Failure>) {
        self.beside(reply, async { result });
    }

    /// Answers when something is done that takes its time.
    pub(super) fn beside(
        &self,
        reply: Reply,
        act: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) {
        let done = self.done.clone();
        tokio::spawn(async move {
            let result = timeout(SHOWN_WITHIN, act).await;
            let slow =
                || failure(FailureCode::Failed, "the page takes too long; it may still come");
            let _ = done.send(Done::Acted(reply, result.unwrap_or_else(|_| Err(slow())))).await;
        });
    }

    fn front(&mut self) -> Option<CdpSession> {
        let session = self.tabs.active()?.session.clone();
        // Nothing goes on behind a dialog.
        self.dismiss(&session);
        self.page()
    }

    fn go(&mut self, url: &str, reply: Reply) {
        let url = match address::meant(url) {
            Ok(url) => url,
            Err(why) => return self.answer(reply, Err(failure(FailureCode::Invalid, why))),
        };
        let Some(page) = self.front() else { return self.answer(reply, Err(no_tab())) };
        let asked = page.ask("Page.navigate", json!({"url": url}));
        let done = self.done.clone();
        let refusals = self.lasting.gate.refusals();
        self.beside(reply, async move {
            let answer = match asked.await {
                Err(error) if error.is_between_pages() => {
                    once_there_is_a_page(&page, "Page.navigate", json!({"url": url})).await
                }
                answer => answer,
            };
            let Navigated { frame_id: tab, loader_id: loader, error_text } = read(answer)?;
            // Chromium answers before the page is there, and whoever asked is to be told where it is.
            let (arrived, arrives) = oneshot::channel();
            if done.send(Done::Arriving { tab, loader, arrived }).await.is_ok() {
                let _ = timeout(ARRIVES_WITHIN, arrives).await;
            }
            if error_text.is_empty() || error_text == "net::ERR_ABORTED" {
                return Ok(());
            }
            let closed = refusals.has_changed().unwrap_or_default();
            let why = refusals.borrow().clone().filter(|_| closed);
            Err(failure(FailureCode::Failed, why.unwrap_or_else(|| in_words(&error_text))))
        });
    }

    fn step(&mut self, by: i64, reply: Reply) {
        let Some(page) = self.front() else { return self.answer(reply, Err(no_tab())) };
        self.beside(reply, async move {
            let asked = once_there_is_a_page(&page, "Page.getNavigationHistory", json!({}));
            let history: History = read(asked.await)?;
            let place = usize::try_from(history.current_index + by).ok();
            let entry = place.and_then(|place| history.entries.get(place));
            let nothing = || failure(FailureCode::NotFound, "there is no page in that direction");
            let id = entry.ok_or_else(nothing)?.id;
            let (method, entry) = ("Page.navigateToHistoryEntry", json!({"entryId": id}));
            read::<Value>(once_there_is_a_page(&page, method, entry).await).map(drop)
        });
    }

    fn tell_page(&mut self, method: &'static str, reply: Reply) {
        let Some(page) = self.front() else { return self.answer(reply, Err(no_tab())) };
        self.beside(reply, async move {
            read::<Value>(once_there_is_a_page(&page, method, json!({})).await).map(drop)
        });
    }

    fn close_tab(&mut self, id: &Arc<str>, reply: Reply) {
        if !self.tabs.iter().any(|tab| tab.id == *id) {
            return self.answer(reply, Err(no_tab()));
        }
        let asked = self.cdp.browser().ask("Target.closeTarget", json!({"targetId": &**id}));
        self.beside(reply, async { read::<Value>(asked.await).map(drop) });
    }

    fn new_tab(&mut self, url: Option<&str>, reply: Reply) {
        if self.tabs.are_full() {
            let reason = "the browser has as many tabs as it may have; close one first";
            return self.answer(reply, Err(failure(FailureCode::Failed, reason)));
        }
        let url = match url.map_or(Ok(BLANK.to_owned()), address::meant) {
            Ok(url) => url,
            Err(why) => return self.answer(reply, Err(failure(FailureCode::Invalid, why))),
        };
        let asked = self.cdp.browser().ask("Target.createTarget", json!({"url": url}));
        self.beside(reply, async { read::<Value>(asked.await).map(drop) });
    }

    fn resize(&mut self, viewport: pilothouse_core::browsers::Viewport) {
        self.lasting.viewport = viewport;
        // Behind a picture, Chromium gives the page the size back that it had before: then it gets the new one.
        if self.shooting.is_none() {
            self.resize_pages();
        }
    }

    /// Has all pages of the browser's size, and a picture of that soon.
    pub(super) fn resize_pages(&mut self) {
        for tab in self.tabs.iter() {
            self.size(&self.cdp.session(&tab.session));
        }
        self.capture.resized(tokio::time::Instant::now());
    }
}

/// Asks a page, and again while one page gives way to the next; Chromium tells nobody when that is over.
async fn once_there_is_a_page(
    page: &CdpSession,
    method: &str,
    params: Value,
) -> Result<Box<serde_json::value::RawValue>, CdpError> {
    for _ in 0..SWAPS {
        match page.ask(method, params.clone()).await {
            Err(error) if error.is_between_pages() => tokio::time::sleep(SWAP).await,
            answer => return answer,
        }
    }
    page.ask(method, params).await
}

fn no_tab() -> Failure {
    failure(FailureCode::NotFound, "the browser has no such tab")
}

fn read<T: serde::de::DeserializeOwned>(
    answer: Result<Box<serde_json::value::RawValue>, CdpError>,
) -> Result<T, Failure> {
    let answer = answer.map_err(|error| failure(FailureCode::Failed, error.to_string()))?;
    let senseless = |_| failure(FailureCode::Failed, CdpError::Senseless.to_string());
    serde_json::from_str(answer.get()).map_err(senseless)
}

/// Chromium's word for why a page cannot be shown, as people say it.
fn in_words(error: &str) -> String {
    let known = match error {
        "net::ERR_TUNNEL_CONNECTION_FAILED" | "net::ERR_NAME_NOT_RESOLVED" => {
            "the server cannot be reached"
        }
        "net::ERR_CONNECTION_REFUSED" => "the server does not answer",
        "net::ERR_CERT_AUTHORITY_INVALID" => "the server's certificate is not trusted",
        _ => return format!("the page cannot be shown ({error})"),
    };
    known.to_owned()
}
