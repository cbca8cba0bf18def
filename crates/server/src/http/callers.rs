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
    gateway::{Shared, local_caller},
};

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

/// Whoever the bearer token of the request names; of a page that reads, the token in its cookie. Queries do not count here.
pub(super) async fn identify(
    parts: &mut Parts,
    shared: &Arc<Shared>,
) -> Result<Identified, Unidentified> {
    let claims = shared.authenticate(token(parts)?);
    let claims = claims.map_err(|denied| Unidentified::BadToken(denied.reason))?;
    // Each question that is answered later has a connection of its own.
    let caller = claims.caller(ConnectionId(0), address(parts, shared).await);
    let caller = shared.hub.look(|core, _| core.effective(&caller).map(Cow::into_owned));
    let caller = caller.map_err(|_| Unidentified::BadToken("the user was removed"))?;
    Ok(Identified { caller, claims })
}

fn token(parts: &Parts) -> Result<&str, Unidentified> {
    let none = Unidentified::NoToken("send one header Authorization: Bearer with a token");
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
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
        return Ok(local_caller(ConnectionId(0), address(parts, shared).await));
    }
    bearer(parts, shared).await
}

/// The peer's address.
pub(super) async fn address(parts: &mut Parts, shared: &Arc<Shared>) -> Arc<str> {
    let peer = Extension::<Peer>::from_request_parts(parts, shared).await;
    peer.map_or_else(|_| Arc::from("unknown"), |Extension(peer)| peer.0)
}
