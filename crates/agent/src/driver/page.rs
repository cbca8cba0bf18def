//! A page that is driven: its session, its frames, and questions to them that end when the page does.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::timeout_at;

use super::{Driver, DriverError, patience::Patience, watching::prepare};
use crate::browsers::{CdpError, CdpSession, NotMade};

/// The world in which scripts of ours run beside those of pages, which see nothing of it.
const WORLD: &str = "pilothouse";
/// How many frames of a page are looked into. Overflow rule: further ones are not.
const MOST_FRAMES: usize = 64;
/// How long a page that is attached to may take until it tells what happens in it.
const TELLS_WITHIN: Duration = Duration::from_secs(3);

/// A page in front.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// What Chromium calls it.
    pub(super) target: String,
    /// The driver's own session with it.
    pub(super) name: String,
    pub(super) session: CdpSession,
}

/// A frame of it.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) parent: Option<String>,
    /// Which document is in it.
    pub(super) loader: String,
    pub(super) url: String,
    pub(super) name: String,
    /// The session with the process that it is in.
    pub(super) session: CdpSession,
    pub(super) session_name: String,
}

impl Frame {
    /// Whether its process has a session of its own, in which it is the outermost frame.
    pub(super) fn is_root_of_session(&self, all: &[Self]) -> bool {
        let parent = self.parent.as_ref().and_then(|id| all.iter().find(|it| it.id == *id));
        parent.is_none_or(|parent| parent.session_name != self.session_name)
    }
}

/// Something in a page that scripts of ours can be called on.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    pub(super) session: CdpSession,
    pub(super) object: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttachedTo {
    session_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tree {
    frame_tree: Branch,
}

/// A frame with those in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Branch {
    pub(super) frame: Facts,
    #[serde(default)]
    child_frames: Vec<Branch>,
}

