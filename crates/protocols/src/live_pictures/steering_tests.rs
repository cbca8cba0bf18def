//! What a viewer who steers says, and is told.

use std::sync::Arc;

use pilothouse_core::{
    Caller, CoreError, Notice, Reply, Role, Scope,
    browsers::{Copied, Holder, Lease, Waiting},
    ids::ConnectionId,
    time::{Moment, Steady, Timestamp},
};
use serde_json::{Value, json};

use super::VIEW_DOOR;
use crate::{Action, Actions, Conversation, Input, Opening, Settings};

/// A viewer on connection 7.
struct Viewer {
    conversation: Box<dyn Conversation>,
    now: Moment,
}

fn opening(query: &[(&str, &str)]) -> Opening {
    Opening {
        connection: ConnectionId(7),
        caller: Some(Caller {
            user: "ann".into(),
            name: "Ann".into(),
            scope: Scope::Person(Role::Operator),
            connection: ConnectionId(7),
            address: "127.0.0.1".into(),
            program: "".into(),
            expires_at: None,
        }),
        parameters: vec!["s-1".into()],
        query: query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        subprotocol: None,
        denied: None,
    }
}

impl Viewer {
    fn open(query: &[(&str, &str)]) -> (Self, Vec<String>) {
        let conversation = (VIEW_DOOR.open)(&Settings::default());
        let mut viewer = Self { conversation, now: Moment::default() };
        let done = viewer.hear(Input::Opened(&opening(query)));
        (viewer, done)
    }

    fn hear(&mut self, input: Input<'_>) -> Vec<String> {
        let mut actions = Actions::new();
        self.conversation.handle(input, self.now, &mut actions);
        actions.iter().filter_map(word).collect()
    }

    fn say(&mut self, message: &Value) -> Vec<String> {
        self.hear(Input::Text(&message.to_string()))
    }

    fn told(&mut self, notice: &Notice) -> Vec<Value> {
        let told = self.hear(Input::Notice(notice));
        told.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }
}

/// What concerns steering, in a few words; texts as they are.
fn word(action: &Action) -> Option<String> {
    match action {
        Action::Send { payload, .. } => Some(String::from_utf8(payload.to_vec()).unwrap()),
        Action::Steer(session, steer) => Some(format!("{session}: {steer:?}")),
        Action::Ask(request) => Some(format!("{request:?} ")),
        Action::Close(code) => Some(format!("close {}", code.number())),
        _ => None,
    }
}

fn lease(holder: Option<u64>, waiting: &[u64]) -> Lease {
    let name = |connection: u64| format!("Person {connection}");
    Lease {
        session: "s-1".parse().unwrap(),
        holder: holder.map(|connection| Holder {
            user: format!("usr-{connection}").into(),
            name: name(connection).into(),
            connection: ConnectionId(connection),
            is_away: false,
        }),
        epoch: 12,
        until: holder.map(|_| Timestamp(1_760_000_000_000)),
        is_ending: false,
        waiting: waiting
            .iter()
            .map(|connection| Waiting {
                id: connection * 10,
                user: format!("usr-{connection}").into(),
                name: name(*connection).into(),
                connection: ConnectionId(*connection),
            })
            .collect(),
    }
}

fn told_lease(holder: Option<u64>, waiting: &[u64], may_steer: bool) -> Notice {
    Notice::Lease { lease: Arc::new(lease(holder, waiting)), may_steer }
}

#[test]
fn only_viewers_who_ask_for_news_are_in_front_of_the_browser() {
    let (_, done) = Viewer::open(&[("events", "1")]);
    assert_eq!(done, ["s-1: Arrive"]);
    let others = [
        vec![],
        vec![("binary", "1")],
        vec![("pacing", "ack")],
        vec![("events", "1"), ("replay", "rec-1")],
    ];
    for query in others {
        let (mut viewer, done) = Viewer::open(&query);
        assert_eq!(done, [""; 0], "{query:?}");
        assert_eq!(viewer.say(&json!({"type": "input_copy"})), [""; 0]);
        assert_eq!(viewer.say(&json!({"type": "control", "action": "request"})), [""; 0]);
        assert_eq!(viewer.told(&told_lease(Some(7), &[], true)), [Value::Null; 0]);
    }
}

#[test]
fn everything_that_is_done_goes_to_the_core() {
    let (mut viewer, _) = Viewer::open(&[("events", "1")]);
    let aimed =
        json!({"type": "input_mouse", "eventType": "mousePressed", "x": 1, "y": 2.5, "seq": 9});
    let table = [
        (aimed, "Input"),
        (
            json!({"type": "input_mouse", "eventType": "mouseMoved", "x": 1, "y": 2, "button": "sixth"}),
            "Input",
        ),
        (json!({"type": "input_keyboard", "eventType": "keyDown", "key": "a"}), "Input"),
        (json!({"type": "input_touch", "eventType": "touchEnd"}), "Input"),
        (json!({"type": "input_clipboard", "text": "secret"}), "Input"),
        (json!({"type": "input_copy"}), "Input"),
        (json!({"type": "input_copy", "seq": 3}), "Input"),
        (json!({"type": "resize", "width": 800.4, "height": 9e9}), "Resize"),
        (json!({"type": "control", "action": "renew"}), "Renew"),
    ];
    for (said, expected) in table {
        assert_eq!(viewer.say(&said), [format!("s-1: {expected}")], "{said}");
    }
}

