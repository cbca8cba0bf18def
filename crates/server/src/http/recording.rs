//! `/api/v1/sessions/{session}/workers/{worker}/recording`: what a terminal showed, for players of asciicast v3.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use pilothouse_core::{
    Request,
    ids::{SessionId, WorkerId},
    ports::StoreError,
    sessions,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::Reader,
    pieces::{self, Source},
    problem::Problem,
};
use crate::{desk, gateway::Shared, recording::Recording};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(recording))
}

/// The recording of a worker's present life, in asciicast v3.
///
/// What the worker prints from now on is left out, so that there is an end.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session}/workers/{worker}/recording",
    responses((status = 200, content_type = "application/x-asciicast", body = String)),
)]
async fn recording(
    State(shared): State<Arc<Shared>>,
    Reader(caller): Reader,
    Path((session, worker)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "there is no such session or worker");
    let session = SessionId::new(&session).map_err(|_| unknown())?;
    let worker = WorkerId::new(&worker).map_err(|_| unknown())?;
    // Who looks at a terminal stands in the audit, however they look.
    let look = sessions::Request::Look { session: session.clone(), worker: worker.clone() };
    shared.hub.ask(&caller, Request::Sessions(look), desk::WITHIN).await?;
    let (found, now) = shared.hub.look(|core, now| (core.look_at(&session, &worker), now.wall));
    let found = found.ok_or_else(unknown)?;
    let body = pieces::body(Recording::of(shared.store.clone(), &found.worker, now)).await?;
    let name = format!("attachment; filename=\"{worker}.cast\"");
    let fields = [
        (header::CONTENT_TYPE, "application/x-asciicast".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((fields, body).into_response())
}

impl Source for Recording {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        Self::next(self).await
    }
}
