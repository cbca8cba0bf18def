//! Sessions and workers come, change and go, as people ask for it.

use std::sync::Arc;

use super::{
    Activity, AddWorker, AddedWorker, Change, Create, Event, Kind, Launch, Repository, Request,
    Session, SpawnOrder, Worker, WorkerKind, WorkerState,
};
use crate::{
    Asked, Caller, Core, CoreError, Event as Fact, Reply, Role,
    agents::Order,
    attention::Subject,
    ids::{AgentId, RepositoryId, SessionId, WorkerId},
    outbox::Followup,
    ports::Write,
    streams::StreamKey,
    time::Moment,
};

/// How many sessions there may be.
const MOST_SESSIONS: usize = 10_000;
/// How many workers one session may have.
const MOST_WORKERS: usize = 64;
/// How many repositories may be registered.
const MOST_REPOSITORIES: usize = 1_000;
/// The longest title, name, path or branch, in bytes.
const LONGEST_TEXT: usize = 4096;
/// The longest prompt or other variable, in bytes; what a process takes as one.
const LONGEST_VARIABLE: usize = 64 * 1024;

impl Core {
    pub(crate) fn ask_sessions(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let done = match request {
            Request::Attach { session, worker } => {
                let found = self.find_worker(&session, &worker);
                let may_type = caller.is_at_least(Role::Operator);
                if found.is_ok() {
                    self.attached.put(&worker, caller, now.wall);
                    self.viewers_changed(&worker, now);
                    self.worker_is_seen(&worker, now);
                }
                return Asked::Answered(found.map(|_| Reply::Attached { may_type }));
            }
            Request::Look { session, worker } => {
                let found = self.find_worker(&session, &worker);
                self.worker_is_seen(&worker, now);
                return Asked::Answered(found.map(|_| Reply::Done));
            }
            _ if self.outbox.is_degraded() => Err(CoreError::StorageUnavailable),
            Request::Create(create) => self.create_session(create, now),
            Request::Change(change) => self.change_session(&change, now),
            Request::Delete(session) => self.delete_session(&session, now),
            Request::AddWorker(add) => self.add_worker(add, now),
            Request::RemoveWorker { session, worker } => self.remove_worker(&session, &worker, now),
            Request::RestartWorker { session, worker, launch } => {
                self.restart_worker(&session, &worker, launch, now)
            }
            Request::AddRepository { agent, path } => self.add_repository(agent, path, now),
            Request::RemoveRepository(id) => self.remove_repository(&id, now),
            Request::Stop(session) => return self.stop_workers(caller, &session),
        };
        self.answer_after_commit(caller, done)
    }

    fn create_session(&mut self, create: Create, now: Moment) -> Result<Reply, CoreError> {
        self.check_linked(&create.agent)?;
        if create.worker.is_some() {
            self.check_not_stopped(&create.agent)?;
        }
        if self.sessions.len() >= MOST_SESSIONS {
            return Err(CoreError::LimitReached("there are 10000 sessions; delete some first"));
        }
        let texts = [Some(&create.path), create.title.as_ref()];
        check_texts(texts.into_iter().flatten())?;
        if create.initial_prompt.as_ref().is_some_and(|text| text.len() > LONGEST_VARIABLE) {
            return Err(CoreError::Invalid("a prompt has at most 65536 bytes"));
        }
        let id = self.naming.session(now.wall);
        let session = Session {
            id: id.clone(),
            agent: create.agent,
            kind: create.kind,
            path: create.path,
            title: create.title.filter(|title| !title.is_empty()),
            initial_prompt: create.initial_prompt,
            created_at: now.wall,
            is_active: true,
            workers: Arc::new([]),
        };
        let session = match create.worker {
            Some(worker) => {
                let worker = self.make_worker(&session, worker, now)?;
                self.outbox.after_commit(Followup::Spawn(worker.stream()));
                session.with_worker(worker)
            }
            None => session,
        };
        let session = self.keep_session(session);
        self.show_committed(Fact::Sessions(Event::Created(session)), now);
        Ok(Reply::SessionMade(id))
    }

    fn change_session(&mut self, change: &Change, now: Moment) -> Result<Reply, CoreError> {
        check_texts(change.title.iter().chain(&change.branch))?;
        let mut session = self.find_session(&change.session)?.as_ref().clone();
        if let Some(title) = &change.title {
            session.title = Some(title.clone()).filter(|title| !title.is_empty());
        }
        if let Some(branch) = &change.branch {
            let Kind::Worktree { repository, .. } = session.kind else {
                return Err(CoreError::Invalid("only a session in a worktree has a branch"));
            };
            session.kind = Kind::Worktree { repository, branch: branch.clone() };
        }
        self.update_session(session, now);
        Ok(Reply::Done)
    }

