//! Runs held still, gone on with, and answered.

use std::sync::Arc;

use axum::{Json, extract::Path};
use pilothouse_core::{
    CoreError, Request,
    ids::RunId,
    runs::{Refusal, Request as Runs, Verdict},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Asker,
    acts::RunReply,
    find,
    reply::{Body, Failure, Success},
    shapes::RunShape,
    unknown,
};
use crate::{
    desk::{self, NoAnswer},
    http::json_body::JsonBody,
};

/// What a question of a run is answered with.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplyBody {
    /// Which of its questions: the id in `waiting`.
    wait_id: String,
    /// The answer, at most 16 KiB.
    text: String,
}

/// What is decided about something that a run wants to send.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"waitId": "w-1", "granted": true}))]
pub(super) struct DecisionBody {
    /// About which of its requests: the id in `waiting`.
    wait_id: String,
    /// Whether it may be sent.
    granted: bool,
    /// Why, for the run and the audit.
    reason: Option<String>,
    /// Whether the same holds for all that the run sends to that host from now on.
    #[serde(default)]
    always: bool,
}

/// Have a run hold still, under way or waiting for its place.
///
/// What it is doing is done first. Meanwhile its time does not run. Takes whoever made it, or an admin.
#[utoipa::path(
    post, path = "/api/runs/{run}/pause",
    responses((status = 200, body = Success<RunReply>)),
)]
pub(super) async fn pause(
    asker: Asker,
    Path(run): Path<String>,
) -> Result<Json<Success<RunReply>>, Failure> {
    steer(asker, &run, |run| Runs::Pause { run }).await
}

/// Have a paused run go on.
///
/// Takes whoever made it, or an admin.
#[utoipa::path(
    post, path = "/api/runs/{run}/resume",
    responses((status = 200, body = Success<RunReply>)),
)]
pub(super) async fn resume(
    asker: Asker,
    Path(run): Path<String>,
) -> Result<Json<Success<RunReply>>, Failure> {
    steer(asker, &run, |run| Runs::Resume { run }).await
}

/// Answer what a run asks.
///
/// The first answer counts: the same again changes nothing, another one is refused with 409, as is one that comes too late.
/// Takes whoever made the run, or an admin.
#[utoipa::path(
    post, path = "/api/runs/{run}/reply", request_body = ReplyBody,
    responses((status = 200, body = Success<RunReply>)),
)]
pub(super) async fn reply(
    asker: Asker,
    Path(run): Path<String>,
    JsonBody(body, ..): Body<ReplyBody>,
) -> Result<Json<Success<RunReply>>, Failure> {
    let (wait, text) = (body.wait_id.into(), body.text.into());
    steer(asker, &run, |run| Runs::Reply { run, wait, text }).await
}

/// Allow or refuse what a run wants to send.
///
/// The first decision counts: the same again changes nothing, another one is refused with 409, as is one that comes too late.
/// Takes an operator.
#[utoipa::path(
    post, path = "/api/runs/{run}/decision", request_body = DecisionBody,
    responses((status = 200, body = Success<RunReply>)),
)]
pub(super) async fn decide(
    asker: Asker,
    Path(run): Path<String>,
    JsonBody(body, ..): Body<DecisionBody>,
) -> Result<Json<Success<RunReply>>, Failure> {
    let DecisionBody { wait_id, granted, reason, always } = body;
    let (wait, reason) = (wait_id.into(), reason.map(Arc::from));
    let verdict = Verdict { granted, reason, always };
    steer(asker, &run, |run| Runs::Decide { run, wait, verdict }).await
}

async fn steer(
    Asker { shared, caller }: Asker,
    run: &str,
    request: impl FnOnce(RunId) -> Runs,
) -> Result<Json<Success<RunReply>>, Failure> {
    let id = RunId::new(run).map_err(|_| unknown(run))?;
    let asked = shared.hub.ask(&caller, Request::Runs(request(id.clone())), desk::WITHIN).await;
    // Forgotten by the core is not forgotten: it ended long ago.
    if let Err(NoAnswer::Refused(CoreError::RunNotFound(_))) = asked {
        let over = find(&shared, run).await.map(|_| Refusal::Over(id))?;
        return Err(NoAnswer::Refused(over.into()).into());
    }
    asked?;
    let run = find(&shared, run).await?;
    Ok(Success::new(RunReply { run: RunShape::from(&*run) }))
}
