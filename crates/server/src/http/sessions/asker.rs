//! Whoever sends a request of the sessions family, and asking the core and agents for them.

use std::{sync::Arc, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};
use pilothouse_core::{
    AgentType, Caller, Core, Reply, Request, Role,
    agents::{Agent, Status},
    calls::{self, Call, Found, GitOutput, Stat},
    ids::{AgentId, RepositoryId, SessionId, WorkerId},
    sessions::{self, Repository, Session, Worker},
};

use super::refused::Refused;
use crate::{desk, gateway::Shared, http::callers};

/// How long a look at a path, or into a repository, may take.
const LOOK_WITHIN: Duration = Duration::from_secs(8);
/// What the desk waits longer than the core, so that the core's refusal comes first.
const LONGER: Duration = Duration::from_secs(2);

/// A caller who may at least see everything.
#[derive(Clone)]
pub(in crate::http) struct Asker {
    pub(super) shared: Arc<Shared>,
    caller: Caller,
}

impl FromRequestParts<Arc<Shared>> for Asker {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refused> {
        let caller = callers::bearer_or_local(parts, shared).await;
        let caller = caller.map_err(Refused::unauthorized)?;
        if !caller.is_at_least(Role::Viewer) {
            return Err(Refused::forbidden("the token is for another purpose"));
        }
        Ok(Self { shared: shared.clone(), caller })
    }
}

impl Asker {
    /// Somebody who was found to be allowed to see everything.
    pub(super) fn new(shared: Arc<Shared>, caller: Caller) -> Self {
        Self { shared, caller }
    }

    /// Asks the core about sessions.
    pub(super) async fn ask(&self, request: sessions::Request) -> Result<Reply, Refused> {
        self.ask_within(Request::Sessions(request), desk::WITHIN).await
    }

    /// What is asked of something that is not there is refused by the core too, which keeps that in the audit.
    pub(super) async fn refuse<T>(
        &self,
        missing: Refused,
        request: Option<sessions::Request>,
    ) -> Result<T, Refused> {
        if let Some(request) = request {
            let _ = self.ask(request).await;
        }
        Err(missing)
    }

    /// Asks the core, and waits for so long.
    pub(super) async fn ask_within(
        &self,
        request: Request,
        within: Duration,
    ) -> Result<Reply, Refused> {
        Ok(self.shared.hub.ask(&self.caller, request, within).await?)
    }

    /// Looks at a path on an agent.
    pub(super) async fn stat(&self, agent: &AgentId, path: &str) -> Result<Stat, Refused> {
        match self.call(agent, Call::Stat { path: path.into() }, LOOK_WITHIN).await? {
            Found::Stat(stat) => Ok(stat),
            other => Err(nonsense(agent, &other)),
        }
    }

    /// Does a git operation on an agent, whatever comes of it.
    pub(super) async fn git(
        &self,
        agent: &AgentId,
        directory: &str,
        arguments: &[&str],
    ) -> Result<GitOutput, Refused> {
        self.git_within(agent, directory, arguments, LOOK_WITHIN).await
    }

    /// The same for one that may take longer.
    pub(super) async fn git_within(
        &self,
        agent: &AgentId,
        directory: &str,
        arguments: &[&str],
        within: Duration,
    ) -> Result<GitOutput, Refused> {
        let arguments = arguments.iter().map(|&argument| argument.into()).collect();
        let call = Call::Git { directory: directory.into(), arguments };
        match self.call(agent, call, within).await? {
            Found::Git(output) => Ok(output),
            other => Err(nonsense(agent, &other)),
        }
    }

    async fn call(&self, agent: &AgentId, call: Call, within: Duration) -> Result<Found, Refused> {
        let request = calls::Request { agent: agent.clone(), call, within };
        match self.ask_within(Request::Call(request), within + LONGER).await? {
            Reply::Called(found) => Ok(found),
            other => Err(Refused::conflict(format!("agent {agent} answered with {other:?}"))),
        }
    }

    /// Whether this caller may change anything.
    pub(super) fn may_change(&self) -> bool {
        self.caller.is_at_least(Role::Operator)
    }

