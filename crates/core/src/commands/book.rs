//! The commands this server knows: all that live, and the newest that ended.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{Command, State, Waiting, queue::Queue};
use crate::{
    ids::{AgentId, CommandId},
    time::Steady,
};

/// How many ended commands are remembered to answer late questions.
pub(crate) const REMEMBERED: usize = 4096;

/// One live command.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) command: Arc<Command>,
    pub(crate) rank: i64,
    /// When we heard that it runs, if this life of the server did.
    pub(crate) running_since: Option<Steady>,
    /// It is stored, so it may start.
    pub(crate) is_committed: bool,
    /// Somebody wants it to end.
    pub(crate) is_unwanted: bool,
}

/// All commands, and the queues they wait in.
#[derive(Debug, Default)]
pub(crate) struct Book {
    live: BTreeMap<CommandId, Live>,
    queues: BTreeMap<AgentId, Queue>,
    /// The one command of each agent that runs or was sent to be started.
    current: BTreeMap<AgentId, CommandId>,
    ended: BTreeMap<CommandId, Arc<Command>>,
    ended_order: VecDeque<CommandId>,
}

impl Book {
    pub(crate) fn live(&self, id: &CommandId) -> Option<&Live> {
        self.live.get(id)
    }

    pub(crate) fn live_mut(&mut self, id: &CommandId) -> Option<&mut Live> {
        self.live.get_mut(id)
    }

    pub(crate) fn ended(&self, id: &CommandId) -> Option<&Arc<Command>> {
        self.ended.get(id)
    }

    /// A command, live or remembered.
    pub(crate) fn find(&self, id: &CommandId) -> Option<&Arc<Command>> {
        self.live(id).map(|live| &live.command).or_else(|| self.ended(id))
    }

    pub(crate) fn queue_mut(&mut self, agent: &AgentId) -> &mut Queue {
        self.queues.entry(agent.clone()).or_default()
    }

    pub(crate) fn queue_len(&self, agent: &AgentId) -> usize {
        self.queues.get(agent).map_or(0, Queue::len)
    }

    pub(crate) fn insert(&mut self, live: Live) {
        self.live.insert(live.command.id.clone(), live);
    }

    /// Forgets a command that never came to be.
    pub(crate) fn erase(&mut self, id: &CommandId) -> Option<Arc<Command>> {
        let live = self.live.remove(id)?;
        self.queue_mut(&live.command.agent).remove(id);
        Some(live.command)
    }

    /// The commands of an agent that have no final state yet.
    pub(crate) fn live_of<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = &'a Live> {
        self.live.values().filter(move |live| live.command.agent == *agent)
    }

    /// The one command of an agent that runs or was sent to be started.
    pub(crate) fn current(&self, agent: &AgentId) -> Option<&Live> {
        self.live.get(self.current.get(agent)?)
    }

    /// The command was sent, or runs: nothing else of that agent is sent until it ended.
    pub(crate) fn occupy(&mut self, agent: &AgentId, command: &CommandId) {
        self.current.insert(agent.clone(), command.clone());
    }

    /// The agent never got what was sent.
    pub(crate) fn vacate(&mut self, agent: &AgentId) {
        self.current.remove(agent);
    }

    /// What may be sent to the agent now: the first of its queue, if nothing runs or is on its way.
    pub(crate) fn next_to_send(&self, agent: &AgentId) -> Option<&Live> {
        if self.current.contains_key(agent) {
            return None;
        }
        let first = self.queues.get(agent)?.first()?;
        self.live.get(first).filter(|live| live.is_committed)
    }

    /// Changes a command's state; the new command, or `None` if it does not live.
    pub(crate) fn advance(&mut self, id: &CommandId, state: State) -> Option<(Arc<Command>, i64)> {
        let live = self.live.get_mut(id)?;
        let was_queued = live.command.state == State::Queued;
        let is_final = matches!(state, State::Ended(_));
        let command = Arc::new(Command { state, ..(*live.command).clone() });
        live.command = command.clone();
        let rank = live.rank;
        if was_queued {
            self.queue_mut(&command.agent).remove(id);
        }
        if is_final {
            self.live.remove(id);
            if self.current.get(&command.agent) == Some(id) {
                self.current.remove(&command.agent);
            }
            self.remember(command.clone());
        }
        Some((command, rank))
    }

    /// Remembers an ended command; the oldest is forgotten beyond [`REMEMBERED`].
    pub(crate) fn remember(&mut self, command: Arc<Command>) {
        self.ended_order.push_back(command.id.clone());
        self.ended.insert(command.id.clone(), command);
        if self.ended_order.len() > REMEMBERED
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }

    /// Who waits on an agent, with positions from 1.
    pub(crate) fn waiting(&self, agent: &AgentId) -> Arc<[Waiting]> {
        let Some(queue) = self.queues.get(agent) else { return Arc::new([]) };
        let commands = queue.iter().filter_map(|id| self.live.get(id));
        commands
            .enumerate()
            .map(|(place, live)| Waiting { position: place + 1, command: live.command.clone() })
            .collect()
    }

    /// How many commands live: waiting and running.
    pub(crate) fn count(&self) -> (usize, usize) {
        let waiting = self.queues.values().map(Queue::len).sum();
        (waiting, self.live.len() - waiting)
    }
}
