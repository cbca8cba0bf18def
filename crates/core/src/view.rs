//! The view: the state as viewers have been told it, which is the committed state and nothing newer.

use std::{collections::BTreeMap, collections::VecDeque, sync::Arc};

use crate::{
    agent_type::{self, Catalogue},
    agents::{self, Agent},
    attention,
    browsers::{self, Browser},
    commands::{self, Command, State, Waiting},
    control::{self, Hold},
    event::{Event, Published},
    ids::{AgentId, CommandId, RunId, SessionId},
    presets::{self, Preset},
    readiness::{self, Readiness},
    runs::{self, ToldRuns},
    said::{LastLines, Said},
    sessions::{self, Repository, Session},
    streams,
};

/// How many ended commands the view remembers for viewers who missed their end.
pub const REMEMBERED_ENDS: usize = 256;

/// An output stream that viewers were told something of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamView {
    /// On which agent.
    pub agent: AgentId,
    /// The newest record's number; 0 when there is none yet.
    pub sequence: u64,
    /// The byte after the newest record.
    pub position: u64,
    /// The topic's sequence number of the newest record.
    pub published: u64,
    /// A short name of the stream inside the topic's log; from 1.
    pub index: u32,
}

/// What snapshots are made of.
#[derive(Debug, Default)]
pub struct View {
    agents: Arc<[Arc<Agent>]>,
    queues: BTreeMap<AgentId, Arc<[Waiting]>>,
    holds: BTreeMap<AgentId, Arc<Hold>>,
    presets: Arc<[Arc<Preset>]>,
    readiness: BTreeMap<SessionId, Arc<Readiness>>,
    readiness_version: u64,
    runs: ToldRuns,
    running: BTreeMap<CommandId, Arc<Command>>,
    ended: VecDeque<(u64, Arc<Command>)>,
    streams: BTreeMap<streams::StreamKey, StreamView>,
    next_index: u32,
    attention: BTreeMap<attention::Subject, Arc<attention::Item>>,
    sessions: BTreeMap<SessionId, Arc<Session>>,
    browsers: BTreeMap<SessionId, Arc<Browser>>,
    repositories: Arc<[Arc<Repository>]>,
    agent_types: Catalogue,
    lines: LastLines,
    version: u64,
}

impl View {
    /// Every known agent, offline ones included, by id.
    pub fn agents(&self) -> &[Arc<Agent>] {
        &self.agents
    }

    /// Every queue that has somebody waiting, or is held.
    pub fn queues(&self) -> impl Iterator<Item = (&AgentId, &Arc<[Waiting]>)> {
        let tells = |agent, waiting: &[Waiting]| {
            !waiting.is_empty() || self.holds.contains_key::<AgentId>(agent)
        };
        self.queues.iter().filter(move |(agent, waiting)| tells(agent, waiting))
    }

    /// Every queue that was ever told, empty ones included.
    pub fn all_queues(&self) -> impl Iterator<Item = (&AgentId, &Arc<[Waiting]>)> {
        self.queues.iter()
    }

    /// Who waits on an agent, the next to run first.
    pub fn queue(&self, agent: &AgentId) -> &[Waiting] {
        self.queues.get(agent).map_or(&[], |waiting| waiting)
    }

    /// Why nothing of an agent's queue is started, if that is so.
    pub fn hold(&self, agent: &AgentId) -> Option<&Arc<Hold>> {
        self.holds.get(agent)
    }

    /// Every preset, oldest first.
    pub fn presets(&self) -> &[Arc<Preset>] {
        &self.presets
    }

    /// How ready the browser behind a stream is, if pictures ever flowed.
    pub fn readiness(&self, stream: &SessionId) -> Option<&Arc<Readiness>> {
        self.readiness.get(stream)
    }

    /// The version of the newest change of any stream that was told.
    pub fn readiness_version(&self) -> u64 {
        self.readiness_version
    }

    /// How every stream stands that has changed since that version.
    pub fn readiness_since(&self, version: u64) -> impl Iterator<Item = &Arc<Readiness>> {
        self.readiness.values().filter(move |known| known.version > version)
    }

