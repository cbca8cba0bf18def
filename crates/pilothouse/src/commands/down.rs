//! `pilothouse down`: ends the agent that `up` left running.

use std::time::Duration;

use clap::Args;

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
    let agent = LocalAgent::of(&options.data_dir.path()?);
    match agent.end(END_WITHIN) {
        Ended::NotRunning => output::say("no agent of `pilothouse up` runs here"),
        Ended::Gone { process } => {
            output::say(&format!("the agent (process {process}) and its commands have ended"));
        }
        Ended::StillRunning { process } => {
            let sentence = format!("process {process} still ends its commands; look again later");
            return Err(Failure::new(TRY_LATER, sentence));
        }
        Ended::Unknown => {
            let sentence = "an agent runs, but `up` did not start it; end it where it was started";
            return Err(Failure::new(UNAVAILABLE, sentence));
        }
    }
    Ok(0)
}
