//! Conversations that listen to agents: on this loop by agent, and what each does when there is something to hear.

use std::{collections::HashMap, rc::Rc};

use pilothouse_core::{
    CoreError,
    ids::AgentId,
    listening::{Heard, Subject},
};
use pilothouse_protocols::{CloseCode, Input};

use super::{connection::Connection, event_loop::EventLoop};

/// How many events a conversation is told at once; then it is seen whether its socket takes more.
const MOST_HEARD: usize = 64;

/// Who on this loop listens to which agent. As large as there are subscriptions, which are bounded per connection.
#[derive(Default)]
pub(super) struct Listeners(HashMap<AgentId, Vec<Rc<Connection>>>);

impl Listeners {
    pub(super) fn of(&self, agent: &AgentId) -> Vec<Rc<Connection>> {
        self.0.get(agent).cloned().unwrap_or_default()
    }

    fn add(&mut self, agent: &AgentId, connection: &Rc<Connection>) {
        self.0.entry(agent.clone()).or_default().push(connection.clone());
    }

    fn remove(&mut self, agent: &AgentId, connection: &Connection) {
        let Some(listeners) = self.0.get_mut(agent) else { return };
        listeners.retain(|listener| listener.id != connection.id);
        if listeners.is_empty() {
            self.0.remove(agent);
        }
    }
}

impl Connection {
    /// Begins to listen, if the caller may; the conversation is told at once how the subject stands.
    pub(super) fn listen(self: &Rc<Self>, event_loop: &Rc<EventLoop>, subject: &Subject) {
        let (hub, index) = (&event_loop.shared.hub, event_loop.index);
        let standing = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            let Some(caller) = &state.caller else {
                return self.close(event_loop, CloseCode::Policy);
            };
            hub.look(|core, _| {
                let before = state.cursors.len();
                let standing = core.listen(caller, subject, &mut state.cursors)?;
                // Under the core's lock, so that no event comes in between that this loop is not told of.
                let is_new = state.cursors.len() > before;
                if is_new {
                    hub.listeners.add(&standing.agent, index);
                }
                Ok::<_, CoreError>((standing, is_new))
            })
        };
        let standing = standing.map(|(standing, is_new)| {
            if is_new {
                event_loop.listeners().add(&standing.agent, self);
            }
            standing
        });
        self.handle(event_loop, Input::Listening(standing));
    }

    /// Listens to nothing of that agent any more.
    pub(super) fn unlisten(&self, event_loop: &EventLoop, agent: &AgentId) {
        let mut state = self.state.borrow_mut();
        if !state.cursors.has(agent) {
            return;
        }
        let hub = &event_loop.shared.hub;
        hub.look(|core, _| core.unlisten(agent, &mut state.cursors));
        hub.listeners.remove(agent, event_loop.index);
        event_loop.listeners().remove(agent, self);
    }

    /// The same for all agents.
    pub(super) fn unlisten_all(&self, event_loop: &EventLoop) {
        let agents: Vec<_> = self.state.borrow().cursors.agents().cloned().collect();
        for agent in &agents {
            self.unlisten(event_loop, agent);
        }
    }

    /// Hears what is new of an agent, as long as the socket takes what is said of it. What comes meanwhile waits in the
    /// agent's log; if it is gone before it was heard, the conversation is told so.
    pub(super) fn hear(self: &Rc<Self>, event_loop: &Rc<EventLoop>, agent: &AgentId) {
        loop {
            let heard = {
                let mut state = self.state.borrow_mut();
                let has_room = !state.outbound.is_blocked && state.closing.is_none();
                if self.is_over.get() || !has_room {
                    return;
                }
                let cursors = &mut state.cursors;
                event_loop.shared.hub.look(|core, _| core.heard(agent, cursors, MOST_HEARD))
            };
            match heard {
                Heard::Events(events) if events.is_empty() => break,
                Heard::Events(events) => {
                    self.handle(event_loop, Input::Heard { agent, events: &events });
                }
                Heard::Missed => {
                    event_loop.tally.resyncs.add(1);
                    self.handle(event_loop, Input::Missed(agent));
                }
            }
            self.flush(event_loop);
        }
        self.rearm(event_loop);
    }

    /// The socket takes bytes again: hears what came while it did not.
    pub(super) fn hear_all(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let agents: Vec<_> = self.state.borrow().cursors.agents().cloned().collect();
        for agent in &agents {
            self.hear(event_loop, agent);
        }
    }
}
