//! A request that Chromium holds back until somebody says what becomes of it.

use std::collections::HashMap;

use base64::Engine;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::hosts::Site;

/// Methods that change nothing at the server.
const SAFE: &[&str] = &["GET", "HEAD", "OPTIONS"];

/// As Chromium tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paused {
    /// Under which it is let go or failed.
    pub(super) request_id: String,
    request: Request,
    #[serde(default)]
    resource_type: String,
}

/// At least this much is understood of every one, or it stays where it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    /// Under which it is failed.
    pub(super) request_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    url: String,
    method: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    has_post_data: bool,
    post_data: Option<String>,
    #[serde(default)]
    post_data_entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    bytes: Option<String>,
}

/// What a request sends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing.
    #[default]
    None,
    /// These bytes.
    Whole(Vec<u8>),
    /// More than Chromium says, such as files.
    Hidden,
}

/// What makes two requests the same one, asked for twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    method: String,
    url: String,
    body: [u8; 32],
    /// Grows where nobody can say whether two are the same.
    distinct: u64,
}

impl Paused {
    /// What the rules look at; nothing for what goes to no host.
    pub(super) fn site(&self) -> Option<(Url, Site)> {
        let url = self.request.url.parse().ok()?;
        let site = Site::of(&url)?;
        Some((url, site))
    }

    /// Whether it is about something inside the browser, and no host hears of it.
    pub(super) fn stays_inside(&self) -> bool {
        let scheme = self.request.url.split(':').next().unwrap_or_default();
        ["data", "blob", "about", "chrome", "chrome-error"].contains(&scheme)
    }

    /// In capitals, as servers see it.
    pub(super) fn method(&self) -> &str {
        &self.request.method
    }

    /// Whether it changes nothing by itself.
    pub(super) fn is_safe(&self) -> bool {
        SAFE.contains(&self.method())
    }

    /// Whether what comes is shown as a page or as a frame of one.
    pub(super) fn is_navigation(&self) -> bool {
        self.resource_type == "Document"
    }

    /// Whether it is fetched because somebody might want it later.
    pub(super) fn is_speculative(&self) -> bool {
        let purpose = |name: &str| {
            name.eq_ignore_ascii_case("purpose") || name.eq_ignore_ascii_case("sec-purpose")
        };
        self.request.headers.iter().any(|(name, value)| purpose(name) && value.contains("prefetch"))
            || ["Prefetch", "SpeculativePrefetch", "Prerender"].contains(&&*self.resource_type)
    }

    /// What the body is said to be.
    pub(super) fn content_type(&self) -> &str {
        let mut headers = self.request.headers.iter();
        headers
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map_or("", |(_, value)| value)
    }

    /// What it sends.
    pub(super) fn body(&self) -> Body {
        let request = &self.request;
        if !request.has_post_data
            && request.post_data.is_none()
            && request.post_data_entries.is_empty()
        {
            return Body::None;
        }
        if !request.post_data_entries.is_empty() {
            let mut whole = Vec::new();
            for entry in &request.post_data_entries {
                let bytes = entry
                    .bytes
                    .as_ref()
                    .map(|it| base64::engine::general_purpose::STANDARD.decode(it));
                let Some(Ok(bytes)) = bytes else { return Body::Hidden };
                whole.extend(bytes);
            }
            return Body::Whole(whole);
        }
        let text = request.post_data.as_ref().filter(|text| !text.is_empty());
        text.map_or(Body::Hidden, |text| Body::Whole(text.as_bytes().to_vec()))
    }

    /// What it is told apart by from others.
    pub(super) fn key(&self, distinct: u64) -> Key {
        let (body, distinct) = match self.body() {
            Body::None => ([0; 32], 0),
            Body::Whole(bytes) => (Sha256::digest(bytes).into(), 0),
            Body::Hidden => ([0; 32], distinct),
        };
        Key { method: self.request.method.clone(), url: self.request.url.clone(), body, distinct }
    }
}

/// An address as a proxy gets it: nobody's name in it, and no place in the page.
pub(super) fn as_sent(url: &Url) -> String {
    let mut url = url.clone();
    // Only addresses without a host refuse that.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url.into()
}
