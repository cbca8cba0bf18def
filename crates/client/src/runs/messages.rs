//! Reads what the server says about a run: the protocol's own messages, with patience for later versions.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pilothouse_protocols::runs::messages::{ServerMessage, StepUpdate};
use serde_json::Value;

use super::RunStep;
use crate::Error;

/// Reads one message; nothing for those of later versions.
pub(super) fn read(text: &str) -> Result<Option<ServerMessage>, Error> {
    match serde_json::from_str(text) {
        Ok(message) => Ok(Some(message)),
        Err(error) => match serde_json::from_str::<Value>(text) {
            Ok(value) if value["type"].is_string() => Ok(None),
            _ => Err(Error::protocol(format!("a message is not JSON of ours ({error})"))),
        },
    }
}

/// A step, with its picture as it is.
pub(super) fn step(update: StepUpdate) -> Result<RunStep, Error> {
    let mut action = update.action.rest;
    action.insert("type".to_owned(), update.action.action_type.into());
    let screenshot = match update.screenshot.as_str() {
        "" => None,
        text => Some(STANDARD.decode(text).map_err(Error::protocol)?),
    };
    let (number, explanation) = (update.step_number, update.explanation);
    Ok(RunStep { number, action, explanation, screenshot })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_messages_are_ignored_and_nonsense_is_not() {
        assert!(matches!(
            read(r#"{"type":"completion","status":"success","runId":"r"}"#),
            Ok(Some(_))
        ));
        for later in [r#"{"type":"hologram"}"#, r#"{"type":"run_status","status":"ASLEEP"}"#] {
            assert!(matches!(read(later), Ok(None)), "{later}");
        }
        for broken in ["{", "[]", r#"{"runId":"r"}"#] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_step_has_its_action_whole_and_its_picture_in_bytes() {
        let told = |screenshot: &str| {
            let text = format!(
                r##"{{"type":"step_update","stepNumber":3,"screenshot":"{screenshot}","action":{{"type":"click","selector":"#a"}},"explanation":"why","runId":"r"}}"##
            );
            match read(&text).unwrap() {
                Some(ServerMessage::StepUpdate(update)) => step(update),
                other => panic!("{other:?}"),
            }
        };
        let read = told("AAEC").unwrap();
        assert_eq!((read.number, read.screenshot), (3, Some(vec![0, 1, 2])));
        assert_eq!(
            (&read.action["type"], &read.action["selector"]),
            (&"click".into(), &"#a".into())
        );
        assert_eq!(told("").unwrap().screenshot, None);
        assert!(told("?").is_err());
    }
}
