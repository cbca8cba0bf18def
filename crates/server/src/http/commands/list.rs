//! Commands found: by agent, state, asker, time and words, live and long ended.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
};
use pilothouse_core::{
    commands::{self, Command, CommandFilter, CommandPage, CommandPlace, Standing},
    ids::CommandId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Problem, command_id, find, shapes::CommandShape};
use crate::{
    gateway::Shared,
    http::{
        access::Reader,
        listing::{self, MOST, Page, USUAL, Wanted, invalid},
        moments,
    },
};

/// Which commands are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct CommandQuery {
    /// Only that agent's.
    agent_id: Option<String>,
    /// `queued`, `running`, `completed`, `failed` or `interrupted`; several with commas between them.
    status: Option<String>,
    /// Only those that somebody of this name asked for.
    requested_by: Option<String>,
    /// Not asked for before this moment: ISO 8601, a day, or milliseconds since 1970.
    from: Option<String>,
    /// Not asked for after this moment; of a day, not after its end.
    to: Option<String>,
    /// Words that all have to be in the command line; up to 16.
    q: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    limit: Option<usize>,
}

/// Commands, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct CommandsReply {
    commands: Vec<CommandShape>,
    /// What `before` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Commands, the newest first: live ones, and those that ended however long ago.
///
/// What is asked for while somebody turns the pages is on none of them, and moves nothing from one to another.
#[utoipa::path(get, path = "/api/v1/commands", params(CommandQuery), responses((status = 200, body = CommandsReply)))]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    wanted: Wanted<CommandQuery>,
) -> Result<Page<CommandsReply>, Problem> {
    let query = &wanted.query;
    let filter = filter(query)?;
    let limit = listing::limit(query.limit, USUAL, MOST);
    let before = query.before.as_deref().map(place).transpose()?;
    // One more, which tells whether there is a next page.
    let page = CommandPage { before, limit: limit + 1 };
    let mut found = shared.history.commands(&filter, &page).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(cursor);
    let places = places(&shared, &found);
    let shape = |command: &Command| CommandShape::new(command, places.get(&command.id).copied());
    let reply = CommandsReply { commands: found.iter().map(shape).collect(), next: next.clone() };
    Ok(wanted.page(reply, "before", next.as_deref()))
}

/// One command, live or ended.
#[utoipa::path(get, path = "/api/v1/commands/{command}", responses((status = 200, body = CommandShape)))]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(command): Path<String>,
) -> Result<Json<CommandShape>, Problem> {
    let command = find(&shared, &command_id(&command)?).await?;
    Ok(Json(shaped(&shared, &command)))
}

/// A command with its place in the queue.
pub(super) fn shaped(shared: &Shared, command: &Command) -> CommandShape {
    let places = places(shared, std::slice::from_ref(command));
    CommandShape::new(command, places.get(&command.id).copied())
}

/// The places of those that wait.
fn places(shared: &Shared, found: &[Command]) -> BTreeMap<CommandId, usize> {
    let waits = |command: &&Command| command.state == commands::State::Queued;
    let agents: std::collections::BTreeSet<_> =
        found.iter().filter(waits).map(|command| &command.agent).collect();
    shared.hub.look(|core, _| {
        let view = core.fleet().view();
        let waiting = agents.into_iter().flat_map(|agent| view.queue(agent));
        waiting.map(|waiting| (waiting.command.id.clone(), waiting.position)).collect()
    })
}

fn filter(query: &CommandQuery) -> Result<CommandFilter, Problem> {
    let names = query.status.as_deref().unwrap_or_default().split(',').map(str::trim);
    let standings = names.filter(|name| !name.is_empty()).map(|name| {
        let words = "a status is queued, running, completed, failed or interrupted";
        Standing::named(name).ok_or_else(|| invalid(words))
    });
    let (from, to) = moments::span(query.from.as_deref(), query.to.as_deref()).map_err(invalid)?;
    Ok(CommandFilter {
        agent: listing::id("agentId", query.agent_id.as_deref())?,
        standings: standings.collect::<Result<_, _>>()?,
        requested_by: query.requested_by.as_deref().map(Into::into),
        from,
        to,
        words: listing::words(query.q.as_deref())?,
    })
}

/// Where a page ends, for the next one: moment and id, since several commands may share a moment.
fn cursor(last: &Command) -> String {
    format!("{}.{}", last.requested_at.0, last.id)
}

fn place(cursor: &str) -> Result<CommandPlace, Problem> {
    let parsed = cursor.split_once('.').and_then(|(at, id)| {
        let requested_at = Timestamp(at.parse().ok()?);
        Some(CommandPlace { requested_at, command: CommandId::new(id).ok()? })
    });
    parsed.ok_or_else(|| invalid("before is what next of the page before was"))
}
