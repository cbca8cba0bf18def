//! Measures Pilothouse's fan-out, live pictures and terminals beside other servers. Started by `cargo xtask bench`.

mod cells;
mod fanout;
mod generator;
mod machine;
mod output;
mod peer;
mod pictures;
mod server;
mod statistics;
mod table;
mod targets;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "pilothouse-bench", about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures fan-out and prints a table.
    Fanout(fanout::Options),
    /// Measures live pictures and prints a table.
    Pictures(pictures::Options),
    /// Measures terminals and prints a table.
    Terminal(terminal::Options),
    /// Runs inside a terminal that is measured; started by `terminal`.
    #[command(subcommand, hide = true)]
    Program(terminal::Program),
    /// Is one of the servers that are compared; started by `fanout` and `terminal`.
    #[command(subcommand, hide = true)]
    Peer(peer::Peer),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Fanout(options) => fanout::run(&options),
        Command::Pictures(options) => pictures::run(&options),
        Command::Terminal(options) => terminal::run(&options),
        Command::Program(program) => terminal::run_program(&program),
        Command::Peer(peer) => peer::run(&peer),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    output::note(&format!("error: {error:#}"));
    ExitCode::FAILURE
}
