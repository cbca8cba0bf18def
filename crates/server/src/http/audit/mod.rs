//! `/api/v1/audit`: who did what, a page at a time, counted, and as a file. Reading leaves no record of its own.

mod export;
mod mission;
mod wanted;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use pilothouse_core::{
    Caller, Role,
    audit::{AuditPage, StoredAudit},
};
use pilothouse_protocols::{mission_control::audit::description, sessions_and_workers::moment};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wanted::Wanted;
use super::{
    access::Reader,
    listing::{self, Page},
    problem::Problem,
};
use crate::gateway::Shared;

/// How many records a page has if nobody says, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export::export))
        .merge(mission::router())
}

/// An administrator.
struct Admin(Caller);

impl FromRequestParts<Arc<Shared>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let Reader(caller) = Reader::from_request_parts(parts, shared).await?;
        if caller.is_at_least(Role::Admin) {
            return Ok(Self(caller));
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "this takes the role admin"))
    }
}

#[derive(Serialize, ToSchema)]
struct AuditReply {
    /// Newest first.
    records: Vec<AuditShape>,
    /// What `before` has to be for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

/// Who did what, when, from where, with which result.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditShape {
    id: String,
    at: String,
    user_id: String,
    user_name: String,
    address: String,
    /// The program it was asked with, if that says its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<String>,
    action: String,
    /// The action in words for people, with what it was asked of.
    description: String,
    /// What it was asked of.
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<String>,
    /// Further words, such as a command line without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// `success`, `failure` or `denied`.
    #[schema(value_type = String)]
    result: &'static str,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
}

impl From<&StoredAudit> for AuditShape {
    fn from(stored: &StoredAudit) -> Self {
        let record = &stored.record;
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            id: record.id.to_string(),
            at: moment(record.at),
            user_id: record.actor.to_string(),
            user_name: record.name.to_string(),
            address: record.address.to_string(),
            program: said(&record.program),
            action: record.action.to_string(),
            description: description(record),
            subject: record.subject.to_string(),
            agent_id: record.agent.as_ref().map(ToString::to_string),
            agent_name: said(&record.agent_name),
            detail: said(&record.detail),
            result: record.result.as_str(),
            refusal: record.refusal.clone(),
        }
    }
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Wanted), responses((status = 200, body = AuditReply)))]
async fn list(
    State(shared): State<Arc<Shared>>,
    _: Admin,
    asked: listing::Wanted<Wanted>,
) -> Result<Page<AuditReply>, Problem> {
    let wanted = &asked.query;
    let filter = wanted.filter().map_err(|reason| Problem::new(StatusCode::BAD_REQUEST, reason))?;
    let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
    let page = AuditPage { before: wanted.before, offset: 0, limit };
    let records = shared.audit.page(&filter, page).await?;
    let next = records.last().filter(|_| records.len() == limit).map(|last| last.cursor);
    let reply = AuditReply { records: records.iter().map(Into::into).collect(), next };
    Ok(asked.page(reply, "before", next.map(|next| next.to_string()).as_deref()))
}
