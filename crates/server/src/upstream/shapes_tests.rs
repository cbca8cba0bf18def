//! Answers of gateways, and what is made of them.

use serde_json::json;

use super::*;

const NOW: u64 = 1_770_000_000_000;

fn read(answer: &Value) -> Vec<(String, String, Status)> {
    let sessions = sessions(answer, NOW).expect("it is one of the shapes");
    let shown = |it: GatewaySession| (it.agent.to_string(), it.session, it.status);
    sessions.into_iter().map(shown).collect()
}

fn recent(fields: &Value) -> Value {
    let mut entry =
        json!({"agentId": "main", "key": "agent:main:main", "kind": "direct", "sessionId": "s-1"});
    entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"sessions": {"paths": [], "count": 1, "recent": [entry], "byAgent": []}})
}

#[test]
fn the_status_shape_tells_a_status_by_age_and_tokens() {
    for (fields, expected) in [
        (json!({"age": 9_999, "outputTokens": 5}), Status::Busy),
        (json!({"age": 9_999, "outputTokens": 0}), Status::Online),
        (json!({"age": 10_000, "outputTokens": 5}), Status::Online),
        (json!({"age": 299_999}), Status::Online),
        (json!({"age": 300_000}), Status::Offline),
        (json!({"updatedAt": NOW - 1000, "outputTokens": 1}), Status::Busy),
        (json!({"updatedAt": "2026-02-02T02:40:00Z"}), Status::Online),
        (json!({"age": 900_000_000, "abortedLastRun": true}), Status::Error),
        (json!({}), Status::Offline),
    ] {
        let expected = [("main".to_owned(), "s-1".to_owned(), expected)];
        assert_eq!(read(&recent(&fields)), expected, "{fields}");
    }
}

#[test]
fn the_older_shape_tells_a_status_by_its_message() {
    let at = |milliseconds: u64| (NOW - milliseconds) / 1000;
    let said = |ago| json!({"content": "Fixing the tests", "timestamp": at(ago)});
    for (fields, expected) in [
        (json!({"current_message": said(3000), "last_activity": at(3000)}), Status::Busy),
        (json!({"current_message": said(20_000), "last_activity": at(3000)}), Status::Online),
        (json!({"current_message": null, "last_activity": at(29_000)}), Status::Online),
        (json!({"current_message": null, "last_activity": at(31_000)}), Status::Offline),
        (json!({"last_activity": at(0), "error": "out of tokens"}), Status::Error),
        (json!({"last_activity": at(0), "status": "error"}), Status::Error),
        (json!({"last_activity": at(0), "error": null}), Status::Online),
    ] {
        let mut entry = json!({"session": "agent:backend-dev:slack:7", "type": "agent"});
        entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let expected =
            [("backend-dev".to_owned(), "agent:backend-dev:slack:7".to_owned(), expected)];
        assert_eq!(read(&json!({"sessions": [entry]})), expected, "{fields}");
    }
}

#[test]
fn sessions_carry_what_people_look_at_and_nothing_large() {
    let answer = recent(&json!({
        "age": 60_000, "percentUsed": 12, "totalTokens": 2400, "model": "opus", "flags": ["think"],
        "host": {"deep": true}, "label": "x".repeat(1000),
    }));
    let session = sessions(&answer, NOW).unwrap().remove(0);
    assert_eq!(session.name, "Main Agent");
    assert_eq!(session.task.as_deref(), Some("Context: 12% used (2400 tokens)"));
    let details = Value::Object(session.details);
    assert_eq!(details["model"], "opus");
    assert_eq!(details["channel"], "main");
    assert!(details.get("host").is_none() && details.get("label").is_none());
}

#[test]
fn what_is_odd_is_skipped_and_what_is_no_shape_is_no_answer() {
    for odd in
        [json!(null), json!("sessions"), json!({}), json!({"sessions": 5}), json!({"sessions": {}})]
    {
        assert!(sessions(&odd, NOW).is_none(), "{odd}");
    }
    let odd = json!({"sessions": [7, null, {}, {"session": ""}, {"agentId": "a"}, {"agentId": "  ", "sessionId": "x"},
        {"agentId": "../../etc $(id)", "sessionId": "ok", "age": -5, "updatedAt": "yesterday"}]});
    let read = read(&odd);
    let agents: Vec<_> = read.iter().map(|(agent, _, _)| agent.as_str()).collect();
    assert_eq!(agents, ["------etc---id-"]);
    let many: Vec<_> =
        (0..5000).map(|n| json!({"agentId": "a", "sessionId": n.to_string()})).collect();
    assert_eq!(sessions(&json!({"sessions": many}), NOW).unwrap().len(), MOST_SESSIONS);
}

#[test]
fn health_is_read_in_both_ways() {
    for (answer, expected) in [
        (json!({"status": "ok"}), true),
        (json!({"healthy": true}), true),
        (json!({"healthy": false, "status": "ok"}), false),
        (json!({"status": "down"}), false),
        (json!(null), true),
    ] {
        assert_eq!(is_well(&answer), expected, "{answer}");
    }
}
