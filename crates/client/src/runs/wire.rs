//! The socket of a followed run: opened with a token, and written to with patience that ends.

use std::time::Duration;

use pilothouse_protocols::runs::messages::ClientMessage;
use pilothouse_websocket::{
    connect::Transport,
    stream::{Owned, WebSocketStream},
};
use tokio::time::timeout;

use crate::{
    Error,
    builder::Plan,
    socket::{explain, upgrade},
};

const DOOR: &str = "/ws";
/// The largest message: a step with the largest picture, and some more.
const LARGEST_MESSAGE: usize = 8 << 20;

pub(super) type Socket = WebSocketStream<Transport>;

/// Knocks.
pub(super) async fn open(plan: Plan) -> Result<Socket, Error> {
    let knock = async {
        let token = plan.token.get().await?;
        let address = &plan.address;
        let unreachable = |source| Error::Unreachable { server: address.to_string(), source };
        let stream = plan.connector.connect(address).await.map_err(unreachable)?;
        let (authority, target) = (address.authority(), address.path(DOOR));
        upgrade(stream, &authority, &target, &token, LARGEST_MESSAGE).await
    };
    let silent = |_| Error::lost("the server did not answer in time");
    timeout(plan.connect_within, knock).await.map_err(silent)?
}

/// Says something.
pub(super) async fn say(
    socket: &mut Socket,
    message: &ClientMessage,
    within: Duration,
) -> Result<(), Error> {
    let text = serde_json::to_string(message).expect("wire types have string keys");
    send(socket, Owned::Text(text), within).await
}

/// Sends a message. A server that takes nothing is as dead as one that says nothing.
pub(super) async fn send(
    socket: &mut Socket,
    message: Owned,
    within: Duration,
) -> Result<(), Error> {
    match timeout(within * 2, socket.send(&message)).await {
        Ok(sent) => sent.map_err(explain),
        Err(_) => Err(Error::lost("the server does not read")),
    }
}

/// Says goodbye; whether the server hears it does not matter.
pub(super) async fn close(socket: &mut Socket) {
    let goodbye = Owned::Close(Some((1000, String::new())));
    let _ = timeout(Duration::from_secs(1), socket.send(&goodbye)).await;
}
