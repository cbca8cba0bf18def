//! One Socket.IO socket: events in, the control plane's conversation, events out.

mod hearing;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pilothouse_core::{
    Caller, Role, Scope,
    ids::{AgentId, ConnectionId, SessionId},
    listening::{Cursors, Subject},
    time::Steady,
};
use pilothouse_protocols::{
    Action, Actions, CloseCode, Conversation, Denied, Input, Opening,
    control_and_stream::{Automation, DOOR, SideEvent, open_in_events},
    conversation::is_expired,
};
use serde_json::Value;
use socketioxide::{
    SendError, SocketError,
    extract::{Event, SocketRef, TryData},
};
use tokio::sync::mpsc;

use crate::{
    auth::Claims,
    beside::Bell,
    gateway::{Shared, Whence},
    http::Peer as Address,
    socket_io::DOOR_NAME,
};

/// The event that carries the conversation.
const MESSAGE: &str = "message";
/// How many messages of a peer wait; those beyond are thrown away, and it is told.
const MOST_INCOMING: usize = 50;
/// How often it is told that.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// How many events are heard at once.
const MOST_HEARD: usize = 64;
/// How soon it is tried again to tell a peer something that had no room.
const RETRY: Duration = Duration::from_millis(50);
/// How long the last words to a peer may wait for room.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a peer said.
struct Said {
    event: String,
    data: Option<Value>,
}

/// One socket.
struct Peer {
    shared: Arc<Shared>,
    id: ConnectionId,
    socket: SocketRef,
    bell: Arc<Bell>,
    whence: Whence,
    conversation: Box<dyn Conversation>,
    caller: Option<Caller>,
    is_expiry_told: bool,
    is_revocation_told: bool,
    cursors: Cursors,
    /// Agents that the conversation listens to; the others are listened to for the rooms.
    subscribed: BTreeSet<AgentId>,
    automation: Automation,
    /// What it is still to be told. Nothing more is heard or read while something waits, so that it stays short.
    waiting: VecDeque<SideEvent>,
    wake_at: Option<Steady>,
    /// Set when it is over: until when the last words may take.
    leave_by: Option<Steady>,
    ends_namespace: bool,
    dropped: Arc<AtomicU64>,
    told_dropped: Steady,
}

/// Begins with a socket; the rest happens in a task of its own.
pub(super) fn begin(shared: Arc<Shared>, socket: SocketRef) {
    let (parts, id) = (socket.req_parts(), shared.hub.desk_connection());
    let address = parts.extensions.get::<Address>().map(|address| address.0.clone());
    let program = parts.headers.get("user-agent").and_then(|name| name.to_str().ok());
    let whence = Whence::new(address.unwrap_or_default(), program);
    let bell = shared.hub.beside.enter(id);
    let (said, heard) = mpsc::channel(MOST_INCOMING);
    let dropped = Arc::<AtomicU64>::default();
    let too_many = dropped.clone();
    // Done before the future is made, so that events stay in their order.
    socket.on_fallback(move |Event(event): Event, TryData(data): TryData<Value>| {
        if said.try_send(Said { event, data: data.ok() }).is_err() {
            too_many.fetch_add(1, Ordering::Relaxed);
        }
        std::future::ready(())
    });
    let gone = bell.clone();
    socket.on_disconnect(move || {
        gone.end();
        std::future::ready(())
    });
    let conversation = open_in_events(&shared.protocols);
    let peer = Peer {
        shared,
        id,
        socket,
        bell,
        whence,
        conversation,
        caller: None,
        is_expiry_told: false,
        is_revocation_told: false,
        cursors: Cursors::default(),
        subscribed: BTreeSet::new(),
        automation: Automation::default(),
        waiting: VecDeque::new(),
        wake_at: None,
        leave_by: None,
        ends_namespace: false,
        dropped,
        told_dropped: Steady(0),
    };
    tokio::spawn(peer.run(heard));
}

impl Peer {
    async fn run(mut self, mut heard: mpsc::Receiver<Said>) {
        self.shared.metrics.beside.opened.add_one();
        self.side(Automation::greeting());
        let opening = Opening {
            connection: self.id,
            caller: None,
            parameters: Vec::new(),
            query: Vec::new(),
            subprotocol: None,
            denied: None,
        };
        self.handle(Input::Opened(&opening));
        let (clock, bell) = (self.shared.hub.clock.clone(), self.bell.clone());
        loop {
            self.flush();
            self.hear_all();
            if self.is_over() {
                break;
            }
            let is_free = self.waiting.is_empty() && self.leave_by.is_none();
            let alarm = self.next_alarm();
            tokio::select! {
                () = bell.rung() => {}
                said = heard.recv(), if is_free => match said {
                    Some(said) => self.take(said).await,
                    None => break,
                },
                () = clock.sleep_until(alarm) => {}
                () = tokio::time::sleep(RETRY), if !self.waiting.is_empty() => {}
            }
            self.look_at_clock();
        }
    }

