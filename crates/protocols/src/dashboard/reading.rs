//! Reads what a dashboard says, and names the field that is wrong if it cannot be read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::messages::{ClientMessage, CommandRequest, VERSION};
use crate::json_reading::{read, wrong};

pub use crate::json_reading::Malformed;

/// The longest `requestId`, in bytes.
const LONGEST_REQUEST_ID: usize = 256;
/// The longest `workingDirectory` (a path's limit on Linux), `reason` and name of a variable, in bytes.
const LONGEST_TEXT: usize = 4096;
/// The largest value of an environment variable, in bytes.
const LARGEST_VARIABLE: usize = 64 * 1024;

#[derive(Deserialize)]
struct Outer<'a> {
    version: Option<String>,
    #[serde(rename = "type")]
    message_type: String,
    #[serde(rename = "timestamp")]
    _timestamp: Option<f64>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// Reads one message of a dashboard. Never panics, whatever the text is, so a fuzz target is only
/// `let _ = parse(text);`.
pub fn parse(text: &str) -> Result<ClientMessage, Malformed> {
    let outer: Outer<'_> = read(text)?;
    let named = |malformed: Malformed| Malformed {
        message_type: Some(outer.message_type.clone()),
        ..malformed
    };
    check_version(outer.version.as_deref()).map_err(named)?;
    let payload = outer.payload.map_or("", RawValue::get);
    let payload = if payload.is_empty() {
        Err(wrong("payload", "is missing"))
    } else if payload.starts_with('{') {
        Ok(payload)
    } else {
        Err(wrong("payload", "must be an object"))
    };
    let message = match outer.message_type.as_str() {
        "dashboard:connect" => payload.and_then(read).map(ClientMessage::Connect),
        "command:request" => payload.and_then(read).map(ClientMessage::CommandRequest),
        "command:interrupt" => payload.and_then(read).map(ClientMessage::CommandInterrupt),
        "heartbeat" => payload.and_then(read).map(ClientMessage::Heartbeat),
        "token:refresh" => payload.and_then(read).map(ClientMessage::TokenRefresh),
        "output:resume" => payload.and_then(read).map(ClientMessage::OutputResume),
        _ => Err(wrong("type", "is not a message of this protocol")),
    };
    let message = message.map_err(named)?;
    check(&message).map_err(named)?;
    Ok(message)
}

fn check_version(version: Option<&str>) -> Result<(), Malformed> {
    match version {
        None | Some("1") => Ok(()),
        Some(version) if version.starts_with("1.") => Ok(()),
        Some(_) => {
            Err(wrong("version", &format!("is not supported; this server speaks {VERSION}")))
        }
    }
}

/// What the types do not say.
fn check(message: &ClientMessage) -> Result<(), Malformed> {
    match message {
        ClientMessage::CommandRequest(request) => check_request(request),
        ClientMessage::CommandInterrupt(interrupt) => {
            check_length("reason", interrupt.reason.as_deref(), LONGEST_TEXT)?;
            check_length("requestId", interrupt.request_id.as_deref(), LONGEST_REQUEST_ID)
        }
        ClientMessage::OutputResume(resume) => {
            check_length("requestId", resume.request_id.as_deref(), LONGEST_REQUEST_ID)
        }
        ClientMessage::Connect(_)
        | ClientMessage::Heartbeat(_)
        | ClientMessage::TokenRefresh(_) => Ok(()),
    }
}

fn check_request(request: &CommandRequest) -> Result<(), Malformed> {
    if request.args.as_ref().is_some_and(|args| !args.is_empty()) {
        return Err(wrong("args", "is not supported; put the arguments into command"));
    }
    if request.timeout == Some(0) {
        return Err(wrong("timeout", "must be at least 1 millisecond"));
    }
    check_length("requestId", request.request_id.as_deref(), LONGEST_REQUEST_ID)?;
    check_length("workingDirectory", request.working_directory.as_deref(), LONGEST_TEXT)?;
    for (name, value) in request.env.iter().flatten() {
        check_length("env", Some(name), LONGEST_TEXT)?;
        check_length("env", Some(value), LARGEST_VARIABLE)?;
    }
    Ok(())
}

fn check_length(field: &str, text: Option<&str>, longest: usize) -> Result<(), Malformed> {
    match text {
        Some(text) if text.len() > longest => {
            Err(wrong(field, &format!("is longer than {longest} bytes")))
        }
        _ => Ok(()),
    }
}
