//! `pilothouse runs`: list browser tasks, look at one, come back to it, steer it.

use clap::{Args, Subcommand, ValueEnum};
use pilothouse_client::{Api, WaitingKind};
use pilothouse_core::ids::{AgentId, RunId};
use serde_json::{Map, Value, json};

use super::{
    listing::{ListOptions, part, taken, word},
    run::{WatchOptions, hint, in_words, kind_of, look, path, steps, watch, watching_help},
};
use crate::{
    access::Access,
    failure::{Failure, PROTOCOL, TRY_LATER},
    output::{self, plain, table},
};

/// A task is cut to so many characters: a run is one line.
const LONGEST: usize = 60;

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

fn kind(waiting: &Value) -> Option<WaitingKind> {
    match waiting["kind"].as_str()? {
        "question" => Some(WaitingKind::Question),
        "approval" => Some(WaitingKind::Approval),
        _ => None,
    }
}

async fn list(options: &RunsOptions) -> Result<u8, Failure> {
    let api: Api = options.list.access.dashboard()?.api()?;
    let mut path = format!("/api/runs?limit={}", options.limit);
    if let Some(agent) = &options.agent {
        path += &format!("&agentId={agent}");
    }
    if !options.status.is_empty() {
        let names: Vec<_> = options.status.iter().map(|standing| standing.as_str()).collect();
        path += &format!("&status={}", names.join(","));
    }
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

/// How a run stands, in a word or two.
fn standing(run: &Value) -> String {
    let status = word(run, "status").to_lowercase();
    match kind(&run["waiting"]) {
        Some(kind) => format!("{status} ({})", kind_of(kind)),
        None if run["paused"] == true => format!("{status} (paused)"),
        None => status,
    }
}

fn task(run: &Value) -> String {
    let task = word(run, "task");
    match run["script"].as_array() {
        _ if !task.is_empty() => task,
        Some(script) => format!("a script of {}", counted(script.len(), "action")),
        None => task,
    }
}

fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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

/// A run with all that there is to say of it.
fn whole(id: &str, run: &Value, steps: &[Value]) -> String {
    let mut lines = vec![format!("{id}  {}  on {}", standing(run), word(run, "agentId"))];
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name:10}{value}"));
        }
    };
    say("task", task(run));
    say("by", format!("{}, {}", word(run, "requestedBy"), word(run, "requestedAt")));
    say("browser", word(run, "browserId"));
    if run["approval"] == true {
        let hosts = run["allowedHosts"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let hosts = hosts.map(plain).collect::<Vec<_>>().join(", ");
        let hosts = if hosts.is_empty() { "no host".to_owned() } else { hosts };
        say("approval", format!("needed; allowed without: {hosts}"));
    }
    let empty = Map::new();
    for step in steps {
        let action = in_words(step["action"].as_object().unwrap_or(&empty));
        let why = word(step, "explanation");
        let why = if why.is_empty() { why } else { format!("  ({why})") };
        lines.push(format!("{:>4}  {action}{why}", step["number"].as_u64().unwrap_or_default()));
    }
    let waiting = &run["waiting"];
    if let Some(kind) = kind(waiting) {
        lines.push(format!("{}: {}", kind_of(kind), word(waiting, "text")));
        let request = format!("{} {}", word(waiting, "method"), word(waiting, "url"));
        if !request.trim().is_empty() {
            lines.push(format!("      {request}"));
        }
        lines.push(format!("      answer with {}", hint(id, &word(waiting, "id"), kind)));
    }
    for (name, member) in [("error", "error"), ("answer", "answer")] {
        let value = word(run, member);
        if !value.is_empty() {
            lines.push(format!("{name:10}{value}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_shown_with_its_steps_and_what_it_waits_for() {
        let run = json!({
            "id": "run-1", "status": "INPROGRESS", "agentId": "a-1", "task": "buy\nshoes",
            "requestedBy": "ann", "requestedAt": "2026-01-01T00:00:00.000Z", "browserId": "run-1",
            "approval": true, "allowedHosts": ["shop.example"], "paused": false,
            "waiting": {"id": "w-1", "kind": "approval", "text": "POST to pay.example",
                        "method": "POST", "url": "https://pay.example/"}
        });
        let step = json!({"number": 1, "action": {"type": "click", "role": "button", "name": "Buy"},
                          "explanation": "as asked"});
        let expected = "\
run-1  inprogress (wants leave)  on a-1
task      buy shoes
by        ann, 2026-01-01T00:00:00.000Z
browser   run-1
approval  needed; allowed without: shop.example
   1  click button \"Buy\"  (as asked)
wants leave: POST to pay.example
      POST https://pay.example/
      answer with `pilothouse runs approve run-1 --wait w-1` or `pilothouse runs deny run-1 --wait w-1`";
        assert_eq!(whole("run-1", &run, &[step]), expected);
    }

    #[test]
    fn a_run_stands_in_a_word_or_two_and_its_task_on_one_line() {
        let paused = json!({"status": "PENDING", "paused": true, "script": [{}, {}]});
        assert_eq!(standing(&paused), "pending (paused)");
        assert_eq!(task(&paused), "a script of 2 actions");
        assert_eq!(standing(&json!({"status": "COMPLETED", "paused": false})), "completed");
        let long = cut(&"ä".repeat(100));
        assert!(long.chars().count() == LONGEST + 1 && long.ends_with('…'));
    }
}
