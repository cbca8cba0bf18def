//! The REST routes of the runs protocol: browser tasks, made, watched, read back and cancelled.

mod acts;
mod history;
mod objectives;
mod reply;
mod shapes;
mod steering;

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use pilothouse_core::{Caller, Role, ids::RunId, runs::Run};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::callers;
use crate::gateway::Shared;

use self::reply::Failure;
pub(super) use self::reply::FailureShape;

/// Every route of the family.
pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(history::list, acts::create))
        .routes(routes!(history::show))
        .routes(routes!(history::screenshot))
        .routes(routes!(acts::cancel))
        .routes(routes!(steering::pause))
        .routes(routes!(steering::resume))
        .routes(routes!(steering::reply))
        .routes(routes!(steering::decide))
        .routes(routes!(objectives::create))
        .routes(routes!(objectives::list))
}

/// Somebody whose token counts, and who may at least look.
struct Asker {
    shared: Arc<Shared>,
    caller: Caller,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Failure> {
        let caller = callers::bearer(parts, shared).await.map_err(Failure::unauthorized)?;
        if !caller.is_at_least(Role::Viewer) {
            return Err(Failure::forbidden("the token is for another purpose"));
        }
        Ok(Self { shared: shared.clone(), caller })
    }
}

/// The run of that name, live or ended however long ago.
async fn find(shared: &Shared, text: &str) -> Result<Arc<Run>, Failure> {
    let Ok(id) = RunId::new(text) else { return Err(unknown(text)) };
    if let Some(told) = shared.hub.look(|core, _| core.fleet().view().runs().get(&id).cloned()) {
        return Ok(told);
    }
    let stored = shared.runs.run(&id).await?;
    stored.map(Arc::new).ok_or_else(|| unknown(text))
}

fn unknown(id: &str) -> Failure {
    let id: String = id.chars().take(128).collect();
    Failure::not_found(format!("run {id} is not known"))
}
