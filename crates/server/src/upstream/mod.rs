//! The gateway that `gateway.url` names: its sessions become reported agents, and messages for these go back to it.
//!
//! It is asked over HTTP and never through a shell. Not to be confused with our own gateway, where sockets end.

mod demo;
mod exchange;
mod follow;
mod message;
mod shapes;
mod steadiness;

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use pilothouse_core::ids::AgentId;
use pilothouse_websocket::connect::{InvalidAddress, ServerAddress};
use serde_json::{Map, Value};

use crate::config::Config;

use exchange::Exchange;
pub(crate) use follow::follow;
pub(crate) use message::{NotPassed, Passed, pass_on};
pub(crate) use shapes::GatewaySession;

/// Why the gateway cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// `gateway.url` is none.
    #[error("gateway.url: {0}")]
    Address(#[from] InvalidAddress),
    /// Another key is wrong.
    #[error("gateway: {0}")]
    Exchange(String),
}

/// How reported agents come in.
#[derive(Debug)]
enum Way {
    /// They do not.
    Disabled,
    /// `gateway.mock`
    Demo,
    /// `gateway.url`
    Gateway(Box<Exchange>),
}

/// The gateway as it was seen last. Bounded by what one answer may hold.
#[derive(Debug, Default)]
struct Seen {
    is_connected: bool,
    /// By agent, the session that was active last first.
    sessions: BTreeMap<AgentId, Vec<GatewaySession>>,
    /// What the gateway says of its agents' heartbeats.
    heartbeats: BTreeMap<AgentId, Map<String, Value>>,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Upstream {
    way: Way,
    /// Without a token, which is never a part of it.
    url: String,
    seen: RwLock<Seen>,
}

impl Upstream {
    pub(crate) fn configured(config: &Config) -> Result<Self, UpstreamError> {
        let gateway = &config.gateway;
        let address = gateway.url.as_deref().map(str::parse::<ServerAddress>).transpose()?;
        let url = address.as_ref().map(ToString::to_string).unwrap_or_default();
        let way = match (gateway.is_mock, address) {
            (true, _) => Way::Demo,
            (false, None) => Way::Disabled,
            (false, Some(address)) => {
                let exchange = Exchange::new(address, gateway.token.as_ref(), gateway.timeout);
                Way::Gateway(Box::new(
                    exchange.map_err(|e| UpstreamError::Exchange(e.to_string()))?,
                ))
            }
        };
        Ok(Self { way, url, seen: RwLock::default() })
    }

    /// How it is, in the word that `/health` has for it.
    pub(crate) fn state(&self) -> &'static str {
        match self.way {
            Way::Disabled => "disabled",
            Way::Demo => "mock",
            Way::Gateway(_) if self.seen.read().is_connected => "connected",
            Way::Gateway(_) => "disconnected",
        }
    }

    /// `gateway.url`; empty if there is none.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_demo(&self) -> bool {
        matches!(self.way, Way::Demo)
    }

    /// The session of a reported agent that was active last.
    pub(crate) fn session_of(&self, agent: &AgentId) -> Option<GatewaySession> {
        self.seen.read().sessions.get(agent)?.first().cloned()
    }

    /// The agent that has this session.
    pub(crate) fn agent_of(&self, session: &str) -> Option<AgentId> {
        let seen = self.seen.read();
        let mut agents = seen.sessions.iter();
        let has = |sessions: &[GatewaySession]| sessions.iter().any(|it| it.session == session);
        agents.find(|(_, sessions)| has(sessions)).map(|(agent, _)| agent.clone())
    }

    /// What the gateway says of an agent's heartbeat.
    pub(crate) fn heartbeat_of(&self, agent: &AgentId) -> Option<Map<String, Value>> {
        self.seen.read().heartbeats.get(agent).cloned()
    }

    /// Who reports these agents.
    fn source(&self) -> Arc<str> {
        if self.is_demo() { "demo".into() } else { "gateway".into() }
    }
}
