//! Plain HTTP beside the doors: the page, health, metrics, and the REST routes.

mod access;
mod agents;
mod app;
mod asking;
mod asyncapi;
mod attention;
mod audit;
mod browsers;
mod callers;
mod commands;
mod control_and_stream;
mod description;
mod envelope;
mod health;
mod held;
mod idempotency;
mod json_body;
mod keys;
mod listing;
mod mission;
mod moments;
mod negotiation;
mod output;
mod page;
mod people;
mod pictures;
mod pieces;
mod problem;
mod recording;
mod runs;
mod search;
mod sessions;
mod webhooks;
mod worded;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    rc::Rc,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tower::Service;
use utoipa_axum::router::OpenApiRouter;

pub use self::{asyncapi::asyncapi, description::openapi};
use self::{
    held::Held,
    problem::{Problem, not_found},
};
use crate::{
    auth::origin,
    descriptors,
    gateway::{self, Carrier, Client, EventLoop, Place, Shared},
    socket_io, telemetry,
};

/// The peer's address without its port, for the audit.
#[derive(Clone)]
pub(crate) struct Peer(pub(crate) Arc<str>);

/// The address at the other end of the socket, a proxy's if there is one.
#[derive(Clone, Copy)]
struct Socket(IpAddr);

/// A request without a token that counts. It reaches no core and leaves no audit record, so that strangers cannot fill
/// that; like refused sockets it is counted, and a flood of them is one line a second in the log.
const NOBODY: gateway::Refused =
    gateway::Refused::new(gateway::Cause::Token, "a request came without a token that counts");

/// Whether a program on this machine asks that needs no token.
#[derive(Clone, Copy)]
struct Local(bool);

/// Where the client thinks that the server is, such as `https://pilot.example/base`; empty if it does not say.
#[derive(Clone)]
struct Outside(Arc<str>);

/// What a server that stops, or has no place left, still answers.
const TOLD_ALWAYS: [&str; 2] = ["/health", "/metrics"];

/// The routes that the OpenAPI document is made of.
fn described() -> OpenApiRouter<Arc<Shared>> {
    description::introduced()
        .merge(sessions::router())
        .merge(browsers::router())
        .merge(agents::router())
        .merge(commands::router())
        .merge(attention::router())
        .merge(recording::router())
        .merge(runs::router())
        .merge(pictures::router())
        .merge(search::router())
        .merge(audit::router())
        .merge(keys::router())
        .merge(people::router())
        .merge(webhooks::router())
        .merge(mission::router())
        .merge(control_and_stream::router())
}

/// Every plain HTTP route.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/metrics", get(metrics))
        .merge(access::router())
        .merge(described())
        .merge(description::router())
        .merge(asyncapi::router())
        .merge(page::router(&shared.config.base_path))
        .fallback(elsewhere)
        .layer(middleware::from_fn_with_state(shared.clone(), socket_io::answer))
        .layer(middleware::from_fn_with_state(shared.clone(), idempotency::keep))
        .layer(middleware::from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

async fn metrics(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let used = tokio::task::spawn_blocking(descriptors::used).await.ok().flatten();
    let text = telemetry::exposition(&shared, used);
    ([(header::CONTENT_TYPE, content_type)], text)
}

/// Says what a path without a route is: a door that wants an upgrade, a place in the page, or nothing.
async fn elsewhere(State(shared): State<Arc<Shared>>, request: Parts) -> Response {
    if crate::gateway::is_door(request.uri.path()) {
        let body =
            r#"{"error":"this path speaks WebSocket only; connect with a WebSocket client"}"#;
        let mut response = json(StatusCode::UPGRADE_REQUIRED, body);
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        return response;
    }
    if let Some(answer) = app::answer(&shared.shelf, &request).await {
        return answer;
    }
    if is_own(request.uri.path()) {
        return not_found("there is nothing at this path").into_response();
    }
    json(StatusCode::NOT_FOUND, r#"{"error":"there is nothing at this path"}"#)
}

/// Refuses foreign hosts and origins before anything else looks at the request.
async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if let Err(refusal) = check(&request, &shared) {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::FORBIDDEN);
        if is_own(request.uri().path()) {
            return Problem::new(status, refusal.reason).into_response();
        }
        return json(status, serde_json::json!({ "error": refusal.reason }).to_string());
    }
    // The route and never the URI: there may be a token in it.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let address = request.extensions().get::<Peer>().cloned();
    let (method, id) = (request.method().clone(), shared.hub.next_request());
    let is_own = is_own(request.uri().path());
    let mut response = next.run(request).await;
    if is_own && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = not_allowed(&response);
    }
    tracing::debug!(
        request = id,
        %method,
        route = route.as_ref().map_or("other", MatchedPath::as_str),
        status = response.status().as_u16(),
        address = address.as_ref().map(|address| &*address.0),
        "answered"
    );
    let fields = response.headers_mut();
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    fields.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// Whether a path is of our own family, which refuses with problems.
fn is_own(path: &str) -> bool {
    path.starts_with("/api/v1/")
}

/// The same refusal in our own family's words.
fn not_allowed(refused: &Response) -> Response {
    let detail = "this path takes other methods, which the field Allow names";
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).into_response();
    if let Some(allowed) = refused.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    response
}

fn check(request: &Request, shared: &Shared) -> Result<(), origin::Refusal> {
    let fields = fields(request.headers());
    let peer = request.extensions().get().copied().unwrap_or(Socket(Ipv4Addr::UNSPECIFIED.into()));
    let client = Client::of(peer.0, &fields, &shared.config.trusted_proxies);
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    origin::check(fields.into_iter(), client.way(authority, shared), &shared.config)
}

