//! `pilothouse run` and `pilothouse replay`: a browser task is made, and watched to its end.

mod actions;
mod asking;
mod ending;
mod folder;
mod lines;
mod watching;

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use pilothouse_client::{Api, Error};
use pilothouse_core::ids::{AgentId, RunId};
use pilothouse_server::config::duration;
use serde_json::{Value, json};

use super::{
    listing::{part, taken, word},
    workers::id,
};
use crate::{
    access::Access,
    failure::{Failure, IO, USAGE},
    output,
};

pub(super) use actions::in_words;
pub(super) use lines::{hint, kind_of};
pub(super) use watching::watch;

/// The largest script, as servers take it.
const LARGEST_SCRIPT: u64 = 256 * 1024;

/// How exit codes and the rest are told to people, for all that watch a run.
macro_rules! watching_help {
    () => {
        "Progress is written to stderr, what the run found out to stdout. At a terminal you are asked what the run asks, and
what it may send. Ctrl-C asks whether to leave the run to itself; Ctrl-C again cancels it. The connection comes back by
itself and goes on with the next step.

Exit codes:
  0 completed   1 failed   2 cancelled   130 left with Ctrl-C: the run goes on   141 nobody reads the output
  64 wrong usage   69 no such agent or run, no server, or away for too long: the run goes on
  74 cannot read or write   75 no agent takes it now: try later   77 token refused"
    };
}
pub(super) use watching_help;

/// The run to be.
#[derive(Debug, Clone, Args)]
#[command(after_help = concat!("Examples:
  pilothouse run 'find the cheapest red shoes in size 42 at shop.example' --agent build-01
  pilothouse run 'order them' --approval --allow shop.example --allow '*.shop.example'
  pilothouse run --script login.json --session ses-1 --out login-pictures
  pilothouse run 'read the invoice numbers' --json | jq -r 'select(.type == \"end\").run.answer'
  pilothouse run 'watch the queue' --detach --timeout 2h

