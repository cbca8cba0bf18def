//! Logs: to stderr, readable for people or as JSON for machines.

use clap::{Args, ValueEnum};
use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    environment::wants_no_colour,
    failure::{Failure, USAGE},
};

/// What is logged and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogOptions {
    /// What to log on stderr: error, warn, info, debug, trace, or a filter such as `pilothouse_server=debug`
    #[arg(
        long,
        global = true,
        help_heading = "Logging",
        env = "PILOTHOUSE_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    pub(crate) log: String,
    /// How to log
    #[arg(
        long,
        global = true,
        help_heading = "Logging",
        env = "PILOTHOUSE_LOG_FORMAT",
        default_value = "human",
        value_name = "FORMAT"
    )]
    pub(crate) log_format: LogFormat,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object per line.
    Json,
}

/// Starts logging, once.
pub(crate) fn start(options: &LogOptions) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| Failure::new(USAGE, format!("--log {}: {error}", options.log)))?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match options.log_format {
        LogFormat::Human => {
            use std::io::IsTerminal;
            let is_coloured = std::io::stderr().is_terminal() && !wants_no_colour();
            builder.with_ansi(is_coloured).init();
        }
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
