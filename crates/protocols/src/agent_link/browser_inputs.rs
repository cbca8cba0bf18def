//! Between the wire's words for what people do in browsers and the core's, in both directions.

use std::sync::Arc;

use pilothouse_core::browsers::{self as domain, Input};

use super::{
    browser_conversions::clipboard,
    browsers::{BrowserInput, Button, KeyEvent, MouseEvent, TouchEvent, TouchPoint},
    conversions::cut,
};

/// The longest name of a key, and the longest text that one types, in bytes.
const LONGEST_KEY: usize = 512;
/// The farthest that anything is from anything in a picture, in CSS pixels.
const FARTHEST: f64 = 100_000.0;
/// How many fingers count.
const MOST_FINGERS: usize = 10;

impl From<&Input> for BrowserInput {
    fn from(input: &Input) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        match input {
            Input::Mouse(mouse) => Self::InputMouse {
                event_type: mouse.event.into(),
                x: mouse.x,
                y: mouse.y,
                button: mouse.button.into(),
                click_count: mouse.click_count,
                delta_x: mouse.delta_x,
                delta_y: mouse.delta_y,
                modifiers: mouse.modifiers,
                seq: mouse.seq,
            },
            Input::Keyboard(keyboard) => Self::InputKeyboard {
                event_type: keyboard.event.into(),
                key: owned(&keyboard.key),
                code: owned(&keyboard.code),
                text: owned(&keyboard.text),
                modifiers: keyboard.modifiers,
            },
            Input::Touch(touch) => Self::InputTouch {
                event_type: touch.event.into(),
                touch_points: touch
                    .points
                    .iter()
                    .map(|point| TouchPoint { x: point.x, y: point.y, id: point.id })
                    .collect(),
                seq: touch.seq,
            },
            Input::Paste(text) => Self::InputClipboard { text: owned(text) },
            Input::Copy => Self::InputCopy {},
        }
    }
}

impl BrowserInput {
    /// In the core's words; nothing if it is of a later version or says numbers that cannot be.
    pub fn to_domain(&self) -> Option<Input> {
        let far = |number: f64| number.is_finite().then(|| number.clamp(-FARTHEST, FARTHEST));
        Some(match self {
            Self::InputMouse {
                event_type,
                x,
                y,
                button,
                click_count,
                delta_x,
                delta_y,
                modifiers,
                seq,
            } => Input::Mouse(domain::Mouse {
                event: (*event_type).into(),
                x: far(*x)?,
                y: far(*y)?,
                button: (*button).into(),
                click_count: (*click_count).min(3),
                delta_x: far(*delta_x)?,
                delta_y: far(*delta_y)?,
                modifiers: *modifiers & 15,
                seq: *seq,
            }),
            Self::InputKeyboard { event_type, key, code, text, modifiers } => {
                Input::Keyboard(domain::Keyboard {
                    event: (*event_type).into(),
                    key: cut(key, LONGEST_KEY),
                    code: cut(code, LONGEST_KEY),
                    text: cut(text, LONGEST_KEY),
                    modifiers: *modifiers & 15,
                })
            }
            Self::InputTouch { event_type, touch_points, seq } => {
                let points = touch_points.iter().take(MOST_FINGERS).map(|point| {
                    Some(domain::TouchPoint { x: far(point.x)?, y: far(point.y)?, id: point.id })
                });
                let points = points.collect::<Option<_>>()?;
                Input::Touch(domain::Touch { event: (*event_type).into(), points, seq: *seq })
            }
            Self::InputClipboard { text } => Input::Paste(clipboard(text)),
            Self::InputCopy {} => Input::Copy,
            Self::Unknown => return None,
        })
    }
}

/// Both ways between two enums with the same meanings.
macro_rules! same {
    ($wire:ty, $domain:ty, $($from:ident = $to:ident),+ $(; $other:ident => $neutral:ident)?) => {
        impl From<$wire> for $domain {
            fn from(word: $wire) -> Self {
                match word {
                    $(<$wire>::$from => Self::$to,)+
                    $(<$wire>::$other => Self::$neutral,)?
                }
            }
        }

        impl From<$domain> for $wire {
            fn from(word: $domain) -> Self {
                match word {
                    $(<$domain>::$to => Self::$from,)+
                }
            }
        }
    };
}

same!(
    MouseEvent,
    domain::MouseEvent,
    MousePressed = Pressed,
    MouseReleased = Released,
    MouseMoved = Moved,
    MouseWheel = Wheel
);
same!(KeyEvent, domain::KeyEvent, KeyDown = Down, KeyUp = Up, Char = Character);
same!(
    TouchEvent,
    domain::TouchEvent,
    TouchStart = Start,
    TouchMove = Move,
    TouchEnd = End,
    TouchCancel = Cancel
);
same!(Button, domain::Button, None = None, Left = Left, Middle = Middle, Right = Right,
    Back = Back, Forward = Forward; Other => None);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Input> {
        serde_json::from_str::<BrowserInput>(text).unwrap().to_domain()
    }

    #[test]
    fn input_comes_through_in_the_words_of_other_viewers() {
        let click = r#"{"type":"input_mouse","eventType":"mousePressed","x":10.5,"y":20,"button":"left",
            "clickCount":1,"modifiers":8,"seq":7}"#;
        let Some(Input::Mouse(mouse)) = read(click) else { panic!("no mouse") };
        assert_eq!((mouse.x, mouse.y, mouse.button), (10.5, 20.0, domain::Button::Left));
        assert_eq!((mouse.click_count, mouse.modifiers, mouse.seq), (1, 8, Some(7)));
        let key = r#"{"type":"input_keyboard","eventType":"char","text":"é"}"#;
        let Some(Input::Keyboard(key)) = read(key) else { panic!("no key") };
        assert_eq!((key.event, &*key.text), (domain::KeyEvent::Character, "é"));
        let again = serde_json::to_value(BrowserInput::from(&Input::Keyboard(key))).unwrap();
        assert_eq!(again["eventType"], "char");
        assert_eq!(read(r#"{"type":"input_copy"}"#), Some(Input::Copy));
        assert_eq!(read(r#"{"type":"input_pen","x":1}"#), None);
        let odd = r#"{"type":"input_mouse","eventType":"mouseMoved","x":1e300,"button":"sixth"}"#;
        let Some(Input::Mouse(mouse)) = read(odd) else { panic!("no mouse") };
        assert_eq!((mouse.x, mouse.button), (FARTHEST, domain::Button::None));
    }
}
