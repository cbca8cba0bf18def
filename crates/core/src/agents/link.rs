//! An agent comes, goes, or stays away.

use std::sync::Arc;

use super::{Event, Hello, Linked, Order, ResumeFrom};
use crate::{
    Caller, Core, CoreError, Delivery, Event as Fact, Notice, Reply,
    attention::{Answer, Item, Reason, Subject},
    commands::{Ended, Outcome, State},
    ids::{AgentId, CommandId, LinkId},
    ports::Write,
    streams::{Place, StreamKey},
    time::Moment,
};

/// What a command in an agent's journal is to us.
enum Standing {
    Live,
    Ended,
    Unknown,
}

impl Core {
    /// Links an agent, and settles with it what became of its commands meanwhile.
    pub(crate) fn link(
        &mut self,
        caller: &Caller,
        hello: &Hello,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.check_owner(caller, hello)?;
        if hello.is_witness {
            return self.link_witness(caller, hello, now);
        }
        let (link, replaced, grew) = self.agents.link(hello, caller.connection, &caller.user, now);
        if let Some(old) = replaced {
            self.deliver(old.connection, Delivery::Notice(Notice::Superseded));
            self.fail_calls(&hello.agent);
        }
        self.clear_attention(&Subject::Agent(hello.agent.clone()), now);
        self.note_life(hello, now);
        let (mut resume, forget) = self.settle(hello, now);
        let (resumed, forget_workers) = self.settle_workers(hello, now);
        resume.extend(resumed);
        let (runs, forget_runs) = self.settle_runs(hello, now);
        self.refresh_sessions(&hello.agent, now);
        self.settle_browsers(&hello.agent, &hello.browsers, now);
        self.refresh_running(&hello.agent);
        let _ = self.agents.refresh(&hello.agent, now);
        if let Some(known) = self.agents.get(&hello.agent) {
            self.outbox.write(Write::Agent(known.agent.clone()));
        }
        self.show_status(&hello.agent, now);
        if grew {
            self.list_due = Some(now.steady + self.settings.list_delay);
        }
        self.enrol(caller, hello, now);
        let credit = self.credit();
        let linked = Linked { link, resume, forget, forget_workers, runs, forget_runs, credit };
        self.deliver_unwanted(&hello.agent);
        self.deliver_unwanted_runs(&hello.agent);
        self.deliver_pauses(&hello.agent);
        self.enforce_stop(&hello.agent, now);
        self.answer_restarts(&hello.agent, &hello.incarnation);
        self.answer_stops(now);
        self.dispatch(&hello.agent);
        self.dispatch_runs(&hello.agent);
        Ok(Reply::Linked(Arc::new(linked)))
    }

    /// An agent that is started again and again is in trouble.
    fn note_life(&mut self, hello: &Hello, now: Moment) {
        let Some(known) = self.agents.get_mut(&hello.agent) else { return };
        known.lives.linked(&hello.incarnation, &self.settings, now.steady);
        if let Some(text) = known.lives.trouble().cloned() {
            self.raise_attention(trouble_item(&hello.agent, text, now), now);
        }
    }

    /// Lets the witness of a dead agent report what the agent left. The agent stays offline.
    fn link_witness(
        &mut self,
        caller: &Caller,
        hello: &Hello,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let agent = &hello.agent;
        let present = self.agents.get(agent).and_then(|known| known.link.as_ref());
        if present.is_some_and(|link| !link.is_witness && link.incarnation != hello.incarnation) {
            return Err(CoreError::AgentTaken(agent.clone()));
        }
        let linked = self.agents.link_witness(hello, caller.connection, &caller.user);
        let Some((link, replaced)) = linked else {
            return Err(CoreError::AgentNotFound(agent.clone()));
        };
        if let Some(old) = replaced {
            self.deliver(old.connection, Delivery::Notice(Notice::Superseded));
        }
        let (mut resume, forget) = self.settle(hello, now);
        let (resumed, forget_workers) = self.settle_workers(hello, now);
        resume.extend(resumed);
        self.expect_return(agent, now);
        self.lose_browsers(agent, now);
        self.tell_status(agent, now);
        let (runs, forget_runs, credit) = (Vec::new(), Vec::new(), self.credit());
        let linked = Linked { link, resume, forget, forget_workers, runs, forget_runs, credit };
        Ok(Reply::Linked(Arc::new(linked)))
    }

