//! Errors of our own REST routes, as RFC 9457 has them.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::ports::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    envelope::retry,
    json_body::{BodyRefusal, JsonBody},
    sessions::Refused,
    worded::challenged,
};
use crate::{desk::NoAnswer, gateway::Shared};

/// A refusal, as RFC 9457 has it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemShape {
    /// Always `about:blank`: the status says all.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// What is the matter, and what to do about it.
    detail: String,
}

/// Beside a reply: nothing was done, and nothing will be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Undone;

/// A refusal.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    retry_after: Option<Duration>,
    /// Nothing was done, and nothing will be; told where the status does not say it.
    is_undone: bool,
}

impl Problem {
    /// A refusal and what to do about it.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None, is_undone: false }
    }

    /// Its status and what it says, for a family that says it in other words.
    pub(super) fn into_parts(self) -> (StatusCode, String) {
        (self.status, self.detail)
    }

    /// The same, with when to try again.
    pub(super) fn after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// The same, with whether it is certain that nothing was done.
    pub(super) fn undone(self, is_undone: bool) -> Self {
        Self { is_undone, ..self }
    }
}

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Problem>;

impl BodyRefusal for Problem {
    fn too_large(detail: String) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    fn unusable(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

/// Something that was made: 201, with where it is found.
pub(super) struct Made<T> {
    location: HeaderValue,
    body: Json<T>,
}

impl<T> Made<T> {
    /// What is found at that path, an own one of ids only.
    pub(super) fn new(shared: &Shared, path: &str, body: Json<T>) -> Self {
        let location = format!("{}{path}", shared.config.base_path);
        let location = HeaderValue::from_str(&location);
        Self { location: location.unwrap_or_else(|_| HeaderValue::from_static("/")), body }
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, [(header::LOCATION, self.location)], self.body).into_response()
    }
}

/// What it is about is not there.
pub(super) fn not_found(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, detail)
}

impl From<Refused> for Problem {
    fn from(Refused { status, error, is_undone }: Refused) -> Self {
        Self::new(status, error).undone(is_undone)
    }
}

impl From<NoAnswer> for Problem {
    fn from(reason: NoAnswer) -> Self {
        Refused::from(reason).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "what is stored cannot be read");
        let detail = "what is stored cannot be read now; try again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemShape {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(body)).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        retry(&mut response, self.retry_after);
        if self.is_undone {
            response.extensions_mut().insert(Undone);
        }
        challenged(response)
    }
}
