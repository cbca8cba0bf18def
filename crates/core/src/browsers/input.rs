//! What a person does in a browser that is far away.

use std::sync::Arc;

/// One thing that a person did.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// With the mouse.
    Mouse(Mouse),
    /// With the keyboard.
    Keyboard(Keyboard),
    /// With fingers.
    Touch(Touch),
    /// Pasted this text.
    Paste(Arc<str>),
    /// Wants what is selected.
    Copy,
}

/// What people type and paste is not for logs.
impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mouse(_) => "Mouse",
            Self::Keyboard(_) => "Keyboard",
            Self::Touch(_) => "Touch",
            Self::Paste(_) => "Paste",
            Self::Copy => "Copy",
        })
    }
}

/// Something done with the mouse.
#[derive(Debug, Clone, PartialEq)]
pub struct Mouse {
    /// What.
    pub event: MouseEvent,
    /// From the left of the picture, in CSS pixels.
    pub x: f64,
    /// From its top.
    pub y: f64,
    /// With which button.
    pub button: Button,
    /// Whether it is the second or third click in a row.
    pub click_count: u32,
    /// How far the wheel turned to the right.
    pub delta_x: f64,
    /// How far it turned down.
    pub delta_y: f64,
    /// Which keys were held: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    pub modifiers: u32,
    /// The picture it was aimed at.
    pub seq: Option<u64>,
}

/// What can be done with a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MouseEvent {
    /// A button went down.
    Pressed,
    /// A button went up.
    Released,
    /// It moved.
    Moved,
    /// Its wheel turned.
    Wheel,
}

/// A button of a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Button {
    /// None.
    #[default]
    None,
    /// The first one.
    Left,
    /// The one in the middle.
    Middle,
    /// The one for menus.
    Right,
    /// The one that goes back.
    Back,
    /// The one that goes forward.
    Forward,
}

/// Something done with the keyboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyboard {
    /// What.
    pub event: KeyEvent,
    /// What the key means, such as `a` or `Enter`.
    pub key: Arc<str>,
    /// Which key it is, such as `KeyA`.
    pub code: Arc<str>,
    /// The text it types.
    pub text: Arc<str>,
    /// Which keys were held: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    pub modifiers: u32,
}

/// What can be done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyEvent {
    /// It went down.
    Down,
    /// It went up.
    Up,
    /// A character was typed.
    Character,
}

/// Something done with fingers.
#[derive(Debug, Clone, PartialEq)]
pub struct Touch {
    /// What.
    pub event: TouchEvent,
    /// The fingers that are down.
    pub points: Arc<[TouchPoint]>,
    /// The picture it was aimed at.
    pub seq: Option<u64>,
}

/// What fingers can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TouchEvent {
    /// One came down.
    Start,
    /// One moved.
    Move,
    /// One went up.
    End,
    /// The gesture was taken back.
    Cancel,
}

/// A finger that is down.
#[derive(Debug, Clone, PartialEq)]
pub struct TouchPoint {
    /// From the left of the picture, in CSS pixels.
    pub x: f64,
    /// From its top.
    pub y: f64,
    /// Which finger.
    pub id: u32,
}