    /// Runs that live, and the newest that ended.
    pub fn runs(&self) -> &ToldRuns {
        &self.runs
    }

    /// Commands that run, by id (which is by age).
    pub fn running(&self) -> impl Iterator<Item = &Arc<Command>> {
        self.running.values()
    }

    /// Commands whose end was published after the event `sequence`, oldest first, as far as remembered.
    pub fn ended_since(&self, sequence: u64) -> impl Iterator<Item = &Arc<Command>> {
        self.ended.iter().filter(move |(at, _)| *at > sequence).map(|(_, command)| command)
    }

    /// A command as viewers know it: waiting, running, or one of the newest that ended.
    pub fn command(&self, id: &CommandId) -> Option<&Arc<Command>> {
        let waiting = || self.queues.values().flat_map(|queue| queue.iter());
        let queued = || waiting().map(|entry| &entry.command).find(|command| command.id == *id);
        let ended = || self.ended.iter().rev().map(|(_, command)| command).find(|c| c.id == *id);
        self.running.get(id).or_else(queued).or_else(ended)
    }

    /// Streams that got output after the event `sequence`.
    pub fn written_since(
        &self,
        sequence: u64,
    ) -> impl Iterator<Item = (&streams::StreamKey, &StreamView)> {
        self.streams.iter().filter(move |(_, stream)| stream.published > sequence)
    }

    /// What waits for a person.
    pub fn attention(&self) -> impl Iterator<Item = &Arc<attention::Item>> {
        self.attention.values()
    }

