//! `pilothouse workers`: the workers of one session.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::listing::{ListOptions, part, word};
use crate::{
    access::Access,
    failure::{Failure, USAGE},
    output::{self, table},
};

/// What to do about workers; with a session alone, list its workers.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  pilothouse workers ses-1
  pilothouse workers add ses-1
  pilothouse workers add ses-1 --agent-type claude --prompt 'fix the tests'
  pilothouse workers restart ses-1 wrk-1 --continue
  pilothouse workers rm ses-1 wrk-1"
)]
pub(crate) struct WorkersOptions {
    #[command(subcommand)]
    pub(crate) action: Option<WorkersAction>,
    /// The session's id
    #[arg(value_name = "SESSION", required = true, value_parser = id)]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum WorkersAction {
    /// Add a shell, or a command line agent, and print the worker's id
    Add(AddOptions),
    /// End a worker and take it out
    Rm(WorkerOptions),
    /// End a worker's process and begin anew
    Restart(RestartOptions),
}

/// The worker to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct AddOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    /// What people are to call it
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A command line agent, such as claude, instead of a shell
    #[arg(long, value_name = "TYPE")]
    pub(crate) agent_type: Option<String>,
    /// What the command line agent is to do
    #[arg(long, value_name = "TEXT", requires = "agent_type")]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// Which worker.
#[derive(Debug, Clone, Args)]
pub(crate) struct WorkerOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    /// The worker's id
    #[arg(value_name = "WORKER", value_parser = id)]
    pub(crate) worker: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// How to restart.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestartOptions {
    #[command(flatten)]
    pub(crate) worker: WorkerOptions,
    /// Let a command line agent go on with its last conversation
    #[arg(long = "continue")]
    pub(crate) continues: bool,
}

/// Does it.
pub(crate) async fn run(options: WorkersOptions) -> Result<u8, Failure> {
    match options.action {
        None => {
            let session = options.session.ok_or_else(|| Failure::new(USAGE, "name a session"))?;
            list(&session, &options.list).await
        }
        Some(WorkersAction::Add(options)) => add(options).await,
        Some(WorkersAction::Rm(options)) => {
            let api = options.access.dashboard()?.api()?;
            api.delete(&format!("{}/{}", path(&options.session), options.worker)).await?;
            Ok(0)
        }
        Some(WorkersAction::Restart(options)) => {
            let RestartOptions { worker, continues } = options;
            let api = worker.access.dashboard()?.api()?;
            let path = format!("{}/{}/restart", path(&worker.session), worker.worker);
            api.post(&path, &json!({ "continueConversation": continues })).await?;
            Ok(0)
        }
    }
}

/// Where a session's workers are.
pub(super) fn path(session: &str) -> String {
    format!("/api/sessions/{session}/workers")
}

async fn list(session: &str, options: &ListOptions) -> Result<u8, Failure> {
    let answer = options.access.dashboard()?.api()?.get(&path(session)).await?;
    let workers = part(&answer, "workers")?;
    if options.json {
        output::say(&format!("{workers:#}"));
        return Ok(0);
    }
    let row = |worker: &Value| {
        let id = word(worker, "id");
        let open = format!("pilothouse attach {session}/{id}");
        let kind = [word(worker, "type"), word(worker, "agentId")].join(" ");
        vec![id, kind.trim_end().to_owned(), word(worker, "name"), open]
    };
    let rows: Vec<_> = workers.as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        output::remark(&format!("no worker yet; add one with `pilothouse workers add {session}`"));
        return Ok(0);
    }
    output::text(&table(&["WORKER", "TYPE", "NAME", "OPEN WITH"], &rows))?;
    Ok(0)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let api = options.list.access.dashboard()?.api()?;
    let mut body = match &options.agent_type {
        Some(agent_type) => json!({ "type": "agent", "agentType": agent_type }),
        None => json!({ "type": "terminal" }),
    };
    for (name, value) in [("name", options.name), ("initialPrompt", options.prompt)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    let answer = api.post(&path(&options.session), &body).await?;
    let worker = part(&answer, "worker")?;
    if options.list.json {
        output::say(&format!("{worker:#}"));
    } else {
        output::say(&word(worker, "id"));
    }
    Ok(0)
}

/// Checks an id before it becomes a part of a path.
pub(super) fn id(text: &str) -> Result<String, String> {
    pilothouse_core::ids::SessionId::new(text)
        .map(|id| id.as_str().to_owned())
        .map_err(|error| error.to_string())
}
