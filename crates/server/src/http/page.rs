//! The pages and files that are always in the program, and the place where the page that people open begins.

use std::{borrow::Cow, io::Read, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    app,
    negotiation::{knows, packings},
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
    let packed = ui::PACKED.iter().fold(Router::new(), |router, file| {
        router.route(file.path, get(move |fields: HeaderMap| async move { packed(file, &fields) }))
    });
    let always = ui::ASSETS.iter().fold(packed, |router, asset| {
        let served = Arc::new(Served::under(asset, base));
        router
            .route(asset.path, get(move |fields: HeaderMap| async move { served.answer(&fields) }))
    });
    always.route("/", get(index)).route("/device", get(index))
}

/// Programs show the addresses of these two to people, who may ask for them with anything.
async fn index(State(shared): State<Arc<Shared>>, request: Parts) -> Response {
    app::index(&shared.shelf, &request).await
}

/// Sends it as it is kept, and unpacks it for those few that cannot.
fn packed(file: &'static ui::Packed, fields: &HeaderMap) -> Response {
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::ETAG, file.etag),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-encoding"),
    ];
    if knows(fields, file.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if packings(fields).gzip {
        let mut response = (headers, file.body).into_response();
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return response;
    }
    let mut body = Vec::new();
    match flate2::read::GzDecoder::new(file.body).read_to_end(&mut body) {
        Ok(_) => (headers, body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
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
            (header::CONTENT_SECURITY_POLICY, self.asset.policy()),
        ];
        if knows(fields, &self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        match &self.body {
            Cow::Borrowed(body) => (headers, *body).into_response(),
            Cow::Owned(body) => (headers, body.clone()).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_can_be_unpacked() {
        for file in ui::PACKED {
            let response = packed(file, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK, "{}", file.path);
            assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
        }
    }
}
