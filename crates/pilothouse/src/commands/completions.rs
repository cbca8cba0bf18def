//! `pilothouse completions`: what a shell needs to complete our command lines.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::{cli::Cli, failure::Failure};

/// For which shell.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse completions bash > ~/.local/share/bash-completion/completions/pilothouse
  pilothouse completions zsh > ~/.zfunc/_pilothouse       with fpath+=~/.zfunc before compinit
  pilothouse completions fish > ~/.config/fish/completions/pilothouse.fish")]
pub(crate) struct CompletionOptions {
    /// The shell
    pub(crate) shell: Shell,
}

/// Prints the script.
pub(crate) fn run(options: &CompletionOptions) -> Result<u8, Failure> {
    let mut script = Vec::new();
    generate(options.shell, &mut Cli::command(), "pilothouse", &mut script);
    let script = String::from_utf8_lossy(&script);
    crate::output::pass_on(std::io::stdout().lock(), &script)
        .map_err(|error| Failure::io(&error))?;
    Ok(0)
}
