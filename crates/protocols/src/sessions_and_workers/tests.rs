//! The two doors' transcripts, and what no transcript can show.

use std::{fs, sync::Arc};

use bytes::Bytes;
use pilothouse_core::{
    Caller, Event, Published, Role, Scope,
    fanout::{Language, Messages},
    ids::{AgentId, ConnectionId, SessionId, WorkerId},
    sessions::{self, Activity, Kind, Launch, Size},
    streams::{self, Channel, Record, Source, StreamKey},
    time::{Moment, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    APP_DOOR, TERMINAL, TERMINAL_WITH_OFFSETS, Terminal, WORKER_DOOR,
    messages::{
        AppServerMessage, WorkerClientMessage, WorkerServerMessage, parse_app, parse_worker,
    },
};
use crate::{
    Action, Actions, Attachment, Conversation, Door, Input, Opening, Past, Settings, Start,
    TerminalLanguage, in_memory,
};

fn transcripts(folder: &str) -> impl Iterator<Item = (String, String)> {
    let folder =
        format!("{}/src/sessions_and_workers/transcripts/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 4);
    paths.into_iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).unwrap())
    })
}

#[test]
fn transcripts_of_the_app_are_kept() {
    for (name, text) in transcripts("app") {
        in_memory::run(&APP_DOOR, &name, &text);
    }
}

#[test]
fn transcripts_of_workers_are_kept() {
    for (name, text) in transcripts("worker") {
        in_memory::run(&WORKER_DOOR, &name, &text);
    }
}

fn opening(query: &[(&str, &str)]) -> Opening {
    let caller = Caller {
        user: "ana".into(),
        name: "ana".into(),
        scope: Scope::Person(Role::Operator),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    };
    Opening {
        connection: ConnectionId(1),
        caller: Some(caller),
        parameters: vec!["ses-1".into(), "wrk-1".into()],
        query: query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        subprotocol: None,
        denied: None,
    }
}

fn worker() -> sessions::Worker {
    sessions::Worker {
        id: WorkerId::new("wrk-1").unwrap(),
        session: SessionId::new("ses-1").unwrap(),
        name: "Terminal 1".into(),
        kind: sessions::WorkerKind::Agent { agent_type: "claude".into() },
        created_at: Timestamp(0),
        epoch: 3,
        state: sessions::WorkerState::Starting,
        activity: Activity::Idle,
        activity_since: Timestamp(0),
        size: Size::default(),
        launch: Launch::default(),
    }
}

fn viewers() -> sessions::Viewers {
    let viewer = |number: u64, name: &str, since: u64| sessions::Viewer {
        id: sessions::viewer_name(ConnectionId(number)),
        user: name.to_lowercase().into(),
        name: name.into(),
        since: Timestamp(since),
        may_type: number == 1,
        owns_size: number == 1,
    };
    sessions::Viewers {
        worker: WorkerId::new("wrk-1").unwrap(),
        named: [viewer(1, "Ana", 0), viewer(2, "Bob", 1000)].into(),
        total: 7,
    }
}

fn session() -> sessions::Session {
    sessions::Session {
        id: SessionId::new("ses-1").unwrap(),
        agent: AgentId::new("agent-1").unwrap(),
        kind: Kind::Quick,
        path: "/work".into(),
        title: None,
        initial_prompt: None,
        created_at: Timestamp(0),
        is_active: true,
        workers: Arc::new([]),
    }
}

fn record(position: u64, bytes: &[u8]) -> Record {
    Record {
        stream: worker().stream(),
        channel: Channel::Terminal,
        position,
        sequence: 1,
        bytes: Bytes::copy_from_slice(bytes),
    }
}

fn past(start: Start, records: Vec<Record>, position: u64) -> Past {
    Past { epoch: worker().epoch, start, records, position }
}

fn attached(query: &[(&str, &str)]) -> Box<dyn Conversation> {
    attach(query).0
}

/// What a client is told when it attaches.
fn beginning(query: &[(&str, &str)]) -> Vec<Value> {
    let actions = attach(query).1;
    let messages = actions.iter().filter_map(|action| match action {
        Action::Send { payload, .. } => Some(serde_json::from_slice(payload).unwrap()),
        _ => None,
    });
    messages.collect()
}

