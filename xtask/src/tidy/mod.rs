//! `cargo xtask tidy`: the rules of CONTRIBUTING.md that no compiler checks.
//!
//! Each check is one function over the [`Tree`]; it finds, says where, and says how to fix it.

mod arrows;
mod codes;
mod exceptions;
mod headers;
mod journey;
mod links;
mod mentions;
mod messages;
mod names;
mod protocols;
mod sizes;
mod source;
mod tree;

use anyhow::{Result, bail};

use crate::steps::say;
use tree::{Finding, Tree};

/// One rule: what breaks it.
type Check = fn(&Tree) -> Vec<Finding>;

/// The checks, by the name that is printed with a finding.
const CHECKS: &[(&str, Check)] = &[
    ("headers", headers::check),
    ("arrows", arrows::check),
    ("siblings", protocols::siblings),
    ("sizes", sizes::check),
    ("names", names::check),
    ("mentions", mentions::check),
    ("journey", journey::check),
    ("protocols", protocols::complete),
    ("messages", messages::check),
    ("close codes", codes::close_codes),
    ("error codes", codes::error_codes),
    ("links", links::check),
];

/// Runs all checks and prints what they find.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::load()?;
    let mut count = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree) {
            say(&format!("{finding} [{name}]"));
            count += 1;
        }
    }
    say(&sizes::summary(&tree));
    if count > 0 {
        bail!("tidy found {count} things to fix");
    }
    Ok(())
}
