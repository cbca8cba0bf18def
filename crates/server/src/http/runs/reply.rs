//! Bodies of this family: `{status, data}` with the data once more beside it, and its refusals.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    json_body::JsonBody,
    worded::{Worded, Words},
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
pub(in crate::http) type Failure = Worded<RunWords>;

/// How this family refuses.
#[derive(Debug)]
pub(in crate::http) struct RunWords;

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
    /// The server answered itself with something that makes no sense.
    pub(super) fn nonsense() -> Self {
        let message = "the server answered something else than it was asked";
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl Words for RunWords {
    type Shape = FailureShape;

    fn say(_: StatusCode, message: String) -> FailureShape {
        FailureShape { status: "error", message }
    }
}

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Failure>;
