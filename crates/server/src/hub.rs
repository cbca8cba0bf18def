//! The hub: the one core behind its one lock, and who has to be woken when it changed.
//!
//! Whoever holds the lock changes state and nothing else; sockets and storage are served afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use pilothouse_core::{
    Core, Delivery,
    fanout::TopicKey,
    ids::{AgentId, ConnectionId, WorkerId},
    time::{Moment, Steady},
};
use tokio::sync::{Notify, watch};

use crate::{
    beside::Beside, clock::Clock, desk::Desk, gateway::Stream, troubles::Troubles,
    watchers::Watchers,
};

/// How many bits of a connection's number name its event loop.
const LOOP_BITS: u32 = 8;
/// What stands there for those who are on no loop and wait at the desk.
const AT_DESK: u64 = (1 << LOOP_BITS) - 1;

/// What other threads leave for one event loop. Bounded by what the core can have to say: one
/// answer per connection, and orders within the agents' credit.
#[derive(Default)]
pub(crate) struct Inbox {
    deliveries: Mutex<Vec<(ConnectionId, Delivery)>>,
    fleet_changed: AtomicBool,
    workers_changed: AtomicBool,
    /// Workers whose viewers on this loop were not served yet, each with the first event that waits. Bounded by
    /// the workers that are watched.
    workers: Mutex<BTreeMap<WorkerId, u64>>,
    agents_changed: AtomicBool,
    /// Agents whose listeners on this loop can hear something new. Bounded by the agents that are listened to.
    agents: Mutex<BTreeSet<AgentId>>,
    /// Connections whose credential was revoked; each is named once.
    revoked: Mutex<Vec<ConnectionId>>,
    /// Producers of pictures whose place somebody else took; each is named once.
    superseded: Mutex<Vec<ConnectionId>>,
    /// Streams of pictures with something new for this loop; each is there at most once.
    streams: Mutex<Vec<Arc<Stream>>>,
    streams_changed: AtomicBool,
    wake: Notify,
    /// Up to which event this loop has handed the fleet's log to its viewers.
    pub(crate) flushed: AtomicU64,
}

/// Which topics changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) fleet: bool,
    pub(crate) workers: BTreeMap<WorkerId, u64>,
    pub(crate) agents: BTreeSet<AgentId>,
}

impl Inbox {
    /// Waits until there is something to do, then takes it: deliveries, and which topics changed.
    pub(crate) async fn next(&self) -> (Vec<(ConnectionId, Delivery)>, Changes) {
        self.wake.notified().await;
        (std::mem::take(&mut *self.deliveries.lock()), self.take_changes())
    }

    /// The connections that were revoked since this was last asked.
    pub(crate) fn take_revoked(&self) -> Vec<ConnectionId> {
        std::mem::take(&mut *self.revoked.lock())
    }

    /// The producers that were superseded since this was last asked.
    pub(crate) fn take_superseded(&self) -> Vec<ConnectionId> {
        std::mem::take(&mut *self.superseded.lock())
    }

    /// The streams that have something new. Without pictures that costs no lock.
    pub(crate) fn take_streams(&self) -> Vec<Arc<Stream>> {
        if self.streams_changed.swap(false, Ordering::AcqRel) {
            std::mem::take(&mut *self.streams.lock())
        } else {
            Vec::new()
        }
    }

    /// Which topics changed since this was last asked. Without terminals and listeners that costs no lock.
    pub(crate) fn take_changes(&self) -> Changes {
        let workers = if self.workers_changed.swap(false, Ordering::AcqRel) {
            std::mem::take(&mut *self.workers.lock())
        } else {
            BTreeMap::new()
        };
        let agents = if self.agents_changed.swap(false, Ordering::AcqRel) {
            std::mem::take(&mut *self.agents.lock())
        } else {
            BTreeSet::new()
        };
        Changes { fleet: self.fleet_changed.swap(false, Ordering::AcqRel), workers, agents }
    }

