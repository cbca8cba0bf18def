//! The cookie that a page's own reads carry. It is good for reading and for nothing else.

use axum::http::{HeaderMap, HeaderValue, Method, header, request::Parts};

/// What the cookie is called.
const NAME: &str = "pilothouse";

/// The token in the cookie of a request that only reads, and that a page of ours sends.
pub(crate) fn token(parts: &Parts) -> Option<&str> {
    let only_reads = matches!(parts.method, Method::GET | Method::HEAD);
    // Browsers say where a request comes from; a sibling of our host name is another site to us.
    let site = parts.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_ours = matches!(site, None | Some(b"same-origin" | b"none"));
    if !(only_reads && is_ours) {
        return None;
    }
    let mut cookies = parts.headers.get_all(header::COOKIE).iter();
    let pairs = cookies.by_ref().filter_map(|value| value.to_str().ok());
    let mut found = pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
    let token = found.next()?;
    // Two of them: somebody planted one.
    found.next().is_none().then_some(token)
}

/// A header that sets it.
pub(super) fn set(token: &str, seconds: u64, place: &Place) -> HeaderMap {
    field(&format!("{NAME}={token}; Max-Age={seconds}"), place)
}

/// A header that takes it away.
pub(super) fn clear(place: &Place) -> HeaderMap {
    field(&format!("{NAME}=; Max-Age=0"), place)
}

/// Where a cookie belongs.
pub(super) struct Place {
    pub(super) base_path: String,
    pub(super) is_secure: bool,
}

fn field(value: &str, place: &Place) -> HeaderMap {
    let secure = if place.is_secure { "; Secure" } else { "" };
    let text = format!("{value}; Path={}/; HttpOnly; SameSite=Strict{secure}", place.base_path);
    let mut fields = HeaderMap::new();
    // Tokens and paths are plain text, so that this is always a header.
    if let Ok(value) = HeaderValue::from_str(&text) {
        fields.insert(header::SET_COOKIE, value);
    }
    fields
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn found(method: Method, fields: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder().method(method);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        token(&request.body(()).unwrap().into_parts().0).map(str::to_owned)
    }

    #[test]
    fn it_is_good_for_reads_of_our_own_pages_alone() {
        let cookie = ("Cookie", "a=b; pilothouse=abc");
        let some = Some("abc".to_owned());
        assert_eq!(found(Method::GET, &[cookie]), some);
        assert_eq!(found(Method::GET, &[cookie, ("Sec-Fetch-Site", "same-origin")]), some);
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(found(method, &[cookie]), None);
        }
        for site in ["cross-site", "same-site", "?"] {
            assert_eq!(found(Method::GET, &[cookie, ("Sec-Fetch-Site", site)]), None);
        }
        assert_eq!(found(Method::GET, &[("Cookie", "pilothouse=a; pilothouse=b")]), None);
        assert_eq!(found(Method::GET, &[("Cookie", "xpilothouse=a; pilothousex=b")]), None);
    }
}
