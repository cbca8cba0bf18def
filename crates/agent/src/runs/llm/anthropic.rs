//! The dialect of `POST …/v1/messages`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::talk::{Call, Question, Said, Turn};
use crate::runs::config::ModelConfig;

/// The version of the dialect.
pub(super) const VERSION: &str = "2023-06-01";

/// The body of a request.
pub(super) fn request(config: &ModelConfig, question: &Question<'_>) -> Value {
    let messages: Vec<_> = question.turns.iter().map(message).collect();
    let tools = question.tools.iter().map(|tool| {
        json!({"name": tool.name, "description": tool.description, "input_schema": tool.schema})
    });
    let tools: Vec<_> = tools.collect();
    json!({
        "model": config.model,
        "max_tokens": config.max_tokens,
        "system": question.system,
        "messages": messages,
        "tools": tools,
    })
}

fn message(turn: &Turn) -> Value {
    match turn {
        Turn::Told { text, picture } => {
            let mut content = vec![json!({"type": "text", "text": text})];
            content.extend(picture.as_ref().map(|picture| {
                json!({"type": "image", "source": {
                    "type": "base64", "media_type": "image/jpeg", "data": STANDARD.encode(picture),
                }})
            }));
            json!({"role": "user", "content": content})
        }
        Turn::Said(said) => {
            let mut content = Vec::new();
            if !said.text.is_empty() || said.calls.is_empty() {
                // An empty text is refused.
                let text = if said.text.is_empty() { "(nothing)" } else { &said.text };
                content.push(json!({"type": "text", "text": text}));
            }
            content.extend(said.calls.iter().map(|call| {
                let input = call.arguments.clone().unwrap_or_default();
                json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
            }));
            json!({"role": "assistant", "content": content})
        }
        Turn::Results(results) => {
            let content = results.iter().map(|result| {
                json!({"type": "tool_result", "tool_use_id": result.id,
                       "content": result.text, "is_error": result.is_error})
            });
            json!({"role": "user", "content": content.collect::<Vec<_>>()})
        }
    }
}

/// What an answer says. `None` if there is none in it.
pub(super) fn read(answer: &Value) -> Option<Said> {
    let blocks = answer.get("content")?.as_array()?;
    let field = |block: &Value, name: &str| {
        block.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let of_kind = |kind: &'static str| {
        blocks.iter().filter(move |block| block.get("type").and_then(Value::as_str) == Some(kind))
    };
    let texts: Vec<_> = of_kind("text").map(|block| field(block, "text")).collect();
    let calls = of_kind("tool_use").zip(1..).map(|(block, number)| Call {
        id: Some(field(block, "id"))
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("call_{number}")),
        name: field(block, "name"),
        arguments: match block.get("input") {
            Some(Value::Object(fields)) => Ok(fields.clone()),
            None | Some(Value::Null) => Ok(serde_json::Map::new()),
            Some(_) => Err("the input is not a JSON object".to_owned()),
        },
    });
    let usage = answer.get("usage");
    let count = |name: &str| usage.and_then(|usage| usage.get(name)).and_then(Value::as_u64);
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
    let both = || {
        let cached: u64 = cached.into_iter().filter_map(count).sum();
        Some(count("input_tokens")? + count("output_tokens")? + cached)
    };
    Some(Said {
        text: texts.join("\n").trim().to_owned(),
        calls: calls.collect(),
        tokens: both(),
        is_cut: answer.get("stop_reason").and_then(Value::as_str) == Some("max_tokens"),
    })
}
