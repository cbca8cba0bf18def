//! The agent types there are: those that come with the program, and those that people added.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{AgentType, built_in};
use crate::ids::AgentTypeId;

static BUILT_IN: LazyLock<Vec<Arc<AgentType>>> =
    LazyLock::new(|| built_in::all().into_iter().map(Arc::new).collect());

/// All agent types. One of the users' own hides one that comes with the program and has its id: it was there
/// before the program knew that kind.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    own: BTreeMap<AgentTypeId, Arc<AgentType>>,
}

impl Catalogue {
    /// The type of that id, or of a name that older clients have for it.
    pub fn find(&self, id: &str) -> Option<&Arc<AgentType>> {
        let id = built_in::proper_name(id);
        self.all().find(|known| known.id.as_str() == id)
    }

    /// Those that come with the program, then the users' own by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<AgentType>> {
        let built_in = BUILT_IN.iter().filter(|known| !self.own.contains_key(&known.id));
        built_in.chain(self.own.values())
    }

    /// How many are the users' own.
    pub(crate) fn own_count(&self) -> usize {
        self.own.len()
    }

    /// Inserts or replaces one of the users' own.
    pub(crate) fn put(&mut self, agent_type: Arc<AgentType>) {
        self.own.insert(agent_type.id.clone(), agent_type);
    }

    /// Forgets one of the users' own.
    pub(crate) fn remove(&mut self, id: &AgentTypeId) {
        self.own.remove(id);
    }
}
