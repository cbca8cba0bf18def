//! Refusals of this family: `status` in a word as its front ends know it, and why.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::ports::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    desk::NoAnswer,
    http::{
        json_body::{BodyRefusal, JsonBody},
        sessions::Refused,
    },
};

/// A refusal.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
}

/// A refusal as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = StreamRefusal)]
pub(in crate::http) struct RefusalShape {
    /// `invalid`, `unauthorized`, `forbidden`, `not_found`, `conflict`, `expired`, `too_large`, `rate_limited` or
    /// `unavailable`.
    #[schema(value_type = String, example = "not_found")]
    status: &'static str,
    /// Nothing is ready for somebody who is refused.
    ready: bool,
    success: bool,
    /// What is the matter, and what to do about it.
    error: String,
}

impl Refusal {
    fn of(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    pub(super) fn invalid(error: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, error)
    }

    pub(super) fn unauthorized(error: impl Into<String>) -> Self {
        Self::of(StatusCode::UNAUTHORIZED, error)
    }

    pub(super) fn forbidden(error: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, error)
    }

    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, error)
    }

    /// It was there, and the token is still of it.
    pub(super) fn expired(error: impl Into<String>) -> Self {
        Self::of(StatusCode::GONE, error)
    }

    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    fn word(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "conflict",
            StatusCode::GONE => "expired",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::TOO_MANY_REQUESTS => "rate_limited",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ => "invalid",
        }
    }
}

impl From<NoAnswer> for Refusal {
    fn from(reason: NoAnswer) -> Self {
        let Refused { status, error, .. } = reason.into();
        Self { status, error }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "what is stored cannot be read");
        Self::unavailable("what is stored cannot be read now; try again later")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.word();
        let shape = RefusalShape { status, ready: false, success: false, error: self.error };
        let mut response = (self.status, Json(shape)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Refusal>;

impl BodyRefusal for Refusal {
    fn too_large(detail: String) -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    fn unusable(detail: String) -> Self {
        Self::invalid(detail)
    }
}
