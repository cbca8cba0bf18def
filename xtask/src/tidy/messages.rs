//! Wire types do not change silently: each protocol's document records the hash of its messages.

use super::{
    protocols::{FOLDER, folders},
    source::without_tests,
    tree::{Finding, Tree, about},
};

/// Finds documents whose recorded hash is not that of the messages.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in folders(tree) {
        let Some(text) = messages(tree, name) else { continue };
        let mark = format!("<!-- messages.rs: {:016x} -->", hash(&text));
        let document = format!("docs/protocols/{name}.md");
        if tree.text(&document).is_some_and(|document| !document.contains(&mark)) {
            let message = format!(
                "the messages of `{name}` have changed; bring this document up to date, then put \
                 `{mark}` into it"
            );
            found.push(about(&document, message));
        }
    }
    found
}

/// The text of `messages.rs` and of what is in `messages/`.
fn messages(tree: &Tree, name: &str) -> Option<String> {
    let stem = format!("{FOLDER}{name}/messages");
    let files = tree.rust(&stem).filter(|(path, _)| !path.ends_with("_tests.rs"));
    let text: String = files.map(|(_, text)| without_tests(text)).collect();
    (!text.is_empty()).then_some(text)
}

/// FNV-1a over the text without its blanks, so that the formatter cannot change it.
fn hash(text: &str) -> u64 {
    let bytes = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, messages: &str) -> Vec<Finding> {
        check(&Tree::of(&[
            ("crates/protocols/src/alpha/messages.rs", messages),
            ("docs/protocols/alpha.md", document),
        ]))
    }

    #[test]
    fn changed_messages_are_found_and_the_finding_tells_the_mark() {
        let message = found("# alpha", "struct A { b: u8 }").remove(0).message;
        let mark = message.split('`').nth(3).unwrap();
        assert!(found(mark, "struct A {\n    b: u8\n}").is_empty(), "blanks do not count");
        assert_eq!(found(mark, "struct A { b: u16 }").len(), 1);
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
