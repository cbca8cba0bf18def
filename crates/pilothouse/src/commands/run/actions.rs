//! What a step did, in a person's words.

use serde_json::{Map, Value};

use crate::output::plain;

/// A text is cut to so many characters: a step is one line.
const LONGEST: usize = 100;

/// One line about an action: the present words for it, and those that older scripts use.
pub(in crate::commands) fn in_words(action: &Map<String, Value>) -> String {
    let text = |name: &str| action.get(name).and_then(shown).unwrap_or_default();
    let either = |one: &str, other: &str| match text(one) {
        empty if empty.is_empty() => text(other),
        found => found,
    };
    let word = match text("type") {
        empty if empty.is_empty() => text("command"),
        found => found,
    };
    let target = target(action);
    let at = |preposition: &str| match &target {
        Some(target) => format!(" {preposition} {target}"),
        None => String::new(),
    };
    let line = match word.as_str() {
        "navigate" | "goto" | "navigation" | "handle_url" => format!("open {}", text("url")),
        "search" | "handle_search" => format!("search for {}", quoted(&text("query"))),
        "click" | "handle_click" => match &target {
            Some(target) => format!("click {target}"),
            None => format!("click {}", quoted(&either("identifier", "text"))),
        },
        "type" | "handle_typing" => {
            format!("type {}{}", quoted(&either("text", "value")), at_field(action, &at("into")))
        }
        "typeAndEnter" | "handle_typing_with_enter" => {
            let typed = quoted(&either("text", "value"));
            format!("type {typed} and Enter{}", at_field(action, &at("into")))
        }
        "select" => format!("select {}{}", quoted(&text("value")), at("in")),
        "scroll" | "scroll_down" | "handle_scroll" => {
            let direction = either("direction", "");
            let direction = if direction.is_empty() { "down".to_owned() } else { direction };
            format!("scroll {direction}{}", at("at"))
        }
        "back" | "handle_back" => "go back".to_owned(),
        "wait" => match (text("ms"), text("text")) {
            (ms, _) if !ms.is_empty() => format!("wait {ms} ms"),
            (_, words) if !words.is_empty() => format!("wait for {}", quoted(&words)),
            _ => format!("wait{}", at("for")),
        },
        "extract" => {
            let what = text("what");
            let what = if what.is_empty() { "what is there".to_owned() } else { what };
            format!("read {what}{}", at("in"))
        }
        "screenshot" => "take a picture".to_owned(),
        "upload" => format!("upload {}{}", text("files"), at("to")),
        "openTab" => format!("open a tab {}", text("url")),
        "switchTab" => format!("go to tab {}", text("tab")),
        "closeTab" => format!("close tab {}", text("tab")),
        "done" => "done".to_owned(),
        "ask" => format!("ask: {}", text("question")),
        "solveCaptcha" | "handle_captcha" => "have a person solve a captcha".to_owned(),
        _ => other(&word, action),
    };
    cut(line.trim_end())
}

/// What an action points at: by role and name, which people know it by, before anything else.
fn target(action: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| action.get(name).and_then(shown).filter(|text| !text.is_empty());
    let (role, name) = (text("role"), text("name"));
    let nth = action.get("nth").and_then(Value::as_u64).filter(|nth| *nth > 0);
    let nth = nth.map(|nth| format!(" ({} of several)", nth + 1)).unwrap_or_default();
    match (role, name) {
        (Some(role), Some(name)) => Some(format!("{role} {}{nth}", quoted(&name))),
        (None, Some(name)) => Some(format!("{}{nth}", quoted(&name))),
        (Some(role), None) => Some(format!("{role}{nth}")),
        (None, None) => text("selector").or_else(|| text("ref").map(|name| format!("[{name}]"))),
    }
}

/// The field that older scripts name by what stands in it while it is empty.
fn at_field(action: &Map<String, Value>, at: &str) -> String {
    match action.get("placeholder_value").and_then(shown) {
        Some(field) if at.is_empty() && !field.is_empty() => format!(" into {}", quoted(&field)),
        _ => at.to_owned(),
    }
}

/// An action of a later version: its name and what goes with it.
fn other(word: &str, action: &Map<String, Value>) -> String {
    let fields =
        action.iter().filter(|(name, _)| !["type", "explanation"].contains(&name.as_str()));
    let fields = fields.filter_map(|(name, value)| Some(format!("{name}={}", shown(value)?)));
    format!("{word} {}", fields.collect::<Vec<_>>().join(" "))
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(plain(text)),
        Value::Array(parts) => Some(parts.iter().filter_map(shown).collect::<Vec<_>>().join(", ")),
        other => Some(plain(&other.to_string())),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(action: Value) -> String {
        match action {
            Value::Object(action) => in_words(&action),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn actions_are_told_in_words_whatever_they_are_called() {
        let cases = [
            (json!({"type": "navigate", "url": "https://a.example"}), "open https://a.example"),
            (json!({"command": "goto", "url": "https://a.example"}), "open https://a.example"),
            (json!({"type": "handle_search", "query": "red shoes"}), r#"search for "red shoes""#),
            (
                json!({"type": "click", "selector": "#b", "role": "button", "name": "Buy"}),
                r#"click button "Buy""#,
            ),
            (
                json!({"type": "click", "role": "link", "name": "More", "nth": 2}),
                r#"click link "More" (3 of several)"#,
            ),
            (json!({"type": "click", "selector": "#b"}), "click #b"),
            (json!({"type": "click", "ref": "e7"}), "click [e7]"),
            (json!({"type": "handle_click", "identifier": "Buy"}), r#"click "Buy""#),
            (
                json!({"type": "type", "role": "textbox", "name": "City", "text": "Kiel"}),
                r#"type "Kiel" into textbox "City""#,
            ),
            (
                json!({"type": "handle_typing", "placeholder_value": "City", "text": "Kiel"}),
                r#"type "Kiel" into "City""#,
            ),
            (
                json!({"type": "typeAndEnter", "selector": "#q", "text": "{{secret:pin}}"}),
                r#"type "{{secret:pin}}" and Enter into #q"#,
            ),
            (json!({"type": "select", "selector": "#s", "value": "42"}), r#"select "42" in #s"#),
            (json!({"type": "scroll_down"}), "scroll down"),
            (json!({"type": "scroll", "direction": "up"}), "scroll up"),
            (json!({"type": "back"}), "go back"),
            (json!({"type": "wait", "ms": 500}), "wait 500 ms"),
            (json!({"type": "wait", "text": "Thanks"}), r#"wait for "Thanks""#),
            (json!({"type": "wait", "selector": "#ok"}), "wait for #ok"),
            (json!({"type": "extract", "what": "prices"}), "read prices"),
            (json!({"type": "upload", "selector": "#f", "files": ["a", "b"]}), "upload a, b to #f"),
            (json!({"type": "switchTab", "tab": "2"}), "go to tab 2"),
            (json!({"type": "done", "answer": "42"}), "done"),
            (json!({"type": "ask", "question": "Which?"}), "ask: Which?"),
            (json!({"type": "hover", "selector": "#m"}), "hover selector=#m"),
        ];
        for (action, words) in cases {
            assert_eq!(line(action.clone()), words, "{action}");
        }
    }

    #[test]
    fn a_line_is_short_and_no_terminal_obeys_it() {
        let told = line(json!({"type": "type", "text": format!("\u{1b}[2J{}", "x".repeat(500))}));
        assert!(told.chars().count() == LONGEST + 1 && told.ends_with('…'), "{told}");
        assert!(!told.contains('\u{1b}'));
        assert_eq!(line(json!({})), "");
    }
}
