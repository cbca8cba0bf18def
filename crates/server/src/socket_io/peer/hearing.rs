//! What a socket listens to, and how it hears it.
//!
//! How it is said to the peer is told beside, in [`super`].

use pilothouse_core::{
    CoreError,
    ids::AgentId,
    listening::{Heard, Standing, Subject},
};
use pilothouse_protocols::Input;

use super::{MOST_HEARD, Peer};

impl Peer {
    /// Nothing if nobody is known who could listen.
    pub(super) fn listen(&mut self, subject: &Subject) -> Option<Result<Standing, CoreError>> {
        let (hub, id) = (&self.shared.hub, self.id);
        let (caller, cursors) = (self.caller.as_ref()?, &mut self.cursors);
        Some(hub.look(|core, _| {
            let before = cursors.len();
            let standing = core.listen(caller, subject, cursors)?;
            // Under the core's lock, so that no event comes in between that wakes nobody.
            if cursors.len() > before {
                hub.beside.listen(&standing.agent, id);
            }
            Ok(standing)
        }))
    }

    /// Gives up the agents that neither the conversation nor a room is about.
    pub(super) fn unlisten_unheard(&mut self) {
        let unheard =
            |agent: &&AgentId| !self.subscribed.contains(*agent) && !self.automation.hears(agent);
        let agents: Vec<_> = self.cursors.agents().filter(unheard).cloned().collect();
        for agent in &agents {
            self.unlisten(agent);
        }
    }

    pub(super) fn unlisten(&mut self, agent: &AgentId) {
        let hub = &self.shared.hub;
        hub.look(|core, _| core.unlisten(agent, &mut self.cursors));
        hub.beside.unlisten(agent, self.id);
    }

    /// Hears what is new, as long as the peer takes what is said of it.
    pub(super) fn hear_all(&mut self) {
        let agents: Vec<_> = self.cursors.agents().cloned().collect();
        for agent in agents {
            while self.waiting.is_empty() && self.leave_by.is_none() {
                let cursors = &mut self.cursors;
                let heard = self.shared.hub.look(|core, _| core.heard(&agent, cursors, MOST_HEARD));
                match heard {
                    Heard::Events(events) if events.is_empty() => break,
                    Heard::Events(events) => {
                        if self.subscribed.contains(&agent) {
                            self.handle(Input::Heard { agent: &agent, events: &events });
                        }
                        for event in &events {
                            if let Some(event) = self.automation.hear(&agent, event) {
                                self.side(event);
                            }
                        }
                    }
                    Heard::Missed => self.missed(&agent),
                }
                self.flush();
            }
        }
    }

    fn missed(&mut self, agent: &AgentId) {
        if self.subscribed.contains(agent) {
            self.handle(Input::Missed(agent));
        }
        for task in self.automation.running(agent) {
            let now = self.shared.hub.clock.now().wall;
            if let Some(Ok(standing)) = self.listen(&Subject::Task(task))
                && let Some(event) = self.automation.catch_up(&standing, now)
            {
                self.side(event);
            }
        }
    }
}
