//! From a request's head to a conversation, or to a refusal that costs nothing: door, origin, token.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use pilothouse_core::{Caller, Scope, ids::ConnectionId};
use pilothouse_protocols::{Door, Opening, TokenRule};
use pilothouse_websocket::handshake::{self, Refusal};

use super::{connection::Accepted, event_loop::EventLoop, route};
use crate::auth::{agent_keys::AgentKey, origin, token_in};

/// A head, wherever it was parsed.
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) fields: &'a [(&'a str, &'a [u8])],
}

impl Request<'_> {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| std::str::from_utf8(value).ok())
    }
}

/// Why an upgrade is refused, as HTTP says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
}

impl Refused {
    fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason }
    }

    /// The whole response, after which the connection is closed.
    pub(crate) fn response(&self) -> Bytes {
        let (title, extra) = match self.status {
            401 => ("Unauthorized", "www-authenticate: Bearer\r\n"),
            403 => ("Forbidden", ""),
            404 => ("Not Found", ""),
            426 => ("Upgrade Required", "sec-websocket-version: 13\r\nupgrade: websocket\r\n"),
            503 => ("Service Unavailable", "retry-after: 1\r\n"),
            _ => ("Bad Request", ""),
        };
        let body = serde_json::json!({ "error": self.reason }).to_string();
        format!(
            "HTTP/1.1 {} {title}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}connection: close\r\n\r\n{body}",
            self.status,
            body.len(),
        )
        .into()
    }
}

/// Decides about an upgrade. Builds nothing before the token holds.
pub(crate) fn decide(
    request: &Request<'_>,
    peer: SocketAddr,
    event_loop: &EventLoop,
) -> Result<Accepted, Refused> {
    let shared = &event_loop.shared;
    if event_loop.is_stopping() {
        return Err(Refused::new(503, "the server is stopping"));
    }
    let Some((door, parameters)) = route::door(request.path) else {
        return Err(Refused::new(404, "there is no WebSocket door at this path"));
    };
    let host = request.field("host");
    origin::check(host, request.field("origin"), &shared.config)
        .map_err(|reason| Refused::new(403, reason))?;
    let accepted =
        handshake::accept(request.fields.iter().copied()).map_err(|refusal| refused(&refusal))?;
    let address: Arc<str> = peer.ip().to_string().into();
    let connection = shared.hub.next_connection(event_loop.index);
    let found =
        token_in::upgrade(request.field("authorization"), request.query, &accepted.subprotocols)
            .map_err(|reason| Refused::new(401, reason))?;
    let caller = match found.token {
        Some(token) => Some(verify(&token, door, (connection, &address), event_loop)?),
        None if door.token == TokenRule::Handshake => {
            return Err(Refused::new(
                401,
                "a token is required: Authorization: Bearer, ?token= or subprotocol",
            ));
        }
        None => None,
    };
    let compresses = (door.compress_above)(&shared.protocols).is_some();
    let mut accepted = accepted;
    accepted.deflate = accepted.deflate.filter(|_| compresses);
    let opening = Opening { connection, caller, parameters, query: found.query };
    Ok(Accepted {
        door,
        response: accepted.response(found.subprotocol),
        agreed: accepted.deflate,
        address,
        opening,
        leftover: Vec::new(),
    })
}

fn verify(
    token: &str,
    door: &Door,
    (connection, address): (ConnectionId, &Arc<str>),
    event_loop: &EventLoop,
) -> Result<Caller, Refused> {
    let shared = &event_loop.shared;
    if let Some(key) = AgentKey::read(token) {
        let known = shared.hub.look(|core, _| core.agent_key(&key.agent));
        let scope = Scope::Enrolled(key.agent.clone());
        if known.is_none_or(|known| !key.is(known)) || !(door.admits)(&scope) {
            return Err(Refused::new(401, "the agent's key is not known"));
        }
        let user: Arc<str> = key.agent.as_str().into();
        let address = address.clone();
        return Ok(Caller {
            name: user.clone(),
            user,
            scope,
            connection,
            address,
            expires_at: None,
        });
    }
    let claims = shared
        .verifier
        .verify(token, shared.hub.clock.now().wall)
        .map_err(|denied| Refused::new(401, denied.reason))?;
    let caller = claims.caller(connection, address.clone());
    if !(door.admits)(&caller.scope) {
        return Err(Refused::new(401, "the token is for another purpose"));
    }
    Ok(caller)
}

fn refused(refusal: &Refusal) -> Refused {
    match refusal {
        Refusal::NotAnUpgrade => Refused::new(426, "this path speaks WebSocket only"),
        Refusal::UnsupportedVersion => Refused::new(426, "only WebSocket version 13 is spoken"),
        Refusal::Malformed(reason) => Refused::new(400, reason),
    }
}
