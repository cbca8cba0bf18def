//! What happens in a browser, and what follows from it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;
use tokio::{sync::oneshot, time::Instant};

use super::{
    address::{self, BLANK},
    cdp::Event,
    running::{Done, Running},
    tabs::{Dialog, Leaving},
};

/// How much a browser may download in all, in bytes. Overflow rule: the download that exceeds it is given up.
const MOST_DOWNLOADED: f64 = 512.0 * 1024.0 * 1024.0;
/// How many files it may download. Overflow rule: further ones are given up.
const MOST_DOWNLOADS: usize = 100;
/// How much of what a page says people are told, in bytes.
const LONGEST_WORDS: usize = 200;

/// What a browser has downloaded, by Chromium's name for it.
#[derive(Debug, Default)]
pub(super) struct Downloads(HashMap<String, Download>);

#[derive(Debug)]
struct Download {
    name: String,
    bytes: f64,
}

/// What a page is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "as Chromium calls it")]
pub(super) struct Target {
    target_id: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    session_id: String,
    target_info: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    target_info: Target,
}

/// A page begins to go to another one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leaves {
    frame_id: String,
    #[serde(default)]
    loader_id: Box<str>,
    #[serde(default)]
    navigation_type: String,
}

/// It has loaded what there was, or gave that up.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stops {
    frame_id: String,
}

/// Another one is there.
#[derive(Deserialize)]
struct Arrives {
    frame: Frame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    id: String,
    #[serde(default)]
    loader_id: Box<str>,
    #[serde(default)]
    url: String,
    #[serde(default)]
    url_fragment: String,
    #[serde(default)]
    unreachable_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Gone {
    target_id: String,
}

#[derive(Deserialize)]
struct Opening {
    message: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    guid: String,
    #[serde(default)]
    suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progressed {
    guid: String,
    #[serde(default)]
    received_bytes: f64,
    state: String,
}

impl Running<'_> {
    /// Takes in one event. Those that are not known are of no interest.
    pub(super) fn happened(&mut self, event: &Event) {
        match event.method.as_str() {
            "Page.screencastFrame" => self.framed(event),
            "Fetch.requestPaused" => self.paused(event),
            "Target.attachedToTarget" => self.came(event),
            "Target.targetInfoChanged" => self.changed(event),
            "Target.targetDestroyed" => {
                if let Some(Gone { target_id }) = event.read() {
                    self.went(&target_id);
                }
            }
            "Inspector.targetCrashed" => self.page_crashed(event),
            "Page.frameStartedNavigating" => self.leaves(event),
            "Page.frameNavigated" => self.arrives(event),
            "Page.frameStoppedLoading" => self.stops(event),
            "Page.domContentEventFired" => {
                self.look_at(event.session.as_deref().unwrap_or_default());
            }
            "Page.loadEventFired" => {
                self.look_at(event.session.as_deref().unwrap_or_default());
                self.capture.changed_unwatched(Instant::now());
            }
            "Page.javascriptDialogOpening" => self.dialog(event),
            "Page.javascriptDialogClosed" => {
                let session = event.session.as_deref().unwrap_or_default();
                if let Some(tab) = self.tabs.of_session(session) {
                    tab.dialog = None;
                }
            }
            "Browser.downloadWillBegin" => self.download_begins(event),
            "Browser.downloadProgress" => self.download_goes_on(event),
            _ => {}
        }
    }

    fn came(&mut self, event: &Event) {
        let Some(Attached { session_id, target_info }) = event.read() else { return };
        let id = &target_info.target_id;
        // A driver, too, attaches itself to pages, and to what is inside of them.
        if event.session.is_some() || target_info.kind != "page" || self.tabs.get_mut(id).is_some()
        {
            return;
        }
        if !self.tabs.add(id, &session_id, &target_info.url) {
            // Whoever opened it waits for it.
            let page = self.cdp.session(&session_id);
            page.tell("Runtime.runIfWaitingForDebugger", json!({}));
            self.cdp.browser().tell("Target.closeTarget", json!({"targetId": id}));
            self.lasting.incident =
                Some("pages opened more tabs than there may be; the rest were closed".to_owned());
            return;
        }
        self.prepare(&session_id);
        // What opens last is what people want to see.
        self.bring_to_front(id);
    }

