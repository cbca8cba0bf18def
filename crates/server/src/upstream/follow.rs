//! Looks at the gateway again and again, and tells the core what changed.

use std::{collections::BTreeMap, sync::Arc};

use pilothouse_core::{
    Core,
    agents::{Reporting, Status},
    ids::AgentId,
    time::Moment,
};
use serde_json::{Map, Value};
use tokio::time::MissedTickBehavior;

use super::{
    Seen, Upstream, Way, demo,
    exchange::{Exchange, ExchangeError},
    shapes::{self, GatewaySession},
    steadiness::{Steadiness, together},
};
use crate::gateway::Shared;

/// What one look found.
struct Found {
    sessions: Vec<GatewaySession>,
    heartbeats: BTreeMap<AgentId, Map<String, Value>>,
}

/// Follows the gateway until the server stops.
pub(crate) async fn follow(shared: Arc<Shared>) {
    let upstream = &shared.upstream;
    match &upstream.way {
        Way::Disabled => return,
        Way::Demo => tracing::warn!(
            "gateway.mock is on: five agents are shown that do not exist; this is a demonstration"
        ),
        Way::Gateway(_) => tracing::info!(url = upstream.url, "follows the gateway's sessions"),
    }
    let began_at = shared.hub.clock.now().wall.0;
    let mut shutdown = shared.shutdown.clone();
    let mut steadiness = Steadiness::default();
    let mut ticks = tokio::time::interval(shared.config.gateway.interval);
    // A gateway that answers slowly is not asked twice as fast afterwards.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = shutdown.wait_for(|stop| *stop) => return,
        }
        let now = shared.hub.clock.now().wall.0;
        let found = match &upstream.way {
            Way::Gateway(exchange) => look(exchange, now).await,
            Way::Demo | Way::Disabled => {
                let sessions = demo::sessions(now, began_at);
                Ok(Found { sessions, heartbeats: BTreeMap::new() })
            }
        };
        upstream.note(&found);
        if let Ok(found) = found {
            take_in(&shared, found, &mut steadiness);
        }
    }
}

/// One look at a gateway. One that answers for its sessions but not for its health is believed.
async fn look(exchange: &Exchange, now: u64) -> Result<Found, LookError> {
    let (sessions, health) = tokio::join!(exchange.get("/sessions"), exchange.get("/health"));
    let answer = sessions?;
    match health {
        Ok(health) if !shapes::is_well(&health) => return Err(LookError::Unwell),
        Ok(_) | Err(ExchangeError::Status(hyper::StatusCode::NOT_FOUND)) => {}
        Err(error) => return Err(error.into()),
    }
    let sessions = shapes::sessions(&answer, now).ok_or(LookError::Shape)?;
    Ok(Found { sessions, heartbeats: shapes::heartbeats(&answer) })
}

/// Why a look found nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("the gateway says that it is not well")]
    Unwell,
    #[error("the gateway's answer to /sessions has none of the shapes that are known")]
    Shape,
}

impl Upstream {
    /// Notes whether the gateway answers, and says so once.
    fn note(&self, found: &Result<Found, LookError>) {
        let was_connected = std::mem::replace(&mut self.seen.write().is_connected, found.is_ok());
        match (was_connected, found) {
            (false, Ok(found)) => {
                tracing::info!(sessions = found.sessions.len(), "the gateway answers");
            }
            (true, Err(error)) => tracing::warn!(%error, "the gateway does not answer any more"),
            (false, Err(error)) => tracing::debug!(%error, "the gateway does not answer"),
            (true, Ok(_)) => {}
        }
    }
}

/// Tells the core how every agent is, and what sessions say that have gone on.
fn take_in(shared: &Shared, found: Found, steadiness: &mut Steadiness) {
    let mut by_agent: BTreeMap<AgentId, Vec<GatewaySession>> = BTreeMap::new();
    for session in found.sessions {
        by_agent.entry(session.agent.clone()).or_default().push(session);
    }
    for sessions in by_agent.values_mut() {
        sessions.sort_by_key(|session| std::cmp::Reverse(session.active_at));
    }
    let statuses = by_agent.iter().map(|(agent, sessions)| {
        let all: Vec<_> = sessions.iter().map(|it| (it.active_at, it.status)).collect();
        (agent.clone(), together(&all))
    });
    let statuses = steadiness.look(&statuses.collect());
    let source = shared.upstream.source();
    let seen = &mut *shared.upstream.seen.write();
    let before = std::mem::replace(&mut seen.sessions, by_agent);
    seen.heartbeats = found.heartbeats;
    let seen = &*seen;
    shared.hub.with(|core, now| {
        for (agent, status) in statuses {
            let name = seen.sessions.get(&agent).or_else(|| before.get(&agent));
            let name = name.and_then(|sessions| sessions.first()).map(|it| it.name.as_str().into());
            let reporting = Reporting { agent, source: source.clone(), name, status };
            if let Err(refusal) = core.take_in(&reporting, now) {
                tracing::debug!(%refusal, agent = %reporting.agent, "a gateway's agent is left out");
            }
        }
        repeat_lines(core, seen, &before, now);
    });
}

fn repeat_lines(
    core: &mut Core,
    seen: &Seen,
    before: &BTreeMap<AgentId, Vec<GatewaySession>>,
    now: Moment,
) {
    for session in seen.sessions.values().flatten().filter(|it| it.status != Status::Offline) {
        let same = |it: &&GatewaySession| it.session == session.session;
        let known = before.get(&session.agent).and_then(|all| all.iter().find(same));
        let has_gone_on = known.is_none_or(|known| {
            known.active_at != session.active_at || known.message != session.message
        });
        if let (true, Some(line)) =
            (has_gone_on, session.message.as_ref().or(session.task.as_ref()))
        {
            core.overhear(&session.agent, session.session.as_str().into(), line, now);
        }
    }
}
