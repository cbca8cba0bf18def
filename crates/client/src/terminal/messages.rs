//! Reads what the server says at a worker's door: the protocol's own messages, with patience for later versions.

use pilothouse_protocols::sessions_and_workers::messages::WorkerServerMessage;
use serde::Deserialize;

use crate::Error;

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// A message of this version.
    Message(WorkerServerMessage),
    /// An error, whether or not its code is one that we know.
    Error(Complaint),
    /// A message of a later version, which a viewer may ignore.
    Later,
}

/// An error as any version says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Complaint {
    #[serde(default)]
    pub(super) code: Option<String>,
    pub(super) message: String,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(rename = "type")]
    message_type: String,
}

/// Reads one message.
pub(super) fn read(text: &str) -> Result<Heard, Error> {
    let read = serde_json::from_str(text);
    if let Ok(WorkerServerMessage::Error(_)) | Err(_) = read {
        let tag: Tag = serde_json::from_str(text).map_err(Error::protocol)?;
        if tag.message_type == "error" {
            return serde_json::from_str(text).map(Heard::Error).map_err(Error::protocol);
        }
    }
    Ok(read.map_or(Heard::Later, Heard::Message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_are_ignored_and_errors_never() {
        let known = r#"{"type":"output","data":"a","colour":7}"#;
        assert!(matches!(read(known), Ok(Heard::Message(WorkerServerMessage::Output(_)))));
        for later in [r#"{"type":"hologram","data":7}"#, r#"{"type":"activity","state":"asleep"}"#]
        {
            assert_eq!(read(later).unwrap(), Heard::Later, "{later}");
        }
        for (error, code) in [
            (r#"{"type":"error","code":"FORBIDDEN","message":"no"}"#, Some("FORBIDDEN")),
            (r#"{"type":"error","code":"OF_TOMORROW","message":"no"}"#, Some("OF_TOMORROW")),
            (r#"{"type":"error","message":"no"}"#, None),
        ] {
            let (code, message) = (code.map(str::to_owned), "no".to_owned());
            assert_eq!(read(error).unwrap(), Heard::Error(Complaint { code, message }));
        }
        for broken in ["{", "[]", r#"{"data":"a"}"#, r#"{"type":"error"}"#] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}
