//! Bodies of this family: `{status, data}` with the data once more beside it, and its refusals.

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
        problem::Problem,
        sessions::Refused,
    },
};

/// An answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Success<T> {
    /// Always `success`.
    #[schema(value_type = String)]
    status: &'static str,
    data: T,
    #[serde(flatten)]
    beside: T,
}

impl<T: Clone> Success<T> {
    pub(super) fn new(data: T) -> Json<Self> {
        Json(Self { status: "success", beside: data.clone(), data })
    }
}

/// A refusal.
#[derive(Debug)]
pub(in crate::http) struct Failure {
    status: StatusCode,
    message: String,
}

/// A refusal as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = RunFailure)]
pub(in crate::http) struct FailureShape {
    /// Always `error`.
    #[schema(value_type = String)]
    status: &'static str,
    /// What is the matter, and what to do about it.
    message: String,
}

impl Failure {
    fn of(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// What was sent makes no sense.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, message)
    }

    /// Nobody knows who asks.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::of(StatusCode::UNAUTHORIZED, message)
    }

    /// The caller may not.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, message)
    }

    /// What it is about is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, message)
    }

    /// The server answered itself with something that makes no sense.
    pub(super) fn nonsense() -> Self {
        let message = "the server answered something else than it was asked";
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl From<NoAnswer> for Failure {
    fn from(reason: NoAnswer) -> Self {
        let Refused { status, error, .. } = reason.into();
        Self::of(status, error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "what is stored cannot be read");
        let message = "what is stored cannot be read now; try again later";
        Self::of(StatusCode::SERVICE_UNAVAILABLE, message)
    }
}

/// Queries are read as our own family reads them, and refused in this family's words.
impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let (status, detail) = problem.into_parts();
        Self::of(status, detail)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let shape = FailureShape { status: "error", message: self.message };
        let mut response = (self.status, Json(shape)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Failure>;

impl BodyRefusal for Failure {
    fn too_large(message: String) -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    fn unusable(message: String) -> Self {
        Self::invalid(message)
    }
}
