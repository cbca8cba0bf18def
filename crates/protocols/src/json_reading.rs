//! Reads JSON objects of peers, and names the field that is wrong if one cannot be read.

use serde::Deserialize;
use serde_json::value::RawValue;

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

/// A field that makes no sense.
pub(crate) fn wrong(field: &str, reason: &str) -> Malformed {
    Malformed { message_type: None, field: Some(field.into()), reason: reason.into() }
}

/// Reads one JSON object, borrowing from it.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Malformed> {
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
