//! Keys: what they type, and what they do together with others.

use pilothouse_protocols::agent_link::browsers::KeyEvent;
use serde_json::{Value, json};

use super::{Call, keys};

/// Bits of modifiers, as on the wire.
const ALT: u32 = 1;
const CONTROL: u32 = 2;
const META: u32 = 4;
const SHIFT: u32 = 8;

/// How many keys one person can hold down. Overflow rule: further ones are not let go of by themselves.
const MOST_HELD: usize = 32;
/// The longest text that one key types, in bytes.
const LONGEST_TEXT: usize = 64;

/// One thing done with a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke<'a> {
    pub(super) event: KeyEvent,
    pub(super) key: &'a str,
    pub(super) code: &'a str,
    pub(super) text: &'a str,
    pub(super) modifiers: u32,
}

/// Which keys are down.
#[derive(Debug, Default)]
pub(super) struct Keyboard {
    held: Vec<(String, String)>,
    /// A key went down that would type this, but did not say so: it does when it comes up, unless somebody says
    /// meanwhile what is typed.
    untold: Option<String>,
}

impl Keyboard {
    pub(super) fn strike(&mut self, stroke: Stroke<'_>, calls: &mut Vec<Call>) {
        let Stroke { key, code, .. } = stroke;
        if [key, code].iter().any(|name| name.len() > LONGEST_TEXT) {
            return;
        }
        let typed = self.untold.take();
        match stroke.event {
            KeyEvent::Char => type_text(stroke.text, calls),
            KeyEvent::KeyDown => {
                calls.extend(typed.as_deref().map(insert));
                self.press(stroke, calls);
            }
            KeyEvent::KeyUp => {
                calls.extend(typed.as_deref().map(insert));
                self.held.retain(|(_, held)| held != code);
                calls.push(up(key, code, stroke.modifiers));
            }
        }
    }

    fn press(&mut self, stroke: Stroke<'_>, calls: &mut Vec<Call>) {
        let Stroke { key, code, modifiers, .. } = stroke;
        let is_repeated = self.held.iter().any(|(_, held)| held == code);
        if !is_repeated && self.held.len() < MOST_HELD {
            self.held.push((key.to_owned(), code.to_owned()));
        }
        // With Control or Meta a key does something instead of typing; with Alt too, but for what Alt types on a Mac.
        // AltGr comes as Control and Alt, and types.
        let is_shortcut = match modifiers & (CONTROL | ALT | META) {
            CONTROL | META => true,
            ALT => stroke.text.is_ascii(),
            _ => false,
        };
        let text = match key {
            "Enter" => "\r",
            _ if is_shortcut || stroke.text.len() > LONGEST_TEXT => "",
            _ => stroke.text,
        };
        let is_plain = modifiers & (CONTROL | ALT | META) == 0;
        if text.is_empty() && is_plain && key.chars().count() == 1 {
            self.untold = Some(key.to_owned());
        }
        let mut parameters = common(key, code, modifiers);
        parameters["type"] = if text.is_empty() { "rawKeyDown" } else { "keyDown" }.into();
        parameters["autoRepeat"] = is_repeated.into();
        if !text.is_empty() {
            parameters["text"] = text.into();
            parameters["unmodifiedText"] = text.into();
        }
        if let Some(command) = command(key, modifiers) {
            parameters["commands"] = json!([command]);
        }
        calls.push(Call::new("Input.dispatchKeyEvent", parameters));
    }

    /// Every key comes up.
    pub(super) fn let_go(&mut self, calls: &mut Vec<Call>) {
        self.untold = None;
        calls.extend(self.held.drain(..).map(|(key, code)| up(&key, &code, 0)));
    }
}

fn up(key: &str, code: &str, modifiers: u32) -> Call {
    let mut parameters = common(key, code, modifiers);
    parameters["type"] = "keyUp".into();
    Call::new("Input.dispatchKeyEvent", parameters)
}

fn common(key: &str, code: &str, modifiers: u32) -> Value {
    let number = keys::number(key, code);
    let location = keys::location(code);
    json!({
        "key": key,
        "code": code,
        "modifiers": modifiers & (ALT | CONTROL | META | SHIFT),
        "windowsVirtualKeyCode": number,
        "nativeVirtualKeyCode": number,
        "isKeypad": location == 3,
        "location": if location == 3 { 0 } else { location },
    })
}

/// One character as if a key typed it; more of them come from an input method, and at once.
fn type_text(text: &str, calls: &mut Vec<Call>) {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (None, _) => {}
        (Some('\n' | '\r'), None) => {
            calls.push(Call::new(
                "Input.dispatchKeyEvent",
                json!({ "type": "char", "text": "\r", "unmodifiedText": "\r" }),
            ));
        }
        (Some(_), None) => calls.push(Call::new(
            "Input.dispatchKeyEvent",
            json!({ "type": "char", "text": text, "unmodifiedText": text }),
        )),
        (Some(_), Some(_)) => calls.push(insert(text)),
    }
}

/// Text that comes from no key.
pub(super) fn insert(text: &str) -> Call {
    Call::new("Input.insertText", json!({ "text": text }))
}

/// What a shortcut does to text. Chromium asks the system for that, and a browser without a window has none; people
/// at a Mac hold Meta where others hold Control.
fn command(key: &str, modifiers: u32) -> Option<&'static str> {
    let shift = modifiers & SHIFT != 0;
    if !matches!(modifiers & (CONTROL | ALT | META), CONTROL | META) {
        return None;
    }
    let key = key.chars().next().filter(|_| key.len() == 1)?.to_ascii_lowercase();
    match (key, shift) {
        ('a', false) => Some("selectAll"),
        ('c', false) => Some("copy"),
        ('x', false) => Some("cut"),
        ('v', false) => Some("paste"),
        ('z', false) => Some("undo"),
        ('z', true) | ('y', false) => Some("redo"),
        _ => None,
    }
}
