//! Tasks: what the agents of sessions were told to do, as commands and as runs.
//!
//! An agent's queues are its own, whichever session asked; so the tasks of a session are its agent's.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::{
    Core, Scope,
    commands::{Command, CommandFilter, CommandPage},
    ids::{AgentId, CommandId, RunId, SessionId},
    runs::{Run, RunFilter, RunPage},
    sessions::Session,
    time::Timestamp,
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
    Ok(Json(of(&asker, &target).await?))
}

/// What was asked of a session's agent and what came of it, as a conversation, oldest first.
#[utoipa::path(get, path = "/api/session/{session}/command-history", responses((status = 200, body = Vec<Message>)))]
pub(super) async fn history(
    asker: Asker,
    Path(session): Path<String>,
) -> Result<Json<Vec<Message>>, Refusal> {
    let target = asker.target(&session)?;
    let newest_first = of(&asker, &target).await?;
    Ok(Json(newest_first.iter().rev().flat_map(Message::of).collect()))
}

/// One task.
#[utoipa::path(get, path = "/api/task/{task}", responses((status = 200, body = Task)))]
pub(super) async fn show(asker: Asker, Path(task): Path<String>) -> Result<Json<Task>, Refusal> {
    let unknown = || Refusal::not_found(format!("task {} is not known", shortened(&task)));
    let id = CommandId::new(&task).map_err(|_| unknown())?;
    if let Some(command) = find(&asker, &id).await? {
        let session = session_of(&asker, &command.agent, |core| here(core, &command));
        return Ok(Json(Task::new(&command, &session.ok_or_else(unknown)?)));
    }
    let id = RunId::new(&task).map_err(|_| unknown())?;
    let run = find_run(&asker, &id).await?.ok_or_else(unknown)?;
    let session = session_of(&asker, &run.agent, |_| run.session.clone());
    Ok(Json(Task::of_run(&run, &session.ok_or_else(unknown)?)))
}

/// A command, live or ended however long ago, as viewers know it.
pub(super) async fn find(asker: &Asker, id: &CommandId) -> Result<Option<Arc<Command>>, Refusal> {
    if let Some(known) = asker.look(|core| core.fleet().view().command(id).cloned()) {
        return Ok(Some(known));
    }
    Ok(asker.shared.store.command(id).await?.map(Arc::new))
}

async fn find_run(asker: &Asker, id: &RunId) -> Result<Option<Arc<Run>>, Refusal> {
    if let Some(known) = asker.look(|core| core.fleet().view().runs().get(id).cloned()) {
        return Ok(Some(known));
    }
    Ok(asker.shared.runs.run(id).await?.map(Arc::new))
}

/// The newest tasks of both kinds.
async fn of(asker: &Asker, target: &Target) -> Result<Vec<Task>, Refusal> {
    let agent = Some(target.agent.clone());
    let filter = CommandFilter { agent: agent.clone(), ..CommandFilter::default() };
    let page = CommandPage { before: None, limit: MOST };
    let commands = asker.shared.history.commands(&filter, &page).await?;
    let filter = RunFilter { agent, ..RunFilter::default() };
    let runs = asker.shared.runs.runs(&filter, &RunPage { before: None, limit: MOST }).await?;
    let session = target.id.as_str();
    let commands = commands.iter().map(|it| (it.requested_at, Task::new(it, session)));
    let runs = runs.iter().map(|it| (it.requested_at, Task::of_run(it, session)));
    let mut tasks: Vec<(Timestamp, Task)> = commands.chain(runs).collect();
    tasks.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(tasks.into_iter().take(MOST).map(|(_, task)| task).collect())
}

/// In which session a task belongs: the one where it is done, or its agent's newest. Nothing for those who may not see it:
/// they do not learn whether it is there.
fn session_of(
    asker: &Asker,
    agent: &AgentId,
    where_done: impl FnOnce(&mut Core) -> Option<SessionId>,
) -> Option<String> {
    match &asker.caller.scope {
        Scope::Session { agent: own, .. } if own != agent => None,
        Scope::Session { session, .. } => Some(session.to_string()),
        _ => asker.look(|core| {
            let newest = |core| asker::of_agent(core, agent).map(|target| target.id);
            let session = where_done(core).or_else(|| newest(core));
            Some(session.map_or_else(|| agent.to_string(), |session| session.to_string()))
        }),
    }
}

/// The session in whose folder a command runs.
fn here(core: &mut Core, command: &Command) -> Option<SessionId> {
    let directory = command.directory.as_ref()?;
    let view = core.fleet().view();
    let is_here =
        |session: &&Arc<Session>| session.agent == command.agent && session.path == *directory;
    view.sessions().find(is_here).map(|session| session.id.clone())
}
