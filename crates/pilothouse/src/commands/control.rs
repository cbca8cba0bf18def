//! `pilothouse pause`, `resume`, `stop`, `restart` and `emergency-stop`: whole agents under control.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    time::Duration,
};

use clap::Args;
use pilothouse_client::Api;
use pilothouse_core::ids::AgentId;
use serde_json::{Value, json};

use super::sessions::{part, word};
use crate::{
    access::Access,
    failure::{Failure, PROTOCOL, TRY_LATER},
    output,
};

/// How long an answer may take that comes when agents have confirmed: longer than servers wait for agents.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(120);

/// Which agent.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneAgent {
    /// The agent's id
    #[arg(value_name = "AGENT")]
    pub(crate) agent: AgentId,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Which agent to stop.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse stop build-01
  pilothouse resume build-01

Exit codes:
  0 the agent confirmed that nothing of it runs   69 no such agent, or no server
  75 it could not be reached, or did not confirm; it is stopped as soon as it is back")]
pub(crate) struct StopOptions {
    #[command(flatten)]
    pub(crate) which: OneAgent,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to stop everything.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Asks first if a person sits at the terminal. Prints a line for each agent. Each agent that is stopped
stays so until somebody resumes it.

Examples:
  pilothouse emergency-stop
  pilothouse emergency-stop --yes --reason 'the tests delete production'

Exit codes:
  0 every agent confirmed that nothing of it runs   75 not all of them did   77 not allowed"
)]
pub(crate) struct EmergencyOptions {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Why, for whoever waits and for the audit
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// The server's HTTP interface, for requests that wait for agents.
pub(super) fn patient(access: &Access) -> Result<Api, Failure> {
    Ok(access.dashboard()?.api()?.answer_within(CONFIRMED_WITHIN))
}

/// Starts nothing more of an agent's queue.
pub(crate) async fn pause(options: OneAgent) -> Result<u8, Failure> {
    let agent = post(&options, "pause").await?;
    output::remark(&format!("what runs goes on; `pilothouse resume {agent}` starts more again"));
    Ok(0)
}

/// Lets an agent go on.
pub(crate) async fn resume(options: OneAgent) -> Result<u8, Failure> {
    post(&options, "resume").await?;
    Ok(0)
}

/// Has an agent begin a new life, and waits until it is back.
pub(crate) async fn restart(options: OneAgent) -> Result<u8, Failure> {
    let agent = post(&options, "restart").await?;
    output::remark(&format!("{agent} is back; its terminals ended with its old life"));
    Ok(0)
}

async fn post(options: &OneAgent, what: &str) -> Result<AgentId, Failure> {
    let path = format!("/api/v1/agents/{}/{what}", options.agent);
    patient(&options.access)?.post(&path, &json!({})).await?;
    Ok(options.agent.clone())
}

/// Ends all that an agent runs.
pub(crate) async fn stop(options: StopOptions) -> Result<u8, Failure> {
    let OneAgent { agent, access } = options.which;
    let path = format!("/api/v1/agents/{agent}/stop");
    let answer = patient(&access)?.post(&path, &json!({})).await?;
    tell(&answer, options.json)
}

/// Ends all that all agents run.
pub(crate) async fn emergency_stop(options: EmergencyOptions) -> Result<u8, Failure> {
    let api = patient(&options.access)?;
    if !options.yes && io::stdin().is_terminal() && !is_meant(&options.access.server())? {
        output::note("nothing was stopped");
        return Ok(TRY_LATER);
    }
    let body = options.reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
    let answer = api.post("/api/v1/emergency-stop", &body).await?;
    tell(&answer, options.json)
}

/// Whether the person at the terminal wants it.
fn is_meant(server: &str) -> Result<bool, Failure> {
    let failed = |error| Failure::io(&error);
    let mut stderr = io::stderr();
    let question = format!(
        "This ends every command and every worker of all agents at {server}.\nStop them all? [y/N] "
    );
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).map_err(failed)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Prints what became of each agent; the exit code says whether all have confirmed.
fn tell(answer: &Value, is_json: bool) -> Result<u8, Failure> {
    if is_json {
        output::say(&format!("{answer:#}"));
    } else {
        let agents = part(answer, "agents")?.as_array().map(Vec::as_slice).unwrap_or_default();
        if agents.is_empty() {
            output::remark("no agent has connected yet, so there is nothing to stop");
        }
        for agent in agents {
            output::say(&line(agent));
        }
    }
    let missing = || Failure::new(PROTOCOL, "the server did not say whether all have stopped");
    let confirmed = part(answer, "confirmed")?.as_bool().ok_or_else(missing)?;
    Ok(if confirmed { 0 } else { TRY_LATER })
}

fn line(agent: &Value) -> String {
    let (id, result) = (word(agent, "agentId"), word(agent, "result"));
    if result == "stopped" {
        let count = |name: &str, one: &str| match agent[name].as_u64().unwrap_or_default() {
            1 => format!("1 {one}"),
            count => format!("{count} {one}s"),
        };
        let (commands, workers) = (count("commands", "command"), count("workers", "worker"));
        return format!("{id}: stopped, {commands} and {workers} ended");
    }
    format!("{id}: {result}: {}", word(agent, "reason"))
}
