//! Any messages at the doors of sessions and workers: no panic, we send JSON, and nobody is cut off.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    fanout::MessageKind,
    ids::{AgentId, ConnectionId},
    sessions::{
        Activity, Kind, Launch, Session, Size, Worker, WorkerKind, WorkerState,
    },
    time::{Moment, Timestamp},
};
use pilothouse_protocols::{
    Action, Actions, Attachment, Conversation, Input, LogPage, Opening, Settings,
    sessions_and_workers::{
        APP_DOOR, WORKER_DOOR,
        messages::{parse_app, parse_worker},
    },
};

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = (parse_app(text), parse_worker(text));
    }
    for (door, role) in
        [(&APP_DOOR, Role::Viewer), (&WORKER_DOOR, Role::Viewer), (&WORKER_DOOR, Role::Operator)]
    {
        let mut conversation = (door.open)(&Settings::default());
        let opening = opening(role);
        take(&mut *conversation, Input::Opened(&opening), role);
        for line in input.split(|byte| *byte == b'\n') {
            let input = std::str::from_utf8(line).map_or(Input::Binary(line), Input::Text);
            take(&mut *conversation, input, role);
        }
    }
});

/// Gives the conversation one input and answers what it asks, as the contract wants it.
fn take(conversation: &mut dyn Conversation, input: Input<'_>, role: Role) {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    for action in actions {
        match action {
            Action::Send { kind, payload } => {
                assert_eq!(kind, MessageKind::Text);
                serde_json::from_slice::<serde_json::Value>(&payload).expect("we send JSON");
            }
            Action::Attach(_) => {
                take(conversation, Input::Attached(Ok(attachment(role))), role);
            }
            Action::ReadLog(wanted) => {
                let page = LogPage { stream: wanted.stream, first: 0, records: Vec::new() };
                take(conversation, Input::LogRead(Ok(page)), role);
            }
            Action::Ask(_) => {
                let away = CoreError::AgentOffline(agent());
                take(conversation, Input::Answer(Err(away)), role);
            }
            // Whether they may is asked of the core, with every key.
            Action::Touch(..) | Action::Watch(_) => {}
            Action::Close(code) => panic!("bad input ends nothing: {code:?}"),
            other => panic!("not at these doors: {other:?}"),
        }
    }
}

fn agent() -> AgentId {
    AgentId::new("agent-1").expect("a good id")
}

fn attachment(role: Role) -> Attachment {
    let session = Session {
        id: "ses-1".parse().expect("a good id"),
        agent: agent(),
        kind: Kind::Quick,
        path: "/".into(),
        title: None,
        initial_prompt: None,
        created_at: Timestamp(0),
        is_active: true,
        workers: Arc::new([]),
    };
    let worker = Worker {
        id: "wrk-1".parse().expect("a good id"),
        session: session.id.clone(),
        name: "Terminal 1".into(),
        kind: WorkerKind::Terminal,
        created_at: Timestamp(0),
        epoch: 1,
        state: WorkerState::Starting,
        activity: Activity::Unknown,
        activity_since: Timestamp(0),
        size: Size::default(),
        launch: Launch::default(),
    };
    Attachment {
        session: Arc::new(session),
        worker: Arc::new(worker),
        may_type: role >= Role::Operator,
        past: None,
        position: 0,
        viewers: None,
        is_resync: false,
    }
}

fn opening(role: Role) -> Opening {
    let caller = Caller {
        user: "ana".into(),
        name: "Ana".into(),
        scope: Scope::Person(role),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    };
    Opening {
        connection: ConnectionId(1),
        caller: Some(caller),
        parameters: vec!["ses-1".into(), "wrk-1".into()],
        query: vec![("fromOffset".into(), "0".into())],
        subprotocol: None,
        denied: None,
    }
}
