//! Listening: what happens on one agent, event by event, for conversations that ask for it and say it in their own words.
//!
//! Nothing is encoded here, and nobody is woken: a listener has a cursor into the log of its agent and reads when it
//! likes. Fan-out to many viewers of the same words is the topics' business.

mod log;

use std::{collections::BTreeMap, sync::Arc};

use log::Log;

use crate::{
    Caller, Core, CoreError, Event, Published, Role, Scope, agents,
    commands::{self, Command},
    ids::{AgentId, SessionId, TaskId},
    runs::{self, Run},
    sessions::{self, Session},
    streams,
    time::Timestamp,
};

/// What can be listened to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// All that happens on an agent.
    Agent(AgentId),
    /// A session, and what runs on its agent.
    Session(SessionId),
    /// One command or run.
    Task(TaskId),
}

/// How things stand where somebody begins to listen; all that comes later is told as events.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Whose log it is.
    pub agent: AgentId,
    /// The number of the first event that this does not contain.
    pub since: u64,
    /// The session that was asked for, otherwise all of the agent, oldest first.
    pub sessions: Vec<Arc<Session>>,
    /// The task that was asked for, otherwise those that wait or run on the agent; running commands first.
    pub tasks: Vec<Task>,
}

/// What runs on an agent, or did.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// A command, and what it said.
    Command {
        /// The command.
        command: Arc<Command>,
        /// The line that it printed last, if that is remembered.
        line: Option<Arc<str>>,
    },
    /// A run.
    Run(Arc<Run>),
}

impl Task {
    /// Its id.
    pub fn id(&self) -> TaskId {
        match self {
            Self::Command { command, .. } => (&command.id).into(),
            Self::Run(run) => (&run.id).into(),
        }
    }
}

/// What a listener hears next.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// The next events, perhaps none.
    Events(Vec<Arc<Published>>),
    /// Some of what came next is gone: the listener begins anew, with how everything stands.
    Missed,
}

/// Where one listener is in the logs of agents. Its owner gives up every agent before it lets go of it.
#[derive(Debug, Default)]
pub struct Cursors(BTreeMap<AgentId, u64>);

impl Cursors {
    /// The agents that are listened to.
    pub fn agents(&self) -> impl Iterator<Item = &AgentId> {
        self.0.keys()
    }

