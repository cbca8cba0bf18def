//! Any messages at the doors of live pictures: no panic, viewers are told nothing that is no picture, and what they are
//! told can be read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    ids::{ConnectionId, SessionId},
    time::{Moment, Timestamp},
};
use pilothouse_protocols::{
    Action, Actions, Conversation, Door, Input, Opening, Settings,
    live_pictures::{
        STREAM_DOOR, VIEW_DOOR, messages::ViewServerMessage, read_binary, write,
    },
    pictures::{Picture, Shape, Showing},
};

fuzz_target!(|input: &[u8]| {
    for (door, query) in [(&STREAM_DOOR, "ack"), (&VIEW_DOOR, "events")] {
        let mut conversation = (door.open)(&Settings::default());
        let opening = opening(door, query);
        take(&mut *conversation, Input::Opened(&opening));
        take(&mut *conversation, Input::Binary(input));
        for line in input.split(|byte| *byte == b'\n') {
            let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
            take(&mut *conversation, input);
        }
    }
});

fn take(conversation: &mut dyn Conversation, input: Input<'_>) {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    for action in actions {
        match action {
            Action::Showing(Showing::Picture(picture)) => check(&picture),
            Action::Send { payload, .. } => {
                serde_json::from_slice::<serde_json::Value>(&payload).expect("we send JSON");
            }
            Action::Ask(_) => {
                take(conversation, Input::Answer(Err(CoreError::Forbidden("not yours"))));
            }
            Action::Showing(_) | Action::Steer(..) | Action::Close(_) => {}
            other => panic!("pictures need nothing else: {other:?}"),
        }
    }
}

/// Whatever was let through is told to viewers in each shape as one picture.
fn check(picture: &Picture) {
    let stream = SessionId::new("s-1").expect("it is an id");
    for shape in [Shape::Plain, Shape::Numbered] {
        let written = write(picture, shape, &stream, 1);
        let text = [&written.before[..], &written.content, &written.after].concat();
        let told: ViewServerMessage = serde_json::from_slice(&text).expect("it is of its type");
        assert!(matches!(told, ViewServerMessage::Frame { .. }));
        let fields: serde_json::Map<_, _> = serde_json::from_slice(&text).expect("it is JSON");
        assert!(shape != Shape::Plain || fields.len() == 4);
    }
    let written = write(picture, Shape::Binary, &stream, 1);
    let message = [&written.before[..], &written.content, &written.after].concat();
    // One digit of base64 is no byte, and so no picture.
    if !written.content.is_empty() {
        read_binary(&message).expect("what viewers are told can be produced");
    }
}

fn opening(door: &Door, query: &str) -> Opening {
    Opening {
        connection: ConnectionId(1),
        caller: Some(Caller {
            user: "ann".into(),
            name: "ann".into(),
            scope: Scope::Person(Role::Operator),
            connection: ConnectionId(1),
            address: "127.0.0.1".into(),
            program: door.name.into(),
            expires_at: Some(Timestamp(1)),
        }),
        parameters: vec!["s-1".into()],
        query: vec![(query.into(), "1".into())],
        subprotocol: None,
        denied: None,
    }
}
