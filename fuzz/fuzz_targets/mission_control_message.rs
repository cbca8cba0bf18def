//! Any messages at mission control's door: they are heard politely, and nothing follows from them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, Role, Scope,
    ids::ConnectionId,
    time::{Moment, Timestamp},
};
use pilothouse_protocols::{
    Action, Actions, Input, Opening, Settings,
    mission_control::{DOOR, messages::ServerMessage},
};

fuzz_target!(|input: &[u8]| {
    // What clients read is read back as it was written.
    if let Ok(message) = serde_json::from_slice::<ServerMessage>(input) {
        let text = serde_json::to_string(&message).expect("the messages have text keys");
        assert_eq!(serde_json::from_str::<ServerMessage>(&text).expect("we wrote it"), message);
    }
    let mut conversation = (DOOR.open)(&Settings::default());
    let mut actions = Actions::new();
    let now = Moment::default();
    let opening = Opening {
        connection: ConnectionId(1),
        caller: Some(Caller {
            user: "ann".into(),
            name: "ann".into(),
            scope: Scope::Person(Role::Viewer),
            connection: ConnectionId(1),
            address: "127.0.0.1".into(),
            program: "".into(),
            expires_at: Some(Timestamp(1)),
        }),
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    };
    conversation.handle(Input::Opened(&opening), now, &mut actions);
    assert!(matches!(actions[..], [Action::Watch(_)]));
    actions.clear();
    for line in input.split(|byte| *byte == b'\n') {
        let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
        conversation.handle(input, now, &mut actions);
        assert!(actions.is_empty());
    }
});
