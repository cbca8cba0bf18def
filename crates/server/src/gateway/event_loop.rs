//! One event loop: the connections of one core, and the turn in which all of them are served.
//!
//! Publishing only marks the fleet as changed. Once per turn each shape's new bytes are read from
//! the log and written to every viewer that is up to date, with one system call each.

use std::{
    cell::{Cell, RefCell, RefMut},
    collections::HashMap,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use pilothouse_core::{
    Caller, Role,
    agents::KeyHash,
    fanout::{Batch, Progress, Shape, TopicKey},
    ids::{AgentId, ConnectionId, WorkerId},
    keys::{Presented, Standing},
    ports::{AuditLog, CommandHistory, RunHistory, Search, Store},
    time::{Steady, Timestamp},
};
use pilothouse_protocols::Denied;
use tokio::sync::{Notify, Semaphore};

use super::{
    admission::Admission,
    connection::Connection,
    groups::{Group, Groups},
    listeners::Listeners,
    pasts::Pasts,
    pictures::{Galleries, Relay},
    refused::Refused,
    sockets::Sockets,
    timers::Timers,
    whence::Whence,
    writing::Sent,
};
use crate::{
    auth::{Authenticator, Claims, Reception},
    config::Config,
    descriptors::Exhaustion,
    hub::{Changes, Hub, Inbox},
    idempotency::{Fingerprints, Replies, UnderWay},
    kept_pictures::Keeper,
    readiness::Presence,
    revocations::Orders,
    socket_io::Front,
    telemetry::{Metrics, Refusals, Tally, Whom},
    tls::Certificate,
    ui::Shelf,
    upstream::Upstream,
};

/// The read buffer that all connections of a loop share.
const BUFFER: usize = 64 * 1024;

/// An alarm that comes so late says that the whole process stood still.
const LATE: Duration = Duration::from_secs(1);
/// How long sockets are read then before anything else is due.
const READ_FIRST: Duration = Duration::from_millis(250);

/// How many viewers' histories a loop reads from storage at once.
const READERS: usize = 16;

/// How often it is measured how late a loop is.
const LAG_EVERY: Duration = Duration::from_secs(1);

/// What every event loop needs, whichever core it is on.
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    /// For reading what is stored; writing is the committer's.
    pub(crate) store: Arc<dyn Store>,
    /// For finding in it.
    pub(crate) search: Arc<dyn Search>,
    /// For finding commands.
    pub(crate) history: Arc<dyn CommandHistory>,
    /// For finding runs with their steps.
    pub(crate) runs: Arc<dyn RunHistory>,
    /// For reading who did what.
    pub(crate) audit: Arc<dyn AuditLog>,
    /// What was answered to requests that may be sent again.
    pub(crate) replies: Arc<dyn Replies>,
    /// Which of them are being done.
    pub(crate) under_way: Arc<UnderWay>,
    /// What tells their bodies apart.
    pub(crate) fingerprints: Fingerprints,
    pub(crate) config: Config,
    pub(crate) protocols: pilothouse_protocols::Settings,
    pub(crate) authenticator: Authenticator,
    /// Where people sign in.
    pub(crate) reception: Reception,
    pub(crate) sockets: Sockets,
    /// Socket.IO, which shares the port.
    pub(crate) socket_io: Front,
    /// What viewers of terminals and of runs are told together.
    pub(crate) pasts: Pasts,
    /// Live pictures.
    pub(crate) relay: Relay,
    /// What is recorded of them.
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) revocations: Orders,
    pub(crate) metrics: Metrics,
    /// Where agents come from that have no link.
    pub(crate) upstream: Upstream,
    /// Whether Redis is told which browsers are ready.
    pub(crate) redis: Presence,
    pub(crate) admission: Arc<Admission>,
    pub(crate) exhaustion: Exhaustion,
    /// Whether and how TLS is spoken.
    pub(crate) certificate: Option<Arc<Certificate>>,
    /// The files of the page that people open.
    pub(crate) shelf: Shelf,
    /// Where loops that have stopped wait for the others.
    pub(crate) stopped_loops: tokio::sync::Barrier,
    pub(crate) shutdown: tokio::sync::watch::Receiver<bool>,
}

