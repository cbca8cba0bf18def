//! In which forms a value may come back from a page.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Shorter forms would be found where they are not meant.
const SHORTEST: usize = 4;

/// All forms that are looked for.
pub(super) fn of(value: &str) -> Vec<String> {
    let mut forms = vec![
        value.to_owned(),
        percent(value),
        percent(value).replace("%20", "+"),
        percent(value).to_lowercase(),
        encoded_as_browsers_do(value),
        html(value),
        html(value).replace("&#39;", "'"),
        json(value),
        STANDARD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
    ];
    // Inside of a longer text that was encoded, such as `user:value`.
    forms.extend(inside_base64(value, |bytes| STANDARD_NO_PAD.encode(bytes)));
    forms.extend(inside_base64(value, |bytes| URL_SAFE_NO_PAD.encode(bytes)));
    // A value of several lines is shown in one.
    forms.push(value.split_whitespace().collect::<Vec<_>>().join(" "));
    forms.retain(|form| form.chars().count() >= SHORTEST);
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// As it stands in a part of an address (RFC 3986 2.3).
pub(super) fn percent(value: &str) -> String {
    escaped(value, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// What `encodeURIComponent` leaves alone.
fn encoded_as_browsers_do(value: &str) -> String {
    escaped(value, |byte| byte.is_ascii_alphanumeric() || b"-._~!*'()".contains(&byte))
}

fn escaped(value: &str, stays: impl Fn(u8) -> bool) -> String {
    use std::fmt::Write;
    value.bytes().fold(String::with_capacity(value.len()), |mut escaped, byte| {
        if stays(byte) {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

fn html(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    value.replace('"', "&quot;").replace('\'', "&#39;")
}

fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The characters that a value alone decides, at each of the three places where it may begin.
fn inside_base64(value: &str, encode: impl Fn(&[u8]) -> String) -> Vec<String> {
    let at = |before: usize| {
        let padded = [&vec![0; before][..], value.as_bytes()].concat();
        let whole = &padded[..padded.len() / 3 * 3];
        let encoded = encode(whole);
        let from = (before * 8).div_ceil(6);
        encoded.get(from..).unwrap_or_default().to_owned()
    };
    // Few characters that are decided are too many words of other texts.
    (0..3).map(at).filter(|form| form.len() >= 2 * SHORTEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_in_what_it_was_encoded_to() {
        let value = "p&ss w/rd+\"1<2\"";
        let forms = of(value);
        let is_found = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
        for text in [
            format!("user={value}"),
            format!("https://x/?q={}", percent(value)),
            format!("q={}", percent(value).replace("%20", "+")),
            format!("<b>{}</b>", html(value)),
            serde_json::json!({ "text": value }).to_string(),
            STANDARD.encode(value),
            STANDARD.encode(format!("u:{value}")),
            STANDARD.encode(format!("us:{value}")),
            STANDARD.encode(format!("usr:{value}-and more")),
            URL_SAFE_NO_PAD.encode(format!("x{value}x")),
        ] {
            assert!(is_found(&text), "{text}");
        }
        assert!(!is_found("a text that has nothing to do with it"));
    }
}
