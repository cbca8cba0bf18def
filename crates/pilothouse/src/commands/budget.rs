//! `pilothouse budget`: what an agent may do in an hour.

use std::time::Duration;

use clap::Args;
use pilothouse_core::ids::AgentId;
use pilothouse_server::config::duration;
use serde_json::{Value, json};

use crate::{access::Access, failure::Failure, output};

/// The limit to be; without any, show what counts and what was used.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "What is not given is not limited. To set or end a budget takes an administrator; on the server's own
machine no token is needed.

Examples:
  pilothouse budget build-01
  pilothouse budget build-01 --commands-per-hour 20 --time 45m
  pilothouse budget build-01 --commands-per-hour 20 --refuse
  pilothouse budget build-01 --none"
)]
pub(crate) struct BudgetOptions {
    /// The agent's id
    #[arg(value_name = "AGENT")]
    pub(crate) agent: AgentId,
    /// How many commands it may start in any hour
    #[arg(long, value_name = "N")]
    pub(crate) commands_per_hour: Option<u32>,
    /// How long its commands may run in any hour, all together, at most 1h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Let further commands wait until there is room (the default)
    #[arg(long, conflicts_with = "refuse")]
    pub(crate) hold: bool,
    /// Refuse further commands until there is room
    #[arg(long)]
    pub(crate) refuse: bool,
    /// End the limit
    #[arg(long, conflicts_with_all = ["commands_per_hour", "time", "hold", "refuse"])]
    pub(crate) none: bool,
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Shows it, sets it, or ends it.
pub(crate) async fn run(options: BudgetOptions) -> Result<u8, Failure> {
    let path = format!("/api/v1/agents/{}/budget", options.agent);
    if options.none {
        options.access.administration()?.api()?.delete(&path).await?;
        return Ok(0);
    }
    let is_change = options.commands_per_hour.is_some()
        || options.time.is_some()
        || options.hold
        || options.refuse;
    if is_change {
        let mut body = json!({ "excess": if options.refuse { "refuse" } else { "hold" } });
        if let Some(count) = options.commands_per_hour {
            body["commandsPerHour"] = count.into();
        }
        if let Some(time) = options.time {
            body["secondsPerHour"] = time.as_secs().into();
        }
        options.access.administration()?.api()?.put(&path, &body).await?;
        return Ok(0);
    }
    let answer = options.access.dashboard()?.api()?.get(&path).await?;
    if options.json {
        output::say(&format!("{answer:#}"));
    } else {
        output::say(&in_words(&answer));
    }
    Ok(0)
}

fn in_words(answer: &Value) -> String {
    let of = |limit: &Value| limit.as_u64().map(|limit| format!(" of {limit}")).unwrap_or_default();
    let budget = &answer["budget"];
    let used = format!(
        "commands started in the last hour: {}{}\nseconds they ran in it: {}{}",
        answer["commands"],
        of(&budget["commandsPerHour"]),
        answer["seconds"],
        of(&budget["secondsPerHour"]),
    );
    match budget["excess"].as_str() {
        Some("refuse") => format!("{used}\nfurther commands are refused"),
        Some(_) => format!("{used}\nfurther commands wait"),
        None => format!("{used}\nthere is no limit"),
    }
}
