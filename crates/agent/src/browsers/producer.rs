//! The socket on which a browser's pictures leave: opened with the browser, and again for ever when it is lost.

use std::{sync::Arc, time::Duration};

use pilothouse_websocket::{
    connect::{Connector, ServerAddress},
    handshake::ClientHandshake,
    stream::{Owned, WebSocketStream},
};
use serde::Deserialize;
use tokio::{sync::watch, time::timeout};

use super::pictures::Picture;
use crate::link::{Retry, TransportError, random};

/// The largest message from the other end that is read; it only says how far it has come.
const LARGEST_MESSAGE: usize = 64 << 10;
/// How long a picture may take to be taken. Then the other end is as good as gone.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// How often to ask a silent other end whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Where pictures go.
#[derive(Clone)]
pub(crate) struct Destination {
    /// The server.
    pub(crate) address: ServerAddress,
    /// The path of its door, with all that is asked of it.
    pub(crate) path: String,
    /// Fields of the handshake's head, such as the credential.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Whether the other end says which picture it has taken.
    pub(crate) acknowledges: bool,
}

/// Paths and fields have secrets in them.
impl std::fmt::Debug for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Destination")
            .field("address", &self.address.to_string())
            .finish_non_exhaustive()
    }
}

/// How far pictures have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Counts the sockets that were opened.
    pub(crate) sockets: u64,
    /// Whether the last one of them is open.
    pub(crate) is_open: bool,
    /// The last picture that the other end has taken.
    pub(crate) taken: u64,
}

/// Sends pictures to wherever `destination` says, the newest one at a time. Cancelled by dropping it.
pub(super) async fn produce(
    session: &str,
    connector: &Connector,
    destination: impl Fn() -> Option<Destination>,
    mut pictures: watch::Receiver<Option<Arc<Picture>>>,
    progress: &watch::Sender<Progress>,
) {
    let mut retry = Retry::new(Duration::from_millis(500), Duration::from_secs(15));
    loop {
        let (was_good, error) = match destination() {
            Some(destination) => {
                once(session, connector, &destination, &mut pictures, progress).await
            }
            None => (false, "there is no address to send pictures to".to_owned()),
        };
        progress.send_if_modified(|progress| std::mem::take(&mut progress.is_open));
        if was_good {
            retry.succeeded();
        }
        let wait = retry.wait(random());
        tracing::info!(session, error, ?wait, "no socket for a browser's pictures; trying again");
        tokio::time::sleep(wait).await;
    }
}

/// One socket, and whether it was ever good.
async fn once(
    session: &str,
    connector: &Connector,
    destination: &Destination,
    pictures: &mut watch::Receiver<Option<Arc<Picture>>>,
    progress: &watch::Sender<Progress>,
) -> (bool, String) {
    let mut socket = match open(connector, destination).await {
        Ok(socket) => socket,
        Err(error) => return (false, error.to_string()),
    };
    // A picture from before may be long out of date; whoever takes pictures makes a new one now.
    pictures.mark_unchanged();
    progress.send_modify(|progress| {
        progress.sockets += 1;
        progress.is_open = true;
    });
    let error = carry(session, &mut socket, destination.acknowledges, pictures, progress).await;
    (true, error)
}

type Socket = WebSocketStream<pilothouse_websocket::connect::Transport>;

async fn open(connector: &Connector, destination: &Destination) -> Result<Socket, TransportError> {
    let address = &destination.address;
    let stream = connector.connect(address).await?;
    let fields: Vec<_> =
        destination.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut key = [0; 16];
    // The key only keeps old proxies from answering out of a cache; any value works without them.
    let _ = getrandom::fill(&mut key);
    let handshake =
        ClientHandshake::new(&destination.path, &address.authority(), &fields, false, key);
    let opening = WebSocketStream::connect(stream, &handshake, LARGEST_MESSAGE);
    Ok(timeout(TAKEN_WITHIN, opening).await.map_err(|_| TransportError::Silent)??)
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Said {
    Ack {
        seq: u64,
    },
    #[serde(other)]
    Else,
}

/// Carries pictures until the socket is lost, and says why it is.
async fn carry(
    session: &str,
    socket: &mut Socket,
    acknowledges: bool,
    pictures: &mut watch::Receiver<Option<Arc<Picture>>>,
    progress: &watch::Sender<Progress>,
) -> String {
    // The picture that the other end has not taken yet.
    let mut under_way = None;
    let mut is_asked = false;
    loop {
        let patience = if under_way.is_some() { TAKEN_WITHIN } else { PING_EVERY };
        tokio::select! {
            changed = pictures.changed(), if under_way.is_none() => {
                if changed.is_err() {
                    return "the browser is closed".to_owned();
                }
                let Some(picture) = pictures.borrow_and_update().clone() else { continue };
                let message = Owned::Text(picture.message(session));
                match timeout(TAKEN_WITHIN, socket.send(&message)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return error.to_string(),
                    Err(_) => return "the server does not read".to_owned(),
                }
                if acknowledges {
                    under_way = Some(picture.seq);
                } else {
                    progress.send_modify(|progress| progress.taken = picture.seq);
                }
            }
            heard = socket.receive() => {
                is_asked = false;
                match heard {
                    Ok(Some(Owned::Text(text))) => {
                        if let Ok(Said::Ack { seq }) = serde_json::from_str(&text) {
                            progress.send_modify(|progress| progress.taken = progress.taken.max(seq));
                            under_way = under_way.filter(|waiting| *waiting > seq);
                        }
                    }
                    Ok(Some(Owned::Close(close))) => {
                        return close.map_or("it was closed".to_owned(), |(code, why)| {
                            format!("it was closed with code {code}: {why}")
                        });
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return "it was closed".to_owned(),
                    Err(error) => return error.to_string(),
                }
            }
            () = tokio::time::sleep(patience) => {
                if under_way.is_some() || is_asked {
                    return "the server was silent for too long".to_owned();
                }
                is_asked = true;
                if let Err(error) = socket.send(&Owned::Ping(bytes::Bytes::new())).await {
                    return error.to_string();
                }
            }
        }
    }
}
