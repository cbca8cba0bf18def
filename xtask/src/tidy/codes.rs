//! Every code that a peer can see is in the documents.

use super::{
    protocols::{FOLDER, folders},
    source::{code, is_test, strings, without_tests, words},
    tree::{Finding, Tree, about, at},
};

const CLOSE_CODES: &str = "docs/protocols/close-codes.md";

/// Finds close codes that are not in their table.
pub(crate) fn close_codes(tree: &Tree) -> Vec<Finding> {
    let path = format!("{FOLDER}conversation.rs");
    let text = tree.text(&path).unwrap_or_default();
    let body = text.split_once("fn number").map_or("", |(_, body)| body);
    let body = body.split_once("pub fn").map_or(body, |(body, _)| body);
    let numbers = body.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() == 4);
    let table = tree.text(CLOSE_CODES).unwrap_or_default();
    let missing = numbers.filter(|number| !table.contains(&format!("| {number} |")));
    missing
        .map(|number| {
            about(
                CLOSE_CODES,
                format!("add a row `| {number} |`: when, and what the peer should do"),
            )
        })
        .collect()
}

/// Finds error codes that are not in their protocol's document.
pub(crate) fn error_codes(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in folders(tree) {
        let document = format!("docs/protocols/{name}.md");
        let Some(text) = tree.text(&document) else { continue };
        let inside = format!("{FOLDER}{name}/");
        for (path, source) in tree.rust(&inside).filter(|(path, _)| !is_test(path)) {
            let source = without_tests(source);
            let mut codes: Vec<(usize, String)> = literal_codes(source);
            codes.extend(enum_codes(source));
            for (line, code) in
                codes.into_iter().filter(|(_, code)| !text.contains(&format!("`{code}`")))
            {
                found.push(at(
                    path,
                    line,
                    format!("say in {document} when `{code}` is sent, in backquotes"),
                ));
            }
        }
    }
    found
}

/// String literals like `AGENT_OFFLINE`.
fn literal_codes(source: &str) -> Vec<(usize, String)> {
    let is_code = |text: &str| {
        text.contains('_')
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && !text.ends_with('_')
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && text != STYLE
    };
    strings(source)
        .into_iter()
        .filter(|(_, text)| is_code(text))
        .map(|(line, text)| (line, text.to_string()))
        .collect()
}

/// What serde calls the style of these codes.
const STYLE: &str = "SCREAMING_SNAKE_CASE";

/// The variants of an enum that serde writes in that style.
fn enum_codes(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, _) in strings(source).into_iter().filter(|(_, text)| *text == STYLE) {
        let code = code(source);
        let after = words(&code).into_iter().skip_while(|(at, _)| *at < line);
        let mut after = after
            .skip_while(|(_, word)| *word != "enum")
            .skip_while(|(_, word)| *word != "{")
            .skip(1);
        let mut depth = 0;
        let mut may_start = true;
        // What a later version may say has no code of its own.
        let mut is_other = false;
        while let Some((at, word)) = after.next().filter(|(_, word)| depth > 0 || *word != "}") {
            match word {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                "," if depth == 0 => (may_start, is_other) = (true, false),
                "other" if may_start => is_other = true,
                name if depth == 0 && may_start && name.starts_with(char::is_uppercase) => {
                    may_start = false;
                    if !is_other {
                        found.push((at, screaming(name)));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (place, character) in name.chars().enumerate() {
        if place > 0 && character.is_uppercase() {
            out.push('_');
        }
        out.extend(character.to_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_code_without_a_row_is_found() {
        let source = "pub fn number(self) -> u16 { match self { A => 1000, B => 4009 } }\npub fn reason() { 1234 }";
        let tree = Tree::of(&[
            ("crates/protocols/src/conversation.rs", source),
            (CLOSE_CODES, "| 1000 | done |"),
        ]);
        let found = close_codes(&tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("4009"));
    }

    #[test]
    fn an_error_code_that_no_document_names_is_found() {
        let source = "#[serde(rename_all = \"SCREAMING_SNAKE_CASE\")]\npub enum Code {\n    /// Gone.\n    #[serde(x)]\n    \
                      AgentOffline,\n    Full { room: Size, Other: u8 },\n#[serde(other)]\nUnknown,\n}\nconst X: &str = \"RATE_LIMIT\"; \"Not_A_CODE\"";
        let tree = Tree::of(&[
            ("crates/protocols/src/alpha/messages.rs", source),
            ("docs/protocols/alpha.md", "`AGENT_OFFLINE`"),
        ]);
        let found: Vec<_> = error_codes(&tree).into_iter().map(|finding| finding.message).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("RATE_LIMIT") && found[1].contains("`FULL`"));
    }
}
