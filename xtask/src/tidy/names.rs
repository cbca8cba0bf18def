//! Names that say nothing are not used for types and files.

use super::{
    exceptions,
    source::{code, words},
    tree::{Finding, Tree, about, at},
};

/// Words that could stand for anything.
const EMPTY: &[&str] = &[
    "manager", "handler", "handlers", "helper", "helpers", "util", "utils", "common", "misc",
    "data", "info", "object", "base", "impl", "types", "new", "v2", "mock",
];

/// Finds types and files with a word in their name that says nothing.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let exceptions = match exceptions::read(tree) {
        Ok(exceptions) => exceptions,
        Err(finding) => return vec![finding],
    };
    let mut found = Vec::new();
    for (path, _) in tree.texts(&[".rs", ".ts", ".tsx", ".mjs"]) {
        for word in path.split(['/', '.', '_', '-']).filter(|word| EMPTY.contains(word)) {
            let message = format!("`{word}` in a file's name says nothing; name what is in it");
            found.push((path.to_string(), about(path, message)));
        }
    }
    for (path, text) in tree.rust("") {
        found.extend(types(path, text));
    }
    exceptions::apply(found, &exceptions.name)
}

fn types(path: &str, text: &str) -> Vec<(String, Finding)> {
    let code = code(text);
    let words = words(&code);
    let mut found = Vec::new();
    for pair in words.windows(2) {
        let [(_, keyword), (line, name)] = pair else { continue };
        let declares = matches!(*keyword, "struct" | "enum" | "trait" | "union");
        if !declares || !name.starts_with(char::is_uppercase) {
            continue;
        }
        if let Some(word) = parts(name).into_iter().find(|part| EMPTY.contains(&part.as_str())) {
            let message = format!("`{word}` in `{name}` says nothing; name it after the domain");
            found.push(((*name).to_string(), at(path, *line, message)));
        }
    }
    found
}

/// The words of a name in camel case, in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for character in name.chars() {
        if character.is_uppercase() || parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut() {
            last.extend(character.to_lowercase());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn empty_names_of_types_and_files_are_found() {
        assert_eq!(found_in(&[("a.rs", "pub struct ConnectionManager {\n}")]).len(), 1);
        assert_eq!(found_in(&[("a.rs", "enum V2 {}\ntrait TaskHandler {}")]).len(), 2);
        assert_eq!(found_in(&[("crates/core/src/utils.rs", ""), ("src/common/a.rs", "")]).len(), 2);
    }

    #[test]
    fn words_of_the_domain_are_left_alone() {
        let text =
            "// struct Manager\nstruct Renewal; enum Metadata {} struct Database; struct Base64;";
        assert_eq!(found_in(&[("crates/core/src/newest.rs", text)]), Vec::<String>::new());
    }

    #[test]
    fn an_exception_may_name_a_type() {
        let list =
            "[[name]]\nof = \"DataDirectory\"\nreason = \"what users call it, as its key does\"";
        let files = [("a.rs", "struct DataDirectory;"), ("xtask/tidy.toml", list)];
        assert_eq!(found_in(&files), Vec::<String>::new());
    }
}
