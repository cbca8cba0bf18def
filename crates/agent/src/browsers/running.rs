//! A browser that runs: what happens in it, what is asked of it, and what is due, one after the other.

use std::{sync::Arc, time::Duration};

use pilothouse_core::browsers::{Act, Viewport};
use pilothouse_protocols::agent_link::{
    browsers::{Browser, BrowserState},
    requests::Failure,
};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    Order, Reply,
    address::{self, BLANK},
    capture::{Capture, Step},
    cdp::{Cdp, CdpSession, Event},
    input::UnderWay,
    launch::Program,
    life::Lasting,
    shots::Shot,
    tabs::Tabs,
};

/// How long a program may take until it can be talked to.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// How often it is told how a browser is, at most.
const TELL_EVERY: Duration = Duration::from_millis(250);
/// How often the page in front is asked whether it is there.
pub(super) const ASK_EVERY: Duration = Duration::from_secs(3);
/// How long it may take to answer.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How long a page that was ended may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// How many results of what goes on beside may wait. Each is waited for by the one task that brings it.
const MOST_DONE: usize = 64;

/// How a program ended.
pub(super) enum End {
    /// Somebody wanted it closed, and perhaps waits for that.
    Closed(Option<Reply>),
    /// By itself; in words.
    Crashed(String),
}

/// What went on beside, and is over.
pub(super) enum Done {
    /// A picture was taken, or could not be.
    Shot(Arc<str>, Option<Shot>),
    /// A page that just gave way to the next did not begin to send pictures.
    NotCasting(Arc<str>),
    /// A page has answered what it was asked then, or has not.
    Answered { session: Arc<str>, asked: Instant, answered: bool },
    /// That page is about to be there, and somebody waits until it is.
    Arriving { tab: Box<str>, loader: Box<str>, arrived: oneshot::Sender<()> },
    /// A page was looked at.
    Looked(super::happenings::Target),
    /// What was asked is done, or not.
    Acted(Reply, Result<(), Failure>),
    /// What a person did was done to the page.
    Input(UnderWay),
    /// What a run that is over began has failed.
    Unguarded(super::permission::Permission),
}

/// A browser's program and all that is known of it.
pub(super) struct Running<'a> {
    pub(super) lasting: &'a mut Lasting,
    pub(super) cdp: Cdp,
    pub(super) tabs: Tabs,
    pub(super) capture: Capture,
    pub(super) done: mpsc::Sender<Done>,
    results: mpsc::Receiver<Done>,
    /// The size of which a picture is being taken.
    pub(super) shooting: Option<Viewport>,
    pub(super) downloads: super::happenings::Downloads,
    /// When the page in front is asked again; nothing while it is being asked.
    ask_at: Option<Instant>,
    /// When the program has to go, because a page of it does not.
    pub(super) give_up_at: Option<Instant>,
    told: Option<Browser>,
    tell_at: Instant,
    /// Too much crashed; the program has to go.
    pub(super) is_hopeless: bool,
    /// Which of the sockets for pictures is known of, and whether it is open.
    listener: u64,
    has_listener: bool,
}

impl<'a> Running<'a> {
    /// A program that has just been started.
    pub(super) fn new(lasting: &'a mut Lasting, cdp: &Cdp) -> Self {
        let now = Instant::now();
        let (done, results) = mpsc::channel(MOST_DONE);
        Self {
            lasting,
            cdp: cdp.clone(),
            tabs: Tabs::default(),
            capture: Capture::new(now),
            done,
            results,
            shooting: None,
            downloads: super::happenings::Downloads::default(),
            ask_at: Some(now + ASK_EVERY),
            give_up_at: None,
            told: None,
            tell_at: now,
            is_hopeless: false,
            listener: 0,
            has_listener: false,
        }
    }