fn fields(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

/// Serves HTTP on a connection whose first request is not an upgrade. A later one may be.
pub(crate) async fn serve<S: Carrier>(
    stream: S,
    peer: SocketAddr,
    place: Rc<Place>,
    event_loop: Rc<EventLoop>,
) {
    let mut shutdown = event_loop.shared.shutdown.clone();
    let timeout = event_loop.shared.config.header_timeout;
    let is_spare = place.is_spare();
    // An upgrade to Socket.IO takes the stream along, but not its place.
    let (stream, gone) = Held::new(stream);
    let held = place.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let (event_loop, place) = (event_loop.clone(), place.clone());
        async move {
            if wants_upgrade(&request) && !is_socket_io(&request, &event_loop) {
                return Ok(upgrade::<S>(request, peer, &place, &event_loop));
            }
            let request = localise(request.map(Body::new), peer, &event_loop);
            if event_loop.is_stopping() && !TOLD_ALWAYS.contains(&request.uri().path()) {
                let refused = gateway::Refused::stopping();
                event_loop.refused(&refused, Some(peer.ip()));
                return Ok(as_response(&refused.response()));
            }
            if place.is_spare() && !TOLD_ALWAYS.contains(&request.uri().path()) {
                return Ok(as_response(&gateway::Refused::full().response()));
            }
            let address = request.extensions().get::<Peer>().and_then(|peer| peer.0.parse().ok());
            let response = event_loop.router.clone().call(request).await;
            if let Ok(refused) = &response
                && refused.status() == StatusCode::UNAUTHORIZED
            {
                event_loop.refused(&NOBODY, address.or(Some(peer.ip())));
            }
            response
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .keep_alive(!is_spare)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Its own block, since it has the stream until it is dropped.
    {
        tokio::pin!(connection);
        let is_done = tokio::select! {
            // The connection first: its request is there already, and one that has read nothing yet would be
            // closed without an answer.
            biased;
            _ = connection.as_mut() => true,
            _ = shutdown.wait_for(|stop| *stop) => false,
        };
        if !is_done {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
    let _ = gone.await;
    drop(held);
}

/// Takes our base path off, and notes who asks.
fn localise(mut request: Request, peer: SocketAddr, event_loop: &EventLoop) -> Request {
    let shared = &event_loop.shared;
    let config = &shared.config;
    let (address, local, outside) = {
        let fields = fields(request.headers());
        let client = Client::of(peer.ip(), &fields, &config.trusted_proxies);
        let local = Local(shared.is_local(&client, fields.iter().copied()));
        let outside = outside(&client, request.headers(), shared);
        (Peer(client.address.to_string().into()), local, outside)
    };
    request.extensions_mut().insert(address);
    request.extensions_mut().insert(local);
    request.extensions_mut().insert(outside);
    request.extensions_mut().insert(Socket(peer.ip()));
    let path = gateway::without_base(request.uri().path(), &config.base_path);
    if path.len() < request.uri().path().len() {
        let target = match request.uri().query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = target.parse().ok();
        // What is left of a valid target is one too.
        if let Ok(target) = Uri::from_parts(parts) {
            *request.uri_mut() = target;
        }
    }
    request
}

/// The server's own address in the client's words, for links that it is to follow.
fn outside(client: &Client<'_>, headers: &HeaderMap, shared: &Shared) -> Outside {
    let way = client.way(None, shared);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let scheme = if way.is_secure { "https" } else { "http" };
    let url =
        client.host.or(host).map(|host| format!("{scheme}://{host}{}", shared.config.base_path));
    Outside(url.unwrap_or_default().into())
}

/// Whether it is for Socket.IO, which answers upgrades itself.
fn is_socket_io<B>(request: &hyper::Request<B>, event_loop: &EventLoop) -> bool {
    let base = &event_loop.shared.config.base_path;
    socket_io::is_its(gateway::without_base(request.uri().path(), base))
}

fn wants_upgrade<B>(request: &hyper::Request<B>) -> bool {
    let upgrade = request.headers().get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Upgrades a connection that proxies keep and use again.
fn upgrade<S: Carrier>(
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    place: &Rc<Place>,
    event_loop: &Rc<EventLoop>,
) -> Response {
    let decided = {
        let fields = fields(request.headers());
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        gateway::decide(
            &gateway::Request {
                path: uri.path(),
                query,
                authority: uri.authority().map(axum::http::uri::Authority::as_str),
                fields: &fields,
            },
            peer,
            place,
            event_loop,
        )
    };
    let mut accepted = match decided {
        Ok(accepted) => accepted,
        Err(refused) => {
            event_loop.refused(&refused, Some(peer.ip()));
            return as_response(&refused.response());
        }
    };
    let response = as_response(&std::mem::take(&mut accepted.response));
    let upgraded = hyper::upgrade::on(request);
    let (event_loop, place) = (event_loop.clone(), place.clone());
    tokio::task::spawn_local(async move {
        let Ok(upgraded) = upgraded.await else { return };
        if let Ok(parts) = upgraded.downcast::<TokioIo<Held<S>>>() {
            accepted.leftover = parts.read_buf.to_vec();
            let stream = parts.io.into_inner().into_inner();
            gateway::adopt(stream.into_transport(), accepted, place, &event_loop);
        }
    });
    response
}

/// The same head for the HTTP server that the gateway would have written itself.
fn as_response(bytes: &[u8]) -> Response {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut head = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(len)) = head.parse(bytes) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::new(Body::from(bytes[len..].to_vec()));
    *response.status_mut() =
        head.code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default();
    for field in head.headers.iter() {
        let name = header::HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(field.value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