A script is a JSON array of actions, such as [{\"type\": \"navigate\", \"url\": \"https://shop.example\"},
{\"type\": \"click\", \"role\": \"button\", \"name\": \"Add to cart\"}]; commands.json of another run is one.
{{secret:NAME}} in it stands for a secret that only the agent knows.

", watching_help!()))]
pub(crate) struct RunOptions {
    /// What is to be done, in words
    #[arg(value_name = "TASK", required_unless_present = "script")]
    pub(crate) task: Option<String>,
    /// The actions to do, from a JSON file; `-` reads them from stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) making: MakeOptions,
}

/// The run to be done again.
#[derive(Debug, Clone, Args)]
#[command(after_help = concat!("Where pages have changed, what was pointed at is looked for by its role and name.

Examples:
  pilothouse replay run-1
  pilothouse replay run-1 --agent build-02 --out pictures

", watching_help!()))]
pub(crate) struct ReplayOptions {
    /// The run's id, as `pilothouse runs` shows it
    #[arg(value_name = "RUN")]
    pub(crate) run: RunId,
    #[command(flatten)]
    pub(crate) making: MakeOptions,
}

/// Where a run is done, within which limits, and whether it is watched.
#[derive(Debug, Clone, Args)]
pub(crate) struct MakeOptions {
    /// Who is to do it [default: the connected agent that can and has the fewest runs]
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<AgentId>,
    /// In whose browser [default: one of the run's own]
    #[arg(long, value_name = "SESSION", value_parser = id)]
    pub(crate) session: Option<String>,
    /// Ask before anything is sent but GET, HEAD and OPTIONS, and before pages of hosts that are not allowed
    #[arg(long)]
    pub(crate) approval: bool,
    /// A host whose pages need no leave, such as shop.example or *.shop.example; may be repeated
    #[arg(long, value_name = "HOST", requires = "approval")]
    pub(crate) allow: Vec<String>,
    /// How many steps it may take; the server's limit stays
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_steps: Option<u32>,
    /// How long it may act, such as 10m, without what it waits for people; the server's limit stays
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Watch it to its end (the default)
    #[arg(long, conflicts_with = "detach")]
    pub(crate) watch: bool,
    /// Print its id and leave; `pilothouse runs watch` comes back to it
    #[arg(long, short, conflicts_with_all = ["out", "quiet"])]
    pub(crate) detach: bool,
    #[command(flatten)]
    pub(crate) watching: WatchOptions,
}

/// How a run is watched.
#[derive(Debug, Clone, Args)]
pub(crate) struct WatchOptions {
    /// Keep a picture of each step in this folder, and the run and its commands
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print a line of JSON for all that happens, and ask nothing
    #[arg(long)]
    pub(crate) json: bool,
    /// Say nothing but the answer and what waits for you
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Leave when the server did not come back for so long; the run goes on
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    pub(crate) give_up_after: Duration,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Makes a run of a task or a script.
pub(crate) async fn run(options: RunOptions) -> Result<u8, Failure> {
    let mut body = json!({});
    if let Some(task) = options.task {
        body["task"] = task.into();
    }
    if let Some(file) = &options.script {
        body["script"] = script(file)?;
    }
    make(body, options.making).await
}

/// Makes a run that does an ended one again.
pub(crate) async fn replay(options: ReplayOptions) -> Result<u8, Failure> {
    make(json!({ "replay": options.run.as_str() }), options.making).await
}

async fn make(mut body: Value, options: MakeOptions) -> Result<u8, Failure> {
    let MakeOptions { agent, session, approval, allow, max_steps, timeout, watching, .. } = options;
    body["approval"] = approval.into();
    body["allowedHosts"] = allow.into();
    if let Some(agent) = agent {
        body["agentId"] = agent.as_str().into();
    }
    if let Some(session) = session {
        body["sessionId"] = session.into();
    }
    if let Some(steps) = max_steps {
        body["maxSteps"] = steps.into();
    }
    if let Some(limit) = timeout {
        body["timeout"] = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).into();
    }
    // Better now than when the run is under way.
    watching.out.as_deref().map(folder::Folder::open).transpose()?;
    let api = watching.access.dashboard()?.api()?;
    let answer = api.post("/api/runs", &body).await.map_err(unsure)?;
    let run = part(&answer, "run")?.clone();
    if options.detach {
        if watching.json {
            output::say(&format!("{run:#}"));
        } else {
            output::say(&word(&run, "id"));
        }
        return Ok(0);
    }
    watch(run, watching).await
}

/// A request whose answer was lost may have been granted.
fn unsure(error: Error) -> Failure {
    let is_lost = matches!(error, Error::Lost { .. });
    let Failure { code, sentence } = error.into();
    if !is_lost {
        return Failure::new(code, sentence);
    }
    let advice = "it is not known whether the run was made: look with `pilothouse runs` before you ask for it again";
    Failure::new(code, format!("{sentence}; {advice}"))
}

/// The actions in a file, or on stdin.
fn script(file: &Path) -> Result<Value, Failure> {
    let name = file.display();
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LARGEST_SCRIPT + 1).read_to_string(&mut text)
    } else {
        let opened = std::fs::File::open(file);
        opened.and_then(|opened| opened.take(LARGEST_SCRIPT + 1).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::new(IO, format!("cannot read the script {name}: {error}")))?;
    if text.len() as u64 > LARGEST_SCRIPT {
        return Err(Failure::new(USAGE, format!("the script {name} is larger than 256 KiB")));
    }
    actions_in(&text).map_err(|why| Failure::new(USAGE, format!("the script {name} {why}")))
}

fn actions_in(text: &str) -> Result<Value, String> {
    let script: Value =
        serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    match script.as_array() {
        Some(actions) if actions.is_empty() => Err("has no actions in it".to_owned()),
        Some(actions) => match actions.iter().position(|action| !action.is_object()) {
            Some(place) => {
                Err(format!("has no action, but something else, at place {}", place + 1))
            }
            None => Ok(script),
        },
        None => Err("is no JSON array of actions".to_owned()),
    }
}

/// Where a run is on the server.
pub(super) fn path(run: &str) -> String {
    format!("/api/runs/{run}")
}

/// A run as the server knows it now.
pub(super) async fn look(api: &Api, run: &str) -> Result<Value, Failure> {
    let answer = api.get(&format!("{}?limit=1", path(run))).await?;
    Ok(part(&answer, "run")?.clone())
}

/// All steps of a run, however many pages that takes.
pub(super) async fn steps(api: &Api, run: &str) -> Result<Vec<Value>, Failure> {
    let (mut steps, mut after) = (Vec::new(), 0);
    loop {
        let mut answer = api.get(&format!("{}?after={after}", path(run))).await?;
        let more = taken(&mut answer, "steps")?;
        match more.last().and_then(|step| step["number"].as_u64()) {
            Some(last) if last > after => after = last,
            _ => return Ok(steps),
        }
        steps.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_an_array_of_objects() {
        assert!(actions_in(r#"[{"type": "back"}]"#).is_ok());
        for (text, why) in [
            ("", "no JSON"),
            ("{}", "no JSON array"),
            ("[]", "no actions"),
            (r#"[{"type": "back"}, "back"]"#, "at place 2"),
        ] {
            let refused = actions_in(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
