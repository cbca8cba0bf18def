//! A message for an agent: typed into a worker of a linked one; of another, whoever reports it passes it on.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::Path, http::StatusCode};
use pilothouse_core::{
    Caller, Request,
    control::{self, Message},
    ids::{AgentId, SessionId, WorkerId},
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        envelope::{Body, Denial, Told, WrongField},
        json_body::JsonBody,
    },
    Asker, agents,
};
use crate::{
    gateway::Shared,
    upstream::{self, NotPassed, Passed},
};

/// How long an agent may take to type a message.
const WITHIN: Duration = Duration::from_secs(15);

pub(super) fn router() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(send_message))
}

/// What an agent is to be told.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageBody {
    /// In which session of a linked agent; needed only where several could be meant.
    session_id: Option<String>,
    /// Into which worker; likewise.
    worker_id: Option<String>,
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
    JsonBody(body, ..): Body<MessageBody>,
) -> Result<Json<Told<MessageReply>>, Denial> {
    let Asker { shared, caller } = &asker;
    let text = body.message.filter(|message| !message.is_empty()).ok_or_else(|| {
        let details = vec![WrongField { field: "message", message: "is missing or empty" }];
        Denial { code: "INVALID_MESSAGE", ..Denial::invalid(details) }
    })?;
    let (agent, _) = agents::find(shared, &wanted)?;
    let is_reported = shared.hub.look(|core, _| core.reported_by(&agent.id).is_some());
    let Passed { session, result } = if is_reported {
        upstream::pass_on(shared, caller, &agent.id, text.into()).await?
    } else {
        type_in(shared, caller, &agent.id, (body.session_id, body.worker_id), text).await?
    };
    Ok(Told::new(MessageReply {
        session_id: session,
        agent_id: agent.id.to_string(),
        action: "message",
        result,
        timestamp: moment(shared.hub.clock.now().wall),
    }))
}

/// Has a linked agent type the message into a worker.
async fn type_in(
    shared: &Shared,
    caller: &Caller,
    agent: &AgentId,
    (session, worker): (Option<String>, Option<String>),
    text: String,
) -> Result<Passed, Denial> {
    let unknown = |what: &str| {
        let message = format!("that is no {what}'s id");
        Denial::new(StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", message)
    };
    let meant = session.as_deref().map(SessionId::new).transpose();
    let worker = worker.as_deref().map(WorkerId::new).transpose();
    let message = Message {
        agent: agent.clone(),
        session: meant.map_err(|_| unknown("session"))?,
        worker: worker.map_err(|_| unknown("worker"))?,
        text: text.into(),
    };
    let request = Request::Control(control::Request::Message(message));
    shared.hub.ask(caller, request, WITHIN).await?;
    let result = json!({ "typed": true });
    Ok(Passed { session: session.unwrap_or_default(), result })
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
