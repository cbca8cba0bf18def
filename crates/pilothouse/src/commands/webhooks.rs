//! `pilothouse webhooks`: the addresses elsewhere that are told of what happens: list, add, try, take away.

use clap::{Args, Subcommand, ValueEnum};
use pilothouse_client::Api;
use pilothouse_core::ids::{AgentId, WebhookId};
use serde_json::{Value, json};

use super::sessions::{part, word};
use crate::{
    access::Access,
    failure::Failure,
    output::{self, table},
};

/// What to do about webhooks; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse webhooks
  pilothouse webhooks add chat https://hooks.example/T0 --events attention,failed > secret
  pilothouse webhooks add ops http://10.0.0.5:9000/hook --agent build-01
  pilothouse webhooks test hook-1
  pilothouse webhooks deliveries hook-1
  pilothouse webhooks remove hook-1

The secret signs what is sent, as Standard Webhooks describes. It is printed once."
)]
pub(crate) struct WebhooksOptions {
    #[command(subcommand)]
    pub(crate) action: Option<WebhooksAction>,
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
pub(crate) enum WebhooksAction {
    /// Show the webhooks and how they do
    List(ListOptions),
    /// Make a webhook and print its secret, once
    Add(AddOptions),
    /// Forget a webhook and what waits for it
    Remove(OneOptions),
    /// Send something that says that it is a test
    Test(OneOptions),
    /// Show what a webhook is to be told and was told last
    Deliveries(OneOptions),
}

/// What there is to be told of.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Events {
    /// Somebody begins to wait for a person
    Attention,
    /// A command or a worker failed, or an agent is in trouble
    Failed,
    /// An agent is gone
    Offline,
    /// A command succeeded, or a worker is done
    Completed,
}

impl Events {
    fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Failed => "failed",
            Self::Offline => "offline",
            Self::Completed => "completed",
        }
    }
}

/// The webhook to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct AddOptions {
    /// What people are to call it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Where it is
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// What it is to be told of, with commas between
    #[arg(
        long,
        value_name = "EVENTS",
        value_delimiter = ',',
        default_value = "attention,failed,offline"
    )]
    pub(crate) events: Vec<Events>,
    /// The only agent it is to be told of [default: all]
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentId>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// One webhook.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneOptions {
    /// The webhook's id, as `pilothouse webhooks` shows it
    #[arg(value_name = "WEBHOOK")]
    pub(crate) webhook: WebhookId,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// Does it.
pub(crate) async fn run(options: WebhooksOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(WebhooksAction::List(options)) => list(&options).await,
        Some(WebhooksAction::Add(options)) => add(options).await,
        Some(WebhooksAction::Remove(options)) => remove(&options).await,
        Some(WebhooksAction::Test(options)) => test(&options).await,
        Some(WebhooksAction::Deliveries(options)) => deliveries(&options).await,
    }
}

/// Whoever can read the secret of this machine's server may do everything anyway.
fn api(access: &Access) -> Result<Api, Failure> {
    Ok(access.administration()?.api()?)
}

fn show(options: &ListOptions, things: &Value, columns: &[(&str, &str)]) -> Result<u8, Failure> {
    if options.json {
        output::say(&format!("{things:#}"));
        return Ok(0);
    }
    let things = things.as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |thing: &Value| columns.iter().map(|(_, member)| cell(thing, member)).collect();
    let rows: Vec<Vec<String>> = things.iter().map(row).collect();
    let head: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    output::text(&table(&head, &rows))?;
    Ok(0)
}

/// A member as it is shown: a list with commas, a switch as a word.
fn cell(thing: &Value, member: &str) -> String {
    match &thing[member] {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Number(number) => number.to_string(),
        _ => word(thing, member),
    }
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let answer = api(&options.access)?.get("/api/v1/webhooks").await?;
    let webhooks = part(&answer, "webhooks")?;
    if !options.json && webhooks.as_array().is_some_and(Vec::is_empty) {
        output::remark("no webhook yet; make one with `pilothouse webhooks add NAME URL`");
        return Ok(0);
    }
    let columns = [
        ("WEBHOOK", "id"),
        ("NAME", "name"),
        ("STATE", "isActive"),
        ("EVENTS", "events"),
        ("AGENT", "agentId"),
        ("FAILING SINCE", "failingSince"),
        ("URL", "url"),
    ];
    show(options, webhooks, &columns)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let events: Vec<_> = options.events.iter().map(|events| events.as_str()).collect();
    let mut body = json!({ "name": options.name, "url": options.url, "events": events });
    if let Some(agent) = &options.agent {
        body["agentId"] = agent.as_str().into();
    }
    let made = api(&options.list.access)?.post("/api/v1/webhooks", &body).await?;
    if options.list.json {
        output::say(&format!("{made:#}"));
        return Ok(0);
    }
    output::say(&word(&made, "secret"));
    let id = word(&made, "id");
    output::remark(&format!(
        "this is the secret of {id}; it is not shown again. Try it with `pilothouse webhooks test {id}`"
    ));
    Ok(0)
}

async fn remove(options: &OneOptions) -> Result<u8, Failure> {
    let path = format!("/api/v1/webhooks/{}", options.webhook);
    api(&options.list.access)?.delete(&path).await?;
    output::remark("it is told nothing any more");
    Ok(0)
}

async fn test(options: &OneOptions) -> Result<u8, Failure> {
    let path = format!("/api/v1/webhooks/{}/test", options.webhook);
    let made = api(&options.list.access)?.post(&path, &json!({})).await?;
    if options.list.json {
        output::say(&format!("{made:#}"));
        return Ok(0);
    }
    output::remark(&format!(
        "{} is on its way; see `pilothouse webhooks deliveries {}`",
        word(&made, "id"),
        options.webhook
    ));
    Ok(0)
}

async fn deliveries(options: &OneOptions) -> Result<u8, Failure> {
    let path = format!("/api/v1/webhooks/{}/deliveries?limit=100", options.webhook);
    let answer = api(&options.list.access)?.get(&path).await?;
    let columns = [
        ("DELIVERY", "id"),
        ("TYPE", "type"),
        ("AGENT", "agentId"),
        ("AT", "at"),
        ("STATE", "state"),
        ("ATTEMPTS", "attempts"),
        ("STATUS", "lastStatus"),
        ("ERROR", "lastError"),
    ];
    show(&options.list, part(&answer, "deliveries")?, &columns)
}