    fn agent_changed(&self, agent: &AgentId) {
        self.agents.lock().insert(agent.clone());
        self.agents_changed.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    fn worker_changed(&self, worker: &WorkerId, first: u64) {
        self.workers.lock().entry(worker.clone()).or_insert(first);
        self.workers_changed.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}

/// Shared by all event loops, the committer and HTTP.
pub(crate) struct Hub {
    core: Mutex<Core>,
    pub(crate) clock: Clock,
    /// What the server cannot do at present.
    pub(crate) troubles: Troubles,
    inboxes: Vec<Arc<Inbox>>,
    /// Which loops have viewers of which worker.
    pub(crate) watchers: Watchers<WorkerId>,
    /// Which loops have conversations that listen to which agent.
    pub(crate) listeners: Watchers<AgentId>,
    /// Conversations that are on no loop.
    pub(crate) beside: Beside,
    /// Where those wait who have no connection.
    pub(crate) desk: Desk,
    /// Wakes the committer.
    pub(crate) commit: Notify,
    /// Changes with every commit that succeeded, for those who read what is stored.
    pub(crate) committed: watch::Sender<()>,
    /// Wakes whoever calls [`Core::advance`].
    pub(crate) due: Notify,
    /// Wakes whoever tells webhooks.
    pub(crate) sending: Notify,
    /// Wakes whoever tells Redis which streams are live.
    pub(crate) readiness: Notify,
    /// Wakes whoever tells viewers of pictures how the browsers are.
    pub(crate) browsers: Notify,
    last_connection: AtomicU64,
    last_request: AtomicU64,
    /// Until when some viewer that does read is far behind, in steady milliseconds.
    lagging_until: AtomicU64,
}

impl Hub {
    pub(crate) fn new(core: Core, clock: Clock, loops: usize) -> Self {
        Self {
            core: Mutex::new(core),
            clock,
            troubles: Troubles::default(),
            inboxes: (0..loops).map(|_| Arc::default()).collect(),
            watchers: Watchers::default(),
            listeners: Watchers::default(),
            beside: Beside::default(),
            desk: Desk::default(),
            commit: Notify::new(),
            committed: watch::Sender::new(()),
            due: Notify::new(),
            sending: Notify::new(),
            readiness: Notify::new(),
            browsers: Notify::new(),
            last_connection: AtomicU64::new(0),
            last_request: AtomicU64::new(0),
            lagging_until: AtomicU64::new(0),
        }
    }

    pub(crate) fn inbox(&self, index: usize) -> Arc<Inbox> {
        self.inboxes[index].clone()
    }

    /// A new connection's number; it names the loop that owns it.
    pub(crate) fn next_connection(&self, index: usize) -> ConnectionId {
        let count = self.last_connection.fetch_add(1, Ordering::Relaxed) + 1;
        ConnectionId(count << LOOP_BITS | index as u64)
    }

    /// A number for somebody who waits at the desk.
    pub(crate) fn desk_connection(&self) -> ConnectionId {
        let count = self.last_connection.fetch_add(1, Ordering::Relaxed) + 1;
        ConnectionId(count << LOOP_BITS | AT_DESK)
    }

    /// A plain request's number, for the log.
    pub(crate) fn next_request(&self) -> u64 {
        self.last_request.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Lets `change` act on the core, then wakes everybody it concerns.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Core, Moment) -> T) -> T {
        let now = self.clock.now();
        let mut core = self.core.lock();
        let (seen, due) = (core.fleet().next(), core.next_due());
        let (urgency, sending) = (core.wants_commit(), core.sending_version());
        let readiness = core.fleet().view().readiness_version();
        let browsers = core.browsers_version();
        let result = change(&mut core, now);
        let told = core.fleet().next() != seen;
        // Only a rise: who gathers output need not be woken by every record of it.
        let is_more_urgent = core.wants_commit() > urgency;
        let due_changed = core.next_due() != due;
        let sending_changed = core.sending_version() != sending;
        let readiness_changed = core.fleet().view().readiness_version() != readiness;
        let browsers_changed = core.browsers_version() != browsers;
        let workers = core.topics().take_changed();
        let heard = core.take_heard();
        let deliveries = core.take_deliveries();
        // Under the lock, so that two threads cannot hand over in the wrong order; and the facts before
        // the deliveries, so that no loop takes an answer without the facts it is about.
        if told {
            for inbox in &self.inboxes {
                inbox.fleet_changed.store(true, Ordering::Release);
            }
        }
        for (worker, first) in &workers {
            let tell = |index: usize| self.inboxes[index].worker_changed(worker, *first);
            self.watchers.each_loop(worker, tell);
        }
        for agent in &heard {
            self.listeners.each_loop(agent, |index| self.inboxes[index].agent_changed(agent));
            self.beside.heard(agent);
        }
        self.hand_over(deliveries);
        drop(core);
        if told {
            for inbox in &self.inboxes {
                inbox.wake.notify_one();
            }
        }
        if is_more_urgent {
            self.commit.notify_one();
        }
        if due_changed {
            self.due.notify_one();
        }
        if sending_changed {
            self.sending.notify_one();
        }
        if readiness_changed {
            self.readiness.notify_one();
        }
        if browsers_changed {
            self.browsers.notify_one();
        }
        result
    }

    /// Looks at the core without changing what anybody has to be woken for.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Core, Moment) -> T) -> T {
        let now = self.clock.now();
        look(&mut self.core.lock(), now)
    }

