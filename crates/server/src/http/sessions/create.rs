//! Making sessions: in any directory, or in a worktree of a registered repository.

use std::sync::Arc;

use axum::{Json, http::StatusCode};
use pilothouse_core::{
    Reply,
    ids::AgentId,
    sessions::{AddedWorker, Create, Kind, Request, Session},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    SessionReply, agent_kinds,
    asker::Asker,
    body::{Body, JsonBody, check_texts},
    git, launch, places,
    refused::Refused,
};

/// A session to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SessionBody {
    /// `quick` or `worktree`.
    #[serde(rename = "type")]
    kind: String,
    /// The directory, absolute or beginning with `~/`.
    location_path: String,
    /// On which agent; the only one that is connected if absent.
    agent_id: Option<String>,
    title: Option<String>,
    /// Which kind of command line agent to begin with.
    agent_type: Option<String>,
    /// What that agent is asked to do.
    initial_prompt: Option<String>,
    continue_conversation: Option<bool>,
    /// Of a worktree: of which repository.
    repository_id: Option<String>,
    /// Of a worktree: its branch.
    worktree_id: Option<String>,
}

/// What a session is asked to begin with.
#[derive(Debug, Default, Clone)]
pub(super) struct Beginning {
    pub(super) title: Option<String>,
    pub(super) agent_type: Option<String>,
    pub(super) initial_prompt: Option<String>,
    pub(super) continues: bool,
}

impl Beginning {
    /// Refuses what cannot be begun with, before anything is done.
    pub(super) fn check(&self, asker: &Asker) -> Result<(), Refused> {
        check_texts([
            ("title", self.title.as_ref()),
            ("initialPrompt", self.initial_prompt.as_ref()),
        ])?;
        self.worker(asker).map(drop)
    }

    /// An agent worker if a type or a prompt asks for one.
    fn worker(&self, asker: &Asker) -> Result<Option<AddedWorker>, Refused> {
        let prompt = self.initial_prompt.as_ref().filter(|prompt| !prompt.is_empty());
        if self.agent_type.is_none() && prompt.is_none() {
            return Ok(None);
        }
        let agent_type = agent_kinds::find(asker, self.agent_type.as_deref())?;
        launch::agent(&agent_type, prompt, self.continues).map(Some)
    }

    /// Makes the session.
    pub(super) async fn create(
        self,
        asker: &Asker,
        agent: AgentId,
        kind: Kind,
        path: Arc<str>,
    ) -> Result<Arc<Session>, Refused> {
        let worker = self.worker(asker)?;
        let text = |text: Option<String>| text.map(Arc::from);
        let create = Create {
            agent,
            kind,
            path,
            title: text(self.title),
            initial_prompt: text(self.initial_prompt),
            worker,
        };
        match asker.ask(Request::Create(create)).await? {
            Reply::SessionMade(id) => asker.session(id.as_str()),
            _ => Err(Refused::conflict("the session was not made")),
        }
    }
}

/// Sorts out `agentId`, which names a machine's agent here and a kind of command line agent to older clients.
pub(super) fn machine_or_type(
    asker: &Asker,
    agent_id: Option<String>,
    agent_type: Option<String>,
) -> (Option<String>, Option<String>) {
    let is_type = |id: &String| !asker.has_agent(id) && agent_kinds::find(asker, Some(id)).is_ok();
    match agent_id {
        Some(id) if is_type(&id) => (None, agent_type.or(Some(id))),
        agent_id => (agent_id, agent_type),
    }
}

/// Make a session.
///
/// It has no worker unless `agentType` or `initialPrompt` asks for one.
#[utoipa::path(post, path = "/api/sessions", request_body = SessionBody, responses((status = 201, body = SessionReply)))]
pub(super) async fn create(
    asker: Asker,
    JsonBody(body, ..): Body<SessionBody>,
) -> Result<(StatusCode, Json<SessionReply>), Refused> {
    let session = made(&asker, body).await?;
    Ok((StatusCode::CREATED, Json(SessionReply { session: session.as_ref().into() })))
}

/// Makes a session.
pub(super) async fn made(asker: &Asker, body: SessionBody) -> Result<Arc<Session>, Refused> {
    let (agent_id, agent_type) = machine_or_type(asker, body.agent_id, body.agent_type);
    let beginning = Beginning {
        title: body.title,
        agent_type,
        initial_prompt: body.initial_prompt,
        continues: body.continue_conversation.unwrap_or(false),
    };
    beginning.check(asker)?;
    match body.kind.as_str() {
        "quick" => {
            let agent = asker.agent(agent_id.as_deref())?;
            let path = places::directory(asker, &agent, &body.location_path).await?;
            beginning.create(asker, agent, Kind::Quick, path).await
        }
        "worktree" => {
            let wanted = (body.repository_id, body.worktree_id, agent_id);
            let (agent, kind, path) = worktree(asker, wanted, &body.location_path).await?;
            beginning.create(asker, agent, kind, path).await
        }
        _ => Err(Refused::invalid("the type of a session is quick or worktree")),
    }
}

/// Finds the worktree that a session is to be in.
async fn worktree(
    asker: &Asker,
    (repository, branch, agent): (Option<String>, Option<String>, Option<String>),
    path: &str,
) -> Result<(AgentId, Kind, Arc<str>), Refused> {
    let repository = repository
        .ok_or_else(|| Refused::invalid("a session in a worktree needs a repositoryId"))?;
    let repository = asker.repository(&repository)?;
    if agent.is_some_and(|agent| agent != repository.agent.as_str()) {
        return Err(Refused::invalid(format!("the repository is on agent {}", repository.agent)));
    }
    let agent = asker.agent(Some(repository.agent.as_str()))?;
    let path = places::directory(asker, &agent, path).await?;
    let worktrees = git::worktrees(asker, &agent, &repository.path).await?;
    let Some(found) = worktrees.into_iter().find(|known| *known.path == *path) else {
        return Err(Refused::invalid(format!("{path} is not a worktree of the repository")));
    };
    if branch.is_some_and(|branch| branch != found.branch) {
        return Err(Refused::conflict(format!("the branch of {path} is {}", found.branch)));
    }
    let kind = Kind::Worktree { repository: repository.id.clone(), branch: found.branch.into() };
    Ok((agent, kind, path))
}
