//! Protocol folders are complete, and none knows another.

use super::{
    source::{code, is_test, paths, without_tests},
    tree::{Finding, Tree, about, at},
};

/// Where they are.
pub(crate) const FOLDER: &str = "crates/protocols/src/";

/// The names of the protocol folders: those that have a door or messages.
pub(crate) fn folders(tree: &Tree) -> Vec<&str> {
    let mut names: Vec<&str> = tree
        .rust(FOLDER)
        .filter_map(|(path, text)| {
            let (folder, file) = path.strip_prefix(FOLDER)?.split_once('/')?;
            let is_protocol =
                file == "messages.rs" || file == "mod.rs" && text.contains(": Door =");
            is_protocol.then_some(folder)
        })
        .collect();
    names.dedup();
    names
}

/// Finds protocols that are not in `ALL` or have no document.
pub(crate) fn complete(tree: &Tree) -> Vec<Finding> {
    let list = format!("{FOLDER}lib.rs");
    let text = tree.text(&list).unwrap_or_default();
    let all = text.split_once("static ALL").map_or("", |(_, after)| after);
    let all = all.split_once(';').map_or(all, |(list, _)| list);
    let mut found = Vec::new();
    for name in folders(tree) {
        if !all.contains(&format!("{name}::")) {
            found.push(about(
                &list,
                format!("add the doors of `{name}` to ALL, or remove its folder"),
            ));
        }
        let document = format!("docs/protocols/{name}.md");
        if tree.text(&document).is_none() {
            let message =
                "write it: doors, messages, errors and close codes of the protocol".to_string();
            found.push(about(&document, message));
        }
    }
    found
}

/// Finds imports from one protocol's folder in another's.
pub(crate) fn siblings(tree: &Tree) -> Vec<Finding> {
    let folders = folders(tree);
    let mut found = Vec::new();
    for own in &folders {
        let inside = format!("{FOLDER}{own}/");
        for (path, text) in tree.rust(&inside).filter(|(path, _)| !is_test(path)) {
            for (line, named) in paths(&code(without_tests(text))) {
                let mut parts =
                    named.split("::").skip_while(|part| matches!(*part, "crate" | "super"));
                let leads_out = named.starts_with("crate::") || named.starts_with("super::super::");
                let first = parts.next().unwrap_or_default();
                if leads_out && first != *own && folders.contains(&first) {
                    let fix =
                        "protocols do not know each other: what both need belongs beside them";
                    found.push(at(path, line, format!("must not name `{named}`; {fix}")));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: &str = "pub static DOOR: Door = Door {};";

    fn tree<'a>(all: &'a str, conversation: &'a str) -> Tree {
        Tree::of(&[
            ("crates/protocols/src/lib.rs", all),
            ("crates/protocols/src/alpha/mod.rs", DOOR),
            ("crates/protocols/src/alpha/conversation.rs", conversation),
            ("crates/protocols/src/beta/mod.rs", DOOR),
            ("docs/protocols/alpha.md", "# alpha"),
        ])
    }

    #[test]
    fn a_protocol_without_its_line_or_document_is_found() {
        let found = complete(&tree("pub static ALL: &[&Door] = &[&alpha::DOOR];\nbeta::x", ""));
        let found: Vec<_> = found.into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["crates/protocols/src/lib.rs", "docs/protocols/beta.md"]);
    }

    #[test]
    fn a_protocol_that_names_another_is_found() {
        assert_eq!(siblings(&tree("", "use crate::beta::messages;")).len(), 1);
        assert_eq!(siblings(&tree("", "fn f() { super::super::beta::g() }")).len(), 1);
        assert!(
            siblings(&tree("", "use crate::{door, alpha::messages}; use super::encode;"))
                .is_empty()
        );
    }
}