fn attach(query: &[(&str, &str)]) -> (Box<dyn Conversation>, Actions) {
    let mut conversation = (WORKER_DOOR.open)(&Settings::default());
    let mut actions = Actions::new();
    conversation.handle(Input::Opened(&opening(query)), Moment::default(), &mut actions);
    assert!(matches!(actions[..], [Action::Attach(_)]));
    let (session, worker) = (Arc::new(session()), Arc::new(worker()));
    let (may_type, is_resync) = (true, false);
    let (past, position, viewers) = (None, 0, Some(Arc::new(viewers())));
    let begin = Attachment { session, worker, may_type, past, position, viewers, is_resync };
    conversation.handle(Input::Attached(Ok(begin)), Moment::default(), &mut actions);
    (conversation, actions)
}

fn opened(door: &Door) -> Box<dyn Conversation> {
    if door.name == WORKER_DOOR.name {
        return attached(&[("fromOffset", "0")]);
    }
    let mut conversation = (door.open)(&Settings::default());
    conversation.handle(Input::Opened(&opening(&[])), Moment::default(), &mut Actions::new());
    conversation
}

/// Whatever it is, it is answered or done, and the connection goes on.
fn goes_on(input: impl Fn() -> Input<'static>) -> bool {
    [&APP_DOOR, &WORKER_DOOR].into_iter().all(|door| {
        let mut actions = Actions::new();
        opened(door).handle(input(), Moment::default(), &mut actions);
        !actions.is_empty() && !actions.iter().any(|action| matches!(action, Action::Close(_)))
    })
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zé\"\\\\\n]{1,6}".prop_map(Value::from),
        Just(json!("iVBORw0KGgo=")),
        Just(json!("image/png")),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let text = leaked(text);
        prop_assert!(goes_on(|| Input::Text(text)));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
        prop_assert!(goes_on(|| Input::Binary(bytes)));
    }

    #[test]
    fn any_message_is_answered_or_done(
        message_type in prop_oneof![
            Just("input"), Just("resize"), Just("image"), Just("request-sync"),
            Just("request-history-range"), Just("output"),
        ],
        fields in prop::collection::btree_map(
            prop_oneof![
                Just("data"), Just("cols"), Just("rows"), Just("mimeType"), Just("from"), Just("to"),
                Just("scope"),
            ],
            any_json(), 0..5,
        ),
    ) {
        let mut message = json!(fields);
        message["type"] = json!(message_type);
        // Nothing typed is nothing done.
        prop_assume!(message["data"] != "" || message_type != "input");
        let text = leaked(message.to_string());
        prop_assert!(goes_on(|| Input::Text(text)));
    }

    #[test]
    fn output_is_written_as_serde_would(
        bytes in prop::collection::vec(any::<u8>(), 0..200), position in 0..u64::MAX / 2,
    ) {
        let whole = &bytes[..bytes.len() - streams::Begun::at_end_of(&bytes).as_bytes().len()];
        let data = String::from_utf8_lossy(whole).into_owned();
        let [plain, with_offsets] = told(written(position, &bytes, streams::Begun::default()));
        prop_assume!(!whole.is_empty());
        prop_assert_eq!(&plain, &[json!({"type": "output", "data": data})]);
        let offset = position + whole.len() as u64;
        let expected = json!({"type": "output", "data": data, "offset": offset, "epoch": 3});
        prop_assert_eq!(&with_offsets, &[expected]);
        let read: WorkerServerMessage = serde_json::from_value(with_offsets[0].clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(read).unwrap(), with_offsets[0].clone());
    }

    /// Wherever the log was cut, also inside a character, the history is the log.
    #[test]
    fn a_history_is_the_log_however_it_was_cut(
        text in "[a-zé€😀\"\u{1b}\n]{0,60}", cuts in prop::collection::vec(0_usize..200, 0..6), skip in 0_usize..30,
    ) {
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let records =
            cuts.windows(2).map(|cut| record(cut[0] as u64, &bytes[cut[0]..cut[1]])).collect();
        let from = skip.min(bytes.len());
        let past = past(Start::Continued(from as u64), records, bytes.len() as u64);
        let history = TERMINAL_WITH_OFFSETS.past(&past).unwrap();
        let read: Value = serde_json::from_slice(&history).unwrap();
        prop_assert_eq!(read, json!({
            "type": "history", "data": String::from_utf8_lossy(&bytes[from..]), "startOffset": from,
            "offset": bytes.len(), "epoch": 3, "replaces": false,
        }));
    }
}