    /// Every session, oldest first.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.values()
    }

    /// The session of that id.
    pub fn session(&self, id: &SessionId) -> Option<&Arc<Session>> {
        self.sessions.get(id)
    }

    /// The agent of a session, or of a live run that has a browser of its own, which is called as the run.
    pub fn agent_of_browser(&self, id: &SessionId) -> Option<&AgentId> {
        let of_run = || {
            let run = self.runs.get(&RunId::new(id.as_str()).ok()?)?;
            let has_one = run.session.is_none() && !matches!(run.state, runs::State::Ended(_));
            has_one.then_some(&run.agent)
        };
        self.session(id).map(|session| &session.agent).or_else(of_run)
    }

    /// Every browser, by its session.
    pub fn browsers(&self) -> impl Iterator<Item = &Arc<Browser>> {
        self.browsers.values()
    }

    /// The browser of that session.
    pub fn browser(&self, session: &SessionId) -> Option<&Arc<Browser>> {
        self.browsers.get(session)
    }

    /// Every registered repository, oldest first.
    pub fn repositories(&self) -> &[Arc<Repository>] {
        &self.repositories
    }

    /// Every kind of command line agent.
    pub fn agent_types(&self) -> &Catalogue {
        &self.agent_types
    }

    /// What any session of an agent said last, as far as remembered.
    pub fn said_by(&self, agent: &AgentId) -> Option<&Arc<Said>> {
        self.lines.of_agent(agent)
    }

    /// What one session of an agent said last, as far as remembered.
    pub fn said_in(&self, agent: &AgentId, session: &str) -> Option<&Arc<Said>> {
        self.lines.of_session(agent, session)
    }

    /// Grows with every change of state; output does not change it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Takes over what viewers are being told.
    pub fn apply(&mut self, published: &Published) {
        if published.event.is_state() {
            self.version += 1;
        }
        match &published.event {
            Event::Agents(agents::Event::Status(agent)) => self.put_agent(agent),
            Event::Agents(agents::Event::List(agents)) => self.agents = agents.clone(),
            Event::Commands(commands::Event::Status(command)) => {
                self.put_command(published.sequence, command);
            }
            Event::Commands(commands::Event::Queue { agent, waiting, hold: _ }) => {
                self.queues.insert(agent.clone(), waiting.clone());
            }
            Event::Output(streams::Event::Written { agent, record, .. }) => {
                self.put_record(published.sequence, agent, record);
            }
            // A presence is told beside its status.
            Event::Output(streams::Event::Missing { .. })
            | Event::Agents(agents::Event::Presence(_))
            | Event::Browsers(browsers::Event::Lease(_))
            | Event::Audit(_)
            | Event::Beat => {}
            Event::Attention(attention::Event::Raised(item)) => {
                self.attention.insert(item.subject.clone(), item.clone());
            }
            Event::Attention(attention::Event::Cleared(subject)) => {
                self.attention.remove(subject);
            }
            Event::Sessions(event) => self.put_session(event),
            Event::AgentTypes(agent_type::Event::Kept(kept)) => self.agent_types.put(kept.clone()),
            Event::AgentTypes(agent_type::Event::Gone(id)) => self.agent_types.remove(id),
            Event::Browsers(browsers::Event::Changed(browser)) => {
                self.browsers.insert(browser.session.clone(), browser.clone());
            }
            Event::Browsers(browsers::Event::Gone(session)) => drop(self.browsers.remove(session)),
            Event::Said(said) => self.lines.put(published.sequence, said),
            Event::Control(control::Event::Held { agent, hold }) => match hold {
                Some(hold) => drop(self.holds.insert(agent.clone(), hold.clone())),
                None => drop(self.holds.remove(agent)),
            },
            Event::Presets(presets::Event::All(all)) => self.presets = all.clone(),
            Event::Readiness(readiness::Event::Changed(told)) => {
                self.readiness_version = self.readiness_version.max(told.version);
                self.readiness.insert(told.stream.clone(), told.clone());
            }
            Event::Readiness(readiness::Event::Forgotten(stream)) => {
                self.readiness.remove(stream);
            }
            Event::Runs(event) => self.runs.apply(published.sequence, event),
        }
    }

    fn put_session(&mut self, event: &sessions::Event) {
        match event {
            sessions::Event::Created(session) | sessions::Event::Updated(session) => {
                self.sessions.insert(session.id.clone(), session.clone());
            }
            sessions::Event::Deleted(session) => drop(self.sessions.remove(&session.id)),
            sessions::Event::Activity(worker) | sessions::Event::Resized(worker) => {
                if let Some(session) = self.sessions.get_mut(&worker.session) {
                    *session = Arc::new(session.with_worker(worker.clone()));
                }
            }
            sessions::Event::Repositories(all) => self.repositories = all.clone(),
            // The whole session is told beside these.
            sessions::Event::Ended(_)
            | sessions::Event::Restarted(_)
            | sessions::Event::Removed(_)
            // Told on the worker's own topic.
            | sessions::Event::Viewers(_) => {}
        }
    }

    fn put_record(&mut self, published: u64, agent: &AgentId, record: &streams::Record) {
        if let Some(stream) = self.streams.get_mut(&record.stream) {
            stream.sequence = record.sequence;
            stream.position = record.end();
            stream.published = published;
            return;
        }
        self.next_index += 1;
        let stream = StreamView {
            agent: agent.clone(),
            sequence: record.sequence,
            position: record.end(),
            published,
            index: self.next_index,
        };
        self.streams.insert(record.stream.clone(), stream);
    }

    /// The stream, if viewers were told something of it.
    pub fn stream(&self, key: &streams::StreamKey) -> Option<&StreamView> {
        self.streams.get(key)
    }

    fn put_agent(&mut self, agent: &Arc<Agent>) {
        let mut agents: Vec<_> = self.agents.to_vec();
        match agents.binary_search_by(|known| known.id.cmp(&agent.id)) {
            Ok(place) => agents[place] = agent.clone(),
            Err(place) => agents.insert(place, agent.clone()),
        }
        self.agents = agents.into();
    }

    fn put_command(&mut self, sequence: u64, command: &Arc<Command>) {
        match command.state {
            State::Queued => {}
            State::Running { .. } => drop(self.running.insert(command.id.clone(), command.clone())),
            State::Ended(_) => {
                self.running.remove(&command.id);
                self.ended.push_back((sequence, command.clone()));
                if self.ended.len() > REMEMBERED_ENDS {
                    let forgotten = self.ended.pop_front();
                    if let Some((_, command)) = forgotten {
                        self.streams.remove(&streams::StreamKey::command(command.id.clone()));
                    }
                }
            }
        }
    }
}
