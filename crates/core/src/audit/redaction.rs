//! Secrets in texts that are kept for people are replaced: the one place that knows their shapes.
//!
//! What has no such shape, such as a password that stands alone, is not found.

use std::{borrow::Cow, ops::Range};

/// What stands in a secret's place.
const REDACTED: &str = "[redacted]";
/// Names of secrets, in lower case; they may stand inside a longer name.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "_pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "authorization",
    "credential",
    "agent-key",
];
/// Names that end so are about secrets and name none.
const HARMLESS_ENDS: &[&str] = &[
    "tokens", "file", "path", "dir", "_count", "_limit", "_budget", "_type", "-type", "_id", "-id",
];
/// What well-known secrets begin with.
const BEGINNINGS: &[&str] = &[
    "mc_",
    "pha_",
    "sk-",
    "sk_live_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "npm_",
    "hf_",
];
/// So many characters follow at least.
const SHORTEST_REST: usize = 12;
/// How a credential is announced in a header.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token"];

/// The text without its secrets: values of fields, options and variables that are named like one, bearer tokens,
/// passwords in URLs, JWTs, and keys with a well-known beginning.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut redacted = String::new();
    let (mut kept, mut place) = (0, 0);
    while place < text.len() {
        let end = word_end(text, place);
        let secret = if end > place { in_word(text, place..end) } else { in_url(text, place) };
        match secret {
            Some(secret) => {
                redacted.push_str(&text[kept..secret.start]);
                redacted.push_str(REDACTED);
                kept = secret.end;
                place = secret.end;
            }
            None => place = end.max(next_place(text, place)),
        }
    }
    if kept == 0 && redacted.is_empty() {
        return Cow::Borrowed(text);
    }
    redacted.push_str(&text[kept..]);
    Cow::Owned(redacted)
}

/// The place after the character at `place`.
fn next_place(text: &str, place: usize) -> usize {
    place + text[place..].chars().next().map_or(1, char::len_utf8)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn word_end(text: &str, place: usize) -> usize {
    let length = text.as_bytes()[place..].iter().take_while(|byte| is_word(**byte)).count();
    place + length
}

/// A secret that is this word, or that it announces.
fn in_word(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let found = &text[word.clone()];
    if is_token(found) {
        let more = text.as_bytes()[word.end..].iter();
        let more = more.take_while(|byte| matches!(byte, b'+' | b'/' | b'=') || is_word(**byte));
        return Some(word.start..word.end + more.count());
    }
    let name = found.trim_start_matches('-').to_ascii_lowercase();
    if name == "bearer" {
        let value = argument(text, skip_spaces(text, word.end))?;
        return (value.start > word.end && value.len() >= 8).then_some(value);
    }
    let is_option = found.starts_with('-');
    if is_option && (found == "-u" || found == "--user") {
        let value = argument(text, skip_spaces(text, word.end))?;
        let colon = text[value.clone()].find(':')?;
        return Some(value.start + colon + 1..value.end).filter(|value| !value.is_empty());
    }
    let is_secret = NAMES.iter().any(|secret| name.contains(secret))
        && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end));
    if is_secret { value_after(text, word.end, is_option) } else { None }
}

/// A JWT, or a key with a well-known beginning.
fn is_token(word: &str) -> bool {
    let parts = word.split('.').filter(|part| part.len() >= 8).count();
    let is_jwt = word.starts_with("eyJ") && parts >= 2;
    let has_beginning = |beginning: &&str| {
        word.strip_prefix(*beginning).is_some_and(|rest| rest.len() >= SHORTEST_REST)
    };
    is_jwt || BEGINNINGS.iter().any(has_beginning)
}

/// The value that follows a secret's name: `name=value`, `"name": "value"`, `--name value`.
fn value_after(text: &str, name_end: usize, is_option: bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_quote = |byte: &&u8| matches!(byte, b'\\' | b'"' | b'\'');
    let quotes = bytes[name_end..].iter().take(2).take_while(is_quote).count();
    let separator = skip_spaces(text, name_end + quotes);
    let value = match bytes.get(separator) {
        Some(b'=' | b':') => skip_spaces(text, separator + 1),
        _ if is_option && separator > name_end => separator,
        _ => return None,
    };
    let found = argument(text, value)?;
    let first = text[found.clone()].to_ascii_lowercase();
    if SCHEMES.contains(&first.as_str()) {
        return argument(text, skip_spaces(text, found.end)).or(Some(found));
    }
    let is_variable = first.starts_with('$') && !first.starts_with("$(");
    let is_next_option = separator == value && first.starts_with('-');
    (!is_variable && !is_next_option).then_some(found)
}

