//! The page at `/` and its parts.

use std::{borrow::Cow, io::Read, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
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
    let packed = ui::PACKED.iter().fold(Router::new(), |router, file| {
        router.route(file.path, get(move |fields: HeaderMap| async move { packed(file, &fields) }))
    });
    ui::ASSETS.iter().fold(packed, |router, asset| {
        let served = Arc::new(Served::under(asset, base));
        router
            .route(asset.path, get(move |fields: HeaderMap| async move { served.answer(&fields) }))
    })
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
    let accepted = fields.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if accepts_gzip(accepted.unwrap_or_default()) {
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

/// Whether a list such as `br;q=1.0, gzip;q=0.8` has it, and does not refuse it.
fn accepts_gzip(list: &str) -> bool {
    list.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().trim_start_matches("q=").trim_end_matches(['0', '.']);
        let is_refused = one.contains(';') && weight.is_empty();
        matches!(name.trim(), "gzip" | "*") && !is_refused
    })
}

fn knows(fields: &HeaderMap, etag: &str) -> bool {
    fields.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(etag)
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
    fn what_is_packed_is_sent_to_whoever_takes_it() {
        for (list, accepts) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
            ("*", true),
            ("", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("br, gzip;q=0.0", false),
        ] {
            assert_eq!(accepts_gzip(list), accepts, "{list}");
        }
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        for file in ui::PACKED {
            let response = packed(file, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK, "{}", file.path);
            assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
        }
    }
}