/// What Chromium tells of a frame.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    id: String,
    parent_id: Option<String>,
    /// The document in it, which is also what the request for it is called.
    pub(super) loader_id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct World {
    execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    pub(super) result: Remote,
    exception_details: Option<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    exception: Option<Remote>,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Remote {
    pub(super) object_id: Option<String>,
    pub(super) value: Value,
    description: String,
}

#[derive(Deserialize)]
struct Resolved {
    object: Remote,
}

impl Driver {
    /// The page in front, attached to.
    pub(super) async fn page(&mut self, patience: Patience) -> Result<Page, DriverError> {
        loop {
            let now = self.driven.now();
            let front = now.tabs.iter().find(|tab| tab.active).map(|tab| tab.id.clone());
            if let (Some(cdp), Some(target)) = (now.cdp, front) {
                if self.life != now.life {
                    self.life = now.life;
                    self.pages.clear();
                    self.watching.restart(cdp.clone());
                    self.set_downloads(&cdp);
                }
                let open = |id: &String| now.tabs.iter().any(|tab| tab.id == *id);
                self.pages.retain(|id, _| open(id));
                match self.attach(&cdp.browser(), target, patience, |name| cdp.session(name)).await
                {
                    // It was closed just now, and another one takes its place.
                    Err(DriverError::Failed(_) | DriverError::Gone) if !patience.is_over() => {}
                    answer => return answer,
                }
            }
            if self.driven.is_gone() {
                return Err(DriverError::Gone);
            }
            if let Some(why) = now.failed {
                return Err(DriverError::Lost(why));
            }
            let changed = timeout_at(patience.until, self.driven.changed()).await;
            match changed {
                Ok(true) => {}
                Ok(false) => return Err(DriverError::Gone),
                Err(_) => return Err(patience.over("the browser is not there")),
            }
        }
    }

    async fn attach(
        &mut self,
        browser: &CdpSession,
        target: String,
        patience: Patience,
        session: impl Fn(&str) -> CdpSession,
    ) -> Result<Page, DriverError> {
        if let Some(name) = self.pages.get(&target) {
            if self.watching.is_there(name) && !self.watching.is_crashed(name) {
                return Ok(Page { session: session(name), name: name.clone(), target });
            }
            let gone = json!({"sessionId": name});
            browser.tell("Target.detachFromTarget", gone);
            self.watching.forget(name);
            self.pages.remove(&target);
        }
        let wanted = json!({"targetId": target, "flatten": true});
        let asked = timeout_at(patience.until, browser.ask("Target.attachToTarget", wanted)).await;
        let answer = asked.map_err(|_| patience.over("the page does not answer"))??;
        let attached: AttachedTo = read(&answer)?;
        let name = attached.session_id;
        self.watching.attach(&name, &target);
        let page = Page { session: session(&name), name: name.clone(), target: target.clone() };
        // Until then nothing is told for certain, least of all of a page that is gone to now. One that hangs can be left.
        let tells = prepare(&page.session);
        let _ = timeout_at(patience.at_most(TELLS_WITHIN).until, tells).await;
        self.pages.insert(target, name);
        Ok(page)
    }

    /// Where downloads go: the run's own folder, if it has one.
    pub(super) fn set_downloads(&self, cdp: &crate::browsers::Cdp) {
        if let Some(folder) = &self.files {
            let there = json!({
                "behavior": "allow", "downloadPath": folder, "eventsEnabled": true,
            });
            cdp.browser().tell("Browser.setDownloadBehavior", there);
        }
    }

    /// Asks something of a page, until it answers, crashes, or time is over.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        page: &Page,
        session: &CdpSession,
        method: &str,
        parameters: Value,
        patience: Patience,
    ) -> Result<T, DriverError> {
        let answer = session.ask(method, parameters);
        read(&self.wait(page, answer, patience).await?)
    }

    /// The same for what is done to a page, which is not done while a person steers.
    pub(super) async fn make(
        &self,
        page: &Page,
        session: &CdpSession,
        method: &str,
        parameters: Value,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let answer = self.begin(session, method, parameters)?;
        self.wait(page, answer, patience).await.map(drop)
    }

    /// Has something done to a page, and does not wait for it.
    pub(super) fn begin(
        &self,
        session: &CdpSession,
        method: &str,
        parameters: Value,
    ) -> Result<impl Future<Output = Answer> + Send + use<>, DriverError> {
        self.driven.make(self.holds, session, method, parameters).map_err(|why| match why {
            NotMade::Held => DriverError::Held,
            NotMade::Gone => DriverError::Gone,
        })
    }

    pub(super) async fn wait(
        &self,
        page: &Page,
        answer: impl Future<Output = Answer> + Send,
        patience: Patience,
    ) -> Result<Box<serde_json::value::RawValue>, DriverError> {
        let lost = async {
            let mut changes = self.watching.changes();
            loop {
                if self.watching.is_crashed(&page.name) {
                    return DriverError::Crashed;
                }
                if !self.watching.is_there(&page.name) {
                    return DriverError::Failed("the page was closed".to_owned());
                }
                if changes.changed().await.is_err() {
                    return std::future::pending().await;
                }
            }
        };
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|error| self.meaning(error)),
            why = lost => Err(why),
            () = tokio::time::sleep_until(patience.until) => {
                Err(patience.over("the page does not answer"))
            }
        }
    }

    /// A program that is lost is started again, but not one that was closed.
    fn meaning(&self, error: CdpError) -> DriverError {
        match DriverError::from(error) {
            DriverError::Gone if !self.driven.is_gone() => DriverError::Crashed,
            error => error,
        }
    }

    /// All frames of a page, outer ones first.
    pub(super) async fn frames(
        &self,
        page: &Page,
        patience: Patience,
    ) -> Result<Vec<Frame>, DriverError> {
        let mut frames = Vec::new();
        let inside = self.watching.inside(&page.name);
        let cdp = self.driven.now().cdp.ok_or(DriverError::Crashed)?;
        for name in std::iter::once(page.name.clone()).chain(inside) {
            let session = cdp.session(&name);
            let tree = match self.frames_of(page, &session, patience).await {
                Ok(tree) => tree,
                // It is gone by now.
                Err(DriverError::Failed(_)) if name != page.name => continue,
                Err(error) => return Err(error),
            };
            let mut branches = vec![tree];
            while let Some(Branch { frame, child_frames }) = branches.pop() {
                let Facts { id, parent_id, loader_id, url, name: called } = frame;
                if frames.len() < MOST_FRAMES {
                    frames.push(Frame {
                        id,
                        parent: parent_id,
                        loader: loader_id,
                        url,
                        name: called,
                        session: session.clone(),
                        session_name: name.clone(),
                    });
                }
                branches.extend(child_frames.into_iter().rev());
            }
        }
        Ok(frames)
    }

    /// The frames of a page that are in the process of a session.
    pub(super) async fn frames_of(
        &self,
        page: &Page,
        session: &CdpSession,
        patience: Patience,
    ) -> Result<Branch, DriverError> {
        let tree: Tree = self.ask(page, session, "Page.getFrameTree", json!({}), patience).await?;
        Ok(tree.frame_tree)
    }

    /// The place in a frame where scripts of ours run.
    pub(super) async fn world(
        &self,
        page: &Page,
        frame: &Frame,
        patience: Patience,
    ) -> Result<i64, DriverError> {
        let wanted = json!({"frameId": frame.id, "worldName": WORLD});
        let world: World =
            self.ask(page, &frame.session, "Page.createIsolatedWorld", wanted, patience).await?;
        Ok(world.execution_context_id)
    }

    /// The document of a frame.
    pub(super) async fn document(
        &self,
        page: &Page,
        frame: &Frame,
        patience: Patience,
    ) -> Result<Handle, DriverError> {
        let context = self.world(page, frame, patience).await?;
        let asked = json!({"expression": "document", "contextId": context, "objectGroup": WORLD});
        let outcome: Outcome =
            self.ask(page, &frame.session, "Runtime.evaluate", asked, patience).await?;
        let object = outcome.result.object_id;
        let object =
            object.ok_or_else(|| DriverError::Failed("the page is changing".to_owned()))?;
        Ok(Handle { session: frame.session.clone(), object })
    }

    /// A node of a frame.
    pub(super) async fn resolve(
        &self,
        page: &Page,
        frame: &Frame,
        node: i64,
        patience: Patience,
    ) -> Result<Handle, DriverError> {
        let context = self.world(page, frame, patience).await?;
        let wanted = json!({
            "backendNodeId": node, "executionContextId": context, "objectGroup": WORLD,
        });
        let resolved: Resolved =
            self.ask(page, &frame.session, "DOM.resolveNode", wanted, patience).await?;
        let object = resolved.object.object_id;
        let object =
            object.ok_or_else(|| DriverError::Failed("the page is changing".to_owned()))?;
        Ok(Handle { session: frame.session.clone(), object })
    }

    /// Calls a script of ours on something, and reads what it gives.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        page: &Page,
        on: &Handle,
        script: &str,
        arguments: &[Value],
        patience: Patience,
    ) -> Result<T, DriverError> {
        let remote = self.call_for(page, on, (script, true), arguments, patience).await?;
        serde_json::from_value(remote.value)
            .map_err(|error| DriverError::Failed(format!("the page gave no sense: {error}")))
    }

    /// Calls a script of ours on something, and keeps what it gives where it is.
    pub(super) async fn call_for(
        &self,
        page: &Page,
        on: &Handle,
        (script, by_value): (&str, bool),
        arguments: &[Value],
        patience: Patience,
    ) -> Result<Remote, DriverError> {
        let wanted = json!({
            "functionDeclaration": script,
            "objectId": on.object,
            "arguments": arguments,
            "returnByValue": by_value,
            "awaitPromise": true,
            "userGesture": false,
            "objectGroup": WORLD,
        });
        let outcome: Outcome =
            self.ask(page, &on.session, "Runtime.callFunctionOn", wanted, patience).await?;
        if let Some(Exception { exception, text }) = outcome.exception_details {
            let why = exception.map(|it| it.description).filter(|it| !it.is_empty());
            let why = why.unwrap_or(text);
            return Err(DriverError::Failed(why.lines().next().unwrap_or_default().to_owned()));
        }
        Ok(outcome.result)
    }

    /// What was kept in pages for one action is not needed any more.
    pub(super) fn let_go(&self) {
        let Some(cdp) = self.driven.now().cdp else { return };
        for name in self.pages.values() {
            let all = std::iter::once(name.clone()).chain(self.watching.inside(name));
            for name in all {
                let group = json!({"objectGroup": WORLD});
                cdp.session(&name).tell("Runtime.releaseObjectGroup", group);
            }
        }
    }
}

/// What Chromium answers.
pub(super) type Answer = Result<Box<serde_json::value::RawValue>, CdpError>;
/// The driver's own sessions with pages.
pub(super) type Pages = HashMap<String, String>;

fn read<T: DeserializeOwned>(answer: &serde_json::value::RawValue) -> Result<T, DriverError> {
    serde_json::from_str(answer.get()).map_err(|_| CdpError::Senseless.into())
}
