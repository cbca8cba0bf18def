//! News as they are stored: a JSON object of our own, which no receiver ever sees.

use std::time::Duration;

use pilothouse_core::{
    time::Timestamp,
    webhooks::{CommandNews, News, NewsKind, RunNews, WorkerNews},
};
use serde::{Deserialize, Serialize};

use super::failure::Failure;

#[derive(Serialize, Deserialize)]
struct StoredNews {
    id: String,
    kind: String,
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<(String, String)>,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<StoredCommandNews>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<StoredWorkerNews>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<StoredRunNews>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_line: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredCommandNews {
    id: String,
    line: String,
    requested_by: String,
    exit_code: Option<i32>,
    ran_for_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredWorkerNews {
    id: String,
    session: String,
    name: String,
    exit_code: Option<i32>,
}

#[derive(Serialize, Deserialize)]
struct StoredRunNews {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<String>,
}

/// As JSON.
pub(super) fn encode(news: &News) -> String {
    let agent = news.agent.as_ref().map(|(id, name)| (id.to_string(), name.to_string()));
    let command = news.command.as_ref().map(|command| StoredCommandNews {
        id: command.id.to_string(),
        line: command.line.to_string(),
        requested_by: command.requested_by.to_string(),
        exit_code: command.exit_code,
        ran_for_ms: u64::try_from(command.ran_for.as_millis()).unwrap_or(u64::MAX),
    });
    let worker = news.worker.as_ref().map(|worker| StoredWorkerNews {
        id: worker.id.to_string(),
        session: worker.session.to_string(),
        name: worker.name.to_string(),
        exit_code: worker.exit_code,
    });
    let run = news.run.as_ref().map(|run| StoredRunNews {
        id: run.id.to_string(),
        wait: run.wait.as_deref().map(str::to_owned),
    });
    let stored = StoredNews {
        id: news.id.to_string(),
        kind: news.kind.as_str().to_owned(),
        at: news.at.0,
        agent,
        text: news.text.to_string(),
        reason: news.reason.as_deref().map(str::to_owned),
        command,
        worker,
        run,
        last_line: news.last_line.as_deref().map(str::to_owned),
    };
    serde_json::to_string(&stored).expect("texts and numbers are JSON")
}

/// From JSON.
pub(super) fn decode(text: &str) -> Result<News, Failure> {
    let stored: StoredNews = serde_json::from_str(text)
        .map_err(|error| Failure::Corrupt(format!("a delivery's news: {error}")))?;
    let kind = NewsKind::named(&stored.kind);
    let agent = match stored.agent {
        Some((agent, name)) => Some((id(&agent)?, name.into())),
        None => None,
    };
    Ok(News {
        id: stored.id.into(),
        kind: kind.ok_or_else(|| Failure::Corrupt(format!("news are {:?}", stored.kind)))?,
        at: Timestamp(stored.at),
        agent,
        text: stored.text.into(),
        reason: stored.reason.map(Into::into),
        command: stored.command.map(command).transpose()?,
        worker: stored.worker.map(worker).transpose()?,
        run: stored.run.map(run).transpose()?,
        last_line: stored.last_line.map(Into::into),
    })
}

fn run(stored: StoredRunNews) -> Result<RunNews, Failure> {
    Ok(RunNews { id: id(&stored.id)?, wait: stored.wait.map(Into::into) })
}

fn command(stored: StoredCommandNews) -> Result<CommandNews, Failure> {
    Ok(CommandNews {
        id: id(&stored.id)?,
        line: stored.line.into(),
        requested_by: stored.requested_by.into(),
        exit_code: stored.exit_code,
        ran_for: Duration::from_millis(stored.ran_for_ms),
    })
}

fn worker(stored: StoredWorkerNews) -> Result<WorkerNews, Failure> {
    Ok(WorkerNews {
        id: id(&stored.id)?,
        session: id(&stored.session)?,
        name: stored.name.into(),
        exit_code: stored.exit_code,
    })
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::Corrupt("news hold no id where one should be".to_owned()))
}