    fn leaves(&mut self, event: &Event) {
        let Some(Leaves { frame_id, loader_id: loader, navigation_type }) = event.read() else {
            return;
        };
        // Within the page, nothing waits.
        let is_within = navigation_type.to_lowercase().contains("samedocument");
        // A page and its outermost frame have one name.
        if let Some(tab) = self.tabs.get_mut(&frame_id).filter(|_| !is_within) {
            tab.leaving = Some(Leaving { since: Instant::now(), loader, waiting: None });
        }
    }

    fn arrives(&mut self, event: &Event) {
        let Some(Arrives { frame }) = event.read() else { return };
        let Some(tab) = self.tabs.get_mut(&frame.id) else { return };
        // What Chromium shows in place of a page that could not be reached has that one's address.
        let url = match frame.unreachable_url {
            url if url.is_empty() => frame.url + &frame.url_fragment,
            url => url,
        };
        if address::is_shown(&url) {
            (tab.url, tab.title) = (url, String::new());
        }
        tab.leaving.take_if(|leaving| leaving.loader == frame.loader_id);
    }

    /// Somebody waits until that page is there.
    pub(super) fn is_arriving(&mut self, tab: &str, loader: &str, arrived: oneshot::Sender<()>) {
        let leaving = self.tabs.get_mut(tab).and_then(|tab| tab.leaving.as_mut());
        if let Some(leaving) = leaving.filter(|leaving| *leaving.loader == *loader) {
            leaving.waiting = Some(arrived);
        }
    }

    /// Nothing comes any more. Chromium says so itself; that another page has come it has that page say, which can be
    /// too busy for it from its first moment on.
    fn stops(&mut self, event: &Event) {
        self.look_at(event.session.as_deref().unwrap_or_default());
        if let Some(tab) = event.read().and_then(|Stops { frame_id }| self.tabs.get_mut(&frame_id))
        {
            tab.leaving = None;
        }
    }

    /// Has a page say what happens, in the browser's size.
    fn prepare(&self, session: &str) {
        let page = self.cdp.session(session);
        page.tell("Page.enable", json!({}));
        page.tell("Inspector.enable", json!({}));
        self.size(&page);
        // A window that a page opened waits for that, and so does the page that opened it.
        page.tell("Runtime.runIfWaitingForDebugger", json!({}));
    }

    pub(super) fn bring_to_front(&mut self, id: &str) -> bool {
        if self.tabs.active().is_some_and(|tab| &*tab.id == id) {
            return true;
        }
        if self.capture.is_casting() {
            self.stop_casting();
        }
        self.let_go();
        let is_there = self.tabs.activate(id);
        self.show_front();
        is_there
    }

    fn show_front(&mut self) {
        if let Some(page) = self.page() {
            page.tell("Page.bringToFront", json!({}));
        }
        // Input that was aimed at another page must not hit this one.
        self.lasting.layout += 1;
        self.recast();
        self.capture.changed_unwatched(Instant::now());
    }

    fn went(&mut self, id: &str) {
        let was_in_front = self.tabs.active().is_some_and(|tab| &*tab.id == id);
        if was_in_front {
            self.capture.ended();
        }
        if !self.tabs.remove(id) || !was_in_front {
            return;
        }
        if self.tabs.active().is_some() {
            self.show_front();
        } else {
            self.cdp.browser().tell("Target.createTarget", json!({"url": BLANK}));
        }
    }

    fn changed(&mut self, event: &Event) {
        if let Some(Changed { target_info }) = event.read() {
            self.is_now(target_info);
        }
    }

    /// Asks for a page's title: Chromium does not say when that changes.
    pub(super) fn look_at(&mut self, session: &str) {
        let Some(tab) = self.tabs.of_session(session) else { return };
        let (id, done) = (tab.id.clone(), self.done.clone());
        let asked = self.cdp.browser().ask("Target.getTargetInfo", json!({"targetId": &*id}));
        tokio::spawn(async move {
            let Ok(answer) = asked.await else { return };
            if let Ok(Changed { target_info }) = serde_json::from_str(answer.get()) {
                let _ = done.send(Done::Looked(target_info)).await;
            }
        });
    }

