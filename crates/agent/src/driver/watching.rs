//! What happens in the driver's own sessions, written down as it happens: what loads, what is asked for, what crashed.
//!
//! Dialogs are answered here, since a page does nothing else until they are.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

use super::events::{
    Begun, Came, Chooser, Detached, Loaded, OfFrame, Opening, Progressed, Requested, Responded,
};
use crate::browsers::{Cdp, Drivable, Event};

/// How many notes are kept until somebody looks. Overflow rule: further ones are lost.
const MOST_NOTES: usize = 32;
/// How many requests of a page are counted. Overflow rule: further ones are not waited for.
const MOST_REQUESTS: usize = 512;
/// How many frames of other processes a page may have. Overflow rule: further ones are not looked into.
const MOST_FRAMES: usize = 64;
/// How much of what a page says is told, in bytes.
const LONGEST_WORDS: usize = 200;
/// After so long a request is one that is meant to stay open.
const REQUEST_MATTERS: Duration = Duration::from_secs(4);

/// What is known of one session.
#[derive(Debug)]
pub(super) struct Attached {
    /// The session of the page that this is a frame of; nothing for a page.
    pub(super) parent: Option<String>,
    /// What Chromium calls the page, or the frame.
    pub(super) target: String,
    /// Frames that load.
    loading: HashSet<String>,
    /// Requests that are under way.
    requests: HashMap<String, Request>,
    /// When something happened last.
    touched: Instant,
    is_crashed: bool,
    /// The field for which the page asks for files.
    chooser: Option<i64>,
}

/// One request.
#[derive(Debug)]
struct Request {
    since: Instant,
    /// Whether it is for a page itself.
    is_page: bool,
    /// For which frame's document it is, if it is for one.
    document_of: Option<String>,
}

/// All of it.
#[derive(Debug, Default)]
struct Seen {
    cdp: Option<Cdp>,
    sessions: HashMap<String, Attached>,
    downloads: HashMap<String, String>,
    notes: Vec<String>,
}

/// How busy a page is, with all its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Business {
    /// A page was asked for, and has not come.
    pub(super) is_going: bool,
    /// Something of it loads.
    pub(super) is_loading: bool,
    /// How many requests are under way that matter.
    pub(super) requests: usize,
    /// When something happened last.
    pub(super) touched: Instant,
    /// It crashed.
    pub(super) is_crashed: bool,
}

/// Writes down what happens, until it is dropped.
#[derive(Debug)]
pub(super) struct Watching {
    seen: Arc<Mutex<Seen>>,
    changed: watch::Receiver<()>,
    task: JoinHandle<()>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watching {
    /// Begins.
    pub(super) fn begin(
        mut events: mpsc::Receiver<Event>,
        state: watch::Receiver<Drivable>,
    ) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (told, changed) = watch::channel(());
        let writing = seen.clone();
        let task = tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                // A person who steers answers dialogs.
                let is_held = state.borrow().is_held;
                writing.lock().happened(&event, is_held);
                told.send_replace(());
            }
        });
        Self { seen, changed, task }
    }

    /// Another program is driven: nothing of the one before counts.
    pub(super) fn restart(&self, cdp: Cdp) {
        let mut seen = self.seen.lock();
        seen.cdp = Some(cdp);
        seen.sessions.clear();
    }

    /// A page is attached to.
    pub(super) fn attach(&self, session: &str, target: &str) {
        self.seen.lock().attach(session, None, target);
    }

    /// A page is of no interest any more.
    pub(super) fn forget(&self, session: &str) {
        self.seen.lock().detach(session);
    }

    /// Frames of other processes in a page, as sessions, outermost first.
    pub(super) fn inside(&self, page: &str) -> Vec<String> {
        self.seen.lock().family(page).into_iter().skip(1).collect()
    }

    /// How busy a page is.
    pub(super) fn business(&self, page: &str) -> Business {
        let seen = self.seen.lock();
        let now = Instant::now();
        let mut business = Business {
            is_going: false,
            is_loading: false,
            requests: 0,
            touched: now,
            is_crashed: false,
        };
        let mut touched = None;
        for name in seen.family(page) {
            let Some(session) = seen.sessions.get(&name) else { continue };
            let matters = |since: Instant| now.duration_since(since) < REQUEST_MATTERS;
            let is_page = session.parent.is_none();
            business.is_going |= is_page && session.requests.values().any(|it| it.is_page);
            business.is_loading |= !session.loading.is_empty();
            business.requests += session.requests.values().filter(|it| matters(it.since)).count();
            business.is_crashed |= is_page && session.is_crashed;
            touched = touched.max(Some(session.touched));
        }
        business.touched = touched.unwrap_or(now);
        business
    }

    /// Something is done to a page: what follows from it may take a moment to begin.
    pub(super) fn touch(&self, page: &str) {
        if let Some(session) = self.seen.lock().sessions.get_mut(page) {
            session.touched = Instant::now();
        }
    }

    /// A document is in a page, whether or not that was told.
    pub(super) fn has_come(&self, page: &str, document: &str) {
        let mut seen = self.seen.lock();
        let session = seen.sessions.get_mut(page);
        if let Some(request) = session.and_then(|session| session.requests.get_mut(document)) {
            request.is_page = false;
        }
    }

    /// Whether a page crashed.
    pub(super) fn is_crashed(&self, page: &str) -> bool {
        self.seen.lock().sessions.get(page).is_some_and(|session| session.is_crashed)
    }

    /// Whether a page is attached to, and was not closed since.
    pub(super) fn is_there(&self, page: &str) -> bool {
        self.seen.lock().sessions.contains_key(page)
    }

    /// For which field a page asked for files.
    pub(super) fn take_chooser(&self, page: &str) -> Option<(String, i64)> {
        let mut seen = self.seen.lock();
        seen.family(page).into_iter().find_map(|name| {
            let chooser = seen.sessions.get_mut(&name)?.chooser.take()?;
            Some((name, chooser))
        })
    }

    /// What is to be told, and counts as told.
    pub(super) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().notes)
    }

    /// Writes down what somebody else saw.
    pub(super) fn note(&self, note: String) {
        self.seen.lock().note(note);
    }

    /// Tells when something happened since.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        let mut changes = self.changed.clone();
        changes.mark_unchanged();
        changes
    }
}

