//! Restarting agents: a new life, confirmed by its link.

use super::{Message, Restarting};
use crate::{
    Asked, Caller, Core, CoreError, Delivery, Reply,
    agents::Order,
    calls::{self, Call},
    ids::{AgentId, IncarnationId},
    sessions::{Worker, WorkerKind, WorkerState},
    time::{Moment, Steady},
};

/// How long the agent may take to type a message.
const TYPED_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);
/// The longest message, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

impl Core {
    pub(super) fn restart(&mut self, caller: &Caller, agent: AgentId, now: Moment) -> Asked {
        if let Err(refusal) = self.refuse_control(&agent) {
            return Asked::Answered(Err(refusal));
        }
        let link = self.agents.get(&agent).and_then(|known| known.link.as_ref());
        let Some(old) = link.map(|link| link.incarnation.clone()) else {
            return Asked::Answered(Err(CoreError::AgentOffline(agent)));
        };
        self.order(&agent, Order::Restart);
        if let Some(known) = self.agents.get_mut(&agent) {
            known.lives.ask_for_another();
        }
        let due = now.steady + self.settings.restart_within;
        self.control.restarting.push_back(Restarting {
            connection: caller.connection,
            agent,
            old,
            due,
        });
        Asked::AfterCommit
    }

    /// An agent has linked in this life: whoever waits for a new one has it.
    pub(crate) fn answer_restarts(&mut self, agent: &AgentId, life: &IncarnationId) {
        self.end_waits(
            |waiting| waiting.agent == *agent && waiting.old != *life,
            |_| Ok(Reply::Done),
        );
    }

    /// Agents that took too long to come back.
    pub(crate) fn expire_restarts(&mut self, now: Steady) {
        self.end_waits(
            |waiting| waiting.due <= now,
            |waiting| Err(CoreError::CallTimedOut(waiting.agent)),
        );
    }

    fn end_waits(
        &mut self,
        is_over: impl Fn(&Restarting) -> bool,
        answer: impl Fn(Restarting) -> Result<Reply, CoreError>,
    ) {
        let all = std::mem::take(&mut self.control.restarting);
        for waiting in all {
            if is_over(&waiting) {
                let connection = waiting.connection;
                self.deliver(connection, Delivery::Answer(answer(waiting)));
            } else {
                self.control.restarting.push_back(waiting);
            }
        }
    }

    pub(super) fn message(&mut self, caller: &Caller, message: Message, now: Moment) -> Asked {
        let worker = match self.addressee(&message) {
            Ok(worker) => worker,
            Err(refusal) => return Asked::Answered(Err(refusal)),
        };
        let call = Call::Message { stream: worker.stream(), text: message.text };
        let request = calls::Request { agent: message.agent, call, within: TYPED_WITHIN };
        self.call(caller, request, now)
    }

    /// Who is meant: whoever is named, or the only one who could be.
    fn addressee(&self, message: &Message) -> Result<Worker, CoreError> {
        self.check_linked(&message.agent)?;
        if message.text.is_empty() || message.text.len() > LONGEST_MESSAGE {
            return Err(CoreError::Invalid("a message has between 1 and 65536 bytes"));
        }
        let lives = |worker: &&Worker| matches!(worker.state, WorkerState::Running { .. });
        let sessions = self.sessions.of_agent(&message.agent);
        let sessions = sessions
            .filter(|session| message.session.as_ref().is_none_or(|meant| session.id == *meant));
        let workers: Vec<&Worker> = sessions
            .flat_map(|session| session.workers.iter().map(AsRef::as_ref))
            .filter(|worker| message.worker.as_ref().is_none_or(|meant| worker.id == *meant))
            .collect();
        if let (Some(worker), []) = (&message.worker, &workers[..]) {
            return Err(CoreError::WorkerNotFound(worker.clone()));
        }
        let living: Vec<&Worker> = workers.into_iter().filter(lives).collect();
        let is_agent = |worker: &&Worker| matches!(worker.kind, WorkerKind::Agent { .. });
        let agents: Vec<&Worker> = living.iter().copied().filter(is_agent).collect();
        match (&agents[..], &living[..]) {
            ([one], _) | ([], [one]) => Ok((*one).clone()),
            ([], []) => Err(CoreError::NobodyListens(message.agent.clone())),
            _ => Err(CoreError::Invalid(
                "several workers of this agent could be meant; name one by its session and worker",
            )),
        }
    }
}
