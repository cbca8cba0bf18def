//! What the core needs from the outside, as traits that the server implements.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{
    agent_type::AgentType,
    agents::Agent,
    audit::{AuditCount, AuditFilter, AuditPage, AuditRecord, StoredAudit},
    commands::{Command, CommandFilter, CommandPage},
    control::{Budget, Hold, Spent, StoredControl},
    ids::{
        AgentId, AgentTypeId, CommandId, KeyId, PresetId, RepositoryId, RunId, SessionId, SignInId,
        UserId, WebhookId,
    },
    keys::Key,
    people::{PasswordHash, SignIn, User},
    presets::Preset,
    readiness::Readiness,
    runs::{Run, RunFilter, RunPage, Screenshot, Step, StoredStep},
    search::{Hit, SearchFilter, SearchPage},
    sessions::{Checkpoint, Repository, Session},
    streams::{StoredExtent, StoredGroup, StreamKey},
    time::Timestamp,
    webhooks::{StoredWebhooks, Webhook, WebhookDelivery},
};

/// A future behind a `dyn` port.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One thing to be made durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Insert or replace an agent. Its status is not stored: presence is the link's.
    Agent(Arc<Agent>),
    /// Insert or replace a key.
    Key(Arc<Key>),
    /// Forget a key.
    KeyGone(KeyId),
    /// Insert or replace a command in its present state.
    Command(StoredCommand),
    /// Append output.
    Output(StoredGroup),
    /// Insert or replace a session with all of its workers.
    Session(Arc<Session>),
    /// Forget a session and its workers, with their output and checkpoints.
    SessionGone(Arc<Session>),
    /// Forget a worker's output and checkpoints: of this life and those before it.
    WorkerGone(StreamKey),
    /// Append a checkpoint; the two newest of a log are kept.
    Checkpoint(Checkpoint),
    /// Insert or replace a repository.
    Repository(Arc<Repository>),
    /// Forget a repository.
    RepositoryGone(RepositoryId),
    /// Insert or replace an agent type that somebody added.
    AgentType(Arc<AgentType>),
    /// Forget an agent type.
    AgentTypeGone(AgentTypeId),
    /// Insert, replace or delete the hold that somebody ordered of an agent's queue.
    Hold {
        /// Whose.
        agent: AgentId,
        /// The hold, if there still is one.
        hold: Option<Arc<Hold>>,
    },
    /// Insert, replace or delete an agent's budget.
    Budget {
        /// Whose.
        agent: AgentId,
        /// The budget, if there still is one.
        budget: Option<Budget>,
    },
    /// Insert or replace a preset.
    Preset(Arc<Preset>),
    /// Forget a preset.
    PresetGone(PresetId),
    /// Insert or replace how a stream stands.
    Readiness(Arc<Readiness>),
    /// Forget a stream.
    ReadinessGone(SessionId),
    /// Insert or replace a run in its present state.
    Run(Arc<Run>),
    /// Append a step to a run.
    RunStep {
        /// The step.
        step: Arc<Step>,
        /// How the page looked.
        screenshot: Option<Screenshot>,
    },
    /// Append to the audit.
    Audit(Arc<AuditRecord>),
    /// Insert or replace an account.
    User(Arc<User>),
    /// Replace a password, or take it away.
    Password {
        /// Whose.
        user: UserId,
        /// Its hash.
        hash: Option<PasswordHash>,
    },
    /// Insert or replace a sign-in.
    SignIn(SignIn),
    /// Forget a sign-in.
    SignInGone(SignInId),
    /// Insert or replace a webhook.
    Webhook(Arc<Webhook>),
    /// Forget a webhook and its deliveries.
    WebhookGone(WebhookId),
    /// Insert or replace a delivery. Of those that have ended, the newest hundred of each webhook are kept.
    WebhookDelivery(Arc<WebhookDelivery>),
    /// Keep, or forget, that an agent is there: should it be gone when the server starts, that is news.
    Expected {
        /// Which agent.
        agent: AgentId,
        /// Whether it is there.
        is_expected: bool,
    },
}

/// A command with its place in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCommand {
    /// The command.
    pub command: Arc<Command>,
    /// Orders commands of one class; smaller runs sooner.
    pub rank: i64,
}

/// What a server finds when it starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// All agents, by id.
    pub agents: Vec<Agent>,
    /// All keys, by id.
    pub keys: Vec<Key>,
    /// Commands that have no final state yet, in queue order per agent.
    pub live: Vec<StoredCommand>,
    /// The newest ended commands, newest first, as many as were asked for.
    pub ended: Vec<Arc<Command>>,
    /// All sessions with their workers, oldest first. `is_active` is not stored: it is the agent's link's.
    pub sessions: Vec<Session>,
    /// All repositories, oldest first.
    pub repositories: Vec<Repository>,
    /// The agent types that people added, by id.
    pub agent_types: Vec<AgentType>,
    /// Holds, budgets, and what counts for them.
    pub control: StoredControl,
    /// All presets, oldest first.
    pub presets: Vec<Preset>,
    /// How streams stood, by id.
    pub readiness: Vec<Readiness>,
    /// Runs that have no final state yet, oldest first.
    pub runs: Vec<Run>,
    /// How far each stream of these commands and workers is stored, live and ended.
    pub extents: Vec<StoredExtent>,
    /// All accounts, removed ones included, by id.
    pub users: Vec<User>,
    /// All sign-ins, by id.
    pub sign_ins: Vec<SignIn>,
    /// Webhooks and their deliveries.
    pub webhooks: StoredWebhooks,
}

