//! Dependencies that must not be there. Cargo enforces arrows between crates; this proves what is deliberately absent.

use anyhow::{Result, ensure};

use crate::commands::read;

/// A crate and what its normal dependencies must not contain, however indirectly.
const ABSENT: &[(&str, &[&str])] = &[
    ("pilothouse-core", &["serde", "serde_json", "axum", "sqlx", "tokio"]),
    ("pilothouse-protocols", &["tokio", "axum", "sqlx", "hyper", "pilothouse-websocket"]),
    ("pilothouse-websocket", &["pilothouse-core", "pilothouse-protocols", "serde"]),
    ("pilothouse-agent", &["pilothouse-server", "sqlx", "axum"]),
    ("pilothouse-client", &["pilothouse-server", "sqlx", "axum"]),
];

/// Fails if one of them is there.
pub(crate) fn check() -> Result<()> {
    for (package, absent) in ABSENT {
        let tree = read(&format!(
            "cargo tree --locked --package {package} --edges normal --prefix none --format {{p}}"
        ))?;
        let found = present(&tree, absent);
        ensure!(
            found.is_empty(),
            "{package} must not depend on {}; `cargo tree -p {package} -e normal -i {}` shows the way \
             it came in: move what needs it to another crate, or switch off the feature that brings it",
            found.join(", "),
            found[0],
        );
    }
    Ok(())
}

/// Those of `absent` that `cargo tree` printed.
fn present<'a>(tree: &str, absent: &[&'a str]) -> Vec<&'a str> {
    let is_there = |name: &&&str| tree.lines().any(|line| line.split(' ').next() == Some(**name));
    absent.iter().filter(is_there).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_that_must_be_absent_is_seen_however_deep_it_is() {
        let tree = "pilothouse-core v0.1.0 (/x)\nbytes v1.11.0\nserde v1.0.2 (*)\n";
        assert_eq!(present(tree, &["tokio", "serde", "serde_json"]), ["serde"]);
        assert!(present(tree, &["tokio"]).is_empty());
    }
}
