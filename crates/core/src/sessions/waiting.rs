//! Which workers wait for a person: those that ask, and those that failed while nobody was there.

use std::sync::Arc;

use super::{Activity, Event, Exit, Session, Worker, WorkerKind, WorkerState};
use crate::{
    Core, Event as Fact,
    attention::{Answer, Item, Reason, Subject},
    ids::{AgentId, WorkerId},
    streams::StreamKey,
    time::{Moment, Timestamp},
};

/// What an agent saw one of its workers do.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) activity: Activity,
    /// What it asks, if that is known.
    pub(crate) question: Option<Arc<str>>,
    pub(crate) since: Timestamp,
}

impl Core {
    pub(crate) fn worker_activity(
        &mut self,
        agent: &AgentId,
        stream: &StreamKey,
        seen: Seen,
        now: Moment,
    ) {
        let Some((session, worker)) = self.reported(agent, stream) else { return };
        if matches!(worker.state, WorkerState::Ended(_)) {
            return;
        }
        if worker.activity != seen.activity {
            let (activity, activity_since) = (seen.activity, seen.since);
            let next = Arc::new(Worker { activity, activity_since, ..worker.as_ref().clone() });
            self.sessions.put(&Arc::new(session.with_worker(next.clone())));
            self.show(Fact::Sessions(Event::Activity(next)), now);
        }
        if seen.activity == Activity::Asking {
            self.ask_a_person(agent, &worker, seen, now);
        } else {
            self.clear_attention(&Subject::Worker(worker.id.clone()), now);
        }
    }

    /// Also for what is known to ask already: it may ask something else, or only its words were not known.
    fn ask_a_person(&mut self, agent: &AgentId, worker: &Worker, seen: Seen, now: Moment) {
        let subject = Subject::Worker(worker.id.clone());
        let waiting = self.attention.get(&subject);
        if waiting.is_some_and(|item| seen.question.as_ref().is_none_or(|it| *it == item.text)) {
            return;
        }
        let item = Item {
            subject,
            agent: agent.clone(),
            reason: Reason::WorkerAsks,
            text: seen.question.unwrap_or_else(|| format!("{} asks", worker.name).into()),
            since: seen.since,
            answer: Answer::Type,
        };
        self.raise_attention(item, now);
    }

    /// A worker asks nothing any more. If it is an agent that failed, somebody has to know.
    pub(super) fn worker_is_over(&mut self, session: &Session, worker: &Worker, now: Moment) {
        let subject = Subject::Worker(worker.id.clone());
        self.clear_attention(&subject, now);
        let WorkerState::Ended(exit) = &worker.state else { return };
        let is_agent = matches!(worker.kind, WorkerKind::Agent { .. });
        let was_asked_for = self.stopping.iter().any(|(_, stopping)| *stopping == session.id);
        let is_seen = self.attached.is_watched(&worker.id);
        if exit.code == 0 || !is_agent || was_asked_for || is_seen {
            return;
        }
        let item = Item {
            subject,
            agent: session.agent.clone(),
            reason: Reason::WorkerFailed,
            text: failure(&worker.name, exit),
            since: exit.at,
            answer: Answer::Dismiss,
        };
        self.raise_attention(item, now);
    }

    /// Somebody looks at a worker's terminal, and sees that it failed.
    pub(super) fn worker_is_seen(&mut self, worker: &WorkerId, now: Moment) {
        let subject = Subject::Worker(worker.clone());
        let waiting = self.attention.get(&subject);
        if waiting.is_some_and(|item| item.reason == Reason::WorkerFailed) {
            self.clear_attention(&subject, now);
        }
    }
}

pub(crate) fn failure(name: &str, exit: &Exit) -> Arc<str> {
    match (&exit.reason, &exit.signal) {
        (Some(reason), _) => format!("{name} ended: {reason}"),
        (None, Some(signal)) => format!("{name} was ended by {signal}"),
        (None, None) => format!("{name} ended with exit code {}", exit.code),
    }
    .into()
}
