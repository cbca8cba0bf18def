//! Sessions and workers as this protocol and its REST family write them.

use pilothouse_core::{
    sessions::{self, Activity, Kind},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A working directory on an agent with its workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", optional_fields)
)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The directory.
    pub location_path: String,
    /// Whether its agent is there.
    pub status: SessionStatus,
    /// ISO 8601.
    pub created_at: String,
    /// Oldest first.
    pub workers: Vec<Worker>,
    /// What its first agent worker was asked to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_prompt: Option<String>,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it was made for.
    #[serde(flatten)]
    pub kind: SessionKind,
    /// The id of the agent on whose machine it is.
    pub agent: String,
}

/// Whether a session's workers can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum SessionStatus {
    /// They can.
    Active,
    /// Their agent is away.
    Inactive,
}

/// What a session was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum SessionKind {
    /// Any folder.
    Quick,
    /// A git worktree.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Worktree {
        /// Of which repository.
        repository_id: String,
        /// The branch that is checked out there.
        worktree_id: String,
    },
}

/// A process in a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", optional_fields)
)]
pub struct Worker {
    /// Its id.
    pub id: String,
    /// What runs in it.
    #[serde(flatten)]
    pub kind: WorkerKind,
    /// What people call it.
    pub name: String,
    /// ISO 8601.
    pub created_at: String,
    /// Whether its process lives.
    pub state: WorkerState,
    /// How it ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Which life of it; grows with every restart.
    pub epoch: u32,
}

/// What runs in a worker's terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum WorkerKind {
    /// A CLI agent.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Agent {
        /// The id of its agent type, such as `claude`.
        agent_id: String,
    },
    /// A login shell.
    Terminal,
}

/// Whether a worker's process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum WorkerState {
    /// Its agent is about to start it.
    Starting,
    /// It lives.
    Running,
    /// It is gone.
    Ended,
}

/// What an agent worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts")
)]
pub enum AgentActivityState {
    /// It works.
    Active,
    /// It waits for nothing in particular.
    Idle,
    /// It asks a person something.
    Asking,
    /// Nothing was seen yet, or it has ended.
    Unknown,
}

/// What one agent worker does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "sessions_and_workers.ts", rename = "WorkerActivityInfo")
)]
pub struct WorkerActivity {
    /// Of which session.
    pub session_id: String,
    /// Which worker.
    pub worker_id: String,
    /// What it does.
    pub activity_state: AgentActivityState,
}

impl From<&sessions::Session> for Session {
    fn from(session: &sessions::Session) -> Self {
        Self {
            id: session.id.as_str().into(),
            location_path: session.path.as_ref().into(),
            status: if session.is_active { SessionStatus::Active } else { SessionStatus::Inactive },
            created_at: moment(session.created_at),
            workers: session.workers.iter().map(|worker| worker.as_ref().into()).collect(),
            initial_prompt: session.initial_prompt.as_deref().map(Into::into),
            title: session.title.as_deref().map(Into::into),
            kind: match &session.kind {
                Kind::Quick => SessionKind::Quick,
                Kind::Worktree { repository, branch } => SessionKind::Worktree {
                    repository_id: repository.as_str().into(),
                    worktree_id: branch.as_ref().into(),
                },
            },
            agent: session.agent.as_str().into(),
        }
    }
}

impl From<&sessions::Worker> for Worker {
    fn from(worker: &sessions::Worker) -> Self {
        Self {
            id: worker.id.as_str().into(),
            kind: match &worker.kind {
                sessions::WorkerKind::Terminal => WorkerKind::Terminal,
                sessions::WorkerKind::Agent { agent_type } => {
                    WorkerKind::Agent { agent_id: agent_type.as_ref().into() }
                }
            },
            name: worker.name.as_ref().into(),
            created_at: moment(worker.created_at),
            state: (&worker.state).into(),
            exit_code: match &worker.state {
                sessions::WorkerState::Ended(exit) => Some(exit.code),
                sessions::WorkerState::Starting | sessions::WorkerState::Running { .. } => None,
            },
            epoch: worker.epoch,
        }
    }
}

impl From<&sessions::WorkerState> for WorkerState {
    fn from(state: &sessions::WorkerState) -> Self {
        match state {
            sessions::WorkerState::Starting => Self::Starting,
            sessions::WorkerState::Running { .. } => Self::Running,
            sessions::WorkerState::Ended(_) => Self::Ended,
        }
    }
}

impl From<Activity> for AgentActivityState {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Active => Self::Active,
            Activity::Idle => Self::Idle,
            Activity::Asking => Self::Asking,
            Activity::Unknown => Self::Unknown,
        }
    }
}

impl WorkerActivity {
    /// What a worker does, if it is one of those that are watched.
    pub(in crate::sessions_and_workers) fn of(worker: &sessions::Worker) -> Option<Self> {
        let is_agent = matches!(worker.kind, sessions::WorkerKind::Agent { .. });
        is_agent.then(|| Self {
            session_id: worker.session.as_str().into(),
            worker_id: worker.id.as_str().into(),
            activity_state: worker.activity.into(),
        })
    }
}

/// A moment as ISO 8601 has it, with milliseconds.
pub fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}
