//! `/api/v1/search`: output found by its words, a page at a time.

use std::sync::Arc;

use axum::extract::State;
use pilothouse_core::{
    search::{Hit, SearchFilter, SearchPage},
    streams::Source,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::Reader,
    listing::{self, Page, id, invalid},
    problem::Problem,
};
use crate::gateway::Shared;

/// The longest query, in bytes.
const LONGEST: usize = 1024;
/// How many hits a page has if nobody says, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(search))
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Words that all have to be there. Nothing in it is syntax.
    q: String,
    /// Only that session's workers.
    session_id: Option<String>,
    /// Only that worker.
    worker_id: Option<String>,
    /// Only that agent's workers and commands.
    agent_id: Option<String>,
    /// `next` of the page before.
    before: Option<i64>,
    /// How many hits at most; 50 if absent, up to 200.
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct SearchReply {
    /// Newest first.
    hits: Vec<FoundOutput>,
    /// Where the next page begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

/// A piece of output that has all words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FoundOutput {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_id: Option<String>,
    /// Which life of the worker.
    epoch: u32,
    /// How many bytes of the log come before the piece.
    position: u64,
    at: String,
    /// The text around the first word.
    excerpt: String,
}

/// Output by its words, newest first.
///
/// What was printed in the last seconds may be found only later.
#[utoipa::path(get, path = "/api/v1/search", params(Wanted), responses((status = 200, body = SearchReply)))]
async fn search(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    asked: listing::Wanted<Wanted>,
) -> Result<Page<SearchReply>, Problem> {
    let wanted = &asked.query;
    if wanted.q.len() > LONGEST {
        return Err(invalid(format!("q has at most {LONGEST} bytes")));
    }
    let filter = SearchFilter {
        session: id("sessionId", wanted.session_id.as_deref())?,
        worker: id("workerId", wanted.worker_id.as_deref())?,
        agent: id("agentId", wanted.agent_id.as_deref())?,
    };
    let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
    let page = SearchPage { before: wanted.before, limit };
    let hits = shared.search.search(&wanted.q, &filter, page).await?;
    let next = hits.last().filter(|_| hits.len() == limit).map(|last| last.cursor);
    let reply = SearchReply { hits: hits.iter().map(shape).collect(), next };
    Ok(asked.page(reply, "before", next.map(|next| next.to_string()).as_deref()))
}

fn shape(hit: &Hit) -> FoundOutput {
    let (worker_id, command_id) = match &hit.stream.source {
        Source::Worker(worker) => (Some(worker.to_string()), None),
        Source::Command(command) => (None, Some(command.to_string())),
        Source::Run(_) => (None, None),
    };
    FoundOutput {
        agent_id: hit.agent.as_ref().map(ToString::to_string),
        session_id: hit.session.as_ref().map(ToString::to_string),
        worker_id,
        command_id,
        epoch: hit.stream.epoch,
        position: hit.position,
        at: moment(hit.at),
        excerpt: hit.excerpt.to_string(),
    }
}
