//! A command's life: queued, sent, running, ended.

use std::{sync::Arc, time::Duration};

use super::{Command, Ended, Enqueue, Event, LARGEST_LINE, Live, Outcome, StartOrder, State};
use crate::{
    Asked, Caller, Core, CoreError, Delivery, Event as Fact, Notice, Reply,
    agents::Order,
    attention::{Answer, Item, Reason, Subject},
    ids::{AgentId, CommandId},
    outbox::{Followup, Refusable},
    ports::{StoredCommand, Write},
    streams::StreamKey,
    time::{Moment, Timestamp},
};

/// The most environment variables a command may bring.
const MOST_VARIABLES: usize = 256;

impl Core {
    /// Queues a command. It is visible, answered and startable once it is stored.
    pub(crate) fn enqueue(&mut self, caller: &Caller, enqueue: Enqueue, now: Moment) -> Asked {
        let checked = self.check_enqueue(&enqueue);
        if let Err(refusal) = checked.and_then(|()| self.check_budget(&enqueue.agent, now)) {
            return Asked::Answered(Err(refusal));
        }
        let agent = enqueue.agent.clone();
        let id = self.naming.command(now.wall);
        let rank = self.commands.queue_mut(&agent).push(enqueue.priority, id.clone());
        let command = Arc::new(Command {
            id: id.clone(),
            agent: enqueue.agent,
            line: enqueue.line,
            priority: enqueue.priority,
            requested_by: caller.name.clone(),
            requested_at: now.wall,
            request_id: enqueue.request_id,
            connection: Some(caller.connection),
            timeout: self.command_timeout(enqueue.timeout),
            directory: enqueue.directory,
            environment: enqueue.environment,
            state: State::Queued,
        });
        self.commands.insert(Live {
            command: command.clone(),
            rank,
            running_since: None,
            is_committed: false,
            is_unwanted: false,
        });
        self.outbox.write(Write::Command(StoredCommand { command: command.clone(), rank }));
        let connection = caller.connection;
        self.outbox.refusable(Refusable { connection, command: id.clone(), audit: None });
        self.show_committed(Fact::Commands(Event::Status(command)), now);
        self.tell_queue(&agent, now);
        self.outbox.after_commit(Followup::Answer { connection, reply: Reply::Queued(id.clone()) });
        self.outbox.after_commit(Followup::Dispatch { agent, command: id });
        Asked::AfterCommit
    }

    fn check_enqueue(&self, enqueue: &Enqueue) -> Result<(), CoreError> {
        let texts = [Some(&enqueue.line), enqueue.directory.as_ref(), enqueue.request_id.as_ref()];
        let variables = enqueue.environment.iter().flat_map(|(name, value)| [name, value]);
        if texts.into_iter().flatten().chain(variables).any(|text| text.contains('\0')) {
            return Err(CoreError::Invalid("a command cannot contain the character NUL"));
        }
        if enqueue.line.trim().is_empty() {
            return Err(CoreError::Invalid("the command is empty"));
        }
        if enqueue.line.len() > LARGEST_LINE {
            return Err(CoreError::Invalid("the command is longer than 64 KB"));
        }
        let is_name = |name: &str| !name.is_empty() && !name.contains('=');
        if enqueue.environment.len() > MOST_VARIABLES
            || !enqueue.environment.iter().all(|(name, _)| is_name(name))
        {
            return Err(CoreError::Invalid("the environment has more than 256 or odd names"));
        }
        let agent = &enqueue.agent;
        self.check_linked(agent)?;
        let capacity = self.settings.queue_capacity;
        if self.commands.queue_len(agent) >= capacity {
            return Err(CoreError::QueueFull { agent: agent.clone(), capacity });
        }
        if self.outbox.is_degraded() {
            return Err(CoreError::StorageUnavailable);
        }
        Ok(())
    }

    /// It could not be stored, so it never was.
    pub(crate) fn undo_enqueue(&mut self, refused: &Refusable) {
        let Some(command) = self.commands.erase(&refused.command) else { return };
        self.outbox.retract(|event| match event {
            Fact::Commands(Event::Status(told)) => told.id == refused.command,
            Fact::Commands(Event::Queue { waiting, .. }) => {
                waiting.iter().any(|waiting| waiting.command.id == refused.command)
            }
            Fact::Agents(_)
            | Fact::Output(_)
            | Fact::Attention(_)
            | Fact::Sessions(_)
            | Fact::AgentTypes(_)
            | Fact::Audit(_)
            | Fact::Said(_)
            | Fact::Beat
            | Fact::Control(_)
            | Fact::Browsers(_)
            | Fact::Presets(_)
            | Fact::Readiness(_)
            | Fact::Runs(_) => false,
        });
        let event = self.queue_event(&command.agent);
        self.outbox.show(event, command.requested_at);
        self.deliver(refused.connection, Delivery::Answer(Err(CoreError::StorageUnavailable)));
    }

