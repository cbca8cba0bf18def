//! What those who are in front of one terminal learn of each other: who is there, who may type, whose size it has.
//!
//! It is told to them and to nobody else, at once and then with pauses, so that a crowd that comes and goes costs
//! little. Nothing of it is stored.

use std::{sync::Arc, time::Duration};

use super::{Event, Present};
use crate::{
    Core, Event as Fact,
    ids::{AgentId, ConnectionId, WorkerId},
    streams::StreamKey,
    time::{Moment, Steady, Timestamp},
};

/// How many viewers of one terminal are told by name: those who came first, and whoever owns its size.
pub const MOST_NAMED: usize = 50;

/// The shortest pause between two times that viewers are told of each other.
const PAUSE: Duration = Duration::from_millis(250);
/// How much longer the pause is for each of them: all of them are told what each of them does.
const PAUSE_FOR_EACH: Duration = Duration::from_millis(2);

/// Everybody in front of one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewers {
    /// Which worker's.
    pub worker: WorkerId,
    /// In the order in which they came; at most [`MOST_NAMED`].
    pub named: Arc<[Viewer]>,
    /// How many there are, those that are not named included.
    pub total: usize,
}

/// Somebody in front of a terminal, by one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Names the connection; see [`viewer_name`].
    pub id: Arc<str>,
    /// The user's id.
    pub user: Arc<str>,
    /// What to show to people.
    pub name: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// Whether what it types reaches the terminal.
    pub may_type: bool,
    /// Whether the terminal has its size.
    pub owns_size: bool,
}

/// What an agent calls a viewer.
pub fn viewer_name(connection: ConnectionId) -> Arc<str> {
    format!("viewer-{}", connection.0).into()
}

/// The viewer that an agent calls so.
fn viewer_called(name: &str) -> Option<ConnectionId> {
    name.strip_prefix("viewer-")?.parse().ok().map(ConnectionId)
}

impl Core {
    /// An agent says whose size a worker's terminal has.
    pub(crate) fn size_owned(
        &mut self,
        agent: &AgentId,
        stream: &StreamKey,
        owner: Option<&str>,
        now: Moment,
    ) {
        let Some((_, worker)) = self.reported(agent, stream) else { return };
        if let Some(audience) = self.attached.audience_mut(&worker.id) {
            audience.size_owner = owner.and_then(viewer_called);
            self.viewers_changed(&worker.id, now);
        }
    }

    /// The agent of a worker is there again, and says anew whose size the terminal has; by the next pause, if at all.
    pub(super) fn doubt_size_owner(&mut self, worker: &WorkerId, now: Moment) {
        if let Some(audience) = self.attached.audience_mut(worker)
            && audience.size_owner.take().is_some()
        {
            self.tell_viewers_at(worker, now.steady + PAUSE);
        }
    }

    /// Somebody's role is another one: wherever they are, they may type now, or no longer.
    pub(crate) fn roles_changed(&mut self, now: Moment) {
        for worker in self.attached.watched() {
            self.viewers_changed(&worker, now);
        }
    }

    /// Somebody came to a terminal or left it, or what they may do there is something else.
    pub(super) fn viewers_changed(&mut self, worker: &WorkerId, now: Moment) {
        let Some(audience) = self.attached.audience(worker) else { return };
        let rest = u32::try_from(audience.present.len()).unwrap_or(u32::MAX);
        let pause = PAUSE + PAUSE_FOR_EACH.saturating_mul(rest);
        match &audience.told {
            Some((at, _)) if *at + pause > now.steady => self.tell_viewers_at(worker, *at + pause),
            _ => self.tell_viewers(worker, now),
        }
    }

    /// When [`Core::advance`] has something to do for viewers of terminals.
    pub(crate) fn viewers_due(&self) -> Option<Steady> {
        self.attached.due.first().map(|(due, _)| *due)
    }

    /// Tells those whose pause is over.
    pub(crate) fn tell_due_viewers(&mut self, now: Moment) {
        while self.viewers_due().is_some_and(|due| due <= now.steady) {
            let Some((_, worker)) = self.attached.due.pop_first() else { return };
            if let Some(audience) = self.attached.audience_mut(&worker) {
                audience.due = None;
            }
            self.tell_viewers(&worker, now);
        }
    }

    fn tell_viewers_at(&mut self, worker: &WorkerId, at: Steady) {
        if let Some(audience) = self.attached.audience_mut(worker)
            && audience.due.is_none()
        {
            audience.due = Some(at);
            self.attached.due.insert((at, worker.clone()));
        }
    }

    fn tell_viewers(&mut self, worker: &WorkerId, now: Moment) {
        let Some(viewers) = self.viewers_of(worker).map(Arc::new) else { return };
        let Some(audience) = self.attached.audience_mut(worker) else { return };
        if audience.told.as_ref().is_some_and(|(_, told)| *told == viewers) {
            return;
        }
        audience.told = Some((now.steady, viewers.clone()));
        // It waits for nothing that is stored, and nothing waits for it.
        self.topics.publish(Fact::Sessions(Event::Viewers(viewers)), now.wall);
    }

    fn viewers_of(&self, worker: &WorkerId) -> Option<Viewers> {
        let audience = self.attached.audience(worker)?;
        let owner = audience.size_owner;
        let viewer = |present: &Present| Viewer {
            id: viewer_name(present.caller.connection),
            user: present.caller.user.clone(),
            name: present.caller.name.clone(),
            since: present.since,
            may_type: self.may_type(&present.caller),
            owns_size: owner == Some(present.caller.connection),
        };
        let (first, others) = audience.present.split_at(audience.present.len().min(MOST_NAMED));
        let mut named: Vec<_> = first.iter().map(viewer).collect();
        let owns = |present: &&Present| owner == Some(present.caller.connection);
        if let (Some(owner), Some(last)) = (others.iter().find(owns), named.last_mut()) {
            *last = viewer(owner);
        }
        Some(Viewers { worker: worker.clone(), named: named.into(), total: audience.present.len() })
    }
}
