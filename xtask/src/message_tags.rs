//! What clients look a message's type up in, made from the generated unions of messages.

use anyhow::{Context, Result};

/// The unions of the sessions and workers protocol: the constant made of each, the union, and what is said of it.
const UNIONS: &[(&str, &str, &str)] = &[
    ("APP_SERVER_MESSAGE_TYPES", "AppServerMessage", "from the server at `/ws/app`"),
    ("APP_CLIENT_MESSAGE_TYPES", "AppClientMessage", "from clients at `/ws/app`"),
    ("WORKER_SERVER_MESSAGE_TYPES", "WorkerServerMessage", "from the server at a worker's door"),
    ("WORKER_CLIENT_MESSAGE_TYPES", "WorkerClientMessage", "from clients at a worker's door"),
];

/// The constants of the unions in `sessions_and_workers.ts`. The compiler holds them to these, both ways.
pub(crate) fn constants(wire: &str) -> Result<String> {
    let mut names: Vec<&str> = UNIONS.iter().map(|(_, union, _)| *union).collect();
    names.sort_unstable();
    let mut text = "// Made by `cargo xtask codegen`. Do not edit.\nimport type {\n".to_owned();
    text.extend(names.iter().flat_map(|name| ["  ", name, ",\n"]));
    text.push_str("} from \"./sessions_and_workers.js\";\n");
    for (constant, union, whose) in UNIONS {
        let types = types_of(wire, union).with_context(|| format!("{union} is no union"))?;
        text.extend(["\n/** The types of messages ", whose, ". */\nexport const ", constant]);
        text.push_str(" = {\n");
        text.extend(types.iter().flat_map(|name| ["  \"", name, "\": true,\n"]));
        text.extend(["} as const satisfies Record<", union, "[\"type\"], true>;\n"]);
    }
    Ok(text)
}

/// The values of `type` in a union, in order; none of what its members are made of themselves.
fn types_of(wire: &str, union: &str) -> Option<Vec<String>> {
    let (_, text) = wire.split_once(&format!("export type {union} = "))?;
    let text = without_comments(text);
    let (mut depth, mut types, mut rest) = (0, Vec::new(), text.as_str());
    while let Some(next) = rest.chars().next() {
        if depth == 1
            && let Some(value) = rest.strip_prefix("\"type\": \"")
        {
            types.push(value.split_once('"')?.0.to_owned());
        }
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => break,
            _ => {}
        }
        rest = &rest[next.len_utf8()..];
    }
    (!types.is_empty()).then_some(types)
}

fn without_comments(text: &str) -> String {
    let mut pieces = text.split("/*");
    let first = pieces.next().unwrap_or_default().to_owned();
    let rest = pieces.map(|piece| piece.split_once("*/").map_or("", |(_, after)| after));
    rest.fold(first, |all, piece| all + piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_a_union_are_found_wherever_they_stand() {
        let wire = "export type Other = { \"type\": \"other\", };\nexport type Both = { \"type\": \"one\",\n/**\n \
                    * A { in \"type\": \"words\"; */\nnested: { \"type\": \"inner\", }, } | { \"type\": \"two\" } \
                    & Two;\n\nexport type Two = { \"type\": \"three\", };\n";
        assert_eq!(types_of(wire, "Both").unwrap(), ["one", "two"]);
        assert_eq!(types_of(wire, "Missing"), None);
        assert!(constants(wire).is_err(), "a union that is gone is said");
    }
}
