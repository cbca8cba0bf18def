//! Who asks by the routes of this family, and what they may see.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use pilothouse_core::{
    Caller, Core, Scope,
    agents::Agent,
    ids::{AgentId, SessionId},
    sessions::Session,
};

use super::refusal::Refusal;
use crate::{
    auth::Claims,
    gateway::Shared,
    http::callers::{self, Identified},
};

/// A person, or the holder of a session's own token.
pub(super) struct Asker {
    pub(super) shared: Arc<Shared>,
    pub(super) caller: Caller,
    pub(super) claims: Claims,
    /// The token that they showed.
    pub(super) token: String,
}

/// What an id stands for: a session, a stream that has none, or an agent that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The stream's id, which is the session's.
    pub(super) id: SessionId,
    /// Whose it is. A stream without a session is nobody's: no agent has its name.
    pub(super) agent: AgentId,
    /// The session, if there is one.
    pub(super) session: Option<Arc<Session>>,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let found = callers::identify(parts, shared).await;
        let found = found.map_err(|why| Refusal::unauthorized(why.words()))?;
        let token = callers::token(parts).unwrap_or_default().to_owned();
        let Identified { caller, claims } = found;
        match &caller.scope {
            Scope::Person(_) | Scope::Session { .. } => {
                Ok(Self { shared: shared.clone(), caller, claims, token })
            }
            // That view, and nothing else.
            Scope::View(_)
            | Scope::Agent(_)
            | Scope::Enrolled(_)
            | Scope::Keyed { .. }
            | Scope::Nobody => Err(Refusal::forbidden("the token is for another purpose")),
        }
    }
}

impl Asker {
    /// What an id stands for: a session, a stream, or an agent, whose newest session is meant then.
    pub(super) fn target(&self, wanted: &str) -> Result<Target, Refusal> {
        let unknown = || Refusal::not_found(format!("session {} is not known", shortened(wanted)));
        let Ok(id) = SessionId::new(wanted) else { return Err(unknown()) };
        if let Scope::Session { session, agent } = &self.caller.scope {
            // Theirs by either name; of all others they do not even learn whether there are any.
            if id != *session && wanted != agent.as_str() {
                return Err(Refusal::forbidden("the token is for another session"));
            }
            let found = self.look(|core| {
                target(core, session)
                    .or_else(|| of_agent(core, agent).filter(|it| it.id == *session))
            });
            return found.ok_or_else(|| Refusal::expired("the session of this token is over"));
        }
        let found = self
            .look(|core| target(core, &id).or_else(|| of_agent(core, &AgentId::new(wanted).ok()?)));
        found.ok_or_else(unknown)
    }

    /// An agent that they may see.
    pub(super) fn agent(&self, wanted: &str) -> Result<Arc<Agent>, Refusal> {
        if let Scope::Session { agent, .. } = &self.caller.scope
            && agent.as_str() != wanted
        {
            return Err(Refusal::forbidden("the token is for another agent"));
        }
        let unknown = || Refusal::not_found(format!("agent {} is not known", shortened(wanted)));
        let id = AgentId::new(wanted).map_err(|_| unknown())?;
        let found = self
            .look(|core| core.fleet().view().agents().iter().find(|agent| agent.id == id).cloned());
        found.ok_or_else(unknown)
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Core) -> T) -> T {
        self.shared.hub.look(|core, _| look(core))
    }
}

/// What is known under a session's or a stream's id.
pub(super) fn target(core: &mut Core, id: &SessionId) -> Option<Target> {
    let view = core.fleet().view();
    if let Some(session) = view.session(id) {
        return Some(of_session(session));
    }
    view.readiness(id)?;
    let agent = AgentId::new(id.as_str()).ok()?;
    Some(Target { id: id.clone(), agent, session: None })
}

/// The newest session of an agent.
pub(super) fn newest_of(core: &mut Core, agent: &AgentId) -> Option<Target> {
    let view = core.fleet().view();
    view.sessions().filter(|session| session.agent == *agent).last().map(of_session)
}

/// The newest session of an agent; the agent alone, under its own name, if it has none.
pub(super) fn of_agent(core: &mut Core, agent: &AgentId) -> Option<Target> {
    newest_of(core, agent).or_else(|| {
        let is_known = core.fleet().view().agents().iter().any(|known| known.id == *agent);
        let id = SessionId::new(agent.as_str()).ok().filter(|_| is_known)?;
        Some(Target { id, agent: agent.clone(), session: None })
    })
}

fn of_session(session: &Arc<Session>) -> Target {
    let (id, agent) = (session.id.clone(), session.agent.clone());
    Target { id, agent, session: Some(session.clone()) }
}

/// What was sent, as far as it is told again.
pub(super) fn shortened(wanted: &str) -> String {
    wanted.chars().filter(|c| !c.is_control()).take(128).collect()
}
