//! A JSON body, refused as a problem if it is none.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest body, in bytes: a command line or a message, escaped.
const LARGEST: usize = 512 * 1024;

/// A body that was read. One that is not there counts as an empty object.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| {
            let detail = format!("a body has at most {LARGEST} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        })?;
        let text = if bytes.is_empty() { b"{}" } else { &bytes[..] };
        serde_json::from_slice(text).map(Self).map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, format!("the body cannot be used: {error}"))
        })
    }
}
