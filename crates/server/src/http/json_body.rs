//! The JSON body of a request, refused in its family's own words if it is none.

use std::marker::PhantomData;

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    response::IntoResponse,
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// How a family of routes refuses a body.
pub(super) trait BodyRefusal: IntoResponse + Send {
    /// The largest body, in bytes: a command line or a prompt, escaped, and room for the rest.
    const LARGEST: usize = 512 << 10;

    /// It is larger than that.
    fn too_large(detail: String) -> Self;

    /// It is no JSON, or not what the route takes.
    fn unusable(detail: String) -> Self;
}

/// A body that was read. One that is not there, or null, counts as an empty object.
pub(super) struct JsonBody<T, R>(pub(super) T, pub(super) PhantomData<R>);

impl<T: DeserializeOwned, R: BodyRefusal, S: Sync> FromRequest<S> for JsonBody<T, R> {
    type Rejection = R;

    async fn from_request(request: Request, _: &S) -> Result<Self, R> {
        let bytes = to_bytes(request.into_body(), R::LARGEST)
            .await
            .map_err(|_| R::too_large(format!("a body has at most {} bytes", R::LARGEST)))?;
        let text = if matches!(bytes.trim_ascii(), b"" | b"null") { b"{}" } else { &bytes[..] };
        let read = serde_json::from_slice(text).map_err(|error| R::unusable(words(&error)));
        read.map(|value| Self(value, PhantomData))
    }
}

/// What is wrong. Fields and places are told and never a value: there may be a password in it.
fn words(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if error.classify() != Category::Data {
        return format!("the body is not JSON, near line {line}, column {column}");
    }
    let text = error.to_string();
    let names_only = ["missing field", "unknown field", "duplicate field"];
    if names_only.iter().any(|words| text.starts_with(words)) {
        return format!("the body cannot be used: {text}");
    }
    format!("a field of the body is of another kind, near line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_without_what_was_sent() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wanted {
            #[serde(rename = "name")]
            _name: String,
            #[serde(rename = "count")]
            _count: Option<u8>,
        }
        let wrong = |text| words(&serde_json::from_str::<Wanted>(text).unwrap_err());
        assert!(wrong("{").contains("not JSON"));
        assert!(wrong("{}").contains("missing field `name`"));
        assert!(wrong(r#"{"name":"a","size":1}"#).contains("unknown field `size`"));
        for text in [r#"{"name":"a","count":"hunter2"}"#, r#"{"name":{"hunter2":1}}"#] {
            assert!(!wrong(text).contains("hunter2"), "{}", wrong(text));
        }
    }
}
