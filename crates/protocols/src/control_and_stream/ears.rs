//! What one connection hears of one agent: which of its events were subscribed to, and what is told of them.

use std::collections::BTreeMap;

use pilothouse_core::{
    Event, Published,
    commands::{self, Command, State},
    ids::{AgentId, SessionId, TaskId},
    listening::{Standing, Subject, Task},
    runs::{self, Run},
    sessions::{self, Session},
    streams::{self, Channel, Source},
    time::Timestamp,
};

use super::{
    lines::Lines,
    messages::{LogLevel, ServerMessage, TaskLogs, TaskProgress},
    telling::Telling,
    words::{run_progress, run_stage, run_status, session_status, task_status},
};

/// What stands where output is missing.
const SKIPPED: &str = "[output was skipped here, since this connection was too slow]";

/// One agent's subscriptions. What was subscribed to is told from its own event on: how it stood came before.
#[derive(Debug, Default)]
pub(super) struct Ears {
    /// The session of this connection's token, told without being asked for.
    own: Option<SessionId>,
    /// Whether the token is of that session alone: then nothing is told of what belongs to another.
    is_bound: bool,
    agent: Option<u64>,
    sessions: BTreeMap<SessionId, u64>,
    tasks: BTreeMap<TaskId, u64>,
    /// The agent's sessions, in the order in which they were made.
    known: Vec<SessionId>,
    /// What live tasks printed. Bounded by the agent's queue.
    lines: BTreeMap<TaskId, Lines>,
}

/// What is the same for all that is told in a turn.
pub(super) struct Turn<'a> {
    pub(super) telling: &'a mut Telling,
    pub(super) now: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

impl Turn<'_> {
    fn tell(&mut self, message: ServerMessage) {
        self.telling.queue(message, self.now);
    }

    fn session(&mut self, session: &Session) {
        self.session_is((&session.id, &session.agent), true);
    }

    fn session_is(&mut self, session: (&SessionId, &AgentId), is_active: bool) {
        let status = session_status(session, is_active, self.expires_at, self.now);
        self.tell(ServerMessage::SessionStatus(status));
    }

    fn progress(&mut self, task: &TaskId, session: &str, progress: u8, stage: Option<&str>) {
        self.tell(ServerMessage::TaskProgress(TaskProgress {
            task_id: task.as_str().into(),
            session_id: session.into(),
            progress,
            stage: stage.map(String::from),
        }));
    }

    fn logs(&mut self, task: &TaskId, session: &str, logs: Vec<String>, log_level: LogLevel) {
        if !logs.is_empty() {
            let (task_id, session_id) = (task.as_str().into(), session.into());
            self.tell(ServerMessage::TaskLogs(TaskLogs { task_id, session_id, logs, log_level }));
        }
    }
}

impl Ears {
    /// The token's session, or the newest one, is told of from now on.
    pub(super) fn own(&mut self, standing: &Standing, is_bound: bool, turn: &mut Turn<'_>) {
        self.learn(standing);
        self.is_bound = is_bound;
        if let Some(session) = standing.sessions.last() {
            self.own = Some(session.id.clone());
            turn.session(session);
        }
    }

    /// Whether nothing more is to be heard here.
    pub(super) fn is_deaf(&self) -> bool {
        self.own.is_none()
            && self.agent.is_none()
            && self.sessions.is_empty()
            && self.tasks.is_empty()
    }

    /// How many subscriptions there are.
    pub(super) fn count(&self) -> usize {
        usize::from(self.agent.is_some()) + self.sessions.len() + self.tasks.len()
    }

