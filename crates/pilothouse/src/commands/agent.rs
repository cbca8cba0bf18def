//! `pilothouse agent`: the program that runs commands on a machine.

use std::path::PathBuf;

use clap::Args;
use pilothouse_agent::{AgentConfig, AgentError};
use pilothouse_core::ids::AgentId;

use crate::{
    access::{TokenOptions, TrustOptions},
    failure::{CONFIG, Failure, IO, TRY_LATER, USAGE},
    signals::Shutdown,
};

/// What an agent is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse token --agent build-01 > token    (on the server's machine; then copy the file)
  pilothouse agent --server ws://SERVER:7717 --id build-01 --token-file token --data-dir ./agent")]
pub(crate) struct AgentOptions {
    /// The server
    #[arg(
        long,
        env = "PILOTHOUSE_SERVER",
        default_value = "ws://127.0.0.1:7717",
        value_name = "URL"
    )]
    pub(crate) server: String,
    /// Who this agent is: letters, digits, _ and -
    #[arg(long, value_name = "ID")]
    pub(crate) id: AgentId,
    #[command(flatten)]
    pub(crate) token: TokenOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// Where to keep the journal and output that the server does not have yet; one per agent
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// What people call it [default: its id]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What it is: shell, claude, codex, …
    #[arg(long = "type", default_value = "shell", value_name = "TYPE")]
    pub(crate) agent_type: String,
}

/// Runs until Ctrl-C or SIGTERM; a server that is away is waited for.
pub(crate) async fn run(options: AgentOptions) -> Result<u8, Failure> {
    let token = options.token.given()?.ok_or_else(|| {
        let advice = "give one with --token-file, PILOTHOUSE_TOKEN or --token -";
        Failure::new(USAGE, format!("an agent needs a token; {advice}"))
    })?;
    let mut config = AgentConfig::new(options.server, options.id, token, options.data_dir);
    config.authorities = options.trust.authorities;
    config.name = options.name;
    config.agent_type = options.agent_type;
    let shutdown = Shutdown::catch()?;
    match pilothouse_agent::run(config, shutdown.requested()).await {
        Ok(()) => Ok(0),
        Err(error) => {
            let code = match &error {
                AgentError::Address(_) | AgentError::Token => USAGE,
                AgentError::Trust(_) => CONFIG,
                AgentError::Folder(_) => TRY_LATER,
                AgentError::Disk(_) | AgentError::Subreaper(_) => IO,
            };
            Err(Failure::new(code, error))
        }
    }
}
