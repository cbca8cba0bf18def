//! The journey of one message in ARCHITECTURE.md names files and functions; all of them exist.

use super::tree::{Finding, Tree, about, at};

const DOCUMENT: &str = "ARCHITECTURE.md";
const HEADING: &str = "## The journey of one message";

/// Finds files and functions of the journey that are not there.
///
/// A row of its table has the number, the file and the function in backquotes, and what happens.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(DOCUMENT).unwrap_or_default();
    let rows: Vec<(usize, Vec<&str>)> = text
        .lines()
        .enumerate()
        .skip_while(|(_, line)| !line.starts_with(HEADING))
        .skip(1)
        .take_while(|(_, line)| !line.starts_with("## "))
        .map(|(place, line)| (place + 1, line.split('|').map(str::trim).collect()))
        .filter(|(_, cells): &(usize, Vec<&str>)| {
            cells.len() > 3 && cells[1].parse::<u32>().is_ok()
        })
        .collect();
    if rows.is_empty() {
        return vec![about(
            DOCUMENT,
            format!("needs `{HEADING}` with a table of files and functions"),
        )];
    }
    rows.into_iter().filter_map(|(line, cells)| row(tree, line, &cells)).collect()
}

fn row(tree: &Tree, line: usize, cells: &[&str]) -> Option<Finding> {
    let (file, function) = (cells[2].trim_matches('`'), cells[3].trim_matches('`'));
    let Some(text) = tree.text(file) else {
        let message = format!("{file} is not there; name the file that does this step now");
        return Some(at(DOCUMENT, line, message));
    };
    let name = function.rsplit("::").next().unwrap_or(function);
    let is_there = [format!("fn {name}("), format!("fn {name}<")];
    if is_there.iter().any(|declaration| text.contains(declaration)) {
        return None;
    }
    let message = format!("{file} has no function `{name}`; name the one that does this step now");
    Some(at(DOCUMENT, line, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &str) -> Vec<String> {
        let document = format!(
            "# A\n\n{HEADING}\n\n| # | file | function | what |\n|---|---|---|---|\n{rows}\n## B\n"
        );
        let tree = Tree::of(&[(DOCUMENT, &document), ("a.rs", "impl A { fn ask<T>(&self) {} }")]);
        check(&tree).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_file_or_function_that_is_gone_is_found() {
        assert!(found("| 1 | `a.rs` | `A::ask` | asks |").is_empty());
        assert!(
            found("| 1 | `a.rs` | `A::tell` | tells |")[0]
                .starts_with("ARCHITECTURE.md:7: a.rs has no")
        );
        assert!(found("| 1 | `b.rs` | `ask` | asks |")[0].contains("b.rs is not there"));
        assert_eq!(found("").len(), 1, "a document without a journey");
    }
}
