//! The project's own commands: `cargo xtask --help` lists them.

mod absences;
mod bench;
mod ci;
mod codegen;
mod commands;
mod message_tags;
mod rest_shapes;
mod steps;
mod test;
mod tidy;
mod tools;
mod viewer;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The daily commands of Pilothouse. Before you push, run `cargo xtask test`.
#[derive(Parser)]
#[command(name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that has to pass before a push: format, tidy, generated files, lints, all tests.
    ///
    /// Installs what is missing (PostgreSQL and Node.js by apt-get when run as root, npm packages
    /// of the tests by npm ci), prints each step with its time and stops at the first that fails.
    Test,
    /// What the nightly run does: `test`, documentation without warnings, WebSocket conformance, fuzzing.
    Ci {
        /// How many seconds each fuzz target runs.
        #[arg(long, default_value_t = 60)]
        fuzz_seconds: u32,
    },
    /// Checks the rules of CONTRIBUTING.md that no compiler checks; each message says how to fix it.
    Tidy,
    /// Writes the generated files anew: the TypeScript types of the wire and of the REST routes, the AsyncAPI
    /// documents, the documents about the configuration and the REST interface.
    Codegen {
        /// Write nothing; fail if a generated file is not what it should be.
        #[arg(long)]
        check: bool,
    },
    /// Builds the page into `web/dist`, and installs before what that needs.
    ///
    /// Debug builds read it from there while they run, so nothing has to be compiled or started anew. To see changes
    /// while typing, run `npm run dev` in `web`: Vite then stands in front of the server that `PILOTHOUSE_SERVER`
    /// names, or of the one at <http://127.0.0.1:7717>.
    Ui {
        /// Build again whenever a source changes, until Ctrl-C.
        #[arg(long)]
        watch: bool,
    },
    /// Fetches the viewer of the REST interface from npm, in the version that is written down, and packs it.
    Viewer {
        /// Write nothing; fail if the files are not those of that version.
        #[arg(long)]
        check: bool,
    },
    /// Measures the server beside its peers on this machine.
    Bench {
        #[command(subcommand)]
        benchmark: bench::Benchmark,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Test => test::run(),
        Command::Ci { fuzz_seconds } => ci::run(fuzz_seconds),
        Command::Tidy => tidy::run(),
        Command::Codegen { check: true } => codegen::check(),
        Command::Codegen { check: false } => codegen::write(),
        Command::Ui { watch } => web::build(watch),
        Command::Viewer { check: true } => viewer::check(),
        Command::Viewer { check: false } => viewer::write(),
        Command::Bench { benchmark } => bench::run(benchmark),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    // The chain of reasons, without a backtrace: what failed is a program we started or a rule.
    steps::say(&format!("\nerror: {error:#}"));
    ExitCode::FAILURE
}