    /// Goes on until it is closed or lost.
    pub(super) async fn run(
        mut self,
        program: &mut Program,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<End, String> {
        let started = tokio::select! {
            started = timeout(STARTS_WITHIN, self.start(&mut program.events)) => started,
            status = program.child.wait() => {
                let status = status.map_or("?".to_owned(), |status| status.to_string());
                return Err(format!("the browser ended at once ({status})"));
            }
        };
        started.map_err(|_| "the browser does not answer".to_owned())??;
        let mut progress = self.lasting.progress.clone();
        let mut refusals = self.lasting.gate.refusals();
        refusals.mark_unchanged();
        self.progressed(&mut progress);
        loop {
            self.tell(false);
            self.show_driver();
            let due = self.next_due();
            tokio::select! {
                event = program.events.recv() => match event {
                    Some(event) => self.hear(event),
                    None => return Ok(End::Crashed("the browser crashed".to_owned())),
                },
                order = orders.recv() => match order {
                    None => return Ok(End::Closed(None)),
                    Some(Order::Act { act: Act::Close, reply, .. }) => {
                        return Ok(End::Closed(Some(reply)));
                    }
                    Some(Order::Act { act, token, reply }) => self.act(act, token, reply),
                    Some(Order::Drive(drive)) => self.driven(drive),
                    Some(Order::Drives { act, reply }) => self.drive(act, reply),
                    Some(Order::Guard { permission, reply }) => self.guard(permission, reply),
                    Some(Order::Unguard(permission)) => self.unguard(permission),
                    Some(Order::Wanted(fps)) => self.want(fps),
                    Some(Order::Held { epoch, held }) => self.hold(epoch, held),
                    Some(Order::Input { epoch, inputs }) => self.input(epoch, inputs),
                },
                changed = progress.changed() => {
                    if changed.is_ok() {
                        self.progressed(&mut progress);
                    }
                }
                done = self.results.recv() => {
                    if let Some(done) = done {
                        self.is_done(done);
                    }
                }
                changed = refusals.changed() => {
                    if changed.is_ok() {
                        self.lasting.incident.clone_from(&refusals.borrow_and_update());
                    }
                }
                _ = program.child.wait() => {
                    return Ok(End::Crashed("the browser crashed".to_owned()));
                }
                () = sleep_until(due) => {}
            }
            self.do_what_is_due(Instant::now());
            if self.is_hopeless {
                return Ok(End::Crashed("a page crashed again and again".to_owned()));
            }
            if self.give_up_at.is_some_and(|at| at <= Instant::now()) {
                return Ok(End::Crashed("a page did not answer and could not be ended".to_owned()));
            }
        }
    }

    /// Has it say what happens, and shows what was in front last.
    async fn start(&mut self, events: &mut mpsc::Receiver<Event>) -> Result<(), String> {
        let browser = self.cdp.browser();
        self.guard_again().await?;
        let pages = json!([{"type": "page"}]);
        let error = |error: super::cdp::CdpError| error.to_string();
        let _: Value = browser
            .call("Target.setDiscoverTargets", json!({"discover": true, "filter": pages}))
            .await
            .map_err(error)?;
        // A window that does not wait to be resumed stands still for ever once it is talked to too early, and whoever
        // opened it does as well.
        let attach = json!({
            "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": pages,
        });
        browser.tell("Target.setAutoAttach", attach);
        let downloads = json!({
            "behavior": "allow", "downloadPath": self.lasting.folder.downloads(), "eventsEnabled": true,
        });
        browser.tell("Browser.setDownloadBehavior", downloads);
        while self.tabs.active().is_none() {
            let event = events.recv().await.ok_or("the browser ended at once")?;
            self.happened(&event);
        }
        let url = std::mem::take(&mut self.lasting.url);
        if let Ok(url) = address::meant(&url)
            && url != BLANK
            && let Some(page) = self.page()
        {
            page.tell("Page.navigate", json!({"url": url}));
        }
        Ok(())
    }

    /// Takes in one event, and lets a driver know.
    fn hear(&mut self, event: Event) {
        self.happened(&event);
        if event.method != "Page.screencastFrame" {
            self.lasting.wheel.forward(event);
        }
    }

    /// The page in front, to be talked to.
    pub(super) fn page(&self) -> Option<CdpSession> {
        self.tabs.active().map(|tab| self.cdp.session(&tab.session))
    }

    fn want(&mut self, fps: u32) {
        self.lasting.fps = fps.min(120);
        self.recast();
    }

    fn fps(&self) -> u32 {
        self.lasting.fps.max(self.lasting.usual_fps)
    }

    /// What was sent has come so far.
    fn progressed(&mut self, progress: &mut watch::Receiver<super::producer::Progress>) {
        let progress = *progress.borrow_and_update();
        self.capture.taken(progress.taken);
        let is_new = self.listener != progress.sockets;
        self.listener = progress.sockets;
        if is_new && self.capture.is_casting() {
            // Whoever takes pictures now has seen none.
            self.stop_casting();
        }
        self.has_listener = progress.is_open;
        self.recast();
        if is_new {
            self.capture.changed_unwatched(Instant::now());
        }
    }

    /// Has Chromium take pictures if and only if somebody wants them.
    pub(super) fn recast(&mut self) {
        self.capture.want(self.fps(), self.has_listener);
        let can = self.tabs.active().is_some_and(|tab| !tab.is_crashed);
        match (self.capture.wants_cast() && can, self.capture.is_casting()) {
            (true, false) => {
                self.start_casting();
                self.capture.began(Instant::now());
            }
            (false, true) => self.stop_casting(),
            _ => {}
        }
    }

    pub(super) fn stop_casting(&mut self) {
        if let Some(page) = self.page() {
            page.tell("Page.stopScreencast", json!({}));
        }
        self.capture.ended();
    }

    fn is_done(&mut self, done: Done) {
        match done {
            Done::Shot(session, shot) => self.was_shot(&session, shot),
            Done::NotCasting(session) => self.is_not_casting(&session),
            Done::Answered { session, asked, answered } => {
                self.has_answered(&session, asked, answered);
            }
            Done::Input(under_way) => self.did(under_way),
            Done::Unguarded(permission) => self.unguarded(&permission),
            Done::Arriving { tab, loader, arrived } => self.is_arriving(&tab, &loader, arrived),
            Done::Looked(page) => self.is_now(page),
            Done::Acted(reply, result) => {
                // Whoever asked is to know how it is since.
                self.tell(true);
                self.show_driver();
                let _ = reply.send(result);
            }
        }
    }

    fn has_answered(&mut self, session: &str, asked: Instant, answered: bool) {
        self.ask_at = Some(Instant::now() + ASK_EVERY);
        if answered {
            if let Some(tab) = self.tabs.of_session(session) {
                tab.answers(asked);
            }
            return self.look_at(session);
        }
        let Some(tab) = self.tabs.of_session(session) else { return };
        // A dialog stops a page, and is dealt with otherwise.
        let is_leaving = tab.is_leaving(asked, Instant::now());
        if is_leaving || tab.dialog.is_some() || tab.is_crashed || self.waits_for_people() {
            return;
        }
        tracing::warn!(session = %self.lasting.session, "a page does not answer and is ended");
        self.cdp.session(session).tell("Page.crash", json!({}));
        self.give_up_at = Some(Instant::now() + GONE_WITHIN);
    }

    fn next_due(&self) -> Instant {
        let dialogs = self.tabs.iter().filter_map(|tab| tab.dialog.as_ref().map(|it| it.until));
        let told = self.is_untold().then_some(self.tell_at);
        let own = [self.ask_at, self.give_up_at, self.capture.next_due(), told];
        let far = Instant::now() + Duration::from_mins(1);
        dialogs.chain(own.into_iter().flatten()).min().unwrap_or(far)
    }

    fn do_what_is_due(&mut self, now: Instant) {
        while let Some(step) = self.capture.step(now) {
            match step {
                Step::Acknowledge(number) => {
                    if let Some(page) = self.page() {
                        page.tell("Page.screencastFrameAck", json!({"sessionId": number}));
                    }
                }
                Step::Start => self.start_casting(),
                Step::Shoot => self.shoot(),
            }
        }
        self.dismiss_dialogs(now);
        if self.ask_at.is_some_and(|at| at <= now) {
            self.ask_whether_it_is_there(now);
        }
    }

    fn ask_whether_it_is_there(&mut self, now: Instant) {
        let asked = self.tabs.active().filter(|tab| tab.dialog.is_none() && !tab.is_crashed);
        let Some((session, page)) = asked.map(|tab| tab.session.clone()).zip(self.page()) else {
            self.ask_at = Some(now + ASK_EVERY);
            return;
        };
        self.ask_at = None;
        let done = self.done.clone();
        let answer = page.ask("Runtime.evaluate", json!({"expression": "0"}));
        tokio::spawn(async move {
            let answered = timeout(ANSWERS_WITHIN, answer).await.is_ok();
            let _ = done.send(Done::Answered { session, asked: now, answered }).await;
        });
    }

    fn is_untold(&self) -> bool {
        self.told.as_ref() != Some(&self.seen())
    }

    fn seen(&self) -> Browser {
        let active = self.tabs.active();
        Browser {
            session: self.lasting.session.as_str().to_owned(),
            state: BrowserState::Open,
            url: active.map(|tab| tab.url.clone()).unwrap_or_default(),
            title: active.map(|tab| tab.title.clone()).unwrap_or_default(),
            tabs: self.tabs.told(),
            viewport: self.lasting.viewport.into(),
            incident: self.lasting.incident.clone(),
        }
    }

    /// Says how it is, unless that was said just now.
    fn tell(&mut self, is_urgent: bool) {
        let now = Instant::now();
        if !is_urgent && now < self.tell_at {
            return;
        }
        let seen = self.seen();
        if self.told.as_ref() == Some(&seen) {
            return;
        }
        // What to show again after a crash.
        self.lasting.url.clone_from(&seen.url);
        self.lasting.news.put(&self.lasting.session, seen.clone());
        self.told = Some(seen);
        self.tell_at = now + TELL_EVERY;
    }

    /// Has a page of the browser's size.
    pub(super) fn size(&self, page: &CdpSession) {
        let Viewport { width, height } = self.lasting.viewport;
        let form =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        page.tell("Emulation.setDeviceMetricsOverride", form);
    }
}
