//! The sessions there are, as the core knows them; viewers know only what is stored.

use std::{collections::BTreeMap, sync::Arc};

use super::{Repository, Session, Worker};
use crate::ids::{AgentId, RepositoryId, SessionId, WorkerId};

/// All sessions and repositories.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Arc<Session>>,
    of_worker: BTreeMap<WorkerId, SessionId>,
    repositories: BTreeMap<RepositoryId, Arc<Repository>>,
}

impl Sessions {
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn get(&self, id: &SessionId) -> Option<&Arc<Session>> {
        self.by_id.get(id)
    }

    /// Every session.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.by_id.values()
    }

    /// The sessions of an agent.
    pub(crate) fn of_agent<'a>(
        &'a self,
        agent: &'a AgentId,
    ) -> impl Iterator<Item = &'a Arc<Session>> {
        self.by_id.values().filter(move |session| session.agent == *agent)
    }

    /// A worker and its session.
    pub(crate) fn worker(&self, id: &WorkerId) -> Option<(&Arc<Session>, &Arc<Worker>)> {
        let session = self.by_id.get(self.of_worker.get(id)?)?;
        Some((session, session.worker(id)?))
    }

    /// Inserts or replaces a session.
    pub(crate) fn put(&mut self, session: &Arc<Session>) {
        for worker in session.workers.iter() {
            self.of_worker.insert(worker.id.clone(), session.id.clone());
        }
        if let Some(old) = self.by_id.insert(session.id.clone(), session.clone()) {
            for gone in old.workers.iter().filter(|worker| session.worker(&worker.id).is_none()) {
                self.of_worker.remove(&gone.id);
            }
        }
    }

    /// Forgets a session and its workers.
    pub(crate) fn remove(&mut self, id: &SessionId) -> Option<Arc<Session>> {
        let session = self.by_id.remove(id)?;
        for worker in session.workers.iter() {
            self.of_worker.remove(&worker.id);
        }
        Some(session)
    }

    pub(crate) fn put_repository(&mut self, repository: Arc<Repository>) {
        self.repositories.insert(repository.id.clone(), repository);
    }

    pub(crate) fn remove_repository(&mut self, id: &RepositoryId) -> Option<Arc<Repository>> {
        self.repositories.remove(id)
    }

    pub(crate) fn repositories(&self) -> impl Iterator<Item = &Arc<Repository>> {
        self.repositories.values()
    }
}

impl Session {
    /// The same session with this worker in the place of the one of its id, or at the end.
    pub(crate) fn with_worker(&self, worker: Arc<Worker>) -> Self {
        let mut workers = self.workers.to_vec();
        match workers.iter().position(|known| known.id == worker.id) {
            Some(place) => workers[place] = worker,
            None => workers.push(worker),
        }
        Self { workers: workers.into(), ..self.clone() }
    }

    /// The same session without this worker.
    pub(crate) fn without_worker(&self, id: &WorkerId) -> Self {
        let rest = self.workers.iter().filter(|worker| worker.id != *id);
        Self { workers: rest.cloned().collect(), ..self.clone() }
    }
}
