//! The socket to the server: one WebSocket over TCP, perhaps with TLS, tuned for small delays.

use std::io;

use bytes::Bytes;
use pilothouse_protocols::agent_link::LARGEST_MESSAGE;
use pilothouse_websocket::{
    connect::{ConnectError, Connector, ServerAddress, Transport},
    handshake::{ClientError, ClientHandshake},
    stream::{Owned, Reader, StreamError, WebSocketStream, Writer},
};
use socket2::SockRef;
use tokio::io::{ReadHalf, WriteHalf};

/// The path of the agents' door.
const DOOR: &str = "/ws/agent";

/// How much the kernel may hold that is not sent, so that what is urgent does not wait behind it.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 << 10;

/// The code of a close without one (RFC 6455 7.1.5), or of a connection that ended without a close.
const NO_CODE: u16 = 1005;

/// Why there is no socket, or no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection cannot be tuned.
    #[error(transparent)]
    Options(#[from] io::Error),
    /// The connection broke, or the server does not speak WebSocket.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// Nothing came for too long.
    #[error("the server was silent for too long")]
    Silent,
}

impl TransportError {
    /// The server does not know what was presented to it.
    pub(crate) fn is_unauthorized(&self) -> bool {
        let Self::Stream(StreamError::Handshake(refused)) = self else { return false };
        matches!(refused, ClientError::Refused { status: 401, .. })
    }
}

/// What comes from the server.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A text message.
    Text(String),
    /// A ping; the answer is a pong with the same payload.
    Ping(Bytes),
    /// Something that only shows that the server lives.
    Life,
    /// The end.
    Closed(u16),
}

/// The sending half.
#[derive(Debug)]
pub(super) struct Sender {
    writer: Writer<WriteHalf<Transport>>,
}

/// The receiving half.
#[derive(Debug)]
pub(super) struct Receiver {
    reader: Reader<ReadHalf<Transport>>,
}

/// Opens a socket and does the handshake.
pub(super) async fn connect(
    connector: &Connector,
    address: &ServerAddress,
    token: &str,
) -> Result<(Sender, Receiver), TransportError> {
    let stream = connector.connect(address).await?;
    #[cfg(target_os = "linux")]
    SockRef::from(stream.socket()).set_tcp_notsent_lowat(UNSENT)?;
    let authorization = format!("Bearer {token}");
    let fields = [("authorization", authorization.as_str())];
    let mut key = [0; 16];
    // The key only keeps old proxies from answering out of a cache; any value works without them.
    let _ = getrandom::fill(&mut key);
    let handshake =
        ClientHandshake::new(&address.path(DOOR), &address.authority(), &fields, false, key);
    let socket = WebSocketStream::connect(stream, &handshake, LARGEST_MESSAGE).await?;
    Ok((Sender { writer: socket.writer }, Receiver { reader: socket.reader }))
}

impl Sender {
    /// Queues a text message.
    pub(super) fn text(&mut self, text: String) -> Result<(), TransportError> {
        Ok(self.writer.queue(&Owned::Text(text))?)
    }

    /// Queues a binary message.
    pub(super) fn binary(&mut self, bytes: Vec<u8>) -> Result<(), TransportError> {
        Ok(self.writer.queue(&Owned::Binary(bytes.into()))?)
    }

    /// Queues the answer to a ping.
    pub(super) fn pong(&mut self, payload: Bytes) -> Result<(), TransportError> {
        Ok(self.writer.queue(&Owned::Pong(payload))?)
    }

    /// Sends what is queued. The queue is as large as one turn, because each turn ends with this.
    pub(super) async fn flush(&mut self) -> Result<(), TransportError> {
        Ok(self.writer.flush().await?)
    }
}

impl Receiver {
    /// The next thing that comes.
    pub(super) async fn next(&mut self) -> Result<Incoming, TransportError> {
        Ok(match self.reader.receive().await? {
            Some(Owned::Text(text)) => Incoming::Text(text),
            Some(Owned::Ping(payload)) => Incoming::Ping(payload),
            Some(Owned::Binary(_) | Owned::Pong(_)) => Incoming::Life,
            Some(Owned::Close(close)) => Incoming::Closed(close.map_or(NO_CODE, |(code, _)| code)),
            None => Incoming::Closed(NO_CODE),
        })
    }
}
