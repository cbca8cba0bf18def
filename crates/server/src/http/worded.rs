//! Refusals that are a status and a sentence, for families of routes that say these in words of their own.

use std::marker::PhantomData;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::ports::StoreError;
use serde::Serialize;

use super::{json_body::BodyRefusal, problem::Problem, sessions::Refused};
use crate::desk::NoAnswer;

/// How a family says a refusal.
pub(super) trait Words: Send {
    /// What is sent.
    type Shape: Serialize;

    /// The refusal with that status, in this family's words.
    fn say(status: StatusCode, error: String) -> Self::Shape;
}

/// A refusal of the family with those words.
#[derive(Debug)]
pub(super) struct Worded<W> {
    status: StatusCode,
    error: String,
    words: PhantomData<W>,
}

impl<W> Worded<W> {
    pub(super) fn of(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), words: PhantomData }
    }

    /// What was sent makes no sense.
    pub(super) fn invalid(error: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, error)
    }

    /// Nobody knows who asks.
    pub(super) fn unauthorized(error: impl Into<String>) -> Self {
        Self::of(StatusCode::UNAUTHORIZED, error)
    }

    /// The caller may not.
    pub(super) fn forbidden(error: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, error)
    }

    /// What it is about is not there.
    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, error)
    }
}

impl<W> From<NoAnswer> for Worded<W> {
    fn from(reason: NoAnswer) -> Self {
        let Refused { status, error, .. } = reason.into();
        Self::of(status, error)
    }
}

/// What goes wrong in what all families use is said in this one's words.
impl<W> From<Problem> for Worded<W> {
    fn from(problem: Problem) -> Self {
        let (status, detail) = problem.into_parts();
        Self::of(status, detail)
    }
}

impl<W> From<StoreError> for Worded<W> {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl<W: Words> IntoResponse for Worded<W> {
    fn into_response(self) -> Response {
        challenged((self.status, Json(W::say(self.status, self.error))).into_response())
    }
}

impl<W: Words> BodyRefusal for Worded<W> {
    fn too_large(detail: String) -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    fn unusable(detail: String) -> Self {
        Self::invalid(detail)
    }
}

/// A refusal of any family, which tells somebody whom nobody knows how to become known.
pub(super) fn challenged(mut response: Response) -> Response {
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
