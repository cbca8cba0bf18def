//! Reads what a client says. Whatever it is, it is answered, or known to mean nothing.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::messages::{Authenticate, ClientMessage, Subscription};
use crate::json_reading::{Malformed, read, wrong};

/// The longest `messageId`, in bytes.
const LONGEST_MESSAGE_ID: usize = 256;

/// Types that only the server says. A client that says one means nothing by it.
const OF_SERVER: [&str; 13] = [
    "AUTHENTICATED",
    "BATCH",
    "CONNECTION_STATUS",
    "ERROR",
    "PONG",
    "SESSION_EXPIRED",
    "SESSION_STATUS",
    "SUBSCRIBED",
    "TASK_ERROR",
    "TASK_LOGS",
    "TASK_PROGRESS",
    "TASK_STATUS",
    "UNSUBSCRIBED",
];

/// A message, and what its sender calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The message.
    pub message: ClientMessage,
    /// Its sender's name of it.
    pub message_id: Option<String>,
}

/// Why a text is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not JSON.
    NotJson(Malformed),
    /// It is JSON and no message; and what its sender calls it, if that can be read.
    NotValid(Malformed, Option<String>),
    /// Its type is of no message.
    UnknownType(String, Option<String>),
    /// Only the server says that. It is not answered.
    OfServer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    #[serde(rename = "type")]
    message_type: String,
    #[serde(default)]
    message_id: Option<String>,
}

/// What may be left out counts as empty, which has an error of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(default)]
    session_token: Option<String>,
    #[serde(default)]
    agent_id: Option<String>,
}

/// Reads one message. Never panics, whatever the text is.
pub fn parse(text: &str) -> Result<Said, Unreadable> {
    let outer: Outer = read(text).map_err(|malformed| {
        let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
        if is_json { Unreadable::NotValid(malformed, None) } else { Unreadable::NotJson(malformed) }
    })?;
    let message_id = outer.message_id.filter(|id| !id.is_empty());
    if message_id.as_ref().is_some_and(|id| id.len() > LONGEST_MESSAGE_ID) {
        let malformed = wrong("messageId", &format!("is longer than {LONGEST_MESSAGE_ID} bytes"));
        return Err(Unreadable::NotValid(malformed, None));
    }
    let message = match outer.message_type.as_str() {
        "AUTHENTICATE" => read::<Shown>(text).map(|shown| {
            let session_token = shown.session_token.unwrap_or_default();
            let agent_id = shown.agent_id.unwrap_or_default();
            ClientMessage::Authenticate(Authenticate { session_token, agent_id })
        }),
        "SUBSCRIBE" => read::<Subscription>(text).map(ClientMessage::Subscribe),
        "UNSUBSCRIBE" => read::<Subscription>(text).map(ClientMessage::Unsubscribe),
        "PING" => Ok(ClientMessage::Ping {}),
        own if OF_SERVER.contains(&own) => return Err(Unreadable::OfServer),
        _ => {
            let mut unknown = outer.message_type;
            unknown.truncate(unknown.floor_char_boundary(LONGEST_MESSAGE_ID));
            return Err(Unreadable::UnknownType(unknown, message_id));
        }
    };
    match message {
        Ok(message) => Ok(Said { message, message_id }),
        Err(malformed) => Err(Unreadable::NotValid(malformed, message_id)),
    }
}

/// Whether a first message is of this protocol: an object whose type begins with a capital letter.
pub(super) fn claims(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(rename = "type", borrow)]
        message_type: std::borrow::Cow<'a, str>,
    }
    let typed = serde_json::from_str::<Typed<'_>>(text);
    let is_object = text.trim_ascii_start().starts_with('{');
    is_object
        && typed.is_ok_and(|typed| typed.message_type.starts_with(|c: char| c.is_ascii_uppercase()))
}
