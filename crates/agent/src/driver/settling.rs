//! Waits until a page is calm: what was clicked has had its effect, as far as can be told from outside.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::{Driver, DriverError, page::Page, patience::Patience};

/// So long nothing may happen.
const QUIET: Duration = Duration::from_millis(200);
/// So long the page itself may not change, in milliseconds, and for so long that is waited for at most.
const STILL: u64 = 80;
const STILL_WITHIN: u64 = 1_000;
/// A page that is there is waited for no longer than this: something of it never comes.
const LOADED_WITHIN: Duration = Duration::from_secs(6);
/// How often Chromium is asked whether the page that was asked for has come, and how long its answer is waited for.
const ASKS_EVERY: Duration = Duration::from_millis(500);
const ASKS_WITHIN: Duration = Duration::from_millis(500);
/// How long a page is waited for before it is looked at.
pub(super) const LOOKS_WITHIN: Duration = Duration::from_secs(10);

impl Driver {
    /// Waits until the page is calm. An error says that it is not there at all.
    pub(super) async fn settle(
        &mut self,
        page: &Page,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let since = Instant::now();
        let mut changes = self.watching.changes();
        let mut asked = since;
        loop {
            let business = self.watching.business(&page.name);
            let now = Instant::now();
            if business.is_crashed {
                return Err(DriverError::Crashed);
            }
            let is_busy = business.is_loading || business.requests > 0;
            let waited = now.duration_since(since);
            if !business.is_going && is_busy && waited > LOADED_WITHIN {
                if business.is_loading {
                    self.watching.note("the page is still loading".to_owned());
                }
                break;
            }
            if !business.is_going && !is_busy && now.duration_since(business.touched) >= QUIET {
                break;
            }
            if patience.is_over() {
                return Err(patience.over("the page does not come, or does not become calm"));
            }
            // It went away, and another one is in front.
            if !self.driven.now().tabs.iter().any(|tab| tab.id == page.target) {
                return if self.driven.is_gone() { Err(DriverError::Gone) } else { Ok(()) };
            }
            if business.is_going && now.duration_since(asked) >= ASKS_EVERY {
                self.ask_what_came(page, patience.at_most(ASKS_WITHIN)).await;
                asked = Instant::now();
            }
            let next = (business.touched + QUIET).max(now + Duration::from_millis(20));
            let next = if is_busy || business.is_going { now + QUIET } else { next };
            tokio::select! {
                _ = changes.changed() => {}
                () = sleep_until(next.min(patience.until)) => {}
            }
        }
        self.become_still(page, patience).await
    }

    /// A page that hung when it was attached to, and was left, may have told nothing of the one that came in its place.
    async fn ask_what_came(&self, page: &Page, patience: Patience) {
        if let Ok(frames) = self.frames_of(page, &page.session, patience).await {
            self.watching.has_come(&page.name, &frames.frame.loader_id);
        }
    }

    async fn become_still(&mut self, page: &Page, patience: Patience) -> Result<(), DriverError> {
        let short = patience.at_most(Duration::from_millis(STILL_WITHIN * 3));
        let wait = async {
            let patience = short;
            let frames = self.frames(page, patience).await?;
            let Some(frame) = frames.first() else { return Ok(()) };
            let document = self.document(page, frame, patience).await?;
            let arguments = [json!({"value": STILL}), json!({"value": STILL_WITHIN})];
            let script = include_str!("scripts/calm.js");
            self.call::<()>(page, &document, script, &arguments, patience).await
        };
        match wait.await {
            // It gave way to the next page just now, which is looked at by whoever looks.
            Ok(()) | Err(DriverError::Failed(_)) => Ok(()),
            // Its clocks may stand still, as those of a page behind another one do; then it answers all the same.
            Err(DriverError::TimedOut(_)) => {
                let asked = json!({"expression": "0"});
                let method = "Runtime.evaluate";
                match self.ask::<Value>(page, &page.session, method, asked, patience).await {
                    Ok(_) | Err(DriverError::Failed(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}
