//! Typing: a field gets a text in place of what it contained, by keys where that is possible.

use serde_json::{Value, json};

use super::{
    Driver, DriverError, Permit, Target, finding::Element, matching::Purpose, mouse::State,
    page::Page, patience::Patience,
};

/// Longer texts come at once, as from an input method: a page that listens to keys does so for short ones.
const MOST_KEYS: usize = 200;
/// Kinds of fields that have pickers instead of text.
const PICKED: &[&str] = &["date", "time", "datetime-local", "month", "week", "color", "range"];

impl Driver {
    /// Replaces what a field contains.
    pub(super) async fn type_into(
        &mut self,
        page: &Page,
        (found, target): (Element, &Target),
        text: &str,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let element = self.click(page, found, (target, Purpose::Typing), patience).await?;
        let element = self.field(page, element, patience).await?;
        let state = self.state(page, &element, patience).await?;
        if state.readonly {
            return Err(DriverError::Refused(format!("{} cannot be changed", element.words())));
        }
        self.check_permit(&element)?;
        if self.is_secret {
            self.hidden.insert(element.key());
        }
        if PICKED.contains(&state.kind.as_str()) {
            self.pick(page, &element, &state, text, patience).await?;
            return Ok(element);
        }
        let script = include_str!("scripts/focus.js");
        let is_full: bool = self.call(page, &element.handle, script, &[], patience).await?;
        if is_full {
            self.press_key(page, ("Delete", "Delete", 46), "", patience).await?;
        }
        self.write(page, text, patience).await?;
        self.check_text(page, &element, &state, text, patience).await?;
        Ok(element)
    }

    /// A secret goes into no frame of another site than it is for, whoever's page that frame is in.
    pub(super) fn check_permit(&self, element: &Element) -> Result<(), DriverError> {
        let Some(Permit(is_for)) = &self.permit else { return Ok(()) };
        // A document without an address is of whoever put it there.
        let addresses = element.chain.iter().rev().map(|frame| frame.url.as_str());
        let address = addresses.into_iter().find(|url| !url.starts_with("about:"));
        let address = address.unwrap_or_default();
        if is_for(address) {
            return Ok(());
        }
        let reason = format!("{} is in a page that this secret is not for", element.words());
        Err(DriverError::Refused(reason))
    }

    /// The field that a click led to: a label, or what is drawn around a field, gives it the focus.
    async fn field(
        &self,
        page: &Page,
        element: Element,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        if self.state(page, &element, patience).await?.typed {
            return Ok(element);
        }
        let script = "function () {
            let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at && at !== document.body ? at : null;
        }";
        let focused = self.call_for(page, &element.handle, (script, false), &[], patience).await?;
        let refused = || {
            DriverError::Refused(format!("{} is nothing that can be typed into", element.words()))
        };
        let object = focused.object_id.ok_or_else(refused)?;
        let handle = super::page::Handle { object, ..element.handle.clone() };
        let node = self.node(page, &handle, patience).await?;
        let (role, name) = self.described(page, &handle, patience).await?;
        let field = Element { node, handle, role, name, ..element.clone() };
        if self.state(page, &field, patience).await?.typed { Ok(field) } else { Err(refused()) }
    }

    async fn pick(
        &self,
        page: &Page,
        element: &Element,
        state: &State,
        text: &str,
        patience: Patience,
    ) -> Result<(), DriverError> {
        if self.driven.now().is_held {
            return Err(DriverError::Held);
        }
        let script = include_str!("scripts/set.js");
        let value = [json!({"value": text})];
        let is_set: bool = self.call(page, &element.handle, script, &value, patience).await?;
        let refused = || {
            format!(
                "{} is a field of the kind {}, and does not take \"{text}\"",
                element.words(),
                state.kind
            )
        };
        if is_set { Ok(()) } else { Err(DriverError::Refused(refused())) }
    }

    async fn write(&self, page: &Page, text: &str, patience: Patience) -> Result<(), DriverError> {
        if text.chars().count() > MOST_KEYS {
            let all = json!({"text": text});
            return self.input(page, "Input.insertText", all, patience).await;
        }
        for letter in text.chars() {
            if letter == '\n' {
                self.press_key(page, ("Enter", "Enter", 13), "\r", patience).await?;
                continue;
            }
            let letter = letter.to_string();
            let mut down = json!({
                "type": "keyDown", "key": letter, "text": letter, "unmodifiedText": letter,
            });
            let number = letter.bytes().next().filter(u8::is_ascii_alphanumeric);
            if let Some(number) = number {
                down["windowsVirtualKeyCode"] = number.to_ascii_uppercase().into();
            }
            self.input(page, "Input.dispatchKeyEvent", down, patience).await?;
            let up = json!({"type": "keyUp", "key": letter});
            self.input(page, "Input.dispatchKeyEvent", up, patience).await?;
        }
        Ok(())
    }

    /// Presses a key by its name, place and number.
    pub(super) async fn press_key(
        &self,
        page: &Page,
        (key, code, number): (&str, &str, u32),
        text: &str,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let mut event: Value = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "key": key, "code": code, "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number,
        });
        if !text.is_empty() {
            event["text"] = text.into();
            event["unmodifiedText"] = text.into();
        }
        self.watching.touch(&page.name);
        self.input(page, "Input.dispatchKeyEvent", event.clone(), patience).await?;
        event["type"] = "keyUp".into();
        self.input(page, "Input.dispatchKeyEvent", event, patience).await
    }

    /// Fields that form what is typed are told of, since whoever typed should know.
    async fn check_text(
        &self,
        page: &Page,
        element: &Element,
        state: &State,
        text: &str,
        patience: Patience,
    ) -> Result<(), DriverError> {
        let script = include_str!("scripts/value.js");
        let there: Result<String, _> =
            self.call(page, &element.handle, script, &[], patience).await;
        let there = match there {
            Ok(there) => there,
            // Typing led to another page.
            Err(DriverError::Failed(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        if there.is_empty() && !text.is_empty() {
            return Err(DriverError::Failed(format!(
                "{} took nothing of the text",
                element.words()
            )));
        }
        let is_hidden = self.is_secret || state.kind == "password";
        if !is_hidden && !state.rich && there != text {
            let there: String = there.chars().take(80).collect();
            self.watching.note(format!("{} now contains \"{there}\"", element.words()));
        }
        Ok(())
    }
}