    /// Compares the agent's journal with ours: where output goes on, and what is to be forgotten.
    fn settle(&mut self, hello: &Hello, now: Moment) -> (Vec<ResumeFrom>, Vec<CommandId>) {
        let mut resume = Vec::new();
        let mut forget = Vec::new();
        for held in &hello.commands {
            let stream = StreamKey::command(held.command.clone());
            let Place { position, sequence } = self.logs.wanted(&stream);
            match self.standing(&hello.agent, &held.command) {
                Standing::Live => {
                    self.started(&hello.agent, &held.command, held.started_at, now);
                }
                // Its end stands; what it wrote meanwhile is stored all the same, and nothing is
                // forgotten before that and before the end itself is stored.
                Standing::Ended
                    if held.next_position > position
                        || held.ended.is_some() && self.outbox.holds(&held.command) =>
                {
                    if held.ended.is_none() {
                        let grace = self.settings.interrupt_grace;
                        let command = held.command.clone();
                        self.order(&hello.agent, Order::Interrupt { command, grace });
                    }
                }
                Standing::Ended | Standing::Unknown => {
                    forget.push(held.command.clone());
                    continue;
                }
            }
            resume.push(ResumeFrom { stream, position, sequence });
        }
        self.settle_current(hello, now);
        (resume, forget)
    }

    fn standing(&self, agent: &AgentId, command: &CommandId) -> Standing {
        let is_live = self.commands.live(command).map(|live| live.command.agent == *agent);
        let is_ended = self.commands.ended(command).map(|ended| ended.agent == *agent);
        match (is_live, is_ended) {
            (Some(true), _) => Standing::Live,
            (None, Some(true)) => Standing::Ended,
            _ => Standing::Unknown,
        }
    }

    /// What we believe to run but the agent does not hold was lost with an earlier life of the
    /// agent; what was merely sent never arrived and is sent again.
    fn settle_current(&mut self, hello: &Hello, now: Moment) {
        let Some(current) = self.commands.current(&hello.agent) else { return };
        let command = current.command.clone();
        if hello.commands.iter().any(|held| held.command == command.id) {
            return;
        }
        match command.state {
            State::Running { .. } => self.lose(&command.id, now),
            State::Queued | State::Ended(_) => self.commands.vacate(&hello.agent),
        }
    }

    /// Interrupts that were asked for while the agent was away.
    fn deliver_unwanted(&mut self, agent: &AgentId) {
        let current = self.commands.current(agent).filter(|live| live.is_unwanted);
        if let Some(command) = current.map(|live| live.command.id.clone()) {
            let grace = self.settings.interrupt_grace;
            self.order(agent, Order::Interrupt { command, grace });
        }
    }

    /// The socket of an agent is gone: offline at once, its work waits.
    pub(crate) fn unlink(&mut self, link: LinkId, now: Moment) {
        let Some(agent) = self.agents.unlink(link) else { return };
        self.expect_return(&agent, now);
        self.expect_browsers(&agent, now);
        self.fail_calls(&agent);
        self.refresh_sessions(&agent, now);
        self.tell_status(&agent, now);
    }

    /// The work of an agent that is away waits so long and no longer.
    fn expect_return(&mut self, agent: &AgentId, now: Moment) {
        let has_work =
            self.commands.live_of(agent).next().is_some() || !self.runs.on(agent).is_empty();
        let lost_at = has_work.then(|| now.steady + self.settings.lost_after);
        if let Some(known) = self.agents.get_mut(agent) {
            // A witness that comes and goes does not put the moment off.
            known.lost_at = if has_work { known.lost_at.or(lost_at) } else { None };
        }
    }

