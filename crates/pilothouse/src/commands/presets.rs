//! `pilothouse presets`: command lines that people keep under a name.

use std::time::Duration;

use clap::{Args, Subcommand};
use pilothouse_client::Api;
use pilothouse_core::ids::AgentId;
use pilothouse_server::config::duration;
use serde_json::{Value, json};

use super::{
    exec::{self, ExecOptions, PriorityName},
    sessions::{part, word},
};
use crate::{
    access::Access,
    failure::{Failure, UNAVAILABLE, USAGE},
    output::{self, plain, table},
    quoting,
};

/// What to do about presets; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse presets
  pilothouse presets add tests --agent build-01 --timeout 10m -- 'make test 2>&1 | tail -20'
  pilothouse presets run tests
  pilothouse presets run tests --agent build-02
  pilothouse presets remove tests"
)]
pub(crate) struct PresetsOptions {
    #[command(subcommand)]
    pub(crate) action: Option<PresetsAction>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// How to list, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PresetsAction {
    /// List them
    List(ListOptions),
    /// Keep a command line under a name and print the preset's id
    Add(AddOptions),
    /// Forget one
    Remove(RemoveOptions),
    /// Run one, as `pilothouse exec` runs its command
    Run(RunOptions),
}

/// The preset to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct AddOptions {
    /// What people are to call it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// On which agent it is to run [default: named when it is run]
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<AgentId>,
    /// The directory to run in, on the agent's machine
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<String>,
    /// Which of the waiting commands goes first
    #[arg(long, value_enum, default_value = "normal")]
    pub(crate) priority: PriorityName,
    /// End the command after so long, such as 30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

/// The preset to go.
#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveOptions {
    /// The preset's name or id
    #[arg(value_name = "PRESET")]
    pub(crate) preset: String,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// The preset to run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunOptions {
    /// The preset's name or id
    #[arg(value_name = "PRESET")]
    pub(crate) preset: String,
    /// On which agent [default: the preset's]
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<AgentId>,
    /// Say nothing but what the command says
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Leave when the server did not come back for so long; the command goes on
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    pub(crate) give_up_after: Duration,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Does it.
pub(crate) async fn run(options: PresetsOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(PresetsAction::List(options)) => list(&options).await,
        Some(PresetsAction::Add(options)) => add(options).await,
        Some(PresetsAction::Remove(options)) => {
            let api = options.access.dashboard()?.api()?;
            let preset = find(&api, &options.preset).await?;
            api.delete(&format!("/api/v1/presets/{}", word(&preset, "id"))).await?;
            Ok(0)
        }
        Some(PresetsAction::Run(options)) => execute(options).await,
    }
}

async fn all(api: &Api) -> Result<Vec<Value>, Failure> {
    let answer = api.get("/api/v1/presets").await?;
    Ok(part(&answer, "presets")?.as_array().cloned().unwrap_or_default())
}

/// The preset of that id, or the only one of that name.
async fn find(api: &Api, wanted: &str) -> Result<Value, Failure> {
    let all = all(api).await?;
    if let Some(preset) = all.iter().find(|preset| preset["id"] == wanted) {
        return Ok(preset.clone());
    }
    let named: Vec<_> = all.iter().filter(|preset| preset["name"] == wanted).collect();
    match &named[..] {
        [preset] => Ok((*preset).clone()),
        [] => {
            let sentence =
                format!("there is no preset {}; see `pilothouse presets`", plain(wanted));
            Err(Failure::new(UNAVAILABLE, sentence))
        }
        _ => {
            let sentence = format!("several presets are called {}; name its id", plain(wanted));
            Err(Failure::new(USAGE, sentence))
        }
    }
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let presets = all(&options.access.dashboard()?.api()?).await?;
    if options.json {
        output::say(&format!("{:#}", Value::Array(presets)));
        return Ok(0);
    }
    if presets.is_empty() {
        output::remark("no preset yet; keep one with `pilothouse presets add NAME -- CMD`");
        return Ok(0);
    }
    let columns = ["id", "name", "agentId", "priority", "madeBy", "command"];
    let row = |preset: &Value| columns.iter().map(|column| word(preset, column)).collect();
    let rows: Vec<Vec<String>> = presets.iter().map(row).collect();
    output::text(&table(&["PRESET", "NAME", "AGENT", "PRIORITY", "MADE BY", "LINE"], &rows))?;
    Ok(0)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let mut body = json!({
        "name": options.name,
        "command": quoting::line_of(&options.command),
        "priority": options.priority.as_str(),
    });
    if let Some(agent) = &options.agent {
        body["agentId"] = agent.as_str().into();
    }
    if let Some(directory) = options.cwd {
        body["directory"] = directory.into();
    }
    if let Some(timeout) = options.timeout {
        body["timeout"] = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX).into();
    }
    let made = options.list.access.dashboard()?.api()?.post("/api/v1/presets", &body).await?;
    if options.list.json {
        output::say(&format!("{made:#}"));
    } else {
        output::say(&word(&made, "id"));
    }
    Ok(0)
}

async fn execute(options: RunOptions) -> Result<u8, Failure> {
    let preset = find(&options.access.dashboard()?.api()?, &options.preset).await?;
    let own = preset["agentId"].as_str().map(str::to_owned);
    let nowhere = "this preset names no agent; say where with --agent";
    let agent = options.agent.map(|agent| agent.to_string()).or(own);
    let agent = agent.ok_or_else(|| Failure::new(USAGE, nowhere))?;
    let line = preset["command"].as_str().unwrap_or_default().to_owned();
    exec::run(ExecOptions {
        agent,
        priority: PriorityName::named(preset["priority"].as_str()),
        timeout: preset["timeout"].as_u64().map(Duration::from_millis),
        cwd: preset["directory"].as_str().map(str::to_owned),
        env: Vec::new(),
        give_up_after: options.give_up_after,
        quiet: options.quiet,
        access: options.access,
        command: vec![line],
    })
    .await
}