    /// Takes one event of the peer.
    async fn take(&mut self, said: Said) {
        self.shared.metrics.beside.messages_in.add_one();
        match (said.event.as_str(), said.data) {
            (MESSAGE, Some(Value::String(text))) => self.handle(Input::Text(&text)),
            (MESSAGE, data) => {
                let text = data.unwrap_or_default().to_string();
                self.handle(Input::Text(&text));
            }
            ("join", data) => self.join(room(data.as_ref()).as_ref()),
            ("leave", data) => {
                if let Some(session) = room(data.as_ref()) {
                    self.leave_room(&session);
                }
            }
            ("automation:session:start", data) => {
                self.relay("automation:start", data.unwrap_or_default(), true).await;
            }
            ("automation:session:stop", data) => {
                self.relay("automation:stop", data.unwrap_or_default(), true).await;
            }
            ("automation:result", data) => {
                let at = self.shared.hub.clock.now().wall.0;
                let result = data.unwrap_or_default();
                let update =
                    serde_json::json!({"type": "result", "result": result, "timestamp": at});
                self.relay("automation:update", update, false).await;
            }
            // What we do not know may be of a later client.
            _ => {}
        }
    }

    /// Joins a session's room: what becomes of its work is told from now on.
    fn join(&mut self, session: Option<&SessionId>) {
        let joined = session.filter(|_| self.automation.has_room()).and_then(|session| {
            let subject = Subject::Session(session.clone());
            Some((session, self.listen(&subject)?.ok()?))
        });
        match joined {
            Some((session, standing)) => {
                self.socket.join(format!("session:{session}"));
                self.automation.join(session.clone(), &standing);
            }
            None => self.refuse(),
        }
    }

    fn leave_room(&mut self, session: &SessionId) {
        self.socket.leave(format!("session:{session}"));
        self.automation.leave(session);
        self.unlisten_unheard();
    }

    /// Passes something on to the others in the rooms of this socket's sessions, and only to those. Who may change
    /// nothing passes nothing on.
    async fn relay(&mut self, event: &'static str, payload: Value, echoes: bool) {
        let may = match self.caller.as_ref().map(|caller| &caller.scope) {
            Some(Scope::Person(role)) => *role >= Role::Operator,
            Some(Scope::Session { .. }) => true,
            _ => false,
        };
        let named = payload.get("sessionId").and_then(Value::as_str).map(String::from);
        let is_meant =
            |session: &&SessionId| named.as_deref().is_none_or(|named| named == session.as_str());
        let rooms: Vec<String> = self
            .automation
            .sessions()
            .filter(is_meant)
            .map(|session| format!("session:{session}"))
            .collect();
        if !may || rooms.is_empty() {
            return self.refuse();
        }
        if echoes {
            self.side(SideEvent { name: event, payload: payload.clone(), is_passing: false });
        }
        if let Err(error) = self.socket.to(rooms).emit(event, &payload).await {
            tracing::debug!(%error, "not everybody in a room was told");
        }
    }

    fn refuse(&mut self) {
        let now = self.shared.hub.clock.now().wall;
        self.side(Automation::refusal(now));
    }

    fn handle(&mut self, input: Input<'_>) {
        let now = self.shared.hub.clock.now();
        let mut actions = Actions::new();
        self.conversation.handle(input, now, &mut actions);
        for action in actions {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send { payload, .. } => {
                let payload = serde_json::from_slice(&payload).unwrap_or_default();
                self.side(SideEvent { name: MESSAGE, payload, is_passing: false });
            }
            Action::Verify(token) => {
                let verified = self.verify(&token);
                if let Ok(caller) = &verified {
                    self.caller = Some(caller.clone());
                    self.is_expiry_told = false;
                }
                self.handle(Input::Verified(verified));
            }
            Action::Listen(subject) => {
                let Some(standing) = self.listen(&subject) else { return self.end() };
                if let Ok(standing) = &standing {
                    self.subscribed.insert(standing.agent.clone());
                }
                self.handle(Input::Listening(standing));
            }
            Action::Unlisten(agent) => {
                self.subscribed.remove(&agent);
                self.unlisten_unheard();
            }
            Action::Disown => self.disown(),
            Action::WakeAt(at) => self.wake_at = Some(at),
            Action::Close(code) => {
                self.ends_namespace = code != CloseCode::GoingAway;
                self.end();
            }
            // The conversation asks and watches nothing.
            Action::Ask(_)
            | Action::Recall(_)
            | Action::Report(..)
            | Action::Watch(_)
            | Action::Attach(_)
            | Action::ReadLog(_)
            | Action::ReadStep(_)
            | Action::Claim(_)
            | Action::Showing(_)
            | Action::Steer(..)
            | Action::Touch(..) => {}
        }
    }