    fn delete_session(&mut self, id: &SessionId, now: Moment) -> Result<Reply, CoreError> {
        let session = self.find_session(id)?.clone();
        self.sessions.remove(id);
        self.end_browser(&session.agent, &session.id, now);
        self.outbox.write(Write::SessionGone(session.clone()));
        for worker in session.workers.iter() {
            self.dismiss(&session.agent, worker, now);
            self.show_committed(Fact::Sessions(Event::Removed(worker.clone())), now);
        }
        self.show_committed(Fact::Sessions(Event::Deleted(session)), now);
        self.forget_readiness(id, now);
        Ok(Reply::Done)
    }

    fn add_worker(&mut self, add: AddWorker, now: Moment) -> Result<Reply, CoreError> {
        let session = self.find_session(&add.session)?.clone();
        self.check_linked(&session.agent)?;
        self.check_not_stopped(&session.agent)?;
        if session.workers.len() >= MOST_WORKERS {
            return Err(CoreError::LimitReached("the session has 64 workers; remove some first"));
        }
        let worker = self.make_worker(&session, add.worker, now)?;
        let id = worker.id.clone();
        self.outbox.after_commit(Followup::Spawn(worker.stream()));
        self.update_session(session.with_worker(worker), now);
        Ok(Reply::WorkerAdded(id))
    }

    fn remove_worker(
        &mut self,
        session: &SessionId,
        worker: &WorkerId,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let (session, worker) = self.find_worker(session, worker)?;
        self.dismiss(&session.agent, &worker, now);
        self.outbox.write(Write::WorkerGone(worker.stream()));
        let rest = session.without_worker(&worker.id);
        self.show_committed(Fact::Sessions(Event::Removed(worker)), now);
        self.update_session(rest, now);
        Ok(Reply::Done)
    }

    fn restart_worker(
        &mut self,
        session: &SessionId,
        worker: &WorkerId,
        launch: Option<Launch>,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let (session, old) = self.find_worker(session, worker)?;
        self.check_agent_type(&old.kind)?;
        self.check_linked(&session.agent)?;
        self.check_not_stopped(&session.agent)?;
        let launch = launch.unwrap_or_else(|| old.launch.clone());
        check_launch(&launch)?;
        self.dismiss(&session.agent, &old, now);
        let next = Arc::new(Worker {
            epoch: old.epoch + 1,
            state: WorkerState::Starting,
            activity: Activity::Unknown,
            activity_since: now.wall,
            launch,
            ..old.as_ref().clone()
        });
        self.outbox.after_commit(Followup::Spawn(next.stream()));
        self.update_session(session.with_worker(next.clone()), now);
        self.show_committed(Fact::Sessions(Event::Restarted(next)), now);
        Ok(Reply::Done)
    }

    fn add_repository(
        &mut self,
        agent: AgentId,
        path: Arc<str>,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        check_texts([&path].into_iter())?;
        self.check_linked(&agent)?;
        if self.sessions.repositories().any(|known| known.agent == agent && known.path == path) {
            return Err(CoreError::Invalid("the repository is registered already"));
        }
        if self.sessions.repositories().count() >= MOST_REPOSITORIES {
            return Err(CoreError::LimitReached("there are 1000 repositories; remove some first"));
        }
        let id = self.naming.repository(now.wall);
        let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("repository").into();
        let repository =
            Arc::new(Repository { id: id.clone(), agent, name, path, created_at: now.wall });
        self.sessions.put_repository(repository.clone());
        self.outbox.write(Write::Repository(repository));
        self.tell_repositories(now);
        Ok(Reply::RepositoryAdded(id))
    }

    fn remove_repository(&mut self, id: &RepositoryId, now: Moment) -> Result<Reply, CoreError> {
        let is_gone = self.sessions.remove_repository(id).is_some();
        if !is_gone {
            return Err(CoreError::RepositoryNotFound(id.clone()));
        }
        self.outbox.write(Write::RepositoryGone(id.clone()));
        self.tell_repositories(now);
        Ok(Reply::Done)
    }

    fn tell_repositories(&mut self, now: Moment) {
        let all = self.sessions.repositories().cloned().collect();
        self.show_committed(Fact::Sessions(Event::Repositories(all)), now);
    }

    /// Ends every worker of a session. Answered when none lives any more.
    fn stop_workers(&mut self, caller: &Caller, id: &SessionId) -> Asked {
        let session = match self.find_session(id) {
            Ok(session) => session.clone(),
            Err(refusal) => return Asked::Answered(Err(refusal)),
        };
        let grace = self.settings.interrupt_grace;
        let mut waits = false;
        for worker in session.workers.iter() {
            if !matches!(worker.state, WorkerState::Ended(_)) {
                let order = Order::EndWorker { stream: worker.stream(), grace };
                if !self.order(&session.agent, order) {
                    return Asked::Answered(Err(CoreError::AgentOffline(session.agent.clone())));
                }
                waits = true;
            }
        }
        if !waits {
            // That they ended may not be shown yet.
            let followup = Followup::Answer { connection: caller.connection, reply: Reply::Done };
            return match self.outbox.after_what_waits(followup, false) {
                Some(_) => Asked::Answered(Ok(Reply::Done)),
                None => Asked::AfterCommit,
            };
        }
        self.stopping.push((caller.connection, id.clone()));
        Asked::AfterCommit
    }

