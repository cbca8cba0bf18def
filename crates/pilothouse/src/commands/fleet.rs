//! What a dashboard shows of all agents, gathered from what the server tells.

use std::{collections::BTreeMap, io, io::IsTerminal, time::Duration};

use pilothouse_client::{
    Builder, Dashboard, Event, Follow, Reconnecting, ServerMessage,
    messages::{Agent, AgentStatus, CommandQueue, CommandState, CommandStatus, QueueHold},
};
use serde_json::json;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    failure::{Failure, UNAVAILABLE},
    output::{self, plain},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long changes are gathered before they are shown.
const GATHER: Duration = Duration::from_millis(100);
/// Puts the cursor into the corner and wipes the terminal.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// All agents, what runs and what waits.
#[derive(Default)]
pub(super) struct Fleet {
    agents: Option<Vec<Agent>>,
    pub(super) queues: BTreeMap<String, CommandQueue>,
    running: Vec<CommandStatus>,
    /// The lines of commands that were seen to wait, for when they run.
    lines: BTreeMap<String, String>,
    /// Why what is shown may be old.
    pub(super) trouble: Option<String>,
}

/// What an event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    Something,
    /// All that is live has been told.
    Complete,
}

impl Fleet {
    /// Connects and looks how things stand.
    pub(super) async fn look(builder: Builder) -> Result<(Dashboard, Self), Failure> {
        let mut dashboard = builder.follow(Follow::Own).connect().await?;
        let mut fleet = Self::default();
        let look = async {
            while dashboard.next().await.map(|event| fleet.take(event))? != Change::Complete {}
            Ok::<_, Failure>(())
        };
        let silent = |_| Failure::new(UNAVAILABLE, "the server did not answer in time; try again");
        timeout(ANSWER_WITHIN, look).await.map_err(silent)??;
        Ok((dashboard, fleet))
    }

    /// Waits until something is different; changes that come together count as one.
    pub(super) async fn change(&mut self, dashboard: &mut Dashboard) -> Result<(), Failure> {
        while self.take(dashboard.next().await?) == Change::Nothing {}
        let gathered_at = Instant::now() + GATHER;
        while let Ok(event) = timeout_at(gathered_at, dashboard.next()).await {
            self.take(event?);
        }
        Ok(())
    }

    /// By id, offline ones included.
    pub(super) fn agents(&self) -> &[Agent] {
        self.agents.as_deref().unwrap_or_default()
    }

    /// What an agent runs.
    pub(super) fn running<'a>(&'a self, agent: &'a str) -> impl Iterator<Item = &'a CommandStatus> {
        self.running.iter().filter(move |status| status.agent_id == agent)
    }

    /// How many wait for an agent.
    pub(super) fn waiting(&self, agent: &str) -> usize {
        self.queues.get(agent).map_or(0, |queue| queue.queue.len())
    }

    /// Why nothing of an agent's queue is started.
    pub(super) fn hold(&self, agent: &str) -> Option<&QueueHold> {
        self.queues.get(agent)?.held.as_ref()
    }

    /// What runs, as a line if it is known.
    pub(super) fn line(&self, status: &CommandStatus) -> String {
        let told = status.origin.as_ref().map(|origin| &origin.command);
        let line = told.or_else(|| self.lines.get(&status.command_id));
        plain(line.unwrap_or(&status.command_id))
    }

    /// For programs.
    pub(super) fn as_json(&self) -> serde_json::Value {
        let Self { agents, queues, running, .. } = self;
        let held: BTreeMap<_, _> = queues
            .iter()
            .filter_map(|(agent, queue)| Some((agent, queue.held.as_ref()?)))
            .collect();
        let queues: BTreeMap<_, _> =
            queues.iter().map(|(agent, queue)| (agent, &queue.queue)).collect();
        json!({ "agents": agents, "queues": queues, "held": held, "running": running })
    }

    fn take(&mut self, event: Event) -> Change {
        match event {
            Event::Resynced => {
                self.trouble = None;
                Change::Complete
            }
            Event::Reconnecting(attempt) => {
                let Reconnecting { attempt, reason, .. } = attempt;
                self.trouble = Some(format!("{reason}; trying again (attempt {attempt})"));
                Change::Something
            }
            Event::Forgotten { command_id } => {
                self.running.retain(|running| running.command_id != command_id);
                Change::Something
            }
            Event::Message(message) => self.message(message),
            _ => Change::Nothing,
        }
    }

    fn message(&mut self, message: ServerMessage) -> Change {
        match message {
            ServerMessage::AgentList(list) => self.agents = Some(list.agents),
            ServerMessage::AgentStatus(agent) => {
                let agents = self.agents.get_or_insert_default();
                match agents.iter_mut().find(|known| known.agent_id == agent.agent_id) {
                    Some(known) => *known = agent,
                    None => agents.push(agent),
                }
            }
            ServerMessage::CommandQueue(queue) => {
                for entry in &queue.queue {
                    self.lines.insert(entry.command_id.clone(), entry.command.clone());
                }
                drop(self.queues.insert(queue.agent_id.clone(), queue));
            }
            ServerMessage::CommandStatus(status) => {
                self.running.retain(|running| running.command_id != status.command_id);
                match status.status {
                    CommandState::Queued => return Change::Nothing,
                    CommandState::Running => self.running.push(status),
                    _ => drop(self.lines.remove(&status.command_id)),
                }
            }
            _ => return Change::Nothing,
        }
        Change::Something
    }
}

/// Shows how things stand in place of what was shown before; whether somebody still looks.
pub(super) fn redraw(text: &str, trouble: Option<&str>) -> Result<bool, Failure> {
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    let trouble = trouble.map(|why| format!("\n{}\n", plain(why))).unwrap_or_default();
    print(&format!("{clear}{text}\n{trouble}"))
}

/// Prints; whether somebody still reads.
pub(super) fn print(text: &str) -> Result<bool, Failure> {
    match output::pass_on(io::stdout().lock(), text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        shown => shown.map(|()| true).map_err(|error| Failure::io(&error)),
    }
}

/// An agent's status as people read it.
pub(super) fn word(status: AgentStatus) -> &'static str {
    match status {
        AgentStatus::Online => "online",
        AgentStatus::Busy => "busy",
        AgentStatus::Offline => "offline",
        AgentStatus::Error => "error",
    }
}
