//! `pilothouse status`: agents, queues and what runs.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use pilothouse_client::{
    Dashboard, Event, ServerMessage,
    messages::{Agent, AgentStatus, CommandState, CommandStatus, QueuedCommand},
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE},
    output::{self, plain, table},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How to show it.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Default)]
struct Fleet {
    agents: Option<Vec<Agent>>,
    queues: BTreeMap<String, Vec<QueuedCommand>>,
    running: Vec<CommandStatus>,
}

/// Prints how things stand and leaves.
pub(crate) async fn run(options: StatusOptions) -> Result<u8, Failure> {
    let mut dashboard = options.access.dashboard()?.connect().await?;
    let fleet = timeout(ANSWER_WITHIN, look(&mut dashboard)).await;
    let fleet = fleet
        .map_err(|_| Failure::new(UNAVAILABLE, "the server did not answer in time; try again"))??;
    output::say(&if options.json { as_json(&fleet) } else { as_tables(&fleet) });
    Ok(0)
}

/// Reads what is told first: all that is live.
async fn look(dashboard: &mut Dashboard) -> Result<Fleet, Failure> {
    let mut fleet = Fleet::default();
    loop {
        let message = match dashboard.next().await? {
            Event::Resynced => return Ok(fleet),
            Event::Message(message) => message,
            _ => continue,
        };
        match message {
            ServerMessage::AgentList(list) => fleet.agents = Some(list.agents),
            ServerMessage::CommandQueue(queue) => {
                drop(fleet.queues.insert(queue.agent_id, queue.queue));
            }
            ServerMessage::CommandStatus(status) if status.status == CommandState::Running => {
                fleet.running.push(status);
            }
            _ => {}
        }
    }
}

fn as_json(fleet: &Fleet) -> String {
    let Fleet { agents, queues, running } = fleet;
    format!("{:#}", json!({ "agents": agents, "queues": queues, "running": running }))
}

fn as_tables(fleet: &Fleet) -> String {
    let agents = fleet.agents.as_deref().unwrap_or_default();
    if agents.is_empty() {
        return "no agent has connected yet; start one with `pilothouse agent`".to_owned();
    }
    let row = |agent: &Agent| {
        let id = &agent.agent_id;
        let running = fleet.running.iter().filter(|status| status.agent_id == *id);
        let line = |status: &CommandStatus| {
            let line = status.origin.as_ref().map(|origin| plain(&origin.command));
            line.unwrap_or_else(|| status.command_id.clone())
        };
        let running: Vec<_> = running.map(line).collect();
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
