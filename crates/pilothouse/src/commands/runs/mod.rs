//! `pilothouse runs`: list browser tasks, look at one, come back to it, steer it.

mod told;

use clap::{Args, Subcommand, ValueEnum};
use pilothouse_client::{Api, WaitingKind};
use pilothouse_core::ids::{AgentId, RunId};
use serde_json::{Value, json};

use super::{
    listing::{ListOptions, part, taken, word},
    run::{WatchOptions, hint, kind_of, look, path, steps, watch, watching_help},
};
use crate::{
    access::Access,
    failure::{Failure, PROTOCOL, TRY_LATER},
    output::{self, table},
};

use self::told::{cut, kind, standing, task, whole};

/// What to do about runs; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse runs
  pilothouse runs --status pending,inprogress --agent build-01
  pilothouse runs show run-1
  pilothouse runs watch run-1 --out pictures
  pilothouse runs pause run-1
  pilothouse runs reply run-1 'size 42'
  pilothouse runs approve run-1
  pilothouse runs deny run-1 --reason 'too dear'
  pilothouse runs cancel run-1

Runs are made with `pilothouse run` and done again with `pilothouse replay`."
)]
pub(crate) struct RunsOptions {
    #[command(subcommand)]
    pub(crate) action: Option<RunsAction>,
    /// Only those on this agent
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<AgentId>,
    /// Only those that stand so, with commas between
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<Standing>,
    /// How many at most, the newest first
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standing {
    /// It waits for its place on the agent.
    Pending,
    /// The agent is at it.
    Inprogress,
    /// It did what it was to do.
    Completed,
    /// It did not.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl Standing {
    /// Its name on the wire.
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Inprogress => "INPROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum RunsAction {
    /// Show a run, what it did, and what it waits for
    Show(ShowOptions),
    /// Watch a run to its end, from its first step on
    #[command(after_help = concat!("Examples:
  pilothouse runs watch run-1
  pilothouse runs watch run-1 --out pictures

", watching_help!()))]
    Watch(WatchRun),
    /// End a run
    Cancel(CancelOptions),
    /// Have a run hold still; what it is doing is done first
    Pause(OneRun),
    /// Have a paused run go on
    Resume(OneRun),
    /// Answer what a run asks
    Reply(ReplyOptions),
    /// Let a run send what it wants to send
    Approve(DecideOptions),
    /// Do not let a run send what it wants to send; it goes on without
    Deny(DecideOptions),
}

/// Which run.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneRun {
    /// The run's id
    #[arg(value_name = "RUN")]
    pub(crate) run: RunId,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// The run to be shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowOptions {
    /// The run's id
    #[arg(value_name = "RUN")]
    pub(crate) run: RunId,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// The run to be watched.
#[derive(Debug, Clone, Args)]
pub(crate) struct WatchRun {
    /// The run's id
    #[arg(value_name = "RUN")]
    pub(crate) run: RunId,
    #[command(flatten)]
    pub(crate) watching: WatchOptions,
}

/// The run to be cancelled.
#[derive(Debug, Clone, Args)]
pub(crate) struct CancelOptions {
    #[command(flatten)]
    pub(crate) which: OneRun,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplyOptions {
    #[command(flatten)]
    pub(crate) which: OneRun,
    /// The answer
    #[arg(value_name = "TEXT")]
    pub(crate) text: String,
    /// Only if it still asks that [default: whatever it asks now]
    #[arg(long, value_name = "ID")]
    pub(crate) wait: Option<String>,
}

/// A decision.
#[derive(Debug, Clone, Args)]
pub(crate) struct DecideOptions {
    #[command(flatten)]
    pub(crate) which: OneRun,
    /// Why, for the run and the audit
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// The same for all that the run sends to that host from now on
    #[arg(long)]
    pub(crate) always: bool,
    /// Only if it still wants to send that [default: whatever it wants to send now]
    #[arg(long, value_name = "ID")]
    pub(crate) wait: Option<String>,
}

/// Does it.
pub(crate) async fn run(options: RunsOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options).await,
        Some(RunsAction::Show(options)) => show(&options).await,
        Some(RunsAction::Watch(options)) => {
            let api = options.watching.access.dashboard()?.api()?;
            let run = look(&api, options.run.as_str()).await?;
            watch(run, options.watching).await
        }
        Some(RunsAction::Cancel(CancelOptions { which, reason })) => {
            let body = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
            let run = post(&which, "cancel", &body).await?;
            if word(&run, "status") == "INPROGRESS" {
                output::remark("it ends as soon as its agent has ended it");
            }
            Ok(0)
        }
        Some(RunsAction::Pause(which)) => {
            post(&which, "pause", &json!({})).await?;
            let run = &which.run;
            output::remark(&format!(
                "what it is doing is done first; `pilothouse runs resume {run}` lets it go on"
            ));
            Ok(0)
        }
        Some(RunsAction::Resume(which)) => {
            post(&which, "resume", &json!({})).await?;
            Ok(0)
        }
        Some(RunsAction::Reply(ReplyOptions { which, text, wait })) => {
            let wait = wait_of(&which, wait, WaitingKind::Question).await?;
            post(&which, "reply", &json!({ "waitId": wait, "text": text })).await?;
            Ok(0)
        }
        Some(RunsAction::Approve(options)) => decide(options, true).await,
        Some(RunsAction::Deny(options)) => decide(options, false).await,
    }
}

