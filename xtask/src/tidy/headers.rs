//! Every Rust file says at its top what it is for.

use super::tree::{Finding, Tree, at};

/// Finds files that do not open with `//!`.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts(&[".rs"]) {
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < "//! A word.".len() {
            let message = "open the file with `//! `: in one sentence, what it is for".to_string();
            found.push(at(path, 1, message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        let tree =
            Tree::of(&[("a.rs", "//! Counts things.\n"), ("b.rs", "fn b() {}\n"), ("c.rs", "")]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["b.rs", "c.rs"]);
    }
}
