//! The client's WebSocket: our codec over any stream, with the token where nothing logs it.

use bytes::Bytes;
use pilothouse_websocket::{
    handshake::{ClientError, ClientHandshake},
    stream::{Owned, StreamError, WebSocketStream},
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::Error;

/// The largest message: the server's own limit and some more.
const LARGEST_MESSAGE: usize = 4 << 20;

/// What comes in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Ping(Bytes),
    Closed { code: u16, reason: String },
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
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "it is empty or has characters that no token has".to_owned();
            return Err(Error::Refused { reason });
        }
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(Error::lost)?;
        let authorization = format!("Bearer {token}");
        let agent = concat!("pilothouse/", env!("CARGO_PKG_VERSION"));
        let fields = [("authorization", authorization.as_str()), ("user-agent", agent)];
        let handshake = ClientHandshake::new(path, authority, &fields, true, key);
        let opened = WebSocketStream::connect(stream, &handshake, LARGEST_MESSAGE).await;
        Ok(Self { stream: opened.map_err(explain)? })
    }

    /// The next message. Cancel-safe: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> Result<Incoming, Error> {
        loop {
            return match self.stream.reader.receive().await.map_err(explain)? {
                Some(Owned::Text(text)) => Ok(Incoming::Text(text)),
                Some(Owned::Ping(payload)) => Ok(Incoming::Ping(payload)),
                Some(Owned::Close(close)) => {
                    let (code, reason) = close.unwrap_or((1005, String::new()));
                    Ok(Incoming::Closed { code, reason })
                }
                Some(Owned::Binary(_)) => Err(Error::protocol("a message is binary")),
                Some(Owned::Pong(_)) => continue,
                None => Err(Error::lost("the server closed it")),
            };
        }
    }

    /// Sends a text message.
    pub(crate) async fn send_text(&mut self, text: String) -> Result<(), Error> {
        self.stream.send(&Owned::Text(text)).await.map_err(explain)
    }

    /// Answers a ping.
    pub(crate) async fn send_pong(&mut self, payload: Bytes) -> Result<(), Error> {
        self.stream.send(&Owned::Pong(payload)).await.map_err(explain)
    }

    /// Says goodbye; whether the peer hears it does not matter.
    pub(crate) async fn close(&mut self) {
        let _ = self.stream.send(&Owned::Close(Some((1000, String::new())))).await;
    }
}

fn explain(error: StreamError) -> Error {
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
fn words(reason: &str) -> String {
    let body: Option<serde_json::Value> = serde_json::from_str(reason).ok();
    let error = body.as_ref().and_then(|body| body["error"].as_str());
    error.unwrap_or(reason).to_owned()
}
