//! A JSON body, refused as a problem if it is none.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::Problem;
use crate::http::unreadable::without_quotes;

/// The largest body, in bytes: a command line or a message, escaped.
const LARGEST: usize = 512 * 1024;

/// A body that was read. One that is not there, or null, counts as an empty object.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| {
            let detail = format!("a body has at most {LARGEST} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        })?;
        let text = if matches!(bytes.trim_ascii(), b"" | b"null") { b"{}" } else { &bytes[..] };
        serde_json::from_slice(text).map(Self).map_err(|error| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                format!("the body cannot be used: {}", without_quotes(&error.to_string())),
            )
        })
    }
}
