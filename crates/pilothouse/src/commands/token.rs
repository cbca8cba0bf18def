//! `pilothouse token`: prints one token.

use std::time::Duration;

use clap::{Args, ValueEnum};
use pilothouse_core::{
    Role,
    ids::{AgentId, SessionId},
};
use pilothouse_server::{
    auth::{secret::Secret, tokens::Grant},
    config::duration,
};

use crate::{
    access,
    commands::serve::ServeOptions,
    failure::{CONFIG, Failure},
    output,
};

/// Whom the token is for and what it opens.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse token --user ann --role operator --expires 8h
  pilothouse token --agent build-01 --expires 30d > token")]
pub(crate) struct TokenCommand {
    /// Who will use it
    #[arg(long, required_unless_present = "agent", value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// What they may do
    #[arg(long, value_enum, default_value = "operator", conflicts_with_all = ["agent", "viewer"])]
    pub(crate) role: RoleName,
    /// Opens the pictures of this session and nothing else
    #[arg(long, value_name = "SESSION", conflicts_with = "agent")]
    pub(crate) viewer: Option<SessionId>,
    /// Opens the link of this agent and nothing else
    #[arg(long, value_name = "ID", conflicts_with = "user")]
    pub(crate) agent: Option<AgentId>,
    /// For how long it counts, such as 30m, 8h, 30d
    #[arg(long, default_value = "1h", value_name = "DURATION", value_parser = duration)]
    pub(crate) expires: Duration,
    #[command(flatten)]
    pub(crate) server: ServeOptions,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Everything.
    Admin,
    /// See everything and run commands.
    Operator,
    /// See everything.
    Viewer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Operator => Self::Operator,
            RoleName::Viewer => Self::Viewer,
        }
    }
}

impl TokenCommand {
    fn grant(&self) -> Grant {
        let user = self.user.clone().unwrap_or_default();
        match (&self.agent, &self.viewer) {
            (Some(agent), _) => Grant::Agent(agent.clone()),
            (None, Some(session)) => Grant::Viewer { user, session: session.clone() },
            (None, None) => Grant::Person { user, role: self.role.into() },
        }
    }
}

/// Prints a token and nothing else.
pub(crate) fn run(options: &TokenCommand) -> Result<u8, Failure> {
    let config = options.server.config()?;
    let secret = match config.auth_secret {
        Some(secret) => Ok(secret),
        None => Secret::read_or_create(&config.data_dir),
    };
    let secret = secret.map_err(|error| Failure::new(CONFIG, error))?;
    output::say(&access::sign(&secret, &options.grant(), options.expires));
    Ok(0)
}
