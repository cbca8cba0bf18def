//! Show after commit: state waits here, in order, until it is stored; then viewers may see it.
//!
//! Output that stands behind uncommitted state waits with it, so that viewers see one order.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    CoreError, Reply,
    audit::AuditRecord,
    event::Event,
    ids::{AgentId, CommandId, ConnectionId, DeliveryId, RunId, WebhookId},
    ports::Write,
    runs::{self, RunResume},
    said::Said,
    streams::{self, StreamKey},
    time::{Steady, Timestamp},
};

/// How many audit records wait at most while storage is away. Overflow rule: the newest are dropped, and counted.
const MOST_WAITING_AUDIT: usize = 10_000;

/// What happens once a batch is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Followup {
    /// Answer whoever asked.
    Answer { connection: ConnectionId, reply: Reply },
    /// The queued command may be sent to its agent.
    Dispatch { agent: AgentId, command: CommandId },
    /// The agent may forget the command.
    Forget { agent: AgentId, command: CommandId },
    /// The worker may be sent to its agent.
    Spawn(StreamKey),
    /// The agent may forget that life of a worker.
    ForgetWorker { agent: AgentId, stream: StreamKey },
    /// The agent's key is stored.
    Enrolled { agent: AgentId },
    /// The agent may forget that much output.
    Acknowledge { agent: AgentId, stream: StreamKey, position: u64, sequence: u64 },
    /// The delivery may be sent.
    Send { webhook: WebhookId, delivery: DeliveryId, due: Steady },
    /// The run may be sent to its agent.
    BeginRun(RunId),
    /// What a person answered may reach the run.
    Answered { agent: AgentId, order: runs::Order },
    /// The agent may forget these steps.
    RunStored { agent: AgentId, stored: RunResume },
    /// The agent may forget the run.
    ForgetRun { agent: AgentId, run: RunId },
    /// Whoever watches the audit may see the record.
    Audited(Arc<AuditRecord>),
}

/// A request that is undone if it cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusable {
    pub(crate) connection: ConnectionId,
    pub(crate) command: CommandId,
    /// The audit's record of it.
    pub(crate) audit: Option<Arc<str>>,
}

/// What is stored together.
#[derive(Debug, Default)]
struct Batch {
    writes: Vec<Write>,
    followups: Vec<Followup>,
    refusable: Vec<Refusable>,
}

/// What is being stored; whoever stores it holds the same writes.
struct InFlight {
    writes: Arc<Vec<Write>>,
    followups: Vec<Followup>,
    refusable: Vec<Refusable>,
}

struct Entry {
    event: Event,
    at: Timestamp,
    batch: Option<u64>,
}

