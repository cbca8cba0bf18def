//! Words that have no place in the repository: unfinished work, and paths of somebody's machine.

use super::tree::{Finding, Tree, at};

/// What is read.
const ENDINGS: &[&str] = &[
    ".rs", ".md", ".toml", ".ts", ".tsx", ".mjs", ".py", ".json", ".txt", ".sql", ".yml", ".ci/run",
];

/// A word and what to do instead. Written in two halves, so that this file does not find itself.
const MENTIONS: &[([&str; 2], &str)] = &[
    (["TO", "DO"], "do it now, or describe it in an issue and leave no mark here"),
    (["FIX", "ME"], "do it now, or describe it in an issue and leave no mark here"),
    (["shared", "/"], "say what is meant: the reader has only this repository"),
    (["seeds", "/0"], "name the protocol instead"),
    (["/wo", "rk/"], "a path of one machine: write it relative to the repository"),
];

/// Finds such words.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts(ENDINGS).filter(|(path, _)| !path.ends_with("package-lock.json"))
    {
        for (place, line) in text.lines().enumerate() {
            for (halves, fix) in MENTIONS {
                let word = halves.concat();
                if mentions(line, &word) {
                    found.push(at(path, place + 1, format!("`{word}`: {fix}")));
                }
            }
        }
    }
    found
}

/// Whether the line has the word, and not only as the end of a longer one.
fn mentions(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let before = line[..place].chars().next_back();
        word.starts_with('/') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found() {
        for (halves, _) in MENTIONS {
            let line = format!("// {}x\n", halves.concat());
            assert_eq!(check(&Tree::of(&[("a.rs", &line)])).len(), 1, "{line}");
        }
    }

    #[test]
    fn longer_words_are_left_alone() {
        assert!(check(&Tree::of(&[("a.rs", "fn unshared() {} // MASTODON\n")])).is_empty());
    }
}