    fn hand_over(&self, deliveries: Vec<(ConnectionId, Delivery)>) {
        for (connection, delivery) in deliveries {
            if connection.0 & AT_DESK == AT_DESK {
                // Only connections of loops have links, so that there are no notices for the desk.
                if let Delivery::Answer(answer) = delivery {
                    self.desk.answer(connection, answer);
                }
            } else if let Some(inbox) = self.inbox_of(connection) {
                inbox.deliveries.lock().push((connection, delivery));
                inbox.wake.notify_one();
            }
        }
    }

    /// The inbox of the loop that owns a connection.
    fn inbox_of(&self, connection: ConnectionId) -> Option<&Arc<Inbox>> {
        let index = connection.0 & AT_DESK;
        usize::try_from(index).ok().and_then(|index| self.inboxes.get(index))
    }

    /// Tells connections, on whichever loop, that their credential was revoked.
    pub(crate) fn tell_revoked(&self, connections: &[ConnectionId]) {
        for connection in connections {
            if connection.0 & AT_DESK == AT_DESK {
                self.beside.revoke(*connection);
            } else if let Some(inbox) = self.inbox_of(*connection) {
                inbox.revoked.lock().push(*connection);
                inbox.wake.notify_one();
            }
        }
    }

    /// Tells a producer of pictures, on whichever loop, that somebody else took its place.
    pub(crate) fn tell_superseded(&self, connection: ConnectionId) {
        if let Some(inbox) = self.inbox_of(connection) {
            inbox.superseded.lock().push(connection);
            inbox.wake.notify_one();
        }
    }

    /// Tells a loop that a stream has something new for its viewers.
    pub(crate) fn tell_stream(&self, index: usize, stream: &Arc<Stream>) {
        if let Some(inbox) = self.inboxes.get(index) {
            inbox.streams.lock().push(stream.clone());
            inbox.streams_changed.store(true, Ordering::Release);
            inbox.wake.notify_one();
        }
    }

    /// A viewer that reads is far behind: agents are read at a bounded rate for a moment.
    pub(crate) fn note_lag(&self, until: Steady) {
        self.lagging_until.fetch_max(until.0, Ordering::Relaxed);
    }

    pub(crate) fn is_lagging(&self, now: Steady) -> bool {
        self.lagging_until.load(Ordering::Relaxed) > now.0
    }

    /// The event up to which every loop has served its viewers.
    pub(crate) fn flushed_by_all(&self) -> u64 {
        let flushed = self.inboxes.iter().map(|inbox| inbox.flushed.load(Ordering::Relaxed));
        flushed.min().unwrap_or(u64::MAX)
    }

    /// How many bytes of the terminal that is furthest behind wait for the turn of some loop.
    pub(crate) fn unserved_terminals(&self) -> usize {
        let mut most = 0;
        for inbox in &self.inboxes {
            if !inbox.workers_changed.load(Ordering::Acquire) {
                continue;
            }
            let waiting = inbox.workers.lock().clone();
            let bytes = |core: &mut Core, (worker, first)| {
                core.topics().bytes_since(&TopicKey::Worker(worker), first)
            };
            let of_loop =
                self.look(|core, _| waiting.into_iter().map(|entry| bytes(core, entry)).max());
            most = most.max(of_loop.unwrap_or(0));
        }
        most
    }
}
