//! `pilothouse webhooks`: the addresses elsewhere that are told of what happens: list, add, try, take away.

use clap::{Args, Subcommand, ValueEnum};
use pilothouse_core::ids::{AgentId, WebhookId};
use serde_json::json;

use super::listing::{ListOptions, all, taken, word};
use crate::{failure::Failure, output};

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

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let webhooks = all(&options.administration()?, "/api/v1/webhooks", "webhooks").await?;
    let columns = [
        ("WEBHOOK", "id"),
        ("NAME", "name"),
        ("STATE", "isActive"),
        ("EVENTS", "events"),
        ("AGENT", "agentId"),
        ("FAILING SINCE", "failingSince"),
        ("URL", "url"),
    ];
    let nothing = "no webhook yet; make one with `pilothouse webhooks add NAME URL`";
    options.show(webhooks, nothing, &columns)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let events: Vec<_> = options.events.iter().map(|events| events.as_str()).collect();
    let mut body = json!({ "name": options.name, "url": options.url, "events": events });
    if let Some(agent) = &options.agent {
        body["agentId"] = agent.as_str().into();
    }
    let made = options.list.administration()?.post("/api/v1/webhooks", &body).await?;
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
    options.list.administration()?.delete(&path).await?;
    output::remark("it is told nothing any more");
    Ok(0)
}

async fn test(options: &OneOptions) -> Result<u8, Failure> {
    let path = format!("/api/v1/webhooks/{}/test", options.webhook);
    let made = options.list.administration()?.post(&path, &json!({})).await?;
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
    let mut answer = options.list.administration()?.get(&path).await?;
    let deliveries = taken(&mut answer, "deliveries")?;
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
    options.list.show(deliveries, "nothing was sent there yet", &columns)
}
