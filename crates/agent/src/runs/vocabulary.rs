//! Reads scripts, also those that people bring from other programs.

use serde_json::{Value, json};

use super::deed::Deed;

/// The most actions of a script.
const MOST_ACTIONS: usize = 2000;
/// Words for what other programs have somebody else do, and we ask a person for.
const CAPTCHAS: [&str; 2] = ["solveCaptcha", "handle_captcha"];
/// What a person is asked then.
const CAPTCHA: &str = "Please solve the captcha on the page, then answer with anything.";

/// Reads a script; says which of its actions makes no sense, counted from 1.
pub(super) fn script(script: &Value) -> Result<Vec<Deed>, String> {
    let actions = match script {
        Value::Array(actions) => actions,
        Value::Object(_) => std::slice::from_ref(script),
        _ => return Err("a script is a list of actions".to_owned()),
    };
    if actions.is_empty() {
        return Err("the script has no actions".to_owned());
    }
    if actions.len() > MOST_ACTIONS {
        return Err(format!("a script has at most {MOST_ACTIONS} actions"));
    }
    let read = |(action, number)| read(action).map_err(|why| format!("action {number}: {why}"));
    actions.iter().zip(1..).map(read).collect()
}

/// One action. A text with an object in it, as some programs keep their commands, is read too.
fn read(action: &Value) -> Result<Deed, String> {
    if let Value::String(text) = action
        && let Ok(inside @ Value::Object(_)) = serde_json::from_str(text)
    {
        return read(&inside);
    }
    let named = action.get("type").or_else(|| action.get("command")).and_then(Value::as_str);
    if named.is_some_and(|named| CAPTCHAS.contains(&named)) {
        return Deed::read(&json!({"type": "ask", "question": CAPTCHA}));
    }
    let deed = Deed::read(action)?;
    if deed.action.target().is_some_and(|target| target.ref_.is_some()) {
        return Err("a `ref` means nothing in a script; use selector, or role and name".to_owned());
    }
    Ok(deed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_programs_keep_is_read() {
        for (theirs, ours) in [
            (json!([{"command": "goto", "url": "u"}]), json!({"type": "navigate", "url": "u"})),
            (json!({"type": "handle_back"}), json!({"type": "back"})),
            (json!([{"command": "solveCaptcha"}]), json!({"type": "ask", "question": CAPTCHA})),
            (json!(["{\"type\": \"back\"}"]), json!({"type": "back"})),
        ] {
            assert_eq!(script(&theirs).unwrap()[0].written(), ours, "{theirs}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_by_its_place() {
        for (bad, part) in [
            (json!([]), "no actions"),
            (json!("click"), "list of actions"),
            (json!([{"type": "back"}, {"type": "fly"}]), "action 2: "),
            (json!([7]), "action 1: an action is an object"),
            (json!(["\"{}\""]), "action 1: an action is an object"),
            (json!([{"selector": "#a"}]), "action 1: an action needs a `type`"),
            (json!([{"type": "click", "ref": "e1"}]), "action 1: a `ref` means nothing"),
            (Value::Array(vec![json!({"type": "back"}); MOST_ACTIONS + 1]), "at most"),
        ] {
            let error = script(&bad).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
