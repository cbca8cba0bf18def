//! Any text messages on an agent's link, before and after its welcome: no panic, nothing after a close.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, Reply, Role, Scope,
    agents::Linked,
    ids::{ConnectionId, LinkId},
    time::Moment,
};
use pilothouse_protocols::{
    Action, Actions, Conversation, Input, Opening, Settings,
    agent_link::{
        conversation::AgentLink,
        messages::{FromAgent, FromServer},
    },
};

const HELLO: &str = r#"{"type":"hello","version":1,"agent":"a-1","incarnation":"i-1","profile":{"agentType":"shell"}}"#;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(message) = serde_json::from_str::<FromAgent>(text) {
        let written = serde_json::to_string(&message).expect("what was read can be written");
        let again = serde_json::from_str(&written).expect("and read again");
        assert_eq!(message, again);
    }
    let _ = serde_json::from_str::<FromServer>(text);
    for is_linked in [false, true] {
        let mut link = AgentLink::new(&Settings::default());
        take(&mut link, Input::Opened(&opening()));
        if is_linked {
            take(&mut link, Input::Text(HELLO));
            assert!(!take(&mut link, Input::Answer(Ok(Reply::Linked(Arc::new(linked()))))));
        }
        let mut is_closed = false;
        for line in text.split('\n') {
            let closes = take(&mut link, Input::Text(line));
            assert!(!(is_closed && closes), "it closes once");
            is_closed |= closes;
        }
    }
});

/// Gives the conversation one input; returns whether it closes, after which it must do nothing.
fn take(link: &mut AgentLink, input: Input<'_>) -> bool {
    let mut actions = Actions::new();
    link.handle(input, Moment::default(), &mut actions);
    let closed = actions.iter().position(|action| matches!(action, Action::Close(_)));
    assert!(closed.is_none_or(|at| at + 1 == actions.len()), "a close is the last action");
    closed.is_some()
}

fn linked() -> Linked {
    Linked {
        link: LinkId(1),
        resume: Vec::new(),
        forget: Vec::new(),
        forget_workers: Vec::new(),
        runs: Vec::new(),
        forget_runs: Vec::new(),
        credit: 1 << 20,
    }
}

fn opening() -> Opening {
    let connection = ConnectionId(1);
    let caller = Caller {
        user: "ana".into(),
        name: "Ana".into(),
        scope: Scope::Person(Role::Operator),
        connection,
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    };
    Opening {
        connection,
        caller: Some(caller),
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    }
}
