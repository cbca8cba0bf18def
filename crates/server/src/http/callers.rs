//! Who sends a plain request: the bearer of a token, or a program on this machine where that is enough.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{Extension, FromRequestParts},
    http::{header, request::Parts},
};
use pilothouse_core::{Caller, ids::ConnectionId};

use super::{Local, Peer, people::cookie_token};
use crate::{
    auth::{Claims, token_in},
    gateway::{Shared, Whence, local_caller},
};

/// Where agents that report may present their key instead.
const AGENT_KEY: &str = "x-agent-key";

/// Somebody whose token counts.
pub(super) struct Identified {
    /// With the role that counts now.
    pub(super) caller: Caller,
    pub(super) claims: Claims,
}

/// Why nobody is known to ask.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unidentified {
    /// There is no token where one belongs.
    NoToken(&'static str),
    /// The token does not count.
    BadToken(&'static str),
}

impl Unidentified {
    pub(super) fn words(self) -> &'static str {
        let (Self::NoToken(words) | Self::BadToken(words)) = self;
        words
    }
}

/// Whoever the bearer token of the request names, or an agent's key in a field of its own; of a page that reads, the
/// token in its cookie. Queries do not count here.
pub(super) async fn identify(
    parts: &mut Parts,
    shared: &Arc<Shared>,
) -> Result<Identified, Unidentified> {
    let claims = shared.authenticate(token(parts)?);
    let claims = claims.map_err(|denied| Unidentified::BadToken(denied.reason))?;
    if parts.headers.contains_key(AGENT_KEY) && !claims.is_key() {
        return Err(Unidentified::BadToken("x-agent-key takes a key of an agent"));
    }
    // Each question that is answered later has a connection of its own.
    let caller = claims.caller(ConnectionId(0), &whence(parts, shared).await);
    let caller = shared.hub.look(|core, _| core.effective(&caller).map(Cow::into_owned));
    let caller = caller.map_err(|_| Unidentified::BadToken("the user was removed"))?;
    Ok(Identified { caller, claims })
}

/// The token that a request has.
pub(super) fn token(parts: &Parts) -> Result<&str, Unidentified> {
    let none = Unidentified::NoToken("send one header Authorization: Bearer with a token");
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let mut keys = parts.headers.get_all(AGENT_KEY).iter();
    if let Some(key) = keys.next() {
        let key = key.to_str().ok().map(str::trim);
        let is_alone = values.next().is_none() && keys.next().is_none();
        return key.filter(|_| is_alone).ok_or(none);
    }
    match (values.next(), values.next()) {
        (Some(value), None) => {
            let malformed = "the authorization header is not a bearer token";
            let token = value.to_str().ok().and_then(token_in::bearer);
            token.ok_or(Unidentified::BadToken(malformed))
        }
        (None, _) => cookie_token(parts).ok_or(none),
        (Some(_), Some(_)) => Err(none),
    }
}

/// The same in a word.
pub(super) async fn bearer(
    parts: &mut Parts,
    shared: &Arc<Shared>,
) -> Result<Caller, &'static str> {
    let found = identify(parts, shared).await;
    found.map(|found| found.caller).map_err(Unidentified::words)
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

/// Where the request comes from.
pub(super) async fn whence(parts: &mut Parts, shared: &Arc<Shared>) -> Whence {
    let peer = Extension::<Peer>::from_request_parts(parts, shared).await;
    let address = peer.map_or_else(|_| Arc::from("unknown"), |Extension(peer)| peer.0);
    let user_agent = parts.headers.get(header::USER_AGENT);
    Whence::new(address, user_agent.and_then(|value| value.to_str().ok()))
}
