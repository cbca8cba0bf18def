//! The AsyncAPI documents of the protocols, as `cargo xtask codegen` made them from the messages.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::json;
use crate::gateway::Shared;

macro_rules! document {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../../docs/api/asyncapi/", $name, ".json")))
    };
}

/// By the names of the protocols.
static DOCUMENTS: [(&str, &str); 7] = [
    document!("agent_link"),
    document!("control_and_stream"),
    document!("dashboard"),
    document!("live_pictures"),
    document!("mission_control"),
    document!("runs"),
    document!("sessions_and_workers"),
];

/// The document of a protocol as text, if there is such a protocol.
pub fn asyncapi(protocol: &str) -> Option<&'static str> {
    DOCUMENTS.iter().find(|(name, _)| *name == protocol).map(|(_, document)| *document)
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/api/asyncapi/{document}", get(document))
}

async fn document(Path(name): Path<String>) -> Response {
    match name.strip_suffix(".json").and_then(asyncapi) {
        Some(document) => ([(header::CONTENT_TYPE, "application/json")], document).into_response(),
        None => json(StatusCode::NOT_FOUND, r#"{"error":"there is no document of that name"}"#),
    }
}
