//! Reads what clients of the two doors say. Never panics, whatever the text is.

use serde::Deserialize;

use super::messages::{AppClientMessage, Image, Malformed, WorkerClientMessage};
use crate::json_reading::{read, wrong};

#[derive(Deserialize)]
struct Tag {
    #[serde(rename = "type")]
    message_type: String,
}

#[derive(Deserialize)]
struct Typed {
    data: String,
}

#[derive(Deserialize)]
struct Wanted {
    cols: f64,
    rows: f64,
}

#[derive(Deserialize)]
struct Part {
    from: u64,
    to: u64,
}

/// Reads one message of a client at `/ws/app`.
pub fn parse_app(text: &str) -> Result<AppClientMessage, Malformed> {
    let tag: Tag = read(text)?;
    match tag.message_type.as_str() {
        // Whatever else it has is for a later version, and a scope there is has no meaning yet.
        "request-sync" => Ok(AppClientMessage::RequestSync { scope: None }),
        _ => Err(unknown(tag)),
    }
}

/// Reads one message of a client at a worker's door.
pub fn parse_worker(text: &str) -> Result<WorkerClientMessage, Malformed> {
    let tag: Tag = read(text)?;
    match tag.message_type.as_str() {
        "input" => read(text).map(|Typed { data }| WorkerClientMessage::Input { data }),
        "resize" => {
            read(text).map(|Wanted { cols, rows }| WorkerClientMessage::Resize { cols, rows })
        }
        "image" => read::<Image>(text).map(WorkerClientMessage::Image),
        "request-history-range" => read(text).and_then(|Part { from, to }| {
            if from > to {
                return Err(wrong("to", "is before from"));
            }
            Ok(WorkerClientMessage::RequestHistoryRange { from, to })
        }),
        _ => Err(unknown(tag)),
    }
}

fn unknown(tag: Tag) -> Malformed {
    Malformed {
        message_type: Some(tag.message_type),
        ..wrong("type", "is not a message of this door")
    }
}
