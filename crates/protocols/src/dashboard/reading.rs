//! Reads what a dashboard says, and names the field that is wrong if it cannot be read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::messages::{ClientMessage, CommandRequest, VERSION};

/// The longest `requestId`, in bytes.
const LONGEST_REQUEST_ID: usize = 256;
/// The longest `workingDirectory` (a path's limit on Linux), `reason` and name of a variable, in bytes.
const LONGEST_TEXT: usize = 4096;
/// The largest value of an environment variable, in bytes.
const LARGEST_VARIABLE: usize = 64 * 1024;
/// How much of a reason is told; it may quote what the client sent.
const LONGEST_REASON: usize = 200;

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Malformed {
    /// The message's `type`, if it has one.
    pub message_type: Option<String>,
    /// The field that is wrong, if it is one.
    pub field: Option<String>,
    /// What is wrong, in words.
    pub reason: String,
}

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

fn wrong(field: &str, reason: &str) -> Malformed {
    Malformed { message_type: None, field: Some(field.into()), reason: reason.into() }
}

/// Reads one JSON object, borrowing from it.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
    // A struct can also be read from an array; this protocol has none.
    if !text.trim_ascii_start().starts_with('{') {
        let reason = serde_json::from_str::<&RawValue>(text)
            .map_or_else(|error| describe(&error), |_| "the message must be an object".into());
        return Err(Malformed { message_type: None, field: None, reason });
    }
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// Finds the field that an error is about: the one whose value the reader was in, or had just left.
fn explain(text: &str, error: &serde_json::Error) -> Malformed {
    let mut reason = describe(error);
    let mut path = Vec::new();
    if error.is_data() {
        let place = offset(text, error);
        let around = read_entries(text).into_iter().rev().find(|(_, value)| {
            let start = value.get().as_ptr().addr() - text.as_ptr().addr();
            (start..=start + value.get().len()).contains(&place)
        });
        path.extend(around.map(|(name, _)| name));
    }
    if let Some(missing) = reason.strip_prefix("missing field `") {
        path.push(missing.trim_end_matches('`').to_owned());
        "is missing".clone_into(&mut reason);
    }
    let message_type = read_entries(text)
        .into_iter()
        .find(|(name, _)| name == "type")
        .and_then(|(_, value)| serde_json::from_str(value.get()).ok());
    let field = (!path.is_empty()).then(|| shorten(path.join(".")));
    Malformed { message_type, field, reason }
}

fn read_entries(text: &str) -> Vec<(String, &RawValue)> {
    serde_json::from_str::<Entries<'_>>(text).map(|entries| entries.0).unwrap_or_default()
}

/// An object's fields in their order, values unread.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> serde::de::Visitor<'de> for Fields {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Fields).map(Entries)
    }
}

/// Where the reader stopped, in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

/// An error in words, without its place, which means little to a peer.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
    let prefix = if error.is_data() { "" } else { "not JSON: " };
    shorten(format!("{prefix}{words}"))
}

fn shorten(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST_REASON));
    text
}