    /// Whether that agent is listened to.
    pub fn has(&self, agent: &AgentId) -> bool {
        self.0.contains_key(agent)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The logs of agents that somebody listens to.
#[derive(Debug, Default)]
pub(crate) struct Listening {
    logs: BTreeMap<AgentId, Log>,
    changed: Vec<AgentId>,
}

impl Listening {
    /// Keeps an event for those who listen. Without listeners that costs one look.
    pub(crate) fn take(&mut self, event: &Event, at: Timestamp) {
        if self.logs.is_empty() {
            return;
        }
        let Some(agent) = agent_of(event) else { return };
        let Some(log) = self.logs.get_mut(agent) else { return };
        log.push(event.clone(), at);
        if !self.changed.contains(agent) {
            self.changed.push(agent.clone());
        }
    }
}

impl Core {
    /// Begins to listen to a subject, if the caller may: how it stands, and from where on events tell the rest, in one
    /// step. Whether a subject exists is not said to those who may not hear of it.
    pub fn listen(
        &mut self,
        caller: &Caller,
        subject: &Subject,
        cursors: &mut Cursors,
    ) -> Result<Standing, CoreError> {
        let agent = self.agent_heard_by(caller, subject)?;
        if !cursors.has(&agent) {
            let cursor = self.listening.logs.entry(agent.clone()).or_default().join();
            cursors.0.insert(agent.clone(), cursor);
        }
        Ok(self.how_stands(agent, subject))
    }

    /// Ends that for an agent. The last listener takes the log along.
    pub fn unlisten(&mut self, agent: &AgentId, cursors: &mut Cursors) {
        let listened = cursors.0.remove(agent).is_some();
        if listened && self.listening.logs.get_mut(agent).is_some_and(Log::leave) {
            self.listening.logs.remove(agent);
        }
    }

    /// At most `most` further events of an agent.
    pub fn heard(&self, agent: &AgentId, cursors: &mut Cursors, most: usize) -> Heard {
        let (log, cursor) = (self.listening.logs.get(agent), cursors.0.get_mut(agent));
        let (Some(log), Some(cursor)) = (log, cursor) else { return Heard::Events(Vec::new()) };
        let Some(events) = log.read(*cursor, most) else {
            *cursor = log.next();
            return Heard::Missed;
        };
        *cursor += events.len() as u64;
        Heard::Events(events)
    }

    /// Takes the agents of which listeners can hear something new since this was last asked.
    pub fn take_heard(&mut self) -> Vec<AgentId> {
        std::mem::take(&mut self.listening.changed)
    }

    /// How many agents somebody listens to.
    pub fn listened_agents(&self) -> usize {
        self.listening.logs.len()
    }

    fn agent_heard_by(&self, caller: &Caller, subject: &Subject) -> Result<AgentId, CoreError> {
        let caller = self.effective(caller)?;
        let view = self.topics.view();
        let agent = match subject {
            Subject::Agent(agent) => {
                view.agents().iter().find(|known| known.id == *agent).map(|known| &known.id)
            }
            Subject::Session(session) => view.agent_of_browser(session),
            Subject::Task(task) => {
                let run = view.runs().get(&task.as_run());
                let command = view.command(&task.as_command()).map(|command| &command.agent);
                command.or(run.map(|run| &run.agent))
            }
        };
        let agent = agent.ok_or(NOT_HEARD)?;
        let may = match &caller.scope {
            Scope::Person(_) => caller.is_at_least(Role::Viewer),
            Scope::Session { session, agent: own } => {
                let is_its = view.session(session).is_some_and(|session| session.agent == *own);
                let is_other = matches!(subject, Subject::Session(other) if other != session);
                let is_others = |task: &TaskId| {
                    let run = view.runs().get(&task.as_run());
                    run.and_then(|run| run.session.as_ref()).is_some_and(|of| of != session)
                };
                let is_other = is_other || matches!(subject, Subject::Task(id) if is_others(id));
                is_its && own == agent && !is_other
            }
            Scope::Agent(_)
            | Scope::Enrolled(_)
            | Scope::Keyed { .. }
            | Scope::View(_)
            | Scope::Nobody => false,
        };
        if may { Ok(agent.clone()) } else { Err(NOT_HEARD) }
    }

    fn how_stands(&self, agent: AgentId, subject: &Subject) -> Standing {
        let view = self.topics.view();
        let task = |command: &Arc<Command>| Task::Command {
            command: command.clone(),
            line: view.said_in(&agent, command.id.as_str()).map(|said| said.text.clone()),
        };
        let mut sessions: Vec<_> =
            view.sessions().filter(|session| session.agent == agent).cloned().collect();
        if let Subject::Session(session) = subject {
            sessions.retain(|known| known.id == *session);
        }
        let mut tasks = Vec::new();
        if let Subject::Task(id) = subject {
            tasks.extend(view.command(&id.as_command()).map(task));
            tasks.extend(view.runs().get(&id.as_run()).cloned().map(Task::Run));
        } else {
            tasks.extend(view.running().filter(|command| command.agent == agent).map(task));
            tasks.extend(view.queue(&agent).iter().map(|waiting| task(&waiting.command)));
            let runs = view.runs().live().filter(|run| run.agent == agent);
            tasks.extend(runs.cloned().map(Task::Run));
        }
        let since = self.listening.logs.get(&agent).map_or(0, Log::next);
        Standing { agent, since, sessions, tasks }
    }
}

/// The same for what is not there and for what is somebody else's.
const NOT_HEARD: CoreError =
    CoreError::Forbidden("there is no such task, session or agent, or it is not yours to see");

/// The agent whose listeners an event is for.
fn agent_of(event: &Event) -> Option<&AgentId> {
    match event {
        Event::Commands(commands::Event::Status(command)) => Some(&command.agent),
        Event::Output(
            streams::Event::Written { agent, record: streams::Record { stream, .. }, .. }
            | streams::Event::Missing { agent, stream, .. },
        ) => stream.worker().is_none().then_some(agent),
        Event::Sessions(
            sessions::Event::Created(session)
            | sessions::Event::Updated(session)
            | sessions::Event::Deleted(session),
        ) => Some(&session.agent),
        Event::Said(said) => Some(&said.agent),
        Event::Runs(runs::Event::Status(run) | runs::Event::Step(runs::Taken { run, .. })) => {
            Some(&run.agent)
        }
        // Of agents themselves, and of terminals, others tell.
        Event::Agents(
            agents::Event::Status(_) | agents::Event::List(_) | agents::Event::Presence(_),
        )
        | Event::Commands(commands::Event::Queue { .. })
        | Event::Sessions(_)
        | Event::Attention(_)
        | Event::AgentTypes(_)
        | Event::Audit(_)
        | Event::Beat
        | Event::Browsers(_)
        | Event::Control(_)
        | Event::Presets(_)
        | Event::Readiness(_) => None,
    }
}
