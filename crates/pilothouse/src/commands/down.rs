//! `pilothouse down`: ends the agent that `up` left running.

use std::time::Duration;

use clap::Args;
use pilothouse_server::place;

use crate::{
    access::DataDir,
    failure::{Failure, TRY_LATER, UNAVAILABLE},
    local_agent::{Ended, LocalAgent},
    output,
};

/// An agent ends its commands first, each politely.
const END_WITHIN: Duration = Duration::from_secs(30);

/// Which agent.
#[derive(Debug, Clone, Args)]
#[command(after_help = "The server is left alone: Ctrl-C or SIGTERM ends it.

Examples:
  pilothouse down
  pilothouse down --data-dir ~/pilot

Exit codes:
  0 the agent has ended, or none runs   69 what holds the lock is not an agent that `up` started
  75 it still ends its commands: look again later")]
pub(crate) struct DownOptions {
    #[command(flatten)]
    pub(crate) data_dir: DataDir,
}

/// Ends the agent and says what happened.
pub(crate) fn run(options: &DownOptions) -> Result<u8, Failure> {
    let data_dir = options.data_dir.path()?;
    let agent = LocalAgent::of(&data_dir);
    let progress = |process: i32, waited: Duration| {
        let seconds = waited.as_secs();
        output::note(&format!("process {process} ends its commands … ({seconds} s)"));
    };
    match agent.end(END_WITHIN, progress) {
        Ended::NotRunning => {
            output::say(&format!("no agent runs in {}; nothing to end", data_dir.display()));
        }
        Ended::Gone { process } => {
            output::say(&format!("the agent (process {process}) and its commands have ended"));
        }
        Ended::StillRunning { process } => {
            let log = agent.log().display().to_string();
            let sentence = format!(
                "process {process} still ends its commands; look again later, or at its log: {log}"
            );
            return Err(Failure::new(TRY_LATER, sentence));
        }
        Ended::Unknown { process } => {
            let process = process.map_or("a process of somebody else".to_owned(), |process| {
                format!("process {process}")
            });
            let sentence = format!(
                "{process} holds the agent's lock, but cannot be told to end; end it where it was started"
            );
            return Err(Failure::new(UNAVAILABLE, sentence));
        }
    }
    if place::of_running(&data_dir).is_some() {
        output::note("the server goes on; Ctrl-C ends it where it runs");
    }
    Ok(0)
}
