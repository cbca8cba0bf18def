//! Reads what a page says, and waits until it says something.

use std::time::Duration;

use serde_json::json;

use super::{
    Action, Done, Driver, DriverError, Target, acting::done, matching::Purpose, page::Page,
    patience::Patience,
};

/// The longest text that is read, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// How often it is looked for a text that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Driver {
    pub(super) async fn wait_for(
        &mut self,
        page: &Page,
        target: &Target,
        (ms, text): (Option<u64>, Option<&str>),
        patience: Patience,
    ) -> Result<(), DriverError> {
        if let Some(ms) = ms {
            patience.pause(Duration::from_millis(ms)).await;
        }
        if !target.is_empty() {
            loop {
                match self.find(page, target, Purpose::Other, patience).await {
                    Ok(_) | Err(DriverError::Ambiguous(_)) => break,
                    Err(error @ DriverError::NotFound(_)) if patience.is_over() => {
                        return Err(error);
                    }
                    Err(DriverError::NotFound(_) | DriverError::Failed(_))
                        if !patience.is_over() => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if let Some(text) = text {
            let wanted = text.to_lowercase();
            while !self.read(page, patience).await?.to_lowercase().contains(&wanted) {
                if patience.is_over() {
                    return Err(patience.over(&format!("the page does not say \"{text}\"")));
                }
                patience.pause(LOOK_EVERY).await;
            }
        }
        if ms.is_none() && text.is_none() && target.is_empty() {
            self.settle(page, patience).await?;
        }
        Ok(())
    }

    pub(super) async fn extract(
        &mut self,
        page: &Page,
        action: &Action,
        target: &Target,
        patience: Patience,
    ) -> Result<Done, DriverError> {
        if target.is_empty() {
            let text = self.read(page, patience).await?;
            return Ok(Done {
                command: Some(action.written()),
                text: Some(text),
                ..Done::default()
            });
        }
        let element = self.find(page, target, Purpose::Other, patience).await?;
        let command = self.command(page, action, &element, patience).await?;
        let text = if self.hidden.contains(&element.key()) {
            String::new()
        } else {
            let most = [json!({"value": LONGEST_TEXT})];
            let script = include_str!("scripts/text.js");
            self.call(page, &element.handle, script, &most, patience).await?
        };
        Ok(Done { text: Some(bounded(text)), ..done(command, &element) })
    }

    /// What a page says, in all of its frames.
    async fn read(&mut self, page: &Page, patience: Patience) -> Result<String, DriverError> {
        let mut parts = Vec::new();
        for frame in self.frames(page, patience).await? {
            let read = async {
                let document = self.document(page, &frame, patience).await?;
                let most = [json!({"value": LONGEST_TEXT})];
                let script = include_str!("scripts/text.js");
                self.call::<String>(page, &document, script, &most, patience).await
            };
            match read.await {
                Ok(text) => parts.push(text),
                Err(DriverError::Failed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        parts.retain(|part| !part.trim().is_empty());
        Ok(bounded(parts.join("\n")))
    }
}

fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST_TEXT));
    text
}
