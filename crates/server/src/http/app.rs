//! The page that people open: one document for every place in it, and the files that it loads.

use axum::{
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::negotiation::{knows, packings, wants_page};
use crate::ui::{self, Shelf, Version};

/// What the page may load and do: its own files and its own server, nothing from elsewhere, and no script but those.
/// Each opening beyond that has a reason:
/// - `wasm-unsafe-eval`: the terminal unpacks pictures (Sixel) by WebAssembly, which is compiled from its own script.
/// - `style-src unsafe-inline`: the terminal puts a style element with its colours and sizes into the page.
/// - `img-src data: blob:`: pictures in terminals, and those that are pasted, are shown from memory.
///
/// Nothing in the page makes markup or scripts of text, so no policy for trusted types is allowed that could.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The name of that document.
const INDEX: &str = "index.html";

/// Files below have a hash of their content in their name.
const HASHED: &str = "ui/assets/";

/// What the paths begin with where programs ask. What is not there is missing for people too, and said in the same words.
const FOR_PROGRAMS: [&str; 3] = ["api", "ws", "ui"];

/// Answers a request that no route takes, if it is for a file of the page or by somebody who goes to a place in it.
pub(super) async fn answer(shelf: &Shelf, request: &Parts) -> Option<Response> {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    let name = request.uri.path().trim_start_matches('/');
    if let Some(version) = shelf.file(name, packings(&request.headers)).await {
        return Some(send(request, name, version));
    }
    let is_for_programs = name.split('/').next().is_some_and(|first| FOR_PROGRAMS.contains(&first));
    if is_for_programs || !wants_page(&request.headers) {
        return None;
    }
    Some(index(shelf, request).await)
}

/// The document, whatever the client says that it wants, or what is shown in its place.
pub(super) async fn index(shelf: &Shelf, request: &Parts) -> Response {
    let version = shelf.index().await.unwrap_or_else(|| shelf.notice());
    send(request, INDEX, version)
}

fn send(request: &Parts, name: &str, version: Version) -> Response {
    let headers = [
        (header::CONTENT_TYPE, ui::content_type(name)),
        (header::ETAG, &version.etag),
        (header::CACHE_CONTROL, caching(name)),
        // At the same path there may be something for people and nothing for programs.
        (header::VARY, if name == INDEX { "accept" } else { "accept-encoding" }),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    if knows(&request.headers, &version.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let mut response = (headers, version.body).into_response();
    if let Some(packing) = version.packing {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(packing));
    }
    response
}

/// What never changes is never asked for again; everything else is asked for each time, and mostly not sent.
fn caching(name: &str) -> &'static str {
    if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" }
}
