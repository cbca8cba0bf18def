//! What a viewer does in a browser. The words and fields are those that viewers of agent-browser use.

use serde::{Deserialize, Serialize};

/// `resize`, from whoever steers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct PageSize {
    /// The width, in CSS pixels.
    pub width: f64,
    /// The height.
    pub height: f64,
}

/// `input_mouse`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct MouseInput {
    /// What was done.
    pub event_type: MouseEventType,
    /// From the left of the picture, in CSS pixels of its page.
    pub x: f64,
    /// From its top.
    pub y: f64,
    /// With which button.
    #[serde(default)]
    pub button: MouseButton,
    /// Whether it is the second or third click in a row.
    #[serde(default)]
    pub click_count: u32,
    /// How far the wheel turned to the right.
    #[serde(default)]
    pub delta_x: f64,
    /// How far it turned down.
    #[serde(default)]
    pub delta_y: f64,
    /// Which keys were held: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    #[serde(default)]
    pub modifiers: u32,
    /// The picture it was aimed at; the newest if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub seq: Option<u64>,
}

/// What is done with a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum MouseEventType {
    /// A button went down.
    MousePressed,
    /// A button went up.
    MouseReleased,
    /// It moved.
    MouseMoved,
    /// Its wheel turned.
    MouseWheel,
}

/// The buttons of a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum MouseButton {
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
    /// No button, or one that is not known.
    #[default]
    #[serde(other)]
    None,
}

/// `input_keyboard`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct KeyboardInput {
    /// What was done.
    pub event_type: KeyEventType,
    /// What the key means, as `KeyboardEvent.key`.
    #[serde(default)]
    pub key: String,
    /// Which key it is, as `KeyboardEvent.code`.
    #[serde(default)]
    pub code: String,
    /// The text it types.
    #[serde(default)]
    pub text: String,
    /// Which keys were held: 1 Alt, 2 Control, 4 Meta, 8 Shift.
    #[serde(default)]
    pub modifiers: u32,
}

/// What people type is not for logs.
impl std::fmt::Debug for KeyboardInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyboardInput")
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

/// What is done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum KeyEventType {
    /// It went down.
    KeyDown,
    /// It went up.
    KeyUp,
    /// A character was typed.
    Char,
}

/// `input_touch`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct TouchInput {
    /// What was done.
    pub event_type: TouchEventType,
    /// The fingers that are down.
    #[serde(default)]
    pub touch_points: Vec<Finger>,
    /// The picture it was aimed at; the newest if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub seq: Option<u64>,
}

/// What is done with fingers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum TouchEventType {
    /// One came down.
    TouchStart,
    /// One moved.
    TouchMove,
    /// One went up.
    TouchEnd,
    /// The gesture was taken back.
    TouchCancel,
}

/// A finger that is down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct Finger {
    /// From the left of the picture, in CSS pixels of its page.
    pub x: f64,
    /// From its top.
    pub y: f64,
    /// Which finger.
    #[serde(default)]
    pub id: u32,
}

/// `input_clipboard`, and `clipboard`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct ClipboardText {
    /// The text.
    pub text: String,
}

/// What people copy and paste is not for logs.
impl std::fmt::Debug for ClipboardText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClipboardText").finish_non_exhaustive()
    }
}
