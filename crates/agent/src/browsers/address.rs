//! Addresses of pages, as people write them and as browsers may show them.

/// What browsers may show; whether they may connect there is the gate's to say.
const SCHEMES: &[&str] = &["http", "https", "data", "blob"];
/// The page with nothing on it.
pub(crate) const BLANK: &str = "about:blank";

/// The whole address that somebody means, or in words why it is not shown.
pub(crate) fn meant(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(BLANK.to_owned());
    }
    if is_shown(text) {
        return Ok(text.to_owned());
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let looks_like_host =
        host.contains('.') || host.starts_with("localhost") || host.starts_with('[');
    let has_port_alone = scheme(text)
        .is_none_or(|scheme| text[scheme.len() + 1..].starts_with(|c: char| c.is_ascii_digit()));
    if looks_like_host && has_port_alone && !host.contains('@') {
        let is_here =
            host.starts_with("localhost") || host.starts_with("127.") || host.starts_with('[');
        let scheme = if is_here { "http" } else { "https" };
        return Ok(format!("{scheme}://{text}"));
    }
    Err("browsers show http, https and data addresses, and nothing of the machine they run on"
        .to_owned())
}

/// Whether a browser may show that: nothing of its machine, and nothing of its own works.
pub(super) fn is_shown(url: &str) -> bool {
    url.is_empty()
        || url.starts_with(BLANK)
        || url == "about:srcdoc"
        || scheme(url).is_some_and(|scheme| SCHEMES.iter().any(|it| scheme.eq_ignore_ascii_case(it)))
        // What Chromium shows in place of a page that it could not load.
        || url.starts_with("chrome-error://")
}

fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_one.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_an_address_or_is_refused() {
        for (written, meant_one) in [
            ("https://example.org/a?b#c", "https://example.org/a?b#c"),
            (" example.org ", "https://example.org"),
            ("example.org:8443/x", "https://example.org:8443/x"),
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:3000/x", "http://127.0.0.1:3000/x"),
            ("[::1]:80", "http://[::1]:80"),
            ("", "about:blank"),
            ("HTTP://A/", "HTTP://A/"),
            ("data:text/html,hi", "data:text/html,hi"),
        ] {
            assert_eq!(meant(written).as_deref(), Ok(meant_one), "{written}");
        }
        for refused in [
            "file:///etc/passwd",
            "chrome://version",
            "view-source:https://a/",
            "javascript:alert(1)",
            "ftp://example.org",
            "about:version",
            "devtools://x",
            "hello",
            "FILE:/etc/passwd",
            "chrome-extension://a",
            "filesystem:http://a/",
            "user@example.org",
            "javascript.x:alert(1)",
        ] {
            assert!(meant(refused).is_err(), "{refused}");
        }
    }
}