impl Seen {
    fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn attach(&mut self, session: &str, parent: Option<&str>, target: &str) {
        let attached = Attached {
            parent: parent.map(str::to_owned),
            target: target.to_owned(),
            loading: HashSet::new(),
            requests: HashMap::new(),
            touched: Instant::now(),
            is_crashed: false,
            chooser: None,
        };
        self.sessions.insert(session.to_owned(), attached);
    }

    fn detach(&mut self, session: &str) {
        for name in self.family(session) {
            self.sessions.remove(&name);
        }
    }

    /// A session and all that are inside of it, outer ones first.
    fn family(&self, session: &str) -> Vec<String> {
        let mut family = vec![session.to_owned()];
        let mut next = 0;
        while let Some(parent) = family.get(next).cloned() {
            let children = self.sessions.iter();
            let children = children.filter(|(_, it)| it.parent.as_ref() == Some(&parent));
            let mut children: Vec<_> = children.map(|(name, _)| name.clone()).collect();
            children.sort_unstable();
            family.extend(children);
            next += 1;
        }
        family
    }

    fn happened(&mut self, event: &Event, is_held: bool) {
        if event.method == "Target.detachedFromTarget" {
            if let Some(Detached { session_id }) = event.read() {
                self.detach(&session_id);
            }
            return;
        }
        let Some(name) = event.session.as_deref() else { return self.downloaded(event) };
        if event.method == "Target.attachedToTarget" {
            return self.came(name, event);
        }
        if event.method == "Page.javascriptDialogOpening" {
            if !is_held {
                self.dialog(name, event);
            }
            return;
        }
        let Some(session) = self.sessions.get_mut(name) else { return };
        match event.method.as_str() {
            "Inspector.targetCrashed" => session.is_crashed = true,
            _ => session.happened(event),
        }
    }

    fn came(&mut self, parent: &str, event: &Event) {
        let Some(Came { session_id, target }) = event.read() else { return };
        let is_known = self.sessions.contains_key(parent);
        if !is_known || target.kind != "iframe" || self.sessions.len() >= MOST_FRAMES {
            return;
        }
        self.attach(&session_id, Some(parent), &target.target_id);
        // Its document came from elsewhere; that it did is told in no session any more.
        if let Some(parent) = self.sessions.get_mut(parent) {
            parent.left(&target.target_id);
        }
        if let Some(cdp) = &self.cdp {
            drop(prepare(&cdp.session(&session_id)));
        }
    }

