//! Tasks: what the agents of sessions were told to do.
//!
//! An agent's queue is one, whichever session asked; so the tasks of a session are its agent's.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::{
    Scope,
    commands::{Command, CommandFilter, CommandPage},
    ids::CommandId,
};

use super::{
    asker::{self, Asker, Target, shortened},
    refusal::Refusal,
    shapes::{Message, Task},
};

/// How many tasks a list has at most: the newest.
const MOST: usize = 100;

/// The tasks of a session's agent, newest first, at most a hundred.
#[utoipa::path(get, path = "/api/session/{session}/tasks", responses((status = 200, body = Vec<Task>)))]
pub(super) async fn list(
    asker: Asker,
    Path(session): Path<String>,
) -> Result<Json<Vec<Task>>, Refusal> {
    let target = asker.target(&session)?;
    let commands = of(&asker, &target).await?;
    Ok(Json(commands.iter().map(|command| Task::new(command, target.id.as_str())).collect()))
}

/// What was asked of a session's agent and what came of it, as a conversation, oldest first.
#[utoipa::path(get, path = "/api/session/{session}/command-history", responses((status = 200, body = Vec<Message>)))]
pub(super) async fn history(
    asker: Asker,
    Path(session): Path<String>,
) -> Result<Json<Vec<Message>>, Refusal> {
    let target = asker.target(&session)?;
    let commands = of(&asker, &target).await?;
    let oldest_first = commands.iter().rev();
    Ok(Json(oldest_first.flat_map(|command| Message::of(command, target.id.as_str())).collect()))
}

/// One task.
#[utoipa::path(get, path = "/api/task/{task}", responses((status = 200, body = Task)))]
pub(super) async fn show(asker: Asker, Path(task): Path<String>) -> Result<Json<Task>, Refusal> {
    let unknown = || Refusal::not_found(format!("task {} is not known", shortened(&task)));
    let id = CommandId::new(&task).map_err(|_| unknown())?;
    let command = find(&asker, &id).await?.ok_or_else(unknown)?;
    let session = match &asker.caller.scope {
        // Of those of others they do not learn whether there are any.
        Scope::Session { agent, .. } if *agent != command.agent => return Err(unknown()),
        Scope::Session { session, .. } => session.to_string(),
        _ => session_of(&asker, &command),
    };
    Ok(Json(Task::new(&command, &session)))
}

/// A command, live or ended however long ago, as viewers know it.
pub(super) async fn find(asker: &Asker, id: &CommandId) -> Result<Option<Arc<Command>>, Refusal> {
    if let Some(known) = asker.look(|core| core.fleet().view().command(id).cloned()) {
        return Ok(Some(known));
    }
    Ok(asker.shared.store.command(id).await?.map(Arc::new))
}

async fn of(asker: &Asker, target: &Target) -> Result<Vec<Command>, Refusal> {
    let filter = CommandFilter { agent: Some(target.agent.clone()), ..CommandFilter::default() };
    let page = CommandPage { before: None, limit: MOST };
    Ok(asker.shared.history.commands(&filter, &page).await?)
}

/// In which session a command belongs: the one in whose folder it runs, or its agent's newest.
fn session_of(asker: &Asker, command: &Command) -> String {
    asker.look(|core| {
        let is_here = |path: &Arc<str>| command.directory.as_ref() == Some(path);
        let view = core.fleet().view();
        let here = view
            .sessions()
            .find(|session| session.agent == command.agent && is_here(&session.path))
            .map(|session| session.id.to_string());
        let newest = here.or_else(|| Some(asker::of_agent(core, &command.agent)?.id.to_string()));
        newest.unwrap_or_else(|| command.agent.to_string())
    })
}
