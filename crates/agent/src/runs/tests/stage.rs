//! Browsers that are none: they do what their table says, and remember it.

use std::{collections::BTreeSet, path::PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::super::{
    decider::Doing,
    page::{Holding, Page, Pages, Wheel},
};
use super::*;
use crate::driver::{Action, Done, DriverError, Observation, Permit, Target};

/// All browsers of a test, and what they were told.
#[derive(Default)]
pub(super) struct Stage {
    state: Mutex<State>,
    held: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    open: BTreeSet<String>,
    opened: usize,
    did: Vec<String>,
    typed: Vec<String>,
    files: Vec<PathBuf>,
    /// A person steered once.
    was_held: bool,
    /// How many pages are driven now, and were at most.
    driven: usize,
    most_driven: usize,
}

impl Stage {
    /// What was done to pages, in order.
    pub(super) fn did(&self) -> Vec<String> {
        self.state.lock().did.clone()
    }

    /// What was typed into fields.
    pub(super) fn typed(&self) -> Vec<String> {
        self.state.lock().typed.clone()
    }

    /// Which browsers are open, and how many were ever opened.
    pub(super) fn browsers(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.open.len(), state.opened)
    }

    /// Folders of runs, as their browsers were told.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.state.lock().files.clone()
    }

    /// How many pages were driven at once at most.
    pub(super) fn most_driven(&self) -> usize {
        self.state.lock().most_driven
    }

    /// A person begins or ends to steer all of them.
    pub(super) fn hold(&self, is_held: bool) {
        self.held.send_replace(is_held);
    }
}

/// The places of [`Pages`] that a test has.
pub(super) struct Theatre(pub(super) Arc<Stage>);

impl Pages for Theatre {
    fn open(&self, wheel: Wheel) -> Doing<'_, Result<Box<dyn Page>, String>> {
        Box::pin(async move {
            if wheel.session.as_str().contains("unopened") {
                return Err("the agent found no browser on its machine".to_owned());
            }
            assert!(wheel.files.is_dir());
            let mut state = self.0.state.lock();
            if state.open.insert(wheel.session.as_str().to_owned()) {
                state.opened += 1;
            }
            state.driven += 1;
            state.most_driven = state.most_driven.max(state.driven);
            state.files.push(wheel.files);
            let stage = self.0.clone();
            Ok(Box::new(Actor { stage, url: "about:blank".to_owned() }) as Box<dyn Page>)
        })
    }

    fn close<'a>(&'a self, session: &'a SessionId) -> Doing<'a, ()> {
        self.0.state.lock().open.remove(session.as_str());
        Box::pin(std::future::ready(()))
    }
}

struct Actor {
    stage: Arc<Stage>,
    url: String,
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.stage.state.lock().driven -= 1;
    }
}

/// The picture of every page.
pub(super) const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0];

impl Page for Actor {
    fn observe(&mut self) -> Doing<'_, Result<Observation, DriverError>> {
        let typed = self.stage.typed().join(" ");
        Box::pin(std::future::ready(Ok(Observation {
            url: self.url.clone(),
            title: format!("typed: {typed}"),
            outline: format!("textbox \"Password\" [e1]: {typed}\nbutton \"Go\" [e2]"),
            notes: vec![format!("a note with {typed}")],
            ..Observation::default()
        })))
    }

    fn act<'a>(&'a mut self, action: &'a Action) -> Doing<'a, Result<Done, DriverError>> {
        Box::pin(self.perform(action, false))
    }

    fn act_in_secret<'a>(
        &'a mut self,
        action: &'a Action,
        _permit: Permit,
    ) -> Doing<'a, Result<Done, DriverError>> {
        Box::pin(self.perform(action, true))
    }

    fn screenshot(&mut self) -> Doing<'_, Result<Bytes, DriverError>> {
        Box::pin(std::future::ready(Ok(Bytes::from_static(JPEG))))
    }

    fn holding(&self) -> Box<dyn Holding> {
        Box::new(Held(self.stage.held.subscribe()))
    }
}

impl Actor {
    async fn perform(&mut self, action: &Action, secret: bool) -> Result<Done, DriverError> {
        let mut held = self.stage.held.subscribe();
        if *held.borrow() {
            let _ = held.wait_for(|is_held| !is_held).await;
            return Err(DriverError::Held);
        }
        let target = action.target();
        let by_reference =
            target.and_then(|target| target.ref_.as_ref()).map(|it| format!("#{it}"));
        let selector = target.and_then(|target| target.selector.clone()).or(by_reference);
        let selector = selector.as_deref();
        match selector {
            Some("#lost") => return Err(DriverError::NotFound("#lost".to_owned())),
            Some("#crash") => return Err(DriverError::Crashed),
            Some("#held" | "#e9")
                if !std::mem::replace(&mut self.stage.state.lock().was_held, true) =>
            {
                return Err(DriverError::Held);
            }
            Some("#gone") => return Err(DriverError::Gone),
            Some("#slow") => std::future::pending().await,
            Some("#mistake") => panic!("a mistake"),
            _ => {}
        }
        let typed = self.stage.typed().join(" ");
        let text = matches!(action, Action::Extract { .. }).then(|| format!("read: {typed}"));
        let mut state = self.stage.state.lock();
        match action {
            Action::Navigate { url } => url.clone_into(&mut self.url),
            Action::Type { text, .. } => {
                assert_eq!(secret, text.contains("hunter2"), "what is secret is hidden");
                state.typed.push(text.clone());
            }
            _ => {}
        }
        let command = command(action);
        state.did.push(command["type"].as_str().unwrap().to_owned());
        let is_healed = selector == Some("#moved");
        Ok(Done { command: Some(command), text, notes: vec![format!("saw {typed}")], is_healed })
    }
}

/// Without references, as it can be done again.
fn command(action: &Action) -> Value {
    let mut command = action.written();
    let is_by_reference = action.target().and_then(|target: &Target| target.ref_.as_deref());
    if let (Some(reference), Value::Object(fields)) = (is_by_reference, &mut command) {
        fields.remove("ref");
        fields.insert("selector".to_owned(), json!(format!("#{reference}")));
    }
    command
}

struct Held(watch::Receiver<bool>);

impl Holding for Held {
    fn is_held(&self) -> bool {
        *self.0.borrow()
    }

    fn changed(&mut self) -> Doing<'_, bool> {
        Box::pin(async move { self.0.changed().await.is_ok() })
    }
}
