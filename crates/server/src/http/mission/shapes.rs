//! Agents as mission control's clients read them.

use pilothouse_core::{
    Core,
    agents::{Agent, Status},
    commands::State,
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::upstream::{GatewaySession, Upstream};

/// The longest task that is told, in characters.
const LONGEST_TASK: usize = 60;

/// All agents.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = MissionFleet)]
pub(super) struct Fleet {
    /// By id, offline ones included.
    agents: Vec<AgentShape>,
    count: usize,
    /// In ISO 8601.
    timestamp: String,
}

/// One agent.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = MissionAgent)]
pub(super) struct AgentShape {
    id: String,
    name: String,
    /// The session that was active last; empty if there is none.
    session_id: String,
    /// `online`, `busy`, `offline` or `error`.
    #[schema(value_type = String)]
    status: &'static str,
    /// What it does, in at most 60 characters.
    current_task: Option<String>,
    task_started_at: Option<String>,
    last_activity: String,
    started_at: String,
    /// How long its present link has lasted; 0 if it is away.
    uptime_seconds: u64,
    /// Where it runs, who reports it, and what its gateway says of it.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

impl AgentShape {
    /// What its id, its session, or a part of its name says.
    pub(super) fn is_called(&self, wanted: &str) -> [bool; 3] {
        let name = self.name.to_lowercase();
        [self.id == wanted, self.session_id == wanted, name.contains(&wanted.to_lowercase())]
    }
}

impl Fleet {
    pub(super) fn new(agents: Vec<AgentShape>, now: Timestamp) -> Self {
        Self { count: agents.len(), agents, timestamp: moment(now) }
    }
}

/// An agent with all that is known of it. For the core's lock: it only copies.
pub(super) fn shape(
    core: &mut Core,
    upstream: &Upstream,
    agent: &Agent,
    now: Timestamp,
) -> AgentShape {
    let source = core.reported_by(&agent.id).cloned();
    let reported = source.as_ref().and_then(|_| upstream.session_of(&agent.id));
    let trouble = core.trouble_of(&agent.id).cloned();
    let view = core.fleet().view();
    let said = view.said_by(&agent.id).cloned();
    let running = view.running().find(|command| command.agent == agent.id).cloned();
    let of_agent = view.sessions().filter(|session| session.agent == agent.id);
    let newest = of_agent.max_by_key(|session| session.created_at).map(|it| it.id.to_string());
    let since = running.as_ref().and_then(|command| match command.state {
        State::Running { since } => Some(since),
        State::Queued | State::Ended(_) => None,
    });
    let task = running.as_ref().map(|command| command.line.to_string());
    let task = task.or_else(|| reported.as_ref().and_then(|it| it.task.clone()));
    let started_at = reported.as_ref().map_or(agent.connected_at, |it| began(it, agent));
    let last_activity = reported.as_ref().map_or(agent.last_activity, |it| Timestamp(it.active_at));
    let is_there = agent.status != Status::Offline;
    let mut metadata = metadata(agent, source.as_deref());
    if let Some(session) = &reported {
        metadata.extend(session.details.clone());
    }
    metadata.extend(trouble.map(|text| ("trouble".to_owned(), json!(&*text))));
    metadata.extend(said.as_ref().map(|said| ("lastMessage".to_owned(), json!(&*said.text))));
    let session_id = reported.map(|it| it.session).or(newest);
    AgentShape {
        id: agent.id.to_string(),
        name: agent.profile.name.to_string(),
        session_id: session_id
            .or_else(|| said.map(|it| it.session.to_string()))
            .unwrap_or_default(),
        status: agent.status.as_str(),
        current_task: task.map(|task| task.chars().take(LONGEST_TASK).collect()),
        task_started_at: since.map(moment),
        last_activity: moment(last_activity),
        started_at: moment(started_at),
        uptime_seconds: if is_there { now.0.saturating_sub(started_at.0) / 1000 } else { 0 },
        metadata,
    }
}

fn began(session: &GatewaySession, agent: &Agent) -> Timestamp {
    if session.began_at == 0 { agent.connected_at } else { Timestamp(session.began_at) }
}

fn metadata(agent: &Agent, source: Option<&str>) -> Map<String, Value> {
    let profile = &agent.profile;
    let mut metadata = Map::new();
    let mut put = |name: &str, value: Value| drop(metadata.insert(name.to_owned(), value));
    put("agentId", json!(agent.id.as_str()));
    put("source", json!(source.unwrap_or("link")));
    put("capabilities", json!(profile.capabilities.iter().map(|it| &**it).collect::<Vec<_>>()));
    if source.is_none() {
        put("agentType", json!(&*profile.agent_type));
        put("version", json!(&*profile.version));
        put("platform", json!(&*profile.platform));
        put("host", json!(&*profile.host));
    }
    if source == Some("demo") {
        put("demo", Value::Bool(true));
    }
    metadata
}

/// What an agent is set to, as far as this server knows.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsReply {
    agent_id: String,
    #[schema(value_type = String)]
    action: &'static str,
    #[schema(value_type = Object)]
    settings: Value,
    timestamp: String,
}

impl SettingsReply {
    pub(super) fn new(
        agent: &Agent,
        upstream: &Upstream,
        ping: std::time::Duration,
        now: Timestamp,
    ) -> Self {
        let session = upstream.session_of(&agent.id);
        let details = |name: &str| {
            session.as_ref().and_then(|it| it.details.get(name).cloned()).unwrap_or(Value::Null)
        };
        let own = upstream.heartbeat_of(&agent.id);
        let heartbeat = match (&session, &own) {
            (Some(_), own) => {
                let of = |name: &str| own.as_ref().and_then(|it| it.get(name).cloned());
                json!({
                    "enabled": of("enabled").unwrap_or(Value::Bool(false)),
                    "interval": of("every").unwrap_or(Value::Null),
                    "intervalMs": of("everyMs").unwrap_or(Value::Null),
                })
            }
            (None, _) => json!({
                "enabled": true,
                "interval": format!("{}s", ping.as_secs_f64()),
                "intervalMs": u64::try_from(ping.as_millis()).unwrap_or(u64::MAX),
            }),
        };
        let settings = json!({
            "agentId": agent.id.as_str(),
            "model": details("model"),
            "contextTokens": details("contextTokens"),
            "heartbeat": heartbeat,
            "session": {
                "totalTokens": details("totalTokens"),
                "remainingTokens": details("remainingTokens"),
                "percentUsed": details("percentUsed"),
            },
        });
        Self {
            agent_id: agent.id.to_string(),
            action: "settings",
            settings,
            timestamp: moment(now),
        }
    }
}