    /// Sends the next command, if the agent is there and free.
    pub(crate) fn dispatch(&mut self, agent: &AgentId) {
        if self.hold_of(agent).is_some() {
            return;
        }
        if self.agents.get(agent).is_none_or(|known| !known.is_there()) {
            return;
        }
        let Some(live) = self.commands.next_to_send(agent) else { return };
        let command = live.command.clone();
        let order = StartOrder {
            command: command.id.clone(),
            line: command.line.clone(),
            directory: command.directory.clone(),
            environment: command.environment.clone(),
            timeout: command.timeout,
        };
        if self.order(agent, Order::Start(Arc::new(order))) {
            self.commands.occupy(agent, &command.id);
        }
    }

    /// The agent says that a command's process lives, since `at`. Its clock may be wrong, so that moment
    /// counts only as far as it can be true by ours.
    pub(crate) fn started(
        &mut self,
        agent: &AgentId,
        command: &CommandId,
        at: Timestamp,
        now: Moment,
    ) {
        let live = self.commands.live(command).filter(|live| live.command.agent == *agent);
        let Some(live) = live.filter(|live| live.command.state == State::Queued) else { return };
        let since = at.max(live.command.requested_at).min(now.wall);
        self.commands.occupy(agent, command);
        self.change(command, State::Running { since }, now);
        self.spend(agent, since, now);
        if let Some(live) = self.commands.live_mut(command) {
            live.running_since = Some(now.steady);
        }
        self.refresh_hold(agent, now);
        self.tell_queue(agent, now);
        self.tell_status(agent, now);
    }

    /// The agent says that a command ended. It may forget it once that is stored.
    pub(crate) fn ended(
        &mut self,
        agent: &AgentId,
        command: &CommandId,
        ended: &Ended,
        now: Moment,
    ) {
        let live = self.commands.live(command).filter(|live| live.command.agent == *agent);
        if let Some(live) = live {
            let at = ended_at(&live.command, ended.ran_for, now);
            self.end(command, &Ended { at, ..ended.clone() }, now);
        }
        if self.logs.is_behind(&StreamKey::command(command.clone())) {
            // Some of its output is to be sent again, and behind it once more that it ended.
            return;
        }
        let forget = Followup::Forget { agent: agent.clone(), command: command.clone() };
        let has_output = self.logs.pending_bytes() > 0;
        // Final here since long, and all of its output stored: nothing else would trigger the order.
        if let Some(forget) = self.outbox.after_what_waits(forget, has_output) {
            self.follow_up(forget);
        }
    }

    /// Ends a command for good, whoever says so, and starts the next.
    pub(crate) fn end(&mut self, id: &CommandId, ended: &Ended, now: Moment) {
        let Some(live) = self.commands.live(id) else { return };
        let was_queued = live.command.state == State::Queued;
        let began = match live.command.state {
            State::Running { since } => Some(since),
            State::Queued | State::Ended(_) => None,
        };
        let Some(command) = self.change(id, State::Ended(ended.clone()), now) else { return };
        let agent = command.agent.clone();
        if was_queued {
            self.tell_queue(&agent, now);
        }
        if let Some(began) = began {
            self.spent(&agent, began, ended.at);
            self.refresh_hold(&agent, now);
        }
        self.logs.close(&StreamKey::command(id.clone()));
        self.tell_status(&agent, now);
        if let (Outcome::TimedOut { .. }, Some(connection)) = (&ended.outcome, command.connection) {
            let notice = Notice::CommandTimedOut(command.clone());
            self.deliver(connection, Delivery::Notice(notice));
        }
        if let Some(text) = failure(&ended.outcome) {
            let item = Item {
                subject: Subject::Command(id.clone()),
                agent: agent.clone(),
                reason: Reason::CommandFailed,
                text,
                since: now.wall,
                answer: Answer::Dismiss,
            };
            self.raise_attention(item, now);
        }
        self.dispatch(&agent);
    }

