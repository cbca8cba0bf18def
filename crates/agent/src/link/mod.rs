//! The link to the server: connects, says hello, and comes back whenever it is lost.

mod outgoing;
mod retry;
mod session;
mod transport;

#[cfg(test)]
mod outgoing_tests;

use std::sync::Arc;

use pilothouse_protocols::{CloseCode, agent_link::messages::Profile};
use tokio::time::sleep;

use crate::{AgentConfig, commands::Commands};
use pilothouse_websocket::connect::{Connector, ServerAddress};
use retry::Retry;

/// What every link needs.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) config: Arc<AgentConfig>,
    pub(crate) commands: Arc<Commands>,
    pub(crate) address: ServerAddress,
    pub(crate) connector: Connector,
    pub(crate) incarnation: String,
    pub(crate) profile: Profile,
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
        code: pilothouse_protocols::agent_link::messages::RefusalCode,
        /// For people.
        reason: String,
    },
    /// The server does not keep to the protocol.
    #[error("the server does not speak the agent link: {0}")]
    Protocol(String),
}

impl Link {
    /// Keeps a link for ever. Cancelled by dropping it.
    pub(crate) async fn keep(&self) {
        let mut retry = Retry::new(self.config.retry_first, self.config.retry_longest);
        loop {
            let (was_good, error) = self.once().await;
            if was_good {
                retry.succeeded();
            }
            // Two agents of one id would take the link from each other without end.
            if matches!(error, LinkError::Closed(code) if code == CloseCode::Superseded.number()) {
                retry.give_way();
            }
            let wait = retry.wait(random());
            tracing::warn!(server = %self.address, %error, ?wait, "no link to the server; trying again");
            sleep(wait).await;
        }
    }

    /// One link, and whether it was ever good.
    async fn once(&self) -> (bool, LinkError) {
        let mut session = match session::Session::open(self).await {
            Ok(session) => session,
            Err(error) => return (false, error),
        };
        self.commands.outbox().set_linked(true);
        let linked = Linked(&self.commands);
        tracing::info!(server = %self.address, link = session.number(), "linked");
        let error = session.run(self).await;
        drop(linked);
        (true, error)
    }
}

/// Says that the link is gone even when it is cancelled.
struct Linked<'a>(&'a Commands);

impl Drop for Linked<'_> {
    fn drop(&mut self) {
        self.0.outbox().set_linked(false);
    }
}

/// Some number. Without the system's randomness all agents retry in step, which is bad but no reason to stop.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
