//! `pilothouse sessions`: list, make and take away.

use clap::{Args, Subcommand};
use pilothouse_client::Api;
use serde_json::{Value, json};

use super::{
    listing::{ListOptions, part, word},
    workers::{self, id},
};
use crate::{
    access::Access,
    failure::{Failure, USAGE},
    output::{self, table},
};

/// What to do about sessions; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse sessions
  pilothouse sessions new ~/shop --terminal
  pilothouse sessions new ~/shop --agent build-01 --agent-type claude --prompt 'fix the tests'
  pilothouse sessions rm ses-1"
)]
pub(crate) struct SessionsOptions {
    #[command(subcommand)]
    pub(crate) action: Option<SessionsAction>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum SessionsAction {
    /// Make a session in a folder and print its id
    New(CreateOptions),
    /// End a session's workers and forget it
    Rm(RemoveOptions),
}

/// The session to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct CreateOptions {
    /// The folder on the agent's machine; one like ./shop is looked for from here
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// The agent [default: the only one that is online]
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// What people are to call it
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// Begin with a shell
    #[arg(long, short)]
    pub(crate) terminal: bool,
    /// Begin with a command line agent, such as claude
    #[arg(long, value_name = "TYPE")]
    pub(crate) agent_type: Option<String>,
    /// What the command line agent is to do
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// The session to go.
#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveOptions {
    /// The session's id
    #[arg(value_name = "SESSION", value_parser = id)]
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Does it.
pub(crate) async fn run(options: SessionsOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(SessionsAction::New(options)) => make(options).await,
        Some(SessionsAction::Rm(options)) => {
            let api = options.access.dashboard()?.api()?;
            api.delete(&format!("/api/sessions/{}", options.session)).await?;
            Ok(0)
        }
    }
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let answer = options.access.dashboard()?.api()?.get("/api/sessions").await?;
    let sessions = part(&answer, "sessions")?;
    if options.json {
        output::say(&format!("{sessions:#}"));
        return Ok(0);
    }
    let sessions = sessions.as_array().map(Vec::as_slice).unwrap_or_default();
    if sessions.is_empty() {
        output::remark("no session yet; make one with `pilothouse sessions new PATH --terminal`");
        return Ok(0);
    }
    let row = |session: &Value| {
        let workers = session["workers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let workers: Vec<_> = workers.iter().map(|worker| word(worker, "id")).collect();
        vec![
            word(session, "id"),
            word(session, "status"),
            word(session, "title"),
            word(session, "locationPath"),
            workers.join(" "),
        ]
    };
    let rows: Vec<_> = sessions.iter().map(row).collect();
    output::text(&table(&["SESSION", "STATUS", "TITLE", "PATH", "WORKERS"], &rows))?;
    Ok(0)
}

async fn make(options: CreateOptions) -> Result<u8, Failure> {
    let api = options.list.access.dashboard()?.api()?;
    let mut body = json!({ "type": "quick", "locationPath": absolute(&options.path)? });
    let given = [
        ("agentId", options.agent),
        ("title", options.title),
        ("agentType", options.agent_type),
        ("initialPrompt", options.prompt),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    let answer = api.post("/api/sessions", &body).await?;
    let mut session = part(&answer, "session")?.clone();
    let id = word(&session, "id");
    if options.terminal {
        let worker = add_terminal(&api, &id).await?;
        if let Some(workers) = session["workers"].as_array_mut() {
            workers.push(worker);
        }
    }
    if options.list.json {
        output::say(&format!("{session:#}"));
        return Ok(0);
    }
    output::say(&id);
    for worker in session["workers"].as_array().into_iter().flatten() {
        output::remark(&format!("open it with: pilothouse attach {id}/{}", word(worker, "id")));
    }
    Ok(0)
}

/// A folder seen from here, as people on this machine name it. What begins with `~` is the agent's to know.
fn absolute(path: &str) -> Result<String, Failure> {
    if path.starts_with(['/', '~']) {
        return Ok(path.to_owned());
    }
    let path = std::path::absolute(path).map_err(|error| Failure::io(&error))?;
    path.into_os_string()
        .into_string()
        .map_err(|_| Failure::new(USAGE, "the folder's name is not UTF-8; give it another one"))
}

async fn add_terminal(api: &Api, session: &str) -> Result<Value, Failure> {
    let path = workers::path(session);
    let answer = api.post(&path, &json!({ "type": "terminal" })).await?;
    Ok(part(&answer, "worker")?.clone())
}
