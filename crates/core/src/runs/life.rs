//! A run's life: waiting, sent, under way, ended.

use std::{sync::Arc, time::Duration};

use super::{
    Create, Ended, Ending, Event, Idle, LONGEST_SCRIPT, LONGEST_TASK, Order, Outcome, Request, Run,
    RunOrder, State,
    book::{Given, Live, Stage, Unwanted},
};
use crate::{
    Asked, Caller, Core, CoreError, Event as Fact, Reply, Role,
    agents::{self, Known},
    attention::{Answer, Item, Reason, Subject},
    ids::{AgentId, RunId},
    outbox::Followup,
    ports::Write,
    time::Moment,
};

/// What an agent that does runs can do.
const CAPABILITY: &str = "browser";

impl Core {
    pub(crate) fn ask_runs(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let done = match request {
            Request::Create(create) => self.create_run(caller, create, now),
            Request::Cancel { run, reason: _ } => self.cancel_run(caller, &run, now),
            Request::Pause { run } => self.pause_run(caller, &run, now),
            Request::Resume { run } => self.resume_run(caller, &run, now),
            Request::Reply { run, wait, text } => {
                self.answer_run(caller, (&run, &wait), Given::Reply(text), now)
            }
            Request::Decide { run, wait, verdict } => {
                self.answer_run(caller, (&run, &wait), Given::Verdict(verdict), now)
            }
        };
        self.answer_after_commit(caller, done)
    }

    /// Makes a run. It is visible, answered and startable once it is stored.
    fn create_run(
        &mut self,
        caller: &Caller,
        create: Create,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let create = self.with_commands(create)?;
        check(&create)?;
        let agent = self.agent_for_run(&create)?;
        if self.runs.waiting(&agent) >= self.settings.runs.queue_capacity {
            let text =
                "as many runs wait on the agent as may wait; cancel some, or try again later";
            return Err(CoreError::LimitReached(text));
        }
        if self.outbox.is_degraded() {
            return Err(CoreError::StorageUnavailable);
        }
        let id = self.naming.run(now.wall);
        let run = Arc::new(Run {
            id: id.clone(),
            user: caller.user.clone(),
            requested_by: caller.name.clone(),
            requested_at: now.wall,
            agent,
            session: create.session,
            task: create.task,
            script: create.script,
            limits: self.settings.runs.limits.at_most(create.steps, create.time),
            steps: 0,
            stage: None,
            state: State::Pending,
            approval: create.approval,
            allowed: create.allowed.into(),
            heals: create.replay.is_some(),
            paused: false,
            waits: None,
            idle: Idle::default(),
        });
        self.runs.insert(Live::new(run.clone(), Stage::Unstored));
        self.tell_run(&run, now);
        self.outbox.after_commit(Followup::BeginRun(id.clone()));
        Ok(Reply::RunMade(id))
    }

    /// Who is to do it: whoever was named, or else who has the least to do.
    fn agent_for_run(&self, create: &Create) -> Result<AgentId, CoreError> {
        let of_session = match &create.session {
            Some(id) => {
                let session = self.sessions.get(id);
                let session = session.ok_or_else(|| CoreError::SessionNotFound(id.clone()))?;
                Some(&session.agent)
            }
            None => None,
        };
        let named = create.agent.as_ref().or(of_session);
        if let Some(agent) = named {
            if of_session.is_some_and(|its| its != agent) {
                return Err(CoreError::Invalid("the session is another agent's"));
            }
            let known = self.agents.get(agent);
            let known = known.ok_or_else(|| CoreError::AgentNotFound(agent.clone()))?;
            if may_run(known) {
                return Ok(agent.clone());
            }
            return Err(CoreError::AgentCannotRun(agent.clone()));
        }
        let able = self.agents.iter().filter(|(agent, known)| {
            known.is_there() && may_run(known) && self.check_not_stopped(agent).is_ok()
        });
        let least_busy =
            able.map(|(agent, _)| agent).min_by_key(|agent| self.runs.of(agent).count());
        least_busy.cloned().ok_or(CoreError::NobodyRuns)
    }

    /// Ends a run that waits at once, and has the agent end one that it has.
    fn cancel_run(&mut self, caller: &Caller, id: &RunId, now: Moment) -> Result<Reply, CoreError> {
        let Some(live) = self.runs.get(id) else {
            // It has its final state, which stands.
            let is_known = self.topics.view().runs().get(id).is_some();
            return if is_known {
                Ok(Reply::Done)
            } else {
                Err(CoreError::RunNotFound(id.clone()))
            };
        };
        check_owner(caller, &live.run, "a run is cancelled by whoever made it, or by an admin")?;
        self.end_unwanted(id, Outcome::Cancelled, now);
        Ok(Reply::Done)
    }

    /// A run is not wanted any more. One that its agent has ends when the agent says so, or has had the time.
    pub(super) fn end_unwanted(&mut self, id: &RunId, outcome: Outcome, now: Moment) {
        let until = now.steady + self.settings.stop_within;
        let Some(live) = self.runs.get_mut(id) else { return };
        if live.stage < Stage::Sent {
            return self.end_run(id, Ending { outcome, answer: None, commands: None }, now);
        }
        let agent = live.run.agent.clone();
        live.unwanted.get_or_insert(Unwanted { outcome, until });
        self.order(&agent, agents::Order::Run(Order::Cancel(id.clone())));
    }

    /// All that an agent has is to end.
    pub(crate) fn end_runs_of(&mut self, agent: &AgentId, now: Moment) {
        for id in self.runs.on(agent) {
            self.end_unwanted(&id, Outcome::Cancelled, now);
        }
    }