/// Events on their way to viewers, and the writes they wait for.
#[derive(Default)]
pub(crate) struct Outbox {
    entries: VecDeque<Entry>,
    open: Batch,
    in_flight: Option<InFlight>,
    /// The number of the open batch; the one in flight has the number before.
    number: u64,
    committed: u64,
    /// Storage is away: state is shown uncommitted, and nothing new is accepted.
    degraded: bool,
    waiting_audit: usize,
    dropped_audit: u64,
    /// Output that was handed over and is not stored yet: waiting, and in flight.
    open_output: usize,
    in_flight_output: usize,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self { number: 1, ..Self::default() }
    }

    pub(crate) fn is_degraded(&self) -> bool {
        self.degraded
    }

    pub(crate) fn dropped_audit(&self) -> u64 {
        self.dropped_audit
    }

    /// Shows an event once the open batch is stored; if that is empty, after what stands before it.
    pub(crate) fn show_committed(&mut self, event: Event, at: Timestamp) {
        let batch = (!self.open.writes.is_empty()).then_some(self.number);
        self.entries.push_back(Entry { event, at, batch });
    }

    /// Shows an event as soon as those before it were shown.
    pub(crate) fn show(&mut self, event: Event, at: Timestamp) {
        self.entries.push_back(Entry { event, at, batch: None });
    }

    /// Stores a record of the audit, and shows it then.
    pub(crate) fn audit(&mut self, record: Arc<AuditRecord>) {
        if self.waiting_audit >= MOST_WAITING_AUDIT {
            self.dropped_audit += 1;
            return;
        }
        self.waiting_audit += 1;
        self.open.writes.push(Write::Audit(record.clone()));
        self.open.followups.push(Followup::Audited(record));
    }

    /// Whether a commit brings that connection its answer.
    pub(crate) fn will_answer(&self, connection: ConnectionId) -> bool {
        let in_flight = self.in_flight.iter().flat_map(|batch| batch.followups.iter());
        let mut followups = self.open.followups.iter().rev().chain(in_flight);
        followups.any(|followup| matches!(followup, Followup::Answer { connection: to, .. } if *to == connection))
    }

    /// Should the open batch not be stored, that record says so.
    pub(crate) fn settle_with_commit(&mut self, connection: ConnectionId, record: &Arc<str>) {
        let newest = self.open.refusable.last_mut();
        if let Some(refusable) = newest.filter(|newest| newest.connection == connection) {
            refusable.audit.get_or_insert_with(|| record.clone());
        }
    }

    pub(crate) fn write(&mut self, write: Write) {
        if let Write::Output(group) = &write {
            self.open_output += usize::try_from(group.end() - group.position).unwrap_or(0);
        }
        self.open.writes.push(write);
    }

    /// How much output waits to be stored, in bytes.
    pub(crate) fn unstored_output(&self) -> usize {
        self.open_output + self.in_flight_output
    }

    /// How many writes wait, or are being stored.
    pub(crate) fn waiting_writes(&self) -> usize {
        self.open.writes.len() + self.in_flight.as_ref().map_or(0, |batch| batch.writes.len())
    }

    pub(crate) fn after_commit(&mut self, followup: Followup) {
        self.open.followups.push(followup);
    }

    /// Has it done once all that waits is stored; gives it back if nothing waits. `has_output` says
    /// whether there is output that the next batch will take along.
    pub(crate) fn after_what_waits(
        &mut self,
        followup: Followup,
        has_output: bool,
    ) -> Option<Followup> {
        if has_output || self.has_writes() {
            self.open.followups.push(followup);
        } else if let Some(in_flight) = &mut self.in_flight {
            in_flight.followups.push(followup);
        } else {
            return Some(followup);
        }
        None
    }

    pub(crate) fn refusable(&mut self, refusable: Refusable) {
        self.open.refusable.push(refusable);
    }

    /// Whether something waits to be stored, output apart, or for what is being stored.
    pub(crate) fn has_writes(&self) -> bool {
        !self.open.writes.is_empty() || !self.open.followups.is_empty()
    }

    /// Whether a state of that command is not stored yet.
    pub(crate) fn holds(&self, command: &CommandId) -> bool {
        let in_flight = self.in_flight.iter().flat_map(|batch| batch.writes.iter());
        let is_its = |write: &Write| matches!(write, Write::Command(stored) if stored.command.id == *command);
        self.open.writes.iter().chain(in_flight).any(is_its)
    }

    /// Whether a state of that run is not stored yet.
    pub(crate) fn holds_run(&self, run: &RunId) -> bool {
        self.waiting().any(|write| matches!(write, Write::Run(stored) if stored.id == *run))
    }

    /// How many bytes of screenshots wait to be stored.
    pub(crate) fn waiting_pictures(&self) -> usize {
        let bytes = self.waiting().map(|write| match write {
            Write::RunStep { screenshot: Some(shot), .. } => shot.bytes.len(),
            _ => 0,
        });
        bytes.sum()
    }

    /// All that waits, or is being stored.
    fn waiting(&self) -> impl Iterator<Item = &Write> {
        let in_flight = self.in_flight.iter().flat_map(|batch| batch.writes.iter());
        self.open.writes.iter().chain(in_flight)
    }

    /// Whether a worker's life is still to be sent to its agent.
    pub(crate) fn will_spawn(&self, stream: &StreamKey) -> bool {
        let in_flight = self.in_flight.iter().flat_map(|batch| batch.followups.iter());
        let is_it = |followup: &Followup| matches!(followup, Followup::Spawn(its) if its == stream);
        self.open.followups.iter().chain(in_flight).any(is_it)
    }

    pub(crate) fn is_committing(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Takes the open batch; the next one opens. `None` while one is in flight or nothing waits.
    pub(crate) fn begin_commit(&mut self) -> Option<Arc<Vec<Write>>> {
        if self.in_flight.is_some() || !self.has_writes() {
            return None;
        }
        self.number += 1;
        self.waiting_audit = 0;
        self.in_flight_output = std::mem::take(&mut self.open_output);
        let Batch { writes, followups, refusable } = std::mem::take(&mut self.open);
        let writes = Arc::new(writes);
        self.in_flight = Some(InFlight { writes: writes.clone(), followups, refusable });
        Some(writes)
    }

    /// The batch in flight is stored.
    pub(crate) fn commit_succeeded(&mut self) -> Vec<Followup> {
        self.degraded = false;
        self.in_flight_output = 0;
        self.committed = self.number - 1;
        self.in_flight.take().map(|batch| batch.followups).unwrap_or_default()
    }

    /// The batch in flight is not stored. What can be refused is handed back to be undone; the rest
    /// is tried again with the open batch and shown meanwhile, since it has happened.
    pub(crate) fn commit_failed(&mut self) -> Vec<Refusable> {
        self.degraded = true;
        self.open_output += std::mem::take(&mut self.in_flight_output);
        let Some(in_flight) = self.in_flight.take() else { return Vec::new() };
        let refused = in_flight.refusable;
        let writes = Arc::unwrap_or_clone(in_flight.writes);
        let mut batch = Batch { writes, followups: in_flight.followups, refusable: Vec::new() };
        batch.writes.retain(|write| match write {
            Write::Command(stored) => refused.iter().all(|r| r.command != stored.command.id),
            Write::Audit(_)
            | Write::Agent(_)
            | Write::Key(_)
            | Write::KeyGone(_)
            | Write::Output(_)
            | Write::Session(_)
            | Write::SessionGone(_)
            | Write::WorkerGone(_)
            | Write::Checkpoint(_)
            | Write::Repository(_)
            | Write::RepositoryGone(_)
            | Write::AgentType(_)
            | Write::AgentTypeGone(_)
            | Write::User(_)
            | Write::Password { .. }
            | Write::SignIn(_)
            | Write::SignInGone(_)
            | Write::Hold { .. }
            | Write::Budget { .. }
            | Write::Preset(_)
            | Write::PresetGone(_)
            | Write::Readiness(_)
            | Write::ReadinessGone(_)
            | Write::Run(_)
            | Write::RunStep { .. }
            | Write::Webhook(_)
            | Write::WebhookGone(_)
            | Write::WebhookDelivery(_)
            | Write::Expected { .. } => true,
        });
        batch.followups.retain(|followup| match followup {
            Followup::Answer { connection, .. } => {
                refused.iter().all(|refusable| refusable.connection != *connection)
            }
            Followup::Dispatch { command, .. } => refused.iter().all(|r| r.command != *command),
            Followup::Forget { .. }
            | Followup::Spawn(_)
            | Followup::ForgetWorker { .. }
            | Followup::Enrolled { .. }
            | Followup::Acknowledge { .. }
            | Followup::Send { .. }
            | Followup::BeginRun(_)
            | Followup::Answered { .. }
            | Followup::RunStored { .. }
            | Followup::ForgetRun { .. }
            | Followup::Audited(_) => true,
        });
        refuse_in_audit(&mut batch, &refused);
        let open = std::mem::take(&mut self.open);
        batch.writes.extend(open.writes);
        keep_newest_states(&mut batch.writes);
        batch.followups.extend(open.followups);
        batch.refusable.extend(open.refusable);
        self.waiting_audit = batch.writes.iter().filter(|w| matches!(w, Write::Audit(_))).count();
        self.open = batch;
        refused
    }

    /// Where the first piece of a log is that waits to be shown.
    pub(crate) fn first_waiting(&self, stream: &StreamKey) -> Option<u64> {
        self.entries.iter().find_map(|entry| match &entry.event {
            Event::Output(streams::Event::Written { record, .. }) if record.stream == *stream => {
                Some(record.position)
            }
            _ => None,
        })
    }

    /// What a session of an agent said last, if that waits to be shown.
    pub(crate) fn last_said(&self, agent: &AgentId, session: &str) -> Option<&Arc<Said>> {
        self.entries.iter().rev().find_map(|entry| match &entry.event {
            Event::Said(said) if said.agent == *agent && &*said.session == session => Some(said),
            _ => None,
        })
    }

    /// Forgets events that never came to be.
    pub(crate) fn retract(&mut self, mut is_retracted: impl FnMut(&Event) -> bool) {
        self.entries.retain(|entry| !is_retracted(&entry.event));
    }

    /// The next event that may be seen.
    pub(crate) fn pop_visible(&mut self) -> Option<(Event, Timestamp)> {
        let front = self.entries.front()?;
        let visible = front.batch.is_none_or(|batch| batch <= self.committed) || self.degraded;
        if !visible {
            return None;
        }
        self.entries.pop_front().map(|entry| (entry.event, entry.at))
    }
}

