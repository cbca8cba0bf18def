//! What agents report about their workers, and what of it their return tells.

use std::sync::Arc;

use super::{
    Activity, Checkpoint, Event, Exit, HeldWorker, Repository, Seen, Session, Size, Touch, Worker,
    WorkerState, viewer_name,
};
use crate::{
    Caller, Core, CoreError, Delivery, Event as Fact, Notice, Reply,
    agents::{Hello, Order, ResumeFrom},
    ids::{AgentId, ConnectionId, WorkerId},
    outbox::Followup,
    ports::Write,
    streams::{Place, StreamKey},
    time::Moment,
};

impl Core {
    /// The worker whose present life a log is of, if it is on that agent.
    pub(super) fn reported(
        &self,
        agent: &AgentId,
        stream: &StreamKey,
    ) -> Option<(Arc<Session>, Arc<Worker>)> {
        let (session, worker) = self.sessions.worker(stream.worker()?)?;
        let is_its = session.agent == *agent && worker.epoch == stream.epoch;
        is_its.then(|| (session.clone(), worker.clone()))
    }

    pub(crate) fn worker_started(&mut self, agent: &AgentId, stream: &StreamKey, now: Moment) {
        let Some((session, worker)) = self.reported(agent, stream) else { return };
        if worker.state == WorkerState::Starting {
            let state = WorkerState::Running { since: now.wall };
            self.replace(&session, Worker { state, ..worker.as_ref().clone() }, now);
        }
    }

    pub(crate) fn worker_ended(
        &mut self,
        agent: &AgentId,
        stream: &StreamKey,
        exit: Exit,
        now: Moment,
    ) {
        let followup = Followup::ForgetWorker { agent: agent.clone(), stream: stream.clone() };
        let Some((session, worker)) = self.reported(agent, stream) else {
            // Nobody knows it any more: then nobody needs it.
            self.order(agent, Order::ForgetWorker(stream.clone()));
            return;
        };
        if !matches!(worker.state, WorkerState::Ended(_)) {
            let state = WorkerState::Ended(Exit { at: now.wall, ..exit });
            let activity = Activity::Unknown;
            let ended = Worker { state, activity, ..worker.as_ref().clone() };
            let ended = self.replace(&session, ended, now);
            self.show_committed(Fact::Sessions(Event::Ended(ended.clone())), now);
            self.worker_is_over(&session, &ended, now);
        }
        self.logs.close(stream);
        let has_output = self.logs.pending_bytes() > 0;
        if let Some(followup) = self.outbox.after_what_waits(followup, has_output) {
            self.follow_up(followup);
        }
        self.answer_stopped(&session.id);
    }

    /// Whoever waits for the end of a session's workers learns that none lives any more, once viewers know it too.
    fn answer_stopped(&mut self, session: &crate::ids::SessionId) {
        let lives = |worker: &Arc<Worker>| !matches!(worker.state, WorkerState::Ended(_));
        if self.sessions.get(session).is_some_and(|session| session.workers.iter().any(lives)) {
            return;
        }
        let (told, rest) = std::mem::take(&mut self.stopping)
            .into_iter()
            .partition::<Vec<_>, _>(|(_, waiting)| waiting == session);
        self.stopping = rest;
        for (connection, _) in told {
            let followup = Followup::Answer { connection, reply: Reply::Done };
            if let Some(followup) = self.outbox.after_what_waits(followup, false) {
                self.follow_up(followup);
            }
        }
    }

    pub(crate) fn worker_resized(
        &mut self,
        agent: &AgentId,
        stream: &StreamKey,
        size: Size,
        now: Moment,
    ) {
        let Some((session, worker)) = self.reported(agent, stream) else { return };
        if worker.size != size {
            let resized = Arc::new(Worker { size, ..worker.as_ref().clone() });
            let session = Arc::new(session.with_worker(resized.clone()));
            self.sessions.put(&session);
            self.outbox.write(Write::Session(session));
            self.show(Fact::Sessions(Event::Resized(resized)), now);
        }
    }

    pub(crate) fn checkpoint(&mut self, agent: &AgentId, checkpoint: Checkpoint) {
        if self.reported(agent, &checkpoint.stream).is_some() {
            self.outbox.write(Write::Checkpoint(checkpoint));
        }
    }

    fn replace(&mut self, session: &Session, worker: Worker, now: Moment) -> Arc<Worker> {
        let worker = Arc::new(worker);
        self.update_session(session.with_worker(worker.clone()), now);
        worker
    }

