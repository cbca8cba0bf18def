//! The decoder beside another implementation: the same bytes give the same messages and the same decision.
//!
//! Accepted differences, and nothing else:
//! - We refuse a broken frame as soon as it shows, the other only when the frame is whole. So where
//!   we refuse and it still waits, it has to refuse once the frame is filled up.
//! - We refuse a close frame with an invalid code; the other reports it as a close with 1002.
//! - We refuse a control frame whose length has the long form; the other takes it if the length is small.
//! - It takes 1014 for invalid, which the registry of close codes has meanwhile.

use std::io::{self, Read, Write};

use pilothouse_websocket::{Decoder, Message, Role};
use proptest::{collection::vec, prelude::*};
use tungstenite::protocol::{self, WebSocketConfig};

const MAX_MESSAGE: usize = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// More is awaited.
    Open,
    Refused,
    Closed,
}

/// The reason of a refusal that the other may not share.
const LONG_FORM: &str = "control frame too long";

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    messages: Vec<String>,
    decision: Decision,
}

/// What our decoder makes of the bytes, and why it refuses them if it does.
fn ours(role: Role, bytes: &[u8], piece: usize) -> (Outcome, Option<&'static str>) {
    let mut decoder = Decoder::new(role, MAX_MESSAGE, None);
    let mut outcome = Outcome { messages: Vec::new(), decision: Decision::Open };
    for piece in bytes.chunks(piece) {
        let mut piece = piece.to_vec();
        let mut rest = &mut piece[..];
        while !rest.is_empty() {
            let decoded = match decoder.decode(rest) {
                Ok(decoded) => decoded,
                Err(error) => {
                    outcome.decision = Decision::Refused;
                    return (outcome, Some(error.reason));
                }
            };
            let consumed = decoded.consumed;
            let message = match decoded.message {
                None => None,
                Some(Message::Text(text)) => Some(format!("text {text}")),
                Some(Message::Binary(bytes)) => Some(format!("binary {bytes:?}")),
                Some(Message::Ping(bytes)) => Some(format!("ping {bytes:?}")),
                Some(Message::Pong(bytes)) => Some(format!("pong {bytes:?}")),
                Some(Message::Close(close)) => {
                    let close = close.map(|close| (close.code, close.reason.to_owned()));
                    outcome.messages.push(format!("close {close:?}"));
                    outcome.decision = Decision::Closed;
                    return (outcome, None);
                }
            };
            outcome.messages.extend(message);
            rest = &mut rest[consumed..];
        }
    }
    (outcome, None)
}

/// Gives bytes and swallows answers.
struct Wire<'a>(&'a [u8]);