    /// A session as viewers know it.
    pub(super) fn session(&self, id: &str) -> Result<Arc<Session>, Refused> {
        let unknown = || Refused::not_found(format!("session {id} is not known"));
        let id = SessionId::new(id).map_err(|_| Refused::not_found("that is no session's id"))?;
        self.look(|core| core.fleet().view().session(&id).cloned()).ok_or_else(unknown)
    }

    /// A worker and its session.
    pub(super) fn worker(
        &self,
        session: &str,
        worker: &str,
    ) -> Result<(Arc<Session>, Arc<Worker>), Refused> {
        let session = self.session(session)?;
        let id = WorkerId::new(worker).map_err(|_| Refused::not_found("that is no worker's id"))?;
        let found = session.worker(&id).cloned();
        let found =
            found.ok_or_else(|| Refused::not_found(format!("worker {worker} is not known")))?;
        Ok((session, found))
    }

    /// Every session.
    pub(super) fn sessions(&self) -> Vec<Arc<Session>> {
        self.look(|core| core.fleet().view().sessions().cloned().collect())
    }

    /// Every registered repository.
    pub(super) fn repositories(&self) -> Vec<Arc<Repository>> {
        self.look(|core| core.fleet().view().repositories().to_vec())
    }

    /// A registered repository.
    pub(super) fn repository(&self, id: &str) -> Result<Arc<Repository>, Refused> {
        let wanted =
            RepositoryId::new(id).map_err(|_| Refused::not_found("that is no repository's id"))?;
        let found = self.repositories().into_iter().find(|known| known.id == wanted);
        found.ok_or_else(|| Refused::not_found(format!("repository {id} is not known")))
    }

    /// Every kind of command line agent.
    pub(super) fn agent_types(&self) -> Vec<Arc<AgentType>> {
        self.look(|core| core.fleet().view().agent_types().all().cloned().collect())
    }

    /// The kind of command line agent of that id, or of a name that older clients have for it.
    pub(super) fn agent_type(&self, id: &str) -> Option<Arc<AgentType>> {
        self.look(|core| core.fleet().view().agent_types().find(id).cloned())
    }

    /// The agent of that id if it is connected; without an id the only one that is.
    pub(super) fn agent(&self, id: Option<&str>) -> Result<AgentId, Refused> {
        let agents = self.agents();
        let is_there = |agent: &&Arc<Agent>| agent.status != Status::Offline;
        if let Some(id) = id {
            let known = agents.iter().find(|agent| agent.id.as_str() == id);
            let known =
                known.ok_or_else(|| Refused::not_found(format!("agent {id} is not known")))?;
            return match known.status {
                Status::Offline => Err(Refused::conflict(format!(
                    "agent {id} is not connected; start it or look at its machine"
                ))),
                Status::Online | Status::Busy | Status::Error => Ok(known.id.clone()),
            };
        }
        let present: Vec<_> = agents.iter().filter(is_there).collect();
        match &present[..] {
            [only] => Ok(only.id.clone()),
            [] => Err(Refused::conflict("no agent is connected; start one with pilothouse agent")),
            several => {
                let names: Vec<_> = several.iter().map(|agent| agent.id.as_str()).collect();
                let names = names.join(", ");
                Err(Refused::conflict(format!(
                    "several agents are connected ({names}); name one with agentId"
                )))
            }
        }
    }

    /// Whether there is an agent of that id, connected or not.
    pub(super) fn has_agent(&self, id: &str) -> bool {
        self.agents().iter().any(|agent| agent.id.as_str() == id)
    }

    fn agents(&self) -> Vec<Arc<Agent>> {
        self.look(|core| core.fleet().view().agents().to_vec())
    }

    fn look<T>(&self, look: impl FnOnce(&mut Core) -> T) -> T {
        self.shared.hub.look(|core, _| look(core))
    }
}

fn nonsense(agent: &AgentId, found: &Found) -> Refused {
    tracing::warn!(%agent, ?found, "an agent answered something else than it was asked");
    Refused::conflict(format!("agent {agent} answered something else than it was asked"))
}
