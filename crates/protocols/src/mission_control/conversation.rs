//! One client's side of the protocol: it watches, and whatever it says is heard politely and means nothing.

use pilothouse_core::time::Moment;

use super::encode::FEED;
use crate::{Action, Actions, CloseCode, Conversation, Input};

/// The conversation.
#[derive(Debug, Default)]
pub(super) struct MissionControl {
    is_closed: bool,
}

impl Conversation for MissionControl {
    fn handle(&mut self, input: Input<'_>, _now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        match input {
            Input::Opened(_) => actions.push(Action::Watch(&FEED)),
            // There is no refresh, and no message that could say so: clients come back with a newer token.
            Input::Expired | Input::Revoked => self.close(CloseCode::Expired, actions),
            Input::Shutdown => self.close(CloseCode::GoingAway, actions),
            Input::Text(_)
            | Input::Binary(_)
            | Input::TooFast { .. }
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

impl MissionControl {
    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        self.is_closed = true;
        actions.push(Action::Close(code));
    }
}
