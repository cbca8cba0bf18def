//! The dialect of `POST …/chat/completions`, which one vendor began and many others speak.
//!
//! Others leave fields out, send them empty or of another type. What is read here is therefore taken as it comes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::talk::{Call, Question, Said, Turn};
use crate::runs::config::ModelConfig;

/// How the number of tokens of an answer is limited; newer models know only the second.
pub(super) const LIMITS: [&str; 2] = ["max_tokens", "max_completion_tokens"];

/// The body of a request.
pub(super) fn request(config: &ModelConfig, question: &Question<'_>, limit: &str) -> Value {
    let mut messages = vec![json!({"role": "system", "content": question.system})];
    for turn in question.turns {
        match turn {
            Turn::Told { text, picture: None } => {
                messages.push(json!({"role": "user", "content": text}));
            }
            Turn::Told { text, picture: Some(picture) } => {
                let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(picture));
                messages.push(json!({"role": "user", "content": [
                    {"type": "text", "text": text},
                    {"type": "image_url", "image_url": {"url": url}},
                ]}));
            }
            Turn::Said(said) => messages.push(assistant(said)),
            Turn::Results(results) => messages.extend(results.iter().map(
                |result| json!({"role": "tool", "tool_call_id": result.id, "content": result.text}),
            )),
        }
    }
    let tools = question.tools.iter().map(|tool| {
        json!({"type": "function", "function": {
            "name": tool.name, "description": tool.description, "parameters": tool.schema,
        }})
    });
    let tools: Vec<_> = tools.collect();
    let mut body = json!({"model": config.model, "messages": messages, "tools": tools});
    body[limit] = config.max_tokens.into();
    body
}

fn assistant(said: &Said) -> Value {
    let content = if said.text.is_empty() { Value::Null } else { said.text.as_str().into() };
    let mut message = json!({"role": "assistant", "content": content});
    if !said.calls.is_empty() {
        let calls = said.calls.iter().map(|call| {
            // What cannot be read is not repeated: servers refuse it.
            let arguments = call.arguments.clone().unwrap_or_default();
            let arguments = Value::Object(arguments).to_string();
            json!({"id": call.id, "type": "function",
                   "function": {"name": call.name, "arguments": arguments}})
        });
        message["tool_calls"] = calls.collect();
    } else if said.text.is_empty() {
        // An empty turn is refused by some.
        message["content"] = "(nothing)".into();
    }
    message
}

/// What an answer says. `None` if there is none in it.
pub(super) fn read(answer: &Value) -> Option<Said> {
    let choice = answer.get("choices")?.get(0)?;
    let message = choice.get("message")?;
    let mut text = words(message.get("content"));
    if text.is_empty() {
        text = words(message.get("refusal"));
    }
    let mut calls: Vec<_> = message
        .get("tool_calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|call| Some((call.get("id"), call.get("function")?)))
        .collect();
    if calls.is_empty()
        && let Some(function) = message.get("function_call").filter(|call| call.is_object())
    {
        calls.push((None, function));
    }
    let calls = calls.into_iter().zip(1..).map(|((id, function), number)| Call {
        id: id
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
            .map_or_else(|| format!("call_{number}"), str::to_owned),
        name: words(function.get("name")),
        arguments: arguments(function.get("arguments")),
    });
    let usage = answer.get("usage");
    let count = |name| usage.and_then(|usage| usage.get(name)).and_then(Value::as_u64);
    let both = || Some(count("prompt_tokens")? + count("completion_tokens")?);
    Some(Said {
        text,
        calls: calls.collect(),
        tokens: count("total_tokens").or_else(both),
        is_cut: choice.get("finish_reason").and_then(Value::as_str) == Some("length"),
    })
}

/// A text, or a list of parts with texts in them.
fn words(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n").trim().to_owned()
        }
        _ => String::new(),
    }
}

/// A text with an object in it, as it should be, or the object itself.
fn arguments(given: Option<&Value>) -> Result<Map<String, Value>, String> {
    let parsed = match given {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(Map::new()),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|error| format!("the arguments are not JSON: {error}"))?,
        Some(value) => value.clone(),
    };
    match parsed {
        Value::Object(fields) => Ok(fields),
        _ => Err("the arguments are not a JSON object".to_owned()),
    }
}