impl Read for Wire<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn theirs(role: Role, bytes: &[u8]) -> Outcome {
    let role = match role {
        Role::Server => protocol::Role::Server,
        Role::Client => protocol::Role::Client,
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let mut socket = tungstenite::WebSocket::from_raw_socket(Wire(bytes), role, Some(config));
    let mut messages = Vec::new();
    let decision = loop {
        messages.push(match socket.read() {
            Ok(tungstenite::Message::Text(text)) => format!("text {text}"),
            Ok(tungstenite::Message::Binary(bytes)) => format!("binary {:?}", &bytes[..]),
            Ok(tungstenite::Message::Ping(bytes)) => format!("ping {:?}", &bytes[..]),
            Ok(tungstenite::Message::Pong(bytes)) => format!("pong {:?}", &bytes[..]),
            Ok(tungstenite::Message::Close(close)) => {
                let close =
                    close.map(|close| (u16::from(close.code), close.reason.as_str().to_owned()));
                messages.push(format!("close {close:?}"));
                break Decision::Closed;
            }
            Ok(tungstenite::Message::Frame(frame)) => panic!("reading gave a frame: {frame}"),
            Err(tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => break Decision::Open,
            Err(_) => break Decision::Refused,
        });
    };
    Outcome { messages, decision }
}

fn compare(role: Role, bytes: &[u8], piece: usize) -> Result<(), TestCaseError> {
    let (mut ours, reason) = ours(role, bytes, piece);
    let mut theirs = theirs(role, bytes);
    if reason == Some(LONG_FORM) {
        prop_assert!(theirs.messages.starts_with(&ours.messages), "{ours:?} {theirs:?}");
        let is_control = |text: &String| !text.starts_with("text") && !text.starts_with("binary");
        prop_assert!(theirs.messages.get(ours.messages.len()).is_none_or(is_control));
        return Ok(());
    }
    let has_other_code = |outcome: &Outcome| {
        outcome.messages.last().is_some_and(|m| m.starts_with("close Some((1002"))
    };
    if theirs.decision == Decision::Closed && has_other_code(&theirs) {
        let is_1014 = |text: &String| text.starts_with("close Some((1014");
        if ours.decision == Decision::Refused {
            theirs.messages.pop();
            theirs.decision = Decision::Refused;
        } else if ours.messages.last().is_some_and(is_1014) {
            ours.messages.pop();
            theirs.messages.pop();
        }
    }
    if ours.decision == Decision::Refused && theirs.decision == Decision::Open {
        let filled = [bytes, &[0; 2 * MAX_MESSAGE]].concat();
        theirs.decision = self::theirs(role, &filled).decision;
        prop_assert_eq!(theirs.decision, Decision::Refused);
    }
    prop_assert_eq!(ours, theirs);
    Ok(())
}

/// What a frame says; most are in order by themselves, though perhaps not where they stand.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "\\PC{0,40}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..200),
        1 => vec(Just(b'x'), 0..3000),
        1 => (any::<u16>(), "[a-z]{0,9}").prop_map(|(code, reason)| {
            [&(code % 5000).to_be_bytes()[..], reason.as_bytes()].concat()
        }),
        1 => (1000u16..1016).prop_map(|code| code.to_be_bytes().to_vec()),
    ]
}

fn frame(role: Role) -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        4 => Just(0x81u8), 4 => Just(0x82), 2 => Just(0x01), 2 => Just(0x02), 3 => Just(0x00),
        3 => Just(0x80), 2 => Just(0x89), 2 => Just(0x8a), 1 => Just(0x88), 1 => any::<u8>(),
    ];
    (first, payload(), any::<[u8; 4]>(), 0u8..100).prop_map(
        move |(first, mut payload, key, odd)| {
            if first & 0x08 != 0 && odd > 5 {
                payload.truncate(125);
            }
            let is_masked = (role == Role::Server) != (odd == 0);
            put(first, &payload, is_masked.then_some(key))
        },
    )
}

fn put(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    let len = u16::try_from(payload.len()).expect("payloads here are small").to_be_bytes();
    if payload.len() < 126 {
        bytes.push(mask | len[1]);
    } else {
        bytes.push(mask | 0x7e);
        bytes.extend(len);
    }
    bytes.extend(key.iter().flatten());
    let key = key.unwrap_or_default();
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

fn stream(role: Role) -> impl Strategy<Value = Vec<u8>> {
    vec(frame(role), 0..8).prop_map(|frames| frames.concat())
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn frames_in_any_order_are_read_alike(
        (role, bytes) in role().prop_flat_map(|role| (Just(role), stream(role))),
        piece in 1usize..4000,
    ) {
        compare(role, &bytes, piece)?;
    }

    #[test]
    fn damaged_streams_are_read_alike(
        (role, bytes) in role().prop_flat_map(|role| (Just(role), stream(role))),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        piece in 1usize..400,
    ) {
        let mut bytes = bytes;
        if !bytes.is_empty() {
            for (at, with) in damage {
                let at = at.index(bytes.len());
                bytes[at] ^= with;
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
        }
        compare(role, &bytes, piece)?;
    }

    #[test]
    fn noise_is_read_alike(role in role(), bytes in vec(any::<u8>(), 0..300), piece in 1usize..40) {
        compare(role, &bytes, piece)?;
    }
}
