//! A browser that a run drives: what both sides know of each other.
//!
//! The browser's task says how things are and hands over what happens in the driver's own sessions; the driver talks
//! to Chromium itself. What it does to a page it does through [`Driven::make`], which is the fence: nothing is done
//! while a person steers, and what is on its way when a person begins comes before them.

use std::sync::Arc;

use pilothouse_core::{
    browsers::{Act, Viewport},
    ids::SessionId,
};
use pilothouse_protocols::agent_link::{
    browsers::Tab,
    requests::{Failure, FailureCode},
};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Browsers, Order,
    cdp::{Cdp, CdpError, CdpSession, Event},
    failure,
    running::Running,
};
use crate::driver::Driver;

/// How many events wait for a driver. Overflow rule: further ones are lost, and the driver, which counts what is under
/// way by them, takes its page for calm a little early.
const MOST_EVENTS: usize = 4_096;

/// How a browser is, for whoever drives it.
#[derive(Debug, Clone)]
pub(crate) struct Drivable {
    /// The browser; nothing while its program is not there.
    pub(crate) cdp: Option<Cdp>,
    /// Counts the programs that were started.
    pub(crate) life: u64,
    /// Its tabs, oldest first.
    pub(crate) tabs: Vec<Tab>,
    /// How large its pages are.
    pub(crate) viewport: Viewport,
    /// Why its program is not started again until somebody opens it, if that is so.
    pub(crate) failed: Option<String>,
    /// What happened last that people should know.
    pub(crate) incident: Option<String>,
    /// Whether a person steers.
    pub(crate) is_held: bool,
    /// How often a person began to steer.
    pub(crate) holds: u64,
    /// Changes with each connection that was refused.
    pub(crate) refusals: watch::Receiver<Option<String>>,
}

/// A browser's side.
#[derive(Debug)]
pub(super) struct Wheel {
    state: watch::Sender<Drivable>,
    /// Where events of the driver's own sessions go.
    events: Option<mpsc::Sender<Event>>,
}

/// What a driver is given.
#[derive(Debug)]
pub(crate) struct Driven {
    /// Which browser it is.
    pub(crate) session: SessionId,
    browsers: Arc<Browsers>,
    state: watch::Receiver<Drivable>,
}

/// Tells whether a person steers a browser.
#[derive(Debug, Clone)]
pub(crate) struct Steered(watch::Receiver<Drivable>);

impl Steered {
    /// Whether somebody does now.
    pub(crate) fn is_held(&self) -> bool {
        self.0.borrow().is_held
    }

    /// Waits until the browser is otherwise than it was; false if it is closed.
    pub(crate) async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

/// Why nothing was done to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotMade {
    /// A person steers.
    Held,
    /// There is nothing to do it to.
    Gone,
}

impl Wheel {
    /// Nobody drives yet, and there is nothing to be driven.
    pub(super) fn new(viewport: Viewport, refusals: watch::Receiver<Option<String>>) -> Self {
        let (state, _) = watch::channel(Drivable {
            cdp: None,
            life: 0,
            tabs: Vec::new(),
            viewport,
            failed: None,
            incident: None,
            is_held: false,
            holds: 0,
            refusals,
        });
        Self { state, events: None }
    }

    /// The program is lost.
    pub(super) fn lost(&mut self) {
        self.state.send_modify(|state| {
            state.cdp = None;
            state.tabs.clear();
        });
    }

    /// The program is lost, and not started again.
    pub(super) fn failed(&mut self, why: Option<String>) {
        self.state.send_modify(|state| state.failed = why);
    }

    /// A person begins or ends to steer. When this returns, nothing that a driver does can come after it.
    pub(super) fn hold(&self, is_held: bool) {
        self.state.send_if_modified(|state| {
            state.holds += u64::from(is_held && !state.is_held);
            std::mem::replace(&mut state.is_held, is_held) != is_held
        });
    }

    /// Hands an event to the driver if it may be about what the driver attached itself to.
    pub(super) fn forward(&mut self, event: Event) {
        let is_for_it = event.session.is_some()
            || event.method.starts_with("Browser.")
            || event.method == "Target.detachedFromTarget";
        if let Some(events) = self.events.as_ref().filter(|_| is_for_it)
            && let Err(mpsc::error::TrySendError::Closed(_)) = events.try_send(event)
        {
            self.events = None;
        }
    }
}

