//! Routes for administrators: end a credential, or the sockets of a user.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    routing::delete,
};
use pilothouse_core::{Asked, Caller, CoreError, Request, Role, access};
use serde_json::{Value, json};

use super::{callers, problem::Problem};
use crate::{
    auth::credential::Credential,
    gateway::{Shared, Whose},
    revocations,
};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/v1/credentials/{credential}", delete(revoke))
        .route("/api/v1/users/{user}/sockets", delete(end_sockets))
}

/// Whoever the bearer token of the request names.
pub(super) struct Bearer(pub(super) Caller);

impl FromRequestParts<Arc<Shared>> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let caller = callers::bearer(parts, shared).await;
        caller.map(Self).map_err(|reason| Problem::new(StatusCode::UNAUTHORIZED, reason))
    }
}

/// Whoever may see everything.
pub(super) struct Reader(pub(super) Caller);

impl FromRequestParts<Arc<Shared>> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let Bearer(caller) = Bearer::from_request_parts(parts, shared).await?;
        if caller.is_at_least(Role::Viewer) {
            Ok(Self(caller))
        } else {
            Err(Problem::new(StatusCode::FORBIDDEN, "the token is for another purpose"))
        }
    }
}

async fn revoke(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(credential): Path<String>,
) -> Result<Json<Value>, Problem> {
    let credential: Credential = credential.parse().map_err(|()| {
        Problem::new(StatusCode::BAD_REQUEST, "name a credential by its SHA-256 in hexadecimal")
    })?;
    let name = credential.to_string().into();
    permit(&shared, &caller, access::Request::Revoke { credential: name })?;
    let closed = revocations::revoke(&shared, credential)
        .await
        .map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    Ok(Json(json!({ "closed": closed })))
}

async fn end_sockets(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(user): Path<String>,
) -> Result<Json<Value>, Problem> {
    let user: Arc<str> = user.into();
    permit(&shared, &caller, access::Request::EndSockets { user: user.clone() })?;
    let known = shared.hub.look(|core, _| core.people().named(&user).cloned());
    let closed = match known {
        Some(user) => revocations::end_person(&shared, &user),
        None => revocations::end_sockets(&shared, &Whose::User(user)),
    };
    Ok(Json(json!({ "closed": closed })))
}

/// Asks the core, which knows who may do what and keeps the audit.
fn permit(shared: &Shared, caller: &Caller, request: access::Request) -> Result<(), Problem> {
    let asked = shared.hub.with(|core, now| core.ask(caller, Request::Access(request), now));
    match asked {
        Asked::Answered(Ok(_)) | Asked::AfterCommit => Ok(()),
        Asked::Answered(Err(refusal)) => {
            let status = match &refusal {
                CoreError::Forbidden(_) => StatusCode::FORBIDDEN,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Err(Problem::new(status, refusal.to_string()))
        }
    }
}
