//! `Idempotency-Key`: a POST of our own family that is sent again under the same key is answered again, and not done again.
//!
//! The field is that of the IETF's draft-ietf-httpapi-idempotency-key-header: a quoted string, or the bare text that
//! most clients send.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use pilothouse_core::{Caller, Scope, ports::StoreError, time::Timestamp};

use super::{
    callers,
    json_body::BodyRefusal,
    listing::invalid,
    problem::{Problem, Undone},
};
use crate::{
    gateway::Shared,
    idempotency::{Begun, Entered, KeptBody, KeptReply, Keyed, LARGEST_BODY, NotEntered},
};

/// The field that carries the key.
pub(super) const FIELD: &str = "idempotency-key";
/// What tells a reply that is given again.
const REPLAYED: &str = "idempotent-replayed";
/// The longest key, in characters.
const LONGEST: usize = 255;
/// The largest reply that is looked at.
const LARGEST_REPLY: usize = 16 << 20;
/// When to ask again what became of a request that is under way.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Beside a reply: there is a secret in it, which is shown once and not kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownOnce;

/// Answers requests that were answered before, and keeps the answers of others.
pub(super) async fn keep(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let is_route =
        super::is_own(request.uri().path()) && request.extensions().get::<MatchedPath>().is_some();
    if !is_route || request.method() != Method::POST || !request.headers().contains_key(FIELD) {
        return next.run(request).await;
    }
    match kept(&shared, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn kept(shared: &Arc<Shared>, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Ok(found) = callers::identify(&mut parts, shared).await else {
        // The route says what is wrong with the credential.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let name = key(&parts.headers)?;
    let body = to_bytes(body, Problem::LARGEST).await;
    let too_large =
        |_| Problem::too_large(format!("a body has at most {} bytes", Problem::LARGEST));
    let body = body.map_err(too_large)?;
    let keyed = Arc::new(Keyed {
        caller: caller_name(&found.caller).into(),
        name: name.into(),
        request: asked(&parts).into(),
        fingerprint: shared.fingerprints.of(&body).into(),
    });
    let entered = shared.under_way.enter(&keyed).map_err(not_entered)?;
    let now = shared.hub.clock.now().wall;
    let kept = u64::try_from(shared.config.keep_replies.as_millis()).unwrap_or(u64::MAX);
    let forget = Timestamp(now.0.saturating_sub(kept));
    match shared.replies.begin(&keyed, now, forget).await.map_err(|error| unavailable(&error))? {
        Begun::Now => {}
        Begun::OtherRequest => return Err(other_request()),
        Begun::Unanswered => {
            let detail = "a request with this key was begun, and nobody knows whether it was done; look, and then \
                          use another key";
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
        Begun::Answered(reply) => return again(reply),
    }
    let request = Request::from_parts(parts, Body::from(body));
    // On its own, so that it is finished and kept also when the peer has gone.
    let done = tokio::spawn(finish(shared.clone(), keyed, entered, request, next));
    done.await.map_err(|_| {
        let detail = "something went wrong here; look whether it was done";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    })
}

/// Does what is asked, and keeps the answer before it is given.
async fn finish(
    shared: Arc<Shared>,
    keyed: Arc<Keyed>,
    entered: Entered,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let is_undone = response.extensions().get::<Undone>().is_some();
    let is_secret = response.extensions().get::<ShownOnce>().is_some();
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_REPLY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let stored = match fate(parts.status, is_undone) {
        Fate::Free => shared.replies.free(&keyed).await,
        Fate::Open => Ok(()),
        Fate::Keep => {
            let reply = reply(parts.status, &parts.headers, &body, is_secret);
            shared.replies.answer(&keyed, &reply).await
        }
    };
    if let Err(error) = stored {
        // It stays begun, and so its outcome unknown to whoever sends it again: nothing is done twice.
        tracing::warn!(%error, "a reply could not be kept under its key");
    }
    drop(entered);
    Response::from_parts(parts, Body::from(body))
}

/// What becomes of a key.
enum Fate {
    /// The reply is given again.
    Keep,
    /// Nothing was done: the same request may be sent again.
    Free,
    /// Nobody knows: it is not done again.
    Open,
}

fn fate(status: StatusCode, is_undone: bool) -> Fate {
    match status {
        // Whoever gets one of these is to send the same again, later or with another token.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
            Fate::Free
        }
        status if status.is_server_error() && is_undone => Fate::Free,
        status if status.is_server_error() => Fate::Open,
        _ => Fate::Keep,
    }
}

fn reply(status: StatusCode, fields: &HeaderMap, body: &Bytes, is_secret: bool) -> KeptReply {
    let field = |name| {
        fields.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned)
    };
    KeptReply {
        status: status.as_u16(),
        location: field(header::LOCATION),
        content_type: field(header::CONTENT_TYPE),
        body: match body {
            _ if is_secret => KeptBody::Secret,
            body if body.len() > LARGEST_BODY => KeptBody::TooLong,
            body => KeptBody::Whole(body.clone()),
        },
    }
}

/// Gives a reply again.
fn again(reply: KeptReply) -> Result<Response, Problem> {
    let body = match reply.body {
        KeptBody::Whole(body) => body,
        KeptBody::Secret => {
            let detail = "this was done before, and what was answered was shown once; make another one with another key";
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
        KeptBody::TooLong => {
            let detail = "this was done before, and what was answered was too long to be kept; look what became of it";
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    let fields = [(header::LOCATION, reply.location), (header::CONTENT_TYPE, reply.content_type)];
    for (name, value) in fields {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn not_entered(why: NotEntered) -> Problem {
    match why {
        NotEntered::Same => {
            let detail = "a request with this key is being done; ask again in a moment";
            Problem::new(StatusCode::CONFLICT, detail).after(Some(ASK_AGAIN))
        }
        NotEntered::Other => other_request(),
        NotEntered::Crowded => {
            let detail = "too many requests with a key are being done; try again later";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).after(Some(ASK_AGAIN))
        }
    }
}

fn other_request() -> Problem {
    let detail = "this key was used for another request; each request has a key of its own";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

fn unavailable(error: &StoreError) -> Problem {
    tracing::warn!(%error, "what is begun under a key cannot be stored");
    let detail = "nothing was done, since it cannot be stored now; try again later";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

/// The key: what stands in the quotation marks, or all of it if there are none.
fn key(fields: &HeaderMap) -> Result<String, Problem> {
    let mut values = fields.get_all(FIELD).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(invalid("send one Idempotency-Key"));
    };
    let text = value.to_str().ok().map(str::trim);
    let key = text.and_then(|text| match text.strip_prefix('"') {
        Some(rest) => {
            let inside = rest.strip_suffix('"')?;
            (!inside.contains(['"', '\\'])).then_some(inside)
        }
        None => Some(text),
    });
    let is_key = |key: &&str| {
        (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let wrong = || invalid(format!("an Idempotency-Key has 1 to {LONGEST} visible characters"));
    key.filter(is_key).map(str::to_owned).ok_or_else(wrong)
}

/// Whose keys these are. People and agents may be called alike.
fn caller_name(caller: &Caller) -> String {
    let kind = match &caller.scope {
        Scope::Person(_) => "person",
        Scope::Agent(_) | Scope::Enrolled(_) => "agent",
        Scope::Keyed { .. } => "key",
        Scope::View(_) | Scope::Session { .. } | Scope::Nobody => "other",
    };
    format!("{kind}/{}", caller.user)
}

fn asked(parts: &Parts) -> String {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    format!("{} {target}", parts.method)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&str]) -> Option<String> {
        let mut fields = HeaderMap::new();
        for value in values {
            fields.append(FIELD, HeaderValue::from_str(value).unwrap());
        }
        key(&fields).ok()
    }

    #[test]
    fn a_key_is_quoted_or_bare() {
        assert_eq!(parsed(&["\"8e03978e-40d5\""]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(parsed(&[" 8e03978e-40d5 "]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(parsed(&[&"k".repeat(255)]).map(|key| key.len()), Some(255));
        for wrong in ["", "\"\"", "\"a", "\"a\"b\"", "a b", &"k".repeat(256)] {
            assert_eq!(parsed(&[wrong]), None, "{wrong}");
        }
        assert_eq!(parsed(&["a", "b"]), None);
    }

    #[test]
    fn only_what_certainly_was_not_done_may_be_done_again() {
        let is_free = |status: u16, is_undone| {
            matches!(fate(StatusCode::from_u16(status).unwrap(), is_undone), Fate::Free)
        };
        assert!(is_free(503, true) && is_free(429, false) && is_free(401, false));
        assert!(!is_free(503, false) && !is_free(500, false) && !is_free(201, false));
        assert!(!is_free(409, false) && !is_free(404, false));
    }
}
