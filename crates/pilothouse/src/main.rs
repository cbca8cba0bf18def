//! The `pilothouse` binary: subcommands, nothing else. What they do lives in the libraries.

mod access;
mod browser_options;
mod cli;
mod commands;
mod detach_key;
mod doctor;
mod environment;
mod failure;
mod help;
mod hidden_token;
mod keys;
mod local_agent;
mod logs;
mod manual;
mod output;
mod page;
mod process;
mod quoting;
mod raw_terminal;
mod run_options;
mod saved_login;
mod secret_input;
mod service;
mod signals;

use std::process::ExitCode;

use clap::FromArgMatches;

use cli::{Cli, Command};
use failure::Failure;

fn main() -> ExitCode {
    let matches = help::command().try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let code = if error.use_stderr() { failure::USAGE } else { 0 };
            return ExitCode::from(code);
        }
    };
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(Failure { code, sentence }) => {
            output::complain(&sentence);
            ExitCode::from(code)
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    logs::start(&cli.logs)?;
    if let Some(Command::Agent(options)) = &cli.command {
        hidden_token::hide(&options.token, &options.key);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io(&error))?;
    let code = runtime.block_on(commands::run(cli));
    // Reading from a terminal cannot be cancelled, and nobody is to wait for it.
    runtime.shutdown_background();
    code
}
