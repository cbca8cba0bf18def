//! Refusals of this family: `status` in a word as its front ends know it, and why.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    json_body::JsonBody,
    worded::{Worded, Words},
};

/// A refusal.
pub(super) type Refusal = Worded<StreamWords>;

/// How this family refuses.
#[derive(Debug)]
pub(super) struct StreamWords;

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
    /// It was there, and the token is still of it.
    pub(super) fn expired(error: impl Into<String>) -> Self {
        Self::of(StatusCode::GONE, error)
    }

    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, error)
    }
}

impl Words for StreamWords {
    type Shape = RefusalShape;

    fn say(status: StatusCode, error: String) -> RefusalShape {
        RefusalShape { status: word(status), ready: false, success: false, error }
    }
}

fn word(status: StatusCode) -> &'static str {
    match status {
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

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Refusal>;