/// Why nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full or the database cannot be reached; the same call may succeed later.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// What was read makes no sense; somebody has to look.
    #[error("storage is corrupt: {0}")]
    Corrupt(String),
}

/// Durable storage. Whatever [`Store::commit`] answered with `Ok` survives a crash.
pub trait Store: Send + Sync {
    /// Stores all of it or nothing, in order.
    fn commit<'a>(&'a self, batch: &'a [Write]) -> PortFuture<'a, Result<(), StoreError>>;

    /// Reads what a starting server needs, with at most `ended` ended commands.
    fn load(&self, ended: usize) -> PortFuture<'_, Result<Stored, StoreError>>;

    /// Reads output from `position` on, whole records, at most about `max_bytes` but at least one.
    /// Begins at the oldest kept byte if `position` was pruned.
    fn read_output<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
        max_bytes: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>>;

    /// The same, from the record after number `sequence` on.
    fn read_output_after<'a>(
        &'a self,
        stream: &'a StreamKey,
        sequence: u64,
        max_bytes: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>>;

    /// Reads the newest checkpoint of a log that contains at most `position` bytes of it.
    fn checkpoint<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
    ) -> PortFuture<'a, Result<Option<Checkpoint>, StoreError>>;

    /// Reads one command, ended long ago or not.
    fn command<'a>(
        &'a self,
        id: &'a CommandId,
    ) -> PortFuture<'a, Result<Option<Command>, StoreError>>;

    /// The commands that ran since a moment, for budgets: on which agent, since when, and how long if they ended.
    /// Oldest first.
    fn spent(&self, since: Timestamp) -> PortFuture<'_, Result<Vec<Spent>, StoreError>>;

    /// Deletes the oldest output: per stream beyond `keep_stream` bytes, in all beyond `keep_total`.
    /// Only what precedes a group as a whole is deleted, so a stream never has a hole. Returns the bytes deleted.
    fn prune(&self, keep_stream: u64, keep_total: u64) -> PortFuture<'_, Result<u64, StoreError>>;
}

/// What proves who somebody is. The core never asks for it.
pub trait Credentials: Send + Sync {
    /// Reads the hash of a person's password.
    fn password<'a>(
        &'a self,
        user: &'a UserId,
    ) -> PortFuture<'a, Result<Option<PasswordHash>, StoreError>>;
}

/// Finds commands, live and long ended.
pub trait CommandHistory: Send + Sync {
    /// The commands that a filter leaves, newest first.
    fn commands<'a>(
        &'a self,
        filter: &'a CommandFilter,
        page: &'a CommandPage,
    ) -> PortFuture<'a, Result<Vec<Command>, StoreError>>;
}

/// Finds runs with their steps, live and long ended, and forgets the oldest.
pub trait RunHistory: Send + Sync {
    /// The runs that a filter leaves, newest first.
    fn runs<'a>(
        &'a self,
        filter: &'a RunFilter,
        page: &'a RunPage,
    ) -> PortFuture<'a, Result<Vec<Run>, StoreError>>;

    /// Reads one run, ended long ago or not.
    fn run<'a>(&'a self, id: &'a RunId) -> PortFuture<'a, Result<Option<Run>, StoreError>>;

    /// The steps of a run after that number, in order, at most so many.
    fn steps<'a>(
        &'a self,
        run: &'a RunId,
        after: u32,
        limit: usize,
    ) -> PortFuture<'a, Result<Vec<StoredStep>, StoreError>>;

    /// How the page looked at one step; `None` if there is no such step, or no picture of it, or not any more.
    fn screenshot<'a>(
        &'a self,
        run: &'a RunId,
        step: u32,
    ) -> PortFuture<'a, Result<Option<Screenshot>, StoreError>>;

    /// Deletes ended runs but for the newest `keep`, and screenshots, the oldest first, beyond
    /// `keep_pictures` bytes in all; a bounded piece per call. Returns how many runs and pictures.
    fn forget(&self, keep: u64, keep_pictures: u64) -> PortFuture<'_, Result<u64, StoreError>>;
}

/// Finds output by its words.
pub trait Search: Send + Sync {
    /// Pieces of output with all words of `query`, newest first. Nothing in it is syntax; without a word it finds
    /// nothing. What was stored in the last seconds may be found only later.
    fn search<'a>(
        &'a self,
        query: &'a str,
        filter: &'a SearchFilter,
        page: SearchPage,
    ) -> PortFuture<'a, Result<Vec<Hit>, StoreError>>;
}

/// Reads the audit, and forgets its oldest records.
pub trait AuditLog: Send + Sync {
    /// The records that a filter leaves, newest first.
    fn page<'a>(
        &'a self,
        filter: &'a AuditFilter,
        page: AuditPage,
    ) -> PortFuture<'a, Result<Vec<StoredAudit>, StoreError>>;

    /// How many records a filter leaves.
    fn count<'a>(&'a self, filter: &'a AuditFilter) -> PortFuture<'a, Result<u64, StoreError>>;

    /// How often what was asked since then, with which result; by action and result.
    fn stats(&self, since: Timestamp) -> PortFuture<'_, Result<Vec<AuditCount>, StoreError>>;

    /// Every agent that a record concerns, by id.
    fn agents(&self) -> PortFuture<'_, Result<Vec<AgentId>, StoreError>>;

    /// Deletes records from before that moment, a bounded piece per call. Returns how many.
    fn forget(&self, before: Timestamp) -> PortFuture<'_, Result<u64, StoreError>>;
}