impl Running<'_> {
    /// Somebody drives from now on.
    pub(super) fn driven(&mut self, driver: Drive) {
        self.show_driver();
        self.lasting.wheel.events = Some(driver.events);
        let _ = driver.reply.send(Ok(self.lasting.wheel.state.subscribe()));
    }

    /// Tells a driver how the browser is.
    pub(super) fn show_driver(&self) {
        let tabs = self.tabs.told();
        let lasting = &*self.lasting;
        lasting.wheel.state.send_if_modified(|state| {
            let is_new = state.cdp.is_none();
            let is_same = !is_new
                && state.tabs == tabs
                && state.viewport == lasting.viewport
                && state.incident == lasting.incident;
            if is_same {
                return false;
            }
            if is_new {
                state.cdp = Some(self.cdp.clone());
                state.life += 1;
                state.failed = None;
            }
            state.tabs = tabs;
            state.viewport = lasting.viewport;
            state.incident.clone_from(&lasting.incident);
            true
        });
    }

    /// Does to the browser as a whole what a driver wants.
    pub(super) fn drive(&mut self, act: Act, reply: super::Reply) {
        if self.lasting.wheel.state.borrow().is_held {
            let _ = reply.send(Err(failure(FailureCode::Failed, "a person steers the browser")));
            return;
        }
        self.act(act, None, reply);
    }
}

/// Who wants to drive.
#[derive(Debug)]
pub(crate) struct Drive {
    events: mpsc::Sender<Event>,
    reply: oneshot::Sender<Result<watch::Receiver<Drivable>, Failure>>,
}

impl Drive {
    /// There is no browser to drive.
    pub(super) fn refuse(self, reason: Failure) {
        let _ = self.reply.send(Err(reason));
    }
}

impl Browsers {
    /// A driver of a session's browser, which is opened if it is not open. Whoever drove it before learns nothing of it
    /// any more.
    pub(crate) async fn drive(
        self: &Arc<Self>,
        session: &SessionId,
        viewport: Option<Viewport>,
    ) -> Result<Driver, Failure> {
        let gone = || failure(FailureCode::Failed, "the browser was closed meanwhile");
        let (reply, opened) = oneshot::channel();
        let act = Act::Open { url: None, viewport };
        self.order(session, Order::Act { act, token: None, reply })?;
        opened.await.unwrap_or_else(|_| Err(gone()))?;
        let (events, happened) = mpsc::channel(MOST_EVENTS);
        let (reply, driven) = oneshot::channel();
        self.order(session, Order::Drive(Drive { events, reply }))?;
        let state = driven.await.unwrap_or_else(|_| Err(gone()))?;
        let driven = Driven { session: session.clone(), browsers: self.clone(), state };
        Ok(Driver::new(driven, happened))
    }

    /// Closes a session's browser. Nothing of it is left when this returns, nor if there was none.
    pub(crate) async fn close(self: &Arc<Self>, session: &SessionId) {
        let (reply, closed) = oneshot::channel();
        if self.order(session, Order::Act { act: Act::Close, token: None, reply }).is_ok() {
            let _ = closed.await;
        }
    }
}

impl Driven {
    /// Tells whether a person steers.
    pub(crate) fn steered(&self) -> Steered {
        Steered(self.state.clone())
    }

    /// How the browser is just now.
    pub(crate) fn now(&self) -> Drivable {
        self.state.borrow().clone()
    }

    /// How the browser is, for somebody beside.
    pub(crate) fn watch(&self) -> watch::Receiver<Drivable> {
        self.state.clone()
    }

    /// Waits until the browser is otherwise than it was when this was called last; false if it is closed.
    pub(crate) async fn changed(&mut self) -> bool {
        self.state.changed().await.is_ok()
    }

    /// Whether it is closed for good.
    pub(crate) fn is_gone(&self) -> bool {
        self.state.has_changed().is_err()
    }

    /// Asks for something that is done to a page, unless a person steers, or steered since `holds` was true.
    pub(crate) fn make(
        &self,
        holds: u64,
        page: &CdpSession,
        method: &str,
        parameters: Value,
    ) -> Result<
        impl Future<Output = Result<Box<serde_json::value::RawValue>, CdpError>> + Send + use<>,
        NotMade,
    > {
        let state = self.state.borrow();
        if state.is_held || state.holds != holds {
            return Err(NotMade::Held);
        }
        if state.cdp.is_none() || self.is_gone() {
            return Err(NotMade::Gone);
        }
        // It is on its way before anybody can begin to steer.
        Ok(page.ask(method, parameters))
    }

    /// Has something done to the browser as a whole, as people do it.
    pub(crate) async fn act(&self, act: Act) -> Result<(), Failure> {
        let (reply, done) = oneshot::channel();
        self.browsers.order(&self.session, Order::Drives { act, reply })?;
        let gone = || failure(FailureCode::Failed, "the browser was closed meanwhile");
        done.await.unwrap_or_else(|_| Err(gone()))
    }
}
