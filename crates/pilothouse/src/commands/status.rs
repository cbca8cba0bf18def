//! `pilothouse status`: agents, queues and what runs.

use clap::Args;
use pilothouse_client::messages::{Agent, CommandQueue, QueuedCommand};

use super::fleet::{self, Fleet, word};
use crate::{
    access::Access,
    failure::Failure,
    output::{self, plain, table},
};

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

/// Prints how things stand and leaves, or stays and goes on.
pub(crate) async fn run(options: StatusOptions) -> Result<u8, Failure> {
    let (mut dashboard, mut fleet) = Fleet::look(options.access.dashboard()?).await?;
    if !options.watch {
        let fleet = &fleet;
        let text = if options.json { format!("{:#}", fleet.as_json()) } else { as_tables(fleet) };
        output::say(&text);
        return Ok(0);
    }
    loop {
        let goes_on = if options.json {
            fleet::print(&format!("{}\n", fleet.as_json()))?
        } else {
            fleet::redraw(&as_tables(&fleet), fleet.trouble.as_deref())?
        };
        if !goes_on {
            return Ok(0);
        }
        fleet.change(&mut dashboard).await?;
    }
}

fn as_tables(fleet: &Fleet) -> String {
    if fleet.agents().is_empty() {
        return "no agent has connected yet; start one with `pilothouse agent`".to_owned();
    }
    let row = |agent: &Agent| {
        let id = &agent.agent_id;
        let running: Vec<_> = fleet.running(id).map(|status| fleet.line(status)).collect();
        let hold = fleet.hold(id).map(|hold| format!(" ({})", plain(&hold.cause)));
        vec![
            id.clone(),
            plain(&agent.name),
            word(agent.status).to_owned(),
            plain(&agent.agent_type),
            plain(&agent.metadata.platform),
            format!("{}{}", fleet.waiting(id), hold.unwrap_or_default()),
            running.join("; "),
        ]
    };
    let rows: Vec<_> = fleet.agents().iter().map(row).collect();
    let mut parts =
        vec![table(&["AGENT", "NAME", "STATUS", "TYPE", "PLATFORM", "QUEUED", "RUNNING"], &rows)];
    let queued = |(agent, queue): (&String, &CommandQueue)| {
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
        queue.queue.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<_> = fleet.queues.iter().flat_map(queued).collect();
    if !rows.is_empty() {
        parts.push(table(&["AGENT", "POSITION", "COMMAND", "BY", "LINE"], &rows));
    }
    parts.join("\n\n")
}
