//! `pilothouse keys`: the credentials of agents that can be revoked: list, make, take away.

use clap::{Args, Subcommand};
use pilothouse_core::ids::{AgentId, KeyId};
use serde_json::json;

use super::listing::{ListOptions, all, word};
use crate::{access::Access, failure::Failure, output};

/// What to do about keys; without more, list them.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  pilothouse keys
  pilothouse keys add build-01 --agent build-01 --expires 90d > key
  pilothouse keys add farm > key                       (for any agent that is new)
  pilothouse keys revoke key-1

A key opens agents' links and nothing else. It is printed once; the server keeps its hash only."
)]
pub(crate) struct KeysOptions {
    #[command(subcommand)]
    pub(crate) action: Option<KeysAction>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeysAction {
    /// Make a key and print it, once
    Add(AddOptions),
    /// Show the keys and what they are used for
    List(ListOptions),
    /// End a key: it counts no longer, nor do those that agents enrolled with through it
    Revoke(RevokeOptions),
}

/// The key to be.
#[derive(Debug, Clone, Args)]
pub(crate) struct AddOptions {
    /// What people are to call it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The only agent it is for [default: any that is new]
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentId>,
    /// For how long it counts, such as 8h or 90d [default: until it is revoked]
    #[arg(long, value_name = "DURATION")]
    pub(crate) expires: Option<String>,
    #[command(flatten)]
    pub(crate) list: ListOptions,
}

/// The key to end.
#[derive(Debug, Clone, Args)]
pub(crate) struct RevokeOptions {
    /// The key's id, as `pilothouse keys` shows it
    #[arg(value_name = "KEY")]
    pub(crate) key: KeyId,
    /// Forget it too; then its agent's id is free again
    #[arg(long)]
    pub(crate) delete: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Does it.
pub(crate) async fn run(options: KeysOptions) -> Result<u8, Failure> {
    match options.action {
        None => list(&options.list).await,
        Some(KeysAction::List(options)) => list(&options).await,
        Some(KeysAction::Add(options)) => add(options).await,
        Some(KeysAction::Revoke(options)) => revoke(&options).await,
    }
}

async fn list(options: &ListOptions) -> Result<u8, Failure> {
    let keys = all(&options.administration()?, "/api/v1/keys", "keys").await?;
    let columns = [
        ("KEY", "id"),
        ("NAME", "name"),
        ("ORIGIN", "origin"),
        ("STATUS", "status"),
        ("AGENT", "agentId"),
        ("MADE BY", "createdBy"),
        ("LAST USED", "lastUsedAt"),
        ("EXPIRES", "expiresAt"),
    ];
    options.show(keys, "no key yet; make one with `pilothouse keys add NAME --agent ID`", &columns)
}

async fn add(options: AddOptions) -> Result<u8, Failure> {
    let mut body = json!({ "name": options.name });
    if let Some(agent) = &options.agent {
        body["agentId"] = agent.as_str().into();
    }
    if let Some(expires) = options.expires {
        body["expiresIn"] = expires.into();
    }
    let made = options.list.administration()?.post("/api/v1/keys", &body).await?;
    if options.list.json {
        output::say(&format!("{made:#}"));
        return Ok(0);
    }
    output::say(&word(&made, "key"));
    output::remark(&format!(
        "this is {}; it is not shown again. Start the agent with --key-file and a file with it",
        word(&made, "id")
    ));
    Ok(0)
}

async fn revoke(options: &RevokeOptions) -> Result<u8, Failure> {
    let api = options.access.administration()?.api()?;
    let path = format!("/api/v1/keys/{}", options.key);
    let ended = if options.delete {
        api.delete(&path).await?
    } else {
        api.post(&format!("{path}/revoke"), &json!({})).await?
    };
    output::remark(&format!("it counts no longer; sockets closed: {}", ended["closed"]));
    Ok(0)
}
