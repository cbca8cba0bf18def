//! Puts pictures into words, so that the picture itself is never copied for them.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use pilothouse_core::{fanout::MessageKind, ids::SessionId};
use serde::Serialize;

use crate::{
    json_text::number,
    pictures::{Content, Metadata, Picture, Shape},
};

/// What is not needed to tell the bytes is not looked at.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A message in three parts, of which the middle one is shared with the picture where that is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Text or binary.
    pub kind: MessageKind,
    /// What stands before the picture.
    pub before: Vec<u8>,
    /// The picture.
    pub content: Bytes,
    /// What stands behind it.
    pub after: Vec<u8>,
}

/// What stands before a binary picture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    r#type: &'static str,
    session_id: &'a str,
    timestamp: Option<&'a serde_json::value::RawValue>,
    seq: u64,
    mime: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

/// A picture in words; `sequence` counts where its producer does not.
pub fn write(picture: &Picture, shape: Shape, stream: &SessionId, sequence: u64) -> Written {
    let sequence = picture.sequence.unwrap_or(sequence);
    if shape == Shape::Binary {
        return binary(picture, stream, sequence);
    }
    let mut before = Vec::with_capacity(64 + stream.as_str().len());
    before.extend_from_slice(br#"{"type":"frame","sessionId":""#);
    before.extend_from_slice(stream.as_str().as_bytes());
    before.extend_from_slice(br#"","data":""#);
    let mut after = Vec::with_capacity(64);
    after.extend_from_slice(br#"","timestamp":"#);
    after.extend_from_slice(picture.timestamp.as_deref().unwrap_or("null").as_bytes());
    if shape == Shape::Numbered {
        after.extend_from_slice(br#","seq":"#);
        number(sequence, &mut after);
        if let Some(metadata) = &picture.metadata {
            after.extend_from_slice(br#","metadata":"#);
            put(metadata, &mut after);
        }
    }
    after.push(b'}');
    Written { kind: MessageKind::Text, before, content: text(&picture.content), after }
}

fn binary(picture: &Picture, stream: &SessionId, sequence: u64) -> Written {
    let head = Head {
        r#type: "frame",
        session_id: stream.as_str(),
        timestamp: picture.timestamp.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        seq: sequence,
        mime: picture.mime.as_str(),
        metadata: picture.metadata,
    };
    let mut before = vec![0; 4];
    put(&head, &mut before);
    let length = u32::try_from(before.len() - 4).unwrap_or(u32::MAX);
    before[..4].copy_from_slice(&length.to_le_bytes());
    let content = bytes(&picture.content);
    Written { kind: MessageKind::Binary, before, content, after: Vec::new() }
}

fn put(value: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value)
        .expect("the message has text keys, and a Vec takes every byte");
}

/// The picture as text in base64.
pub fn text(content: &Content) -> Bytes {
    match content {
        Content::Base64(text) => text.clone(),
        Content::Raw(bytes) => LENIENT.encode(bytes).into(),
    }
}

/// The picture as bytes. A last digit that is too little for a byte means nothing.
pub fn bytes(content: &Content) -> Bytes {
    match content {
        Content::Raw(bytes) => bytes.clone(),
        Content::Base64(text) => {
            let digits = text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
            let digits = if digits % 4 == 1 { digits - 1 } else { digits };
            LENIENT.decode(&text[..digits]).unwrap_or_default().into()
        }
    }
}