/// What the audit took for done was not.
fn refuse_in_audit(batch: &mut Batch, refused: &[Refusable]) {
    let is_refused =
        |record: &AuditRecord| refused.iter().any(|one| one.audit.as_ref() == Some(&record.id));
    let writes = batch.writes.iter_mut().filter_map(|write| match write {
        Write::Audit(record) => Some(record),
        _ => None,
    });
    let followups = batch.followups.iter_mut().filter_map(|followup| match followup {
        Followup::Audited(record) => Some(record),
        _ => None,
    });
    for record in writes.chain(followups).filter(|record| is_refused(record)) {
        Arc::make_mut(record).refuse(&CoreError::StorageUnavailable);
    }
}

/// Of several states of the same agent, command, run, session, terminal or agent type only the last is kept: the others need not be stored any more.
/// So what waits while storage is away does not grow with time.
fn keep_newest_states(writes: &mut Vec<Write>) {
    let (mut agents, mut keys, mut commands) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut sessions, mut checkpoints) = (BTreeSet::new(), BTreeSet::new());
    let mut agent_types = BTreeSet::new();
    let mut runs = BTreeSet::new();
    let (mut users, mut passwords, mut sign_ins) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut webhooks, mut deliveries) = (BTreeSet::new(), BTreeSet::new());
    let (mut expected, mut streams) = (BTreeSet::new(), BTreeSet::new());
    let mut kept: Vec<_> = std::mem::take(writes)
        .into_iter()
        .rev()
        .filter(|write| match write {
            Write::Agent(agent) => agents.insert(agent.id.clone()),
            Write::Key(key) => keys.insert(key.id.clone()),
            Write::KeyGone(id) => keys.insert(id.clone()),
            Write::Command(stored) => commands.insert(stored.command.id.clone()),
            Write::Run(run) => runs.insert(run.id.clone()),
            Write::Session(session) => sessions.insert(session.id.clone()),
            Write::Checkpoint(checkpoint) => checkpoints.insert(checkpoint.stream.clone()),
            Write::AgentType(agent_type) => agent_types.insert(agent_type.id.clone()),
            Write::AgentTypeGone(id) => agent_types.insert(id.clone()),
            Write::User(user) => users.insert(user.id.clone()),
            Write::Password { user, .. } => passwords.insert(user.clone()),
            Write::SignIn(sign_in) => sign_ins.insert(sign_in.id.clone()),
            Write::SignInGone(id) => sign_ins.insert(id.clone()),
            Write::Webhook(webhook) => webhooks.insert(webhook.id.clone()),
            Write::WebhookGone(id) => webhooks.insert(id.clone()),
            Write::WebhookDelivery(delivery) => deliveries.insert(delivery.id.clone()),
            Write::Expected { agent, .. } => expected.insert(agent.clone()),
            Write::Readiness(readiness) => streams.insert(readiness.stream.clone()),
            Write::ReadinessGone(stream) => streams.insert(stream.clone()),
            Write::SessionGone(_)
            | Write::WorkerGone(_)
            | Write::Repository(_)
            | Write::RepositoryGone(_)
            | Write::Hold { .. }
            | Write::Budget { .. }
            | Write::Preset(_)
            | Write::PresetGone(_)
            | Write::RunStep { .. }
            | Write::Output(_)
            | Write::Audit(_) => true,
        })
        .collect();
    kept.reverse();
    *writes = kept;
}
