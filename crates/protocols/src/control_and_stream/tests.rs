//! The protocol's transcripts, and what no transcript can show.

use std::{fs, sync::Arc, time::Duration};

use pilothouse_core::{
    Caller, Event, Published, Scope,
    ids::{AgentId, ConnectionId, RunId, SessionId, TaskId},
    listening::{Standing, Task},
    runs::{self, Run, RunLimits, Step, Taken},
    time::{Moment, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    DOOR,
    messages::{Envelope, ServerMessage, parse},
    open_in_events,
};
use crate::{
    Action, Actions, CloseCode, Conversation, Denied, Input, Opening, Settings, in_memory,
};

#[test]
fn transcripts_are_kept() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control_and_stream/transcripts");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 8);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        in_memory::run(&DOOR, &name, &fs::read_to_string(&path).unwrap());
    }
}

fn opened(mut conversation: Box<dyn Conversation>) -> (Box<dyn Conversation>, Vec<Value>) {
    let opening = Opening {
        connection: ConnectionId(1),
        caller: None,
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    };
    let told = told(&mut conversation, Input::Opened(&opening));
    (conversation, told)
}

fn plane() -> Box<dyn Conversation> {
    opened((DOOR.open)(&Settings::default())).0
}

fn done(conversation: &mut Box<dyn Conversation>, input: Input<'_>) -> Actions {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    actions
}

fn told(conversation: &mut Box<dyn Conversation>, input: Input<'_>) -> Vec<Value> {
    let actions = done(conversation, input);
    let told = actions.iter().filter_map(|action| match action {
        Action::Send { payload, .. } => Some(serde_json::from_slice(payload).unwrap()),
        _ => None,
    });
    told.collect()
}

fn shows(token: &str, agent: &str) -> String {
    json!({"type": "AUTHENTICATE", "sessionToken": token, "agentId": agent, "messageId": "m-1"})
        .to_string()
}

fn session_caller() -> Caller {
    Caller {
        user: "a-1".into(),
        name: "a-1".into(),
        scope: Scope::Session {
            session: SessionId::new("s-1").unwrap(),
            agent: AgentId::new("a-1").unwrap(),
        },
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: Some(Timestamp(60_000)),
    }
}

