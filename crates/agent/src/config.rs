//! All that an agent can be told from outside.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use pilothouse_core::ids::AgentId;

use crate::{browsers::BrowserConfig, runs::RunConfig};

/// An agent's configuration.
#[derive(Clone)]
pub struct AgentConfig {
    /// The server, as `wss://host:port` or `ws://host:port`; the door's path is appended.
    pub server: String,
    /// A file with the server's URL, which is read again before each attempt to connect; while it is
    /// not there, `server` counts.
    pub server_file: Option<PathBuf>,
    /// Who this agent is.
    pub id: AgentId,
    /// The credential it enrols with, sent with the handshake and never logged. Not needed once it has
    /// enrolled: then the key in its folder counts.
    pub token: Option<String>,
    /// A PEM file with the authorities that may vouch for the server; those of this machine if absent.
    pub authorities: Option<PathBuf>,
    /// Where journal and spool live; made with mode 0700.
    pub data_dir: PathBuf,
    /// What people call it; the id if absent.
    pub name: Option<String>,
    /// `shell`, `claude`, `codex`, …
    pub agent_type: String,
    /// Where commands run that name no directory.
    pub directory: PathBuf,
    /// What commands find in their environment, before their own variables.
    pub environment: Vec<(OsString, OsString)>,
    /// `output.batch`: how long output is gathered.
    pub batch: Duration,
    /// `output.chunk`: the largest record, in bytes.
    pub chunk: usize,
    /// How much of a stream's unacknowledged output is kept in memory, in bytes.
    pub spool_memory: u64,
    /// How much of a stream's unacknowledged output is kept in all, in bytes.
    pub spool_bytes: u64,
    /// How long each politer signal gets when the agent itself ends a command.
    pub grace: Duration,
    /// How long the output of a command may go on when its shell has exited.
    pub output_ends_within: Duration,
    /// How long to wait before the second attempt to connect; the first comes at once.
    pub retry_first: Duration,
    /// How long to wait at most between attempts.
    pub retry_longest: Duration,
    /// How long connecting and being welcomed may take.
    pub connect_within: Duration,
    /// Browsers.
    pub browser: BrowserConfig,
    /// Runs.
    pub runs: RunConfig,
    /// The program that calls [`crate::witness()`], with its arguments; nobody watches if absent.
    pub witness: Option<Vec<OsString>>,
}

impl AgentConfig {
    /// The defaults, with this process's environment and directory for commands.
    ///
    /// Variables of our own, which may hold secrets, are not handed to commands.
    pub fn new(
        server: impl Into<String>,
        id: AgentId,
        token: Option<String>,
        data_dir: impl Into<PathBuf>,
    ) -> Self {
        Self {
            server: server.into(),
            server_file: None,
            id,
            token,
            authorities: None,
            data_dir: data_dir.into(),
            name: None,
            agent_type: "shell".to_owned(),
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            environment: std::env::vars_os().filter(|(name, _)| !is_ours(name)).collect(),
            batch: Duration::from_millis(50),
            chunk: 10 << 10,
            spool_memory: 1 << 20,
            spool_bytes: 64 << 20,
            grace: Duration::from_secs(2),
            output_ends_within: Duration::from_secs(1),
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(30),
            connect_within: Duration::from_secs(15),
            browser: BrowserConfig::default(),
            runs: RunConfig::default(),
            witness: None,
        }
    }

    /// Keeps one more variable from commands, such as one that holds a secret.
    pub fn hide(&mut self, variable: &str) {
        self.environment.retain(|(name, _)| name != variable);
    }
}

/// The token is not for logs.
impl std::fmt::Debug for AgentConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AgentConfig")
            .field("server", &self.server)
            .field("id", &self.id)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// The browser that an agent on this machine runs if it is told of none.
pub fn browser_of_this_machine() -> Option<PathBuf> {
    let environment: Vec<_> = std::env::vars_os().collect();
    let named = environment.iter().find(|(name, _)| name == "PILOTHOUSE_BROWSER");
    let named = named.map(|(_, path)| PathBuf::from(path));
    crate::browsers::find(named.as_deref(), &environment)
}

fn is_ours(name: &OsString) -> bool {
    name.as_encoded_bytes().starts_with(b"PILOTHOUSE_")
}
