//! A sans-IO codec for WebSocket (RFC 6455) with permessage-deflate (RFC 7692).
//!
//! Bytes in, messages out, and the other way round; no socket, no clock, no task. Outbound messages
//! are plain [`bytes::Bytes`]: framed once and deflated at most once, they can be sent to any number
//! of peers. The feature `tokio` adds [`stream`], a connection over any tokio transport; the feature `connect` adds
//! `connect`, which opens that transport to a `ws://` or `wss://` address.

mod close;
#[cfg(feature = "connect")]
pub mod connect;
mod decoder;
pub mod deflate;
pub mod frame;
pub mod handshake;
mod inflate;
mod mask;
#[cfg(feature = "tokio")]
pub mod stream;
mod text;

pub use close::{Close, ProtocolError};
pub use decoder::{Decoded, Decoder, MOST_FRAGMENTS, Message};

/// Which side of a connection we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes masked frames, sends unmasked ones.
    Server,
    /// Takes unmasked frames, sends masked ones.
    Client,
}