impl Shared {
    /// Who presents this, if it counts now.
    pub(crate) fn authenticate(&self, text: &str) -> Result<Claims, Denied> {
        let now = self.hub.clock.now().wall;
        let key_with = |hash: &KeyHash| self.hub.look(|core, _| core.presented_key(hash, now));
        let claims = self.authenticator.authenticate(text, key_with, now)?;
        self.check_people(&claims)?;
        self.note_key_use(&claims, now);
        Ok(claims)
    }

    /// Refuses credentials of people who are gone, or signed out.
    pub(crate) fn check_people(&self, claims: &Claims) -> Result<(), Denied> {
        self.hub.look(|core, _| claims.check(core.people()))
    }

    /// Whether they are of somebody who may do everything, by credential and account.
    pub(crate) fn is_administrator(&self, claims: &Claims) -> bool {
        let nowhere = Whence::new(Arc::default(), None);
        let caller = claims.caller(ConnectionId(0), &nowhere);
        let is_one = |caller: &Caller| caller.is_at_least(Role::Admin);
        self.hub.look(|core, _| core.effective(&caller).is_ok_and(|caller| is_one(&caller)))
    }

    /// Keeps when a key was last used, at most once a minute.
    fn note_key_use(&self, claims: &Claims, now: Timestamp) {
        let hash = KeyHash(*claims.credential.bytes());
        if !claims.is_key() {
            return;
        }
        let news = self.hub.look(|core, _| {
            let key = core.presented_key(&hash, now)?.key.id.clone();
            core.is_use_news(&key, now).then_some(key)
        });
        if let Some(key) = news {
            self.hub.with(|core, now| core.note_key_use(&key, now));
        }
    }

    /// Refuses a key that was revoked since it was looked at.
    pub(crate) fn check_key(&self, claims: &Claims) -> Result<(), Denied> {
        if !claims.is_key() {
            return Ok(());
        }
        let hash = KeyHash(*claims.credential.bytes());
        let now = self.hub.clock.now().wall;
        let presented = self.hub.look(|core, _| core.presented_key(&hash, now));
        match presented {
            Some(Presented { standing: Standing::Counts, .. }) => Ok(()),
            _ => Err(Denied { reason: "the agent's key was revoked" }),
        }
    }
}

/// The state of one loop; lives on its thread and has no locks.
pub(crate) struct EventLoop {
    pub(crate) shared: Arc<Shared>,
    pub(crate) index: usize,
    pub(crate) inbox: Arc<Inbox>,
    /// What this loop counts.
    pub(crate) tally: Arc<Tally>,
    refusals: Refusals,
    /// Answers plain HTTP.
    pub(crate) router: axum::Router,
    pub(crate) buffer: RefCell<Box<[u8]>>,
    connections: RefCell<HashMap<ConnectionId, Rc<Connection>>>,
    groups: RefCell<Groups>,
    /// Who sees which pictures.
    pub(super) galleries: RefCell<Galleries>,
    /// Who listens to which agent.
    listeners: RefCell<Listeners>,
    /// How many histories are read at once; bounds the memory of a thousand viewers that come back together.
    pub(crate) readers: Semaphore,
    timers: RefCell<Timers>,
    timers_changed: Notify,
    /// Wakes whoever waits for the last connection to go.
    emptied: Notify,
    is_stopping: Cell<bool>,
}

impl EventLoop {
    pub(crate) fn new(shared: Arc<Shared>, index: usize, router: axum::Router) -> Rc<Self> {
        let inbox = shared.hub.inbox(index);
        inbox.flushed.store(u64::MAX, Ordering::Relaxed);
        let tally = shared.metrics.tally(index);
        Rc::new(Self {
            shared,
            tally,
            refusals: Refusals::default(),
            index,
            inbox,
            router,
            buffer: RefCell::new(vec![0; BUFFER].into_boxed_slice()),
            connections: RefCell::default(),
            groups: RefCell::default(),
            galleries: RefCell::default(),
            listeners: RefCell::default(),
            readers: Semaphore::new(READERS),
            timers: RefCell::default(),
            timers_changed: Notify::new(),
            emptied: Notify::new(),
            is_stopping: Cell::new(false),
        })
    }

