//! `/api/v1/sessions/{session}/recordings…`: recordings of a session's pictures; and tokens to watch them live.

mod export;
mod shapes;
mod viewer_token;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::{
    Caller, Request,
    ids::{RecordingId, SessionId},
    pictures::Request as Ask,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shapes::{RecordingReply, RecordingShape, RecordingWithPictures, RecordingsReply};
use super::{
    access::{Bearer, Reader},
    problem::{Made, Problem, not_found},
};
use crate::{
    desk,
    gateway::Shared,
    kept_pictures::{NotKept, Reader as File, Recording},
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(show, remove))
        .routes(routes!(stop))
        .routes(routes!(picture))
        .routes(routes!(export::export))
        .routes(routes!(viewer_token::make))
}

impl From<NotKept> for Problem {
    fn from(reason: NotKept) -> Self {
        let status = match &reason {
            NotKept::Unknown => StatusCode::NOT_FOUND,
            NotKept::Full => StatusCode::CONFLICT,
            NotKept::Disk(error) => {
                tracing::warn!(%error, "recordings cannot be read or written");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, reason.to_string())
    }
}

/// Every recording of a session's pictures, the oldest first.
///
/// Recordings outlive their session; they go when they are deleted, or give way to newer ones.
#[utoipa::path(get, path = "/api/v1/sessions/{session}/recordings", responses((status = 200, body = RecordingsReply)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(session): Path<String>,
) -> Result<Json<RecordingsReply>, Problem> {
    let found = shared.keeper.of_session(&session_id(&session)?);
    let recordings = found.iter().map(|recording| recording.as_ref().into()).collect();
    Ok(Json(RecordingsReply { recordings }))
}

/// Record a session's pictures from now on.
///
/// It ends when it is stopped, becomes too large, the disk is full, or the server stops. While one goes on there is
/// no second.
#[utoipa::path(post, path = "/api/v1/sessions/{session}/recordings", responses((status = 201, body = RecordingReply)))]
async fn start(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(session): Path<String>,
) -> Result<Made<RecordingReply>, Problem> {
    let session = session_id(&session)?;
    let is_recorded = shared.relay.get(&session).is_some_and(|stream| stream.is_recorded());
    ask(&shared, &caller, Ask::Record { session: session.clone(), is_recorded }).await?;
    let (keeper, of) = (shared.keeper.clone(), session.clone());
    let (by, now) = (caller.name.clone(), shared.hub.clock.now());
    let (recording, tap) = on_disk(move || keeper.start(&of, &by, now.wall)).await??;
    let tell = |stream: &_, index| shared.hub.tell_stream(index, stream);
    match shared.relay.record(&session, tap, now.steady, tell) {
        Ok(None) => {}
        // Somebody else began one in the same moment.
        Ok(Some(before)) => {
            let before = shared.keeper.get(&session, &before.recording)?;
            end(&shared, &before, "another recording took its place").await?;
        }
        Err(_) => {
            let keeper = shared.keeper.clone();
            on_disk(move || keeper.delete(&recording, now.wall)).await?;
            let detail = "there are too many streams of pictures; try again later";
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
    }
    let path = format!("/api/v1/sessions/{session}/recordings/{}", recording.id);
    let reply = RecordingReply { recording: recording.as_ref().into() };
    Ok(Made::new(&shared, &path, Json(reply)))
}

/// One recording, and what pictures it has.
#[utoipa::path(get, path = "/api/v1/sessions/{session}/recordings/{recording}", responses((status = 200, body = RecordingWithPictures)))]
async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path((session, recording)): Path<(String, String)>,
) -> Result<Json<RecordingWithPictures>, Problem> {
    let recording = find(&shared, &session, &recording)?;
    let file = open(&shared, &recording).await?;
    Ok(Json(RecordingWithPictures::of(&recording, &file.pictures)))
}

/// End a recording. What it has is kept.
#[utoipa::path(post, path = "/api/v1/sessions/{session}/recordings/{recording}/stop", responses((status = 200, body = RecordingReply)))]
async fn stop(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path((session, recording)): Path<(String, String)>,
) -> Result<Json<RecordingReply>, Problem> {
    let (session, id) = ids(&session, &recording)?;
    let is_known = shared.keeper.get(&session, &id).is_ok();
    let request = Ask::StopRecording { session: session.clone(), recording: id.clone(), is_known };
    ask(&shared, &caller, request).await?;
    let recording = shared.keeper.get(&session, &id)?;
    end(&shared, &recording, &format!("{} stopped it", caller.name)).await?;
    Ok(Json(RecordingReply { recording: RecordingShape::from(recording.as_ref()) }))
}

/// Throw a recording away.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}/recordings/{recording}", responses((status = 204)))]
async fn remove(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path((session, recording)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (session, id) = ids(&session, &recording)?;
    let is_known = shared.keeper.get(&session, &id).is_ok();
    let request =
        Ask::DeleteRecording { session: session.clone(), recording: id.clone(), is_known };
    ask(&shared, &caller, request).await?;
    let recording = shared.keeper.get(&session, &id)?;
    end(&shared, &recording, "it was deleted").await?;
    let (keeper, now) = (shared.keeper.clone(), shared.hub.clock.now().wall);
    on_disk(move || keeper.delete(&recording, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One picture of a recording; the first is 0.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session}/recordings/{recording}/pictures/{picture}",
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>)),
)]
async fn picture(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path((session, recording, picture)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let recording = find(&shared, &session, &recording)?;
    let file = open(&shared, &recording).await?;
    let unknown = || not_found("there is no such picture in the recording");
    let place: usize = picture.parse().map_err(|_| unknown())?;
    let entry = file.pictures.get(place).cloned().ok_or_else(unknown)?;
    let mime = entry.mime.as_str();
    let content = on_disk(move || file.content(&entry)).await?.map_err(NotKept::from)?;
    // What was recorded never changes.
    let fields = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((fields, content).into_response())
}

async fn end(shared: &Shared, recording: &Arc<Recording>, reason: &str) -> Result<(), Problem> {
    let now = shared.hub.clock.now();
    let tell = |stream: &_, index| shared.hub.tell_stream(index, stream);
    shared.relay.stop_recording(&recording.session, &recording.id, now.steady, tell);
    let (keeper, recording, reason) = (shared.keeper.clone(), recording.clone(), reason.to_owned());
    on_disk(move || keeper.finish(&recording, now.wall, &reason)).await
}

async fn open(shared: &Shared, recording: &Arc<Recording>) -> Result<File, Problem> {
    let (keeper, recording) = (shared.keeper.clone(), recording.clone());
    Ok(on_disk(move || keeper.read(&recording)).await?.map_err(NotKept::from)?)
}

/// Waits for the disk where nobody else does.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the recording could not be worked on")
    })
}

async fn ask(shared: &Shared, caller: &Caller, request: Ask) -> Result<(), Problem> {
    shared.hub.ask(caller, Request::Pictures(request), desk::WITHIN).await?;
    Ok(())
}

fn find(shared: &Shared, session: &str, recording: &str) -> Result<Arc<Recording>, Problem> {
    let (session, recording) = ids(session, recording)?;
    Ok(shared.keeper.get(&session, &recording)?)
}

fn ids(session: &str, recording: &str) -> Result<(SessionId, RecordingId), Problem> {
    let recording = RecordingId::new(recording);
    Ok((session_id(session)?, recording.map_err(|_| Problem::from(NotKept::Unknown))?))
}

fn session_id(text: &str) -> Result<SessionId, Problem> {
    SessionId::new(text).map_err(|_| not_found("there is no such session"))
}