    /// Sends what may begin, as far as the agent is there and has places.
    pub(crate) fn dispatch_runs(&mut self, agent: &AgentId) {
        if self.hold_of(agent).is_some() {
            return;
        }
        let known = self.agents.get(agent);
        if known.is_none_or(|known| !known.is_there() || !may_run(known)) {
            return;
        }
        while let Some(live) = self.runs.next_to_send(agent, self.settings.runs.per_agent) {
            let order = RunOrder::from(&*live.run);
            let id = order.run.clone();
            if !self.order(agent, agents::Order::Run(Order::Start(Arc::new(order)))) {
                return;
            }
            if let Some(live) = self.runs.get_mut(&id) {
                live.stage = Stage::Sent;
                // Whatever was asked of it before, it begins now.
                live.pause = None;
            }
        }
    }

    /// A run is stored, so it may begin.
    pub(crate) fn run_stored(&mut self, id: &RunId) {
        let Some(live) = self.runs.get_mut(id) else { return };
        live.stage = live.stage.max(Stage::Waiting);
        let agent = live.run.agent.clone();
        self.dispatch_runs(&agent);
    }

    /// Ends a run for good, whoever says so, and begins the next.
    pub(super) fn end_run(&mut self, id: &RunId, ending: Ending, now: Moment) {
        let Some(live) = self.runs.remove(id) else { return };
        let Ending { outcome, answer, commands } = ending;
        let began = live.run.state.began();
        let ended = Ended { outcome, began, at: now.wall, answer, commands };
        let idle = Idle { past: live.run.idle.until(now.wall), since: None };
        let state = State::Ended(ended.clone());
        let run = Run { state, paused: false, waits: None, idle, ..(*live.run).clone() };
        let (run, agent) = (Arc::new(run), live.run.agent.clone());
        self.tell_run(&run, now);
        if live.run.waits.is_some() {
            self.clear_attention(&Subject::Run(id.clone()), now);
        }
        if run.session.is_none() {
            self.end_browser(&agent, &run.browser(), now);
            self.forget_readiness(&run.browser(), now);
        }
        self.tell_status(&agent, now);
        if let Outcome::Failed { error } = ended.outcome {
            let item = Item {
                subject: Subject::Run(id.clone()),
                agent: agent.clone(),
                reason: Reason::RunFailed,
                text: error,
                since: now.wall,
                answer: Answer::Dismiss,
            };
            self.raise_attention(item, now);
        }
        self.dispatch_runs(&agent);
    }

    pub(super) fn fail_run(&mut self, id: &RunId, error: impl Into<Arc<str>>, now: Moment) {
        let unwanted = self.runs.get(id).and_then(|live| live.unwanted.as_ref());
        let outcome = match unwanted {
            Some(unwanted) => unwanted.outcome.clone(),
            None => Outcome::Failed { error: error.into() },
        };
        self.end_run(id, Ending { outcome, answer: None, commands: None }, now);
    }

    /// Runs that have taken or waited as long as they may, and those whose agents do not say that they ended.
    pub(crate) fn end_overdue_runs(&mut self, now: Moment) {
        for id in self.runs.unanswered(now.steady) {
            self.end_wait(&id, now);
        }
        for id in self.runs.overdue(now.steady) {
            let Some(live) = self.runs.get(&id) else { continue };
            let error = format!("ran longer than {}", in_words(live.run.limits.time)).into();
            self.end_unwanted(&id, Outcome::Failed { error }, now);
        }
        for (id, outcome) in self.runs.given_up(now.steady) {
            self.end_run(&id, Ending { outcome, answer: None, commands: None }, now);
        }
    }

    /// Stores how a run is now, and tells it then.
    pub(super) fn tell_run(&mut self, run: &Arc<Run>, now: Moment) {
        self.outbox.write(Write::Run(run.clone()));
        self.show_committed(Fact::Runs(Event::Status(run.clone())), now);
    }
}

/// Whether an agent does runs: it says that it can, and has a browser. One that was not here since the server started is
/// taken at its browser.
pub(super) fn may_run(known: &Known) -> bool {
    let mut capabilities = known.agent.profile.capabilities.iter();
    known.does_runs.unwrap_or(true) && capabilities.any(|capability| &**capability == CAPABILITY)
}

/// Whether somebody may do what only a run's owner and admins may.
pub(super) fn check_owner(
    caller: &Caller,
    run: &Run,
    refusal: &'static str,
) -> Result<(), CoreError> {
    if run.user == caller.user || caller.is_at_least(Role::Admin) {
        return Ok(());
    }
    Err(CoreError::Forbidden(refusal))
}

fn check(create: &Create) -> Result<(), CoreError> {
    let texts = [create.task.as_ref(), create.script.as_ref()];
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(CoreError::Invalid("a run cannot contain the character NUL"));
    }
    if texts.into_iter().flatten().all(|text| text.trim().is_empty()) {
        return Err(CoreError::Invalid("a run has a task, a script, or both"));
    }
    if create.task.as_ref().is_some_and(|task| task.len() > LONGEST_TASK) {
        return Err(CoreError::Invalid("the task is longer than 16 KB"));
    }
    // What is done again was kept before, and may be longer than what anybody writes.
    let is_own = create.replay.is_none();
    if is_own && create.script.as_ref().is_some_and(|script| script.len() > LONGEST_SCRIPT) {
        return Err(CoreError::Invalid("the script is longer than 256 KB"));
    }
    super::hosts::check(&create.allowed)?;
    if create.steps == Some(0) || create.time.is_some_and(|time| time.is_zero()) {
        return Err(CoreError::Invalid("a run may take at least one step and some time"));
    }
    Ok(())
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match time.as_millis() {
        milliseconds if !milliseconds.is_multiple_of(1000) => format!("{milliseconds} ms"),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