    pub(crate) fn now(&self) -> Steady {
        self.shared.hub.clock.now().steady
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// Counts and logs a refusal. `peer` is the socket's other end.
    pub(crate) fn refused(&self, refused: &Refused, peer: Option<IpAddr>) {
        self.tally.refused(refused.cause);
        let address = refused.address.or(peer);
        self.refusals.note(*refused, Whom { address, route: refused.route }, self.now());
    }

    pub(crate) fn add(&self, connection: &Rc<Connection>) {
        self.connections.borrow_mut().insert(connection.id, connection.clone());
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.connections.borrow().is_empty()
    }

    /// Whether some peer's socket is full.
    #[cfg(test)]
    pub(super) fn is_blocked(&self) -> bool {
        self.connections.borrow().values().any(|peer| peer.state.borrow().outbound.is_blocked)
    }

    pub(crate) fn remove(&self, connection: &Connection) {
        let mut connections = self.connections.borrow_mut();
        connections.remove(&connection.id);
        if connections.is_empty() {
            self.emptied.notify_one();
        }
    }

    /// Serves deliveries and the logs of topics, once per turn.
    pub(crate) async fn run_turns(self: Rc<Self>) {
        loop {
            let (deliveries, changes) = self.inbox.next().await;
            // Facts first: whoever is answered has then been told what the answer is about.
            self.flush(changes);
            for (id, delivery) in deliveries {
                let connection = self.connections.borrow().get(&id).cloned();
                if let Some(connection) = connection {
                    contain(&connection, || connection.deliver(&self, delivery));
                }
            }
            for id in self.inbox.take_revoked() {
                let connection = self.connections.borrow().get(&id).cloned();
                if let Some(connection) = connection {
                    contain(&connection, || connection.revoke(&self));
                }
            }
            for id in self.inbox.take_superseded() {
                let connection = self.connections.borrow().get(&id).cloned();
                if let Some(connection) = connection {
                    contain(&connection, || connection.supersede(&self));
                }
            }
            self.flush(self.inbox.take_changes());
            // Pictures last: they are large, and whoever waits for them can wait for a turn.
            self.flush_pictures();
        }
    }

    /// Wakes connections whose alarm has come.
    pub(crate) async fn run_timers(self: Rc<Self>) {
        loop {
            let earliest = self.timers.borrow().earliest();
            let changed = self.timers_changed.notified();
            if let Some(at) = earliest {
                let at = at + Duration::from_millis(1);
                tokio::select! {
                    () = changed => {}
                    () = self.shared.hub.clock.sleep_until(at) => {}
                }
            } else {
                changed.await;
            }
            if earliest.is_some_and(|at| self.now() > at + LATE) {
                // We did not run for a while. What peers said meanwhile lies in their sockets, and nobody
                // is taken for silent before that is read.
                tokio::time::sleep(READ_FIRST).await;
            }
            let now = self.now();
            while let Some(id) = { self.timers.borrow_mut().pop_due(now) } {
                let connection = self.connections.borrow().get(&id).cloned();
                if let Some(connection) = connection {
                    contain(&connection, || connection.alarm(&self));
                }
            }
        }
    }

    pub(crate) fn set_alarm(&self, id: ConnectionId, old: Option<Steady>, new: Option<Steady>) {
        if old != new && self.timers.borrow_mut().set(id, old, new) {
            self.timers_changed.notify_one();
        }
    }

    /// Adds a viewer that has just got its snapshot.
    pub(crate) fn join(&self, connection: &Rc<Connection>, place: (&TopicKey, Shape), cursor: u64) {
        self.groups.borrow_mut().join(connection, place, cursor);
    }

    pub(crate) fn leave(&self, connection: &Connection, topic: &TopicKey, shape: Shape) {
        let mut groups = self.groups.borrow_mut();
        groups.leave(connection, topic, shape);
        if groups.fleet.is_empty() {
            self.inbox.flushed.store(u64::MAX, Ordering::Relaxed);
        }
    }

    fn flush(self: &Rc<Self>, changes: Changes) {
        if changes.fleet {
            self.flush_fleet();
        }
        for worker in changes.workers.into_keys() {
            self.flush_worker(worker);
        }
        for agent in changes.agents {
            self.let_hear(&agent);
        }
    }

    /// Writes what is new in the fleet to every viewer of this loop.
    pub(crate) fn flush_fleet(self: &Rc<Self>) {
        // Joining and leaving happen between turns, never inside this call: writing does not call back.
        let mut broken = Vec::new();
        let mut flushed = u64::MAX;
        for group in &mut self.groups.borrow_mut().fleet {
            self.flush_group(&TopicKey::Fleet, group, &mut broken);
            flushed = flushed.min(group.cursor);
        }
        self.inbox.flushed.store(flushed, Ordering::Relaxed);
        for connection in broken {
            connection.end();
        }
    }

    fn flush_worker(self: &Rc<Self>, worker: WorkerId) {
        let mut broken = Vec::new();
        if let Some(groups) = self.groups.borrow_mut().worker(&worker) {
            let topic = TopicKey::Worker(worker);
            for group in groups {
                self.flush_group(&topic, group, &mut broken);
            }
        }
        for connection in broken {
            connection.end();
        }
    }

    /// Lets everybody hear who listens to that agent.
    fn let_hear(self: &Rc<Self>, agent: &AgentId) {
        let listeners = self.listeners.borrow().of(agent);
        for connection in listeners {
            contain(&connection, || connection.hear(self, agent));
        }
    }

    pub(super) fn listeners(&self) -> RefMut<'_, Listeners> {
        self.listeners.borrow_mut()
    }

