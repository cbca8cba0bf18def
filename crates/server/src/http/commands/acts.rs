//! Commands ended, and moved in their queue.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use pilothouse_core::{
    CoreError, Reply, Request,
    commands::{self, Command, Request as Commands},
    ids::CommandId,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, command_id, find, list::shaped, shapes::CommandShape};
use crate::{
    desk::{self, NoAnswer},
    gateway::Shared,
    http::{access::Bearer, agents::ask, json_body::JsonBody, listing::invalid, problem::Body},
};

/// Why a command is ended.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InterruptBody {
    /// Why, for the audit.
    reason: Option<String>,
}

/// Where in its class a command is to wait.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"position": 1}))]
pub(super) struct MoveBody {
    /// Right before this command, which has to wait in the same queue and class.
    before: Option<String>,
    /// At this place in its class: 1 is the first of it; beyond the end means last.
    position: Option<usize>,
}

/// End a command: one that waits at once, one that runs as soon as its processes are gone.
///
/// Of one that had ended before, the answer is how.
#[utoipa::path(
    post, path = "/api/v1/commands/{command}/interrupt", request_body = InterruptBody,
    responses(
        (status = 200, body = CommandShape, description = "it had ended before"),
        (status = 202, body = CommandShape, description = "it is being ended"),
    ),
)]
pub(super) async fn interrupt(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(command): Path<String>,
    JsonBody(body, ..): Body<InterruptBody>,
) -> Result<Response, Problem> {
    let id = command_id(&command)?;
    let reason = body.reason.map(Into::into);
    let request = Commands::Interrupt { command: id.clone(), reason };
    let asked = shared.hub.ask(&caller, Request::Commands(request), desk::WITHIN).await;
    let (status, command) = match asked {
        Ok(Reply::AlreadyEnded(command)) => (StatusCode::OK, command),
        Ok(_) => (StatusCode::ACCEPTED, find(&shared, &id).await?),
        // Forgotten by the core is not forgotten: it ended long ago.
        Err(NoAnswer::Refused(CoreError::CommandNotFound(_))) => {
            (StatusCode::OK, find(&shared, &id).await?)
        }
        Err(reason) => return Err(reason.into()),
    };
    Ok((status, Json(shaped(&shared, &command))).into_response())
}

/// Move a command that waits, inside its class.
#[utoipa::path(
    post, path = "/api/v1/commands/{command}/move", request_body = MoveBody,
    responses((status = 200, body = CommandShape)),
)]
pub(super) async fn reorder(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(command): Path<String>,
    JsonBody(body, ..): Body<MoveBody>,
) -> Result<Json<CommandShape>, Problem> {
    let id = command_id(&command)?;
    let place = match (body.before, body.position) {
        (Some(before), None) => place_before(&shared, &id, &before)?,
        (None, Some(position)) if position > 0 => position - 1,
        (None, Some(_)) => return Err(invalid("position counts from 1")),
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid("say before which command, or at which position"));
        }
    };
    let request = Commands::Move { command: id.clone(), place };
    if let Err(refusal) = ask(&shared, &caller, Request::Commands(request)).await {
        let known = find(&shared, &id).await?;
        let is_waiting = known.state == commands::State::Queued;
        let detail = "only a command that waits can be moved";
        return Err(if is_waiting { refusal } else { Problem::new(StatusCode::CONFLICT, detail) });
    }
    let command = find(&shared, &id).await?;
    Ok(Json(shaped(&shared, &command)))
}

/// The place that a command has in its class when it is moved right before another one. Of one that is not known the
/// core says so, wherever it should have been moved.
fn place_before(shared: &Shared, id: &CommandId, before: &str) -> Result<usize, Problem> {
    let place = shared.hub.look(|core, _| {
        let view = core.fleet().view();
        let Some(moved) = view.command(id).cloned() else { return Some(0) };
        let is_peer = |other: &&Arc<Command>| other.priority == moved.priority && other.id != *id;
        let queue = view.queue(&moved.agent).iter().map(|waiting| &waiting.command);
        queue.filter(is_peer).position(|other| other.id.as_str() == before)
    });
    let detail = "before is no command that waits in the same queue and class";
    place.ok_or_else(|| Problem::new(StatusCode::CONFLICT, detail))
}
