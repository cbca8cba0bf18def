//! An agent as our own routes tell it: with its queue, its hold, its budget and what waits for a person.

use pilothouse_core::{
    Core,
    agents::Agent,
    attention::Subject,
    commands::{Command, State, Waiting},
    control::Hold,
    ids::AgentId,
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    budget::BudgetBody,
    resources::{AgentResources, newest},
};
use crate::{
    http::attention::{WaitingItem, waiting_item},
    upstream::Upstream,
};

/// An agent, with all that is known of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Agent)]
pub(super) struct AgentShape {
    #[schema(example = "build-1")]
    id: String,
    name: String,
    /// What kind it says it is, such as `shell` or `claude`.
    #[serde(rename = "type")]
    agent_type: String,
    /// `online`, `busy`, `offline` or `error`.
    #[schema(value_type = String, example = "online")]
    status: &'static str,
    /// What is wrong with it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// Who tells how it is: `link` for its own link; else who reports it: `api`, `gateway` or `demo`.
    reported: String,
    /// What it can do: `commands`, `terminals`.
    capabilities: Vec<String>,
    /// The agent program's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Operating system and processor of its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// Its machine's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// What its gateway says of it, if one reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// When its present or last link began.
    connected_at: String,
    last_activity: String,
    /// What runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_command: Option<CurrentCommand>,
    /// How many commands wait.
    queue_length: usize,
    /// The next to run first.
    queue: Vec<QueuedCommand>,
    /// Why nothing of its queue is started, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<AgentHold>,
    /// What it may do in an hour, if that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<BudgetBody>,
    last_hour: LastHour,
    /// What of it waits for a person, the longest waiting first.
    attention: Vec<WaitingItem>,
    /// What its machine had left when it told that last; absent if it does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<AgentResources>,
    /// The last visible line that any of its commands or sessions printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<String>,
}

impl AgentShape {
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CurrentCommand {
    id: String,
    command: String,
    requested_by: String,
    started_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct QueuedCommand {
    id: String,
    /// 1 is the next to run.
    position: usize,
    /// `high`, `normal` or `low`.
    #[schema(value_type = String)]
    priority: &'static str,
}

/// Why nothing of an agent's queue is started.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgentHold {
    /// `paused`, `stopped`, `emergency-stopped` or `over-budget`.
    #[schema(value_type = String)]
    cause: &'static str,
    /// In words.
    reason: String,
    /// Who ordered it, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    since: String,
    /// When it ends by itself, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// What an agent did in the last hour.
#[derive(Serialize, ToSchema)]
struct LastHour {
    /// How many commands were started.
    commands: usize,
    /// How many seconds commands ran.
    seconds: u64,
}

/// An agent with all that is known of it; in full also what each command and worker takes. For the core's lock: it
/// only copies.
pub(super) fn shape(
    core: &mut Core,
    upstream: &Upstream,
    (agent, in_full): (&Agent, bool),
    now: Timestamp,
) -> AgentShape {
    let id = &agent.id;
    let source = core.reported_by(id).cloned();
    let metadata = source.as_ref().and_then(|_| upstream.session_of(id)).map(|it| it.details);
    let trouble = core.trouble_of(id).map(ToString::to_string);
    let (commands, time) = core.last_hour(id, now);
    let budget = core.budget(id).map(BudgetBody::from);
    let view = core.fleet().view();
    let running = view.running().find(|command| command.agent == *id);
    let queue = view.queue(id);
    let profile = &agent.profile;
    let of_link = |text: &str| source.is_none().then(|| text.to_owned());
    AgentShape {
        id: id.to_string(),
        name: profile.name.to_string(),
        agent_type: profile.agent_type.to_string(),
        status: agent.status.as_str(),
        trouble,
        reported: source.as_deref().unwrap_or("link").to_owned(),
        capabilities: profile.capabilities.iter().map(ToString::to_string).collect(),
        version: of_link(&profile.version),
        platform: of_link(&profile.platform),
        host: of_link(&profile.host),
        metadata,
        connected_at: moment(agent.connected_at),
        last_activity: moment(agent.last_activity),
        current_command: running.map(|command| CurrentCommand::from(&**command)),
        queue_length: queue.len(),
        queue: queue.iter().map(Into::into).collect(),
        hold: view.hold(id).map(|hold| AgentHold::from(&**hold)),
        budget,
        last_hour: LastHour { commands, seconds: time.as_secs() },
        attention: attention(core, id),
        resources: newest(core, id, in_full),
        last_line: core.fleet().view().said_by(id).map(|said| said.text.to_string()),
    }
}

fn attention(core: &mut Core, agent: &AgentId) -> Vec<WaitingItem> {
    let view = core.fleet().view();
    let mut items: Vec<_> = view.attention().filter(|item| item.agent == *agent).collect();
    items.sort_by_key(|item| item.since);
    let session = |subject: &Subject| match subject {
        Subject::Worker(worker) => {
            view.sessions().find(|session| session.worker(worker).is_some()).map(|it| &it.id)
        }
        Subject::Agent(_) | Subject::Command(_) | Subject::Run(_) => None,
    };
    items.into_iter().map(|item| waiting_item(item, session(&item.subject))).collect()
}

impl From<&Command> for CurrentCommand {
    fn from(command: &Command) -> Self {
        let started_at = match command.state {
            State::Running { since } => Some(moment(since)),
            State::Queued | State::Ended(_) => None,
        };
        Self {
            id: command.id.to_string(),
            command: command.line.to_string(),
            requested_by: command.requested_by.to_string(),
            started_at,
        }
    }
}

impl From<&Waiting> for QueuedCommand {
    fn from(waiting: &Waiting) -> Self {
        Self {
            id: waiting.command.id.to_string(),
            position: waiting.position,
            priority: waiting.command.priority.as_str(),
        }
    }
}

impl From<&Hold> for AgentHold {
    fn from(hold: &Hold) -> Self {
        Self {
            cause: hold.cause.as_str(),
            reason: hold.text.to_string(),
            by: (!hold.by.is_empty()).then(|| hold.by.to_string()),
            since: moment(hold.since),
            until: hold.until.map(moment),
        }
    }
}
