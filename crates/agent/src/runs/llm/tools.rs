//! What a model can do, as the schemas that it is given.

use serde_json::{Map, Value, json};

use super::talk::{Call, Tool};
use crate::runs::deed::Deed;

/// All tools. Their names and fields are those of the actions.
pub(super) fn all() -> Vec<Tool> {
    [on_pages(), beside_pages()].concat()
}

fn on_pages() -> Vec<Tool> {
    vec![
        tool(
            "navigate",
            "Go to an address.",
            &[("url", text("The address, with https://."), true)],
        ),
        tool("search", "Search the web.", &[("query", text("What for."), true)]),
        tool("click", "Click an element.", &[target(true)]),
        tool(
            "type",
            "Replace the text of a field.",
            &[target(true), ("text", text("The new text."), true)],
        ),
        tool(
            "typeAndEnter",
            "Replace the text of a field and press Enter.",
            &[target(true), ("text", text("The new text."), true)],
        ),
        tool(
            "select",
            "Choose an option of a list.",
            &[target(true), ("value", text("The option's label or value."), true)],
        ),
        tool(
            "scroll",
            "Scroll the page, or the element that is named.",
            &[
                (
                    "direction",
                    json!({"type": "string", "enum": ["up", "down", "left", "right"]}),
                    false,
                ),
                (
                    "amount",
                    json!({"type": "integer", "description": "Pixels; a screen if absent."}),
                    false,
                ),
                target(false),
            ],
        ),
    ]
}

fn beside_pages() -> Vec<Tool> {
    vec![
        tool("back", "Go back to the page before.", &[]),
        tool(
            "wait",
            "Wait for some time, for an element, or for a text to appear.",
            &[
                (
                    "ms",
                    json!({"type": "integer", "description": "Milliseconds.", "minimum": 0}),
                    false,
                ),
                ("text", text("The text to wait for."), false),
                target(false),
            ],
        ),
        tool(
            "extract",
            "Read the text of the page, or of an element, in full.",
            &[target(false), ("what", text("What you are looking for."), false)],
        ),
        tool("screenshot", "Look at the page again without doing anything.", &[]),
        tool(
            "upload",
            "Give files to a file field.",
            &[
                target(true),
                (
                    "files",
                    json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
                    true,
                ),
            ],
        ),
        tool("openTab", "Open another tab.", &[("url", text("Its address."), false)]),
        tool("switchTab", "Bring a tab to the front.", &[("tab", text("The tab's id."), true)]),
        tool(
            "closeTab",
            "Close a tab.",
            &[("tab", text("The tab's id; the one in front if absent."), false)],
        ),
        tool(
            "ask",
            "Ask the person who gave the task, and wait for the answer. For what only a person can know, decide or do, such as a captcha.",
            &[("question", text("The question."), true)],
        ),
        tool(
            "done",
            "End: the task is done, or cannot be done.",
            &[("answer", text("What was found out or done, or why it cannot be done."), true)],
        ),
    ]
}

/// The deed that a call wants, or what is wrong with the call.
pub(super) fn deed(tools: &[Tool], call: &Call) -> Result<Deed, String> {
    let Some(tool) = tools.iter().find(|tool| tool.name == call.name) else {
        let names: Vec<_> = tools.iter().map(|tool| tool.name).collect();
        return Err(format!("there is no tool `{}`; there are {}", call.name, names.join(", ")));
    };
    let given = call.arguments.clone()?;
    check(&tool.schema, &given)?;
    let mut written = given;
    written.insert("type".to_owned(), tool.name.into());
    Deed::read(&Value::Object(written))
}

/// Whether arguments are those that a schema of ours describes.
fn check(schema: &Value, given: &Map<String, Value>) -> Result<(), String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if given.get(name).is_none_or(Value::is_null) {
            return Err(format!("`{name}` is missing"));
        }
    }
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let Some(property) = schema["properties"].get(name) else {
            return Err(format!("there is no argument `{name}`"));
        };
        let is_right = match property["type"].as_str() {
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("array") => {
                value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
            }
            _ => value.is_string(),
        };
        let allowed = property["enum"].as_array();
        if !is_right || allowed.is_some_and(|allowed| !allowed.contains(value)) {
            return Err(format!("`{name}` is not what it has to be: {property}"));
        }
    }
    Ok(())
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn target(is_required: bool) -> (&'static str, Value, bool) {
    (
        "ref",
        text("The element: its reference in brackets in the outline, without the brackets."),
        is_required,
    )
}

fn tool(
    name: &'static str,
    description: &'static str,
    fields: &[(&'static str, Value, bool)],
) -> Tool {
    let mut properties = Map::new();
    properties.insert("explanation".to_owned(), text("Why, in one short sentence for people."));
    for (field, schema, _) in fields {
        properties.insert((*field).to_owned(), schema.clone());
    }
    let required: Vec<_> =
        fields.iter().filter(|(_, _, is_required)| *is_required).map(|(name, ..)| name).collect();
    let schema = json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    });
    Tool { name, description, schema }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something for every field that has to be there.
    fn least(tool: &Tool) -> Map<String, Value> {
        let names =
            tool.schema["required"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        let filled = names.map(|name| match tool.schema["properties"][name]["type"].as_str() {
            Some("array") => (name.to_owned(), json!(["a"])),
            _ => (name.to_owned(), json!("e1")),
        });
        filled.collect()
    }

    #[test]
    fn every_tool_is_an_action() {
        let tools = all();
        for tool in &tools {
            let arguments = Ok(least(tool));
            let call = Call { id: "c".to_owned(), name: tool.name.to_owned(), arguments };
            let deed = deed(&tools, &call).unwrap();
            assert_eq!(deed.written()["type"], tool.name);
        }
        assert_eq!(tools.len(), 17);
    }

    #[test]
    fn arguments_are_checked_before_anything_is_done() {
        let tools = all();
        let call = |name: &str, arguments: Value| {
            let Value::Object(arguments) = arguments else { panic!() };
            let call = Call { id: "c".to_owned(), name: name.to_owned(), arguments: Ok(arguments) };
            deed(&tools, &call)
        };
        for (name, arguments, part) in [
            ("fly", json!({}), "no tool `fly`"),
            ("click", json!({}), "`ref` is missing"),
            ("click", json!({"ref": null}), "`ref` is missing"),
            ("click", json!({"ref": 7}), "`ref` is not"),
            ("click", json!({"ref": "e1", "selector": "#a"}), "no argument `selector`"),
            ("scroll", json!({"direction": "sideways"}), "`direction` is not"),
            ("wait", json!({"ms": "long"}), "`ms` is not"),
            ("upload", json!({"ref": "e1", "files": [7]}), "`files` is not"),
        ] {
            let error = call(name, arguments).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let good = call("click", json!({"ref": "e1", "explanation": "why"})).unwrap();
        assert_eq!(good.written(), json!({"type": "click", "ref": "e1", "explanation": "why"}));
    }
}