    fn verify(&mut self, token: &str) -> Result<Caller, Denied> {
        let claims = self.shared.authenticate(token)?;
        let caller = claims.caller(self.id, &self.whence);
        if !(DOOR.admits)(&caller.scope) {
            return Err(Denied { reason: "the token is for another purpose" });
        }
        if self.caller.as_ref().is_some_and(|known| known.user != caller.user) {
            return Err(Denied { reason: "the token belongs to another user" });
        }
        self.hold(&claims)?;
        Ok(caller)
    }

    /// Notes whose socket it is, so that a revocation finds it.
    fn hold(&self, claims: &Claims) -> Result<(), Denied> {
        let shared = &self.shared;
        shared.sockets.hold((self.id, DOOR_NAME), claims, &shared.authenticator.revoked)?;
        // Afterwards, since whoever removes somebody looks for their sockets last.
        shared.check_people(claims)?;
        shared.check_key(claims)
    }

    /// The token opens nothing here: neither do the rooms that an earlier one opened.
    fn disown(&mut self) {
        self.shared.sockets.release(self.id);
        self.caller = None;
        self.leave_all_rooms();
    }

    fn leave_all_rooms(&mut self) {
        let sessions: Vec<_> = self.automation.sessions().cloned().collect();
        for session in &sessions {
            self.leave_room(session);
        }
    }

    fn side(&mut self, event: SideEvent) {
        if !event.is_passing {
            self.waiting.push_back(event);
        } else if self.waiting.is_empty() {
            // A newer one takes its place if the peer is slow.
            if self.socket.volatile().emit(event.name, &event.payload).is_ok() {
                self.shared.metrics.beside.messages_out.add_one();
            }
        }
    }

    /// Says what waits, as far as there is room.
    fn flush(&mut self) {
        while let Some(first) = self.waiting.front() {
            match self.socket.emit(first.name, &first.payload) {
                Err(SendError::Socket(SocketError::InternalChannelFull)) => return,
                Err(SendError::Socket(SocketError::Closed)) => return self.bell.end(),
                Ok(()) => self.shared.metrics.beside.messages_out.add_one(),
                Err(SendError::Serialize(_)) => {}
            }
            self.waiting.pop_front();
        }
    }

    fn end(&mut self) {
        let now = self.shared.hub.clock.now().steady;
        self.leave_by.get_or_insert(now + LAST_WORDS);
        self.shared.sockets.release(self.id);
        self.leave_all_rooms();
    }

    /// Whether everything is said, or nobody listens any more.
    fn is_over(&mut self) -> bool {
        if self.bell.is_gone() || !self.socket.connected() {
            return true;
        }
        let Some(by) = self.leave_by else { return false };
        let is_late = by <= self.shared.hub.clock.now().steady;
        let is_said = self.waiting.is_empty();
        if (is_said || is_late) && self.ends_namespace {
            // Full means that it is tried again; a client that reads nothing is dropped by its missing pongs.
            return self.socket.clone().disconnect().is_ok() || is_late;
        }
        is_said || is_late
    }

    fn next_alarm(&self) -> Steady {
        let now = self.shared.hub.clock.now().steady;
        let check = now + self.shared.config.expiry_check;
        let tell =
            (self.dropped.load(Ordering::Relaxed) > 0).then(|| self.told_dropped + TOLD_EVERY);
        let alarms = [self.wake_at, self.leave_by, tell];
        alarms.into_iter().flatten().fold(check, Steady::min)
    }

    /// Does what is due.
    fn look_at_clock(&mut self) {
        let now = self.shared.hub.clock.now();
        if self.leave_by.is_some() {
            return;
        }
        if *self.shared.shutdown.borrow() {
            return self.handle(Input::Shutdown);
        }
        if self.bell.is_revoked() && !self.is_revocation_told {
            self.is_revocation_told = true;
            return self.handle(Input::Revoked);
        }
        if self.wake_at.is_some_and(|at| at <= now.steady) {
            self.wake_at = None;
            self.handle(Input::Woke);
        }
        let is_expired = self.caller.as_ref().is_some_and(|caller| is_expired(caller, now.wall));
        if is_expired && !self.is_expiry_told {
            self.is_expiry_told = true;
            self.handle(Input::Expired);
        }
        if self.told_dropped + TOLD_EVERY <= now.steady {
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                self.told_dropped = now.steady;
                self.handle(Input::TooFast { dropped });
            }
        }
    }
}

impl Drop for Peer {
    /// Also after a panic: nothing of it stays.
    fn drop(&mut self) {
        let agents: Vec<_> = self.cursors.agents().cloned().collect();
        for agent in &agents {
            self.unlisten(agent);
        }
        self.shared.sockets.release(self.id);
        self.shared.hub.beside.leave(self.id);
    }
}

/// The session of `{room: "session:ID"}`.
fn room(data: Option<&Value>) -> Option<SessionId> {
    Automation::session_of(data?.get("room")?.as_str()?)
}
