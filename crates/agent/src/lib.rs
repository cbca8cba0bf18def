//! The agent: owns processes, keeps their output, and survives its server.
//!
//! A library; the binary's `agent` command and tests run it.

pub mod activity;
mod batching;
mod books;
mod browsers;
mod clock;
mod commands;
mod config;
mod credential;
mod cutting;
mod driver;
mod folder;
mod journal;
mod link;
mod outbox;
mod processes;
mod requests;
mod resources;
mod runs;
mod speech;
mod spool;
pub mod terminal;
mod witness;
mod workers;

#[cfg(test)]
mod agent_tests;
#[cfg(test)]
mod books_tests;

use std::{pin::Pin, sync::Arc, time::Duration};

use pilothouse_protocols::agent_link::messages::Profile;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use books::Books;
use browsers::Browsers;
pub use browsers::{Allowance, BrowserConfig, InvalidAllowance};
use commands::Commands;
pub use config::{AgentConfig, browser_of_this_machine};
use credential::Credentials;
use folder::Folder;
pub use folder::FolderError;
use link::Link;
use parking_lot::Mutex;
use pilothouse_websocket::connect::{Connector, ServerAddress};
pub use pilothouse_websocket::connect::{InvalidAddress, TrustError};
use runs::Runs;
pub use runs::{ModelConfig, ModelKind, RunConfig};
pub use witness::witness;
use workers::Workers;

/// How long an agent that stops tries to tell the server how all that ran ended.
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
    /// There is neither a token nor a key that the server knows.
    #[error("an agent needs a token the first time, and then never again")]
    NoToken,
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

/// Runs an agent until `shutdown`; then ends what it runs, keeps what the server does not have, and returns.
///
/// Takes over the whole process as far as orphaned children are concerned (`PR_SET_CHILD_SUBREAPER`).
pub async fn run(
    config: AgentConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AgentError> {
    tokio::pin!(shutdown);
    while live(config.clone(), shutdown.as_mut()).await? == Over::ToLiveAgain {
        tracing::info!(agent = %config.id, "agent begins a new life");
    }
    Ok(())
}

/// Why a life is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    ForGood,
    ToLiveAgain,
}

/// Whether a token can be one at all.
fn is_sound(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What opens the server's door, if there is anything.
fn credentials(config: &AgentConfig) -> Result<Credentials, AgentError> {
    let credentials = Credentials::open(&config.data_dir, &config.id, config.token.clone())?;
    if credentials.are_usable() { Ok(credentials) } else { Err(AgentError::NoToken) }
}

/// One life, from taking the folder to giving it back.
async fn live(
    config: AgentConfig,
    shutdown: Pin<&mut impl Future<Output = ()>>,
) -> Result<Over, AgentError> {
    let address: ServerAddress = config.server.parse()?;
    let connector = Connector::new(config.authorities.clone(), config.connect_within)?;
    if config.token.as_ref().is_some_and(|token| !is_sound(token)) {
        return Err(AgentError::Token);
    }
    let _folder = Folder::take_soon(&config.data_dir).await?;
    let credentials = credentials(&config)?;
    witness::relieve(&config.data_dir).await?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    let config = Arc::new(config);
    let books = Books::open(config.clone()).await?;
    let (commands, workers) = (Commands::new(books.clone()), Workers::new(books.clone()));
    let credentials = Arc::new(Mutex::new(credentials));
    let destinations = link::destinations(&config, address.clone(), credentials.clone());
    let browsers = Browsers::new(config.clone(), connector.clone(), destinations);
    Runs::tidy(&config);
    let runs = Runs::new(config.clone(), browsers.clone());
    let link = Link {
        address,
        connector,
        incarnation: format!("{:016x}", link::random()),
        is_witness: false,
        credentials: credentials.clone(),
        profile: profile(&config),
        browsers: browsers.clone(),
        runs: runs.clone(),
        books: books.clone(),
        commands: commands.clone(),
        workers: workers.clone(),
        meter: Arc::new(Mutex::new(resources::Meter::new())),
        new_life: Notify::new(),
        config,
    };
    tracing::info!(agent = %link.config.id, server = %link.address, "agent runs");
    let beside = witness::Beside::new(&link.config, &link.incarnation)?;
    let witness = match &beside {
        // Before the link: from its first moment on, whoever kills the agent is witnessed.
        Some(beside) => beside.start().await,
        None => None,
    };
    let watched = async {
        match &beside {
            Some(beside) => beside.keep(witness).await,
            None => std::future::pending().await,
        }
    };
    let over = tokio::select! {
        error = link.keep() => {
            tracing::error!(%error, "the link is over");
            Over::ForGood
        }
        () = watched => Over::ForGood,
        () = books.recover_from_trouble() => Over::ForGood,
        over = async {
            let over = tokio::select! {
                () = shutdown => Over::ForGood,
                () = link.new_life.notified() => Over::ToLiveAgain,
            };
            tokio::join!(commands.stop(), workers.stop(), stop(&runs, &browsers));
            let _ = timeout(FAREWELL, told(&books, &runs)).await;
            over
        } => over,
    };
    if let Some(beside) = &beside {
        beside.dismiss().await;
    }
    Ok(over)
}

/// Ends runs, and then the browsers that are left.
async fn stop(runs: &Runs, browsers: &Browsers) {
    runs.stop().await;
    browsers.stop().await;
}

/// Waits until the server has stored how everything ended, if there is a server.
async fn told(books: &Books, runs: &Runs) {
    while books.outbox().has_listener() || books.outbox().is_linked() && !runs.are_settled() {
        sleep(Duration::from_millis(10)).await;
    }
}

fn profile(config: &AgentConfig) -> Profile {
    let mut capabilities = vec!["commands".to_owned(), "terminals".to_owned()];
    if browsers::find(config.browser.program.as_deref(), &config.environment).is_some() {
        capabilities.push("browser".to_owned());
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Profile {
        name: config.name.clone(),
        agent_type: config.agent_type.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        host: host.trim().to_owned(),
        capabilities,
    }
}
