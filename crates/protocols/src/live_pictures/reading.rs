//! Reads what producers send, once, without copying anything but the picture itself.
//!
//! Strict about what viewers would see, tolerant about all else.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::pictures::{Content, Mime, Picture, Trouble};

/// How long the head before a binary picture may be.
const LONGEST_HEAD: usize = 64 << 10;
/// How long a number may be.
const LONGEST_NUMBER: usize = 32;
/// How long metadata may be.
const LONGEST_METADATA: usize = 2048;

/// Why a message is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    /// It is of another type.
    #[error("a message of another type")]
    OtherType,
    /// It is no JSON object with a type.
    #[error("no JSON object with a type")]
    Malformed,
    /// Its picture is empty, missing or no base64.
    #[error("no picture in base64")]
    Content,
}

impl From<NoPicture> for Trouble {
    fn from(reason: NoPicture) -> Self {
        match reason {
            NoPicture::OtherType => Self::OtherType,
            NoPicture::Malformed | NoPicture::Content => Self::Malformed,
        }
    }
}

/// A message, as far as it concerns us. Values are looked at where they lie.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, rename = "type")]
    kind: &'a RawValue,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    seq: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    mime: Option<&'a RawValue>,
}

/// Reads a text message.
pub fn read_text(text: &str) -> Result<Picture, NoPicture> {
    let raw = raw(text)?;
    let data = raw.data.ok_or(NoPicture::Content)?.get();
    let base64 = match data.strip_prefix('"').and_then(|data| data.strip_suffix('"')) {
        Some(plain) if is_base64(plain.as_bytes()) => Bytes::copy_from_slice(plain.as_bytes()),
        // Some writers of JSON escape the slashes of base64.
        Some(escaped) if escaped.contains('\\') => {
            let text: String = serde_json::from_str(data).map_err(|_| NoPicture::Content)?;
            if !is_base64(text.as_bytes()) {
                return Err(NoPicture::Content);
            }
            text.into()
        }
        _ => return Err(NoPicture::Content),
    };
    let mime = sniffed_text(&base64);
    Ok(picture(&raw, Content::Base64(base64), mime))
}

/// Reads a binary message: the same JSON as bytes, or a head in JSON with its length before it and the picture behind.
pub fn read_binary(bytes: &[u8]) -> Result<Picture, NoPicture> {
    let Some((head, content)) = split(bytes) else {
        return read_text(std::str::from_utf8(bytes).map_err(|_| NoPicture::Malformed)?);
    };
    let raw = raw(std::str::from_utf8(head).map_err(|_| NoPicture::Malformed)?)?;
    if content.is_empty() {
        return Err(NoPicture::Content);
    }
    Ok(picture(&raw, Content::Raw(Bytes::copy_from_slice(content)), sniffed(content)))
}

/// Head and picture. JSON alone is never taken for that: its first four bytes would be the length of a head longer
/// than any message.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > LONGEST_HEAD || rest.first() != Some(&b'{') {
        return None;
    }
    rest.split_at_checked(length)
}

/// A struct can also be read from a list; this protocol has none.
fn raw(text: &str) -> Result<Raw<'_>, NoPicture> {
    if !text.trim_ascii_start().starts_with('{') {
        return Err(NoPicture::Malformed);
    }
    let raw: Raw<'_> = serde_json::from_str(text).map_err(|_| NoPicture::Malformed)?;
    match raw.kind.get() {
        r#""frame""# => Ok(raw),
        kind if kind.starts_with('"') => Err(NoPicture::OtherType),
        _ => Err(NoPicture::Malformed),
    }
}

fn picture(raw: &Raw<'_>, content: Content, sniffed: Option<Mime>) -> Picture {
    let said = || raw.mime.and_then(|mime| Mime::named(mime.get().trim_matches('"')));
    let metadata = raw.metadata.filter(|metadata| metadata.get().len() <= LONGEST_METADATA);
    Picture {
        content,
        mime: sniffed.or_else(said).unwrap_or(Mime::Jpeg),
        timestamp: raw.timestamp.and_then(number),
        sequence: raw.seq.and_then(|seq| seq.get().parse().ok()),
        metadata: metadata.and_then(|metadata| serde_json::from_str(metadata.get()).ok()),
    }
}

/// A number as it was written; whatever else stands there is as good as nothing, and so is a number that is none to whoever
/// reads it.
fn number(value: &RawValue) -> Option<Box<str>> {
    let text = value.get();
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.len() <= LONGEST_NUMBER
        && text.parse().is_ok_and(f64::is_finite);
    is_number.then(|| text.into())
}

/// Looks at all bytes without a branch, so that compilers look at many at once.
#[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch")]
fn is_base64(text: &[u8]) -> bool {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    let foreign = digits.iter().fold(false, |foreign, byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_number = byte.wrapping_sub(b'0') < 10;
        foreign | !(is_letter | is_number | (*byte == b'+') | (*byte == b'/'))
    });
    !digits.is_empty() && !foreign
}

fn sniffed(content: &[u8]) -> Option<Mime> {
    match content {
        [0xff, 0xd8, 0xff, ..] => Some(Mime::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => Some(Mime::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Mime::Webp),
        _ => None,
    }
}

/// The same of base64: its first digits say as much.
fn sniffed_text(base64: &[u8]) -> Option<Mime> {
    match base64 {
        [b'/', b'9', b'j', b'/', ..] => Some(Mime::Jpeg),
        [b'i', b'V', b'B', b'O', b'R', ..] => Some(Mime::Png),
        [b'U', b'k', b'l', b'G', b'R', ..] => Some(Mime::Webp),
        _ => None,
    }
}