    pub(super) fn has(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Agent(_) => self.agent.is_some(),
            Subject::Session(session) => self.sessions.contains_key(session),
            Subject::Task(task) => self.tasks.contains_key(task),
        }
    }

    /// Takes a subscription, and tells how its subject stands.
    pub(super) fn subscribe(
        &mut self,
        subject: &Subject,
        standing: &Standing,
        turn: &mut Turn<'_>,
    ) {
        self.learn(standing);
        match subject {
            Subject::Agent(_) => self.agent = Some(standing.since),
            Subject::Session(session) => {
                self.sessions.insert(session.clone(), standing.since);
            }
            Subject::Task(task) => {
                self.tasks.insert(task.clone(), standing.since);
            }
        }
        if !matches!(subject, Subject::Task(_)) {
            standing.sessions.iter().for_each(|session| turn.session(session));
        }
        for task in &standing.tasks {
            self.introduce(task, !matches!(subject, Subject::Agent(_)), turn);
        }
    }

    /// Ends a subscription.
    pub(super) fn unsubscribe(&mut self, subject: &Subject) {
        match subject {
            Subject::Agent(_) => self.agent = None,
            Subject::Session(session) => drop(self.sessions.remove(session)),
            Subject::Task(task) => drop(self.tasks.remove(task)),
        }
    }

    /// Which tasks were told to run or wait. Their ends may have been missed.
    pub(super) fn live(&self) -> impl Iterator<Item = &TaskId> {
        self.lines.keys()
    }

    /// Takes up after some events were missed: everything is told as it is now.
    pub(super) fn resume(&mut self, standing: &Standing, turn: &mut Turn<'_>) {
        self.known.clear();
        self.learn(standing);
        let since = standing.since;
        self.agent = self.agent.map(|_| since);
        self.sessions.values_mut().chain(self.tasks.values_mut()).for_each(|of| *of = since);
        for session in standing.sessions.iter().filter(|one| self.hears_session(one, since)) {
            turn.session(session);
        }
        let mine =
            self.own.iter().chain(self.sessions.keys().filter(|id| self.own.as_ref() != Some(*id)));
        for gone in mine.filter(|id| !self.known.contains(id)) {
            turn.session_is((gone, &standing.agent), false);
        }
        for task in &standing.tasks {
            let (id, of) = (task.id(), session_of(task));
            if let Some(lines) = self.lines.get_mut(&id) {
                lines.forget();
            }
            let logs = self.hears_logs(&id, of, since);
            if logs || self.hears_status(of, since) {
                self.introduce(task, logs, turn);
            }
            if logs && self.lines.get(&id).is_some_and(|lines| lines.is_running) {
                turn.logs(&id, &self.session(of), vec![SKIPPED.into()], LogLevel::Warn);
            }
        }
    }

    /// Tells the end of a task that was missed.
    pub(super) fn catch_up(&mut self, task: &Task, turn: &mut Turn<'_>) {
        let (id, of) = (task.id(), session_of(task));
        // Its last lines are among what was missed; a begun one is not to be taken for a whole one.
        let was_told = self.lines.get_mut(&id).map(super::lines::Lines::forget).is_some();
        if was_told && self.hears_logs(&id, of, u64::MAX) {
            turn.logs(&id, &self.session(of), vec![SKIPPED.into()], LogLevel::Warn);
        }
        match task {
            Task::Command { command, .. } => self.status(command, u64::MAX, turn),
            Task::Run(run) => self.run(run, u64::MAX, turn),
        }
    }

    /// Tells an event, if it was subscribed to.
    pub(super) fn hear(&mut self, published: &Published, turn: &mut Turn<'_>) {
        let at = published.sequence;
        match &published.event {
            Event::Commands(commands::Event::Status(command)) => self.status(command, at, turn),
            Event::Output(streams::Event::Written { record, .. }) => {
                if let Source::Command(command) = &record.stream.source {
                    self.output(&command.into(), (record.channel, &record.bytes), at, turn);
                }
            }
            Event::Output(streams::Event::Missing { stream, from, to, .. }) => {
                if let Source::Command(command) = &stream.source
                    && let task = &TaskId::from(command)
                    && self.hears_logs(task, None, at)
                {
                    let bytes = to.saturating_sub(*from);
                    let words =
                        format!("[{bytes} bytes of output were lost on the agent's machine]");
                    if let Some(lines) = self.lines.get_mut(task) {
                        lines.forget();
                    }
                    turn.logs(task, &self.session(None), vec![words], LogLevel::Warn);
                }
            }
            Event::Said(said) => {
                if let Ok(task) = TaskId::new(&said.session) {
                    self.said(&task, &said.text, at, turn);
                }
            }
            Event::Sessions(
                sessions::Event::Created(session) | sessions::Event::Updated(session),
            ) => {
                self.know(&session.id);
                if self.hears_session(session, at) {
                    turn.session(session);
                }
            }
            Event::Sessions(sessions::Event::Deleted(session)) => {
                if self.hears_session(session, at) {
                    turn.session_is((&session.id, &session.agent), false);
                }
                self.known.retain(|known| *known != session.id);
            }
            Event::Runs(runs::Event::Status(run)) => self.run(run, at, turn),
            Event::Runs(runs::Event::Step(taken)) => self.step(taken, at, turn),
            // Nothing else is told here.
            _ => {}
        }
    }

    fn status(&mut self, command: &Command, at: u64, turn: &mut Turn<'_>) {
        let id = &TaskId::from(&command.id);
        let logs = self.hears_logs(id, None, at);
        if !logs && !self.hears_status(None, at) {
            return;
        }
        let session = self.session(None);
        let status = ServerMessage::TaskStatus(task_status(command, &session));
        match &command.state {
            State::Queued => {
                self.lines.entry(id.clone()).or_default();
                turn.tell(status);
            }
            State::Running { .. } => {
                let lines = self.lines.entry(id.clone()).or_default();
                let begins = !std::mem::replace(&mut lines.is_running, true);
                turn.tell(status);
                if logs && begins {
                    turn.progress(id, &session, 0, None);
                }
            }
            State::Ended(_) => {
                let mut lines = self.lines.remove(id).unwrap_or_default();
                if logs && lines.is_running {
                    turn.logs(id, &session, lines.rest(Channel::Stdout), LogLevel::Info);
                    turn.logs(id, &session, lines.rest(Channel::Stderr), LogLevel::Error);
                    turn.progress(id, &session, 100, lines.stage());
                }
                turn.tell(status);
            }
        }
    }

    /// A run began, holds still or goes on, or is over.
    fn run(&mut self, run: &Run, at: u64, turn: &mut Turn<'_>) {
        let (id, of) = (&TaskId::from(&run.id), run.session.as_ref());
        let logs = self.hears_logs(id, of, at);
        if !logs && !self.hears_status(of, at) {
            return;
        }
        let session = self.session(of);
        let status = ServerMessage::TaskStatus(run_status(run, &session));
        let is_over = matches!(run.state, runs::State::Ended(_));
        let stage = run_stage(run);
        if is_over {
            let lines = self.lines.remove(id);
            if logs && lines.is_some_and(|lines| lines.is_running) {
                turn.progress(id, &session, 100, stage);
            }
            return turn.tell(status);
        }
        turn.tell(status);
        let is_running = matches!(run.state, runs::State::InProgress { .. });
        let lines = self.lines.entry(id.clone()).or_default();
        lines.is_run = true;
        let begins = is_running && !std::mem::replace(&mut lines.is_running, is_running);
        let is_idle = run.paused || run.waits.is_some();
        if logs && (begins || is_running && is_idle) {
            turn.progress(id, &session, run_progress(run), stage);
        }
    }

    /// A run took a step.
    fn step(&mut self, taken: &runs::Taken, at: u64, turn: &mut Turn<'_>) {
        let (run, id) = (&taken.run, &TaskId::from(&taken.run.id));
        if !self.hears_logs(id, run.session.as_ref(), at) {
            return;
        }
        let session = self.session(run.session.as_ref());
        let explanation = &taken.step.explanation;
        turn.progress(id, &session, run_progress(run), Some(explanation));
        turn.logs(id, &session, vec![explanation.as_ref().into()], LogLevel::Info);
    }

    /// How a task stands, for somebody who did not see how it began.
    fn introduce(&mut self, task: &Task, with_progress: bool, turn: &mut Turn<'_>) {
        let (id, of) = (task.id(), session_of(task));
        if self.is_anothers(of) {
            return;
        }
        let session = self.session(of);
        let (status, is_over, is_running, stage, progress) = match task {
            Task::Command { command, line } => (
                task_status(command, &session),
                matches!(command.state, State::Ended(_)),
                matches!(command.state, State::Running { .. }),
                line.as_deref(),
                0,
            ),
            Task::Run(run) => (
                run_status(run, &session),
                matches!(run.state, runs::State::Ended(_)),
                matches!(run.state, runs::State::InProgress { .. }),
                run_stage(run),
                run_progress(run),
            ),
        };
        turn.tell(ServerMessage::TaskStatus(status));
        if is_over {
            return;
        }
        let lines = self.lines.entry(id.clone()).or_insert_with(|| Lines::after(stage));
        lines.is_running = is_running;
        lines.is_run = matches!(task, Task::Run(_));
        if with_progress && is_running {
            turn.progress(&id, &session, progress, stage);
        }
    }

    fn output(
        &mut self,
        task: &TaskId,
        (channel, bytes): (Channel, &[u8]),
        at: u64,
        turn: &mut Turn<'_>,
    ) {
        if !self.hears_logs(task, None, at) {
            return;
        }
        let Some(lines) = self.lines.get_mut(task) else { return };
        let logs = lines.take(channel, bytes);
        let level = match channel {
            Channel::Stdout | Channel::Terminal => LogLevel::Info,
            Channel::Stderr => LogLevel::Error,
        };
        let session = self.session(None);
        turn.logs(task, &session, logs, level);
    }

    fn said(&mut self, task: &TaskId, line: &str, at: u64, turn: &mut Turn<'_>) {
        if !self.hears_logs(task, None, at) {
            return;
        }
        let session = self.session(None);
        // What a run says are its steps, of which others tell.
        let says = |lines: &&mut Lines| lines.is_running && !lines.is_run;
        if let Some(lines) = self.lines.get_mut(task).filter(says) {
            lines.said(line);
            turn.progress(task, &session, 0, Some(line));
        }
    }

    /// Whether what a task printed is told. Who subscribed to the agent alone hears how it stands. A run may be `of` a
    /// session; a command is of none.
    fn hears_logs(&self, task: &TaskId, of: Option<&SessionId>, at: u64) -> bool {
        let is_its = |session: &SessionId| of.is_none_or(|of| of == session);
        let mut sessions = self.sessions.iter();
        !self.is_anothers(of)
            && (self.tasks.get(task).is_some_and(|since| *since <= at)
                || sessions.any(|(session, since)| is_its(session) && *since <= at))
    }

    /// Whether it is told how a task stands.
    fn hears_status(&self, of: Option<&SessionId>, at: u64) -> bool {
        !self.is_anothers(of) && self.agent.is_some_and(|since| since <= at)
    }

    /// Whether it belongs to a session that the token does not open.
    fn is_anothers(&self, of: Option<&SessionId>) -> bool {
        self.is_bound && of.is_some() && of != self.own.as_ref()
    }

    fn hears_session(&self, session: &Session, at: u64) -> bool {
        let is_due = |since: &u64| *since <= at;
        self.own.as_ref() == Some(&session.id)
            || self.agent.as_ref().is_some_and(is_due)
            || self.sessions.get(&session.id).is_some_and(is_due)
    }

    /// The session that a task is told for: its own if it is `of` one; otherwise the one that was subscribed to, the
    /// token's, or the newest, since commands run on agents and not in sessions.
    fn session(&self, of: Option<&SessionId>) -> String {
        let session = of.or(self.sessions.keys().next()).or(self.own.as_ref());
        let session = session.or(self.known.last());
        session.map(|session| session.as_str().to_owned()).unwrap_or_default()
    }

    fn learn(&mut self, standing: &Standing) {
        standing.sessions.iter().for_each(|session| self.know(&session.id));
    }

    fn know(&mut self, session: &SessionId) {
        if !self.known.contains(session) {
            self.known.push(session.clone());
        }
    }
}

/// The session that a task belongs to.
fn session_of(task: &Task) -> Option<&SessionId> {
    match task {
        Task::Command { .. } => None,
        Task::Run(run) => run.session.as_ref(),
    }
}

/// All agents that are heard.
pub(super) type AllEars = BTreeMap<AgentId, Ears>;
