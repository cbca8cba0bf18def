//! The door's transcripts, and what no transcript can show.

use std::fs;

use serde_json::{Value, json};

use super::{
    DOOR,
    messages::{AgentStatus, Heartbeat, Presence, ServerMessage, SessionActivity},
};
use crate::in_memory;

#[test]
fn transcripts_are_kept() {
    let folder = format!("{}/src/mission_control/transcripts", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 5);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        in_memory::run(&DOOR, &name, &fs::read_to_string(&path).unwrap());
    }
}

/// The three messages with the fields that clients rely on, and no others.
#[test]
fn messages_have_exactly_a_type_and_a_payload() {
    let at = 1_707_163_200_000_u64;
    let messages: [(ServerMessage, Value); 3] = [
        (
            ServerMessage::AgentStatus(AgentStatus {
                agent_id: "agent-abc-123".into(),
                status: Presence::Online,
                timestamp: at,
            }),
            json!({"type": "agent:status", "payload":
                {"agentId": "agent-abc-123", "status": "online", "timestamp": at}}),
        ),
        (
            ServerMessage::SessionActivity(SessionActivity {
                agent_id: "agent-abc-123".into(),
                session_id: "session-xyz-789".into(),
                last_message: "Processing user request...".into(),
                timestamp: at,
            }),
            json!({"type": "session:activity", "payload": {
                "agentId": "agent-abc-123", "sessionId": "session-xyz-789",
                "lastMessage": "Processing user request...", "timestamp": at}}),
        ),
        (
            ServerMessage::Heartbeat(Heartbeat { timestamp: at }),
            json!({"type": "heartbeat", "payload": {"timestamp": at}}),
        ),
    ];
    for (message, expected) in messages {
        assert_eq!(serde_json::to_value(message).unwrap(), expected);
    }
}