    fn flush_group(
        self: &Rc<Self>,
        topic: &TopicKey,
        group: &mut Group,
        broken: &mut Vec<Rc<Connection>>,
    ) {
        let hub = &self.shared.hub;
        let progress =
            hub.look(|core, now| core.topics().read(topic, group.shape, group.cursor, now.wall));
        group.cursor = match progress {
            Progress::Events(batch) => {
                let from = std::mem::replace(&mut group.cursor, batch.next);
                return self.write_group(group, from, &batch, broken);
            }
            Progress::Resynced { cursor, .. } => cursor,
            Progress::FellOff => hub.look(|core, _| core.topics().next(topic)),
            Progress::Gone => return,
        };
        for viewer in &group.viewers {
            viewer.catch_up(self, broken);
        }
    }

    fn write_group(
        self: &Rc<Self>,
        group: &Group,
        from: u64,
        batch: &Batch,
        broken: &mut Vec<Rc<Connection>>,
    ) {
        if batch.is_empty() && batch.next == from {
            return;
        }
        // All viewers of a shape came in by the same door, so they are counted together.
        let Some(first) = group.viewers.first() else { return };
        let mut sent = Sent::default();
        for viewer in &group.viewers {
            match viewer.take_batch(self, from, batch) {
                Ok(taken) => sent += taken,
                Err(_) => broken.push(viewer.clone()),
            }
        }
        let tally = self.tally.door(first.door_place());
        tally.bytes_out.add(sent.bytes);
        tally.messages_out.add(sent.messages);
    }

    /// Measures how late this loop is when something is due.
    pub(crate) async fn run_clock(self: Rc<Self>) {
        loop {
            let due = tokio::time::Instant::now() + LAG_EVERY;
            tokio::time::sleep_until(due).await;
            self.tally.lag.observe(due.elapsed());
            self.refusals.flush(self.now());
        }
    }

    /// Tells every connection that the server stops, and waits until they are gone.
    pub(crate) async fn stop(self: &Rc<Self>, deadline: tokio::time::Instant) {
        self.is_stopping.set(true);
        let all: Vec<_> = self.connections.borrow().values().cloned().collect();
        for (place, connection) in all.iter().enumerate() {
            contain(connection, || connection.shut_down(self));
            // Peers come back at once: spread them.
            if place % 64 == 63 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        drop(all);
        // Nobody is sent events any more, and leaving one by one would search these lists each time.
        self.groups.borrow_mut().clear();
        self.galleries.borrow_mut().clear();
        self.inbox.flushed.store(u64::MAX, Ordering::Relaxed);
        let emptied = async {
            while !self.connections.borrow().is_empty() {
                self.emptied.notified().await;
            }
        };
        let _ = tokio::time::timeout_at(deadline, emptied).await;
        self.refusals.finish();
    }
}

/// A panic in one connection's turn closes that connection and nothing else.
pub(super) fn contain(connection: &Rc<Connection>, act: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(act)).is_err() {
        tracing::error!(connection = connection.id.0, "a connection panicked and is closed");
        connection.end();
    }
}
