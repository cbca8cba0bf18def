//! Every message of the two doors, in both directions, for the server and for clients.
//!
//! Pictures are written by hand in `encode.rs`, since they are nearly everything; a test holds them to these types.

mod control;
mod inputs;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

pub use crate::pictures::Metadata;
pub use control::{ControlAction, ControlHolder, ControlRequest, ControlState, ControlWaiting};
pub use inputs::{
    ClipboardText, Finger, KeyEventType, KeyboardInput, MouseButton, MouseEventType, MouseInput,
    PageSize, TouchEventType, TouchInput,
};

/// A value of the wrong kind is as good as none.
fn tolerated<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// What a producer says. Fields that are not here are ignored, and so are messages of other types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum ProducerMessage {
    /// A picture.
    Frame {
        /// The stream; the path counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
        /// JPEG, PNG or WebP in base64.
        data: String,
        /// When it was taken, in seconds since 1970.
        #[serde(default)]
        timestamp: Option<f64>,
        /// The producer's number for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "number"))]
        seq: Option<u64>,
        /// What it shows of the page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        metadata: Option<Metadata>,
        /// Which kind of picture it is, where the picture does not say so itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        mime: Option<String>,
    },
}

/// What a producer is told that asked for it with `?ack=1`; others are told nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum StreamServerMessage {
    /// The picture was taken.
    Ack {
        /// Its number: the producer's, or, without one, how many came before it and one.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
    },
}

/// What a viewer is told. Without `events=1` that is `frame` with its first four fields, and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum ViewServerMessage {
    /// A picture.
    Frame {
        /// The stream.
        session_id: String,
        /// JPEG, PNG or WebP in base64.
        data: String,
        /// When it was taken, in seconds since 1970, as its producer said.
        timestamp: Option<f64>,
        /// Its number. Grows, with holes where pictures gave way to newer ones, as long as the producer is the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "number"))]
        seq: Option<u64>,
        /// What it shows of the page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        metadata: Option<Metadata>,
    },
    /// How the stream is.
    Status {
        /// The stream.
        session_id: String,
        /// Whether pictures come.
        live: bool,
        /// Why none come, or what is wrong with those that do, or with the browser.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        reason: Option<String>,
        /// How wide the page is in the last picture, in CSS pixels; before the first, how wide the browser's pages are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        viewport_width: Option<f64>,
        /// How high it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        viewport_height: Option<f64>,
        /// Where the browser is, if it is one of ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        url: Option<String>,
        /// What that page is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        title: Option<String>,
        /// Whether what is shown is being recorded.
        recording: bool,
    },
    /// The pages of the browser; none if it is none of ours.
    Tabs {
        /// Oldest first.
        tabs: Vec<StreamTab>,
    },
    /// Who watches.
    Watchers {
        /// By name.
        watchers: Vec<StreamWatcher>,
    },
    /// Who steers the browser.
    Control(ControlState),
    /// What was copied out of the page, to whoever steers it.
    Clipboard(ClipboardText),
    /// Something was refused, or the connection ends.
    Error(ViewError),
}

/// A page of the browser that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct StreamTab {
    /// Names it in its browser.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Whether it is in front: the one that is seen and steered.
    pub active: bool,
}

/// Somebody who watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct StreamWatcher {
    /// What they are called.
    pub name: String,
    /// `admin`, `operator` or `viewer`.
    pub role: String,
    /// On how many connections.
    pub connections: u32,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub struct ViewError {
    /// Which, for programs.
    pub code: ViewErrorCode,
    /// What is the matter, for people.
    pub message: String,
}

/// The kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum ViewErrorCode {
    /// The token has expired or was revoked.
    TokenExpired,
    /// The recording is not there.
    RecordingNotFound,
    /// Somebody else steers, or nobody: it had no effect.
    NotInControl,
    /// The role does not allow it.
    Forbidden,
    /// Too much waits: inputs that the browser has not taken, or people who want to steer.
    LimitReached,
    /// It makes no sense now, such as an answer to somebody who does not wait.
    Invalid,
}

/// What a viewer says. Types and values that are not here are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts")
)]
pub enum ViewClientMessage {
    /// The picture was drawn; with `pacing=ack` the next one comes.
    Ack {
        /// Its number; those before it count as drawn too.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "tolerated")]
        #[cfg_attr(test, ts(optional, type = "number"))]
        seq: Option<u64>,
    },
    /// Asks for `status`: a sign of life where pictures are rare.
    Status,
    /// Pictures are wanted at another pace from now on.
    Config {
        /// At most so many a second, 1 to 120.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "tolerated")]
        #[cfg_attr(test, ts(optional))]
        max_fps: Option<f64>,
        /// `ack` for one at a time, `none` for as they come.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "tolerated")]
        #[cfg_attr(test, ts(optional))]
        pacing: Option<String>,
    },
    /// Something about who steers.
    Control(ControlRequest),
    /// The mouse of whoever steers.
    InputMouse(MouseInput),
    /// The keyboard.
    InputKeyboard(KeyboardInput),
    /// Fingers.
    InputTouch(TouchInput),
    /// Text to be pasted.
    InputClipboard(ClipboardText),
    /// What is selected is wanted; it comes as `clipboard`.
    InputCopy,
    /// Pages of another size are wanted.
    Resize(PageSize),
}
