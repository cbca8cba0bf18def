//! axum with a broadcast channel and one `send` per viewer and message, as its examples show.

use anyhow::Result;
use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use tokio::sync::broadcast::{self, Sender};

/// How many messages the channel keeps for a slow viewer. Overflow rule: the oldest are lost to it.
const KEPT: usize = 1024;

#[tokio::main]
pub(super) async fn run() -> Result<()> {
    let (sender, _) = broadcast::channel::<Message>(KEPT);
    let view = |upgrade: WebSocketUpgrade, State(sender): State<Sender<Message>>| async move {
        let response: Response = upgrade.on_upgrade(move |socket| viewer(socket, sender));
        response
    };
    let publish = |upgrade: WebSocketUpgrade, State(sender): State<Sender<Message>>| async move {
        let response: Response = upgrade.on_upgrade(move |socket| publisher(socket, sender));
        response
    };
    let router =
        Router::new().route("/view", get(view)).route("/publish", get(publish)).with_state(sender);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    super::announce(port, port);
    axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))),
        router,
    )
    .await?;
    Ok(())
}

async fn viewer(mut socket: WebSocket, sender: Sender<Message>) {
    let mut messages = sender.subscribe();
    while let Ok(message) = messages.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn publisher(mut socket: WebSocket, sender: Sender<Message>) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) {
            // Fails only when nobody watches.
            drop(sender.send(message));
        }
    }
}
