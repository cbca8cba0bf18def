//! REST routes about people: signing in, accounts, and programs that act for somebody.
//!
//! Accounts are there twice, in mission control's family and in our own; the functions behind both are the same.

mod accounts;
mod cookie;
mod device;
mod fields;
mod own_routes;
mod shapes;
mod sign_ins;
mod signing_in;
mod users;

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use pilothouse_core::{Caller, Role};
use utoipa_axum::router::OpenApiRouter;

use super::{
    callers::{self, Identified, Unidentified},
    envelope::Denial,
};
use crate::{
    auth::Claims,
    gateway::{Shared, Whence},
};

pub(super) use cookie::token as cookie_token;
pub(super) use signing_in::words as lifetime_words;

/// Every route about people.
pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .merge(signing_in::router())
        .merge(device::router())
        .merge(users::router())
        .merge(own_routes::router())
        .merge(sign_ins::router())
}

/// Somebody whose token counts, and who may at least look.
struct Asker {
    shared: Arc<Shared>,
    caller: Caller,
    claims: Claims,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Denial> {
        let found = callers::identify(parts, shared).await;
        let Identified { caller, claims } = found.map_err(|reason| {
            let code = match reason {
                Unidentified::NoToken(_) => "NO_TOKEN",
                Unidentified::BadToken(_) => "INVALID_TOKEN",
            };
            Denial::new(StatusCode::UNAUTHORIZED, code, reason.words())
        })?;
        if !caller.is_at_least(Role::Viewer) {
            return Err(Denial::forbidden("the token is for another purpose"));
        }
        Ok(Self { shared: shared.clone(), caller, claims })
    }
}

/// Where somebody is who comes in.
struct Coming(Whence);

impl FromRequestParts<Arc<Shared>> for Coming {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Infallible> {
        Ok(Self(callers::whence(parts, shared).await))
    }
}

impl Asker {
    /// Refuses those who may not administer people, also where nothing is asked of the core.
    fn demand_admin(&self) -> Result<(), Denial> {
        if self.caller.is_at_least(Role::Admin) {
            Ok(())
        } else {
            Err(Denial::forbidden("this takes the role admin"))
        }
    }
}
