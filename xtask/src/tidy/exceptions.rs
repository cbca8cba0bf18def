//! What the rules do not apply to, each with its reason: `xtask/tidy.toml`.

use serde::Deserialize;

use super::tree::{Finding, Tree, about};

/// Where they are listed.
const LIST: &str = "xtask/tidy.toml";

/// All exceptions.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    /// Files that may be longer than the limit.
    #[serde(default)]
    pub(crate) size: Vec<Exception>,
    /// Types and files that may have a name we otherwise avoid.
    #[serde(default)]
    pub(crate) name: Vec<Exception>,
}

/// One exception.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The file's path, or the type's name.
    pub(crate) of: String,
    /// Why.
    pub(crate) reason: String,
}

/// The exceptions of this tree, or why they cannot be read.
pub(crate) fn read(tree: &Tree) -> Result<Exceptions, Finding> {
    let text = tree.text(LIST).unwrap_or_default();
    toml::from_str(text).map_err(|error| about(LIST, format!("cannot be read: {error}")))
}

/// Splits findings, keyed by what they are about, into those that stay, and complains about
/// exceptions without a reason and about those that nothing needs any more.
pub(crate) fn apply(found: Vec<(String, Finding)>, exceptions: &[Exception]) -> Vec<Finding> {
    let mut left: Vec<Finding> = Vec::new();
    for exception in exceptions {
        if exception.reason.trim().len() < 10 {
            left.push(about(LIST, format!("say why `{}` is an exception", exception.of)));
        }
        if !found.iter().any(|(key, _)| *key == exception.of) {
            left.push(about(
                LIST,
                format!("nothing needs the exception `{}`: remove it", exception.of),
            ));
        }
    }
    let is_excepted = |key: &str| exceptions.iter().any(|exception| exception.of == key);
    left.extend(found.into_iter().filter(|(key, _)| !is_excepted(key)).map(|(_, finding)| finding));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_needs_a_reason_and_a_use() {
        let exceptions = [
            Exception {
                of: "a.rs".to_string(),
                reason: "one table that is read as a whole".to_string(),
            },
            Exception {
                of: "gone.rs".to_string(),
                reason: "was long once, in its youth".to_string(),
            },
            Exception { of: "b.rs".to_string(), reason: "no".to_string() },
        ];
        let finding = |path: &str| (path.to_string(), about(path, "too long".to_string()));
        let left = apply(vec![finding("a.rs"), finding("b.rs"), finding("c.rs")], &exceptions);
        let left: Vec<String> = left.into_iter().map(|finding| finding.to_string()).collect();
        assert_eq!(
            left,
            [
                "xtask/tidy.toml: nothing needs the exception `gone.rs`: remove it",
                "xtask/tidy.toml: say why `b.rs` is an exception",
                "c.rs: too long",
            ]
        );
    }

    #[test]
    fn a_list_that_cannot_be_read_is_a_finding() {
        assert!(read(&Tree::of(&[(LIST, "[[size]]\nfile = \"a.rs\"")])).is_err());
        assert!(read(&Tree::of(&[])).is_ok());
    }
}
