//! Files stay small. Tests and generated files are not counted.

use super::{
    exceptions,
    source::{is_test, without_tests},
    tree::{Finding, Tree, about},
};

/// No file may be longer.
const HARD: usize = 500;

/// Longer ones deserve a second look.
const SOFT: usize = 300;

/// What is counted.
const ENDINGS: &[&str] = &[".rs", ".ts", ".tsx", ".mjs", ".py"];

/// Folders of generated files.
const GENERATED: &[&str] = &["sdk/typescript/src/wire/"];

/// Finds files that are too long.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let exceptions = match exceptions::read(tree) {
        Ok(exceptions) => exceptions,
        Err(finding) => return vec![finding],
    };
    let mut found = Vec::new();
    for (path, lines) in sizes(tree).into_iter().filter(|(_, lines)| *lines > HARD) {
        let message = format!(
            "has {lines} lines, the limit is {HARD}; split it by subject, or list it with a reason \
             in xtask/tidy.toml"
        );
        found.push((path.to_string(), about(path, message)));
    }
    exceptions::apply(found, &exceptions.size)
}

/// One line about all files: how long they are.
pub(crate) fn summary(tree: &Tree) -> String {
    let sizes = sizes(tree);
    let mut lengths: Vec<usize> = sizes.iter().map(|(_, lines)| *lines).collect();
    lengths.sort_unstable();
    let at = |part: usize| lengths.get(lengths.len() * part / 10).copied().unwrap_or(0);
    let long: Vec<&str> =
        sizes.iter().filter(|(_, lines)| *lines > SOFT).map(|&(path, _)| path).collect();
    format!(
        "{} source files: median {} lines (aim: 150), nine of ten up to {}, longer than {SOFT}: {}",
        lengths.len(),
        at(5),
        at(9),
        if long.is_empty() { "none".to_string() } else { long.join(" ") },
    )
}

fn sizes(tree: &Tree) -> Vec<(&str, usize)> {
    let counted =
        |path: &str| !is_test(path) && !GENERATED.iter().any(|folder| path.starts_with(folder));
    let files = tree.texts(ENDINGS).filter(|(path, _)| counted(path));
    files.map(|(path, text)| (path, without_tests(text).lines().count())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_is_too_long_is_found() {
        let long = "x\n".repeat(501);
        let with_tests = format!("{}#[cfg(test)]\nmod tests {{\n{}", "x\n".repeat(500), long);
        let tree = Tree::of(&[
            ("a.rs", &long),
            ("a_tests.rs", &long),
            ("b.rs", &with_tests),
            ("sdk/typescript/src/wire/dashboard.ts", &long),
            ("notes.md", &long),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a.rs"]);
    }

    #[test]
    fn the_summary_names_the_median_and_the_long_ones() {
        let (short, long) = ("x\n".repeat(10), "x\n".repeat(301));
        let summary = summary(&Tree::of(&[("a.rs", &short), ("b.rs", &short), ("c.rs", &long)]));
        assert!(summary.contains("median 10 lines") && summary.ends_with("c.rs"), "{summary}");
    }
}
