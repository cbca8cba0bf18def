//! One client's side of `/ws/app`: it watches, and asks for a fresh sync when it likes.

use pilothouse_core::{fanout::MessageKind, time::Moment};

use super::{
    fleet::{APP, write},
    messages::{AppClientMessage, AppServerMessage, ErrorCode, ErrorMessage},
    reading::parse_app,
};
use crate::{Action, Actions, CloseCode, Conversation, Input};

/// The conversation.
#[derive(Debug, Default)]
pub(super) struct AppConversation {
    is_closed: bool,
}

impl Conversation for AppConversation {
    fn handle(&mut self, input: Input<'_>, _now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        match input {
            Input::Opened(_) => actions.push(Action::Watch(&APP)),
            Input::Text(text) => hear(text, actions),
            Input::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => hear(text, actions),
                Err(_) => refuse(not_text(), actions),
            },
            Input::Expired => {
                refuse(ErrorMessage::expired(), actions);
                self.close(CloseCode::Expired, actions);
            }
            Input::Revoked => {
                refuse(ErrorMessage::revoked(), actions);
                self.close(CloseCode::Expired, actions);
            }
            Input::Shutdown => self.close(CloseCode::Restarting, actions),
            // Nothing is asked here, so that nothing is answered.
            Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Answer(_)
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_)
            | Input::Notice(_)
            | Input::Shown(_)
            | Input::Woke => {}
        }
    }
}

impl AppConversation {
    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        self.is_closed = true;
        actions.push(Action::Close(code));
    }
}

fn hear(text: &str, actions: &mut Actions) {
    match parse_app(text) {
        // Watching again is the snapshot and the place where it ends, in one step: between the events before
        // it and those after it, without hole or repetition.
        Ok(AppClientMessage::RequestSync { .. }) => actions.push(Action::Watch(&APP)),
        Err(malformed) => refuse(ErrorMessage::malformed(&malformed), actions),
    }
}

/// What is said to binary messages that are no text.
pub(super) fn not_text() -> ErrorMessage {
    ErrorMessage::new(ErrorCode::InvalidMessage, "messages are JSON text")
}

fn refuse(error: ErrorMessage, actions: &mut Actions) {
    let mut payload = Vec::new();
    write(&AppServerMessage::Error(error), &mut payload);
    actions.push(Action::Send { kind: MessageKind::Text, payload: payload.into() });
}