    fn make_worker(
        &mut self,
        session: &Session,
        added: AddedWorker,
        now: Moment,
    ) -> Result<Arc<Worker>, CoreError> {
        self.check_agent_type(&added.kind)?;
        check_texts(added.name.iter())?;
        check_launch(&added.launch)?;
        let name = added.name.filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| name_for(session, &added.kind));
        Ok(Arc::new(Worker {
            id: self.naming.worker(now.wall),
            session: session.id.clone(),
            name,
            kind: added.kind,
            created_at: now.wall,
            epoch: 1,
            state: WorkerState::Starting,
            activity: Activity::Unknown,
            activity_since: now.wall,
            size: added.size,
            launch: added.launch,
        }))
    }

    /// Sends a worker to its agent, once it is stored and if it still waits for that.
    pub(crate) fn spawn(&mut self, stream: &StreamKey) {
        let found = stream.worker().and_then(|id| self.sessions.worker(id));
        let Some((session, worker)) = found else { return };
        let waits = matches!(worker.state, WorkerState::Starting) && worker.stream() == *stream;
        let is_there = self.agents.get(&session.agent).is_some_and(crate::agents::Known::is_there);
        if !waits || !is_there {
            return;
        }
        if self.check_not_stopped(&session.agent).is_err() {
            self.put_off(stream);
            return;
        }
        let order = SpawnOrder {
            stream: stream.clone(),
            session: session.id.clone(),
            directory: session.path.clone(),
            size: worker.size,
            launch: worker.launch.clone(),
            is_agent: matches!(worker.kind, WorkerKind::Agent { .. }),
        };
        let agent = session.agent.clone();
        self.order(&agent, Order::Spawn(Arc::new(order)));
    }

    /// The agent is to end a worker's life and forget it, once that is stored.
    fn dismiss(&mut self, agent: &AgentId, worker: &Worker, now: Moment) {
        self.clear_attention(&Subject::Worker(worker.id.clone()), now);
        let stream = worker.stream();
        self.logs.close(&stream);
        if !matches!(worker.state, WorkerState::Ended(_)) {
            self.leave_to_its_agent(agent, now);
        }
        let agent = agent.clone();
        self.outbox.after_commit(Followup::ForgetWorker { agent, stream });
    }

    pub(crate) fn update_session(&mut self, session: Session, now: Moment) {
        let session = self.keep_session(session);
        self.show_committed(Fact::Sessions(Event::Updated(session)), now);
    }

    fn keep_session(&mut self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.sessions.put(&session);
        self.outbox.write(Write::Session(session.clone()));
        session
    }

    fn find_session(&self, id: &SessionId) -> Result<&Arc<Session>, CoreError> {
        self.sessions.get(id).ok_or_else(|| CoreError::SessionNotFound(id.clone()))
    }

    fn find_worker(
        &self,
        session: &SessionId,
        worker: &WorkerId,
    ) -> Result<(Arc<Session>, Arc<Worker>), CoreError> {
        let session = self.find_session(session)?;
        let found = session.worker(worker);
        let found = found.ok_or_else(|| CoreError::WorkerNotFound(worker.clone()))?;
        Ok((session.clone(), found.clone()))
    }

    pub(crate) fn check_linked(&self, agent: &AgentId) -> Result<(), CoreError> {
        match self.agents.get(agent) {
            None => Err(CoreError::AgentNotFound(agent.clone())),
            Some(known) if known.is_there() => Ok(()),
            Some(known) if known.is_reported_only() => Err(CoreError::AgentReported(agent.clone())),
            Some(_) => Err(CoreError::AgentOffline(agent.clone())),
        }
    }
}

/// `Terminal 1`, `Terminal 2`, … and an agent type's own name.
fn name_for(session: &Session, kind: &WorkerKind) -> Arc<str> {
    let base = match kind {
        WorkerKind::Terminal => "Terminal",
        WorkerKind::Agent { agent_type } => agent_type,
    };
    let is_taken = |name: &str| session.workers.iter().any(|worker| &*worker.name == name);
    if matches!(kind, WorkerKind::Agent { .. }) && !is_taken(base) {
        return base.into();
    }
    let mut names = (1..=MOST_WORKERS + 1).map(|number| format!("{base} {number}"));
    names.find(|name| !is_taken(name)).unwrap_or_else(|| base.to_owned()).into()
}

fn check_texts<'a>(mut texts: impl Iterator<Item = &'a Arc<str>>) -> Result<(), CoreError> {
    if texts.any(|text| text.len() > LONGEST_TEXT || text.contains('\0')) {
        return Err(CoreError::Invalid(
            "titles, names, paths and branches have at most 4096 bytes and no NUL",
        ));
    }
    Ok(())
}

fn check_launch(launch: &Launch) -> Result<(), CoreError> {
    let mut parts = launch.environment.iter().flat_map(|(name, value)| [name, value]);
    if parts.any(|part| part.len() > LONGEST_VARIABLE || part.contains('\0')) {
        return Err(CoreError::Invalid("variables have at most 65536 bytes and no NUL"));
    }
    Ok(())
}
