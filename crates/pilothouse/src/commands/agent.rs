//! `pilothouse agent`: the program that runs commands on a machine.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use pilothouse_agent::{AgentConfig, AgentError, FolderError};
use pilothouse_core::ids::AgentId;

use crate::{
    access::{KeyOptions, TokenOptions, TrustOptions},
    browser_options::BrowserOptions,
    environment::{BACKEND_TOKEN, OF_SUPERVISOR},
    failure::{CONFIG, Failure, IO, TRY_LATER, USAGE},
    run_options::RunOptions,
    service::Supervisor,
    signals::Shutdown,
};

/// What an agent is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse token --agent build-01 > token    (on the server's machine; then copy the file)
  pilothouse agent --server ws://SERVER:7717 --id build-01 --token-file token --data-dir ./agent
  PILOTHOUSE_TOKEN=... pilothouse agent --id build-01 --data-dir ./agent --type claude
  pilothouse keys add build-01 --agent build-01 > key      (a key that can be revoked, in place of a token)
  pilothouse agent --server ws://SERVER:7717 --id build-01 --key-file key --data-dir ./agent

Exit codes:
  0 ended by Ctrl-C or SIGTERM   64 wrong usage   74 cannot read or write
  75 another agent uses the folder   (a server that is away is no reason to end)")]
pub(crate) struct AgentOptions {
    /// The server
    #[arg(
        long,
        env = "PILOTHOUSE_SERVER",
        default_value = "ws://127.0.0.1:7717",
        value_name = "URL"
    )]
    pub(crate) server: String,
    /// A file with the server's URL in it, read again before each attempt to connect; --server counts while it is not there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) server_file: Option<PathBuf>,
    /// Who this agent is: letters, digits, _ and -
    #[arg(long, value_name = "ID")]
    pub(crate) id: AgentId,
    #[command(flatten)]
    pub(crate) token: TokenOptions,
    #[command(flatten)]
    pub(crate) key: KeyOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// Where to keep the journal and output that the server does not have yet; one per agent
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// What people call it [default: its id]
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) browser: BrowserOptions,
    #[command(flatten)]
    pub(crate) runs: RunOptions,
    /// What it is: shell, claude, codex, …
    #[arg(long = "type", default_value = "shell", value_name = "TYPE")]
    pub(crate) agent_type: String,
}

/// Done when the agent has to end. First asked when it has its folder and its commands, which makes it ready.
async fn ended(shutdown: Shutdown) {
    let supervisor = Supervisor::of_process();
    supervisor.ready("running");
    tokio::select! {
        () = shutdown.requested() => {}
        () = supervisor.keep_alive(|_| std::future::ready(true)) => {}
    }
    supervisor.stopping();
}

/// Runs until Ctrl-C or SIGTERM; a server that is away is waited for.
pub(crate) async fn run(options: AgentOptions) -> Result<u8, Failure> {
    let token = match options.key.given()? {
        Some(key) => Some(key),
        None => options.token.given()?,
    };
    let mut config = AgentConfig::new(options.server, options.id, token, options.data_dir);
    config.server_file = options.server_file;
    config.authorities = options.trust.authorities;
    config.name = options.name;
    config.agent_type = options.agent_type;
    config.browser = options.browser.config();
    config.runs = options.runs.config()?;
    config.hide(BACKEND_TOKEN);
    for variable in OF_SUPERVISOR {
        config.hide(variable);
    }
    // Through /proc, so that it is this very program even when its file was replaced meanwhile.
    config.witness = Some(["/proc/self/exe", "--log", "info", "witness"].map(Into::into).into());
    let shutdown = Shutdown::catch()?;
    let ran = pilothouse_agent::run(config, ended(shutdown)).await;
    ran.map(|()| 0).map_err(|error| failure(&error))
}

/// Why an agent or its witness does not run, with the exit code for it.
pub(crate) fn failure(error: &AgentError) -> Failure {
    let code = match error {
        AgentError::Address(_)
        | AgentError::Token
        | AgentError::Folder(FolderError::Belongs { .. }) => USAGE,
        AgentError::NoToken => {
            let advice = "give one with --key-file, --token-file, PILOTHOUSE_TOKEN or --token -";
            return Failure::new(USAGE, format!("{error}; {advice}"));
        }
        AgentError::Trust(_) => CONFIG,
        AgentError::Folder(FolderError::InUse(_) | FolderError::Unusable { .. }) => TRY_LATER,
        AgentError::Disk(_) | AgentError::Subreaper(_) => IO,
    };
    Failure::new(code, error)
}
