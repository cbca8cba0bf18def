//! Any messages at the door of runs, before and after a token: no panic, we send JSON, and only tokens cut anybody off.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    fanout::MessageKind,
    ids::ConnectionId,
    time::{Moment, Timestamp},
};
use pilothouse_protocols::{
    Action, Actions, CloseCode, Conversation, Denied, Input, Opening, Settings, lobby,
    runs::{DOOR, messages::parse},
};

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = parse(text);
    }
    let settings = Settings::default();
    for caller in [None, Some(caller())] {
        let is_known = caller.is_some();
        let mut conversation = if is_known { (DOOR.open)(&settings) } else { lobby::open(&DOOR, &settings) };
        let opening = opening(caller);
        let mut ends = Ends::default();
        take(&mut *conversation, Input::Opened(&opening), &mut ends);
        for line in input.split(|byte| *byte == b'\n') {
            let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
            take(&mut *conversation, input, &mut ends);
        }
        assert!(!is_known || !ends.is_closed || ends.is_denied, "somebody known was cut off");
    }
});

#[derive(Default)]
struct Ends {
    is_closed: bool,
    is_denied: bool,
}

/// Gives the conversation one input and answers what it asks, as the contract wants it.
fn take(conversation: &mut dyn Conversation, input: Input<'_>, ends: &mut Ends) {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    for action in actions {
        match action {
            Action::Send { kind, payload } => {
                assert_eq!(kind, MessageKind::Text);
                let said: serde_json::Value = serde_json::from_slice(&payload).expect("we send JSON");
                ends.is_denied |= said["type"] == "authentication" && said["status"] == "failed";
            }
            Action::Close(code) => {
                assert_eq!(code, CloseCode::Policy);
                ends.is_closed = true;
            }
            Action::Verify(token) => {
                let denied = Denied { reason: "the token is not valid" };
                let verified = if token == "bad" { Err(denied) } else { Ok(caller()) };
                take(conversation, Input::Verified(verified), ends);
            }
            Action::Listen(_) => {
                let refusal = Err(CoreError::Forbidden("not yours"));
                take(conversation, Input::Listening(refusal), ends);
            }
            Action::ReadStep(wanted) => {
                let refusal = Err(CoreError::RunNotFound(wanted.run));
                take(conversation, Input::StepRead(refusal), ends);
            }
            Action::Ask(_) => {
                take(conversation, Input::Answer(Err(CoreError::StorageUnavailable)), ends);
            }
            Action::Unlisten(_) | Action::Claim(_) | Action::WakeAt(_) => {}
            other => panic!("not at this door: {other:?}"),
        }
    }
}

fn caller() -> Caller {
    let name: Arc<str> = "ana".into();
    Caller {
        user: name.clone(),
        name,
        scope: Scope::Person(Role::Viewer),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: Some(Timestamp(1)),
    }
}

fn opening(caller: Option<Caller>) -> Opening {
    Opening {
        connection: ConnectionId(1),
        caller,
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    }
}
