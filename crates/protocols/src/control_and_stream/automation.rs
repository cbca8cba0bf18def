//! What front ends hear beside the conversation, over Socket.IO only: how the work of the sessions goes that they joined.
//!
//! These are other events than the conversation's, in the words that their pages listen for.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use pilothouse_core::{
    Event, Published,
    commands::{self, Command, State},
    ids::{AgentId, SessionId, TaskId},
    listening::{Standing, Task},
    runs::{self, Run, Screenshot},
    time::Timestamp,
};
use serde_json::{Value, json};

use super::{
    messages::{Envelope, ErrorCode, ErrorMessage, ServerMessage},
    words::{end, moment, run_error},
};

/// How many sessions one connection may join.
const MOST_ROOMS: usize = 50;

/// The event that tells how work goes.
const UPDATE: &str = "automationUpdate";

/// One event for a front end.
#[derive(Debug, Clone, PartialEq)]
pub struct SideEvent {
    /// Its name.
    pub name: &'static str,
    /// What comes with it.
    pub payload: Value,
    /// Whether a newer one takes its place, so that it need not wait for a slow reader.
    pub is_passing: bool,
}

/// The sessions that one connection has joined.
#[derive(Debug, Default)]
pub struct Automation {
    rooms: BTreeMap<SessionId, Room>,
    /// Tasks that were told to run, by their agents. Bounded by what runs.
    running: BTreeSet<(AgentId, TaskId)>,
    /// Those of them that are runs.
    runs: BTreeSet<(AgentId, TaskId)>,
}

#[derive(Debug)]
struct Room {
    agent: AgentId,
    /// The first event that is told.
    since: u64,
}

impl Automation {
    /// What every new connection hears.
    pub fn greeting() -> SideEvent {
        let message = "Connected to real-time automation system";
        let payload = json!({"status": "connected", "message": message});
        SideEvent { name: "automationStatus", payload, is_passing: false }
    }

    /// What somebody hears who may not join a session, or do something in it: an error of the conversation.
    pub fn refusal(now: Timestamp) -> SideEvent {
        let error = "there is no such session, or it is not yours";
        let message = ServerMessage::Error(ErrorMessage::new(ErrorCode::SubscriptionDenied, error));
        let message_id = Some(format!("err-{}", now.0));
        let envelope = Envelope { message, timestamp: moment(now), message_id };
        let payload = serde_json::to_value(envelope).unwrap_or_default();
        SideEvent { name: "message", payload, is_passing: false }
    }

    /// The session that a room is of.
    pub fn session_of(room: &str) -> Option<SessionId> {
        room.strip_prefix("session:").and_then(|id| SessionId::new(id).ok())
    }

    /// Whether there is room for one more.
    pub fn has_room(&self) -> bool {
        self.rooms.len() < MOST_ROOMS
    }

    /// Joins a session: what happens from now on is told.
    pub fn join(&mut self, session: SessionId, standing: &Standing) {
        let room = Room { agent: standing.agent.clone(), since: standing.since };
        self.rooms.insert(session, room);
    }

    /// Leaves it.
    pub fn leave(&mut self, session: &SessionId) {
        self.rooms.remove(session);
        let rooms = &self.rooms;
        let is_heard = |agent: &AgentId| rooms.values().any(|room| room.agent == *agent);
        self.running.retain(|(agent, _)| is_heard(agent));
        self.runs.retain(|(agent, _)| is_heard(agent));
    }

    /// Leaves all.
    pub fn leave_all(&mut self) {
        self.rooms.clear();
        self.running.clear();
        self.runs.clear();
    }

    /// The sessions that were joined.
    pub fn sessions(&self) -> impl Iterator<Item = &SessionId> {
        self.rooms.keys()
    }

    /// Whether a session of that agent was joined.
    pub fn hears(&self, agent: &AgentId) -> bool {
        self.rooms.values().any(|room| room.agent == *agent)
    }

    /// The tasks of an agent whose ends may have been missed.
    pub fn running(&self, agent: &AgentId) -> Vec<TaskId> {
        let of_agent = self.running.iter().filter(|(of, _)| of == agent);
        of_agent.map(|(_, task)| task.clone()).collect()
    }

