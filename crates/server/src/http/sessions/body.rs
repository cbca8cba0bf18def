//! The JSON body of a request, refused in the family's own words if it is none, and the texts in it.

use axum::http::StatusCode;

use super::refused::Refused;
use crate::http::json_body::BodyRefusal;

pub(super) use crate::http::json_body::JsonBody;

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Refused>;

impl BodyRefusal for Refused {
    fn too_large(error: String) -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, error)
    }

    fn unusable(error: String) -> Self {
        Self::invalid(error)
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