    /// Something is wrong with an agent, or no longer.
    pub(crate) fn trouble(&mut self, agent: &AgentId, trouble: Option<Arc<str>>, now: Moment) {
        if let Some(known) = self.agents.get_mut(agent) {
            known.trouble = trouble;
        }
        match self.trouble_of(agent).cloned() {
            Some(text) => self.raise_attention(trouble_item(agent, text, now), now),
            None => self.clear_attention(&Subject::Agent(agent.clone()), now),
        }
        self.tell_status(agent, now);
    }

    /// Agents that stayed away too long: their work failed.
    pub(crate) fn lose_overdue_agents(&mut self, now: Moment) {
        let overdue =
            |lost_at: Option<crate::time::Steady>| lost_at.is_some_and(|at| at <= now.steady);
        let agents: Vec<_> = self
            .agents
            .iter()
            .filter(|(_, known)| overdue(known.lost_at))
            .map(|(id, _)| id.clone())
            .collect();
        for agent in agents {
            if let Some(known) = self.agents.get_mut(&agent) {
                known.lost_at = None;
            }
            let work: Vec<_> =
                self.commands.live_of(&agent).map(|l| l.command.id.clone()).collect();
            for command in &work {
                self.lose(command, now);
            }
            let runs = match self.lose_runs(&agent, now) {
                0 => String::new(),
                count => format!(" and {count} runs"),
            };
            let item = Item {
                subject: Subject::Agent(agent.clone()),
                agent: agent.clone(),
                reason: Reason::AgentLost,
                text: format!("agent {agent} is away; {} commands{runs} failed", work.len()).into(),
                since: now.wall,
                answer: Answer::Dismiss,
            };
            self.raise_attention(item, now);
        }
    }

    fn lose(&mut self, command: &CommandId, now: Moment) {
        let Some(live) = self.commands.live(command) else { return };
        let ran_for = match (&live.command.state, live.running_since) {
            (State::Running { .. }, Some(since)) => now.steady.0.saturating_sub(since.0),
            // It ran before this life of the server.
            (State::Running { since }, None) => now.wall.0.saturating_sub(since.0),
            (State::Queued | State::Ended(_), _) => 0,
        };
        let ended = Ended {
            outcome: Outcome::AgentLost,
            at: now.wall,
            ran_for: std::time::Duration::from_millis(ran_for),
        };
        self.end(command, &ended, now);
    }

    pub(crate) fn refresh_running(&mut self, agent: &AgentId) {
        let current = self.commands.current(agent);
        let is_running = current
            .is_some_and(|live| matches!(live.command.state, State::Running { .. }))
            || self.runs.has_begun(agent);
        if let Some(known) = self.agents.get_mut(agent) {
            known.is_running = is_running;
        }
    }

    /// Shows an agent's status if it changed; the one place from which presence is told.
    pub(crate) fn tell_status(&mut self, agent: &AgentId, now: Moment) {
        self.refresh_running(agent);
        if self.agents.refresh(agent, now).is_some() {
            self.show_status(agent, now);
        }
    }

    /// Shows an agent's status, and its presence if that is another one than before.
    fn show_status(&mut self, agent: &AgentId, now: Moment) {
        let Some(known) = self.agents.get_mut(agent) else { return };
        let (agent, is_news) = (known.agent.clone(), known.tell());
        self.show(Fact::Agents(Event::Status(agent.clone())), now);
        if is_news {
            self.show(Fact::Agents(Event::Presence(agent)), now);
        }
    }
}

fn trouble_item(agent: &AgentId, text: Arc<str>, now: Moment) -> Item {
    Item {
        subject: Subject::Agent(agent.clone()),
        agent: agent.clone(),
        reason: Reason::AgentTrouble,
        text,
        since: now.wall,
        answer: Answer::Dismiss,
    }
}
