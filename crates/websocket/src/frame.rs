//! Frames on their way out.

use bytes::{Bytes, BytesMut};

use crate::mask;

/// What a frame carries (RFC 6455 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A further fragment.
    Continuation,
    /// Text, or its first fragment.
    Text,
    /// Bytes, or their first fragment.
    Binary,
    /// The end of the connection.
    Close,
    /// A question whether the peer lives.
    Ping,
    /// The answer to a ping.
    Pong,
}

impl Opcode {
    pub(crate) fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    pub(crate) fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    pub(crate) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The longest payload of a control frame (RFC 6455 5.5).
pub const LONGEST_CONTROL: usize = 125;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const MASK: u8 = 0x80;
/// In place of a short length: a longer one follows in two bytes.
const LENGTH_OF_16_BITS: u8 = 0x7e;
/// In place of a short length: a longer one follows in eight bytes.
const LENGTH_OF_64_BITS: u8 = 0x7f;

/// Appends one whole unmasked message, as servers send it. `rsv1` says that the payload is deflated.
pub fn put(out: &mut BytesMut, opcode: Opcode, rsv1: bool, payload: &[u8]) {
    out.reserve(payload.len() + 10);
    put_head(out, opcode, rsv1, payload.len(), 0);
    out.extend_from_slice(payload);
}

/// What stands before the payload of one whole unmasked plain message: for those who send the payload from elsewhere.
pub fn head(opcode: Opcode, len: usize) -> Bytes {
    let mut out = BytesMut::with_capacity(10);
    put_head(&mut out, opcode, false, len, 0);
    out.freeze()
}

/// Appends one whole masked message, as clients send it. The key has to be unpredictable.
pub fn put_masked(out: &mut BytesMut, opcode: Opcode, payload: &[u8], key: [u8; 4]) {
    out.reserve(payload.len() + 14);
    put_head(out, opcode, false, payload.len(), MASK);
    out.extend_from_slice(&key);
    let start = out.len();
    out.extend_from_slice(payload);
    mask::apply(&mut out[start..], key, 0);
}

fn put_head(out: &mut BytesMut, opcode: Opcode, rsv1: bool, len: usize, mask: u8) {
    let first = FIN | if rsv1 { RSV1 } else { 0 } | opcode.bits();
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short @ 0..=125), _) => out.extend_from_slice(&[first, mask | short]),
        (_, Ok(medium)) => {
            let [high, low] = medium.to_be_bytes();
            out.extend_from_slice(&[first, mask | LENGTH_OF_16_BITS, high, low]);
        }
        _ => {
            out.extend_from_slice(&[first, mask | LENGTH_OF_64_BITS]);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}

/// An unmasked ping. Beyond [`LONGEST_CONTROL`] bytes the payload is cut.
pub fn ping(payload: &[u8]) -> Bytes {
    control(Opcode::Ping, payload)
}

/// An unmasked pong. Beyond [`LONGEST_CONTROL`] bytes the payload is cut.
pub fn pong(payload: &[u8]) -> Bytes {
    control(Opcode::Pong, payload)
}

/// An unmasked close frame. Code 1005 means "no code" and is sent as an empty frame.
pub fn close(code: u16, reason: &str) -> Bytes {
    control(Opcode::Close, &close_payload(code, reason))
}

pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    if code == 1005 {
        return Vec::new();
    }
    let mut payload = code.to_be_bytes().to_vec();
    let mut end = reason.len().min(LONGEST_CONTROL - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    payload
}

fn control(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    put(&mut out, opcode, false, &payload[..payload.len().min(LONGEST_CONTROL)]);
    out.freeze()
}
