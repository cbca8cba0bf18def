//! Who asks by the routes of mission control's family.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use pilothouse_core::{Caller, Role, ports::StoreError};

use super::{
    callers::{self, Unidentified},
    envelope::Denial,
};
use crate::gateway::Shared;

/// Whoever the request's token or key names; the core says what they may.
pub(super) struct Asking(pub(super) Caller);

impl FromRequestParts<Arc<Shared>> for Asking {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Denial> {
        let found = callers::identify(parts, shared).await;
        found.map(|found| Self(found.caller)).map_err(|why| {
            let code = match why {
                Unidentified::NoToken(_) => "NO_TOKEN",
                Unidentified::BadToken(_) => "INVALID_TOKEN",
            };
            Denial::new(StatusCode::UNAUTHORIZED, code, why.words())
        })
    }
}

/// An administrator, for what only administrators may read.
pub(super) struct Admin;

impl FromRequestParts<Arc<Shared>> for Admin {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Denial> {
        let Asking(caller) = Asking::from_request_parts(parts, shared).await?;
        if caller.is_at_least(Role::Admin) {
            return Ok(Self);
        }
        Err(Denial::forbidden("this takes the role admin"))
    }
}

impl From<StoreError> for Denial {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "what is stored cannot be read");
        let message = "what is stored cannot be read now; try again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
    }
}

/// What was sent cannot be accepted.
pub(super) fn invalid(message: impl Into<String>) -> Denial {
    Denial::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
}
