//! `cargo xtask bench`: builds the server and the load generator for real, and starts the latter.

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::commands;

/// Where the Python of one of the peers is made.
const PYTHON: &str = "target/terminado";

/// What can be measured.
#[derive(Subcommand)]
pub(crate) enum Benchmark {
    /// Fan-out: deliveries per second, CPU, memory and handshakes beside raw TCP, `ws`, Bun and axum.
    ///
    /// The server runs on core 0, the load generator on core 1, all on 127.0.0.1. Prints medians of
    /// interleaved repetitions, ratios, and the targets with ok or below. docs/performance.md says
    /// how to read them.
    Fanout(Passed),
    /// Live pictures: one producer and 50 viewers beside raw TCP, `ws` and Bun, and how old pictures are when they arrive.
    ///
    /// The server runs on core 0, producer and viewers on core 1, all on 127.0.0.1. Takes a minute.
    Pictures(Passed),
    /// Terminals: floods to many viewers and the echo of keys, beside raw TCP, node-pty, Bun and terminado.
    ///
    /// Server and agent run on core 0, viewers and the programs in terminals on core 1. Prints medians
    /// of interleaved repetitions, ratios, and the targets with ok or above. docs/performance.md says
    /// how to read them. Needs python3 with venv, and the programs of util-linux.
    Terminal(Passed),
}

/// How to measure it.
#[derive(Args)]
pub(crate) struct Passed {
    /// Everything that follows goes to the load generator; `-- --help` lists it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Measures.
pub(crate) fn run(benchmark: Benchmark) -> Result<()> {
    // Apart from each other, or the server would be built with features that only a peer needs.
    commands::run("cargo build --release --locked --package pilothouse")?;
    commands::run("cargo build --release --locked --package pilothouse-bench")?;
    let mut install = commands::command("npm ci --ignore-scripts --no-audit --no-fund");
    install.current_dir(commands::root().join("bench/peers"));
    commands::run_command(install)?;
    let (name, arguments) = match benchmark {
        Benchmark::Fanout(Passed { arguments }) => ("fanout", arguments),
        Benchmark::Pictures(Passed { arguments }) => ("pictures", arguments),
        Benchmark::Terminal(Passed { arguments }) => {
            install_terminado()?;
            ("terminal", arguments)
        }
    };
    let mut bench = commands::command("target/release/pilothouse-bench");
    bench.arg(name).args(arguments);
    commands::run_command(bench)
}

fn install_terminado() -> Result<()> {
    if !commands::root().join(PYTHON).exists() {
        commands::run(&format!("python3 -m venv {PYTHON}"))?;
    }
    commands::run(&format!(
        "{PYTHON}/bin/pip install --quiet --disable-pip-version-check \
         --requirement bench/peers/requirements.txt"
    ))
}
