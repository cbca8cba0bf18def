//! A producer's side: pictures come in, and nothing goes out but acknowledgements to those who asked for them.

use pilothouse_core::{fanout::MessageKind, ids::SessionId, time::Moment};

use super::{
    messages::StreamServerMessage,
    reading::{read_binary, read_text},
};
use crate::{
    Action, Actions, CloseCode, Conversation, Input, Opening,
    pictures::{NotShown, Showing, Shown},
};

/// The conversation.
#[derive(Debug)]
pub(super) struct Producer {
    requires_token: bool,
    wants_acknowledgements: bool,
    /// How many pictures came.
    pictures: u64,
    is_closed: bool,
}

impl Producer {
    pub(super) fn new(requires_token: bool) -> Self {
        Self { requires_token, wants_acknowledgements: false, pictures: 0, is_closed: false }
    }

    fn open(&mut self, opening: &Opening, actions: &mut Actions) {
        let is_missing = opening.caller.is_none() && self.requires_token;
        if opening.denied.is_some() || is_missing {
            return self.close(CloseCode::InvalidToken, actions);
        }
        let stream = opening.parameters.first().and_then(|id| SessionId::new(id).ok());
        let Some(stream) = stream else { return self.close(CloseCode::InvalidSession, actions) };
        self.wants_acknowledgements =
            opening.query.iter().any(|(name, value)| name == "ack" && value == "1");
        actions.push(Action::Showing(Showing::Produce(stream)));
    }

    fn take(
        &mut self,
        read: Result<crate::pictures::Picture, super::NoPicture>,
        actions: &mut Actions,
    ) {
        let picture = match read {
            Ok(picture) => picture,
            Err(reason) => {
                return actions.push(Action::Showing(Showing::Trouble(reason.into())));
            }
        };
        self.pictures += 1;
        let seq = picture.sequence.unwrap_or(self.pictures);
        actions.push(Action::Showing(Showing::Picture(picture)));
        if self.wants_acknowledgements {
            let acknowledged = StreamServerMessage::Ack { seq };
            let payload = serde_json::to_vec(&acknowledged)
                .expect("the message has text keys, and a Vec takes every byte");
            actions.push(Action::Send { kind: MessageKind::Text, payload: payload.into() });
        }
    }

    fn hear(&mut self, shown: &Shown<'_>, actions: &mut Actions) {
        let code = match shown {
            Shown::Refused(NotShown::Credential) => CloseCode::InvalidToken,
            Shown::Refused(NotShown::Session | NotShown::NoRecording) => CloseCode::InvalidSession,
            Shown::Refused(NotShown::Occupied) => CloseCode::Occupied,
            Shown::Refused(NotShown::Full) => CloseCode::Overloaded,
            Shown::Superseded => CloseCode::Superseded,
            Shown::Status(_) | Shown::Tabs(_) | Shown::Watchers(_) | Shown::ReplayEnded => return,
        };
        self.close(code, actions);
    }

    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        self.is_closed = true;
        actions.push(Action::Close(code));
    }
}

impl Conversation for Producer {
    fn handle(&mut self, input: Input<'_>, _now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        match input {
            Input::Opened(opening) => self.open(opening, actions),
            Input::Text(text) => self.take(read_text(text), actions),
            Input::Binary(bytes) => self.take(read_binary(bytes), actions),
            Input::Shown(shown) => self.hear(&shown, actions),
            Input::Expired | Input::Revoked => self.close(CloseCode::Expired, actions),
            Input::Shutdown => self.close(CloseCode::GoingAway, actions),
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
            | Input::Woke => {}
        }
    }
}
