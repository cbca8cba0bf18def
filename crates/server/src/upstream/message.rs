//! A message for a reported agent goes to its gateway: as a field of JSON, byte for byte, and never through a shell.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{Caller, CoreError, Request, agents, ids::AgentId};
use serde_json::{Value, json};

use super::{Way, exchange::ExchangeError};
use crate::{
    desk::{self, NoAnswer},
    gateway::Shared,
};

/// How long the gateway may take: it answers when its agent has.
const WITHIN: Duration = Duration::from_secs(60);

/// Why a message did not reach the agent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPassed {
    /// The core said no, or nothing in time.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// There is no gateway that knows the agent.
    #[error(
        "no gateway takes messages for agent {0}; whoever reports it has to be told another way"
    )]
    NoWay(AgentId),
    /// It does not exist.
    #[error("agent {0} is a demonstration; nothing reaches it")]
    Demo(AgentId),
    /// The gateway did not take it.
    #[error("the message did not reach the gateway: {0}")]
    Gateway(#[from] ExchangeError),
}

/// What came of a message.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) session: String,
    /// What the gateway answered.
    pub(crate) result: Value,
}

/// Passes a message on to a reported agent, if the caller may; leaves one audit record either way.
pub(crate) async fn pass_on(
    shared: &Shared,
    caller: &Caller,
    agent: &AgentId,
    text: Arc<str>,
) -> Result<Passed, NotPassed> {
    let request = agents::Request::Message { agent: agent.clone(), text: text.clone() };
    shared.hub.ask(caller, Request::Agents(request), desk::WITHIN).await?;
    let upstream = &shared.upstream;
    let session = upstream.session_of(agent).map(|session| session.session);
    let (exchange, session) = match (&upstream.way, session) {
        (Way::Gateway(exchange), Some(session)) => (exchange, session),
        (Way::Demo, Some(_)) => return Err(NotPassed::Demo(agent.clone())),
        _ => return Err(NotPassed::NoWay(agent.clone())),
    };
    let body = json!({ "sessionId": session, "agentId": agent.as_str(), "message": &*text });
    let result = exchange.post("/message", &body, WITHIN).await?;
    Ok(Passed { session, result })
}

impl From<CoreError> for NotPassed {
    fn from(refusal: CoreError) -> Self {
        Self::NoAnswer(refusal.into())
    }
}
