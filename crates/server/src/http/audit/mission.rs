//! Mission control's routes of the audit, with the parameters of both of its front ends.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use pilothouse_core::{
    audit::{AuditCount, AuditPage},
    time::Timestamp,
};
use pilothouse_protocols::mission_control::audit::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{MOST, USUAL, wanted::Wanted};
use crate::{
    gateway::Shared,
    http::{
        asking::{Admin, invalid},
        envelope::{Denial, Told},
    },
};

/// What the statistics look back on.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How many entries a numbered page has if nobody says.
const USUAL_PAGE: usize = 20;

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(stats)).routes(routes!(agents))
}

/// Which part of them: from an offset on, or as one of numbered pages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct Part {
    /// So many of the newest are left out.
    offset: Option<u64>,
    /// The number of the page, from 1.
    page: Option<u64>,
    /// How many entries a page has; 20 if absent, up to 1000.
    page_size: Option<usize>,
}

impl Part {
    /// What is left out, and how many are wanted.
    fn place(&self, limit: Option<usize>) -> (u64, usize) {
        if self.page.is_none() && self.page_size.is_none() {
            return (self.offset.unwrap_or(0), limit.unwrap_or(USUAL).clamp(1, MOST));
        }
        let size = self.page_size.or(limit).unwrap_or(USUAL_PAGE).clamp(1, MOST);
        let before = self.page.unwrap_or(1).saturating_sub(1);
        (before.saturating_mul(size as u64), size)
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntriesPage {
    /// Newest first.
    logs: Vec<Entry>,
    /// How many are in this page.
    count: usize,
    /// How many there are in all.
    total: u64,
    has_more: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditLogs)]
struct EntriesReply {
    success: bool,
    data: EntriesPage,
}

/// Who did what, newest first, for mission control's front ends.
#[utoipa::path(
    get, path = "/api/audit-logs", params(Wanted, Part), responses((status = 200, body = EntriesReply))
)]
async fn list(
    State(shared): State<Arc<Shared>>,
    _: Admin,
    wanted: Result<Query<Wanted>, QueryRejection>,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Json<EntriesReply>, Denial> {
    let odd = |rejection: QueryRejection| invalid(rejection.body_text());
    let (Query(wanted), Query(part)) = (wanted.map_err(odd)?, part.map_err(odd)?);
    if [part.offset, part.page].into_iter().flatten().any(|place| i64::try_from(place).is_err()) {
        return Err(invalid("there are not so many entries".to_owned()));
    }
    let filter = wanted.filter().map_err(invalid)?;
    let (offset, limit) = part.place(wanted.limit);
    let page = AuditPage { before: wanted.before, offset, limit };
    let found = shared.audit.page(&filter, page).await?;
    let total = shared.audit.count(&filter).await?;
    let logs: Vec<Entry> = found.iter().map(|stored| (&stored.record).into()).collect();
    let count = logs.len();
    let has_more = offset.saturating_add(count as u64) < total;
    let data = EntriesPage { logs, count, total, has_more };
    Ok(Json(EntriesReply { success: true, data }))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Stats {
    last24_hours: DayStats,
}

#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DayStats {
    total: u64,
    by_action: BTreeMap<String, u64>,
    by_result: BTreeMap<&'static str, u64>,
}

impl FromIterator<AuditCount> for DayStats {
    fn from_iter<T: IntoIterator<Item = AuditCount>>(counts: T) -> Self {
        let mut stats = Self::default();
        for AuditCount { action, result, count } in counts {
            stats.total += count;
            *stats.by_action.entry(action.to_string()).or_default() += count;
            *stats.by_result.entry(result.as_str()).or_default() += count;
        }
        stats
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditStats)]
struct StatsReply {
    success: bool,
    data: Stats,
}

/// What was done in the last 24 hours, counted.
#[utoipa::path(get, path = "/api/audit-logs/stats", responses((status = 200, body = StatsReply)))]
async fn stats(State(shared): State<Arc<Shared>>, _: Admin) -> Result<Json<StatsReply>, Denial> {
    let now = shared.hub.clock.now().wall;
    let since = Timestamp(now.0.saturating_sub(DAY_MS));
    let counts = shared.audit.stats(since).await?;
    let data = Stats { last24_hours: counts.into_iter().collect() };
    Ok(Json(StatsReply { success: true, data }))
}

#[derive(Clone, Serialize, ToSchema)]
struct AuditedAgents {
    /// The ids of all agents that an entry concerns.
    agents: Vec<String>,
}

/// The agents that there are entries of.
#[utoipa::path(get, path = "/api/audit-logs/agents", responses((status = 200, body = Told<AuditedAgents>)))]
async fn agents(
    State(shared): State<Arc<Shared>>,
    _: Admin,
) -> Result<Json<Told<AuditedAgents>>, Denial> {
    let found = shared.audit.agents().await?;
    let agents: Vec<String> = found.iter().map(ToString::to_string).collect();
    Ok(Told::new(AuditedAgents { agents }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_an_offset_or_a_numbered_page() {
        let part = |offset, page, page_size| Part { offset, page, page_size };
        assert_eq!(part(None, None, None).place(None), (0, 100));
        assert_eq!(part(Some(7), None, None).place(Some(3)), (7, 3));
        assert_eq!(part(None, None, None).place(Some(9_999)), (0, 1_000));
        assert_eq!(part(None, Some(1), None).place(None), (0, 20));
        assert_eq!(part(None, Some(3), Some(10)).place(None), (20, 10));
        assert_eq!(part(None, Some(0), Some(0)).place(None), (0, 1));
        assert_eq!(part(None, Some(u64::MAX), Some(5)).place(None), (u64::MAX, 5));
    }
}