#[test]
fn what_makes_no_sense_means_nothing() {
    let (mut viewer, _) = Viewer::open(&[("events", "1")]);
    for said in [
        json!({"type": "input_mouse"}),
        json!({"type": "input_mouse", "eventType": "mouseDanced", "x": 1, "y": 2}),
        json!({"type": "input_mouse", "eventType": "mouseMoved", "x": "1", "y": 2}),
        json!({"type": "input_keyboard", "eventType": 1}),
        json!({"type": "control", "action": "steal"}),
        json!({"type": "control"}),
        json!({"type": "resize", "width": null, "height": 1}),
        json!({"type": "input_dance"}),
        json!([1]),
    ] {
        assert_eq!(viewer.say(&said), [""; 0], "{said}");
    }
}

#[test]
fn who_steers_is_asked_for_answered_and_told() {
    let (mut viewer, _) = Viewer::open(&[("events", "1")]);
    for (action, id, expected) in [
        ("request", None, "Request"),
        ("release", None, "Release"),
        ("take", None, "Take"),
        ("grant", Some("30"), "Grant { id: Some(30) }"),
        ("decline", None, "Decline { id: None }"),
        ("decline", Some("nobody"), "Decline { id: Some(0) }"),
    ] {
        let mut said = json!({"type": "control", "action": action});
        if let Some(id) = id {
            said["id"] = id.into();
        }
        let asked = viewer.say(&said).concat();
        assert!(asked.contains(&format!("act: {expected} ")), "{said}: {asked}");
    }
    assert_eq!(
        viewer.hear(Input::Answer(Ok(Reply::Done))),
        [""; 0],
        "what came of it is told to all"
    );
    let refused = viewer.hear(Input::Answer(Err(CoreError::Forbidden("not you"))));
    assert_eq!(refused, [r#"{"type":"error","code":"FORBIDDEN","message":"not you"}"#]);

    let until = "2025-10-09T08:53:20.000Z";
    let other = json!({
        "type": "control", "holder": {"name": "Person 3", "user": "usr-3"}, "you": false, "epoch": 12, "until": until,
        "waiting": [{"id": "70", "name": "Person 7"}], "mayRequest": true, "asked": true,
    });
    assert_eq!(viewer.told(&told_lease(Some(3), &[7], true)), [other]);
    let own = viewer.told(&told_lease(Some(7), &[], true)).remove(0);
    assert_eq!((&own["you"], &own["asked"]), (&json!(true), &json!(false)));
    let nobody = viewer.told(&told_lease(None, &[], false)).remove(0);
    assert_eq!((&nobody["holder"], &nobody["mayRequest"]), (&Value::Null, &json!(false)));
    let ending = Lease { is_ending: true, ..lease(Some(7), &[]) };
    let ending = viewer.told(&Notice::Lease { lease: Arc::new(ending), may_steer: true }).remove(0);
    assert_eq!(ending["warning"], json!(true));
    let copied = Copied { session: "s-1".parse().unwrap(), epoch: 12, text: "words".into() };
    let copied = viewer.told(&Notice::Copied(Arc::new(copied)));
    assert_eq!(copied, [json!({"type": "clipboard", "text": "words"})]);
}

#[test]
fn that_an_input_had_no_effect_is_said_once_a_second() {
    let (mut viewer, _) = Viewer::open(&[("events", "1")]);
    let refused = Notice::NotSteered(CoreError::NotInControl);
    viewer.now.steady = Steady(5_000);
    assert_eq!(viewer.told(&refused)[0]["code"], json!("NOT_IN_CONTROL"));
    viewer.now.steady = Steady(5_999);
    assert!(viewer.told(&refused).is_empty());
    viewer.now.steady = Steady(6_000);
    assert_eq!(viewer.told(&refused).len(), 1);
}

#[test]
fn nobody_floods_the_audit_or_the_agent_with_requests() {
    let (mut viewer, _) = Viewer::open(&[("events", "1")]);
    let mut said = |message: Value, times: usize| {
        (0..times).flat_map(|_| viewer.say(&message)).collect::<Vec<_>>()
    };
    let asked = said(json!({"type": "control", "action": "request"}), 50);
    let of = |kind: &str| asked.iter().filter(|word| word.contains(kind)).count();
    assert_eq!((of("Request"), of("LIMIT_REACHED"), asked.len()), (10, 1, 11));
    assert_eq!(said(json!({"type": "resize", "width": 800, "height": 600}), 5), [""; 0]);
    assert_eq!(said(json!({"type": "control", "action": "renew"}), 5).len(), 5);
    assert_eq!(said(json!({"type": "input_copy"}), 500).len(), 500);
}
