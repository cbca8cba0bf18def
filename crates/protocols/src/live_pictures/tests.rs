//! What producers and viewers say and are told, message by message.

use base64::{Engine, engine::general_purpose::STANDARD};
use pilothouse_core::{
    Caller, Role, Scope,
    browsers::Tab,
    fanout::MessageKind,
    ids::{ConnectionId, SessionId},
    time::{Moment, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    STREAM_DOOR, VIEW_DOOR,
    messages::{ProducerMessage, StreamServerMessage, ViewClientMessage, ViewServerMessage},
    read_binary, read_text, write,
};
use crate::{
    Action, Actions, CloseCode, Conversation, Denied, Door, Input, Opening, Settings,
    asyncapi::LIVE_PICTURES,
    pictures::{
        Content, Metadata, Mime, NotShown, Pace, Picture, Shape, Showing, Shown, Status, Trouble,
        Watcher,
    },
};

/// The first bytes of a JPEG, so that its kind is told from them.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F'];

/// One side of a conversation.
struct Peer {
    conversation: Box<dyn Conversation>,
}

impl Peer {
    fn open(door: &Door, settings: &Settings, opening: &Opening) -> (Self, Vec<String>) {
        let mut peer = Self { conversation: (door.open)(settings) };
        let told = peer.hear(Input::Opened(opening));
        (peer, told)
    }

    fn hear(&mut self, input: Input<'_>) -> Vec<String> {
        let mut actions = Actions::new();
        self.conversation.handle(input, Moment::default(), &mut actions);
        // Who steers has tests of its own.
        actions.iter().filter(|action| !matches!(action, Action::Steer(..))).map(word).collect()
    }

    fn say(&mut self, message: &Value) -> Vec<String> {
        self.hear(Input::Text(&message.to_string()))
    }
}

/// An action in a few words.
fn word(action: &Action) -> String {
    match action {
        Action::Send { kind: MessageKind::Text, payload } => {
            String::from_utf8(payload.to_vec()).unwrap()
        }
        Action::Showing(Showing::Picture(picture)) => format!("picture {:?}", picture.sequence),
        Action::Showing(showing) => format!("{showing:?}"),
        Action::Close(code) => format!("close {} {}", code.number(), code.reason()),
        other => panic!("{other:?}"),
    }
}

fn opening(path: &str, query: &[(&str, &str)], scope: Option<Scope>) -> Opening {
    let caller = scope.map(|scope| Caller {
        user: "ana".into(),
        name: "ana".into(),
        scope,
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: Some(Timestamp(9)),
    });
    Opening {
        connection: ConnectionId(1),
        caller,
        parameters: vec![path.into()],
        query: query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        subprotocol: None,
        denied: None,
    }
}

fn frame(data: &str) -> Value {
    json!({"type": "frame", "sessionId": "s-1", "data": data, "timestamp": 1_760_000_000.25})
}

fn stream() -> SessionId {
    SessionId::new("s-1").unwrap()
}

#[test]
fn a_producer_needs_no_token_and_is_never_written_to() {
    let (mut peer, told) =
        Peer::open(&STREAM_DOOR, &Settings::default(), &opening("s-1", &[], None));
    assert_eq!(told, ["Produce(s-1)"]);
    assert_eq!(peer.say(&frame("/9j/4AAQ")), ["picture None"]);
    let said = json!({"type": "AUTHENTICATE", "sessionToken": "x", "agentId": "a"});
    assert_eq!(peer.say(&said), ["Trouble(OtherType)"]);
    assert_eq!(peer.hear(Input::Text("nonsense")), ["Trouble(Malformed)"]);
    assert_eq!(
        peer.hear(Input::Shown(Shown::Superseded)),
        ["close 4009 another connection took over"]
    );
    assert!(peer.say(&frame("/9j/4AAQ")).is_empty(), "it is over");
}

#[test]
fn whoever_asks_for_acknowledgements_gets_one_for_each_picture() {
    let opened = opening("s-1", &[("ack", "1")], None);
    let (mut peer, _) = Peer::open(&STREAM_DOOR, &Settings::default(), &opened);
    let mut numbered = frame("/9j/4AAQ");
    assert_eq!(peer.say(&numbered), ["picture None", r#"{"type":"ack","seq":1}"#]);
    numbered["seq"] = json!(70);
    assert_eq!(peer.say(&numbered), ["picture Some(70)", r#"{"type":"ack","seq":70}"#]);
    assert_eq!(peer.say(&json!({"type": "status"})), ["Trouble(OtherType)"]);
}

#[test]
fn a_bad_token_and_a_wrong_session_have_their_codes() {
    let settings = Settings::default();
    let closes = |settings: &Settings, opened: &Opening| {
        Peer::open(&STREAM_DOOR, settings, opened).1.join(" ")
    };
    let mut denied = opening("s-1", &[], None);
    denied.denied = Some(Denied { reason: "the token has expired" });
    assert_eq!(closes(&settings, &denied), "close 4002 Invalid token");
    let demanding = Settings { streams_require_token: true, ..Settings::default() };
    let missing = opening("s-1", &[], None);
    assert_eq!(closes(&demanding, &missing), "close 4002 Invalid token");
    let operator = opening("s-1", &[], Some(Scope::Person(Role::Operator)));
    assert_eq!(closes(&demanding, &operator), "Produce(s-1)");
    assert_eq!(closes(&settings, &opening("s.1", &[], None)), "close 4003 Invalid session");
    for (refused, code) in [
        (NotShown::Credential, 4002),
        (NotShown::Session, 4003),
        (NotShown::Occupied, 1013),
        (NotShown::Full, 1013),
    ] {
        let (mut peer, _) = Peer::open(&STREAM_DOOR, &settings, &missing);
        let told = peer.hear(Input::Shown(Shown::Refused(refused)));
        assert!(told[0].starts_with(&format!("close {code} ")), "{told:?}");
    }
}

#[test]
fn whoever_may_only_watch_does_not_produce() {
    let view = Scope::View(stream());
    assert!(!(STREAM_DOOR.admits)(&view) && (VIEW_DOOR.admits)(&view));
    let viewer = Scope::Person(Role::Viewer);
    assert!(!(STREAM_DOOR.admits)(&viewer) && (VIEW_DOOR.admits)(&viewer));
    let agent = Scope::Enrolled("a-1".parse().unwrap());
    assert!((STREAM_DOOR.admits)(&agent) && !(VIEW_DOOR.admits)(&agent));
}

fn viewer(query: &[(&str, &str)]) -> (Peer, Vec<String>) {
    let opened = opening("s-1", query, Some(Scope::Person(Role::Viewer)));
    Peer::open(&VIEW_DOOR, &Settings::default(), &opened)
}

#[test]
fn a_viewer_says_in_its_url_what_it_wants() {
    let wanted = |query: &[(&str, &str)]| viewer(query).1.join(" ");
    let plain = wanted(&[]);
    assert!(plain.contains("shape: Plain") && plain.contains("replay: None"), "{plain}");
    assert!(plain.contains("most_per_second: None, by_acknowledgement: false"), "{plain}");
    let rich = wanted(&[("events", "1"), ("maxFps", "7.9"), ("pacing", "ack")]);
    assert!(rich.contains("shape: Numbered") && rich.contains("hears_news: true"), "{rich}");
    assert!(rich.contains("most_per_second: Some(7), by_acknowledgement: true"), "{rich}");
    let binary = wanted(&[("binary", "1"), ("maxFps", "9999"), ("pacing", "?")]);
    assert!(binary.contains("shape: Binary") && binary.contains("Some(120)"), "{binary}");
    assert!(wanted(&[("maxFps", "nonsense")]).contains("most_per_second: None"));
    let replay = wanted(&[("replay", "rec-1"), ("speed", "2")]);
    assert!(replay.contains("recording: rec-1, speed: 2.0"), "{replay}");
    assert!(wanted(&[("replay", "rec-1"), ("speed", "0")]).contains("speed: 1.0"));
    assert_eq!(wanted(&[("replay", "../etc")]), "close 4003 Invalid session");
}

#[test]
fn a_plain_viewer_is_told_nothing_but_pictures_and_not_listened_to() {
    let (mut peer, _) = viewer(&[]);
    let status = Status { stream: Some(stream()), ..Status::default() };
    assert!(peer.hear(Input::Shown(Shown::Status(&status))).is_empty());
    assert!(peer.hear(Input::Shown(Shown::Tabs(&[]))).is_empty());
    assert!(peer.hear(Input::Shown(Shown::Watchers(&[]))).is_empty());
    assert!(peer.say(&json!({"type": "config", "maxFps": 1})).is_empty());
    assert_eq!(peer.hear(Input::Expired), ["close 4001 token expired"]);
}

#[test]
fn who_wants_to_hear_more_is_told_and_listened_to() {
    let (mut peer, _) = viewer(&[("events", "1")]);
    let status = Status {
        stream: Some(stream()),
        is_live: true,
        viewport: Some((1280.0, 720.0)),
        ..Status::default()
    };
    assert_eq!(
        peer.hear(Input::Shown(Shown::Status(&status))),
        [
            r#"{"type":"status","sessionId":"s-1","live":true,"viewportWidth":1280.0,"viewportHeight":720.0,"recording":false}"#
        ]
    );
    let tab = |id: &str, is_active| Tab {
        id: id.into(),
        title: "Shop".into(),
        url: "https://shop.example/".into(),
        is_active,
    };
    assert_eq!(
        peer.hear(Input::Shown(Shown::Tabs(&[tab("t1", false), tab("t2", true)]))),
        [concat!(
            r#"{"type":"tabs","tabs":[{"id":"t1","title":"Shop","url":"https://shop.example/","active":false},"#,
            r#"{"id":"t2","title":"Shop","url":"https://shop.example/","active":true}]}"#
        )]
    );
    assert_eq!(peer.hear(Input::Shown(Shown::Tabs(&[]))), [r#"{"type":"tabs","tabs":[]}"#]);
    let ana = Watcher { name: "ana".into(), role: "viewer", connections: 2 };
    assert_eq!(
        peer.hear(Input::Shown(Shown::Watchers(&[ana]))),
        [r#"{"type":"watchers","watchers":[{"name":"ana","role":"viewer","connections":2}]}"#]
    );
    let pace = |most_per_second, by_acknowledgement| {
        format!("{:?}", Showing::Pace(Pace { most_per_second, by_acknowledgement }))
    };
    assert_eq!(peer.say(&json!({"type": "config", "maxFps": 5})), [pace(Some(5), false)]);
    assert!(peer.say(&json!({"type": "config", "maxFps": 5})).is_empty(), "nothing changed");
    let odd = json!({"type": "config", "maxFps": "fast", "pacing": "ack"});
    assert_eq!(peer.say(&odd), [pace(Some(5), true)], "what makes no sense is ignored alone");
    assert_eq!(peer.say(&json!({"type": "ack", "seq": 4})), ["Taken(Some(4))"]);
    assert_eq!(peer.say(&json!({"type": "ack"})), ["Taken(None)"]);
    assert_eq!(peer.say(&json!({"type": "status"})), ["Status"]);
    assert!(peer.say(&json!({"type": "something"})).is_empty());
    assert!(peer.hear(Input::Text("[")).is_empty());
    assert_eq!(
        peer.hear(Input::Expired),
        [
            r#"{"type":"error","code":"TOKEN_EXPIRED","message":"the token has expired"}"#,
            "close 4001 token expired",
        ]
    );
}

fn read(message: &Value) -> Picture {
    read_text(&message.to_string()).unwrap()
}

fn written(picture: &Picture, shape: Shape) -> Vec<u8> {
    let written = write(picture, shape, &stream(), 3);
    [written.before, written.content.to_vec(), written.after].concat()
}

fn as_json(picture: &Picture, shape: Shape) -> Value {
    serde_json::from_slice(&written(picture, shape)).unwrap()
}

#[test]
fn a_viewer_of_old_gets_exactly_four_fields() {
    let mut message = frame("/9j/4AAQ");
    message["seq"] = json!(9);
    message["metadata"] = json!({"deviceWidth": 1280, "deviceHeight": 720.5, "layout": 2});
    message["width"] = json!(1280);
    message["sessionId"] = json!("another");
    let picture = read(&message);
    assert_eq!(as_json(&picture, Shape::Plain), frame("/9j/4AAQ"), "and the path's session");
    let mut rich = frame("/9j/4AAQ");
    rich["seq"] = json!(9);
    rich["metadata"] = json!({"deviceWidth": 1280.0, "deviceHeight": 720.5, "layout": 2});
    assert_eq!(as_json(&picture, Shape::Numbered), rich);
    let unnumbered = read(&frame("/9j/4AAQ"));
    assert_eq!(as_json(&unnumbered, Shape::Numbered)["seq"], 3, "counted here then");
}

#[test]
fn a_timestamp_may_be_missing_and_is_otherwise_told_as_it_came() {
    let told = |timestamp: &str| {
        let text = format!(r#"{{"type":"frame","data":"/9j/","timestamp":{timestamp}}}"#);
        let written = written(&read_text(&text).unwrap(), Shape::Plain);
        let text = String::from_utf8(written).unwrap();
        let (_, timestamp) = text.rsplit_once(':').unwrap();
        timestamp.trim_end_matches('}').to_owned()
    };
    assert_eq!(told("1760000000.1234567"), "1760000000.1234567");
    assert_eq!(told("1760000000000"), "1760000000000");
    assert_eq!(told("null"), "null");
    assert_eq!(told(r#""today""#), "null");
    assert_eq!(told("1e999"), "null", "no number to whoever reads it");
    let picture = read(&json!({"type": "frame", "data": "/9j/"}));
    assert_eq!(as_json(&picture, Shape::Plain)["timestamp"], Value::Null);
}

/// A message as binary producers and viewers have it.
fn binary(head: &Value, content: &[u8]) -> Vec<u8> {
    let head = head.to_string();
    let length = u32::try_from(head.len()).unwrap().to_le_bytes();
    [&length[..], head.as_bytes(), content].concat()
}

fn parts(message: &[u8]) -> (Value, &[u8]) {
    let (length, rest) = message.split_first_chunk().unwrap();
    let (head, content) = rest.split_at(u32::from_le_bytes(*length) as usize);
    (serde_json::from_slice(head).unwrap(), content)
}

#[test]
fn text_and_binary_producers_reach_text_and_binary_viewers() {
    let base64 = STANDARD.encode(JPEG);
    let from_text = read(&frame(&base64));
    let head = json!({"type": "frame", "timestamp": 1_760_000_000.25});
    let from_binary = read_binary(&binary(&head, JPEG)).unwrap();
    let as_bytes = read_binary(frame(&base64).to_string().as_bytes()).unwrap();
    assert_eq!(from_binary.content, Content::Raw(JPEG.into()));
    for picture in [from_text, from_binary, as_bytes] {
        assert_eq!(as_json(&picture, Shape::Plain), frame(&base64));
        let message = written(&picture, Shape::Binary);
        let (head, content) = parts(&message);
        assert_eq!(
            head,
            json!({
                "type": "frame", "sessionId": "s-1", "timestamp": 1_760_000_000.25, "seq": 3,
                "mime": "image/jpeg",
            })
        );
        assert_eq!(content, JPEG);
    }
}

#[test]
fn the_kind_of_a_picture_is_told_from_its_bytes_then_from_its_producer() {
    let kind = |content: &[u8], said: &str| {
        let mut message = frame(&STANDARD.encode(content));
        message["mime"] = json!(said);
        let head = json!({"type": "frame", "mime": said});
        let text = read(&message).mime;
        assert_eq!(text, read_binary(&binary(&head, content)).unwrap().mime);
        text
    };
    assert_eq!(kind(JPEG, "image/png"), Mime::Jpeg);
    assert_eq!(kind(b"\x89PNG\r\n\x1a\n", "image/jpeg"), Mime::Png);
    assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 ", ""), Mime::Webp);
    assert_eq!(kind(b"something", "image/png"), Mime::Png);
    assert_eq!(kind(b"something", "text/html"), Mime::Jpeg);
}

#[test]
fn what_is_no_picture_is_never_shown() {
    let trouble = |text: &str| Trouble::from(read_text(text).unwrap_err());
    for other in [r#"{"type":"AUTHENTICATE"}"#, r#"{"type":"Frame","data":"/9j/"}"#] {
        assert_eq!(trouble(other), Trouble::OtherType, "{other}");
    }
    for malformed in [
        "",
        "ping",
        "[]",
        "{}",
        r#"["frame","s","/9j/",1]"#,
        r#"{"type":"frame"}"#,
        r#"{"type":7,"data":"/9j/"}"#,
        r#"{"type":"frame","data":""}"#,
        r#"{"type":"frame","data":null}"#,
        r#"{"type":"frame","data":["/9j/"]}"#,
        r#"{"type":"frame","data":"=="}"#,
        r#"{"type":"frame","data":"/9j/ 4AAQ"}"#,
        r#"{"type":"frame","data":"/9j-4AAQ"}"#,
        r#"{"type":"frame","data":"\",\"type\":\"status\"}"}"#,
        r#"{"type":"frame","data":"data:image/jpeg;base64,/9j/"}"#,
        r#"{"type":"frame","data":"/9j/"} {"type":"frame","data":"/9j/"}"#,
        r#"{"type":"frame","type":"frame","data":"/9j/"}"#,
        r#"{"type":"frame","data":"/9j/""#,
    ] {
        assert_eq!(trouble(malformed), Trouble::Malformed, "{malformed}");
    }
    let head = json!({"type": "frame"});
    let whole = binary(&head, JPEG);
    assert!(read_binary(&whole[..whole.len() - JPEG.len()]).is_err(), "no picture");
    assert!(read_binary(&whole[..9]).is_err(), "half a head");
    assert!(read_binary(&binary(&json!({"type": "AUTHENTICATE"}), JPEG)).is_err());
    assert!(read_binary(b"").is_err() && read_binary(JPEG).is_err());
}

#[test]
fn escaped_slashes_are_slashes() {
    let picture = read_text(r#"{"type":"frame","data":"\/9j\/4AAQ"}"#).unwrap();
    assert_eq!(picture.content, Content::Base64("/9j/4AAQ".into()));
}

#[test]
fn examples_are_what_the_types_say() {
    let said = crate::asyncapi::said_in(LIVE_PICTURES);
    let (mut by_producers, mut by_viewers) = (0, 0);
    for one in said {
        let is_read = if one.by_client {
            by_producers += usize::from(serde_json::from_str::<ProducerMessage>(&one.text).is_ok());
            by_viewers += usize::from(serde_json::from_str::<ViewClientMessage>(&one.text).is_ok());
            by_producers + by_viewers > 0
        } else {
            serde_json::from_str::<ViewServerMessage>(&one.text).is_ok()
                || serde_json::from_str::<StreamServerMessage>(&one.text).is_ok()
        };
        assert!(is_read, "{}", one.text);
    }
    assert!(by_producers >= 1 && by_viewers >= 3);
}

fn metadata() -> impl Strategy<Value = Option<Metadata>> {
    prop::option::of((0.0..9999.0, 0.0..9999.0, any::<u32>()).prop_map(
        |(width, height, layout)| Metadata {
            device_width: Some(width),
            device_height: Some(height),
            layout: Some(layout.into()),
            ..Metadata::default()
        },
    ))
}

proptest! {
    #[test]
    fn any_picture_reaches_viewers_of_each_shape_as_it_is(
        bytes in prop::collection::vec(any::<u8>(), 1..200),
        is_text: bool,
        sequence in prop::option::of(0..1_u64 << 53),
        metadata in metadata(),
        seconds in prop::option::of(0.0..4e9_f64),
    ) {
        let content = if is_text {
            Content::Base64(STANDARD.encode(&bytes).into())
        } else {
            Content::Raw(bytes.clone().into())
        };
        let timestamp = seconds.map(|seconds| json!(seconds).to_string().into());
        let picture = Picture { content, mime: Mime::Jpeg, timestamp, sequence, metadata };
        let expected = ViewServerMessage::Frame {
            session_id: "s-1".into(),
            data: STANDARD.encode(&bytes),
            timestamp: seconds,
            seq: Some(sequence.unwrap_or(3)),
            metadata,
        };
        let told: ViewServerMessage =
            serde_json::from_slice(&written(&picture, Shape::Numbered)).unwrap();
        prop_assert_eq!(told, expected);
        let plain = as_json(&picture, Shape::Plain);
        prop_assert_eq!(plain.as_object().unwrap().len(), 4);
        let message = written(&picture, Shape::Binary);
        prop_assert_eq!(parts(&message).1, &bytes[..]);
        // What viewers are told can be produced again.
        let again = read_binary(&message).unwrap();
        prop_assert_eq!(again.content, Content::Raw(bytes.into()));
        prop_assert_eq!(again.metadata, metadata);
    }

    #[test]
    fn any_text_is_read_without_harm(text in any::<String>()) {
        let _ = read_text(&text);
        let _ = viewer(&[("events", "1")]).0.hear(Input::Text(&text));
    }

    #[test]
    fn any_bytes_are_read_without_harm(
        length in 0_u32..40, bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let _ = read_binary(&bytes);
        let _ = read_binary(&[&length.to_le_bytes()[..], &bytes].concat());
    }

    #[test]
    fn what_is_let_through_is_base64(data in "[A-Za-z0-9+/=\\\\ -]{0,12}") {
        let text = format!(r#"{{"type":"frame","data":"{data}"}}"#);
        if let Ok(Picture { content: Content::Base64(base64), .. }) = read_text(&text) {
            let digits = base64.iter().filter(|byte| **byte != b'=');
            let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
            prop_assert!(digits.clone().all(is_digit) && digits.count() > 0);
        }
    }
}

#[test]
fn codes_of_this_protocol_are_those_of_the_originals() {
    assert_eq!(
        (CloseCode::InvalidToken.number(), CloseCode::InvalidToken.reason()),
        (4002, "Invalid token")
    );
    assert_eq!(
        (CloseCode::InvalidSession.number(), CloseCode::InvalidSession.reason()),
        (4003, "Invalid session")
    );
}