    /// A page has that title and address.
    pub(super) fn is_now(&mut self, Target { target_id, title, url, kind: _ }: Target) {
        let Some(tab) = self.tabs.get_mut(&target_id) else { return };
        // Chromium's word for a page without a title is its address, or what follows the scheme.
        let bare = url.split_once("://").map_or(&*url, |(_, rest)| rest);
        tab.title = if title == url || title == bare { String::new() } else { title };
        if address::is_shown(&url) {
            tab.url = url;
            return;
        }
        let page = self.cdp.session(&tab.session.clone());
        page.tell("Page.navigate", json!({"url": BLANK}));
        self.lasting.incident = Some("a page of the machine itself was closed at once".to_owned());
    }

    fn page_crashed(&mut self, event: &Event) {
        let session = event.session.as_deref().unwrap_or_default();
        let active = self.tabs.active().map(|tab| tab.session.clone());
        let Some(tab) = self.tabs.of_session(session) else { return };
        tab.dialog = None;
        let was_ended = self.give_up_at.take().is_some();
        if active.as_deref() == Some(session) {
            self.capture.ended();
        }
        if !self.lasting.page_crashed(Instant::now()) {
            self.is_hopeless = true;
            return;
        }
        let what = if was_ended { "did not answer" } else { "crashed" };
        self.lasting.incident = Some(format!("the page {what} and was loaded again"));
        self.cdp.session(session).tell("Page.reload", json!({}));
        self.prepare(session);
        self.recast();
        self.capture.changed_unwatched(Instant::now());
    }

    fn dialog(&mut self, event: &Event) {
        let Some(Opening { message, kind }) = event.read() else { return };
        let session = event.session.as_deref().unwrap_or_default();
        let Some(tab) = self.tabs.of_session(session) else { return };
        if kind == "beforeunload" {
            let page = self.cdp.session(session);
            return page.tell("Page.handleJavaScriptDialog", json!({"accept": true}));
        }
        tab.dialog = Some(Dialog { until: Instant::now() + Dialog::LASTS });
        let words = &message[..message.floor_char_boundary(LONGEST_WORDS)];
        self.lasting.incident = Some(format!("the page shows a dialog ({kind}): {words}"));
    }

    /// Dialogs that nobody answers keep their page from going on.
    pub(super) fn dismiss_dialogs(&mut self, now: Instant) {
        let due = |tab: &super::tabs::Tab| tab.dialog.as_ref().is_some_and(|it| it.until <= now);
        let due: Vec<_> =
            self.tabs.iter().filter(|tab| due(tab)).map(|tab| tab.session.clone()).collect();
        for session in due {
            self.dismiss(&session);
        }
    }

    /// Dismisses what a page shows, if it shows something.
    pub(super) fn dismiss(&mut self, session: &str) {
        let dialog = self.tabs.of_session(session).and_then(|tab| tab.dialog.take());
        if dialog.is_some() {
            let page = self.cdp.session(session);
            page.tell("Page.handleJavaScriptDialog", json!({"accept": false}));
            if let Some(incident) = &mut self.lasting.incident {
                *incident = format!("{incident} (dismissed)");
            }
        }
    }

    fn download_begins(&mut self, event: &Event) {
        let Some(Begun { guid, suggested_filename: name }) = event.read() else { return };
        if self.downloads.0.len() >= MOST_DOWNLOADS {
            return self.give_up_download(&guid);
        }
        self.downloads.0.insert(guid, Download { name, bytes: 0.0 });
    }

    fn download_goes_on(&mut self, event: &Event) {
        let Some(Progressed { guid, received_bytes, state }) = event.read() else { return };
        let Some(download) = self.downloads.0.get_mut(&guid) else { return };
        download.bytes = received_bytes;
        let name = &download.name[..download.name.floor_char_boundary(LONGEST_WORDS)];
        if state == "completed" {
            self.lasting.incident = Some(format!("{name} was downloaded"));
        }
        let all: f64 = self.downloads.0.values().map(|download| download.bytes).sum();
        if all > MOST_DOWNLOADED && state == "inProgress" {
            self.give_up_download(&guid);
        }
    }

    fn give_up_download(&mut self, guid: &str) {
        self.cdp.browser().tell("Browser.cancelDownload", json!({"guid": guid}));
        self.lasting.incident =
            Some("a download was given up: the browser has downloaded too much".to_owned());
    }
}
