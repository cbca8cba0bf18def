//! One person's mouse, keyboard and fingers, as they are in the browser.

use pilothouse_protocols::agent_link::browsers::{
    BrowserInput, Button, MouseEvent, TouchEvent, TouchPoint,
};
use serde_json::{Value, json};

use super::{
    Aimed, Call, Sight,
    keyboard::{self, Keyboard, Stroke},
    sight::Beyond,
};

/// How many fingers count.
const MOST_FINGERS: usize = 10;
/// The farthest that one turn of a wheel goes, in pixels.
const FARTHEST_TURN: f64 = 10_000.0;
/// How often in a row somebody can click.
const MOST_CLICKS: u32 = 3;

/// What is asked of the page besides calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// What is selected is to be sent.
    Copy,
}

/// What is held down, and where the mouse is.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    keyboard: Keyboard,
    buttons: Vec<Button>,
    place: (f64, f64),
    is_touching: bool,
}

/// Something done with the mouse.
struct Gesture {
    event: MouseEvent,
    at: (f64, f64),
    button: Button,
    clicks: u32,
    turn: (f64, f64),
    modifiers: u32,
}

impl Hand {
    /// Which picture an input was aimed at: nothing if it was not aimed, `Some(None)` for the newest.
    #[expect(
        clippy::option_option,
        reason = "without an aim, and aimed at the newest, are not the same"
    )]
    pub(crate) fn picture_of(input: &BrowserInput) -> Option<Option<u64>> {
        match input {
            BrowserInput::InputMouse { seq, .. } | BrowserInput::InputTouch { seq, .. } => {
                Some(*seq)
            }
            BrowserInput::InputKeyboard { .. }
            | BrowserInput::InputClipboard { .. }
            | BrowserInput::InputCopy {}
            | BrowserInput::Unknown => None,
        }
    }

    /// What has to be called for an input. `seen` is the picture that it was aimed at, absent if nobody knows it any
    /// more; `now` is what is there.
    pub(crate) fn does(
        &mut self,
        input: &BrowserInput,
        seen: Option<&Sight>,
        now: &Sight,
        calls: &mut Vec<Call>,
    ) -> Option<Wish> {
        match input {
            BrowserInput::InputMouse {
                event_type,
                x,
                y,
                button,
                click_count,
                delta_x,
                delta_y,
                modifiers,
                seq: _,
            } => {
                let gesture = Gesture {
                    event: *event_type,
                    at: (*x, *y),
                    button: *button,
                    clicks: (*click_count).min(MOST_CLICKS),
                    turn: (*delta_x, *delta_y),
                    modifiers: *modifiers & 15,
                };
                self.mouse(&gesture, seen, now, calls);
            }
            BrowserInput::InputKeyboard { event_type, key, code, text, modifiers } => {
                let stroke = Stroke { event: *event_type, key, code, text, modifiers: *modifiers };
                self.keyboard.strike(stroke, calls);
            }
            BrowserInput::InputTouch { event_type, touch_points, seq: _ } => {
                self.touch(*event_type, touch_points, (seen, now), calls);
            }
            BrowserInput::InputClipboard { text } if !text.is_empty() => {
                calls.push(keyboard::insert(text));
            }
            BrowserInput::InputCopy {} => return Some(Wish::Copy),
            BrowserInput::InputClipboard { .. } | BrowserInput::Unknown => {}
        }
        None
    }

    /// Everything that is held down is let go of.
    pub(crate) fn let_go(&mut self, calls: &mut Vec<Call>) {
        self.keyboard.let_go(calls);
        while let Some(button) = self.buttons.pop() {
            calls.push(self.button_call("mouseReleased", button, (1, 0)));
        }
        if std::mem::take(&mut self.is_touching) {
            calls.push(touch_call("touchCancel", &[]));
        }
    }

    fn mouse(
        &mut self,
        gesture: &Gesture,
        seen: Option<&Sight>,
        now: &Sight,
        calls: &mut Vec<Call>,
    ) {
        let beyond = if self.buttons.is_empty() { Beyond::Nothing } else { Beyond::Edge };
        let aimed = seen.map_or(Aimed::Elsewhere, |seen| seen.aim(gesture.at, now, beyond));
        let is_there = match aimed {
            Aimed::At(x, y) => {
                self.place = (x, y);
                true
            }
            Aimed::Elsewhere => false,
        };
        let button = gesture.button;
        let how = (gesture.clicks.max(1), gesture.modifiers);
        match gesture.event {
            MouseEvent::MousePressed if is_there && name(button) != "none" => {
                if !self.buttons.contains(&button) {
                    self.buttons.push(button);
                }
                calls.push(self.button_call("mousePressed", button, how));
            }
            // Wherever it was aimed at: what was pressed does not stay so.
            MouseEvent::MouseReleased if self.buttons.contains(&button) => {
                self.buttons.retain(|held| *held != button);
                calls.push(self.button_call("mouseReleased", button, how));
            }
            MouseEvent::MouseMoved if is_there => {
                let held = self.buttons.last().copied().unwrap_or_default();
                calls.push(self.button_call("mouseMoved", held, (0, gesture.modifiers)));
            }
            MouseEvent::MouseWheel if is_there => {
                let turn = |delta: f64| {
                    if delta.is_finite() { delta.clamp(-FARTHEST_TURN, FARTHEST_TURN) } else { 0.0 }
                };
                let mut parameters =
                    self.mouse_parameters("mouseWheel", Button::None, (0, gesture.modifiers));
                parameters["deltaX"] = turn(gesture.turn.0).into();
                parameters["deltaY"] = turn(gesture.turn.1).into();
                calls.push(Call::new("Input.dispatchMouseEvent", parameters));
            }
            MouseEvent::MousePressed
            | MouseEvent::MouseReleased
            | MouseEvent::MouseMoved
            | MouseEvent::MouseWheel => {}
        }
    }

    fn button_call(&self, kind: &str, button: Button, how: (u32, u32)) -> Call {
        Call::new("Input.dispatchMouseEvent", self.mouse_parameters(kind, button, how))
    }

    fn mouse_parameters(
        &self,
        kind: &str,
        button: Button,
        (clicks, modifiers): (u32, u32),
    ) -> Value {
        json!({
            "type": kind,
            "x": self.place.0,
            "y": self.place.1,
            "button": name(button),
            "buttons": self.buttons.iter().fold(0, |bits, held| bits | bit(*held)),
            "clickCount": clicks,
            "modifiers": modifiers,
        })
    }

    fn touch(
        &mut self,
        event: TouchEvent,
        points: &[TouchPoint],
        (seen, now): (Option<&Sight>, &Sight),
        calls: &mut Vec<Call>,
    ) {
        let beyond = if self.is_touching { Beyond::Edge } else { Beyond::Nothing };
        let aimed = points.iter().take(MOST_FINGERS).map(|point| {
            match seen.map_or(Aimed::Elsewhere, |seen| seen.aim((point.x, point.y), now, beyond)) {
                Aimed::At(x, y) => Some(json!({ "x": x, "y": y, "id": point.id })),
                Aimed::Elsewhere => None,
            }
        });
        let aimed: Option<Vec<_>> = aimed.collect();
        match (event, aimed) {
            (TouchEvent::TouchStart, Some(fingers)) if !fingers.is_empty() => {
                self.is_touching = true;
                calls.push(touch_call("touchStart", &fingers));
            }
            // After the end of one others are still down: Chromium finds out which one is not.
            (TouchEvent::TouchMove | TouchEvent::TouchEnd, Some(fingers))
                if self.is_touching && !fingers.is_empty() =>
            {
                calls.push(touch_call("touchMove", &fingers));
            }
            (TouchEvent::TouchEnd, _) if self.is_touching => {
                self.is_touching = false;
                calls.push(touch_call("touchEnd", &[]));
            }
            (TouchEvent::TouchCancel, _) if self.is_touching => {
                self.is_touching = false;
                calls.push(touch_call("touchCancel", &[]));
            }
            _ => {}
        }
    }
}

fn touch_call(kind: &str, fingers: &[Value]) -> Call {
    Call::new("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": fingers }))
}

fn name(button: Button) -> &'static str {
    match button {
        Button::None | Button::Other => "none",
        Button::Left => "left",
        Button::Middle => "middle",
        Button::Right => "right",
        Button::Back => "back",
        Button::Forward => "forward",
    }
}

fn bit(button: Button) -> u32 {
    match button {
        Button::None | Button::Other => 0,
        Button::Left => 1,
        Button::Right => 2,
        Button::Middle => 4,
        Button::Back => 8,
        Button::Forward => 16,
    }
}
