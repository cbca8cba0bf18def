//! Any messages on the dashboard door: no panic, and whoever is known is told, never cut off.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, CoreError, Reply, Role, Scope,
    fanout::MessageKind,
    ids::{CommandId, ConnectionId},
    time::Moment,
};
use pilothouse_protocols::{
    Action, Actions, Conversation, Input, Opening, Settings,
    dashboard::{self, messages},
};

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = messages::parse(text);
    }
    for is_known in [false, true] {
        let mut dashboard = (dashboard::DOOR.open)(&Settings::default());
        let opening = opening(is_known);
        take(&mut *dashboard, Input::Opened(&opening), true);
        for line in input.split(|byte| *byte == b'\n') {
            let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
            take(&mut *dashboard, input, is_known);
        }
    }
});

/// Gives the conversation one input and answers what it asks, as the contract wants it.
fn take(dashboard: &mut dyn Conversation, input: Input<'_>, must_stay: bool) {
    let mut actions = Actions::new();
    dashboard.handle(input, Moment::default(), &mut actions);
    let closes = actions.iter().position(|action| matches!(action, Action::Close(_)));
    assert!(closes.is_none_or(|at| at + 1 == actions.len()), "a close is the last action");
    assert!(!(must_stay && closes.is_some()), "bad input does not end a known connection");
    for action in actions {
        match action {
            Action::Send { kind, payload } => {
                assert_eq!(kind, MessageKind::Text);
                serde_json::from_slice::<serde_json::Value>(&payload).expect("we send JSON");
            }
            Action::Ask(_) => {
                let queued = CommandId::new("cmd-1").expect("a good id");
                take(dashboard, Input::Answer(Ok(Reply::Queued(queued))), must_stay);
            }
            Action::Verify(_) => take(dashboard, Input::Verified(Ok(caller())), false),
            Action::Recall(recall) => {
                let unknown = Err(CoreError::CommandNotFound(recall.command));
                take(dashboard, Input::Recalled(unknown), must_stay);
            }
            Action::Watch(_) | Action::WakeAt(_) | Action::Close(_) => {}
            other => panic!("not at this door: {other:?}"),
        }
    }
}

fn caller() -> Caller {
    Caller {
        user: "ana".into(),
        name: "Ana".into(),
        scope: Scope::Person(Role::Operator),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    }
}

fn opening(is_known: bool) -> Opening {
    let caller = is_known.then(caller);
    Opening {
        connection: ConnectionId(1),
        caller,
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    }
}
