//! The opening handshake (RFC 6455 4), without a socket: heads in, heads out.

mod client;
mod extension;
mod server;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

pub use client::{ClientError, ClientHandshake, Opened};
pub use server::{Accepted, Refusal, accept};

/// RFC 6455 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What the server has to answer a key with.
fn accept_key(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Whether a list of words, with commas between them, has that word in it.
fn has_word(value: &[u8], word: &str) -> bool {
    value
        .split(|byte| *byte == b',')
        .any(|item| item.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}
