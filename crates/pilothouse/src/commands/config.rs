//! `pilothouse config`: what counts, where it came from, what is wrong with a file, and which keys there are.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pilothouse_server::config::{Source, load, reference};

use crate::{
    commands::serve::ServeOptions,
    failure::{CONFIG, Failure},
    output,
};

/// What to print.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse config                             what counts, and where it came from
  pilothouse config --check pilothouse.toml     exit code 78 if something is wrong with it
  pilothouse config --example > pilothouse.toml a file with every key to begin with
  PILOTHOUSE_COMMANDS_TIMEOUT=10m pilothouse config --json | jq '.keys[\"commands.timeout\"]'

Secrets are shown as ***.")]
pub(crate) struct ConfigOptions {
    /// Print JSON for programs
    #[arg(long, conflicts_with_all = ["check", "keys", "example"])]
    pub(crate) json: bool,
    /// Say what is wrong with a file and print nothing else; the environment is left out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keys", "example"])]
    pub(crate) check: Option<PathBuf>,
    /// Print every key with its default, unit, variable, meaning, and the reason to change it
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text", conflicts_with = "example")]
    pub(crate) keys: Option<KeysFormat>,
    /// Print a file with every key at its default, commented out
    #[arg(long)]
    pub(crate) example: bool,
    #[command(flatten)]
    pub(crate) server: ServeOptions,
}

/// How the reference looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeysFormat {
    /// For a terminal.
    Text,
    /// For a page.
    Markdown,
}

/// Prints it.
pub(crate) fn run(options: &ConfigOptions) -> Result<u8, Failure> {
    if let Some(file) = &options.check {
        let source = Source { file: Some(file.clone()), ..Source::default() };
        load(&source).map_err(|error| Failure::new(CONFIG, error))?;
        output::note(&format!("{}: nothing is wrong with it", file.display()));
        return Ok(0);
    }
    let text = match (options.keys, options.example) {
        (Some(KeysFormat::Text), _) => reference::plain(),
        (Some(KeysFormat::Markdown), _) => reference::markdown(),
        (None, true) => reference::example(),
        (None, false) => {
            let loaded = options.server.load()?;
            if options.json {
                reference::effective_json(&loaded)
            } else {
                reference::effective(&loaded)
            }
        }
    };
    output::text(&text)?;
    Ok(0)
}
