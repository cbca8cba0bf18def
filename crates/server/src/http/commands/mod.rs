//! `/api/v1/commands`: queued, found, read, moved and ended.

mod acts;
mod enqueue;
mod list;
mod output;
mod shapes;

use std::sync::Arc;

use pilothouse_core::{commands::Command, ids::CommandId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::{Problem, not_found};
use crate::gateway::Shared;

pub(super) use self::shapes::{PriorityName, began, end};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, enqueue::enqueue))
        .routes(routes!(list::show))
        .routes(routes!(output::output))
        .routes(routes!(acts::interrupt))
        .routes(routes!(acts::reorder))
}

fn command_id(text: &str) -> Result<CommandId, Problem> {
    CommandId::new(text).map_err(|_| unknown(text))
}

fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(128).collect();
    not_found(format!("command {id} is not known"))
}

/// A command, live or ended however long ago, as viewers know it.
async fn find(shared: &Shared, id: &CommandId) -> Result<Arc<Command>, Problem> {
    if let Some(known) = shared.hub.look(|core, _| core.fleet().view().command(id).cloned()) {
        return Ok(known);
    }
    let stored = shared.store.command(id).await?;
    stored.map(Arc::new).ok_or_else(|| unknown(id.as_str()))
}
