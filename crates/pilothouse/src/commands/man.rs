//! `pilothouse man`: prints manual pages, or writes them all into a folder.

use std::{fs, path::PathBuf};

use clap::{Args, ValueHint};

use crate::{
    failure::{Failure, IO, USAGE},
    manual, output,
};

/// Which page, and where to.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse man | man -l -             read it
  pilothouse man exec | man -l -        read that of a command
  pilothouse man --dir ~/.local/share/man/man1   install all, for `man pilothouse`")]
pub(crate) struct ManOptions {
    /// The command whose page is wanted [default: that of the program]
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub(crate) command: Option<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

/// Prints or writes.
pub(crate) fn run(options: &ManOptions) -> Result<u8, Failure> {
    let Some(dir) = &options.dir else {
        let page = manual::page(options.command.as_deref()).ok_or_else(|| {
            Failure::new(USAGE, "there is no such command; see pilothouse --help")
        })?;
        output::text(&String::from_utf8_lossy(&page.text))?;
        return Ok(0);
    };
    let cannot = |error| Failure::new(IO, format!("cannot write to {}: {error}", dir.display()));
    fs::create_dir_all(dir).map_err(cannot)?;
    let pages = manual::pages();
    for page in &pages {
        fs::write(dir.join(&page.file), &page.text).map_err(cannot)?;
    }
    output::note(&format!("{} pages are in {}", pages.len(), dir.display()));
    Ok(0)
}