fn written(position: u64, bytes: &[u8], begun: streams::Begun) -> Event {
    let agent = AgentId::new("agent-1").unwrap();
    Event::Output(streams::Event::Written { agent, record: record(position, bytes), begun })
}

/// Whoever comes in between, and however the log is cut: together they are told the text and nothing else.
#[test]
fn a_character_is_told_whole_to_those_who_came_before_and_to_those_who_come_inside_of_it() {
    let text = "é€😀 z";
    let mut begun = streams::Begun::default();
    let (mut live, mut places, mut behind) = (String::new(), Vec::new(), Vec::new());
    for (position, byte) in text.bytes().enumerate() {
        let record = vec![record(0, &text.as_bytes()[..position])];
        let past = past(Start::Continued(0), record, position as u64);
        let before = TERMINAL_WITH_OFFSETS.past(&past).unwrap();
        let before: Value = serde_json::from_slice(&before).unwrap();
        behind.push((before["data"].as_str().unwrap().to_owned(), live.len()));
        let [plain, with_offsets] = told(written(position as u64, &[byte], begun));
        begun = begun.followed_by(&[byte]);
        live.extend(plain.iter().map(|message| message["data"].as_str().unwrap()));
        places.extend(with_offsets.iter().map(|message| message["offset"].as_u64().unwrap()));
    }
    assert_eq!(live, text);
    assert_eq!(places, [2, 5, 9, 10, 11]);
    for (before, told) in behind {
        assert_eq!(before + &live[told..], text);
    }
}

/// What both languages say about an event.
fn told(event: Event) -> [Vec<Value>; 2] {
    let published = Published { sequence: 1, at: Timestamp(0), event };
    [&TERMINAL, &TERMINAL_WITH_OFFSETS].map(|language: &Terminal| {
        let mut out = Messages::default();
        language.event(&published, &mut out);
        out.iter().map(|message| serde_json::from_slice(message.payload).unwrap()).collect()
    })
}

/// Clients that know no offsets see the protocol's own messages with its own fields, and nothing else.
#[test]
fn who_did_not_ask_for_offsets_sees_nothing_of_them() {
    let agent = AgentId::new("agent-1").unwrap();
    let stream = worker().stream();
    let exit = sessions::Exit {
        code: 1,
        signal: None,
        reason: Some("it was lost".into()),
        at: Timestamp(0),
    };
    let ended = sessions::Worker { state: sessions::WorkerState::Ended(exit), ..worker() };
    let record = record(0, b"hi");
    let missing = streams::Event::Missing {
        agent: agent.clone(),
        stream: stream.clone(),
        from: 0,
        to: 1,
        next_sequence: 2,
    };
    assert!(matches!(stream, StreamKey { source: Source::Worker(_), .. }));
    let events = [
        written(0, b"hi", streams::Begun::default()),
        Event::Output(missing),
        Event::Sessions(sessions::Event::Activity(worker().into())),
        Event::Sessions(sessions::Event::Resized(worker().into())),
        Event::Sessions(sessions::Event::Viewers(viewers().into())),
        Event::Sessions(sessions::Event::Restarted(worker().into())),
        Event::Sessions(sessions::Event::Removed(worker().into())),
        Event::Sessions(sessions::Event::Updated(session().into())),
        Event::Sessions(sessions::Event::Ended(ended.into())),
    ];
    let mut all: Vec<Value> = events.into_iter().flat_map(|event| told(event)[0].clone()).collect();
    let history = TERMINAL.past(&past(Start::Empty(0), vec![record], 2)).unwrap();
    all.push(serde_json::from_slice(&history).unwrap());
    let keys: Vec<String> = all
        .iter()
        .map(|message| {
            let fields = message.as_object().unwrap().keys().filter(|key| *key != "type");
            let mut fields: Vec<&str> = fields.map(String::as_str).collect();
            fields.sort_unstable();
            format!("{} {}", message["type"].as_str().unwrap(), fields.join(" "))
        })
        .collect();
    assert_eq!(
        keys,
        [
            "output data",
            "output data",
            "activity state",
            "output data",
            "exit exitCode signal",
            "history data"
        ]
    );
}

