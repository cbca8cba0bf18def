//! Socket.IO at `/ws/socket.io/`, by polling and by WebSocket: the control plane for front ends that speak it.
//!
//! The event `message` carries the same conversation as `/ws`. Engine.IO and Socket.IO themselves are `socketioxide`'s;
//! here is what stands in front of it, and what each socket does.

mod foreign;
mod handshakes;
mod peer;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use socketioxide::{SocketIo, extract::SocketRef, service::SocketIoService};
use tower::ServiceExt;

use self::foreign::Page;
pub(crate) use handshakes::Handshakes;

use crate::{
    config::{Config, ConnectionLimits},
    gateway::Shared,
    http::Peer as Address,
};

/// Where it is.
pub(crate) const PATH: &str = "/ws/socket.io";
/// What its sockets are counted and their holders registered under.
pub(crate) const DOOR_NAME: &str = "socket_io";
/// The largest message, in bytes.
const LARGEST: usize = 64 << 10;
/// How many packets wait for one peer before it is said to be slow.
const MOST_WAITING: usize = 128;
/// How long a client that shook hands may take to join the namespace.
const JOIN_WITHIN: Duration = Duration::from_secs(10);
/// How often clients are pinged at least, and how long they may take to answer: what clients of the protocol expect.
const PING_EVERY: Duration = Duration::from_secs(25);
const PONG_WITHIN: Duration = Duration::from_secs(20);

/// The Socket.IO server, shared by all event loops: a client that polls comes in now here, now there.
pub(crate) struct Front {
    /// Answers requests at its path. Made once: each would have sessions of its own.
    service: SocketIoService<Router>,
    io: SocketIo,
    /// How many may begin.
    handshakes: Handshakes,
}

impl Front {
    pub(crate) fn new(config: &Config, limits: &ConnectionLimits) -> Self {
        let (service, io) = SocketIo::builder()
            .req_path(PATH)
            .max_payload(LARGEST as u64)
            .ws_max_message_size(LARGEST)
            .ws_max_frame_size(LARGEST)
            .max_buffer_size(MOST_WAITING)
            .connect_timeout(JOIN_WITHIN)
            .ping_interval(config.protocols.ping_every().min(PING_EVERY))
            .ping_timeout(config.protocols.heartbeat_timeout.min(PONG_WITHIN))
            .build_with_inner_svc(Router::new());
        Self { service, io, handshakes: Handshakes::new(limits, JOIN_WITHIN) }
    }
}

/// Takes sockets from now on, until the server stops: then all are closed, so that clients come back.
pub(crate) fn open(shared: &Arc<Shared>) {
    // Weak, since the server holds what holds this.
    let weak: Weak<Shared> = Arc::downgrade(shared);
    shared.socket_io.io.ns("/", move |socket: SocketRef| {
        if let Some(shared) = weak.upgrade() {
            peer::begin(shared, socket);
        }
        std::future::ready(())
    });
    let (io, mut shutdown) = (shared.socket_io.io.clone(), shared.shutdown.clone());
    tokio::spawn(async move {
        let _ = shutdown.wait_for(|stop| *stop).await;
        io.close().await;
    });
}

/// Whether a request is for it; the path is as we know it, without our base path.
pub(crate) fn is_its(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest == "/")
}

/// Answers what is for Socket.IO, and hands on all else. Handshakes beyond what there is room for are refused before
/// anything is kept of them.
pub(crate) async fn answer(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_its(request.uri().path()) {
        return next.run(request).await;
    }
    let page = Page::of(&request);
    let answer = if page.only_asks(&request) {
        StatusCode::NO_CONTENT.into_response()
    } else if let Err(reason) = check(&shared, &request) {
        let body = serde_json::json!({ "error": reason });
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
    } else {
        let answer = shared.socket_io.service.clone().oneshot(request).await;
        answer.map_or_else(|error| match error {}, |answer| answer.map(Body::new))
    };
    page.let_read(answer)
}

/// What is no handshake passes.
fn check(shared: &Shared, request: &Request) -> Result<(), &'static str> {
    let query = request.uri().query().unwrap_or_default();
    let begins = !query.split('&').any(|pair| pair.starts_with("sid="));
    if !begins {
        return Ok(());
    }
    let address = request.extensions().get::<Address>();
    let address = address.and_then(|address| address.0.parse().ok());
    let (now, open) = (shared.hub.clock.now().steady, shared.hub.beside.len());
    shared.socket_io.handshakes.admit(address, open, now)
}
