//! What a request is, for people who are asked about it: where it goes and what it is made of, and nothing of what
//! it says.

use std::fmt::Write as _;

use serde_json::Value;
use url::Url;

use super::request::{Body, Paused};

/// The longest address that people are shown, in bytes.
const LONGEST_URL: usize = 1_024;
/// How many fields are named.
const MOST_NAMES: usize = 12;
/// The longest name of a field, in characters.
const LONGEST_NAME: usize = 40;

/// An address without anybody's name and without what its query says; only what it asks by.
pub(super) fn address(url: &Url) -> String {
    let mut shown = url.clone();
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    shown.set_query(None);
    let mut text = String::from(shown);
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let mut mark = '?';
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or(("", part));
            text.push(mark);
            mark = '&';
            if !name.is_empty() {
                let _ = write!(text, "{name}=");
            }
            if !value.is_empty() {
                text.push('…');
            }
        }
    }
    if text.len() > LONGEST_URL {
        text.truncate(text.floor_char_boundary(LONGEST_URL));
        text.push('…');
    }
    text
}

/// A request in one line.
pub(super) fn request(paused: &Paused, url: &Url) -> String {
    let mut text = format!("{} {}", visible(paused.method(), 16), address(url));
    let content = match paused.body() {
        Body::None if paused.is_navigation() => Some("opens a page".to_owned()),
        Body::None => None,
        Body::Hidden => Some("with files or more than can be looked at".to_owned()),
        Body::Whole(bytes) => Some(content(paused.content_type(), &bytes)),
    };
    if let Some(content) = content {
        let _ = write!(text, " ({content})");
    }
    text
}

/// The opening of a socket in one line.
pub(super) fn socket(address: &str) -> String {
    format!("WebSocket {address}")
}

fn content(kind: &str, bytes: &[u8]) -> String {
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match essence.as_str() {
        "application/x-www-form-urlencoded" => Some(("form", form(bytes))),
        "multipart/form-data" => Some(("form", parts(bytes))),
        "application/json" => match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Some(("JSON", object.keys().cloned().collect())),
            _ => None,
        },
        _ => None,
    };
    match fields {
        Some((what, names)) => format!("{what}, {}", listed(&names)),
        None if essence.is_empty() => format!("{} bytes", bytes.len()),
        None => format!("{}, {} bytes", visible(&essence, LONGEST_NAME), bytes.len()),
    }
}

fn form(bytes: &[u8]) -> Vec<String> {
    url::form_urlencoded::parse(bytes).map(|(name, _)| name.into_owned()).collect()
}

/// The names of the parts of a form that may have files in it.
fn parts(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split("\r\n").filter(|line| {
        line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    });
    let names = lines.filter_map(|line| line.split_once("; name=\"")?.1.split('"').next());
    names.map(str::to_owned).collect()
}

fn listed(names: &[String]) -> String {
    let count = names.len();
    let fields = if count == 1 { "field" } else { "fields" };
    if count == 0 {
        return format!("no {fields}");
    }
    let shown: Vec<_> =
        names.iter().take(MOST_NAMES).map(|name| visible(name, LONGEST_NAME)).collect();
    let more = if count > MOST_NAMES { ", …" } else { "" };
    format!("{count} {fields}: {}{more}", shown.join(", "))
}

/// Without what would make a line look like another one.
pub(super) fn visible(text: &str, most: usize) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut shown: String =
        text.chars().take(most).map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(event: Value) -> String {
        let paused: Paused = serde_json::from_value(event).unwrap();
        let (url, _) = paused.site().unwrap();
        request(&paused, &url)
    }

    fn sent(method: &str, url: &str, kind: &str, body: &str) -> Value {
        json!({"requestId": "r", "request": {"url": url, "method": method, "hasPostData": true,
            "headers": {"Content-Type": kind}, "postData": body}})
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn people_see_what_is_sent_and_nothing_of_what_it_says() {
        for (event, expect) in [
            (
                sent("POST", "https://shop.example/checkout", FORM, "name=Ann&card=4111&zip=1"),
                "POST https://shop.example/checkout (form, 3 fields: name, card, zip)",
            ),
            (
                sent("POST", "https://a.example/", FORM, "q=1"),
                "POST https://a.example/ (form, 1 field: q)",
            ),
            (
                sent(
                    "PUT",
                    "https://a.example/x?token=s3cret&n=&bare#part",
                    "application/json; charset=utf-8",
                    r#"{"pin":1}"#,
                ),
                "PUT https://a.example/x?token=…&n=&… (JSON, 1 field: pin)",
            ),
            (
                sent("POST", "https://a.example/", "text/plain", "secret"),
                "POST https://a.example/ (text/plain, 6 bytes)",
            ),
            (sent("POST", "https://a.example/", "", "[1]"), "POST https://a.example/ (3 bytes)"),
            (
                sent(
                    "POST",
                    "https://ann:pw@a.example/up",
                    "multipart/form-data; boundary=x",
                    "--x\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nann\r\n--x\r\ncontent-disposition: form-data; name=\"cv\"; filename=\"c.pdf\"\r\n\r\n%PDF\r\n--x--\r\n",
                ),
                "POST https://a.example/up (form, 2 fields: who, cv)",
            ),
            (
                json!({"requestId": "r", "request": {"url": "https://b.example/p", "method": "GET"}, "resourceType": "Document"}),
                "GET https://b.example/p (opens a page)",
            ),
            (
                json!({"requestId": "r", "request": {"url": "https://b.example/p", "method": "DELETE"}, "resourceType": "XHR"}),
                "DELETE https://b.example/p",
            ),
            (
                json!({"requestId": "r", "request": {"url": "https://b.example/p", "method": "POST", "hasPostData": true}}),
                "POST https://b.example/p (with files or more than can be looked at)",
            ),
            (
                sent(
                    "POST",
                    "https://a.example/",
                    FORM,
                    "a%0AGET%20https%3A%2F%2Ffine=1&b%E2%80%AEc=2",
                ),
                "POST https://a.example/ (form, 2 fields: a\u{fffd}GET https://fine, b\u{fffd}c)",
            ),
        ] {
            assert_eq!(said(event), expect);
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        let many: Vec<_> = (0..50).map(|n| format!("field{n}=v")).collect();
        let text = said(sent("POST", "https://a.example/", FORM, &many.join("&")));
        assert!(text.contains("50 fields: field0") && text.ends_with("field11, …)"), "{text}");
        let text =
            said(sent("POST", &format!("https://a.example/{}", "ü".repeat(9_000)), FORM, ""));
        assert!(text.len() < 1_200, "{text}");
    }

    proptest! {
        #[test]
        fn no_value_is_ever_told(name in "[a-z]{1,9}", value in "[A-Z]{6,12}") {
            for body in [format!("{name}={value}"), format!("{name}={value}&b={value}")] {
                let url = format!("https://{value}:{value}@a.example/?{name}={value}#{value}");
                let text = said(sent("POST", &url, FORM, &body));
                prop_assert!(!text.contains(&value), "{}", text);
            }
        }

        #[test]
        fn bodies_of_all_kinds_are_survived(kind in "(multipart/form-data|application/json|.{0,9})", body in ".{0,200}") {
            let _ = content(&kind, body.as_bytes());
        }
    }
}