    /// Whoever clicks on something that asks for a confirmation has decided already.
    fn dialog(&mut self, name: &str, event: &Event) {
        let Some(Opening { message, kind, default_prompt }) = event.read() else { return };
        if !self.sessions.contains_key(name) {
            return;
        }
        let Some(cdp) = &self.cdp else { return };
        let text = (kind == "prompt").then_some(default_prompt);
        let answer = json!({"accept": true, "promptText": text.clone().unwrap_or_default()});
        cdp.session(name).tell("Page.handleJavaScriptDialog", answer);
        let words = short(&message);
        self.note(match (kind.as_str(), text) {
            ("beforeunload", _) => "the page wanted to keep its changes, and was left".to_owned(),
            (_, Some(text)) => format!("the page asked \"{words}\" and got \"{}\"", short(&text)),
            ("confirm", _) => format!("the page asked \"{words}\" and it was confirmed"),
            _ => format!("the page said \"{words}\""),
        });
    }

    fn downloaded(&mut self, event: &Event) {
        match event.method.as_str() {
            "Browser.downloadWillBegin" => {
                let Some(Begun { guid, suggested_filename: name }) = event.read() else { return };
                if self.downloads.len() < MOST_REQUESTS {
                    self.downloads.insert(guid, short(&name).to_owned());
                }
            }
            "Browser.downloadProgress" => {
                let Some(Progressed { guid, received_bytes, state }) = event.read() else { return };
                if state == "inProgress" {
                    return;
                }
                let Some(name) = self.downloads.remove(&guid) else { return };
                self.note(match state.as_str() {
                    "completed" => format!("{name} was downloaded ({received_bytes} bytes)"),
                    _ => format!("the download of {name} was given up"),
                });
            }
            _ => {}
        }
    }
}

impl Attached {
    /// A frame is gone, or in another process from now on.
    fn left(&mut self, frame: &str) {
        self.loading.remove(frame);
        self.requests.retain(|_, it| it.document_of.as_deref() != Some(frame));
    }

    fn happened(&mut self, event: &Event) {
        let frame = || event.read::<OfFrame>().map(|it| it.frame_id);
        match event.method.as_str() {
            "Page.frameStartedLoading" => self.loading.extend(frame()),
            "Page.frameStoppedLoading" => {
                if let Some(frame) = frame() {
                    self.loading.remove(&frame);
                }
            }
            "Page.frameDetached" => {
                if let Some(frame) = frame() {
                    self.left(&frame);
                }
            }
            "Page.frameNavigated" => {
                self.is_crashed = false;
                self.requests.values_mut().for_each(|it| it.is_page = false);
            }
            "Page.fileChooserOpened" => {
                self.chooser = event.read::<Chooser>().and_then(|it| it.backend_node_id);
            }
            "Network.requestWillBeSent" => self.requested(event),
            "Network.responseReceived" => {
                let Some(Responded { request_id, response }) = event.read() else { return };
                let streams = response.mime_type == "text/event-stream";
                if streams || !self.requests.contains_key(&request_id) {
                    self.requests.remove(&request_id);
                    return;
                }
            }
            "Network.loadingFinished" | "Network.loadingFailed" => {
                let Some(Loaded { request_id }) = event.read() else { return };
                if self.requests.remove(&request_id).is_none() {
                    return;
                }
            }
            _ => return,
        }
        self.touched = Instant::now();
    }

    fn requested(&mut self, event: &Event) {
        let Some(Requested { request_id, kind, frame_id }) = event.read() else { return };
        let matters =
            matches!(kind.as_str(), "Document" | "XHR" | "Fetch" | "Script" | "Stylesheet");
        if matters && self.requests.len() < MOST_REQUESTS {
            let document_of = frame_id.filter(|_| kind == "Document");
            let is_page = document_of.as_ref() == Some(&self.target);
            let since = Instant::now();
            self.requests.insert(request_id, Request { since, is_page, document_of });
        }
    }
}

/// Has a page, or a frame of another process, say what happens in it, which it does when this is answered.
pub(super) fn prepare(
    page: &crate::browsers::CdpSession,
) -> impl Future<Output = super::page::Answer> + Send + use<> {
    page.tell("Page.enable", json!({}));
    page.tell("Inspector.enable", json!({}));
    let little = json!({"maxTotalBufferSize": 1, "maxResourceBufferSize": 1});
    let tells = page.ask("Network.enable", little);
    let frames: Value = json!([{"type": "iframe"}]);
    let attach = json!({
        "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true, "filter": frames,
    });
    page.tell("Target.setAutoAttach", attach);
    // What was attached to as it came may wait for this.
    page.tell("Runtime.runIfWaitingForDebugger", json!({}));
    tells
}

/// As much of a text as is told.
pub(super) fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_WORDS)]
}
