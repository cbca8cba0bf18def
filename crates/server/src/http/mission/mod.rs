//! Mission control's routes about agents: who is there, what they do, and reports about those without a link.

mod agents;
mod control;
mod message;
mod reports;
mod shapes;

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use pilothouse_core::{Caller, Role, Scope};
use utoipa_axum::router::OpenApiRouter;

use super::{asking::Asking, envelope::Denial};
use crate::gateway::Shared;

/// Every route of this part.
pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .merge(agents::router())
        .merge(control::router())
        .merge(message::router())
        .merge(reports::router())
}

/// Somebody whose token counts, and who may at least look.
struct Asker {
    shared: Arc<Shared>,
    caller: Caller,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Denial> {
        let Asking(caller) = Asking::from_request_parts(parts, shared).await?;
        if !caller.is_at_least(Role::Viewer) {
            return Err(Denial::forbidden("the token is for another purpose"));
        }
        Ok(Self { shared: shared.clone(), caller })
    }
}

/// Somebody who may report: a person, or an agent with its own token or key, as a bearer or in `X-Agent-Key`.
/// What of it they may is the core's to say.
struct Reporter {
    shared: Arc<Shared>,
    caller: Caller,
}

impl FromRequestParts<Arc<Shared>> for Reporter {
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Denial> {
        let Asking(caller) = Asking::from_request_parts(parts, shared).await?;
        match &caller.scope {
            Scope::Person(_) | Scope::Agent(_) | Scope::Enrolled(_) | Scope::Keyed { .. } => {}
            Scope::View(_) | Scope::Session { .. } | Scope::Nobody => {
                return Err(Denial::forbidden("the token is for another purpose"));
            }
        }
        Ok(Self { shared: shared.clone(), caller })
    }
}
