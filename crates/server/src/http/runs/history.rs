//! Runs found, and read with their steps.

use std::sync::Arc;

use axum::{
    Json,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use pilothouse_core::{
    ids::RunId,
    runs::{Run, RunFilter, RunPage, RunPlace, Standing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Asker, find,
    reply::{Failure, Success},
    shapes::{RunShape, StepShape},
    unknown,
};
use crate::http::listing::{self, Wanted};

/// How many a page has if nobody says, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// Which runs are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct RunQuery {
    /// On which agent.
    agent_id: Option<String>,
    /// Whose: the id of whoever asked for them.
    user_id: Option<String>,
    /// `PENDING`, `INPROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`, several with commas between them.
    status: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    limit: Option<usize>,
}

/// Which steps are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StepQuery {
    /// Only those behind this number.
    after: Option<u32>,
    /// How many at most; 1000 if absent, which is also the most.
    limit: Option<usize>,
}

#[derive(Clone, Serialize, ToSchema)]
pub(super) struct RunsReply {
    /// The newest first.
    runs: Vec<RunShape>,
    /// What `before` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Clone, Serialize, ToSchema)]
pub(super) struct StepsReply {
    run: RunShape,
    /// What it has done, in order, without the pictures.
    steps: Vec<StepShape>,
}

/// Runs, the newest first.
#[utoipa::path(get, path = "/api/runs", params(RunQuery), responses((status = 200, body = Success<RunsReply>)))]
pub(super) async fn list(
    Asker { shared, .. }: Asker,
    wanted: Result<Wanted<RunQuery>, crate::http::problem::Problem>,
) -> Result<Json<Success<RunsReply>>, Failure> {
    let query = wanted?.query;
    let filter = filter(&query)?;
    let limit = listing::limit(query.limit, USUAL, MOST);
    let before = query.before.as_deref().map(place).transpose()?;
    // One more, which tells whether there is a next page.
    let page = RunPage { before, limit: limit + 1 };
    let mut found = shared.runs.runs(&filter, &page).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(cursor);
    let runs = found.iter().map(RunShape::from).collect();
    Ok(Success::new(RunsReply { runs, next }))
}

fn filter(query: &RunQuery) -> Result<RunFilter, Failure> {
    let names = query.status.as_deref().unwrap_or_default().split(',').map(str::trim);
    let standings = names.filter(|name| !name.is_empty()).map(|name| {
        let words = "a status is PENDING, INPROGRESS, COMPLETED, FAILED or CANCELLED";
        Standing::named(name).ok_or_else(|| Failure::invalid(words))
    });
    Ok(RunFilter {
        agent: listing::id("agentId", query.agent_id.as_deref())?,
        user: query.user_id.as_deref().map(Arc::from),
        standings: standings.collect::<Result<_, _>>()?,
    })
}

/// Where a page ends, for the next one.
fn cursor(last: &Run) -> String {
    format!("{}.{}", last.requested_at.0, last.id)
}

fn place(cursor: &str) -> Result<RunPlace, Failure> {
    let parsed = cursor.split_once('.').and_then(|(at, id)| {
        let requested_at = Timestamp(at.parse().ok()?);
        Some(RunPlace { requested_at, run: RunId::new(id).ok()? })
    });
    parsed.ok_or_else(|| Failure::invalid("before is what next of the page before was"))
}

/// One run with its steps, live or ended.
#[utoipa::path(
    get, path = "/api/runs/{run}", params(StepQuery),
    responses((status = 200, body = Success<StepsReply>)),
)]
pub(super) async fn show(
    Asker { shared, .. }: Asker,
    Path(run): Path<String>,
    wanted: Result<Wanted<StepQuery>, crate::http::problem::Problem>,
) -> Result<Json<Success<StepsReply>>, Failure> {
    let query = wanted?.query;
    let run = find(&shared, &run).await?;
    let limit = listing::limit(query.limit, MOST, MOST);
    let steps = shared.runs.steps(&run.id, query.after.unwrap_or(0), limit).await?;
    let steps = steps.iter().map(StepShape::from).collect();
    Ok(Success::new(StepsReply { run: RunShape::from(&*run), steps }))
}

/// How the page looked at a step.
#[utoipa::path(
    get, path = "/api/runs/{run}/steps/{step}/screenshot",
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png")))),
)]
pub(super) async fn screenshot(
    Asker { shared, .. }: Asker,
    Path((run, step)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let id = RunId::new(&run).map_err(|_| unknown(&run))?;
    let step = step.parse().map_err(|_| Failure::invalid("a step has a number"))?;
    let found = shared.runs.screenshot(&id, step).await?;
    let none = || Failure::not_found("there is no picture of that step, or not any more");
    let found = found.ok_or_else(none)?;
    let fields = [
        (header::CONTENT_TYPE, found.kind.media_type()),
        // It never changes, and is nobody else's business.
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
    ];
    Ok((fields, found.bytes).into_response())
}
