//! Who sends a plain request: the bearer of a token, or a program on this machine where that is enough.

use std::sync::Arc;

use axum::{
    extract::{Extension, FromRequestParts},
    http::{header, request::Parts},
};
use pilothouse_core::{Caller, ids::ConnectionId};

use super::{Local, Peer};
use crate::{
    auth::token_in,
    gateway::{Shared, Whence, local_caller},
};

/// Where agents that report may present their key instead.
pub(super) const AGENT_KEY: &str = "x-agent-key";

/// Whoever the bearer token of the request names, or the agent's key in a field of its own; why nobody, if so. Cookies
/// and queries do not count here.
pub(super) async fn bearer(
    parts: &mut Parts,
    shared: &Arc<Shared>,
) -> Result<Caller, &'static str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let mut keys = parts.headers.get_all(AGENT_KEY).iter();
    let token = match (values.next(), values.next(), keys.next(), keys.next()) {
        (Some(value), None, None, _) => value.to_str().ok().and_then(token_in::bearer),
        (None, _, Some(key), None) => key.to_str().ok().map(str::trim),
        _ => return Err("send one header Authorization: Bearer with a token"),
    };
    let token = token.ok_or("the authorization header is not a bearer token")?;
    let claims = shared.authenticate(token).map_err(|denied| denied.reason)?;
    if parts.headers.contains_key(AGENT_KEY) && !claims.is_key() {
        return Err("x-agent-key takes a key of an agent");
    }
    // Each question that is answered later has a connection of its own.
    Ok(claims.caller(ConnectionId(0), &whence(parts, shared).await))
}

/// The same; and where `console.open_on_loopback` says so, programs on this machine that have no token.
pub(super) async fn bearer_or_local(
    parts: &mut Parts,
    shared: &Arc<Shared>,
) -> Result<Caller, &'static str> {
    let is_local = parts.extensions.get::<Local>().is_some_and(|local| local.0);
    let has_token = parts.headers.contains_key(header::AUTHORIZATION);
    if is_local && !has_token {
        return Ok(local_caller(ConnectionId(0), &whence(parts, shared).await));
    }
    bearer(parts, shared).await
}

async fn whence(parts: &mut Parts, shared: &Arc<Shared>) -> Whence {
    let peer = Extension::<Peer>::from_request_parts(parts, shared).await;
    let address = peer.map_or_else(|_| Arc::from("unknown"), |Extension(peer)| peer.0);
    let user_agent = parts.headers.get(header::USER_AGENT);
    Whence::new(address, user_agent.and_then(|value| value.to_str().ok()))
}
