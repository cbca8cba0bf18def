//! Agent types come, change and go, as people ask for it.

use std::sync::Arc;

use super::{AgentType, Change, Conflict, Definition, Event, InvalidAgentType, Request};
use crate::{
    Asked, Caller, Core, CoreError, Event as Fact, Reply,
    ids::AgentTypeId,
    ports::Write,
    sessions::{Worker, WorkerKind, WorkerState},
    time::Moment,
};

/// How many agent types people may add.
const MOST_AGENT_TYPES: usize = 100;

impl Core {
    pub(crate) fn ask_agent_types(
        &mut self,
        caller: &Caller,
        request: Request,
        now: Moment,
    ) -> Asked {
        let done = match request {
            _ if self.outbox.is_degraded() => Err(CoreError::StorageUnavailable),
            Request::Add(definition) => self.add_agent_type(definition, now),
            Request::Change(change) => self.change_agent_type(change, now),
            Request::Remove(id) => self.remove_agent_type(&id, now),
        };
        self.answer_after_commit(caller, done)
    }

    pub(crate) fn restore_agent_types(&mut self, stored: Vec<AgentType>, now: Moment) {
        for agent_type in stored {
            let agent_type = Arc::new(agent_type);
            self.agent_types.put(agent_type.clone());
            self.show(Fact::AgentTypes(Event::Kept(agent_type)), now);
        }
    }

    /// Whether what runs in a worker is a kind that is known, so that it can be started again.
    pub(crate) fn check_agent_type(&self, kind: &WorkerKind) -> Result<(), CoreError> {
        let WorkerKind::Agent { agent_type } = kind else { return Ok(()) };
        if self.agent_types.find(agent_type).is_some() {
            return Ok(());
        }
        let id = AgentTypeId::new(agent_type);
        Err(id.map_or_else(
            |_| CoreError::Invalid("that is no agent type's id"),
            CoreError::AgentTypeNotFound,
        ))
    }

    fn add_agent_type(&mut self, definition: Definition, now: Moment) -> Result<Reply, CoreError> {
        if self.agent_types.own_count() >= MOST_AGENT_TYPES {
            return Err(CoreError::LimitReached(
                "there are 100 agent types besides those that come with the program; remove some first",
            ));
        }
        let id = match definition.id.or_else(|| id_for(&definition.name)) {
            Some(id) => id,
            None => self.naming.agent_type(now.wall),
        };
        let agent_type = AgentType {
            id: id.clone(),
            name: definition.name,
            description: definition.description,
            is_built_in: false,
            command_template: definition.command_template,
            continue_template: definition.continue_template,
            headless_template: definition.headless_template,
            asking_patterns: definition.asking_patterns.as_slice().to_vec(),
            created_at: now.wall,
        };
        if let Some(known) = self.agent_types.find(id.as_str()) {
            return Err(Conflict::IdTaken(known.id.clone()).into());
        }
        self.keep_agent_type(agent_type, now)?;
        Ok(Reply::AgentTypeAdded(id))
    }

    fn change_agent_type(&mut self, change: Change, now: Moment) -> Result<Reply, CoreError> {
        let old = self.own_agent_type(&change.agent_type)?.as_ref().clone();
        let patterns = change.asking_patterns.map(|checked| checked.as_slice().to_vec());
        let next = AgentType {
            name: change.name.unwrap_or(old.name),
            description: change.description.applied(old.description),
            command_template: change.command_template.unwrap_or(old.command_template),
            continue_template: change.continue_template.applied(old.continue_template),
            headless_template: change.headless_template.applied(old.headless_template),
            asking_patterns: patterns.unwrap_or(old.asking_patterns),
            ..old
        };
        self.keep_agent_type(next, now)?;
        Ok(Reply::Done)
    }

    fn remove_agent_type(&mut self, id: &AgentTypeId, now: Moment) -> Result<Reply, CoreError> {
        let id = self.own_agent_type(id)?.id.clone();
        let uses = |worker: &Arc<Worker>| {
            let lives = !matches!(worker.state, WorkerState::Ended(_));
            lives
                && matches!(&worker.kind, WorkerKind::Agent { agent_type } if **agent_type == *id.as_str())
        };
        let sessions: Arc<[_]> = self
            .sessions
            .all()
            .filter(|session| session.workers.iter().any(uses))
            .map(|session| session.id.clone())
            .collect();
        if !sessions.is_empty() {
            return Err(Conflict::InUse { agent_type: id, sessions }.into());
        }
        self.agent_types.remove(&id);
        self.outbox.write(Write::AgentTypeGone(id.clone()));
        self.show_committed(Fact::AgentTypes(Event::Gone(id)), now);
        Ok(Reply::Done)
    }

    fn own_agent_type(&self, id: &AgentTypeId) -> Result<&Arc<AgentType>, CoreError> {
        match self.agent_types.find(id.as_str()) {
            None => Err(CoreError::AgentTypeNotFound(id.clone())),
            Some(known) if known.is_built_in => {
                Err(InvalidAgentType::BuiltIn(known.id.clone()).into())
            }
            Some(known) => Ok(known),
        }
    }

    fn keep_agent_type(&mut self, agent_type: AgentType, now: Moment) -> Result<(), CoreError> {
        agent_type.validate()?;
        let description = agent_type.description.filter(|text| !text.trim().is_empty());
        let name = agent_type.name.trim().to_owned();
        let folded = name.to_lowercase();
        let others = self.agent_types.all().filter(|known| known.id != agent_type.id);
        for other in others {
            if other.name.to_lowercase() == folded {
                return Err(Conflict::NameTaken(other.id.clone()).into());
            }
        }
        let agent_type = Arc::new(AgentType { name, description, ..agent_type });
        self.agent_types.put(agent_type.clone());
        self.outbox.write(Write::AgentType(agent_type.clone()));
        self.show_committed(Fact::AgentTypes(Event::Kept(agent_type)), now);
        Ok(())
    }
}

/// `My agent 2.0` is `my-agent-2-0`; a name without a Latin letter or digit makes no id.
fn id_for(name: &str) -> Option<AgentTypeId> {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    AgentTypeId::new(&words.join("-").to_ascii_lowercase()).ok()
}
