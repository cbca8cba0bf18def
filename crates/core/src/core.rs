//! The one state machine: everything that is asked, reported or due goes through here, in one order.
//!
//! It is deterministic: the same calls with the same moments give the same results. The features'
//! own parts of it stand in their folders (`agents/link.rs`, `commands/life.rs`, `streams/receive.rs`).

use std::{sync::Arc, time::Duration};

use crate::{
    Caller, CoreError, Event, Notice, Reply, Request, Settings,
    agent_type::Catalogue,
    agents::{self, Registry, Report},
    attention::{self, Board},
    audit::{self, Unsettled},
    browsers,
    calls::Calls,
    commands::{self, Book},
    control::Control,
    fanout::{Topic, Topics},
    ids::{AgentId, ConnectionId, LinkId, SessionId, WorkerId},
    keys,
    listening::Listening,
    naming::Naming,
    outbox::Outbox,
    people::People,
    permission::permit,
    ports::Stored,
    presets::Presets,
    readiness, resources, runs,
    said::Pace,
    sessions::{Attached, Seen, Session, Sessions, Viewers, Worker},
    streams::{Hole, Logs, StreamKey},
    time::{Moment, Steady},
    totals::Ends,
    webhooks,
};

/// What [`Core::ask`] says at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// The answer.
    Answered(Result<Reply, CoreError>),
    /// The answer comes as a [`Delivery::Answer`]: when the change is stored, or when an agent has answered.
    AfterCommit,
}

/// Something for one connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// The answer to what it asked.
    Answer(Result<Reply, CoreError>),
    /// What the core has to tell it.
    Notice(Notice),
}

/// How soon [`Core::begin_commit`] should be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// There is nothing to store, or a commit is under way.
    Nothing,
    /// There is only output, which can be gathered a little.
    Soon,
    /// Somebody waits for it.
    Now,
}

/// A worker at one place of its log.
#[derive(Debug, Clone)]
pub struct LookedAt {
    /// Its session.
    pub session: Arc<Session>,
    /// The worker.
    pub worker: Arc<Worker>,
    /// How many bytes of its present life's log were told before.
    pub position: u64,
    /// Who is in front of it, as they were told; nothing if nobody is.
    pub viewers: Option<Arc<Viewers>>,
}

/// The state of everything.
pub struct Core {
    pub(crate) settings: Settings,
    pub(crate) agents: Registry,
    pub(crate) commands: Book,
    pub(crate) attention: Board,
    pub(crate) logs: Logs,
    pub(crate) outbox: Outbox,
    pub(crate) naming: Naming,
    pub(crate) list_due: Option<Steady>,
    /// When viewers are told next that time passes.
    beat_due: Option<Steady>,
    pub(crate) pace: Pace,
    pub(crate) output_bytes: u64,
    pub(crate) output_records: u64,
    pub(crate) ends: Ends,
    pub(crate) sessions: Sessions,
    pub(crate) agent_types: Catalogue,
    pub(crate) attached: Attached,
    pub(crate) calls: Calls,
    pub(crate) control: Control,
    pub(crate) presets: Presets,
    pub(crate) readiness: readiness::Book,
    pub(crate) resources: resources::Book,
    pub(crate) browsers: browsers::Book,
    pub(crate) steering: browsers::Steering,
    pub(crate) runs: runs::Book,
    /// Who waits for the end of a session's workers; bounded by connections, each of which waits for one answer.
    pub(crate) stopping: Vec<(ConnectionId, SessionId)>,
    pub(crate) unsettled: Unsettled,
    pub(crate) keys: keys::Book,
    pub(crate) people: People,
    pub(crate) listening: Listening,
    pub(crate) webhooks: webhooks::Book,
    pub(crate) topics: Topics,
    deliveries: Vec<(ConnectionId, Delivery)>,
}

