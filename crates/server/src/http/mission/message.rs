//! A message for an agent that has no link: whoever reports it passes it on.

use std::sync::Arc;

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::envelope::{Body, Denial, Told, WrongField},
    Asker, agents,
};
use crate::{
    gateway::Shared,
    upstream::{self, NotPassed, Passed},
};

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(send_message))
}

/// What an agent is to be told.
#[derive(Deserialize, ToSchema)]
struct MessageBody {
    /// It arrives byte for byte.
    message: Option<String>,
}

/// It was told.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageReply {
    session_id: String,
    agent_id: String,
    #[schema(value_type = String)]
    action: &'static str,
    /// What the gateway answered.
    #[schema(value_type = Object)]
    result: Value,
    timestamp: String,
}

/// Tell an agent something.
#[utoipa::path(post, path = "/api/agents/{agent}/message", request_body = MessageBody, responses((status = 200, body = Told<MessageReply>)))]
async fn send_message(
    asker: Asker,
    Path(wanted): Path<String>,
    Body(body): Body<MessageBody>,
) -> Result<Json<Told<MessageReply>>, Denial> {
    let Asker { shared, caller } = &asker;
    let text = body.message.filter(|message| !message.is_empty()).ok_or_else(|| {
        let details = vec![WrongField { field: "message", message: "is missing or empty" }];
        Denial { code: "INVALID_MESSAGE", ..Denial::invalid(details) }
    })?;
    let (agent, _) = agents::find(shared, &wanted)?;
    let Passed { session, result } =
        upstream::pass_on(shared, caller, &agent.id, text.into()).await?;
    Ok(Told::new(MessageReply {
        session_id: session,
        agent_id: agent.id.to_string(),
        action: "message",
        result,
        timestamp: moment(shared.hub.clock.now().wall),
    }))
}

impl From<NotPassed> for Denial {
    fn from(reason: NotPassed) -> Self {
        let message = reason.to_string();
        match reason {
            NotPassed::NoAnswer(reason) => reason.into(),
            NotPassed::NoWay(_) => Self::new(StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", message),
            NotPassed::Demo(_) => Self::new(StatusCode::CONFLICT, "DEMONSTRATION", message),
            NotPassed::Gateway(_) => Self::new(StatusCode::BAD_GATEWAY, "MESSAGE_FAILED", message),
        }
    }
}