#[test]
fn a_token_for_another_agent_leaves_the_connection_with_nobody() {
    let mut plane = plane();
    done(&mut plane, Input::Text(&shows("any", "a-2")));
    let actions = done(&mut plane, Input::Verified(Ok(session_caller())));
    assert!(actions.iter().any(|action| matches!(action, Action::Disown)), "{actions:?}");
    assert!(!actions.iter().any(|action| matches!(action, Action::Listen(_))), "{actions:?}");
    let answer = told(&mut plane, Input::Text(r#"{"type":"PING"}"#));
    assert_eq!(answer[0]["code"], "AUTH_REQUIRED");
}

#[test]
fn a_revoked_token_ends_the_connection_at_once_and_without_a_code() {
    let mut plane = plane();
    let actions = done(&mut plane, Input::Revoked);
    let [Action::Send { payload, .. }, Action::Close(CloseCode::Revoked)] = &actions[..] else {
        panic!("{actions:?}");
    };
    let error: Value = serde_json::from_slice(payload).unwrap();
    assert!(error["error"].as_str().unwrap().starts_with("SESSION_REVOKED"), "{error}");
    assert!(error.get("code").is_none(), "{error}");
    assert_eq!(CloseCode::Revoked.number(), 1000);
}

/// Clients of events count on a greeting before they say something, on ids, and on an answer to `PING`.
#[test]
fn inside_of_events_every_message_has_an_id_and_some_codes_are_others() {
    let (mut plane, greeting) = opened(open_in_events(&Settings::default()));
    assert_eq!(greeting.len(), 1);
    assert_eq!(
        (&greeting[0]["type"], &greeting[0]["messageId"]),
        (&json!("CONNECTION_STATUS"), &json!("conn-0"))
    );
    let pong = told(&mut plane, Input::Text(r#"{"type":"PING"}"#));
    assert_eq!((&pong[0]["type"], &pong[0]["messageId"]), (&json!("PONG"), &json!("pong-0")));
    let named = told(&mut plane, Input::Text(r#"{"type":"PING","messageId":"mine"}"#));
    assert_eq!(named[0]["messageId"], "mine");
    let unknown = told(&mut plane, Input::Text(r#"{"type":"DANCE"}"#));
    assert_eq!(
        (&unknown[0]["code"], &unknown[0]["details"]["type"], &unknown[0]["messageId"]),
        (&json!("UNKNOWN_MESSAGE_TYPE"), &json!("DANCE"), &json!("err-0"))
    );
    let denied = told(
        &mut plane,
        Input::Text(r#"{"type":"SUBSCRIBE","subscriptionType":"AGENT","targetId":"a"}"#),
    );
    assert_eq!(denied[0]["code"], "AUTH_REQUIRED");
}

#[test]
fn only_what_is_larger_than_32_kib_is_too_large_and_nothing_else_is_said_of_it() {
    let message = |size: usize| {
        let text = json!({"type": "PING", "padding": ""}).to_string();
        text.replace("\"\"", &format!("\"{}\"", "x".repeat(size - text.len())))
    };
    let answer = told(&mut plane(), Input::Text(&message(32 << 10)));
    assert_eq!(answer[0]["code"], "AUTH_REQUIRED");
    let answer = told(&mut plane(), Input::Text(&message((32 << 10) + 1)));
    assert_eq!((answer.len(), &answer[0]["code"]), (1, &json!("MESSAGE_TOO_LARGE")));
}

/// Whatever it is, it is answered, or known to mean nothing, and the connection goes on.
fn goes_on(input: Input<'_>) -> bool {
    let actions = done(&mut plane(), input);
    actions.iter().all(|action| match action {
        Action::Send { payload, .. } => {
            serde_json::from_slice::<Envelope<ServerMessage>>(payload).is_ok()
        }
        Action::Verify(_) => true,
        _ => false,
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[a-zé\"\\\\\n]{0,6}".prop_map(Value::from),
        Just(json!("TASK")),
        Just(json!(["a"])),
        Just(json!({"a": 1})),
    ]
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        prop_assert!(goes_on(Input::Text(&text)));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        prop_assert!(goes_on(Input::Binary(&bytes)));
    }

    #[test]
    fn any_message_is_answered_or_means_nothing(
        message_type in prop_oneof![
            Just("AUTHENTICATE"), Just("SUBSCRIBE"), Just("UNSUBSCRIBE"), Just("PING"), Just("BATCH"),
            Just("ping"),
        ],
        fields in prop::collection::btree_map(
            prop_oneof![
                Just("sessionToken"), Just("agentId"), Just("subscriptionType"), Just("targetId"),
                Just("messageId"), Just("timestamp"),
            ],
            any_value(), 0..5,
        ),
    ) {
        let mut message = json!(fields);
        message["type"] = json!(message_type);
        prop_assert!(goes_on(Input::Text(&message.to_string())));
    }
}

#[test]
fn what_a_client_writes_is_what_the_server_reads() {
    for text in [
        r#"{"type":"AUTHENTICATE","sessionToken":"t","agentId":"a"}"#,
        r#"{"type":"SUBSCRIBE","subscriptionType":"SESSION","targetId":"s"}"#,
        r#"{"type":"UNSUBSCRIBE","subscriptionType":"TASK","targetId":"t"}"#,
        r#"{"type":"PING"}"#,
    ] {
        let said = parse(text).unwrap();
        let written = serde_json::to_value(&said.message).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
    }
}

#[test]
fn a_bad_token_is_refused_and_can_be_followed_by_a_good_one() {
    let mut plane = plane();
    done(&mut plane, Input::Text(&shows("bad", "a-1")));
    let refused = told(&mut plane, Input::Verified(Err(Denied { reason: "the token is invalid" })));
    assert_eq!(
        (&refused[0]["code"], &refused[0]["messageId"]),
        (&json!("INVALID_TOKEN"), &json!("m-1"))
    );
    let actions = done(&mut plane, Input::Text(&shows("good", "a-1")));
    assert!(matches!(actions[..], [Action::Verify(_)]), "{actions:?}");
}

fn run(session: Option<&str>, steps: u32, state: runs::State) -> Arc<Run> {
    Arc::new(Run {
        id: RunId::new("run-1").unwrap(),
        user: "ana".into(),
        requested_by: "Ana".into(),
        requested_at: Timestamp(0),
        agent: AgentId::new("a-1").unwrap(),
        session: session.map(|id| SessionId::new(id).unwrap()),
        task: Some("find the price".into()),
        script: None,
        limits: RunLimits { steps: 4, time: Duration::from_secs(60) },
        steps,
        stage: None,
        state,
        approval: false,
        allowed: Arc::new([]),
        heals: false,
        paused: false,
        waits: None,
        idle: runs::Idle::default(),
    })
}

fn ended(outcome: runs::Outcome) -> runs::State {
    let (began, at) = (Some(Timestamp(1000)), Timestamp(3000));
    runs::State::Ended(runs::Ended {
        outcome,
        began,
        at,
        answer: Some("42".into()),
        commands: None,
    })
}

fn step(run: &Arc<Run>) -> Event {
    let step = Step {
        run: run.id.clone(),
        number: run.steps,
        action: r#"{"type":"click"}"#.into(),
        explanation: "clicking".into(),
        at: Timestamp(0),
    };
    Event::Runs(runs::Event::Step(Taken { run: run.clone(), step: step.into(), screenshot: None }))
}

/// Somebody with the token of session `s-1` who subscribed to that session and to its agent.
fn subscribed() -> Box<dyn Conversation> {
    let mut plane = plane();
    let agent = AgentId::new("a-1").unwrap();
    let standing = || Standing { agent: agent.clone(), since: 1, sessions: vec![], tasks: vec![] };
    done(&mut plane, Input::Text(&shows("any", "a-1")));
    done(&mut plane, Input::Verified(Ok(session_caller())));
    let mut first = standing();
    first.sessions.push(Arc::new(pilothouse_core::sessions::Session {
        id: SessionId::new("s-1").unwrap(),
        agent: agent.clone(),
        kind: pilothouse_core::sessions::Kind::Quick,
        path: "/work".into(),
        title: None,
        initial_prompt: None,
        created_at: Timestamp(0),
        is_active: true,
        workers: Arc::new([]),
    }));
    done(&mut plane, Input::Listening(Ok(first)));
    for (kind, id) in [("SESSION", "s-1"), ("AGENT", "a-1")] {
        let text = json!({"type": "SUBSCRIBE", "subscriptionType": kind, "targetId": id});
        let actions = done(&mut plane, Input::Text(&text.to_string()));
        assert!(matches!(actions[..], [Action::Listen(_)]), "{actions:?}");
        done(&mut plane, Input::Listening(Ok(standing())));
    }
    plane
}

fn heard(plane: &mut Box<dyn Conversation>, events: Vec<Event>) -> Vec<Value> {
    let publish = |event| Arc::new(Published { sequence: 9, at: Timestamp(0), event });
    let events: Vec<_> = events.into_iter().map(publish).collect();
    let agent = &AgentId::new("a-1").unwrap();
    told(plane, Input::Heard { agent, events: &events })
}

#[test]
fn runs_are_tasks_with_progress_by_their_steps() {
    let mut plane = subscribed();
    let status = |run: &Arc<Run>| Event::Runs(runs::Event::Status(run.clone()));
    let begun = run(Some("s-1"), 0, runs::State::InProgress { since: Timestamp(1000) });
    let second = run(Some("s-1"), 2, begun.state.clone());
    let over = run(Some("s-1"), 2, ended(runs::Outcome::Completed));
    let pending = run(Some("s-1"), 0, runs::State::Pending);
    let told =
        heard(&mut plane, vec![status(&pending), status(&begun), step(&second), status(&over)]);
    let short = |message: &Value| {
        let detail = match message["type"].as_str().unwrap() {
            "TASK_STATUS" => message["status"].clone(),
            "TASK_PROGRESS" => message["progress"].clone(),
            _ => message["logs"][0].clone(),
        };
        (message["type"].as_str().unwrap().to_owned(), detail)
    };
    let expected = [
        ("TASK_STATUS", json!("PENDING")),
        ("TASK_STATUS", json!("PROCESSING")),
        ("TASK_PROGRESS", json!(0)),
        ("TASK_PROGRESS", json!(50)),
        ("TASK_LOGS", json!("clicking")),
        ("TASK_PROGRESS", json!(100)),
        ("TASK_STATUS", json!("COMPLETED")),
    ];
    let expected = expected.map(|(kind, detail)| (kind.to_owned(), detail));
    assert_eq!(told.iter().map(short).collect::<Vec<_>>(), expected);
    let result = &told[6]["metadata"]["result"];
    assert_eq!((&result["answer"], &result["durationMs"]), (&json!("42"), &json!(2000)));
    assert!(told.iter().all(|message| message["sessionId"] == "s-1"), "{told:?}");
    let cancelled = heard(&mut plane, vec![status(&run(None, 0, ended(runs::Outcome::Cancelled)))]);
    assert_eq!(
        (&cancelled[0]["status"], &cancelled[0]["metadata"]["error"]),
        (&json!("FAILED"), &json!("cancelled"))
    );
}

#[test]
fn a_run_that_waits_or_is_paused_is_told_as_one_that_is_processed_with_the_reason() {
    let mut plane = subscribed();
    let status = |run: &Arc<Run>| Event::Runs(runs::Event::Status(run.clone()));
    let begun = run(Some("s-1"), 1, runs::State::InProgress { since: Timestamp(1000) });
    let wait = runs::Wait {
        id: "w-1".into(),
        kind: runs::WaitKind::Approval,
        text: "POST to shop.example".into(),
        since: Timestamp(2000),
        until: Some(Timestamp(3000)),
        request: None,
    };
    let asking = Arc::new(Run { waits: Some(wait), ..(*begun).clone() });
    let paused = Arc::new(Run { paused: true, ..(*begun).clone() });
    let said = |session: &str| pilothouse_core::said::Said {
        agent: AgentId::new("a-1").unwrap(),
        session: session.into(),
        text: "clicking".into(),
    };
    let told = heard(
        &mut plane,
        vec![
            status(&begun),
            status(&asking),
            status(&paused),
            Event::Said(Arc::new(said("run-1"))),
            status(&begun),
        ],
    );
    let kinds: Vec<_> = told.iter().map(|it| it["type"].as_str().unwrap()).collect();
    let (state, far) = ("TASK_STATUS", "TASK_PROGRESS");
    assert_eq!(kinds, [state, far, state, far, state, far, state], "what it says are its steps");
    let states: Vec<_> = told.iter().filter(|it| it["type"] == state).collect();
    assert!(states.iter().all(|it| it["status"] == "PROCESSING"));
    let waiting = json!({"waitId": "w-1", "kind": "approval", "text": "POST to shop.example",
                         "since": "1970-01-01T00:00:02.000Z", "until": "1970-01-01T00:00:03.000Z"});
    assert_eq!(states[1]["metadata"], json!({"waiting": waiting}));
    assert_eq!(states[2]["metadata"], json!({"paused": true}));
    assert_eq!(states[3].get("metadata"), None);
    let stages: Vec<_> =
        told.iter().filter(|it| it["type"] == far).map(|it| &it["stage"]).collect();
    assert_eq!(stages, [&Value::Null, &json!("POST to shop.example"), &json!("paused")]);
}

#[test]
fn a_sessions_token_hears_nothing_of_another_sessions_runs() {
    let mut plane = subscribed();
    let others = run(Some("s-2"), 1, runs::State::InProgress { since: Timestamp(1000) });
    let status = Event::Runs(runs::Event::Status(others.clone()));
    assert!(heard(&mut plane, vec![status, step(&others)]).is_empty());
    let task = Task::Run(others);
    assert_eq!(task.id(), TaskId::new("run-1").unwrap());
    done(&mut plane, Input::Missed(&AgentId::new("a-1").unwrap()));
    let agent = AgentId::new("a-1").unwrap();
    let standing = Standing { agent, since: 20, sessions: vec![], tasks: vec![task] };
    let told = told(&mut plane, Input::Listening(Ok(standing)));
    assert!(told.iter().all(|message| message["type"] == "SESSION_STATUS"), "{told:?}");
}
