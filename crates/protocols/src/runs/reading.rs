//! Reads what a client says. Whatever it is, it is answered, or known to mean nothing.

use std::borrow::Cow;

use serde::Deserialize;

use super::messages::{Authenticate, ClientMessage};
use crate::json_reading::{Malformed, read};

/// Sent by clients as a sign of life, as bare text.
const PING: &str = "ping";

/// Types that a client says. Each claims a connection on whose path other protocols are spoken, too.
const TYPES: [&str; 8] = [
    "authenticate",
    "cancel_run",
    "decide",
    "heartbeat",
    "pause_run",
    "reply",
    "resume_run",
    "start_agent",
];

/// Why a text is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It means nothing and is not answered: a sign of life, or a message of another type.
    Meaningless,
    /// It is no JSON object, or a field of it is wrong.
    Malformed(Malformed),
}

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(rename = "type", borrow)]
    message_type: Cow<'a, str>,
}

/// What is left out, or is no text, counts as empty, which has an error of its own.
#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    token: serde_json::Value,
}

/// Reads one message. Never panics, whatever the text is.
pub fn parse(text: &str) -> Result<ClientMessage, Unreadable> {
    if text == PING {
        return Err(Unreadable::Meaningless);
    }
    // First as any object, so that what is not even one is told apart from what is of no type of ours.
    read::<serde::de::IgnoredAny>(text).map_err(Unreadable::Malformed)?;
    let known = serde_json::from_str::<Typed<'_>>(text).ok();
    let known = known.filter(|typed| TYPES.contains(&&*typed.message_type));
    let Some(typed) = known else { return Err(Unreadable::Meaningless) };
    if typed.message_type == "authenticate" {
        let shown = read::<Shown>(text).map_err(Unreadable::Malformed)?;
        let token = shown.token.as_str().unwrap_or_default().to_owned();
        return Ok(ClientMessage::Authenticate(Authenticate { token }));
    }
    read(text).map_err(Unreadable::Malformed)
}

/// Whether a first message is of this protocol.
pub(super) fn claims(text: &str) -> bool {
    let typed = serde_json::from_str::<Typed<'_>>(text);
    let is_object = text.trim_ascii_start().starts_with('{');
    is_object && typed.is_ok_and(|typed| TYPES.contains(&&*typed.message_type))
}
