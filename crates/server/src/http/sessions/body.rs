//! The JSON body of a request, refused in the family's own words if it is none.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::refused::Refused;
use crate::http::unreadable::without_quotes;

/// The largest body, in bytes: a prompt, escaped, and room for the rest.
const LARGEST: usize = 512 * 1024;

/// A body that was read. One that is not there counts as an empty object.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| Refused {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error: format!("a body has at most {LARGEST} bytes"),
        })?;
        let text = if bytes.is_empty() { b"{}" } else { &bytes[..] };
        let read = serde_json::from_slice(text);
        read.map(Self).map_err(|error: serde_json::Error| {
            let words = without_quotes(&error.to_string());
            Refused::invalid(format!("the body cannot be used: {words}"))
        })
    }
}

/// Refuses texts that no agent and no database can take.
pub(super) fn check_texts<'a>(
    texts: impl IntoIterator<Item = (&'static str, Option<&'a String>)>,
) -> Result<(), Refused> {
    for (name, text) in texts {
        if text.is_some_and(|text| text.contains('\0')) {
            return Err(Refused::invalid(format!("{name} must not contain a NUL character")));
        }
    }
    Ok(())
}
