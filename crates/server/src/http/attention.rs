//! `/api/v1/attention`: who waits for a person, since when, why, and how to answer.

use std::{fmt, str::FromStr, sync::Arc};

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    Request,
    attention::{self, Answer, Item, Subject},
    ids::{AgentId, CommandId, RunId, SessionId, WorkerId},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::Reader,
    listing::{After, Page, Wanted},
    problem::Problem,
};
use crate::{desk, gateway::Shared};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(dismiss))
}

#[derive(Serialize, ToSchema)]
pub(super) struct AttentionReply {
    /// The longest waiting first.
    items: Vec<WaitingItem>,
    /// What `after` has to be for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One thing that waits for a person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaitingItem {
    /// `agent`, `command`, `run` or `worker`.
    #[schema(value_type = String)]
    subject_type: &'static str,
    subject_id: String,
    agent_id: String,
    /// Of a worker: its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// `commandFailed`, `agentLost`, `agentTrouble`, `workerAsks`, `workerFailed`, `runFailed`, `runAsks` or
    /// `runWantsApproval`.
    #[schema(value_type = String)]
    reason: &'static str,
    /// For people.
    text: String,
    since: String,
    /// `dismiss`, or `type` into the terminal.
    #[schema(value_type = String)]
    answer: &'static str,
}

/// What waits for a person.
#[utoipa::path(get, path = "/api/v1/attention", params(After), responses((status = 200, body = AttentionReply)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    wanted: Wanted<After>,
) -> Result<Page<AttentionReply>, Problem> {
    let mut waiting: Vec<(Arc<Item>, Option<SessionId>)> = shared.hub.look(|core, _| {
        let view = core.fleet().view();
        let session = |subject: &Subject| match subject {
            Subject::Worker(worker) => {
                let found = view.sessions().find(|session| session.worker(worker).is_some());
                found.map(|session| session.id.clone())
            }
            Subject::Agent(_) | Subject::Command(_) | Subject::Run(_) => None,
        };
        view.attention().map(|item| (item.clone(), session(&item.subject))).collect()
    });
    waiting.sort_by_key(|(item, _)| Place::of(item));
    let (waiting, next) = wanted.after(waiting, |(item, _)| Place::of(item))?;
    let next = next.map(|place| place.to_string());
    let items =
        waiting.iter().map(|(item, session)| waiting_item(item, session.as_ref())).collect();
    Ok(wanted.page(AttentionReply { items, next: next.clone() }, "after", next.as_deref()))
}

/// Say that something was seen; it waits no longer.
#[utoipa::path(
    delete,
    path = "/api/v1/attention/{subjectType}/{subjectId}",
    responses((status = 204)),
)]
async fn dismiss(
    State(shared): State<Arc<Shared>>,
    Reader(caller): Reader,
    Path((subject_type, subject_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let subject = match subject_type.as_str() {
        "agent" => AgentId::new(&subject_id).ok().map(Subject::Agent),
        "command" => CommandId::new(&subject_id).ok().map(Subject::Command),
        "run" => RunId::new(&subject_id).ok().map(Subject::Run),
        "worker" => WorkerId::new(&subject_id).ok().map(Subject::Worker),
        _ => None,
    };
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "nothing of that name ever waits");
    let request = attention::Request::Dismiss(subject.ok_or_else(unknown)?);
    shared.hub.ask(&caller, Request::Attention(request), desk::WITHIN).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where something stands in the order in which it began to wait: several things may share a moment.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    since: u64,
    subject: String,
}

impl Place {
    fn of(item: &Item) -> Self {
        let (kind, id) = subject(&item.subject);
        Self { since: item.since.0, subject: format!("{kind}.{id}") }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.since, self.subject)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (since, subject) = text.split_once('.').ok_or(())?;
        Ok(Self { since: since.parse().map_err(|_| ())?, subject: subject.to_owned() })
    }
}

fn subject(subject: &Subject) -> (&'static str, String) {
    match subject {
        Subject::Agent(agent) => ("agent", agent.to_string()),
        Subject::Command(command) => ("command", command.to_string()),
        Subject::Run(run) => ("run", run.to_string()),
        Subject::Worker(worker) => ("worker", worker.to_string()),
    }
}

/// One thing that waits, as it is told.
pub(super) fn waiting_item(item: &Item, session: Option<&SessionId>) -> WaitingItem {
    let (subject_type, subject_id) = subject(&item.subject);
    WaitingItem {
        subject_type,
        subject_id,
        agent_id: item.agent.to_string(),
        session_id: session.map(ToString::to_string),
        reason: item.reason.name(),
        text: item.text.to_string(),
        since: moment(item.since),
        answer: match item.answer {
            Answer::Dismiss => "dismiss",
            Answer::Type => "type",
            Answer::Reply => "reply",
            Answer::Decide => "decide",
        },
    }
}
