//! The page at `/` and its parts.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{gateway::Shared, ui};

pub(super) fn router() -> Router<Arc<Shared>> {
    ui::ASSETS.iter().fold(Router::new(), |router, asset| {
        router
            .route(asset.path, get(move |fields: HeaderMap| async move { answer(asset, &fields) }))
    })
}

fn answer(asset: &'static ui::Asset, fields: &HeaderMap) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::ETAG, asset.etag()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, ui::CONTENT_SECURITY_POLICY),
    ];
    let known = fields.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(asset.etag()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, asset.body).into_response()
}
