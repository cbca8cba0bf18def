//! What is asked, handed to what does it.

use super::Request;
use crate::{Asked, Caller, Core, CoreError, time::Moment};

impl Core {
    pub(crate) fn ask_control(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        let done = match request {
            Request::Message(message) => return self.message(caller, message, now),
            // Whatever happens to storage, what runs can be ended.
            Request::Stop(agent) => return self.stop(caller, agent, now),
            Request::EmergencyStop { reason } => {
                return self.emergency_stop(caller, reason.as_deref(), now);
            }
            Request::Restart(agent) => return self.restart(caller, agent, now),
            _ if self.outbox.is_degraded() => Err(CoreError::StorageUnavailable),
            Request::Pause(agent) => self.pause(caller, &agent, now),
            Request::Resume(agent) => self.resume(&agent, now),
            Request::SetBudget { agent, budget } => self.set_budget(&agent, budget, now),
        };
        self.answer_after_commit(caller, done)
    }
}
