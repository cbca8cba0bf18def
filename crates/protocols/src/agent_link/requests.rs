//! What a server asks of an agent and waits for, and how the agent answers or refuses.

use serde::{Deserialize, Serialize};

use super::{
    browsers::{Go, TabAction},
    messages::Stream,
};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "ask", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Ask {
    /// Look at a path. Answered with `kind` and `realPath`.
    Stat {
        /// Absolute, or beginning with `~/`.
        path: String,
    },
    /// Do a git operation in a directory. Answered with `code`, `output` and `complaint`.
    Git {
        /// Absolute.
        directory: String,
        /// The operation and its arguments, never a shell line.
        arguments: Vec<String>,
    },
    /// Save a picture on the agent's machine and type its path. Answered with `path`.
    Image {
        /// The worker's stream.
        stream: Stream,
        /// Who sends it.
        viewer: String,
        /// The picture, base64.
        content: String,
    },
    /// Type a message into a worker as a person would paste it, followed by Enter. Answered with `typed`.
    Message {
        /// The worker's stream.
        stream: Stream,
        /// The message, as it is.
        text: String,
    },
    /// Open a session's browser, or show that address in it if it is open. Answered with `browsed`, as all about
    /// browsers; how the browser is then was said before.
    OpenBrowser {
        /// Of which session.
        session: String,
        /// What to show first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// How wide its pages are, in CSS pixels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        width: Option<u32>,
        /// How high they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        height: Option<u32>,
        /// What opens the session's door for pictures; the agent's own key if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// Close a session's browser.
    CloseBrowser {
        /// Of which session.
        session: String,
    },
    /// Show another page in a browser's active tab.
    Browse {
        /// Of which session.
        session: String,
        /// Which.
        go: Go,
    },
    /// Do something with a browser's tabs.
    BrowserTab {
        /// Of which session.
        session: String,
        /// What.
        action: TabAction,
        /// With which tab; not needed for a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tab: Option<String>,
        /// What to show in a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// Have a browser's pages in another size.
    ResizeBrowser {
        /// Of which session.
        session: String,
        /// How wide, in CSS pixels.
        width: u32,
        /// How high.
        height: u32,
    },
    /// A question of a later version; answered with [`FailureCode::Unsupported`].
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// What is at a path: the answer to [`Ask::Stat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatAnswer {
    /// What kind of thing.
    pub kind: PathKind,
    /// The path without links and dots.
    pub real_path: String,
}

/// What kind of thing is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum PathKind {
    /// Nothing.
    Missing,
    /// A directory.
    Directory,
    /// A file.
    File,
    /// Something else.
    #[serde(other)]
    Other,
}

/// What git said: the answer to [`Ask::Git`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GitAnswer {
    /// The exit code.
    pub code: i32,
    /// What it printed, at most 1 MiB.
    pub output: String,
    /// What it complained of, at most 64 KiB.
    pub complaint: String,
}

/// Where a picture is: the answer to [`Ask::Image`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImageAnswer {
    /// On the agent's machine, absolute.
    pub path: String,
}

/// That a message was typed: the answer to [`Ask::Message`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageAnswer {
    /// How many bytes were typed, without Enter.
    pub typed: u64,
}

/// That a browser did it: the answer to all about browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BrowserAnswer {
    /// Of which session.
    pub browsed: String,
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// For programs.
    pub code: FailureCode,
    /// For people.
    pub reason: String,
}

/// The codes of failed requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureCode {
    /// This agent cannot do such things.
    Unsupported,
    /// What the request names is not there.
    NotFound,
    /// A field's value cannot be accepted.
    Invalid,
    /// It was tried in vain.
    Failed,
    /// The link was lost before the answer came. Said by the server, never by an agent.
    AgentOffline,
    /// A code of a later version.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}
