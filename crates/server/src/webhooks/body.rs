//! What a receiver reads.

use pilothouse_core::webhooks::{CommandNews, News, RunNews, WorkerNews};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;

/// One piece of news. What does not apply is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    at: String,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<WorkerPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct AgentPart<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CommandPart<'a> {
    id: &'a str,
    line: &'a str,
    requested_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    ran_for_ms: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WorkerPart<'a> {
    id: &'a str,
    session_id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunPart<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_id: Option<&'a str>,
}

/// As JSON, the same at every attempt. `page` is where people look at it.
pub(super) fn encode(news: &News, page: Option<&str>) -> String {
    let body = Body {
        id: &news.id,
        kind: news.kind.as_str(),
        at: moment(news.at),
        text: &news.text,
        agent: news.agent.as_ref().map(|(id, name)| AgentPart { id: id.as_str(), name }),
        reason: news.reason.as_deref(),
        command: news.command.as_ref().map(command),
        worker: news.worker.as_ref().map(worker),
        run: news.run.as_ref().map(run),
        last_line: news.last_line.as_deref(),
        url: page,
    };
    serde_json::to_string(&body).expect("texts and numbers are JSON")
}

fn command(news: &CommandNews) -> CommandPart<'_> {
    CommandPart {
        id: news.id.as_str(),
        line: &news.line,
        requested_by: &news.requested_by,
        exit_code: news.exit_code,
        ran_for_ms: u64::try_from(news.ran_for.as_millis()).unwrap_or(u64::MAX),
    }
}

fn run(news: &RunNews) -> RunPart<'_> {
    RunPart { id: news.id.as_str(), wait_id: news.wait.as_deref() }
}

fn worker(news: &WorkerNews) -> WorkerPart<'_> {
    WorkerPart {
        id: news.id.as_str(),
        session_id: news.session.as_str(),
        name: &news.name,
        exit_code: news.exit_code,
    }
}
