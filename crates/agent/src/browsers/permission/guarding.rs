//! How a browser comes under a permission, and is free again.

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use pilothouse_core::ids::SessionId;
use pilothouse_protocols::agent_link::requests::{Failure, FailureCode};

use super::{Named, Permission, fail};
use crate::browsers::{
    Browsers, Order, Reply,
    cdp::{Cdp, CdpError, Event},
    failure,
    running::{Done, Running},
};

/// A browser is under a permission for as long as this is there.
#[derive(Debug)]
pub(crate) struct Guarded {
    permission: Permission,
    orders: mpsc::Sender<Order>,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.permission.end();
        let order = Order::Unguard(self.permission.clone());
        // A browser that takes no order stays as it is: with a permission that grants nothing any more.
        if let Err(mpsc::error::TrySendError::Full(order)) = self.orders.try_send(order)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let orders = self.orders.clone();
            runtime.spawn(async move { orders.send(order).await });
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    target_infos: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    target_id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    session_id: String,
}

impl Browsers {
    /// Has a session's browser, which is open, do from now on only what a run may do. What was under way is cut off.
    pub(crate) async fn guard(
        &self,
        session: &SessionId,
        permission: &Permission,
    ) -> Result<Guarded, Failure> {
        let orders = self.open.lock().get(session).cloned();
        let none = || failure(FailureCode::NotFound, "the session has no browser; open it first");
        let orders = orders.ok_or_else(none)?;
        let (reply, answer) = oneshot::channel();
        let gone = || failure(FailureCode::Failed, "the browser was closed meanwhile");
        let order = Order::Guard { permission: permission.clone(), reply };
        orders.send(order).await.map_err(|_| gone())?;
        // Whoever stops to wait here leaves a browser that is under a permission which has ended.
        let guarded = Guarded { permission: permission.clone(), orders };
        answer.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(guarded)
    }
}

impl Running<'_> {
    /// Comes under a permission.
    pub(in crate::browsers) fn guard(&mut self, permission: Permission, reply: Reply) {
        let other = self.lasting.permission.as_ref().filter(|it| !it.is(&permission));
        if other.is_some_and(|it| !it.is_ended()) {
            let reason = "another run with approval drives the browser";
            return self.answer(reply, Err(failure(FailureCode::Failed, reason)));
        }
        permission.attach(self.cdp.browser());
        self.lasting.gate.guard(Some(permission.clone()));
        self.lasting.permission = Some(permission.clone());
        let cdp = self.cdp.clone();
        self.beside(reply, async move {
            hold_back(&cdp)
                .await
                .map_err(|error| failure(FailureCode::Failed, in_words(&error)))?;
            renew(&cdp).await.map_err(|error| failure(FailureCode::Failed, in_words(&error)))?;
            permission.unseal();
            Ok(())
        });
    }

    /// A program that was started again comes under the permission that the one before it was under.
    pub(in crate::browsers) async fn guard_again(&mut self) -> Result<(), String> {
        let Some(permission) = self.lasting.permission.clone() else { return Ok(()) };
        if permission.is_ended() {
            self.free();
            return Ok(());
        }
        permission.attach(self.cdp.browser());
        hold_back(&self.cdp).await.map_err(|error| in_words(&error))?;
        permission.unseal();
        Ok(())
    }

    /// A run is over: what it began fails before anything else may leave.
    pub(in crate::browsers) fn unguard(&mut self, permission: Permission) {
        permission.end();
        let done = self.done.clone();
        // What was held back before this was asked is told before it is answered.
        let asked = self.cdp.browser().ask("Browser.getVersion", json!({}));
        tokio::spawn(async move {
            let _ = asked.await;
            let _ = done.send(Done::Unguarded(permission)).await;
        });
    }

    /// Nothing that a run began is left.
    pub(in crate::browsers) fn unguarded(&mut self, permission: &Permission) {
        if self.lasting.permission.as_ref().is_some_and(|it| it.is(permission)) {
            self.cdp.browser().tell("Fetch.disable", json!({}));
            self.free();
        }
    }

    fn free(&mut self) {
        self.lasting.permission = None;
        self.lasting.gate.guard(None);
    }

    /// Chromium holds a request back.
    pub(in crate::browsers) fn paused(&self, event: &Event) {
        let browser = self.cdp.browser();
        let Some(permission) = &self.lasting.permission else {
            let Some(Named { request_id }) = event.read() else { return };
            return browser.tell("Fetch.continueRequest", json!({"requestId": request_id}));
        };
        match event.read() {
            Some(paused) => permission.judge(&browser, &paused),
            // What is not understood does not leave.
            None => {
                if let Some(Named { request_id }) = event.read() {
                    fail(&browser, &request_id);
                }
            }
        }
    }

    /// Whether a page may be silent because it waits for an answer of people.
    pub(in crate::browsers) fn waits_for_people(&self) -> bool {
        self.lasting.permission.as_ref().is_some_and(Permission::is_waiting)
    }
}

/// From now on every request of whatever is made in the browser is held back.
async fn hold_back(cdp: &Cdp) -> Result<(), CdpError> {
    let all = json!({"patterns": [{"urlPattern": "*", "requestStage": "Request"}]});
    cdp.browser().call::<Value>("Fetch.enable", all).await.map(drop)
}

/// Has those that have a way out already take a new one, which is held back: pages, their frames and their workers. The
/// other workers are ended; they begin anew when they are needed.
async fn renew(cdp: &Cdp) -> Result<(), CdpError> {
    let browser = cdp.browser();
    for Target { target_id, kind } in targets(cdp).await? {
        let renewed = match &*kind {
            "shared_worker" | "service_worker" => browser
                .call::<Value>("Target.closeTarget", json!({"targetId": target_id}))
                .await
                .map(drop),
            "page" | "iframe" => renew_page(cdp, &target_id).await,
            _ => Ok(()),
        };
        if let Err(error) = renewed
            && targets(cdp).await?.iter().any(|target| target.target_id == target_id)
        {
            return Err(error);
        }
    }
    Ok(())
}

async fn targets(cdp: &Cdp) -> Result<Vec<Target>, CdpError> {
    let all: Targets = cdp.browser().call("Target.getTargets", json!({"filter": [{}]})).await?;
    Ok(all.target_infos)
}

async fn renew_page(cdp: &Cdp, target: &str) -> Result<(), CdpError> {
    let browser = cdp.browser();
    let attach = json!({"targetId": target, "flatten": true});
    let Attached { session_id } = browser.call("Target.attachToTarget", attach).await?;
    let page = cdp.session(&session_id);
    // Chromium makes new ways out whenever this changes; nothing has such an address.
    let nothing = json!({"patterns": [{"urlPattern": "pilothouse-nothing:*"}]});
    let renewed = page.call::<Value>("Fetch.enable", nothing).await;
    page.tell("Fetch.disable", json!({}));
    browser.tell("Target.detachFromTarget", json!({"sessionId": session_id}));
    renewed.map(drop)
}

fn in_words(error: &CdpError) -> String {
    format!("the browser cannot be kept from sending what needs approval: {error}")
}
