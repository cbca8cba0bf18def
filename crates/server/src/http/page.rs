//! The page at `/` and its parts.

use std::{borrow::Cow, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{gateway::Shared, ui};

/// An asset as it is served under the base path.
#[derive(Clone)]
struct Served {
    asset: &'static ui::Asset,
    body: Cow<'static, str>,
    etag: Cow<'static, str>,
}

pub(super) fn router(base: &str) -> Router<Arc<Shared>> {
    ui::ASSETS.iter().fold(Router::new(), |router, asset| {
        let served = Arc::new(Served::under(asset, base));
        router
            .route(asset.path, get(move |fields: HeaderMap| async move { served.answer(&fields) }))
    })
}

impl Served {
    /// The page names its parts from the root, so that it does not matter whether a proxy takes the base
    /// path off, nor whether the address that people typed ends with a slash. Scripts name each other.
    fn under(asset: &'static ui::Asset, base: &str) -> Self {
        if base.is_empty() || asset.content_type != ui::HTML {
            return Self { asset, body: asset.body.into(), etag: asset.etag().into() };
        }
        let body = asset.body.replace("\"/ui/", &format!("\"{base}/ui/"));
        let etag = format!("\"{}{}\"", asset.etag().trim_matches('"'), base.replace('/', "."));
        Self { asset, body: body.into(), etag: etag.into() }
    }

    fn answer(&self, fields: &HeaderMap) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.asset.content_type),
            (header::ETAG, &self.etag),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, ui::CONTENT_SECURITY_POLICY),
        ];
        let known = fields.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if known == Some(&self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        match &self.body {
            Cow::Borrowed(body) => (headers, *body).into_response(),
            Cow::Owned(body) => (headers, body.clone()).into_response(),
        }
    }
}
