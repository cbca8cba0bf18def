//! `pilothouse message`: words typed into a worker, followed by Enter.

use std::io::{self, IsTerminal, Read};

use clap::Args;
use pilothouse_core::ids::{AgentId, SessionId, WorkerId};
use serde_json::json;

use super::control::patient;
use crate::{
    access::Access,
    failure::{Failure, USAGE},
    output,
};

/// The longest message that a server takes, in bytes, and one to see that there is more.
const MORE_THAN_LONGEST: u64 = 64 * 1024 + 1;

/// What to say, and to whom.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The text is typed as it is, and Enter after it; no shell of ours looks at it. Without a worker or a session,
it goes to the only command line agent that runs there, or to the only worker.

Examples:
  pilothouse message build-01 'go on, and run the tests'
  pilothouse message build-01 --worker wrk-1 < question.txt"
)]
pub(crate) struct MessageOptions {
    /// The agent's id
    #[arg(value_name = "AGENT")]
    pub(crate) agent: AgentId,
    /// Into which worker
    #[arg(long, value_name = "WORKER", conflicts_with = "session")]
    pub(crate) worker: Option<WorkerId>,
    /// Into the worker of which session
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<SessionId>,
    /// What to type [default: what stdin has, without its last line break]
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Has it typed, and waits until it was.
pub(crate) async fn run(options: MessageOptions) -> Result<u8, Failure> {
    let MessageOptions { agent, worker, session, text, access } = options;
    let api = patient(&access)?;
    let text = text.map_or_else(from_stdin, Ok)?;
    let body = json!({
        "message": text,
        "workerId": worker.as_ref().map(WorkerId::as_str),
        "sessionId": session.as_ref().map(SessionId::as_str),
    });
    api.post(&format!("/api/v1/agents/{agent}/message"), &body).await?;
    output::remark("it was typed");
    Ok(0)
}

fn from_stdin() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        output::remark("type the message, then Ctrl-D");
    }
    let mut text = String::new();
    let read = io::stdin().take(MORE_THAN_LONGEST).read_to_string(&mut text);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Failure::new(USAGE, "the message is not UTF-8"),
        _ => Failure::io(&error),
    })?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}