#[test]
fn who_asked_for_offsets_learns_who_is_there_and_which_of_them_it_is() {
    let expected = json!({
        "type": "viewers",
        "viewers": [
            {
                "id": "viewer-1", "user": "ana", "name": "Ana", "since": "1970-01-01T00:00:00.000Z",
                "mayType": true, "ownsSize": true,
            },
            {
                "id": "viewer-2", "user": "bob", "name": "Bob", "since": "1970-01-01T00:00:01.000Z",
                "mayType": false, "ownsSize": false,
            },
        ],
        "total": 7,
    });
    let [nothing, event] = told(Event::Sessions(sessions::Event::Viewers(viewers().into())));
    assert_eq!((nothing, event), (Vec::new(), vec![expected.clone()]));
    let first = beginning(&[("fromOffset", "0")]);
    assert_eq!((&first[0]["type"], &first[0]["viewerId"]), (&json!("worker"), &json!("viewer-1")));
    assert_eq!(first[1], expected);
    let types: Vec<_> = beginning(&[]).iter().map(|message| message["type"].clone()).collect();
    assert_eq!(types, ["activity"]);
}

#[test]
fn what_a_client_writes_is_what_the_server_reads() {
    for message in [
        WorkerClientMessage::Input { data: "ls\r\u{1b}".into() },
        WorkerClientMessage::Resize { cols: 80.0, rows: 24.0 },
        WorkerClientMessage::RequestHistoryRange { from: 1, to: 2 },
    ] {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(parse_worker(&text), Ok(message));
    }
    let text = r#"{"type":"request-sync","scope":"sessions","more":1}"#;
    assert!(parse_app(text).is_ok());
    let sync: AppServerMessage = AppServerMessage::SessionCreated { session: (&session()).into() };
    let text = serde_json::to_string(&sync).unwrap();
    assert_eq!(serde_json::from_str::<AppServerMessage>(&text).unwrap(), sync);
}

#[test]
fn a_large_paste_is_typed_in_pieces_between_characters() {
    let mut actions = Actions::new();
    let pasted = "é".repeat(100_000);
    let text = json!({"type": "input", "data": pasted}).to_string();
    attached(&[]).handle(Input::Text(&text), Moment::default(), &mut actions);
    let typed: String = actions
        .iter()
        .map(|action| match action {
            Action::Touch(_, sessions::Touch::Input(text)) => text.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(actions.len() > 1 && typed == pasted);
}

#[test]
fn pictures_up_to_five_megabytes_are_taken() {
    use base64::Engine;
    let send = |bytes: usize| {
        let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
        picture.resize(bytes, 0);
        let data = base64::engine::general_purpose::STANDARD.encode(picture);
        let text = json!({"type": "image", "data": data, "mimeType": "image/png"}).to_string();
        assert!(text.len() < 8 << 20);
        let mut actions = Actions::new();
        attached(&[]).handle(Input::Text(&text), Moment::default(), &mut actions);
        match &actions[..] {
            [Action::Ask(_)] => "asked".to_owned(),
            [Action::Send { payload, .. }] => {
                let error: Value = serde_json::from_slice(payload).unwrap();
                error["code"].as_str().unwrap().to_owned()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(send(5 << 20), "asked");
    assert_eq!(send((5 << 20) + 1), "IMAGE_TOO_LARGE");
    assert_eq!(send((5 << 20) + 9), "IMAGE_TOO_LARGE");
}

#[test]
fn a_revoked_token_ends_the_connection_at_once() {
    for door in [&APP_DOOR, &WORKER_DOOR] {
        let mut actions = Actions::new();
        opened(door).handle(Input::Revoked, Moment::default(), &mut actions);
        let [Action::Send { payload, .. }, Action::Close(code)] = &actions[..] else {
            panic!("{actions:?}");
        };
        let error: Value = serde_json::from_slice(payload).unwrap();
        assert_eq!((error["code"].as_str(), code.number()), (Some("TOKEN_REVOKED"), 4001));
    }
}