    /// What an event of an agent means for those who joined one of its sessions; told once for all of them.
    pub fn hear(&mut self, agent: &AgentId, published: &Published) -> Option<SideEvent> {
        let of = match &published.event {
            Event::Runs(runs::Event::Status(run)) => run.session.as_ref(),
            Event::Runs(runs::Event::Step(taken)) => taken.run.session.as_ref(),
            _ => None,
        };
        let rooms = self.rooms.iter();
        let rooms = rooms.filter(|(session, _)| of.is_none_or(|of| of == *session));
        let heard = |(_, room): &(&SessionId, &Room)| {
            room.agent == *agent && room.since <= published.sequence
        };
        let session = { rooms }.find(heard).map(|(session, _)| session.clone())?;
        match &published.event {
            Event::Commands(commands::Event::Status(command)) => {
                self.status(&session, command, published.at)
            }
            Event::Said(said) => {
                let task = TaskId::new(&said.session).ok()?;
                // What a run says are its steps, of which others tell.
                let key = (agent.clone(), task.clone());
                if !self.running.contains(&key) || self.runs.contains(&key) {
                    return None;
                }
                let more = step(agent.as_str(), &said.text);
                let mut event = update("automation_progress", &session, &task, published.at, more);
                event.is_passing = true;
                Some(event)
            }
            Event::Runs(runs::Event::Status(run)) => self.run(&session, run, published.at),
            Event::Runs(runs::Event::Step(taken)) => {
                let step = step(taken.run.agent.as_str(), &taken.step.explanation);
                let step = with_picture(step, taken.screenshot.as_ref());
                let task = TaskId::from(&taken.run.id);
                Some(update("automation_progress", &session, &task, published.at, step))
            }
            _ => None,
        }
    }

    /// How a task stands whose end may have been missed.
    pub fn catch_up(&mut self, standing: &Standing, now: Timestamp) -> Option<SideEvent> {
        let task = standing.tasks.first()?;
        let (session, _) = self.rooms.iter().find(|(_, room)| room.agent == standing.agent)?;
        let session = session.clone();
        match task {
            Task::Command { command, .. } => {
                let is_over = matches!(command.state, State::Ended(_));
                if is_over { self.status(&session, command, now) } else { None }
            }
            Task::Run(run) => {
                let is_over = matches!(run.state, runs::State::Ended(_));
                if is_over { self.run(&session, run, now) } else { None }
            }
        }
    }

    fn status(
        &mut self,
        session: &SessionId,
        command: &Command,
        at: Timestamp,
    ) -> Option<SideEvent> {
        let id = TaskId::from(&command.id);
        let key = (command.agent.clone(), id.clone());
        let (kind, more) = match &command.state {
            State::Queued => return None,
            State::Running { .. } => {
                if !self.running.insert(key) {
                    return None;
                }
                ("automation_start", json!({"command": command.line.as_ref()}))
            }
            State::Ended(ended) => {
                self.running.remove(&key);
                match end(&ended.outcome, command) {
                    (_, None) => {
                        let result = json!({"agent": command.agent.as_str(), "exitCode": 0});
                        ("automation_complete", json!({"result": result}))
                    }
                    (_, Some(error)) => ("automation_error", json!({"error": error})),
                }
            }
        };
        Some(update(kind, session, &id, at, more))
    }

    fn run(&mut self, session: &SessionId, run: &Run, at: Timestamp) -> Option<SideEvent> {
        let id = TaskId::from(&run.id);
        let key = (run.agent.clone(), id.clone());
        let (kind, more) = match &run.state {
            runs::State::Pending => return None,
            runs::State::InProgress { .. } => {
                self.runs.insert(key.clone());
                if !self.running.insert(key) {
                    return None;
                }
                ("automation_start", json!({"command": run.task.as_deref().unwrap_or("script")}))
            }
            runs::State::Ended(ended) => {
                self.runs.remove(&key);
                self.running.remove(&key);
                match run_error(&ended.outcome) {
                    None => {
                        let answer = ended.answer.as_deref();
                        let result = json!({"agent": run.agent.as_str(), "answer": answer});
                        ("automation_complete", json!({"result": result}))
                    }
                    Some(error) => ("automation_error", json!({"error": error})),
                }
            }
        };
        Some(update(kind, session, &id, at, more))
    }
}

