//! The client's WebSocket: our codec over any stream, with the token where nothing logs it.

use bytes::Bytes;
use pilothouse_protocols::dashboard::messages::{ClientMessage, Envelope, ServerMessage};
use pilothouse_websocket::{
    handshake::{ClientError, ClientHandshake},
    stream::{Owned, StreamError, WebSocketStream},
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Error, clock::wall_clock};

/// The largest message: the server's own limit and some more.
const LARGEST_MESSAGE: usize = 4 << 20;

/// How we call ourselves.
pub(crate) const USER_AGENT: &str = concat!("pilothouse/", env!("CARGO_PKG_VERSION"));

/// What comes in.
pub(crate) enum Incoming {
    Message(Box<ServerMessage>),
    Ping(Bytes),
}

/// An open WebSocket.
pub(crate) struct Socket<S> {
    stream: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Asks for the upgrade.
    pub(crate) async fn open(
        stream: S,
        authority: &str,
        path: &str,
        token: &str,
    ) -> Result<Self, Error> {
        let opened = upgrade(stream, authority, path, token, LARGEST_MESSAGE).await;
        opened.map(|stream| Self { stream })
    }

    /// The next message, or `None` for one of a later version and for life signs. Cancel-safe: what was
    /// read stays in the buffer.
    pub(crate) async fn next(&mut self) -> Result<Option<Incoming>, Error> {
        match self.stream.reader.receive().await.map_err(explain)? {
            Some(Owned::Text(text)) => Ok(read(&text)?.map(Box::new).map(Incoming::Message)),
            Some(Owned::Ping(payload)) => Ok(Some(Incoming::Ping(payload))),
            Some(Owned::Pong(_)) => Ok(None),
            Some(Owned::Close(close)) => Err(closed(close)),
            Some(Owned::Binary(_)) => Err(Error::protocol("a message is binary")),
            None => Err(Error::lost("the server closed it")),
        }
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: ClientMessage) -> Result<(), Error> {
        let envelope = Envelope::new(message, wall_clock());
        let text = serde_json::to_string(&envelope).expect("wire types have string keys");
        self.stream.send(&Owned::Text(text)).await.map_err(explain)
    }

    /// Answers a ping.
    pub(crate) async fn pong(&mut self, payload: Bytes) -> Result<(), Error> {
        self.stream.send(&Owned::Pong(payload)).await.map_err(explain)
    }

    /// Says goodbye; whether the peer hears it does not matter.
    pub(crate) async fn close(&mut self) {
        let _ = self.stream.send(&Owned::Close(Some((1000, String::new())))).await;
    }
}

/// Asks a door for the upgrade.
pub(crate) async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    authority: &str,
    path: &str,
    token: &str,
    largest_message: usize,
) -> Result<WebSocketStream<S>, Error> {
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(Error::lost)?;
    let authorization = format!("Bearer {token}");
    let fields = [("authorization", authorization.as_str()), ("user-agent", USER_AGENT)];
    let handshake = ClientHandshake::new(path, authority, &fields, true, key);
    WebSocketStream::connect(stream, &handshake, largest_message).await.map_err(explain)
}

/// Reads a message; `None` for types of a later version, which a client may ignore.
fn read(text: &str) -> Result<Option<ServerMessage>, Error> {
    match serde_json::from_str::<Envelope<ServerMessage>>(text) {
        Ok(envelope) => Ok(Some(envelope.message)),
        Err(error) => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) if value["type"].is_string() => Ok(None),
            _ => Err(Error::protocol(format!("a message is not JSON of ours ({error})"))),
        },
    }
}

pub(crate) fn closed(close: Option<(u16, String)>) -> Error {
    match close {
        Some((code, reason)) if !reason.is_empty() => {
            Error::lost(format!("the server closed it: {reason} ({code})"))
        }
        Some((code, _)) => Error::lost(format!("the server closed it with code {code}")),
        None => Error::lost("the server closed it"),
    }
}

pub(crate) fn explain(error: StreamError) -> Error {
    match error {
        StreamError::Handshake(ClientError::Refused { status: 401 | 403, reason }) => {
            Error::Refused { reason: words(&reason) }
        }
        StreamError::Handshake(ClientError::Refused { status, .. }) => Error::Status { status },
        StreamError::Handshake(error) => Error::protocol(error.to_string()),
        StreamError::Protocol(error) => Error::protocol(error.to_string()),
        StreamError::Transport(error) => Error::lost(error),
        StreamError::Full => Error::lost("the server does not read"),
    }
}

/// What a refusal says, without the JSON around it.
pub(crate) fn words(reason: &str) -> String {
    let body: Option<serde_json::Value> = serde_json::from_str(reason).ok();
    let error = body.as_ref().and_then(|body| body["error"].as_str());
    error.unwrap_or(reason).to_owned()
}
