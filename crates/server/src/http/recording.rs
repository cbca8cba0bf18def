//! `/api/v1/sessions/{session}/workers/{worker}/recording`: what a terminal showed, for players of asciicast v3.

use std::sync::Arc;

use axum::{
    body::Body,
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
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{access::Reader, pieces::Pieces, problem::Problem};
use crate::{desk, gateway::Shared, recording::Recording};

/// How many pieces are read before the peer has taken them. A slower peer is waited for.
const AHEAD: usize = 1;

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
    let mut recording = Recording::of(shared.store.clone(), &found.worker, now);
    let (sender, receiver) = mpsc::channel(AHEAD);
    // As long as nothing was sent, a failure still is an answer.
    let first = recording.next().await?;
    let name = format!("attachment; filename=\"{worker}.cast\"");
    let fields = [
        (header::CONTENT_TYPE, "application/x-asciicast".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    tokio::spawn(send(recording, first, sender));
    Ok((fields, Body::new(Pieces(receiver))).into_response())
}

/// Hands over piece after piece, until the end or until nobody takes them any more.
async fn send(
    mut recording: Recording,
    first: Option<Bytes>,
    sender: mpsc::Sender<Result<Bytes, StoreError>>,
) {
    let mut piece = Ok(first);
    while let Some(next) = piece.transpose() {
        let is_over = next.is_err();
        if sender.send(next).await.is_err() || is_over {
            return;
        }
        piece = recording.next().await;
    }
}
