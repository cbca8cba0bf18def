//! Control over whole agents: queues held, everything stopped, the agent restarted, work limited by budgets.

mod budget;
mod holds;
mod requests;
mod restart;
mod stop;
mod usage;

pub use budget::{Budget, Excess, MOST_COMMANDS};
pub(crate) use usage::Usage;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use crate::{
    ids::{AgentId, ConnectionId, IncarnationId, SessionId, WorkerId},
    streams::StreamKey,
    time::{Steady, Timestamp},
};

/// Why nothing of an agent's queue is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldCause {
    /// Somebody paused it: what runs goes on.
    Paused,
    /// Somebody stopped it: nothing runs, and no worker is started.
    Stopped,
    /// Somebody stopped all agents: as stopped.
    EmergencyStopped,
    /// It has used up its budget; this ends by itself.
    OverBudget,
}

impl HoldCause {
    /// Whether nothing at all may run.
    pub fn is_stop(self) -> bool {
        matches!(self, Self::Stopped | Self::EmergencyStopped)
    }

    /// Its name in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::EmergencyStopped => "emergency-stopped",
            Self::OverBudget => "over-budget",
        }
    }

    /// The cause of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Paused, Self::Stopped, Self::EmergencyStopped, Self::OverBudget];
        all.into_iter().find(|cause| cause.as_str() == name)
    }
}

/// A held queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub cause: HoldCause,
    /// Who did it; empty where nobody did.
    pub by: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself, as far as that is known.
    pub until: Option<Timestamp>,
    /// In words, for whoever waits in the queue.
    pub text: Arc<str>,
}

/// What can be asked about agents as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Start nothing more of its queue; what runs goes on.
    Pause(AgentId),
    /// Start things again, whoever held it.
    Resume(AgentId),
    /// End every process of it and start nothing more. Answered with what became of that.
    Stop(AgentId),
    /// The same of every agent at once.
    EmergencyStop {
        /// Why, for the audit and for whoever waits.
        reason: Option<Arc<str>>,
    },
    /// Have the agent begin a new life; its terminals end with the old one. Answered when it is back.
    Restart(AgentId),
    /// Type a message into a worker, followed by Enter. Answered when the agent has typed it.
    Message(Message),
    /// Limit what an agent may do in an hour; `None` ends the limit.
    SetBudget {
        /// Whose.
        agent: AgentId,
        /// The limit.
        budget: Option<Budget>,
    },
}

/// Words for whoever works in a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// On which agent.
    pub agent: AgentId,
    /// In which session; needed only where several have live workers.
    pub session: Option<SessionId>,
    /// Which worker; the only live one, or the only live agent worker, if absent.
    pub worker: Option<WorkerId>,
    /// What to type; never looked at.
    pub text: Arc<str>,
}

/// What became of one agent when it was to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopOutcome {
    /// Which agent.
    pub agent: AgentId,
    /// What became of it.
    pub result: StopResult,
}

/// Where the hour begins that budgets count.
pub fn hour_before(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(usage::HOUR))
}

/// What became of a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopResult {
    /// The agent confirmed that none of its processes is left.
    Stopped {
        /// How many commands were ended for it.
        commands: usize,
        /// How many workers were ended for it.
        workers: usize,
    },
    /// It will not stop, with the reason in words.
    Refused(Arc<str>),
    /// It could not be asked, or did not confirm in time. It is stopped as soon as it links again.
    Unreachable(Arc<str>),
}

/// What viewers learn about control.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An agent's queue is held, for another reason, or not any more.
    Held {
        /// Whose.
        agent: AgentId,
        /// Why, if it is.
        hold: Option<Arc<Hold>>,
    },
}

/// Somebody who waits until agents have stopped.
#[derive(Debug)]
pub(crate) struct Stopping {
    connection: ConnectionId,
    due: Steady,
    agents: Vec<(AgentId, Progress)>,
}

#[derive(Debug)]
enum Progress {
    Waiting { commands: usize, workers: usize },
    Done(StopResult),
}

/// Somebody who waits until an agent has begun a new life.
#[derive(Debug)]
pub(crate) struct Restarting {
    connection: ConnectionId,
    agent: AgentId,
    old: IncarnationId,
    due: Steady,
}

/// Holds, budgets, and who waits for what.
#[derive(Debug, Default)]
pub(crate) struct Control {
    /// Holds that somebody ordered.
    ordered: BTreeMap<AgentId, Arc<Hold>>,
    /// What viewers were told, over budget included.
    told: BTreeMap<AgentId, Arc<Hold>>,
    budgets: BTreeMap<AgentId, Budget>,
    usage: BTreeMap<AgentId, Usage>,
    /// When an agent that is over its budget may go on.
    frees: BTreeMap<AgentId, Steady>,
    /// Workers that were to start while their agent was stopped; bounded by workers.
    waiting: BTreeSet<StreamKey>,
    /// Until when an agent may still have processes of workers that are not wanted any more: it ends them and says
    /// nothing about them.
    leaving: BTreeMap<AgentId, Steady>,
    /// Bounded by connections, each of which waits for one answer.
    stopping: Vec<Stopping>,
    /// Likewise.
    restarting: VecDeque<Restarting>,
}

impl Control {
    /// When something here is due.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        let stopping = self.stopping.iter().map(|stopping| stopping.due);
        let restarting = self.restarting.iter().map(|restarting| restarting.due);
        // Nobody is told when the last one has left, unless somebody waits for it.
        let leaving = self.leaving.values().filter(|_| !self.stopping.is_empty()).copied();
        stopping.chain(restarting).chain(self.frees.values().copied()).chain(leaving).min()
    }

    /// Nobody waits there for an answer any more.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.stopping.retain(|stopping| stopping.connection != connection);
        self.restarting.retain(|restarting| restarting.connection != connection);
    }
}

/// A command that ran, as budgets count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// On which agent.
    pub agent: AgentId,
    /// When it started.
    pub began: Timestamp,
    /// How long it ran; absent while it runs.
    pub ran_for: Option<Duration>,
}

/// What a server finds of an agent's control when it starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredControl {
    /// Holds that somebody ordered.
    pub holds: Vec<(AgentId, Hold)>,
    /// Budgets.
    pub budgets: Vec<(AgentId, Budget)>,
    /// Commands that ran in the last hour, oldest first.
    pub spent: Vec<Spent>,
}