fn step(agent: &str, description: &str) -> Value {
    json!({"agent": agent, "step": {"description": description}})
}

/// Pictures are told as base64, without what kind they are: pages find that out.
fn with_picture(mut step: Value, screenshot: Option<&Screenshot>) -> Value {
    if let Some(screenshot) = screenshot {
        step["screenshot"] = STANDARD.encode(&screenshot.bytes).into();
    }
    step
}

fn update(
    kind: &str,
    session: &SessionId,
    task: &TaskId,
    at: Timestamp,
    mut payload: Value,
) -> SideEvent {
    payload["type"] = kind.into();
    payload["timestamp"] = moment(at).into();
    payload["sessionId"] = session.as_str().into();
    payload["taskId"] = task.as_str().into();
    SideEvent { name: UPDATE, payload, is_passing: false }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use pilothouse_core::{
        commands::{Ended, Outcome, Priority},
        said::Said,
    };

    use super::*;

    fn command(state: State) -> Event {
        Event::Commands(commands::Event::Status(Arc::new(Command {
            id: pilothouse_core::ids::CommandId::new("cmd-1").unwrap(),
            agent: AgentId::new("a-1").unwrap(),
            line: "make".into(),
            priority: Priority::Normal,
            requested_by: "ana".into(),
            requested_at: Timestamp(0),
            request_id: None,
            connection: None,
            timeout: Duration::from_secs(1),
            directory: None,
            environment: Vec::new(),
            state,
        })))
    }

    fn ended(code: i32) -> State {
        let outcome = Outcome::Exited { code, signal: None };
        State::Ended(Ended { outcome, at: Timestamp(0), ran_for: Duration::ZERO })
    }

    #[test]
    fn a_page_that_joined_hears_how_work_goes_in_its_own_words() {
        let agent = AgentId::new("a-1").unwrap();
        let mut automation = Automation::default();
        let hear = |automation: &mut Automation, sequence, event| {
            let published = Published { sequence, at: Timestamp(0), event };
            let told = automation.hear(&AgentId::new("a-1").unwrap(), &published)?;
            assert_eq!(told.name, "automationUpdate");
            Some((told.payload["type"].as_str().unwrap().to_owned(), told.payload))
        };
        let running = || command(State::Running { since: Timestamp(0) });
        assert!(hear(&mut automation, 1, running()).is_none(), "nothing was joined");
        let (sessions, tasks) = (Vec::new(), Vec::new());
        let standing = Standing { agent: agent.clone(), since: 5, sessions, tasks };
        automation.join(SessionId::new("s-1").unwrap(), &standing);
        assert!(hear(&mut automation, 4, running()).is_none(), "that was before");
        let (kind, payload) = hear(&mut automation, 5, running()).unwrap();
        assert_eq!((&*kind, &payload["command"]), ("automation_start", &json!("make")));
        assert!(hear(&mut automation, 6, running()).is_none(), "it was told");
        let said = Said { agent: agent.clone(), session: "cmd-1".into(), text: "linking".into() };
        let (kind, payload) = hear(&mut automation, 7, Event::Said(Arc::new(said))).unwrap();
        assert_eq!(kind, "automation_progress");
        assert_eq!(
            (&payload["agent"], &payload["step"]["description"]),
            (&json!("a-1"), &json!("linking"))
        );
        let (kind, payload) = hear(&mut automation, 8, command(ended(0))).unwrap();
        assert_eq!((&*kind, &payload["result"]["agent"]), ("automation_complete", &json!("a-1")));
        let (kind, payload) = hear(&mut automation, 9, command(ended(2))).unwrap();
        assert_eq!((&*kind, &payload["error"]), ("automation_error", &json!("exited with 2")));
        automation.leave(&SessionId::new("s-1").unwrap());
        assert!(hear(&mut automation, 10, running()).is_none());
    }
}
