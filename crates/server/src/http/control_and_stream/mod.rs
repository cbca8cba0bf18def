//! The REST routes of seed 000's family: whether a session's browser is ready, tokens for its sockets, and its tasks.
//!
//! Two of them are open to everybody, as its front ends need it: whether a stream is ready, and a token against forgery that
//! nobody checks. No other answers who has no token, and none gives a token to who only knows an id.

mod asker;
mod execute;
mod refusal;
mod shapes;
mod status;
mod tasks;
mod tokens;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::gateway::Shared;

pub(super) use refusal::RefusalShape;

/// The paths of this family that begin like another's.
const AMONG_OTHERS: [&str; 2] = ["/api/auth/token", "/api/agent/{agent}/status"];
/// What its other paths begin with, behind `/api/`.
const FIRST_PARTS: [&str; 5] = ["automation", "csrf-token", "session", "session-status", "task"];

/// Whether a path of the document is of this family.
pub(super) fn is_own(path: &str) -> bool {
    let first = path.strip_prefix("/api/").and_then(|path| path.split('/').next());
    AMONG_OTHERS.contains(&path) || first.is_some_and(|first| FIRST_PARTS.contains(&first))
}

/// Every route of this family.
pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(status::is_ready))
        .routes(routes!(status::session))
        .routes(routes!(status::automation))
        .routes(routes!(status::agent))
        .routes(routes!(status::csrf_token))
        .routes(routes!(tokens::make))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::show))
        .routes(routes!(tasks::history))
        .routes(routes!(execute::in_session))
        .routes(routes!(execute::automation))
}
