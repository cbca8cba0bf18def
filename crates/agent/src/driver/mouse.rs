//! Clicks: one element, and no other one, gets them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Driver, DriverError, Target,
    aiming::{Aim, Point},
    finding::Element,
    matching::Purpose,
    page::{Handle, Page},
    patience::Patience,
};

/// How long something may be covered, hidden or disabled before that is said.
const READY_WITHIN: Duration = Duration::from_secs(8);
/// How long lies between two attempts.
const TRY_AGAIN: Duration = Duration::from_millis(120);
/// How long a page may take to take an input. What takes longer has begun something.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// What a click is made of, as pages see it.
const CLICK: &[&str] = &["pointerdown", "mousedown", "pointerup", "mouseup", "click"];

/// What is known of an element before something is done to it.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own to the page")]
pub(super) struct State {
    pub(super) connected: bool,
    pub(super) shown: bool,
    pub(super) labelled: bool,
    pub(super) enabled: bool,
    pub(super) tag: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) typed: bool,
    pub(super) rich: bool,
    pub(super) readonly: bool,
}

/// What a guard saw.
#[derive(Debug, Deserialize, Default)]
struct Guarded {
    passed: u32,
    stopped: u32,
    clicked: bool,
}

/// How one attempt ended.
enum Attempt {
    Hit,
    /// Not yet, and why.
    Again(DriverError),
}

impl Driver {
    /// Clicks on an element that was found, as soon as that hits it.
    pub(super) async fn click(
        &mut self,
        page: &Page,
        found: Element,
        (target, purpose): (&Target, Purpose),
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let ready = patience.at_most(READY_WITHIN);
        let mut element = found;
        let mut attempts = 0;
        loop {
            let why = match self.try_to_click(page, &element, attempts, patience).await {
                Ok(Attempt::Hit) => return Ok(element),
                // It was there when it was found; what changed since is looked at anew.
                Ok(Attempt::Again(why)) | Err(why @ DriverError::Failed(_)) => why,
                Err(error) => return Err(error),
            };
            attempts += 1;
            if ready.is_over() {
                return Err(why);
            }
            patience.pause(TRY_AGAIN).await;
            // The page may have drawn itself again; as long as it is the same node, it is looked for by nothing else.
            let is_there = self.state(page, &element, patience).await.is_ok_and(|it| it.connected);
            if !is_there {
                element = self.find(page, target, purpose, patience).await?;
            }
        }
    }

    async fn try_to_click(
        &mut self,
        page: &Page,
        element: &Element,
        attempts: usize,
        patience: Patience,
    ) -> Result<Attempt, DriverError> {
        let again = |why: String| Ok(Attempt::Again(DriverError::Failed(why)));
        let state = self.state(page, element, patience).await?;
        if !state.connected {
            return again(format!("{} was taken off the page", element.words()));
        }
        if !state.enabled {
            return again(format!("{} is disabled, and stays so", element.words()));
        }
        let mut meant = element.clone();
        if !state.shown && state.labelled {
            // A field that is drawn by its label.
            let script = (include_str!("scripts/label.js"), false);
            let label = self.call_for(page, &element.handle, script, &[], patience).await?;
            if let Some(object) = label.object_id {
                meant.handle = Handle { object, ..element.handle.clone() };
            }
        } else if !state.shown && state.tag != "option" && state.tag != "area" {
            return again(format!("{} cannot be seen", element.words()));
        }
        self.bring_into_view(page, &meant, attempts, patience).await?;
        let at = match self.aim(page, &meant, patience).await? {
            Aim::At(point) => point,
            Aim::Covered(by) => return Ok(Attempt::Again(DriverError::Covered(by))),
            Aim::Outside => return again(format!("{} is outside of the page", element.words())),
        };
        self.move_to(page, at, patience).await?;
        if !self.still_hits(page, &meant, at, patience).await? {
            return again(format!("{} moves away under the mouse", element.words()));
        }
        let (guarded, before) = self.press(page, &meant, at, patience).await?;
        self.judge(page, (guarded, before), &meant, patience).await
    }

    /// What guards say of a click. Where they say nothing, the page went on to another one, or keeps events to itself.
    async fn judge(
        &self,
        page: &Page,
        (guarded, outside): (Option<Guarded>, u32),
        element: &Element,
        patience: Patience,
    ) -> Result<Attempt, DriverError> {
        let Some(Guarded { passed, stopped, clicked }) = guarded else { return Ok(Attempt::Hit) };
        if clicked || stopped == 0 && outside == 0 {
            return Ok(Attempt::Hit);
        }
        // Pressing it was enough to make it go; what came after that was meant for nothing else.
        if passed > 0 && !self.state(page, element, patience).await?.connected {
            return Ok(Attempt::Hit);
        }
        let why = format!("{} moved away while it was clicked", element.words());
        Ok(Attempt::Again(DriverError::Failed(why)))
    }

