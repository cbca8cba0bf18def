//! The TypeScript types of all REST routes, made from the OpenAPI document that the program prints.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

const TOP: &str = "// Made by `cargo xtask codegen` from docs/api/openapi.json. Do not edit.\n";

/// The field that names a request, so that it is done once however often it is sent.
const KEY_FIELD: &str = "idempotency-key";

/// What is said of one route beside its types.
#[derive(Default)]
struct Marks {
    paged: String,
    keyed: String,
    streamed: String,
}

/// All shapes, all routes, and what a client has to know of them.
pub(crate) fn rest(document: &str) -> Result<String> {
    let document: Value = serde_json::from_str(document).context("openapi.json is no JSON")?;
    let mut text = TOP.to_owned();
    for (name, shape) in entries(&document["components"]["schemas"]) {
        let shape_text = shape_of(shape, 0).with_context(|| name.clone())?;
        write!(text, "\n{}export type {name} = {shape_text};\n", comment(shape, 0))?;
    }
    text.push_str(
        "\n/** All routes: what they take and what they answer. */\nexport interface Routes {\n",
    );
    let mut marks = Marks::default();
    for (path, methods) in entries(&document["paths"]) {
        for (method, operation) in entries(methods) {
            let name = format!("{} {path}", method.to_uppercase());
            let lines = route(&name, operation, &mut marks).with_context(|| name.clone())?;
            text.push_str(&lines);
        }
    }
    text.push_str("}\n");
    for (name, what, of) in [
        (
            "PAGED_ROUTES",
            "Routes that answer in pages, and the field of the query that takes `next`.",
            marks.paged,
        ),
        (
            "KEYED_ROUTES",
            "Routes that do a request once, however often it comes under the same key.",
            marks.keyed,
        ),
        ("STREAMED_ROUTES", "Routes whose answer is a file.", marks.streamed),
    ] {
        write!(text, "\n/** {what} */\nexport const {name} = {{\n{of}}} as const;\n")?;
    }
    Ok(text)
}

/// One line of the table of routes with what it says of itself.
fn route(name: &str, operation: &Value, marks: &mut Marks) -> Result<String> {
    let mut text = String::new();
    if let Some(summary) = operation["summary"].as_str() {
        writeln!(text, "  /** {summary} */")?;
    }
    write!(text, "  \"{name}\": {{ ")?;
    for place in ["path", "query"] {
        let fields = parameters(operation, place)?;
        if !fields.is_empty() {
            write!(text, "{place}: {{ {fields} }}; ")?;
        }
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        write!(text, "body: {}; ", shape_of(body, 1)?)?;
    }
    let (answer, is_streamed) = answer(operation)?;
    writeln!(text, "answer: {answer} }};")?;
    if is_streamed {
        writeln!(marks.streamed, "  \"{name}\": true,")?;
    }
    let parameters = || operation["parameters"].as_array().into_iter().flatten();
    let is_paging = |parameter: &&Value| {
        parameter["in"] == "query"
            && (parameter["name"] == "before" || parameter["name"] == "after")
    };
    if let Some(paging) = parameters().find(is_paging).filter(|_| !is_streamed) {
        writeln!(marks.paged, "  \"{name}\": {},", paging["name"])?;
    }
    let is_key = |parameter: &Value| {
        let field = parameter["name"].as_str().unwrap_or_default();
        parameter["in"] == "header" && field.eq_ignore_ascii_case(KEY_FIELD)
    };
    if parameters().any(is_key) {
        writeln!(marks.keyed, "  \"{name}\": true,")?;
    }
    Ok(text)
}

fn parameters(operation: &Value, place: &str) -> Result<String> {
    let mut fields = Vec::new();
    let all = operation["parameters"].as_array().into_iter().flatten();
    for parameter in all.filter(|parameter| parameter["in"] == place) {
        let name = parameter["name"].as_str().context("a parameter has a name")?;
        let optional = if parameter["required"] == true { "" } else { "?" };
        fields.push(format!("{name}{optional}: {}", shape_of(&parameter["schema"], 1)?));
    }
    Ok(fields.join("; "))
}

/// What a route answers when all is well, and whether that is a file.
fn answer(operation: &Value) -> Result<(String, bool)> {
    let responses = entries(&operation["responses"]);
    let good = responses.into_iter().find(|(status, _)| status.starts_with('2'));
    let (_, good) = good.context("there is no good answer")?;
    let content = entries(&good["content"]);
    let Some((kind, content)) = content.first() else { return Ok(("undefined".into(), false)) };
    if kind.as_str() != "application/json" {
        return Ok(("Response".into(), true));
    }
    Ok((shape_of(&content["schema"], 1)?, false))
}

