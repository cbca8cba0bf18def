//! What a driver tells of its browser, and what became of an action.

use serde_json::Value;

/// A tab, as whoever decides sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TabSeen {
    /// Its name.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// Its address.
    pub(crate) url: String,
    /// Whether it is in front.
    pub(crate) active: bool,
}

/// How a browser looks just now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The address of the page in front.
    pub(crate) url: String,
    /// Its title.
    pub(crate) title: String,
    /// All tabs, oldest first.
    pub(crate) tabs: Vec<TabSeen>,
    /// What the page says, one line for each element, with a reference to each that something can be done to. Written
    /// by strangers.
    pub(crate) outline: String,
    /// What happened since it was looked at last: dialogs that were answered, downloads, windows that opened.
    pub(crate) notes: Vec<String>,
}

/// What became of an action.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Done {
    /// The action as it can be done again without references; nothing if there is nothing to be done again.
    pub(crate) command: Option<Value>,
    /// What was read.
    pub(crate) text: Option<String>,
    /// What else happened.
    pub(crate) notes: Vec<String>,
    /// Its selector led nowhere, and role and name led to the element.
    pub(crate) is_healed: bool,
}