async fn decide(options: DecideOptions, is_granted: bool) -> Result<u8, Failure> {
    let DecideOptions { which, reason, always, wait } = options;
    let wait = wait_of(&which, wait, WaitingKind::Approval).await?;
    let mut body = json!({ "waitId": wait, "granted": is_granted, "always": always });
    if let Some(reason) = reason {
        body["reason"] = reason.into();
    }
    post(&which, "decision", &body).await?;
    Ok(0)
}

async fn post(which: &OneRun, act: &str, body: &Value) -> Result<Value, Failure> {
    let api = which.access.dashboard()?.api()?;
    let answer = api.post(&format!("{}/{act}", path(which.run.as_str())), body).await?;
    Ok(part(&answer, "run")?.clone())
}

/// Which wait of the run is meant: the one that was named, or the one that it has now, which is told.
async fn wait_of(
    which: &OneRun,
    named: Option<String>,
    wanted: WaitingKind,
) -> Result<String, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let OneRun { run: id, access } = which;
    let run = look(&access.dashboard()?.api()?, id.as_str()).await?;
    let waiting = &run["waiting"];
    let Some(kind) = kind(waiting) else {
        return Err(Failure::new(TRY_LATER, format!("run {id} waits for nobody now")));
    };
    let text = word(waiting, "text");
    if kind != wanted {
        let wait = word(waiting, "id");
        let sentence =
            format!("run {id} {}: {text}; use {}", kind_of(kind), hint(id.as_str(), &wait, kind));
        return Err(Failure::new(TRY_LATER, sentence));
    }
    output::remark(&format!("{}: {text}", kind_of(kind)));
    let missing = || Failure::new(PROTOCOL, "the server's answer names no wait; check its version");
    waiting["id"].as_str().map(str::to_owned).ok_or_else(missing)
}

async fn list(options: &RunsOptions) -> Result<u8, Failure> {
    let api: Api = options.list.access.dashboard()?.api()?;
    let agent = options.agent.as_ref().map(|agent| format!("&agentId={agent}"));
    let names: Vec<_> = options.status.iter().map(|standing| standing.as_str()).collect();
    let status = (!names.is_empty()).then(|| format!("&status={}", names.join(",")));
    let (agent, status) = (agent.unwrap_or_default(), status.unwrap_or_default());
    let path = format!("/api/runs?limit={}{agent}{status}", options.limit);
    let mut answer = api.get(&path).await?;
    let runs = taken(&mut answer, "runs")?;
    if options.list.json {
        output::text(&format!("{:#}", Value::Array(runs)))?;
        return Ok(0);
    }
    if runs.is_empty() {
        output::remark("no such run; make one with `pilothouse run TASK`");
        return Ok(0);
    }
    let row = |run: &Value| {
        vec![
            word(run, "id"),
            standing(run),
            word(run, "agentId"),
            word(run, "requestedBy"),
            run["stepCount"].to_string(),
            word(run, "requestedAt"),
            cut(&task(run)),
        ]
    };
    let rows: Vec<_> = runs.iter().map(row).collect();
    output::text(&table(&["RUN", "STATUS", "AGENT", "BY", "STEPS", "REQUESTED", "TASK"], &rows))?;
    if answer["next"].is_string() {
        output::remark("there are older ones; --limit shows more");
    }
    Ok(0)
}

async fn show(options: &ShowOptions) -> Result<u8, Failure> {
    let api = options.list.access.dashboard()?.api()?;
    let id = options.run.as_str();
    let run = look(&api, id).await?;
    let steps = steps(&api, id).await?;
    if options.list.json {
        output::text(&format!("{:#}", json!({ "run": run, "steps": steps })))?;
        return Ok(0);
    }
    output::text(&whole(id, &run, &steps))?;
    Ok(0)
}
