//! Where connections wait whose path several protocols share: the first message that one of them claims decides.
//!
//! Nothing is said here before that, except that a message was not understood.

use std::time::Duration;

use pilothouse_core::{
    fanout::MessageKind,
    time::{Moment, Steady},
};

use crate::{ALL, Action, Actions, Claim, CloseCode, Conversation, Door, Input, Opening, Settings};

/// Sent by clients of one of the protocols as a sign of life. It means nothing and is not answered.
const PING: &str = "ping";

/// What is said to a message that nobody claims, in words that a client of any of the protocols can read.
const NOT_UNDERSTOOD: &str = r#"{"type":"error","error":"the message was not understood: send JSON that begins a conversation of this path"}"#;

/// What a new connection at that door begins with.
pub fn open(door: &'static Door, settings: &Settings) -> Box<dyn Conversation> {
    match door.claim {
        Claim::Path => (door.open)(settings),
        Claim::FirstMessage(_) => Box::new(Lobby {
            path: door.path,
            settings: settings.clone(),
            opening: None,
            leave_by: Steady(0),
            auth_timeout: settings.auth_timeout,
            conversation: None,
            is_closed: false,
        }),
    }
}

/// The conversation before it is one.
struct Lobby {
    path: &'static str,
    settings: Settings,
    opening: Option<Opening>,
    leave_by: Steady,
    auth_timeout: Duration,
    /// Once it was claimed.
    conversation: Option<Box<dyn Conversation>>,
    is_closed: bool,
}

impl Conversation for Lobby {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        if let Some(conversation) = &mut self.conversation {
            // On these doors, binary messages are text.
            let input = match input {
                Input::Binary(bytes) => std::str::from_utf8(bytes).map_or(input, Input::Text),
                input => input,
            };
            return conversation.handle(input, now, actions);
        }
        match input {
            Input::Opened(opening) => {
                self.opening = Some(opening.clone());
                self.leave_by = now.steady + self.auth_timeout;
                actions.push(Action::WakeAt(self.leave_by));
            }
            Input::Text(text) => self.hear(text, now, actions),
            Input::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.hear(text, now, actions),
                Err(_) => not_understood(actions),
            },
            Input::Woke if self.leave_by <= now.steady => self.close(CloseCode::Policy, actions),
            Input::Woke => actions.push(Action::WakeAt(self.leave_by)),
            Input::Expired | Input::Revoked => self.close(CloseCode::Expired, actions),
            Input::Shutdown => self.close(CloseCode::GoingAway, actions),
            // Nothing was asked yet.
            Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Answer(_)
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Shown(_)
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_)
            | Input::Notice(_) => {}
        }
    }
}

impl Lobby {
    fn hear(&mut self, text: &str, now: Moment, actions: &mut Actions) {
        if text == PING {
            return;
        }
        let is_claimed = |door: &&&'static Door| match door.claim {
            Claim::FirstMessage(claims) => door.path == self.path && claims(text),
            Claim::Path => false,
        };
        let Some(door) = ALL.iter().find(is_claimed) else { return not_understood(actions) };
        let Some(mut opening) = self.opening.take() else { return };
        // A token of the handshake that opens another of the path's doors says nothing at this one.
        opening.caller = opening.caller.filter(|caller| (door.admits)(&caller.scope));
        actions.push(Action::Claim(door));
        let mut conversation = (door.open)(&self.settings);
        conversation.handle(Input::Opened(&opening), now, actions);
        conversation.handle(Input::Text(text), now, actions);
        self.conversation = Some(conversation);
    }

    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        self.is_closed = true;
        actions.push(Action::Close(code));
    }
}

fn not_understood(actions: &mut Actions) {
    actions.push(Action::Send { kind: MessageKind::Text, payload: NOT_UNDERSTOOD.into() });
}

#[cfg(test)]
mod tests {
    use pilothouse_core::ids::ConnectionId;

    use super::*;
    use crate::control_and_stream::DOOR;

    fn lobby() -> Box<dyn Conversation> {
        let mut lobby = open(&DOOR, &Settings::default());
        let opening = Opening {
            connection: ConnectionId(1),
            caller: None,
            parameters: Vec::new(),
            query: Vec::new(),
            subprotocol: None,
            denied: None,
        };
        let mut actions = Actions::new();
        lobby.handle(Input::Opened(&opening), Moment::default(), &mut actions);
        assert!(matches!(actions[..], [Action::WakeAt(_)]), "nothing is said to begin with");
        lobby
    }

    fn told(lobby: &mut Box<dyn Conversation>, input: Input<'_>) -> Vec<String> {
        let mut actions = Actions::new();
        lobby.handle(input, Moment::default(), &mut actions);
        let words = actions.into_iter().filter_map(|action| match action {
            Action::Send { payload, .. } => Some(String::from_utf8(payload.to_vec()).unwrap()),
            Action::Claim(door) => Some(door.name.to_owned()),
            Action::Close(code) => Some(code.number().to_string()),
            _ => None,
        });
        words.collect()
    }

    #[test]
    fn nothing_but_a_first_message_claims_a_connection() {
        let mut lobby = lobby();
        assert!(told(&mut lobby, Input::Text("ping")).is_empty());
        for text in ["", "{", "hello", "[]", "{}", r#"{"type":"greet"}"#, r#"{"type":7}"#] {
            assert_eq!(told(&mut lobby, Input::Text(text)), [NOT_UNDERSTOOD], "{text}");
        }
        assert_eq!(told(&mut lobby, Input::Binary(&[0xff])), [NOT_UNDERSTOOD]);
        let ping = br#"{"type":"PING"}"#;
        let answer = told(&mut lobby, Input::Binary(ping));
        assert_eq!(answer[0], "control_and_stream");
        assert!(answer.len() == 2 && answer[1].contains("AUTH_REQUIRED"), "{answer:?}");
        let again = told(&mut lobby, Input::Binary(ping));
        assert!(again.len() == 1 && again[0].contains("AUTH_REQUIRED"), "{again:?}");
    }

    #[test]
    fn the_first_message_decides_which_of_the_paths_protocols_is_spoken() {
        for (first, expected) in [
            (r#"{"type":"AUTHENTICATE"}"#, "control_and_stream"),
            (r#"{"type":"authenticate"}"#, "runs"),
            (r#"{"type":"start_agent","runId":"run-1"}"#, "runs"),
            (r#"{"type":"heartbeat"}"#, "runs"),
        ] {
            assert_eq!(told(&mut lobby(), Input::Text(first))[0], expected, "{first}");
        }
    }

    #[test]
    fn who_says_nothing_is_sent_away_without_a_word() {
        let mut lobby = lobby();
        let mut actions = Actions::new();
        let late = Moment { steady: Steady(30_000), ..Moment::default() };
        lobby.handle(Input::Woke, late, &mut actions);
        assert!(matches!(actions[..], [Action::Close(CloseCode::Policy)]), "{actions:?}");
    }
}
