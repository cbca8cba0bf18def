//! One client's side of the control plane: its token, its subscriptions, and what it hears.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use pilothouse_core::{
    Caller, CoreError, Published, Scope,
    ids::{AgentId, SessionId, TaskId},
    listening::{Standing, Subject},
    time::{Moment, Steady, Timestamp},
};

use super::{
    ears::{AllEars, Ears, Turn},
    messages::{
        Authenticate, ClientMessage, ConnectionStatus, ErrorCode, ErrorDetails, ErrorMessage,
        ServerMessage, Subscription, SubscriptionType, Unreadable, parse,
    },
    telling::Telling,
};
use crate::{Action, Actions, CloseCode, Conversation, Denied, Input, Settings};

/// The largest message, in bytes. What is larger, but not too large to be read, is answered with an error.
pub(super) const LARGEST: usize = 32 << 10;
/// How many subscriptions one connection may have.
const MOST_SUBSCRIPTIONS: usize = 200;
/// What is said of a connection that stands.
const CONNECTED: &str = "WebSocket connection established";

/// What carries the messages, where that makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    /// A WebSocket of its own.
    Socket,
    /// Events of Socket.IO: every message has an id, `PING` needs no token, unknown types have a code of their own.
    Events,
}

/// Whose token it is.
#[derive(Debug)]
struct Holder {
    user: Arc<str>,
    /// What a session's token opens.
    session: Option<SessionId>,
    agent: AgentId,
    expires_at: Option<Timestamp>,
}

/// What is waited for an answer to. All come at once, in the order in which they were asked.
#[derive(Debug)]
enum Asked {
    Authenticate {
        holder: Holder,
        message_id: Option<String>,
    },
    Subscribe {
        subscription: Subscription,
        subject: Subject,
        message_id: Option<String>,
    },
    /// Events were missed.
    Resume,
    /// The end of this task may have been missed.
    End,
}

/// The conversation.
pub(super) struct ControlPlane {
    carrier: Carrier,
    auth_timeout: Duration,
    authenticate_by: Steady,
    holder: Option<Holder>,
    /// What the token that is being verified came with.
    shown: Option<(Authenticate, Option<String>)>,
    asked: VecDeque<Asked>,
    ears: AllEars,
    telling: Telling,
    is_closed: bool,
}

impl Conversation for ControlPlane {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if !self.is_closed {
            Speaker { plane: self, now, actions }.take(input);
        }
    }
}

impl ControlPlane {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            carrier: Carrier::Socket,
            auth_timeout: settings.auth_timeout,
            authenticate_by: Steady(0),
            holder: None,
            shown: None,
            asked: VecDeque::new(),
            ears: AllEars::new(),
            telling: Telling::default(),
            is_closed: false,
        }
    }

    pub(super) fn in_events(settings: &Settings) -> Self {
        Self { carrier: Carrier::Events, ..Self::new(settings) }
    }
}

/// One input being handled.
struct Speaker<'a> {
    plane: &'a mut ControlPlane,
    now: Moment,
    actions: &'a mut Actions,
}

