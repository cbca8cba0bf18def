//! The older words of scripts, turned into those of [`super::Action`].

use serde_json::{Map, Value};

use super::action::InvalidAction;

/// Older words for what is done, and the present ones.
const TYPES: &[(&str, &str)] = &[
    ("goto", "navigate"),
    ("navigation", "navigate"),
    ("handle_url", "navigate"),
    ("handle_search", "search"),
    ("handle_click", "click"),
    ("handle_typing", "type"),
    ("handle_typing_with_enter", "typeAndEnter"),
    ("scroll_down", "scroll"),
    ("handle_scroll", "scroll"),
    ("handle_back", "back"),
];
/// Who writes `value` for what is typed.
const TYPING: &[&str] = &["type", "typeAndEnter"];

/// The same in present words. What is not known stays as it is, and is judged elsewhere.
pub(super) fn in_present_words(written: &Value) -> Result<Value, InvalidAction> {
    let Value::Object(written) = written else {
        return Err(InvalidAction::new("an action is an object with a `type`"));
    };
    let mut fields = written.clone();
    if !fields.contains_key("type")
        && let Some(word) = fields.remove("command")
    {
        fields.insert("type".to_owned(), word);
    }
    let Some(word) = fields.get("type").and_then(Value::as_str) else {
        return Err(InvalidAction::new("an action needs a `type`, such as click"));
    };
    let kind = TYPES.iter().find(|(old, _)| *old == word).map_or(word, |(_, new)| new).to_owned();
    fields.insert("type".to_owned(), kind.clone().into());
    let is_typing = TYPING.contains(&kind.as_str());
    if kind == "click" {
        rename(&mut fields, "identifier", "name");
        rename(&mut fields, "text", "name");
    }
    if is_typing {
        rename(&mut fields, "value", "text");
        rename(&mut fields, "placeholder_value", "name");
    }
    if kind == "switchTab" || kind == "closeTab" {
        number_as_text(&mut fields, "tab");
    }
    // Models write empty and null fields for what they do not mean.
    fields.retain(|name, value| {
        let is_nothing = value.is_null() || value.as_str() == Some("");
        !is_nothing || is_typing && name == "text" && !value.is_null()
    });
    if let Some(Value::String(name)) = fields.get_mut("ref") {
        *name = name.trim_matches(['[', ']', ' ', '@']).to_owned();
    }
    Ok(Value::Object(fields))
}

/// The present word wins where both are given.
fn rename(fields: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(value) = fields.remove(old) {
        fields.entry(new).or_insert(value);
    }
}

fn number_as_text(fields: &mut Map<String, Value>, name: &str) {
    if let Some(value) = fields.get_mut(name)
        && value.is_number()
    {
        *value = value.to_string().into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn older_words_mean_what_they_always_meant() {
        for (old, new) in [
            (json!({"command": "goto", "url": "u"}), json!({"type": "navigate", "url": "u"})),
            (json!({"type": "navigation", "url": "u"}), json!({"type": "navigate", "url": "u"})),
            (json!({"type": "handle_url", "url": "u"}), json!({"type": "navigate", "url": "u"})),
            (
                json!({"type": "handle_search", "query": "q"}),
                json!({"type": "search", "query": "q"}),
            ),
            (
                json!({"type": "handle_click", "identifier": "Buy"}),
                json!({"type": "click", "name": "Buy"}),
            ),
            (
                json!({"type": "handle_click", "text": "Buy"}),
                json!({"type": "click", "name": "Buy"}),
            ),
            (
                json!({"type": "handle_typing", "placeholder_value": "Your name", "text": "Ann"}),
                json!({"type": "type", "name": "Your name", "text": "Ann"}),
            ),
            (
                json!({"type": "handle_typing_with_enter", "placeholder_value": "q", "text": ""}),
                json!({"type": "typeAndEnter", "name": "q", "text": ""}),
            ),
            (
                json!({"command": "type", "selector": "#a", "value": "x"}),
                json!({"type": "type", "selector": "#a", "text": "x"}),
            ),
            (json!({"type": "scroll_down"}), json!({"type": "scroll"})),
            (json!({"command": "handle_back"}), json!({"type": "back"})),
            (json!({"type": "switchTab", "tab": 2}), json!({"type": "switchTab", "tab": "2"})),
            (
                json!({"type": "click", "ref": "[e3]", "name": ""}),
                json!({"type": "click", "ref": "e3"}),
            ),
            (json!({"type": "fly", "x": 1}), json!({"type": "fly", "x": 1})),
        ] {
            assert_eq!(in_present_words(&old), Ok(new), "{old}");
        }
    }
}
