//! The protocol's transcripts, and what no transcript can show.

use std::fs;

use pilothouse_core::{
    Caller, Event, Published, Role, Scope,
    fanout::{Language, Messages},
    ids::{AgentId, CommandId, ConnectionId},
    streams::{self, Channel, Record, StreamKey},
    time::{Moment, Steady, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    DOOR, FLEET,
    messages::{ClientMessage, Envelope, ServerMessage, parse},
};
use crate::{Action, Actions, Conversation, Input, Opening, Settings, in_memory};

#[test]
fn transcripts_are_kept() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dashboard/transcripts");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 10);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        in_memory::run(&DOOR, &name, &fs::read_to_string(&path).unwrap());
    }
}

fn connected() -> Box<dyn Conversation> {
    let mut conversation = (DOOR.open)(&Settings::default());
    let caller = Caller {
        user: "ana".into(),
        name: "ana".into(),
        scope: Scope::Person(Role::Operator),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    };
    let opening = Opening {
        connection: ConnectionId(1),
        caller: Some(caller),
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    };
    conversation.handle(Input::Opened(&opening), Moment::default(), &mut Actions::new());
    conversation
}

#[test]
fn a_revoked_token_ends_the_connection_at_once() {
    let mut actions = Actions::new();
    connected().handle(Input::Revoked, Moment::default(), &mut actions);
    let [Action::Send { payload, .. }, Action::Close(code)] = &actions[..] else {
        panic!("{actions:?}");
    };
    let error: Value = serde_json::from_slice(payload).unwrap();
    assert_eq!(error["payload"]["code"], "AUTH_FAILED");
    assert_eq!(error["payload"]["recoverable"], false);
    assert_eq!(code.number(), 1008);
}