impl Speaker<'_> {
    fn take(&mut self, input: Input<'_>) {
        match input {
            Input::Opened(_) => self.open(),
            Input::Text(text) => self.read(text),
            Input::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.read(text),
                Err(_) => self.refuse(ErrorCode::InvalidJson, "messages are JSON text", None),
            },
            Input::Verified(verified) => self.verified(verified),
            Input::Listening(standing) => self.listening(standing),
            Input::Heard { agent, events } => self.heard(agent, events),
            Input::Missed(agent) => self.missed(agent),
            Input::Woke => self.end_overdue(),
            Input::Expired => {
                let error = "the token has expired; connect again with a newer one";
                self.refuse(ErrorCode::SessionExpired, error, None);
                self.close(CloseCode::Expired);
            }
            Input::Revoked => {
                self.error(ErrorMessage::revoked(), None);
                self.close(CloseCode::Revoked);
            }
            Input::Shutdown => self.close(CloseCode::GoingAway),
            Input::TooFast { dropped } => {
                let error =
                    format!("too many messages: {dropped} were thrown away; send fewer a second");
                self.refuse(ErrorCode::QueueOverflow, error, None);
            }
            // Nothing here asks the core, or watches.
            Input::Answer(_)
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Shown(_)
            | Input::Notice(_) => {}
        }
    }

    fn open(&mut self) {
        self.plane.authenticate_by = self.now.steady + self.plane.auth_timeout;
        self.actions.push(Action::WakeAt(self.plane.authenticate_by));
        if self.plane.carrier == Carrier::Events {
            self.greet("conn");
        }
    }

    fn greet(&mut self, kind: &str) {
        let (status, message) = ("connected".into(), CONNECTED.into());
        self.answer(
            ServerMessage::ConnectionStatus(ConnectionStatus { status, message }),
            kind,
            None,
        );
    }

    fn read(&mut self, text: &str) {
        if text.len() > LARGEST {
            let error = format!("the message is larger than {LARGEST} bytes");
            return self.refuse(ErrorCode::MessageTooLarge, error, None);
        }
        match parse(text) {
            Ok(said) => self.obey(said.message, said.message_id),
            Err(Unreadable::OfServer) => {}
            Err(Unreadable::NotJson(malformed)) => {
                self.refuse(ErrorCode::InvalidJson, malformed.to_string(), None);
            }
            Err(Unreadable::NotValid(malformed, message_id)) => {
                let error =
                    ErrorMessage::new(ErrorCode::SchemaValidationFailed, malformed.to_string());
                let details = malformed.field.as_deref().map(ErrorDetails::field);
                self.error(ErrorMessage { details, ..error }, message_id);
            }
            Err(Unreadable::UnknownType(unknown, message_id)) => {
                let code = match self.plane.carrier {
                    Carrier::Socket => ErrorCode::SchemaValidationFailed,
                    Carrier::Events => ErrorCode::UnknownMessageType,
                };
                let error = ErrorMessage::new(code, "type: is not a message of this protocol");
                let details =
                    ErrorDetails { message_type: Some(unknown), ..ErrorDetails::field("type") };
                self.error(error.with(details), message_id);
            }
        }
    }

    fn obey(&mut self, message: ClientMessage, message_id: Option<String>) {
        let is_known = self.plane.holder.is_some();
        match message {
            ClientMessage::Authenticate(shown) => self.authenticate(shown, message_id),
            ClientMessage::Ping {} if is_known || self.plane.carrier == Carrier::Events => {
                self.answer(ServerMessage::Pong {}, "pong", message_id);
            }
            ClientMessage::Subscribe(wanted) if is_known => self.subscribe(wanted, message_id),
            ClientMessage::Unsubscribe(wanted) if is_known => self.unsubscribe(wanted, message_id),
            ClientMessage::Ping {}
            | ClientMessage::Subscribe(_)
            | ClientMessage::Unsubscribe(_) => {
                let error = "send AUTHENTICATE with a token first";
                self.refuse(ErrorCode::AuthRequired, error, message_id);
            }
        }
    }

    fn authenticate(&mut self, shown: Authenticate, message_id: Option<String>) {
        if shown.session_token.is_empty() {
            let error = "sessionToken: is missing";
            return self.refuse(ErrorCode::MissingToken, error, message_id);
        }
        if shown.agent_id.is_empty() {
            return self.refuse(ErrorCode::MissingAgentId, "agentId: is missing", message_id);
        }
        let token = shown.session_token.clone();
        self.plane.shown = Some((shown, message_id));
        self.actions.push(Action::Verify(token));
    }

    /// The token itself is good, or not; whether it opens what was named is looked at next.
    fn verified(&mut self, verified: Result<Caller, Denied>) {
        let Some((shown, message_id)) = self.plane.shown.take() else { return };
        let caller = match verified {
            Ok(caller) => caller,
            Err(denied) => return self.refuse(ErrorCode::InvalidToken, denied.reason, message_id),
        };
        let agent = AgentId::new(&shown.agent_id).ok();
        let (subject, session, agent) = match (&caller.scope, agent) {
            (Scope::Session { session, agent: own }, Some(agent)) if *own == agent => {
                (Subject::Session(session.clone()), Some(session.clone()), agent)
            }
            (Scope::Person(_), Some(agent)) => (Subject::Agent(agent.clone()), None, agent),
            _ => {
                return self.disown(
                    ErrorCode::InvalidToken,
                    "the token is for another agent",
                    message_id,
                );
            }
        };
        let holder = Holder { user: caller.user, session, agent, expires_at: caller.expires_at };
        self.plane.asked.push_back(Asked::Authenticate { holder, message_id });
        self.actions.push(Action::Listen(subject));
    }

    /// A good token that opens nothing here. Whoever was known before is not any more.
    fn disown(&mut self, code: ErrorCode, error: &str, message_id: Option<String>) {
        self.leave_all();
        self.plane.holder = None;
        self.plane.authenticate_by = self.now.steady + self.plane.auth_timeout;
        self.actions.push(Action::WakeAt(self.plane.authenticate_by));
        self.actions.push(Action::Disown);
        self.refuse(code, error, message_id);
    }

    fn leave_all(&mut self) {
        for agent in std::mem::take(&mut self.plane.ears).into_keys() {
            self.actions.push(Action::Unlisten(agent));
        }
    }

    fn listening(&mut self, standing: Result<Standing, CoreError>) {
        match self.plane.asked.pop_front() {
            Some(Asked::Authenticate { holder, message_id }) => {
                self.authenticated(holder, standing.ok(), message_id);
            }
            Some(Asked::Subscribe { subscription, subject, message_id }) => {
                if let Ok(standing) = standing {
                    self.subscribed(subscription, &subject, &standing, message_id);
                } else {
                    let error = "there is no such subject, or it is not yours to see";
                    self.refuse(ErrorCode::SubscriptionDenied, error, message_id);
                }
            }
            Some(Asked::Resume) => match standing {
                Ok(standing) => self.resume(&standing),
                Err(_) => self.leave_all(),
            },
            Some(Asked::End) => {
                if let Ok(standing) = standing {
                    self.tell(&standing.agent, |ears, turn| {
                        standing.tasks.iter().for_each(|task| ears.catch_up(task, turn));
                    });
                }
            }
            None => {}
        }
    }

    fn authenticated(
        &mut self,
        holder: Holder,
        standing: Option<Standing>,
        message_id: Option<String>,
    ) {
        if standing.is_none() && holder.session.is_some() {
            let error = "the token's session is gone";
            return self.disown(ErrorCode::InvalidSession, error, message_id);
        }
        let known = self.plane.holder.as_ref();
        let is_refresh = known.is_some_and(|known| {
            known.user == holder.user
                && known.session == holder.session
                && known.agent == holder.agent
        });
        if known.is_some() && !is_refresh {
            // What another token opened is closed with it; the agent that was just looked at begins anew.
            let agent = holder.agent.clone();
            self.plane.ears.retain(|heard, _| {
                let stays = *heard == agent && standing.is_some();
                if !stays {
                    self.actions.push(Action::Unlisten(heard.clone()));
                }
                stays
            });
            self.plane.ears.values_mut().for_each(|ears| *ears = Ears::default());
        }
        if known.is_none() && self.plane.carrier == Carrier::Socket {
            self.greet("conn");
        }
        self.plane.holder = Some(holder);
        self.answer(ServerMessage::Authenticated {}, "auth", message_id);
        if let Some(standing) = standing {
            self.plane.ears.entry(standing.agent.clone()).or_default();
            let is_bound =
                self.plane.holder.as_ref().is_some_and(|holder| holder.session.is_some());
            self.tell(&standing.agent, |ears, turn| ears.own(&standing, is_bound, turn));
            if self.plane.ears.get(&standing.agent).is_some_and(Ears::is_deaf) {
                self.plane.ears.remove(&standing.agent);
                self.actions.push(Action::Unlisten(standing.agent));
            }
        }
    }

    fn subscribe(&mut self, wanted: Subscription, message_id: Option<String>) {
        let Some(subject) = subject(&wanted) else {
            let error = "there is no such subject, or it is not yours to see";
            return self.refuse(ErrorCode::SubscriptionDenied, error, message_id);
        };
        let ears = &self.plane.ears;
        let is_new = !ears.values().any(|ears| ears.has(&subject));
        if is_new && ears.values().map(Ears::count).sum::<usize>() >= MOST_SUBSCRIPTIONS {
            let error = format!("a connection has at most {MOST_SUBSCRIPTIONS} subscriptions");
            return self.refuse(ErrorCode::SubscriptionError, error, message_id);
        }
        let asked = Asked::Subscribe { subscription: wanted, subject: subject.clone(), message_id };
        self.plane.asked.push_back(asked);
        self.actions.push(Action::Listen(subject));
    }

    fn subscribed(
        &mut self,
        subscription: Subscription,
        subject: &Subject,
        standing: &Standing,
        message_id: Option<String>,
    ) {
        self.answer(ServerMessage::Subscribed(subscription), "sub", message_id);
        self.plane.ears.entry(standing.agent.clone()).or_default();
        self.tell(&standing.agent, |ears, turn| ears.subscribe(subject, standing, turn));
    }

    /// Also what was never subscribed to is not told any more.
    fn unsubscribe(&mut self, wanted: Subscription, message_id: Option<String>) {
        if let Some(subject) = subject(&wanted) {
            let actions = &mut *self.actions;
            self.plane.ears.retain(|agent, ears| {
                ears.unsubscribe(&subject);
                if ears.is_deaf() {
                    actions.push(Action::Unlisten(agent.clone()));
                }
                !ears.is_deaf()
            });
        }
        self.answer(ServerMessage::Unsubscribed(wanted), "unsub", message_id);
    }

    fn heard(&mut self, agent: &AgentId, events: &[Arc<Published>]) {
        self.tell(agent, |ears, turn| events.iter().for_each(|event| ears.hear(event, turn)));
    }

    fn missed(&mut self, agent: &AgentId) {
        if self.plane.ears.contains_key(agent) {
            self.plane.asked.push_back(Asked::Resume);
            self.actions.push(Action::Listen(Subject::Agent(agent.clone())));
        }
    }

    fn resume(&mut self, standing: &Standing) {
        let agent = &standing.agent;
        let Some(ears) = self.plane.ears.get(agent) else { return };
        let is_there = |id: &TaskId| standing.tasks.iter().any(|task| task.id() == *id);
        let ended: Vec<_> = ears.live().filter(|id| !is_there(id)).cloned().collect();
        self.tell(agent, |ears, turn| ears.resume(standing, turn));
        for task in ended {
            self.plane.asked.push_back(Asked::End);
            self.actions.push(Action::Listen(Subject::Task(task)));
        }
    }

    /// Lets an agent's ears tell something; all of it is told together.
    fn tell(&mut self, agent: &AgentId, say: impl FnOnce(&mut Ears, &mut Turn<'_>)) {
        let plane = &mut *self.plane;
        let expires_at = plane.holder.as_ref().and_then(|holder| holder.expires_at);
        let Some(ears) = plane.ears.get_mut(agent) else { return };
        let now = self.now.wall;
        say(ears, &mut Turn { telling: &mut plane.telling, now, expires_at });
        plane.telling.flush(now, self.actions);
    }

    fn end_overdue(&mut self) {
        if self.plane.holder.is_some() {
            return;
        }
        if self.plane.authenticate_by <= self.now.steady {
            let error = "no token came in time; send AUTHENTICATE with one";
            self.refuse(ErrorCode::AuthRequired, error, None);
            self.close(CloseCode::Policy);
        } else {
            self.actions.push(Action::WakeAt(self.plane.authenticate_by));
        }
    }

    fn refuse(&mut self, code: ErrorCode, error: impl Into<String>, message_id: Option<String>) {
        self.error(ErrorMessage::new(code, error), message_id);
    }

    /// Errors always have an id: that of the message, or one of ours.
    fn error(&mut self, error: ErrorMessage, message_id: Option<String>) {
        let kind = if self.plane.carrier == Carrier::Events { "err" } else { "error" };
        let own = || format!("{kind}-{}", self.now.wall.0);
        let message_id = message_id.or_else(|| Some(own()));
        let now = self.now.wall;
        self.plane.telling.say(ServerMessage::Error(error), message_id, now, self.actions);
    }

    /// An answer has the id of the message; over Socket.IO, where all have one, otherwise one of ours.
    fn answer(&mut self, message: ServerMessage, kind: &str, message_id: Option<String>) {
        let is_needed = self.plane.carrier == Carrier::Events;
        let own = || is_needed.then(|| format!("{kind}-{}", self.now.wall.0));
        let message_id = message_id.or_else(own);
        let now = self.now.wall;
        self.plane.telling.say(message, message_id, now, self.actions);
    }

    fn close(&mut self, code: CloseCode) {
        self.plane.is_closed = true;
        self.actions.push(Action::Close(code));
    }
}

/// What is meant, if it can be at all.
fn subject(wanted: &Subscription) -> Option<Subject> {
    let id = &wanted.target_id;
    match wanted.subscription_type {
        SubscriptionType::Task => TaskId::new(id).ok().map(Subject::Task),
        SubscriptionType::Session => SessionId::new(id).ok().map(Subject::Session),
        SubscriptionType::Agent => AgentId::new(id).ok().map(Subject::Agent),
    }
}