fn skip_spaces(text: &str, place: usize) -> usize {
    let spaces = text.as_bytes()[place.min(text.len())..].iter();
    place + spaces.take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What stands there up to its closing quote, or up to what cannot be part of it.
fn argument(text: &str, place: usize) -> Option<Range<usize>> {
    let rest = text.get(place..)?;
    let first = *rest.as_bytes().first()?;
    let range = if let Some(quoted) = rest.strip_prefix("\\\"") {
        let length = quoted.find('\\').unwrap_or(quoted.len());
        place + 2..place + 2 + length
    } else if matches!(first, b'"' | b'\'') {
        let length = closing_quote(&rest.as_bytes()[1..], first);
        place + 1..place + 1 + length
    } else {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'&;,|<>)}]".contains(byte);
        let length = rest.as_bytes().iter().position(is_end);
        place..place + length.unwrap_or(rest.len())
    };
    Some(range).filter(|range| !range.is_empty())
}

fn closing_quote(bytes: &[u8], quote: u8) -> usize {
    let mut is_escaped = false;
    for (place, byte) in bytes.iter().enumerate() {
        match *byte {
            byte if byte == quote && !is_escaped => return place,
            byte => is_escaped = byte == b'\\' && !is_escaped,
        }
    }
    bytes.len()
}

/// The password in `scheme://user:password@host`, if that is what begins here.
fn in_url(text: &str, place: usize) -> Option<Range<usize>> {
    let rest = text[place..].strip_prefix("://")?;
    let start = place + 3;
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"/?#\"'<>".contains(&byte);
    let length = rest.bytes().position(is_end).unwrap_or(rest.len());
    let user = &rest[..rest[..length].rfind('@')?];
    let colon = user.find(':')?;
    Some(start + colon + 1..start + user.len()).filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_every_shape_are_replaced_and_nothing_else() {
        for (text, redacted) in [
            ("mysql --password=hunter2 -h db", "mysql --password=[redacted] -h db"),
            ("mysql --password hunter2 -h db", "mysql --password [redacted] -h db"),
            ("login --api-key 'a b c' now", "login --api-key '[redacted]' now"),
            ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql"),
            ("MYSQL_PWD=x make", "MYSQL_PWD=[redacted] make"),
            ("export GITHUB_TOKEN=\"hun\\\"ter2\"; ls", "export GITHUB_TOKEN=\"[redacted]\"; ls"),
            (
                r#"curl -d '{"password": "hunter2", "a": 1}'"#,
                r#"curl -d '{"password": "[redacted]", "a": 1}'"#,
            ),
            (
                "curl -H 'Authorization: Bearer hunter22'",
                "curl -H 'Authorization: Bearer [redacted]'",
            ),
            (
                "curl -H 'Authorization: Basic aHVudGVyMg=='",
                "curl -H 'Authorization: Basic [redacted]'",
            ),
            ("curl -H \"X-Agent-Key: hunter2\"", "curl -H \"X-Agent-Key: [redacted]\""),
            ("curl -u ann:hunter2 http://h", "curl -u ann:[redacted] http://h"),
            ("bearer hunter2hunter2", "bearer [redacted]"),
            ("git clone https://ann:hunter2@host/x", "git clone https://ann:[redacted]@host/x"),
            ("postgres://u:p@ss@host/db", "postgres://u:[redacted]@host/db"),
            ("wget 'http://h/x?token=hunter2&y=1'", "wget 'http://h/x?token=[redacted]&y=1'"),
            ("echo eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "echo [redacted]"),
            ("use ghp_0123456789abcdefghij now", "use [redacted] now"),
            ("pha_a-1.0123456789abcdef", "[redacted]"),
            ("secret: ä", "secret: [redacted]"),
            (r#"-d "{\"token\":\"x\"}""#, r#"-d "{\"token\":\"[redacted]\"}""#),
            ("client_secret = x", "client_secret = [redacted]"),
        ] {
            assert_eq!(redact(text), redacted, "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "ls -la",
            "echo \u{1f511} naïve",
            "pilothouse agent --token-file /etc/token",
            "run --max-tokens 500 --verbose",
            "psql --password --host db",
            "curl -H \"Authorization: $TOKEN\"",
            "deploy --token $TOKEN",
            "the token belongs to another agent",
            "git clone https://host/x?y=a:b@c",
            "http://host:8080/x",
            "echo eyJ.x.y; bearer of news",
            "password=",
            "password:",
            "token=''",
            "--secret",
        ] {
            assert!(matches!(redact(text), Cow::Borrowed(_)), "{text:?} {}", redact(text));
            assert_eq!(redact(text), text);
        }
    }
}
