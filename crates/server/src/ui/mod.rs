//! The page's parts, in the binary.

/// One file of the page.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: &'static str,
}

impl Asset {
    /// Names this version of it.
    pub fn etag(&self) -> &'static str {
        concat!("\"", env!("CARGO_PKG_VERSION"), "\"")
    }
}

/// What the page may do: talk to where it came from, and nothing else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'";

/// Every file.
pub static ASSETS: &[Asset] = &[Asset {
    path: "/",
    content_type: "text/html; charset=utf-8",
    body: "<!doctype html><title>Pilothouse</title>",
}];
