//! What an agent may do in an hour, and what it did in the last one.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use pilothouse_core::{
    Request,
    control::{Budget, Excess, Request as Control},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Body, JsonBody, Problem, agent_id, ask};
use crate::{
    gateway::Shared,
    http::access::{Bearer, Reader},
};

/// A limit on the last hour, whichever hour that is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BudgetBody {
    /// How many commands may be started, at most 4096.
    #[serde(skip_serializing_if = "Option::is_none")]
    commands_per_hour: Option<u32>,
    /// How many seconds commands may run, all together, at most 3600.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_per_hour: Option<u64>,
    /// What becomes of further commands: `hold` has them wait in the queue, `refuse` does not take them.
    #[serde(default)]
    excess: ExcessName,
}

#[derive(Serialize, Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum ExcessName {
    #[default]
    Hold,
    Refuse,
}

/// A budget and what counts for it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<BudgetBody>,
    /// How many commands were started in the last hour.
    commands: usize,
    /// How many seconds commands ran in the last hour.
    seconds: u64,
}

/// What an agent may do in an hour, and what it did in the last one.
#[utoipa::path(get, path = "/api/v1/agents/{agent}/budget", responses((status = 200, body = BudgetReply)))]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(agent): Path<String>,
) -> Result<Json<BudgetReply>, Problem> {
    let id = agent_id(&agent)?;
    let found = shared.hub.look(|core, now| {
        let is_known = core.fleet().view().agents().iter().any(|known| known.id == id);
        is_known.then(|| (core.budget(&id), core.last_hour(&id, now.wall)))
    });
    let Some((budget, (commands, time))) = found else {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("agent {agent} is not known")));
    };
    let budget = budget.map(BudgetBody::from);
    Ok(Json(BudgetReply { budget, commands, seconds: time.as_secs() }))
}

/// Limit what an agent may do in an hour.
#[utoipa::path(put, path = "/api/v1/agents/{agent}/budget", request_body = BudgetBody, responses((status = 200, body = BudgetBody)))]
pub(super) async fn set(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
    JsonBody(body, ..): Body<BudgetBody>,
) -> Result<Json<BudgetBody>, Problem> {
    let budget = Budget {
        commands_per_hour: body.commands_per_hour,
        time_per_hour: body.seconds_per_hour.map(Duration::from_secs),
        excess: match body.excess {
            ExcessName::Hold => Excess::Hold,
            ExcessName::Refuse => Excess::Refuse,
        },
    };
    let request = Control::SetBudget { agent: agent_id(&agent)?, budget: Some(budget) };
    ask(&shared, &caller, Request::Control(request)).await?;
    Ok(Json(body))
}

/// End an agent's limit.
#[utoipa::path(delete, path = "/api/v1/agents/{agent}/budget", responses((status = 204)))]
pub(super) async fn end(
    State(shared): State<Arc<Shared>>,
    Bearer(caller): Bearer,
    Path(agent): Path<String>,
) -> Result<StatusCode, Problem> {
    let request = Control::SetBudget { agent: agent_id(&agent)?, budget: None };
    ask(&shared, &caller, Request::Control(request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Budget> for BudgetBody {
    fn from(budget: Budget) -> Self {
        Self {
            commands_per_hour: budget.commands_per_hour,
            seconds_per_hour: budget.time_per_hour.map(|time| time.as_secs()),
            excess: match budget.excess {
                Excess::Hold => ExcessName::Hold,
                Excess::Refuse => ExcessName::Refuse,
            },
        }
    }
}