/// Whatever it is, somebody connected is answered and stays connected.
fn is_answered(input: Input<'_>) -> bool {
    let mut actions = Actions::new();
    connected().handle(input, Moment::default(), &mut actions);
    let answers = |action: &Action| {
        matches!(action, Action::Send { .. } | Action::Ask(_) | Action::Verify(_))
    };
    actions.iter().any(answers) && !actions.iter().any(|a| matches!(a, Action::Close(_)))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zé\"\\\\\n]{0,6}".prop_map(Value::from),
        Just(json!("high")),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let field = prop_oneof![
            Just("token"),
            Just("clientInfo"),
            Just("userAgent"),
            Just("agentId"),
            Just("command"),
            Just("commandId"),
            Just("sequence"),
            Just("priority"),
            Just("env"),
            Just("args"),
            Just("other"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(field.prop_map(String::from), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        prop_assert!(is_answered(Input::Text(&text)));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        prop_assert!(is_answered(Input::Binary(&bytes)));
    }

    #[test]
    fn any_payload_is_answered(
        message_type in prop_oneof![
            Just("dashboard:connect"), Just("command:request"), Just("command:interrupt"),
            Just("heartbeat"), Just("token:refresh"), Just("agent:list"),
        ],
        version in prop_oneof![Just(json!("1.0.0")), any_json()],
        payload in any_json(),
    ) {
        let text = json!({"version": version, "type": message_type, "payload": payload});
        prop_assert!(is_answered(Input::Text(&text.to_string())));
    }

    #[test]
    fn output_is_written_as_serde_would(
        bytes in prop::collection::vec(any::<u8>(), 0..200), sequence: u64, at: u64,
    ) {
        let record = Record {
            stream: StreamKey::command(CommandId::new("cmd-1").unwrap()),
            channel: Channel::Stderr,
            position: 0,
            sequence,
            bytes: bytes.clone().into(),
        };
        let event = streams::Event::Written { agent: AgentId::new("agent-1").unwrap(), record, begun: pilothouse_core::streams::Begun::default() };
        let mut out = Messages::default();
        let published = Published { sequence: 1, at: Timestamp(at), event: Event::Output(event) };
        FLEET.event(&published, &mut out);
        let message = out.iter().next().unwrap();
        let read: Value = serde_json::from_slice(message.payload).unwrap();
        prop_assert_eq!(read, json!({
            "version": "1.0.0", "type": "terminal:output", "timestamp": at,
            "payload": {
                "commandId": "cmd-1", "agentId": "agent-1",
                "data": String::from_utf8_lossy(&bytes), "stream": "stderr", "sequence": sequence,
            },
        }));
        let read: Envelope<ServerMessage> = serde_json::from_slice(message.payload).unwrap();
        prop_assert_eq!(read.timestamp, at);
    }
}

#[test]
fn a_deeply_nested_message_is_refused_and_not_followed() {
    let depth = 500_000;
    for text in [
        "[".repeat(depth),
        "{\"a\":".repeat(depth),
        format!(r#"{{"type":"heartbeat","payload":{}"#, "[".repeat(depth)),
        format!(r#"{{"type":"heartbeat","payload":{{"sequence":{}"#, "[".repeat(depth)),
        format!(
            r#"{{"type":"heartbeat","payload":{{"sequence":1,"x":{}{}}}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        ),
    ] {
        assert!(is_answered(Input::Text(&text)));
    }
}

#[test]
fn a_refusal_names_the_field() {
    for (text, field) in [
        (r#"{"version":1,"type":"heartbeat","payload":{"sequence":1}}"#, Some("version")),
        (r#"{"type":7,"payload":{}}"#, Some("type")),
        (r#"{"payload":{}}"#, Some("type")),
        (r#"{"type":"heartbeat"}"#, Some("payload")),
        (r#"{"type":"heartbeat","payload":[1]}"#, Some("payload")),
        (r#"{"type":"heartbeat","timestamp":"now","payload":{"sequence":1}}"#, Some("timestamp")),
        (r#"{"type":"heartbeat","payload":{}}"#, Some("sequence")),
        (r#"{"type":"heartbeat","payload":{"sequence":"1"}}"#, Some("sequence")),
        (r#"{"type":"dashboard:connect","payload":{"token":"t"}}"#, Some("clientInfo")),
        (
            r#"{"type":"dashboard:connect","payload":{"token":"t","clientInfo":{}}}"#,
            Some("clientInfo.userAgent"),
        ),
        (
            "{\"type\":\"command:request\",\n \"payload\":{\"agentId\":\"a\",\n \"command\":[1],\n \"priority\":\"low\"}}",
            Some("command"),
        ),
        (
            r#"{"type":"command:request","payload":{"agentId":"a","command":"b","priority":"now"}}"#,
            Some("priority"),
        ),
        (
            r#"{"type":"command:request","payload":{"agentId":"a","command":"b","timeout":-1,"x":1}}"#,
            Some("timeout"),
        ),
        (r#"["1.0.0","heartbeat",1,{}]"#, None),
        ("{", None),
    ] {
        assert_eq!(parse(text).unwrap_err().field.as_deref(), field, "{text}");
    }
}

#[test]
fn what_a_client_writes_is_what_the_server_reads() {
    let message = ClientMessage::CommandRequest(super::messages::CommandRequest {
        agent_id: "agent-1".into(),
        command: "ls".into(),
        timeout: Some(5),
        ..Default::default()
    });
    let text = serde_json::to_string(&Envelope::new(message.clone(), 1)).unwrap();
    assert_eq!(parse(&text), Ok(message));
}

#[test]
fn messages_need_no_new_alarm() {
    let mut conversation = connected();
    let text = r#"{"type":"heartbeat","payload":{"sequence":1}}"#;
    for second in 1..50 {
        let mut actions = Actions::new();
        let now = Moment { steady: Steady(second * 1000), ..Moment::default() };
        conversation.handle(Input::Text(text), now, &mut actions);
        assert_eq!(actions.len(), 1, "{actions:?}");
    }
}
