//! `/api/v1/sessions/{session}/viewer-token`: a link that shows one session's pictures and nothing else.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{pictures::Request as Ask, time::Timestamp};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ask, session_id};
use crate::{
    auth::Grant,
    config::duration,
    gateway::Shared,
    http::{
        Outside,
        access::Bearer,
        idempotency::ShownOnce,
        json_body::JsonBody,
        problem::{Body, Problem},
    },
};

/// How long a token counts if nothing is said.
const USUAL: Duration = Duration::from_hours(1);
/// And at most.
const LONGEST: Duration = Duration::from_hours(24);

/// What a token is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ViewerTokenBody {
    /// For how long it counts, such as `15m`; an hour if absent, a day at most, and never longer than the token that
    /// asks.
    #[serde(default)]
    expires: Option<String>,
}

/// A token that shows one session's pictures and nothing else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViewerTokenReply {
    token: String,
    /// Where it counts, with the token in it.
    url: String,
    expires_at: String,
}

/// Make a token that shows a session's pictures, for somebody without an account.
#[utoipa::path(post, path = "/api/v1/sessions/{session}/viewer-token", request_body = ViewerTokenBody, responses((status = 201, body = ViewerTokenReply)))]
pub(super) async fn make(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Extension(outside): Extension<Outside>,
    Path(session): Path<String>,
    JsonBody(body, ..): Body<ViewerTokenBody>,
) -> Result<(StatusCode, Extension<ShownOnce>, Json<ViewerTokenReply>), Problem> {
    let session = session_id(&session)?;
    let wanted = body.expires.as_deref().map(duration).transpose();
    let wanted = wanted
        .map_err(|wrong| Problem::new(StatusCode::BAD_REQUEST, format!("expires: {wrong}")))?;
    let now = shared.hub.clock.now().wall;
    let left = caller.expires_at.map(|at| Duration::from_millis(at.0.saturating_sub(now.0)));
    let lifetime = wanted.unwrap_or(USUAL).min(LONGEST).min(left.unwrap_or(LONGEST));
    if lifetime < Duration::from_secs(1) {
        let detail = "expires: a token counts for a second at least";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    ask(&shared, &caller, Ask::MakeViewerToken { session: session.clone(), lifetime }).await?;
    // Tokens from before somebody's last change of password do not count, and that may be up to a second away.
    let valid_from = shared.hub.look(|core, _| {
        core.people().named(&caller.user).map(|user| user.valid_from).unwrap_or_default()
    });
    let from = now.max(valid_from);
    let grant = Grant::Viewer { user: caller.user.to_string(), session: session.clone() };
    let token = shared.reception.sign(&grant, from, lifetime);
    let base = outside.0.replacen("http", "ws", 1);
    let url = format!("{base}/ws/view/{session}?token={token}");
    let expires_at = Timestamp((from.0 / 1000 + lifetime.as_secs()) * 1000);
    let reply = ViewerTokenReply { token, url, expires_at: moment(expires_at) };
    Ok((StatusCode::CREATED, Extension(ShownOnce), Json(reply)))
}