    /// Ends a queued command at once, and has the agent end a running one.
    pub(crate) fn interrupt(&mut self, id: &CommandId, now: Moment) -> Result<Reply, CoreError> {
        if let Some(command) = self.commands.ended(id) {
            return Ok(Reply::AlreadyEnded(command.clone()));
        }
        let live =
            self.commands.live_mut(id).ok_or_else(|| CoreError::CommandNotFound(id.clone()))?;
        let agent = live.command.agent.clone();
        live.is_unwanted = true;
        if self.commands.current(&agent).is_some_and(|current| current.command.id == *id) {
            let grace = self.settings.interrupt_grace;
            self.order(&agent, Order::Interrupt { command: id.clone(), grace });
            return Ok(Reply::Done);
        }
        let outcome = Outcome::Interrupted { code: None };
        self.end(id, &Ended { outcome, at: now.wall, ran_for: Duration::ZERO }, now);
        Ok(Reply::Done)
    }

    /// Moves a queued command inside its class.
    pub(crate) fn move_command(
        &mut self,
        id: &CommandId,
        place: usize,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let live = self.commands.live(id).ok_or_else(|| CoreError::CommandNotFound(id.clone()))?;
        if live.command.state != State::Queued {
            return Err(CoreError::Invalid("the command runs already"));
        }
        if self.outbox.is_degraded() {
            return Err(CoreError::StorageUnavailable);
        }
        let agent = live.command.agent.clone();
        for (moved, rank) in self.commands.queue_mut(&agent).reorder(id, place) {
            if let Some(live) = self.commands.live_mut(&moved) {
                live.rank = rank;
                let command = live.command.clone();
                self.outbox.write(Write::Command(StoredCommand { command, rank }));
            }
        }
        self.tell_queue(&agent, now);
        Ok(Reply::Done)
    }

    /// Takes a command over from storage.
    pub(crate) fn restore_command(&mut self, stored: StoredCommand, now: Moment) {
        let command = stored.command;
        let agent = command.agent.clone();
        let mut rank = stored.rank;
        match command.state {
            State::Queued => {
                let queue = self.commands.queue_mut(&agent);
                rank = queue.restore(command.priority, rank, command.id.clone());
            }
            State::Running { .. } => self.commands.occupy(&agent, &command.id),
            State::Ended(_) => return self.commands.remember(command),
        }
        self.show(Fact::Commands(Event::Status(command.clone())), now);
        let live =
            Live { command, rank, running_since: None, is_committed: true, is_unwanted: false };
        self.commands.insert(live);
        self.tell_queue(&agent, now);
        let lost_at = now.steady + self.settings.lost_after;
        if let Some(known) = self.agents.get_mut(&agent) {
            known.lost_at = Some(lost_at);
        }
    }

    pub(crate) fn tell_queue(&mut self, agent: &AgentId, now: Moment) {
        let event = self.queue_event(agent);
        self.show_committed(event, now);
    }

    fn queue_event(&self, agent: &AgentId) -> Fact {
        let (waiting, hold) = (self.commands.waiting(agent), self.hold_of(agent).cloned());
        Fact::Commands(Event::Queue { agent: agent.clone(), waiting, hold })
    }

    fn change(&mut self, id: &CommandId, state: State, now: Moment) -> Option<Arc<Command>> {
        let (command, rank) = self.commands.advance(id, state)?;
        self.ends.count(&command.state);
        self.outbox.write(Write::Command(StoredCommand { command: command.clone(), rank }));
        self.show_committed(Fact::Commands(Event::Status(command.clone())), now);
        Some(command)
    }
}

/// When a command ended by our clock: a duration is the same by every clock, a moment is not.
fn ended_at(command: &Command, ran_for: Duration, now: Moment) -> Timestamp {
    let State::Running { since } = command.state else { return now.wall };
    let ran_for = u64::try_from(ran_for.as_millis()).unwrap_or(u64::MAX);
    Timestamp(since.0.saturating_add(ran_for)).min(now.wall)
}

/// Why a person should look at how a command ended.
pub(crate) fn failure(outcome: &Outcome) -> Option<Arc<str>> {
    match outcome {
        Outcome::Exited { code: 0, .. } | Outcome::Interrupted { .. } => None,
        Outcome::Exited { code, signal: None } => Some(format!("exit code {code}").into()),
        Outcome::Exited { signal: Some(signal), .. } => Some(format!("ended by {signal}").into()),
        Outcome::TimedOut { .. } => Some("ran longer than it may".into()),
        Outcome::NotStarted { reason } => Some(reason.clone()),
        Outcome::AgentLost => Some("its agent was lost".into()),
    }
}
