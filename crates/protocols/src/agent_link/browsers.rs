//! What both sides say about browsers. Additive: whoever does not know browsers ignores all of it.

use serde::{Deserialize, Serialize};

/// `browser`, and a browser in a `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Browser {
    /// Of which session.
    pub session: String,
    /// Whether it can be seen and steered.
    pub state: BrowserState,
    /// The address of the page in front.
    #[serde(default)]
    pub url: String,
    /// That page's title.
    #[serde(default)]
    pub title: String,
    /// Its pages, oldest first.
    #[serde(default)]
    pub tabs: Vec<Tab>,
    /// How large its pages are.
    pub viewport: Viewport,
    /// What happened to it last that people should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// Whether a browser can be seen and steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum BrowserState {
    /// It is being started, or started again.
    Opening,
    /// It can.
    Open,
    /// It crashed too often, or never started.
    Failed,
    /// A state of a later version; shown as opening.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// A page of a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Tab {
    /// Names it in its browser.
    pub id: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Its address.
    #[serde(default)]
    pub url: String,
    /// Whether it is in front.
    #[serde(default)]
    pub active: bool,
}

/// How large pages are, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Viewport {
    /// Their width.
    pub width: u32,
    /// Their height.
    pub height: u32,
}

/// Where a page goes: to an address, or one of the usual ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Go {
    /// To that address.
    To {
        /// Which.
        url: String,
    },
    /// One of the usual ways.
    Way {
        /// Which.
        action: Way,
    },
}

/// The usual ways through pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// To the page before.
    Back,
    /// To the page after.
    Forward,
    /// The same page anew.
    Reload,
    /// What is being loaded is given up.
    Stop,
}

/// What can be done with tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum TabAction {
    /// Bring one to the front.
    Select,
    /// Close one.
    Close,
    /// Open one, and bring it to the front.
    New,
}

/// What a person does in a browser. The words and fields are those that viewers of agent-browser use.
///
/// Fields that are absent have their neutral value, and numbers that cannot be are left out with what they are in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum BrowserInput {
    /// Something done with the mouse.
    InputMouse {
        /// What.
        event_type: MouseEvent,
        /// From the left of the picture, in CSS pixels.
        #[serde(default)]
        x: f64,
        /// From its top.
        #[serde(default)]
        y: f64,
        /// With which button.
        #[serde(default)]
        button: Button,
        /// Whether it is the second or third click in a row.
        #[serde(default)]
        click_count: u32,
        /// How far the wheel turned to the right.
        #[serde(default)]
        delta_x: f64,
        /// How far it turned down.
        #[serde(default)]
        delta_y: f64,
        /// Which keys were held: 1 Alt, 2 Control, 4 Meta, 8 Shift.
        #[serde(default)]
        modifiers: u32,
        /// The picture it was aimed at; the newest if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    /// Something done with the keyboard.
    InputKeyboard {
        /// What.
        event_type: KeyEvent,
        /// What the key means.
        #[serde(default)]
        key: String,
        /// Which key it is.
        #[serde(default)]
        code: String,
        /// The text it types.
        #[serde(default)]
        text: String,
        /// Which keys were held.
        #[serde(default)]
        modifiers: u32,
    },
    /// Something done with fingers.
    InputTouch {
        /// What.
        event_type: TouchEvent,
        /// The fingers that are down.
        #[serde(default)]
        touch_points: Vec<TouchPoint>,
        /// The picture it was aimed at; the newest if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    /// Text to be pasted.
    InputClipboard {
        /// Which.
        text: String,
    },
    /// What is selected is wanted: `browserClipboard` answers.
    InputCopy {},
    /// An input of a later version; it does nothing.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// What people type and paste is not for logs.
impl std::fmt::Debug for BrowserInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InputMouse { .. } => "InputMouse",
            Self::InputKeyboard { .. } => "InputKeyboard",
            Self::InputTouch { .. } => "InputTouch",
            Self::InputClipboard { .. } => "InputClipboard",
            Self::InputCopy {} => "InputCopy",
            Self::Unknown => "Unknown",
        })
    }
}

/// What can be done with a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum MouseEvent {
    /// A button went down.
    MousePressed,
    /// A button went up.
    MouseReleased,
    /// It moved.
    MouseMoved,
    /// Its wheel turned.
    MouseWheel,
}

/// A button of a mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
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
    /// A button of a later version; none.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Other,
}

/// What can be done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum KeyEvent {
    /// It went down.
    KeyDown,
    /// It went up.
    KeyUp,
    /// A character was typed.
    Char,
}

/// What fingers can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum TouchEvent {
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TouchPoint {
    /// From the left of the picture, in CSS pixels.
    pub x: f64,
    /// From its top.
    pub y: f64,
    /// Which finger.
    #[serde(default)]
    pub id: u32,
}
