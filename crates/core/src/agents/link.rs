//! An agent comes, goes, or stays away.

use std::sync::Arc;

use super::{Event, HeldCommand, Hello, Linked, Order, ResumeFrom};
use crate::{
    Caller, Core, CoreError, Delivery, Event as Fact, Notice, Reply, Role,
    attention::{Answer, Item, Reason, Subject},
    commands::{Ended, Outcome, State},
    ids::{AgentId, CommandId, LinkId},
    ports::Write,
    streams::{Place, StreamKey},
    time::Moment,
};

impl Core {
    /// Links an agent, and settles with it what became of its commands meanwhile.
    pub(crate) fn link(
        &mut self,
        caller: &Caller,
        hello: &Hello,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.check_owner(caller, &hello.agent)?;
        let (link, replaced, grew) = self.agents.link(hello, caller.connection, &caller.user, now);
        if let Some(old) = replaced {
            self.deliver(old.connection, Delivery::Notice(Notice::Superseded));
        }
        self.clear_attention(&Subject::Agent(hello.agent.clone()), now);
        let (resume, forget) = self.settle(hello, now);
        self.refresh_running(&hello.agent);
        let _ = self.agents.refresh(&hello.agent, now);
        if let Some(known) = self.agents.get(&hello.agent) {
            let agent = known.agent.clone();
            self.outbox.write(Write::Agent(agent.clone()));
            self.show(Fact::Agents(Event::Status(agent)), now);
        }
        if grew {
            self.list_due = Some(now.steady + self.settings.list_delay);
        }
        let linked = Linked { link, resume, forget, credit: self.credit() };
        self.deliver_unwanted(&hello.agent);
        self.dispatch(&hello.agent);
        Ok(Reply::Linked(Arc::new(linked)))
    }

    /// A live link is taken over only by its own user or by an admin.
    fn check_owner(&self, caller: &Caller, agent: &AgentId) -> Result<(), CoreError> {
        let link = self.agents.get(agent).and_then(|known| known.link.as_ref());
        match link {
            Some(link) if link.user != caller.user && !caller.is_at_least(Role::Admin) => {
                Err(CoreError::AgentTaken(agent.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Compares the agent's journal with ours: where output goes on, and what is to be forgotten.
    fn settle(&mut self, hello: &Hello, now: Moment) -> (Vec<ResumeFrom>, Vec<CommandId>) {
        let mut resume = Vec::new();
        let mut forget = Vec::new();
        for held in &hello.commands {
            if !self.wants(&hello.agent, held) {
                forget.push(held.command.clone());
                continue;
            }
            self.started(&hello.agent, &held.command, held.started_at, now);
            let stream = StreamKey::command(held.command.clone());
            let Place { position, sequence } = self.logs.wanted(&stream);
            resume.push(ResumeFrom { stream, position, sequence });
        }
        self.settle_current(hello, now);
        (resume, forget)
    }

    /// Whether an agent still has to keep a command: it lives, or it ended and not all of that is stored.
    fn wants(&self, agent: &AgentId, held: &HeldCommand) -> bool {
        let stream = StreamKey::command(held.command.clone());
        let is_ours = self.agent_of_stream(&stream).is_some_and(|owner| owner == *agent);
        let is_unstored = self.outbox.holds(&held.command) || self.logs.is_behind(&stream);
        is_ours
            && (self.commands.live(&held.command).is_some() || held.ended.is_some() && is_unstored)
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
        let has_work = self.commands.live_of(&agent).next().is_some();
        let lost_at = has_work.then(|| now.steady + self.settings.lost_after);
        if let Some(known) = self.agents.get_mut(&agent) {
            known.lost_at = lost_at;
        }
        self.tell_status(&agent, now);
    }

    /// Something is wrong with an agent, or no longer.
    pub(crate) fn trouble(&mut self, agent: &AgentId, trouble: Option<Arc<str>>, now: Moment) {
        let subject = Subject::Agent(agent.clone());
        if let Some(known) = self.agents.get_mut(agent) {
            known.trouble.clone_from(&trouble);
        }
        match trouble {
            Some(text) => {
                let item = Item {
                    subject,
                    agent: agent.clone(),
                    reason: Reason::AgentTrouble,
                    text,
                    since: now.wall,
                    answer: Answer::Dismiss,
                };
                self.raise_attention(item, now);
            }
            None => self.clear_attention(&subject, now),
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
            let item = Item {
                subject: Subject::Agent(agent.clone()),
                agent: agent.clone(),
                reason: Reason::AgentLost,
                text: format!("agent {agent} is away; {} commands failed", work.len()).into(),
                since: now.wall,
                answer: Answer::Dismiss,
            };
            self.raise_attention(item, now);
        }
    }

    fn lose(&mut self, command: &CommandId, now: Moment) {
        let Some(live) = self.commands.live(command) else { return };
        let ran_for = match (live.running_since, &live.command.state) {
            (Some(since), _) => now.steady.0.saturating_sub(since.0),
            // It ran before this life of the server began, so there is only the wall clock.
            (None, State::Running { since }) => now.wall.0.saturating_sub(since.0),
            (None, State::Queued | State::Ended(_)) => 0,
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
        let is_running =
            current.is_some_and(|live| matches!(live.command.state, State::Running { .. }));
        if let Some(known) = self.agents.get_mut(agent) {
            known.is_running = is_running;
        }
    }

    /// Shows an agent's status if it changed; the one place from which presence is told.
    pub(crate) fn tell_status(&mut self, agent: &AgentId, now: Moment) {
        self.refresh_running(agent);
        if let Some(agent) = self.agents.refresh(agent, now) {
            self.show(Fact::Agents(Event::Status(agent)), now);
        }
    }
}