/// A schema as a TypeScript type.
fn shape_of(schema: &Value, depth: usize) -> Result<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return Ok(reference.rsplit('/').next().unwrap_or_default().to_owned());
    }
    for (word, between) in [("allOf", " & "), ("oneOf", " | "), ("anyOf", " | ")] {
        if let Some(parts) = schema[word].as_array() {
            let parts: Result<Vec<_>> = parts.iter().map(|part| shape_of(part, depth)).collect();
            return Ok(format!("({})", parts?.join(between)));
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        return Ok(values.join(" | "));
    }
    match &schema["type"] {
        Value::String(name) => named(name, schema, depth),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str);
            let names: Result<Vec<_>> = names.map(|name| named(name, schema, depth)).collect();
            Ok(names?.join(" | "))
        }
        _ => Ok("unknown".to_owned()),
    }
}

fn named(name: &str, schema: &Value, depth: usize) -> Result<String> {
    Ok(match name {
        "string" | "boolean" | "null" => name.to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => format!("Array<{}>", shape_of(&schema["items"], depth)?),
        "object" if schema["properties"].is_object() => object(schema, depth)?,
        "object" if schema["additionalProperties"].is_object() => {
            format!("Record<string, {}>", shape_of(&schema["additionalProperties"], depth)?)
        }
        "object" => "Record<string, unknown>".to_owned(),
        other => bail!("`{other}` is no type that is known here"),
    })
}

fn object(schema: &Value, depth: usize) -> Result<String> {
    let indent = "  ".repeat(depth + 1);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = "{\n".to_owned();
    for (name, field) in entries(&schema["properties"]) {
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        let shape = shape_of(field, depth + 1)?;
        writeln!(text, "{}{indent}{name}{optional}: {shape};", comment(field, depth + 1))?;
    }
    Ok(text + &"  ".repeat(depth) + "}")
}

/// What the document says of a shape, as a comment.
fn comment(schema: &Value, depth: usize) -> String {
    let words = schema["description"].as_str().unwrap_or_default().replace("*/", "* /");
    let indent = "  ".repeat(depth);
    match words.lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let between = format!("\n{indent} * ");
            format!("{indent}/**{between}{}\n{indent} */\n", lines.join(&between))
                .replace(" \n", "\n")
        }
    }
}

fn entries(value: &Value) -> Vec<(&String, &Value)> {
    value.as_object().map(Map::iter).into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"{
      "components": {"schemas": {
        "Thing": {"type": "object", "description": "A thing.", "required": ["id"], "properties": {
          "id": {"type": "string", "description": "Its id."},
          "size": {"type": ["integer", "null"]},
          "kind": {"type": "string", "enum": ["a", "b"]}}},
        "Told": {"allOf": [{"$ref": "#/components/schemas/Thing"},
          {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}]}
      }},
      "paths": {
        "/things/{id}": {"put": {"summary": "Changes it.",
          "parameters": [{"in": "path", "name": "id", "required": true, "schema": {"type": "string"}},
            {"in": "query", "name": "before", "schema": {"type": "integer"}},
            {"in": "query", "name": "after", "schema": {"type": "integer"}},
            {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}],
          "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
          "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}}}}}},
        "/file": {"get": {"responses": {"200": {"content": {"text/csv": {}}}}}},
        "/gone": {"delete": {"responses": {"204": {}}}}
      }
    }"##;

    #[test]
    fn shapes_routes_and_marks_are_written() {
        let text = rest(DOCUMENT).unwrap();
        for expected in [
            "/** A thing. */\nexport type Thing = {\n  /** Its id. */\n  id: string;\n",
            "  kind?: \"a\" | \"b\";\n",
            "  size?: number | null;\n",
            "export type Told = (Thing & {\n  of?: Array<Thing>;\n});\n",
            "  /** Changes it. */\n  \"PUT /things/{id}\": { path: { id: string }; query: { before?: number; after?: number }; body: Thing; answer: Told };\n",
            "  \"GET /file\": { answer: Response };\n",
            "  \"DELETE /gone\": { answer: undefined };\n",
            "PAGED_ROUTES = {\n  \"PUT /things/{id}\": \"before\",\n}",
            "KEYED_ROUTES = {\n  \"PUT /things/{id}\": true,\n}",
            "STREAMED_ROUTES = {\n  \"GET /file\": true,\n}",
        ] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(shape_of(&serde_json::json!({"type": "tensor"}), 0).is_err());
    }
}