    pub(super) async fn state(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<State, DriverError> {
        self.call(page, &element.handle, include_str!("scripts/state.js"), &[], patience).await
    }

    /// Scrolls until an element is in view; at later attempts to another place, out from under what stays where it is.
    pub(super) async fn bring_into_view(
        &self,
        page: &Page,
        element: &Element,
        attempts: usize,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let Handle { session, object } = &element.handle;
        let block = match attempts % 4 {
            0 => {
                let there = json!({"objectId": object});
                let method = "DOM.scrollIntoViewIfNeeded";
                return match self.make(page, session, method, there, patience).await {
                    // It has no place to scroll to.
                    Err(DriverError::Failed(_)) => Ok(()),
                    answer => answer,
                };
            }
            1 => "center",
            2 => "end",
            _ => "start",
        };
        let call = json!({
            "functionDeclaration": include_str!("scripts/place.js"),
            "objectId": object,
            "arguments": [{"value": block}],
        });
        self.make(page, session, "Runtime.callFunctionOn", call, patience).await
    }

    pub(super) async fn move_to(
        &self,
        page: &Page,
        (x, y): Point,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let there = json!({"type": "mouseMoved", "x": x, "y": y, "button": "none", "buttons": 0});
        self.input(page, "Input.dispatchMouseEvent", there, patience).await
    }

    /// Has a page take an input, and waits until it did, but not for long.
    pub(super) async fn input(
        &self,
        page: &Page,
        method: &str,
        parameters: Value,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let taken = patience.at_most(TAKEN_WITHIN);
        match self.make(page, &page.session, method, parameters, taken).await {
            Err(DriverError::TimedOut(_)) if !patience.is_over() => Ok(()),
            answer => answer,
        }
    }

    /// Presses and releases, with guards in all frames around. Gives what the innermost one saw, and how much was
    /// stopped outside.
    async fn press(
        &self,
        page: &Page,
        element: &Element,
        (x, y): Point,
        patience: Patience,
    ) -> Result<(Option<Guarded>, u32), DriverError> {
        let mut around = Vec::new();
        let outer = element.chain.len().saturating_sub(1);
        for frame in &element.chain[..outer] {
            let document = self.document(page, frame, patience).await?;
            self.guard(page, &document, patience).await?;
            around.push(document);
        }
        self.guard(page, &element.handle, patience).await?;
        self.watching.touch(&page.name);
        let event = |kind: &str, buttons: u32| {
            json!({
                "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1,
            })
        };
        let taken = patience.at_most(TAKEN_WITHIN);
        // Both are on their way before anything can come between them.
        let method = "Input.dispatchMouseEvent";
        let pressed = self.begin(&page.session, method, event("mousePressed", 1))?;
        let released = self.begin(&page.session, method, event("mouseReleased", 0));
        let made = match released {
            Ok(released) => {
                let both = async { (pressed.await, released.await).1 };
                self.wait(page, both, taken).await.map(drop)
            }
            Err(error) => Err(error),
        };
        match made {
            Ok(()) | Err(DriverError::TimedOut(_) | DriverError::Failed(_)) => {}
            Err(error) => return Err(error),
        }
        let mut stopped = 0;
        for document in &around {
            stopped += self.lift(page, document, taken).await?.map_or(0, |it| it.stopped);
        }
        Ok((self.lift(page, &element.handle, taken).await?, stopped))
    }

    async fn guard(&self, page: &Page, on: &Handle, patience: Patience) -> Result<(), DriverError> {
        let script = include_str!("scripts/guard.js");
        self.call::<Value>(page, on, script, &[json!({"value": CLICK})], patience).await.map(drop)
    }

    async fn lift(
        &self,
        page: &Page,
        on: &Handle,
        patience: Patience,
    ) -> Result<Option<Guarded>, DriverError> {
        let script = include_str!("scripts/lift.js");
        match self.call(page, on, script, &[], patience).await {
            // The click led to another page, or to a dialog of the system that keeps this one.
            Err(DriverError::Failed(_) | DriverError::TimedOut(_)) => Ok(None),
            answer => answer,
        }
    }

    /// Turns the wheel over a place.
    pub(super) async fn wheel(
        &self,
        page: &Page,
        (x, y): Point,
        (across, down): (f64, f64),
        patience: Patience,
    ) -> Result<(), DriverError> {
        let turn = json!({
            "type": "mouseWheel", "x": x, "y": y, "deltaX": across, "deltaY": down, "button": "none",
        });
        self.input(page, "Input.dispatchMouseEvent", turn, patience).await
    }

    /// The middle of what is seen.
    pub(super) fn middle(&self) -> Point {
        let viewport = self.driven.now().viewport;
        (f64::from(viewport.width) / 2.0, f64::from(viewport.height) / 2.0)
    }
}