    /// Compares the agent's workers with ours: where output goes on, and what is to be forgotten.
    pub(crate) fn settle_workers(
        &mut self,
        hello: &Hello,
        now: Moment,
    ) -> (Vec<ResumeFrom>, Vec<StreamKey>) {
        let (mut resume, mut forget) = (Vec::new(), Vec::new());
        for HeldWorker { stream, activity, size, ended, .. } in &hello.workers {
            let Some((_, worker)) = self.reported(&hello.agent, stream) else {
                forget.push(stream.clone());
                continue;
            };
            if matches!(worker.state, WorkerState::Ended(_)) && ended.is_none() {
                forget.push(stream.clone());
                continue;
            }
            self.worker_started(&hello.agent, stream, now);
            self.worker_resized(&hello.agent, stream, *size, now);
            if ended.is_none() {
                let seen = Seen { activity: *activity, question: None, since: now.wall };
                self.worker_activity(&hello.agent, stream, seen, now);
            }
            let Place { position, sequence } = self.logs.wanted(stream);
            resume.push(ResumeFrom { stream: stream.clone(), position, sequence });
        }
        let sessions: Vec<_> = self.sessions.of_agent(&hello.agent).cloned().collect();
        for worker in sessions.iter().flat_map(|session| session.workers.iter()) {
            self.doubt_size_owner(&worker.id, now);
            let stream = worker.stream();
            if hello.workers.iter().any(|held| held.stream == stream) {
                continue;
            }
            match worker.state {
                WorkerState::Running { .. } => {
                    let reason = Some("the agent was restarted, and its terminals with it".into());
                    let exit = Exit { code: 1, signal: None, reason, at: now.wall };
                    self.worker_ended(&hello.agent, &stream, exit, now);
                }
                WorkerState::Starting if !hello.is_witness => {
                    self.outbox.after_commit(Followup::Spawn(stream));
                }
                WorkerState::Starting | WorkerState::Ended(_) => {}
            }
        }
        (resume, forget)
    }

    /// Takes sessions over from storage; their agents are away until they link.
    pub(crate) fn restore_sessions(
        &mut self,
        sessions: Vec<Session>,
        repositories: Vec<Repository>,
        now: Moment,
    ) {
        for session in sessions {
            let session = Arc::new(Session { is_active: false, ..session });
            self.sessions.put(&session);
            self.show(Fact::Sessions(Event::Updated(session)), now);
        }
        if repositories.is_empty() {
            return;
        }
        for repository in repositories {
            self.sessions.put_repository(Arc::new(repository));
        }
        let all = self.sessions.repositories().cloned().collect();
        self.show(Fact::Sessions(Event::Repositories(all)), now);
    }

    /// Sessions whose agent came or went are active or not.
    pub(crate) fn refresh_sessions(&mut self, agent: &AgentId, now: Moment) {
        let is_active = self.agents.get(agent).is_some_and(crate::agents::Known::is_there);
        let changed: Vec<_> = self
            .sessions
            .of_agent(agent)
            .filter(|session| session.is_active != is_active)
            .cloned()
            .collect();
        for session in changed {
            let session = Arc::new(Session { is_active, ..session.as_ref().clone() });
            self.sessions.put(&session);
            self.show(Fact::Sessions(Event::Updated(session)), now);
        }
    }

    /// Does what a viewer does to a terminal. The attachment was asked for and is in the audit; this checks
    /// the role, as it is now, and is silent unless something was typed that does not reach the agent.
    pub fn touch(&mut self, caller: &Caller, worker: &WorkerId, touch: Touch) {
        if !self.may_type(caller) {
            if matches!(touch, Touch::Input(_)) {
                let refusal = CoreError::Forbidden("typing takes the role operator or admin");
                self.deliver(caller.connection, Delivery::Notice(Notice::NotTouched(refusal)));
            }
            return;
        }
        let Some((session, worker)) = self.sessions.worker(worker) else { return };
        let (agent, stream) = (session.agent.clone(), worker.stream());
        let viewer = viewer_name(caller.connection);
        let is_input = matches!(touch, Touch::Input(_));
        let order = match touch {
            Touch::Input(text) => Order::Input { stream, viewer, text },
            Touch::Resize(size) => Order::Resize { stream, viewer, size },
        };
        if !self.order(&agent, order) && is_input {
            let refusal = CoreError::AgentOffline(agent);
            self.deliver(caller.connection, Delivery::Notice(Notice::NotTouched(refusal)));
        }
    }

    /// A viewer is gone.
    pub fn leave(&mut self, connection: ConnectionId, worker: &WorkerId, now: Moment) {
        self.attached.remove(worker, connection);
        self.viewers_changed(worker, now);
        let Some((session, worker)) = self.sessions.worker(worker) else { return };
        let (agent, stream) = (session.agent.clone(), worker.stream());
        self.order(&agent, Order::Leave { stream, viewer: viewer_name(connection) });
    }
}
