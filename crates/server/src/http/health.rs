//! `/health`: whether the server does its work, for load balancers and people.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use pilothouse_core::time::Steady;
use pilothouse_protocols::mission_control;
use serde_json::{Value, json};

use crate::{gateway::Shared, telemetry};

/// The connections and users are mission control's, whose page asks for this; `total` and `doors` count all.
///
/// 200 with the status `ok` or `degraded`, for which `reasons` says why, until the server stops: then 503
/// and `stopping`, so that nobody is sent here any more.
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Value>) {
    let (totals, now) = shared.hub.look(|core, now| (core.totals(), now));
    let open: Vec<_> = telemetry::connections(&shared).collect();
    let total: u64 = open.iter().map(|(_, open)| open).sum();
    let doors: serde_json::Map<_, _> =
        open.into_iter().map(|(door, open)| (door.to_owned(), json!(open))).collect();
    let own = mission_control::DOOR.name;
    let users = shared.sockets.users(own);
    let timestamp = i64::try_from(now.wall.0)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
        .map(|at| format!("{at:.3}"));
    let mut reasons = shared.hub.troubles.reasons();
    reasons.extend(crowding(&shared, now.steady));
    let (code, status) = match (*shared.shutdown.borrow(), reasons.is_empty()) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, true) => (StatusCode::OK, "ok"),
        (false, false) => (StatusCode::OK, "degraded"),
    };
    let body = json!({
        "status": status,
        "reasons": reasons,
        "timestamp": timestamp,
        "version": env!("CARGO_PKG_VERSION"),
        "uptimeMs": now.steady.0,
        "gateway": shared.upstream.state(),
        "redis": shared.redis.state(),
        "websocket": {
            "status": "running",
            "connections": doors.get(own),
            "connectedUsers": users,
        },
        "sockets": { "total": total, "doors": doors },
        "config": {
            "gatewayUrl": shared.upstream.url(),
            "useMockData": shared.upstream.is_demo(),
        },
        "limits": {
            "connections": shared.admission.limits().connections,
            "pending": shared.admission.pending(),
        },
        "agents": { "known": totals.agents_known, "online": totals.agents_linked },
        "commands": { "queued": totals.commands_queued, "running": totals.commands_running },
        "runs": { "waiting": totals.runs_waiting, "underWay": totals.runs_under_way,
                  "asking": totals.runs_asking, "paused": totals.runs_paused },
        "browsers": { "open": totals.browsers_open, "failed": totals.browsers_failed },
        "storage": if totals.is_degraded { "unavailable" } else { "ok" },
    });
    (code, Json(body))
}

/// What keeps new connections out, for people.
fn crowding(shared: &Shared, now: Steady) -> impl Iterator<Item = String> {
    let all = [
        (shared.exhaustion.is_recent(now), "the process has no file descriptor left"),
        (shared.admission.is_full(), "there are as many as the limits allow"),
    ];
    let so = all.into_iter().filter(|(is_so, _)| *is_so);
    so.map(|(_, reason)| format!("connections: {reason}"))
}
