//! Any messages at the control plane's door, before and after a token: no panic, we send JSON, and nobody is cut off.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    fanout::MessageKind,
    ids::ConnectionId,
    time::{Moment, Timestamp},
};
use pilothouse_protocols::{
    Action, Actions, Conversation, Denied, Input, Opening, Settings,
    control_and_stream::{DOOR, messages::parse, open_in_events},
    lobby,
};

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = parse(text);
    }
    let settings = Settings::default();
    for conversation in [lobby::open(&DOOR, &settings), open_in_events(&settings)] {
        let mut conversation = conversation;
        take(&mut *conversation, Input::Opened(&opening()));
        for line in input.split(|byte| *byte == b'\n') {
            let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
            take(&mut *conversation, input);
        }
    }
});

/// Gives the conversation one input and answers what it asks, as the contract wants it.
fn take(conversation: &mut dyn Conversation, input: Input<'_>) {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    for action in actions {
        match action {
            Action::Send { kind, payload } => {
                assert_eq!(kind, MessageKind::Text);
                serde_json::from_slice::<serde_json::Value>(&payload).expect("we send JSON");
            }
            Action::Verify(token) => {
                let denied = Denied { reason: "the token is not valid" };
                let verified = if token == "bad" { Err(denied) } else { Ok(caller()) };
                take(conversation, Input::Verified(verified));
            }
            Action::Listen(_) => {
                take(conversation, Input::Listening(Err(CoreError::Forbidden("not yours"))));
            }
            Action::Unlisten(_) | Action::Disown | Action::Claim(_) | Action::WakeAt(_) => {}
            other => panic!("not at this door: {other:?}"),
        }
    }
}

fn caller() -> Caller {
    Caller {
        user: "ana".into(),
        name: "Ana".into(),
        scope: Scope::Person(Role::Viewer),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: Some(Timestamp(1)),
    }
}

fn opening() -> Opening {
    Opening {
        connection: ConnectionId(1),
        caller: None,
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    }
}
