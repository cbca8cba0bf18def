//! Conversations that are on no event loop, such as those inside of Socket.IO: who has to be woken, and why.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use pilothouse_core::ids::{AgentId, ConnectionId};
use tokio::sync::Notify;

/// How one of them is woken.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    wake: Notify,
    is_revoked: AtomicBool,
    is_gone: AtomicBool,
}

impl Bell {
    /// Waits until there is something to look at.
    pub(crate) async fn rung(&self) {
        self.wake.notified().await;
    }

    /// Its peer is gone.
    pub(crate) fn end(&self) {
        self.is_gone.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Something came for it.
    pub(crate) fn ring(&self) {
        self.wake.notify_one();
    }

    /// Whether its credential was revoked.
    pub(crate) fn is_revoked(&self) -> bool {
        self.is_revoked.load(Ordering::Acquire)
    }

    /// Whether its peer is gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Acquire)
    }
}

/// Those that listen to one agent.
type Bells = Vec<(ConnectionId, Arc<Bell>)>;

/// All of them. As large as there are.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    bells: Mutex<HashMap<ConnectionId, Arc<Bell>>>,
    by_agent: Mutex<BTreeMap<AgentId, Bells>>,
}

impl Beside {
    /// One more.
    pub(crate) fn enter(&self, connection: ConnectionId) -> Arc<Bell> {
        let bell = Arc::<Bell>::default();
        self.bells.lock().insert(connection, bell.clone());
        bell
    }

    /// One less. It listens to nothing any more.
    pub(crate) fn leave(&self, connection: ConnectionId) {
        self.bells.lock().remove(&connection);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bells.lock().len()
    }

    /// It is woken from now on when there is something to hear of that agent.
    pub(crate) fn listen(&self, agent: &AgentId, connection: ConnectionId) {
        let Some(bell) = self.bells.lock().get(&connection).cloned() else { return };
        self.by_agent.lock().entry(agent.clone()).or_default().push((connection, bell));
    }

    /// It is not any more.
    pub(crate) fn unlisten(&self, agent: &AgentId, connection: ConnectionId) {
        let mut by_agent = self.by_agent.lock();
        let Some(bells) = by_agent.get_mut(agent) else { return };
        bells.retain(|(known, _)| *known != connection);
        if bells.is_empty() {
            by_agent.remove(agent);
        }
    }

    /// Wakes those that listen to an agent.
    pub(crate) fn heard(&self, agent: &AgentId) {
        if let Some(bells) = self.by_agent.lock().get(agent) {
            for (_, bell) in bells {
                bell.ring();
            }
        }
    }

    /// Tells one that its credential was revoked.
    pub(crate) fn revoke(&self, connection: ConnectionId) {
        if let Some(bell) = self.bells.lock().get(&connection) {
            bell.is_revoked.store(true, Ordering::Release);
            bell.ring();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_listens_is_woken_and_who_is_revoked_is_told() {
        let beside = Beside::default();
        let (one, other) = (ConnectionId(1), ConnectionId(2));
        let (bell, quiet) = (beside.enter(one), beside.enter(other));
        let agent: AgentId = "a-1".parse().unwrap();
        beside.listen(&agent, one);
        beside.heard(&agent);
        bell.rung().await;
        beside.unlisten(&agent, one);
        beside.heard(&agent);
        beside.revoke(one);
        bell.rung().await;
        assert!(bell.is_revoked() && !quiet.is_revoked());
        beside.leave(one);
        beside.leave(other);
        assert_eq!(beside.len(), 0);
    }
}
