//! Links between our documents lead somewhere.

use super::tree::{Finding, Tree, at};

/// Finds relative links in Markdown files to files that are not there.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts(&[".md"]) {
        let mut in_example = false;
        for (place, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_example = !in_example;
            }
            let targets = line.split("](").skip(1).filter_map(|after| after.split(')').next());
            for target in targets.filter(|_| !in_example) {
                let leads_out = target.contains("://") || target.starts_with("mailto:");
                let file = target.split(['#', ' ']).next().unwrap_or_default();
                if !leads_out && !file.is_empty() && !tree.has(&resolve(path, file)) {
                    let message =
                        format!("the link to `{file}` leads nowhere; correct or remove it");
                    found.push(at(path, place + 1, message));
                }
            }
        }
    }
    found
}

/// The path from the root that `target` means in `document`.
fn resolve(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("docs/a.md", text), ("docs/b/c.md", ""), ("README.md", "")])).len()
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        assert_eq!(found("[x](b/d.md) and [y](../GONE.md#top)"), 2);
    }

    #[test]
    fn links_that_lead_somewhere_or_out_are_left_alone() {
        let text = "[x](b/c.md#part) [y](../README.md) [f](b/) [z](https://example.org) [w](#here)\n```\n[n](no.md)\n```";
        assert_eq!(found(text), 0);
    }
}