impl Core {
    /// An empty core. `seed` makes ids differ between servers.
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self {
            agents: Registry::default(),
            commands: Book::default(),
            attention: Board::default(),
            logs: Logs::default(),
            outbox: Outbox::new(),
            naming: Naming::new(seed),
            list_due: None,
            beat_due: None,
            pace: Pace::default(),
            output_bytes: 0,
            output_records: 0,
            ends: Ends::default(),
            sessions: Sessions::default(),
            agent_types: Catalogue::default(),
            attached: Attached::default(),
            calls: Calls::default(),
            control: Control::default(),
            presets: Presets::default(),
            readiness: readiness::Book::default(),
            resources: resources::Book::default(),
            browsers: browsers::Book::default(),
            steering: browsers::Steering::default(),
            runs: runs::Book::default(),
            stopping: Vec::new(),
            unsettled: Unsettled::default(),
            keys: keys::Book::default(),
            people: People::default(),
            listening: Listening::default(),
            webhooks: webhooks::Book::default(),
            topics: Topics::new(settings.ring_bytes, settings.backlog_bytes),
            deliveries: Vec::new(),
            settings,
        }
    }

    /// Takes over what an earlier life of the server stored. Agents are offline until they link;
    /// the work of those that stay away is lost after `agents.lost_after`.
    pub fn restore(&mut self, stored: Stored, now: Moment) {
        self.beat_due = self.settings.beat_every.map(|interval| now.steady + interval);
        self.restore_people(stored.users, stored.sign_ins, now);
        for agent in stored.agents {
            self.agents.restore(agent);
        }
        self.restore_keys(stored.keys);
        for command in stored.ended.into_iter().rev() {
            self.commands.remember(command);
        }
        for live in stored.live {
            self.restore_command(live, now);
        }
        self.restore_agent_types(stored.agent_types, now);
        self.restore_sessions(stored.sessions, stored.repositories, now);
        self.restore_control(stored.control, now);
        self.restore_runs(stored.runs, now);
        self.restore_presets(stored.presets, now);
        self.restore_readiness(stored.readiness, now);
        self.restore_webhooks(stored.webhooks, now);
        for extent in &stored.extents {
            if let Some(agent) = self.agent_of_stream(&extent.stream).cloned() {
                self.logs.restore(&agent, extent);
                if !self.is_live(&extent.stream) {
                    self.logs.close(&extent.stream);
                }
            }
        }
        self.show(Event::Agents(agents::Event::List(self.agents.all())), now);
        self.release();
    }

    /// Asks for something. Role and audit are here and nowhere else.
    pub fn ask(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let record = self.describe(caller, &request, now);
        let permitted = self.effective(caller).and_then(|caller| {
            match &request {
                Request::People(request) => self.people.permit(&caller, request)?,
                Request::Keys(request) => self.permit_keys(&caller, request)?,
                _ => permit(&caller, &request)?,
            }
            Ok(caller.into_owned())
        });
        let asked = match permitted {
            Ok(caller) => self.grant(&caller, request, now),
            Err(refusal) => Asked::Answered(Err(refusal)),
        };
        self.audit(record, caller.connection, &asked);
        self.release();
        asked
    }

    fn grant(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let answer = match request {
            Request::Agents(agents::Request::Link(hello)) => self.link(caller, &hello, now),
            Request::Agents(agents::Request::Report(reporting)) => {
                self.take_report(&reporting, now).map(|()| Reply::Done)
            }
            Request::Agents(agents::Request::Message { agent, .. }) => self.check_reported(&agent),
            Request::Agents(agents::Request::Say { agent, session, text }) => {
                self.say_for(&agent, session, &text, now)
            }
            Request::Commands(commands::Request::Enqueue(enqueue)) => {
                return self.enqueue(caller, enqueue, now);
            }
            Request::Commands(commands::Request::Interrupt { command, .. }) => {
                self.interrupt(&command, now)
            }
            Request::Commands(commands::Request::Move { command, place }) => {
                let moved = self.move_command(&command, place, now);
                return self.answer_after_commit(caller, moved);
            }
            Request::Attention(attention::Request::Dismiss(subject)) => {
                self.clear_attention(&subject, now);
                Ok(Reply::Done)
            }
            Request::Access(_) => Ok(Reply::Done),
            Request::Sessions(request) => return self.ask_sessions(caller, request, now),
            Request::AgentTypes(request) => return self.ask_agent_types(caller, request, now),
            Request::Browsers(request) => return self.ask_browsers(caller, request, now),
            Request::Call(request) => return self.call(caller, request, now),
            // Once all is stored that was asked before, so that the file has it.
            Request::Audit(audit::Request::Export { .. }) => {
                return self.answer_after_commit(caller, Ok(Reply::Done));
            }
            Request::Keys(request) => return self.ask_keys(caller, request, now),
            Request::People(request) => return self.ask_people(caller, request, now),
            Request::Control(request) => return self.ask_control(caller, request, now),
            Request::Pictures(request) => return self.ask_pictures(&request),
            Request::Presets(request) => return self.ask_presets(caller, request, now),
            Request::Runs(request) => return self.ask_runs(caller, request, now),
            Request::Webhooks(request) => return self.ask_webhooks(caller, request, now),
        };
        Asked::Answered(answer)
    }

    /// Whoever asked from that connection does not wait for an answer any more.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.stopping.retain(|(waiting, _)| *waiting != connection);
        self.calls.forget(connection);
        self.control.forget(connection);
        self.abandon_audit(connection);
        self.release();
    }

    /// Takes in what a linked agent reports. Reports of a replaced link are ignored.
    pub fn report(&mut self, link: LinkId, report: Report, now: Moment) {
        let Some(agent) = self.agents.agent_of(link).cloned() else { return };
        match report {
            Report::Output(record) => self.receive(&agent, record, now),
            Report::Missing { stream, from, to, next_sequence } => {
                self.skip(&agent, stream, Hole { from, to, next_sequence }, now);
            }
            // Said as it happens, so that it needs no other clock than ours.
            Report::Started { command, .. } => self.started(&agent, &command, now.wall, now),
            Report::Ended { command, ended } => self.ended(&agent, &command, &ended, now),
            Report::WorkerStarted { stream } => self.worker_started(&agent, &stream, now),
            Report::WorkerEnded { stream, exit } => self.worker_ended(&agent, &stream, exit, now),
            Report::Activity { stream, activity, question, age } => {
                let since = now.wall.before(age);
                self.worker_activity(&agent, &stream, Seen { activity, question, since }, now);
            }
            Report::Resized { stream, size } => self.worker_resized(&agent, &stream, size, now),
            Report::SizeOwner { stream, viewer } => {
                self.size_owned(&agent, &stream, viewer.as_deref(), now);
            }
            Report::Checkpoint(checkpoint) => self.checkpoint(&agent, checkpoint),
            Report::Browser(report) => self.browser_report(&agent, report, now),
            Report::Called { call, answer } => self.called(&agent, call, answer),
            Report::Said { stream, text } => self.printed(&agent, &stream, &text, now),
            Report::Run(report) => self.take_run_report(&agent, report, now),
            Report::Resources(told) => self.take_resources(&agent, told, now),
            Report::Trouble(trouble) => self.trouble(&agent, trouble, now),
            Report::Lost => self.unlink(link, now),
        }
        self.answer_stops(now);
        self.release();
    }

    /// Does what is due.
    pub fn advance(&mut self, now: Moment) {
        if self.list_due.is_some_and(|due| due <= now.steady) {
            self.list_due = None;
            self.show(Event::Agents(agents::Event::List(self.agents.all())), now);
        }
        self.beat(now);
        self.say_waiting(now);
        self.forgive_crashes(now);
        self.end_reports(now);
        self.lose_overdue_agents(now);
        self.lose_overdue_browsers(now);
        self.advance_steering(now);
        self.end_overdue_runs(now);
        self.expire_calls(now.steady);
        self.refresh_budgets(now);
        self.answer_stops(now);
        self.expire_restarts(now.steady);
        self.tell_settled(now);
        self.tell_due_viewers(now);
        self.release();
    }

    /// One event for all viewers, however many there are. Beats that nobody was awake for are not made up for.
    fn beat(&mut self, now: Moment) {
        let Some(interval) = self.settings.beat_every else { return };
        if self.beat_due.is_some_and(|due| due <= now.steady) {
            self.beat_due = Some(now.steady + interval);
            self.show(Event::Beat, now);
        }
    }

    /// When [`Core::advance`] has to be called next.
    pub fn next_due(&self) -> Option<Steady> {
        let own = self.agents.iter().filter_map(|(_, known)| known.next_due());
        let told = [self.list_due, self.beat_due, self.pace.next_due()];
        own.chain(told.into_iter().flatten())
            .chain(self.calls.next_due())
            .chain(self.control.next_due())
            .chain(self.browsers.next_due())
            .chain(self.steering.next_due())
            .chain(self.runs.next_due())
            .chain(self.webhooks.next_due())
            .chain(self.viewers_due())
            .min()
    }

    /// The topic that every dashboard watches.
    pub fn fleet(&mut self) -> &mut Topic {
        self.topics.fleet()
    }

    /// The logs that viewers watch.
    pub fn topics(&mut self) -> &mut Topics {
        &mut self.topics
    }

    /// What a new viewer of a worker has to be told before its next live event: which worker of which session,
    /// and how many bytes of its log were told before.
    pub fn look_at(&self, session: &SessionId, worker: &WorkerId) -> Option<LookedAt> {
        // As viewers were told: what is not told yet comes as events.
        let session = self.topics.view().session(session)?;
        let worker = session.worker(worker)?;
        let stream = worker.stream();
        let seen = || self.logs.seen(&stream);
        let position = self.outbox.first_waiting(&stream).unwrap_or_else(seen);
        let viewers = self.attached.told(&worker.id);
        Some(LookedAt { session: session.clone(), worker: worker.clone(), position, viewers })
    }

    /// How many bytes of a log were taken in; they are stored soon, if not already.
    pub fn received(&self, stream: &StreamKey) -> u64 {
        self.logs.seen(stream)
    }

    /// Whether a log is of a worker's present life.
    pub fn is_present_life(&self, stream: &StreamKey) -> bool {
        let worker = stream.worker().and_then(|id| self.sessions.worker(id));
        worker.is_some_and(|(_, worker)| worker.epoch == stream.epoch)
    }

    /// Takes what connections have to be told, in order.
    pub fn take_deliveries(&mut self) -> Vec<(ConnectionId, Delivery)> {
        std::mem::take(&mut self.deliveries)
    }

    pub(crate) fn order(&mut self, agent: &AgentId, order: agents::Order) -> bool {
        let link = self.agents.get(agent).and_then(|known| known.link.as_ref());
        let Some(connection) = link.map(|link| link.connection) else { return false };
        self.deliver(connection, Delivery::Notice(Notice::Order(order)));
        true
    }

    pub(crate) fn deliver(&mut self, connection: ConnectionId, delivery: Delivery) {
        if let Delivery::Answer(answer) = &delivery {
            self.settle_audit(connection, answer.as_ref().map(|_| ()));
        }
        self.deliveries.push((connection, delivery));
    }

    pub(crate) fn show(&mut self, event: Event, now: Moment) {
        self.hear(&event, now);
        self.outbox.show(event, now.wall);
    }

    pub(crate) fn show_committed(&mut self, event: Event, now: Moment) {
        self.hear(&event, now);
        self.outbox.show_committed(event, now.wall);
    }

    pub(crate) fn raise_attention(&mut self, item: attention::Item, now: Moment) {
        for event in self.attention.raise(item) {
            self.show(Event::Attention(event), now);
        }
    }

    pub(crate) fn clear_attention(&mut self, subject: &attention::Subject, now: Moment) {
        if let Some(event) = self.attention.clear(subject) {
            self.show(Event::Attention(event), now);
        }
    }

    pub(crate) fn command_timeout(&self, asked: Option<Duration>) -> Duration {
        asked.map_or(self.settings.command_timeout, |own| own.min(self.settings.command_timeout))
    }
}

#[cfg(test)]
#[path = "core_tests/mod.rs"]
mod tests;
