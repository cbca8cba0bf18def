//! From a request's head to a conversation, or to a refusal that costs nothing: door, origin, token.

use std::net::SocketAddr;

use pilothouse_core::Scope;
use pilothouse_protocols::{Denied, Door, Opening, TokenRule};
use pilothouse_websocket::handshake::{self, Refusal};

use super::{
    admission::Place,
    connection::Accepted,
    event_loop::{EventLoop, Shared},
    forwarded::Client,
    local::local_caller,
    refused::{Cause, Refused},
    route,
    whence::Whence,
};
use crate::auth::{Claims, origin, token_in};

/// A head, wherever it was parsed.
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// The host that the target itself names, if it is a whole URL.
    pub(crate) authority: Option<&'a str>,
    pub(crate) fields: &'a [(&'a str, &'a [u8])],
}

impl Request<'_> {
    /// Every value of a field. What is not UTF-8 is empty, and so never good for anything.
    fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| std::str::from_utf8(value).unwrap_or_default())
    }
}

/// Decides about an upgrade. Builds nothing before the token holds.
pub(crate) fn decide(
    request: &Request<'_>,
    peer: SocketAddr,
    place: &Place,
    event_loop: &EventLoop,
) -> Result<Accepted, Refused> {
    let shared = &event_loop.shared;
    if event_loop.is_stopping() {
        return Err(Refused::stopping());
    }
    let client = Client::of(peer.ip(), request.fields, &shared.config.trusted_proxies);
    let fields = request.fields.iter().copied();
    origin::check(fields, client.way(request.authority, shared), &shared.config).map_err(
        |refusal| {
            let cause = if refusal.status == 403 { Cause::Origin } else { Cause::Malformed };
            Refused::new(cause, refusal.reason)
        },
    )?;
    let path = route::without_base(request.path, &shared.config.base_path);
    let Some((door, parameters)) = route::door(path) else {
        return Err(Refused::new(Cause::Path, "there is no WebSocket door at this path"));
    };
    let accepted = place
        .belongs_to(client.address)
        .map_err(Refused::from)
        .and_then(|()| enter(request, door, &client, event_loop));
    let mut accepted = accepted.map_err(|refused| Refused {
        address: Some(client.address),
        route: Some(door.path),
        ..refused
    })?;
    accepted.opening.parameters = parameters;
    check_session(&accepted).map_err(|refused| Refused {
        address: Some(client.address),
        route: Some(door.path),
        ..refused
    })?;
    Ok(accepted)
}

/// Refuses credentials of one session at the doors of another. Doors that say so in their protocol hear of it there.
fn check_session(accepted: &Accepted) -> Result<(), Refused> {
    let scope = accepted.opening.caller.as_ref().map(|caller| &caller.scope);
    let (Some(Scope::View(session) | Scope::Session { session, .. }), Some(named)) =
        (scope, accepted.opening.parameters.first())
    else {
        return Ok(());
    };
    if accepted.door.token == TokenRule::AfterUpgrade || session.as_str() == named {
        return Ok(());
    }
    Err(Refused::new(Cause::Token, "the token is for another session"))
}

/// Checks handshake and token at a door.
fn enter(
    request: &Request<'_>,
    door: &'static Door,
    client: &Client<'_>,
    event_loop: &EventLoop,
) -> Result<Accepted, Refused> {
    let shared = &event_loop.shared;
    let accepted =
        handshake::accept(request.fields.iter().copied()).map_err(|refusal| refused(&refusal))?;
    let user_agent = request.fields("user-agent").next();
    let whence = Whence::new(client.address.to_string().into(), user_agent);
    let connection = shared.hub.next_connection(event_loop.index);
    let keys = request.fields("x-agent-key").filter(|_| door.takes_keys());
    let authorizations = request.fields("authorization");
    let found = token_in::upgrade(authorizations, keys, request.query, &accepted.subprotocols)
        .map_err(|reason| Refused::new(Cause::Token, reason))?;
    let mut denied = None;
    let claims = match found.token {
        Some(token) => match verify(&token, door, event_loop) {
            Ok(claims) => Some(claims),
            Err(refused) if door.token == TokenRule::AfterUpgrade => {
                event_loop.tally.refused(refused.cause);
                denied = Some(Denied { reason: refused.reason });
                None
            }
            Err(refused) => return Err(refused),
        },
        None if is_open(request, door, client, shared) => None,
        None if door.token == TokenRule::Handshake => {
            return Err(Refused::new(
                Cause::Token,
                "a token is required: Authorization: Bearer, ?token= or subprotocol",
            ));
        }
        None => None,
    };
    let compresses = (door.compress_above)(&shared.protocols).is_some();
    let mut accepted = accepted;
    accepted.deflate = accepted.deflate.filter(|_| compresses);
    let caller = match &claims {
        Some(claims) => Some(claims.caller(connection, &whence)),
        None => is_open(request, door, client, shared).then(|| local_caller(connection, &whence)),
    };
    let is_offered = |known: &&&str| accepted.subprotocols.iter().any(|offered| offered == **known);
    let subprotocol = door.subprotocols.iter().find(is_offered).copied();
    let (parameters, query) = (Vec::new(), found.query);
    let opening = Opening { connection, caller, parameters, query, subprotocol, denied };
    Ok(Accepted {
        door,
        response: accepted.response(subprotocol.or(found.subprotocol)),
        agreed: accepted.deflate,
        whence,
        claims,
        opening,
        leftover: Vec::new(),
    })
}

/// Whether a door needs no token from this client.
fn is_open(request: &Request<'_>, door: &Door, client: &Client<'_>, shared: &Shared) -> bool {
    door.open_on_loopback && shared.is_local(client, request.fields.iter().copied())
}

fn verify(token: &str, door: &Door, event_loop: &EventLoop) -> Result<Claims, Refused> {
    let shared = &event_loop.shared;
    let claims =
        shared.authenticate(token).map_err(|denied| Refused::new(Cause::Token, denied.reason))?;
    if door.is_for_administrators() && matches!(claims.scope, Scope::Person(_)) {
        if shared.is_administrator(&claims) {
            return Ok(claims);
        }
        return Err(Refused::new(Cause::Role, "this door takes the role admin"));
    }
    if !(door.admits)(&claims.scope) {
        return Err(Refused::new(Cause::Token, "the token is for another purpose"));
    }
    Ok(claims)
}

fn refused(refusal: &Refusal) -> Refused {
    match refusal {
        Refusal::NotAnUpgrade => Refused::new(Cause::Upgrade, "this path speaks WebSocket only"),
        Refusal::UnsupportedVersion => {
            Refused::new(Cause::Upgrade, "only WebSocket version 13 is spoken")
        }
        Refusal::Malformed(reason) => Refused::new(Cause::Malformed, reason),
    }
}
