//! The link to the server: connects, says hello, and comes back whenever it is lost.

mod destinations;
mod lane;
mod orders;
mod outgoing;
mod place;
mod resources;
mod retry;
mod session;
mod transport;
mod turns;

#[cfg(test)]
mod outgoing_tests;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use pilothouse_protocols::{
    CloseCode,
    agent_link::messages::{Profile, RefusalCode},
};
use tokio::sync::Notify;

use crate::{
    AgentConfig, books::Books, browsers::Browsers, commands::Commands, credential::Credentials,
    resources::Meter, runs::Runs, workers::Workers,
};
pub(crate) use destinations::destinations;
use pilothouse_websocket::connect::{Connector, ServerAddress};
pub(crate) use retry::Retry;
pub(crate) use transport::TransportError;

/// What every link needs.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) config: Arc<AgentConfig>,
    pub(crate) books: Arc<Books>,
    pub(crate) commands: Arc<Commands>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) browsers: Arc<Browsers>,
    pub(crate) runs: Arc<Runs>,
    pub(crate) address: ServerAddress,
    pub(crate) connector: Connector,
    pub(crate) incarnation: String,
    /// The agent is dead and this link reports what it left.
    pub(crate) is_witness: bool,
    pub(crate) credentials: Arc<Mutex<Credentials>>,
    pub(crate) profile: Profile,
    /// What the machine has left.
    pub(crate) meter: Arc<Mutex<Meter>>,
    /// The server wants a new life of the agent.
    pub(crate) new_life: Notify,
}

/// How a link ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// The socket could not be opened, or broke.
    #[error(transparent)]
    Transport(#[from] transport::TransportError),
    /// The server closed it.
    #[error("the server closed the link with code {0}")]
    Closed(u16),
    /// The server does not take this agent.
    #[error("the server refuses this agent: {reason} ({code:?})")]
    Refused {
        /// For programs.
        code: RefusalCode,
        /// For people.
        reason: String,
    },
    /// The server does not keep to the protocol.
    #[error("the server does not speak the agent link: {0}")]
    Protocol(String),
}

impl LinkError {
    /// Nobody lets a witness in beside a living agent; nothing but its end is left to do.
    fn is_final_for_witness(&self) -> bool {
        match self {
            Self::Refused { code, .. } => *code != RefusalCode::Unavailable,
            Self::Closed(code) => *code == CloseCode::Superseded.number(),
            Self::Transport(_) | Self::Protocol(_) => false,
        }
    }
}

impl Link {
    /// Keeps a link for ever, or until nobody wants to hear a witness any more. Cancelled by dropping it.
    pub(crate) async fn keep(&self) -> LinkError {
        let mut retry = Retry::new(self.config.retry_first, self.config.retry_longest);
        loop {
            let (was_good, error) = self.once().await;
            if self.is_witness && error.is_final_for_witness() {
                return error;
            }
            if was_good {
                retry.succeeded();
            }
            // Two agents of one id would take the link from each other without end.
            if matches!(error, LinkError::Closed(code) if code == CloseCode::Superseded.number()) {
                retry.give_way();
            }
            let is_refused =
                matches!(&error, LinkError::Transport(refused) if refused.is_unauthorized());
            let has_another = is_refused && self.credentials.lock().refused();
            let wait = if has_another { Duration::ZERO } else { retry.wait(random()) };
            tracing::warn!(server = %self.server(), %error, ?wait, "no link to the server; trying again");
            place::pause(self.config.server_file.as_deref(), wait).await;
        }
    }

    /// Where the server is just now.
    fn server(&self) -> ServerAddress {
        place::told(self.config.server_file.as_deref()).unwrap_or_else(|| self.address.clone())
    }

    /// One link, and whether it was ever good.
    async fn once(&self) -> (bool, LinkError) {
        let mut session = match session::Session::open(self).await {
            Ok(session) => session,
            Err(error) => return (false, error),
        };
        self.books.outbox().set_linked(true);
        let linked = Linked(&self.books);
        tracing::info!(server = %self.server(), link = session.number(), "linked");
        let error = session.run(self).await;
        drop(linked);
        (true, error)
    }
}

/// Says that the link is gone even when it is cancelled.
struct Linked<'a>(&'a Books);

impl Drop for Linked<'_> {
    fn drop(&mut self) {
        self.0.outbox().set_linked(false);
    }
}

/// Some number. Without the system's randomness all agents retry in step, which is bad but no reason to stop.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
