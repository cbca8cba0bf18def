//! `pilothouse status`: agents, queues and what runs.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    time::Duration,
};

use clap::Args;
use pilothouse_client::{
    Dashboard, Event, Follow, Reconnecting, ServerMessage,
    messages::{Agent, AgentStatus, CommandState, CommandStatus, QueuedCommand},
};
use serde_json::json;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE},
    output::{self, plain, table},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long changes are gathered before they are shown.
const GATHER: Duration = Duration::from_millis(100);
/// Puts the cursor into the corner and wipes the terminal.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// How to show it.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    /// Go on showing it whenever it changes, until Ctrl-C; with --json one line a change
    #[arg(long, short)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Default)]
struct Fleet {
    agents: Option<Vec<Agent>>,
    queues: BTreeMap<String, Vec<QueuedCommand>>,
    running: Vec<CommandStatus>,
    /// The lines of commands that were seen to wait, for when they run.
    lines: BTreeMap<String, String>,
    /// Why what is shown may be old.
    trouble: Option<String>,
}

/// Prints how things stand and leaves, or stays and goes on.
pub(crate) async fn run(options: StatusOptions) -> Result<u8, Failure> {
    let builder = options.access.dashboard()?.follow(Follow::Own);
    let mut dashboard = builder.connect().await?;
    let mut fleet = Fleet::default();
    let look = async {
        while dashboard.next().await.map(|event| fleet.take(event))? != Change::Complete {}
        Ok::<_, Failure>(())
    };
    timeout(ANSWER_WITHIN, look)
        .await
        .map_err(|_| Failure::new(UNAVAILABLE, "the server did not answer in time; try again"))??;
    if options.watch {
        return watch(&mut dashboard, fleet, options.json).await;
    }
    output::say(&if options.json { format!("{:#}", as_json(&fleet)) } else { as_tables(&fleet) });
    Ok(0)
}

/// Shows every change; changes that come together are shown together.
async fn watch(dashboard: &mut Dashboard, mut fleet: Fleet, is_json: bool) -> Result<u8, Failure> {
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    loop {
        let shown = if is_json {
            format!("{}\n", as_json(&fleet))
        } else {
            let trouble = fleet.trouble.as_ref().map(|why| format!("\n{}\n", plain(why)));
            format!("{clear}{}\n{}", as_tables(&fleet), trouble.unwrap_or_default())
        };
        match output::pass_on(io::stdout().lock(), &shown) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            shown => shown.map_err(|error| Failure::io(&error))?,
        }
        while fleet.take(dashboard.next().await?) == Change::Nothing {}
        let gathered_at = Instant::now() + GATHER;
        while let Ok(event) = timeout_at(gathered_at, dashboard.next()).await {
            fleet.take(event?);
        }
    }
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
                drop(self.queues.insert(queue.agent_id, queue.queue));
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

    /// What runs, as a line if it is known.
    fn line(&self, status: &CommandStatus) -> String {
        let told = status.origin.as_ref().map(|origin| &origin.command);
        let line = told.or_else(|| self.lines.get(&status.command_id));
        plain(line.unwrap_or(&status.command_id))
    }
}

fn as_json(fleet: &Fleet) -> serde_json::Value {
    let Fleet { agents, queues, running, .. } = fleet;
    json!({ "agents": agents, "queues": queues, "running": running })
}

fn as_tables(fleet: &Fleet) -> String {
    let agents = fleet.agents.as_deref().unwrap_or_default();
    if agents.is_empty() {
        return "no agent has connected yet; start one with `pilothouse agent`".to_owned();
    }
    let row = |agent: &Agent| {
        let id = &agent.agent_id;
        let running = fleet.running.iter().filter(|status| status.agent_id == *id);
        let running: Vec<_> = running.map(|status| fleet.line(status)).collect();
        vec![
            id.clone(),
            plain(&agent.name),
            word(agent.status).to_owned(),
            plain(&agent.agent_type),
            plain(&agent.metadata.platform),
            fleet.queues.get(id).map_or(0, Vec::len).to_string(),
            running.join("; "),
        ]
    };
    let rows: Vec<_> = agents.iter().map(row).collect();
    let mut parts =
        vec![table(&["AGENT", "NAME", "STATUS", "TYPE", "PLATFORM", "QUEUED", "RUNNING"], &rows)];
    let queued = |(agent, queue): (&String, &Vec<QueuedCommand>)| {
        let row = |entry: &QueuedCommand| {
            let by = plain(&entry.requested_by);
            vec![
                agent.clone(),
                entry.position.to_string(),
                entry.command_id.clone(),
                by,
                plain(&entry.command),
            ]
        };
        queue.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<_> = fleet.queues.iter().flat_map(queued).collect();
    if !rows.is_empty() {
        parts.push(table(&["AGENT", "POSITION", "COMMAND", "BY", "LINE"], &rows));
    }
    parts.join("\n\n")
}

fn word(status: AgentStatus) -> &'static str {
    match status {
        AgentStatus::Online => "online",
        AgentStatus::Busy => "busy",
        AgentStatus::Offline => "offline",
        AgentStatus::Error => "error",
    }
}
