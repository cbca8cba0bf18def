//! The shape of mission control's routes: `{"success": true, "data": …}`, or `{"success": false, "error": …}`.

use std::sync::Arc;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use pilothouse_core::{Caller, CoreError, Role, ports::StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::{callers, sessions};
use crate::{desk::NoAnswer, gateway::Shared};

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told<T> {
    /// Always true.
    success: bool,
    data: T,
}

impl<T> Told<T> {
    pub(super) fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// What went wrong, as a word for programs and a sentence for people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusalShape {
    code: &'static str,
    message: String,
}

/// An answer that is none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(super) struct NotTold {
    /// Always false.
    success: bool,
    error: RefusalShape,
}

/// A refusal.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A refusal, in a word and in a sentence.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// What was sent cannot be accepted.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }
}

impl From<NoAnswer> for Refusal {
    fn from(reason: NoAnswer) -> Self {
        let code = match &reason {
            NoAnswer::Refused(CoreError::Forbidden(_)) => "FORBIDDEN",
            NoAnswer::Refused(CoreError::Invalid(_)) => "VALIDATION_ERROR",
            NoAnswer::Refused(CoreError::AgentNotFound(_)) => "AGENT_NOT_FOUND",
            NoAnswer::Refused(CoreError::LimitReached(_)) => "LIMIT_REACHED",
            NoAnswer::Refused(CoreError::StorageUnavailable)
            | NoAnswer::Crowded
            | NoAnswer::TooLate => "UNAVAILABLE",
            NoAnswer::Refused(_) => "NOT_DONE",
        };
        let sessions::Refused { status, error } = reason.into();
        Self::new(status, code, error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "what is stored cannot be read");
        let message = "what is stored cannot be read now; try again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = RefusalShape { code: self.code, message: self.message };
        let mut response = (self.status, Json(NotTold { success: false, error })).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Whoever the bearer token of the request names.
pub(super) struct Asking(pub(super) Caller);

impl FromRequestParts<Arc<Shared>> for Asking {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let has_token = parts.headers.contains_key(header::AUTHORIZATION)
            || parts.headers.contains_key(callers::AGENT_KEY);
        let code = if has_token { "INVALID_TOKEN" } else { "NO_TOKEN" };
        let caller = callers::bearer(parts, shared).await;
        caller.map(Self).map_err(|reason| Refusal::new(StatusCode::UNAUTHORIZED, code, reason))
    }
}

/// An administrator, for what only administrators may read.
pub(super) struct Admin;

impl FromRequestParts<Arc<Shared>> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let Asking(caller) = Asking::from_request_parts(parts, shared).await?;
        if caller.is_at_least(Role::Admin) {
            return Ok(Self);
        }
        let message = "this takes the role admin";
        Err(Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message))
    }
}
