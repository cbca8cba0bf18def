//! The agent: owns processes, keeps their output, and survives its server.
//!
//! A library; the binary's `agent` command and tests run it.

mod clock;
mod commands;
mod config;
mod cutting;
mod folder;
mod journal;
mod link;
mod outbox;
mod spool;

#[cfg(test)]
mod agent_tests;

use std::{sync::Arc, time::Duration};

use pilothouse_protocols::agent_link::messages::Profile;
use tokio::time::{sleep, timeout};

use commands::Commands;
pub use config::AgentConfig;
use folder::Folder;
pub use folder::FolderError;
use link::Link;
use pilothouse_websocket::connect::{Connector, ServerAddress};
pub use pilothouse_websocket::connect::{InvalidAddress, TrustError};

/// How long an agent that stops tries to tell the server how its commands ended.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why an agent does not run. A server that cannot be reached is no reason.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The server's URL makes no sense.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// The file with the authorities to be trusted cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The token cannot be sent.
    #[error("the token contains characters that no token has; check the file it comes from")]
    Token,
    /// Its folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// What is in its folder cannot be read or written.
    #[error("the agent's folder cannot be used: {0}")]
    Disk(#[from] std::io::Error),
    /// The system does not let it look after orphaned processes.
    #[error("the agent cannot adopt orphaned processes: {0}")]
    Subreaper(#[from] nix::Error),
}

/// Runs an agent until `shutdown`; then ends its commands, keeps what the server does not have, and returns.
///
/// Takes over the whole process as far as orphaned children are concerned (`PR_SET_CHILD_SUBREAPER`).
pub async fn run(
    config: AgentConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AgentError> {
    let address: ServerAddress = config.server.parse()?;
    let connector = Connector::new(config.authorities.clone(), config.connect_within)?;
    if config.token.is_empty() || !config.token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AgentError::Token);
    }
    let _folder = Folder::take(&config.data_dir)?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    let config = Arc::new(config);
    let commands = Commands::open(config.clone()).await?;
    let link = Link {
        address,
        connector,
        incarnation: format!("{:016x}", link::random()),
        profile: profile(&config),
        commands: commands.clone(),
        config,
    };
    tracing::info!(agent = %link.config.id, server = %link.address, "agent runs");
    tokio::select! {
        () = link.keep() => {}
        () = async {
            shutdown.await;
            commands.stop().await;
            let _ = timeout(FAREWELL, told(&commands)).await;
        } => {}
    }
    Ok(())
}

/// Waits until the server has stored how every command ended, if there is a server.
async fn told(commands: &Commands) {
    while commands.outbox().has_listener() {
        sleep(Duration::from_millis(10)).await;
    }
}

fn profile(config: &AgentConfig) -> Profile {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Profile {
        name: config.name.clone(),
        agent_type: config.agent_type.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        host: host.trim().to_owned(),
        capabilities: vec!["commands".to_owned()],
    }
}
