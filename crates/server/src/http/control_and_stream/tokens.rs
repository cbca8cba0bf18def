//! Tokens of sessions: short-lived, never longer than what they were asked with, and for nobody who may not have them.

use std::time::Duration;

use axum::{Json, http::HeaderMap};
use pilothouse_core::{
    Request, Role, Scope, access,
    ids::{AgentId, SessionId},
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::{self, Asker, Target, shortened},
    refusal::{Body, Refusal},
    status::unkept,
};
use crate::{
    auth::{Grant, tokens::Holder},
    desk,
    http::{json_body::JsonBody, people::lifetime_words},
};

/// A token, and when it ends.
pub(super) struct Bound {
    pub(super) text: String,
    pub(super) expires_at: Timestamp,
}

/// For which session a token is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenBody {
    /// The session, or a stream that has none. Needed unless there is an agent.
    session_id: Option<String>,
    /// The agent, whose newest session is meant if none is named.
    agent_id: Option<String>,
}

/// A token of a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenReply {
    token: String,
    session_id: String,
    agent_id: String,
    /// Such as `1h`.
    expires_in: String,
    expires_at: String,
}

/// Make a token for a session: it opens `/ws` for that agent and session, and that session's pictures.
#[utoipa::path(post, path = "/api/auth/token", request_body = TokenBody, responses((status = 200, body = TokenReply)))]
pub(super) async fn make(
    asker: Asker,
    JsonBody(body, ..): Body<TokenBody>,
) -> Result<(HeaderMap, Json<TokenReply>), Refusal> {
    let target = wanted(&asker, &body)?;
    let now = asker.shared.hub.clock.now().wall;
    let bound = made(&asker, &target).await?;
    let lifetime = Duration::from_secs(bound.expires_at.0.saturating_sub(now.0).div_ceil(1000));
    let reply = TokenReply {
        token: bound.text,
        session_id: target.id.to_string(),
        agent_id: target.agent.to_string(),
        expires_in: lifetime_words(lifetime),
        expires_at: moment(bound.expires_at),
    };
    Ok((unkept(), Json(reply)))
}

/// What a token is wanted for. Who may not make one does not learn of which sessions there are.
fn wanted(asker: &Asker, body: &TokenBody) -> Result<Target, Refusal> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (session, agent) = (given(&body.session_id), given(&body.agent_id));
    let Some(named) = session.as_ref().or(agent.as_ref()) else {
        deny(asker, "none")?;
        return Err(Refusal::invalid("give a sessionId, an agentId, or both"));
    };
    deny(asker, named)?;
    let unknown = || Refusal::not_found(format!("session {} is not known", shortened(named)));
    let target = match &session {
        Some(session) => {
            let id = SessionId::new(session).map_err(|_| unknown())?;
            asker.look(|core| asker::target(core, &id)).ok_or_else(unknown)?
        }
        None => asker.target(named)?,
    };
    let is_theirs = |agent: &String| agent == target.agent.as_str() || target.session.is_none();
    if !agent.as_ref().is_none_or(is_theirs) {
        return Err(Refusal::invalid("the session is another agent's"));
    }
    Ok(target)
}

/// Refuses whoever may not make tokens. The core says so, and writes it down.
fn deny(asker: &Asker, named: &str) -> Result<(), Refusal> {
    if asker.caller.is_at_least(Role::Operator) {
        return Ok(());
    }
    if let (Ok(session), Ok(agent)) = (SessionId::new(named), AgentId::new(named)) {
        let request = Request::Access(access::Request::MakeToken { session, agent });
        asker.shared.hub.with(|core, now| core.ask(&asker.caller, request, now));
    }
    Err(Refusal::forbidden("this takes the role operator or admin"))
}

/// The token that an answer about a session has in it: made for operators, and what they showed for those who have one.
pub(super) async fn held_or_made(asker: &Asker, target: &Target) -> Result<Option<Bound>, Refusal> {
    match (&asker.caller.scope, asker.caller.expires_at) {
        (Scope::Session { .. }, Some(expires_at)) => {
            Ok(Some(Bound { text: asker.token.clone(), expires_at }))
        }
        _ if asker.caller.is_at_least(Role::Operator) => made(asker, target).await.map(Some),
        _ => Ok(None),
    }
}

/// Makes a token, if the core lets them.
async fn made(asker: &Asker, target: &Target) -> Result<Bound, Refusal> {
    let Asker { shared, caller, claims, .. } = asker;
    let (session, agent) = (target.id.clone(), target.agent.clone());
    let request = access::Request::MakeToken { session: session.clone(), agent: agent.clone() };
    shared.hub.ask(caller, Request::Access(request), desk::WITHIN).await?;
    // Tokens from before that moment may not count, and it may be up to a second away.
    let now = shared.hub.clock.now().wall.max(claims.issued_at.unwrap_or_default());
    let left = caller.expires_at.map(|at| Duration::from_millis(at.0.saturating_sub(now.0)));
    let usual = shared.config.people.session_token_lifetime;
    let lifetime = left.map_or(usual, |left| left.min(usual));
    let holder = Holder {
        user: caller.user.to_string(),
        name: caller.name.to_string(),
        sign_in: claims.sign_in.clone(),
    };
    let grant = Grant::SessionFor { holder, session, agent };
    let text = shared.reception.sign(&grant, now, lifetime);
    // As it stands in the token, which counts in full seconds.
    let expires_at = Timestamp((now.0 / 1000 + lifetime.as_secs()) * 1000);
    Ok(Bound { text, expires_at })
}
