//! One dashboard's side of the protocol: its token, its requests, its heartbeat.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{
    Caller, CoreError, Notice, Reply, Request, commands,
    fanout::MessageKind,
    ids::{AgentId, CommandId, ConnectionId},
    time::{Moment, Steady},
};

use super::{
    encode::{FLEET, FLEET_WITH_ATTENTION, page, status, write},
    messages::{
        ClientMessage, CommandInterrupt, CommandRequest, ConnectionAck, ErrorCode, ErrorMessage,
        Malformed, OutputResume, Priority, ServerMessage, TokenRefreshed, VERSION, parse,
    },
};
use crate::{
    Action, Actions, CloseCode, Conversation, Denied, Input, Recall, Recalled, Settings,
    rate::Bucket,
};

/// What `commands.per_minute` counts in.
const MINUTE: Duration = Duration::from_secs(60);

/// How often a client that is too fast is told so.
const TOO_FAST_INTERVAL: Duration = Duration::from_secs(1);

/// What is told to a client whose token does not count any more.
const EXPIRED: &str = "the token has expired; send token:refresh with a newer one";

/// Who waits for an answer to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// `dashboard:connect`
    Connect,
    /// `token:refresh`
    Refresh,
}

/// The conversation.
pub(super) struct Dashboard {
    heartbeat_timeout: Duration,
    auth_timeout: Duration,
    expiry_grace: Duration,
    commands_per_minute: u32,
    connection: ConnectionId,
    /// Whether it is told what waits for a person.
    wants_attention: bool,
    /// Nobody until a token was good.
    user: Option<Arc<str>>,
    is_closed: bool,
    /// The token being verified. There is at most one: the next message waits for the answer.
    shown: Option<Shown>,
    /// The `requestId` of what the core was asked last, for the same reason only one.
    request_id: Option<String>,
    commands: Bucket,
    last_heard: Steady,
    /// When a token has to be there, while there is none.
    authenticate_by: Steady,
    /// When to close, since the token has expired.
    refresh_by: Option<Steady>,
    dropped: u64,
    told_too_fast: Option<Steady>,
    wakes_at: Option<Steady>,
}

impl Conversation for Dashboard {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        let mut turn = Turn { dashboard: self, now, actions };
        turn.take(input);
        turn.arm();
    }
}

impl Dashboard {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            heartbeat_timeout: settings.heartbeat_timeout,
            auth_timeout: settings.auth_timeout,
            expiry_grace: settings.expiry_grace,
            commands_per_minute: settings.commands_per_minute,
            connection: ConnectionId(0),
            wants_attention: false,
            user: None,
            is_closed: false,
            shown: None,
            request_id: None,
            commands: Bucket::new(settings.commands_per_minute, MINUTE, Steady(0)),
            last_heard: Steady(0),
            authenticate_by: Steady(0),
            refresh_by: None,
            dropped: 0,
            told_too_fast: None,
            wakes_at: None,
        }
    }
}

/// One input being handled.
struct Turn<'a> {
    dashboard: &'a mut Dashboard,
    now: Moment,
    actions: &'a mut Actions,
}

impl Turn<'_> {
    fn take(&mut self, input: Input<'_>) {
        if matches!(input, Input::Text(_) | Input::Binary(_) | Input::TooFast { .. }) {
            self.dashboard.last_heard = self.now.steady;
        }
        match input {
            Input::Opened(opening) => {
                self.dashboard.connection = opening.connection;
                let wants = |(name, value): &(String, String)| name == "attention" && value == "1";
                self.dashboard.wants_attention = opening.query.iter().any(wants);
                self.dashboard.last_heard = self.now.steady;
                self.dashboard.authenticate_by = self.now.steady + self.dashboard.auth_timeout;
                if let Some(caller) = &opening.caller {
                    self.welcome(caller);
                }
            }
            Input::Text(text) => match parse(text) {
                Ok(message) if self.dashboard.user.is_some() => self.obey(message),
                Ok(ClientMessage::Connect(connect)) => self.verify(connect.token, Shown::Connect),
                Ok(_) => self.reject_first(),
                Err(malformed) => self.misread(malformed),
            },
            Input::Binary(_) => {
                self.refuse(ErrorMessage::recoverable(
                    ErrorCode::InvalidMessage,
                    "messages are JSON text, not binary",
                ));
            }
            Input::TooFast { dropped } => {
                self.dashboard.dropped = self.dashboard.dropped.saturating_add(dropped);
                self.tell_too_fast();
            }
            Input::Verified(verified) => self.verified(verified),
            Input::Answer(answer) => self.answer(answer),
            Input::Recalled(recalled) => self.recalled(recalled),
            // Nothing here watches terminals or pictures, or listens to one agent.
            Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Shown(_)
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_) => {}
            Input::Notice(notice) => self.notice(notice),
            Input::Woke => {
                self.dashboard.wakes_at = None;
                self.tell_too_fast();
                self.end_overdue();
            }
            Input::Expired => {
                self.refuse(ErrorMessage::fatal(ErrorCode::AuthFailed, EXPIRED));
                self.dashboard.refresh_by = Some(self.now.steady + self.dashboard.expiry_grace);
            }
            Input::Revoked => self.deny("the token was revoked"),
            Input::Shutdown => self.close(CloseCode::GoingAway),
        }
    }

    /// A message of somebody whose token was good.
    fn obey(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Connect(connect) => self.verify(connect.token, Shown::Connect),
            ClientMessage::TokenRefresh(refresh) => self.verify(refresh.token, Shown::Refresh),
            ClientMessage::Heartbeat(heartbeat) => self.say(ServerMessage::Heartbeat(heartbeat)),
            ClientMessage::CommandRequest(request) => {
                if self.may_ask(request.request_id.as_deref()) {
                    self.request(request);
                }
            }
            ClientMessage::CommandInterrupt(interrupt) => {
                if self.may_ask(interrupt.request_id.as_deref()) {
                    self.interrupt(interrupt);
                }
            }
            ClientMessage::OutputResume(resume) => {
                if self.may_ask(resume.request_id.as_deref()) {
                    self.recall(resume);
                }
            }
        }
    }

    /// Whether the token still counts; between its expiry and the close only a refresh is heard.
    fn may_ask(&mut self, request_id: Option<&str>) -> bool {
        if self.dashboard.refresh_by.is_some() {
            let error = ErrorMessage::fatal(ErrorCode::AuthFailed, EXPIRED);
            self.refuse(error.about(request_id));
        }
        self.dashboard.refresh_by.is_none()
    }

    fn request(&mut self, request: CommandRequest) {
        let request_id = request.request_id;
        if let Err(wait) = self.dashboard.commands.take(self.now.steady) {
            let error = ErrorMessage::too_many_commands(self.dashboard.commands_per_minute, wait);
            return self.refuse(error.about(request_id.as_deref()));
        }
        let Ok(agent) = AgentId::new(&request.agent_id) else {
            let error = ErrorMessage::agent_not_found(&request.agent_id);
            return self.refuse(error.about(request_id.as_deref()));
        };
        let environment = request.env.unwrap_or_default().into_iter();
        let enqueue = commands::Enqueue {
            agent,
            line: request.command.into(),
            priority: match request.priority.unwrap_or_default() {
                Priority::High => commands::Priority::High,
                Priority::Normal => commands::Priority::Normal,
                Priority::Low => commands::Priority::Low,
            },
            timeout: request.timeout.map(Duration::from_millis),
            directory: request.working_directory.map(Into::into),
            environment: environment.map(|(name, value)| (name.into(), value.into())).collect(),
            request_id: request_id.as_deref().map(Into::into),
        };
        self.dashboard.request_id = request_id;
        self.actions.push(Action::Ask(Request::Commands(commands::Request::Enqueue(enqueue))));
    }

    fn interrupt(&mut self, interrupt: CommandInterrupt) {
        let Ok(command) = CommandId::new(&interrupt.command_id) else {
            let error = ErrorMessage::command_not_found(&interrupt.command_id);
            return self.refuse(error.about(interrupt.request_id.as_deref()));
        };
        let reason = interrupt.reason.map(Into::into);
        self.dashboard.request_id = interrupt.request_id;
        let request = commands::Request::Interrupt { command, reason };
        self.actions.push(Action::Ask(Request::Commands(request)));
    }

    fn recall(&mut self, resume: OutputResume) {
        let Ok(command) = CommandId::new(&resume.command_id) else {
            let error = ErrorMessage::command_not_found(&resume.command_id);
            return self.refuse(error.about(resume.request_id.as_deref()));
        };
        self.dashboard.request_id = resume.request_id;
        self.actions.push(Action::Recall(Recall { command, after: resume.after_sequence }));
    }

    /// A page of output, and behind the last one how the command ended, if it has.
    fn recalled(&mut self, recalled: Result<Recalled, CoreError>) {
        let request_id = self.dashboard.request_id.take();
        match recalled {
            Ok(recalled) => {
                self.say(page(&recalled, request_id));
                let has_ended = matches!(recalled.command.state, commands::State::Ended(_));
                if recalled.is_last && has_ended {
                    self.say(status(&recalled.command));
                }
            }
            Err(error) => self.refuse(ErrorMessage::refusal(&error).about(request_id.as_deref())),
        }
    }

    fn answer(&mut self, answer: Result<Reply, CoreError>) {
        let request_id = self.dashboard.request_id.take();
        match answer {
            // The command's state comes with the fleet's events, to all dashboards in one order.
            Ok(Reply::AlreadyEnded(command)) => self.say(status(&command)),
            Ok(_) => {}
            Err(error) => self.refuse(ErrorMessage::refusal(&error).about(request_id.as_deref())),
        }
    }

    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::CommandTimedOut(command) => self.refuse(ErrorMessage::timed_out(command)),
            // These are for agents, and for those in front of terminals.
            Notice::Order(_)
            | Notice::Superseded
            | Notice::NotTouched(_)
            | Notice::NotSteered(_)
            | Notice::Lease { .. }
            | Notice::Copied(_)
            | Notice::WorkerRestarted
            | Notice::WorkerGone { .. } => {}
        }
    }

    fn verify(&mut self, token: String, shown: Shown) {
        self.dashboard.shown = Some(shown);
        self.actions.push(Action::Verify(token));
    }

    fn verified(&mut self, verified: Result<Caller, Denied>) {
        let shown = self.dashboard.shown.take();
        let caller = match verified {
            Ok(caller) => caller,
            Err(denied) => return self.deny(denied.reason),
        };
        match &self.dashboard.user {
            None => self.welcome(&caller),
            Some(user) if *user != caller.user => self.deny("the token belongs to another user"),
            Some(_) => {
                self.dashboard.refresh_by = None;
                match shown {
                    Some(Shown::Refresh) => {
                        let expires_at = caller.expires_at.map(|at| at.0);
                        self.say(ServerMessage::TokenRefreshed(TokenRefreshed { expires_at }));
                    }
                    Some(Shown::Connect) | None => self.acknowledge(),
                }
            }
        }
    }

    fn welcome(&mut self, caller: &Caller) {
        self.dashboard.user = Some(caller.user.clone());
        self.acknowledge();
        let language = if self.dashboard.wants_attention { &FLEET_WITH_ATTENTION } else { &FLEET };
        self.actions.push(Action::Watch(language));
    }

    fn acknowledge(&mut self) {
        let features = ["real-time", "command-execution", "terminal-streaming", "output-resume"];
        self.say(ServerMessage::ConnectionAck(ConnectionAck {
            connection_id: format!("conn-{}", self.dashboard.connection.0),
            server_version: VERSION.into(),
            features: features.map(String::from).into(),
        }));
    }

    /// A message that cannot be read ends a connection only if it was its chance to show a token.
    fn misread(&mut self, malformed: Malformed) {
        let is_connect = malformed.message_type.as_deref() == Some("dashboard:connect");
        match (&self.dashboard.user, &malformed.message_type, &malformed.field) {
            (None, Some(_), Some(field)) if is_connect && field == "token" => {
                self.deny("the token is missing");
            }
            (None, Some(_), _) if !is_connect => self.reject_first(),
            _ => self.refuse(ErrorMessage::malformed(malformed)),
        }
    }

    fn reject_first(&mut self) {
        let message = "send dashboard:connect with a token first";
        self.refuse(ErrorMessage::fatal(ErrorCode::Unauthorized, message));
        self.close(CloseCode::Policy);
    }

    fn deny(&mut self, reason: &str) {
        self.refuse(ErrorMessage::fatal(ErrorCode::AuthFailed, reason));
        self.close(CloseCode::Policy);
    }

    /// Tells how much was thrown away, once a second at most; the rest is told when that is over.
    fn tell_too_fast(&mut self) {
        let told = self.dashboard.told_too_fast;
        let is_due = told.is_none_or(|told| told + TOO_FAST_INTERVAL <= self.now.steady);
        if self.dashboard.dropped > 0 && is_due {
            let dropped = std::mem::take(&mut self.dashboard.dropped);
            self.dashboard.told_too_fast = Some(self.now.steady);
            self.refuse(ErrorMessage::too_many_messages(dropped));
        }
    }

    fn end_overdue(&mut self) {
        let now = self.now.steady;
        let dashboard = &self.dashboard;
        if dashboard.user.is_none() && dashboard.authenticate_by <= now {
            self.deny("no token came in time");
        } else if dashboard.refresh_by.is_some_and(|by| by <= now) {
            self.close(CloseCode::Policy);
        } else if dashboard.last_heard + dashboard.heartbeat_timeout <= now {
            self.close(CloseCode::Dead);
        }
    }

    /// Sees to it that this conversation is woken for its next deadline. Messages only move the
    /// heartbeat's deadline away, so that needs no new alarm: the old one rings and is set again.
    fn arm(&mut self) {
        let dashboard = &mut *self.dashboard;
        if dashboard.is_closed {
            return;
        }
        let mut next = match dashboard.user {
            None => dashboard.authenticate_by,
            Some(_) => dashboard.last_heard + dashboard.heartbeat_timeout,
        };
        if let Some(refresh_by) = dashboard.refresh_by {
            next = next.min(refresh_by);
        }
        if let (Some(told), 1..) = (dashboard.told_too_fast, dashboard.dropped) {
            next = next.min(told + TOO_FAST_INTERVAL);
        }
        if dashboard.wakes_at.is_none_or(|wakes_at| next < wakes_at) {
            dashboard.wakes_at = Some(next);
            self.actions.push(Action::WakeAt(next));
        }
    }

    fn refuse(&mut self, error: ErrorMessage) {
        self.say(ServerMessage::Error(error));
    }

    fn say(&mut self, message: ServerMessage) {
        let mut payload = Vec::new();
        write(message, self.now.wall, &mut payload);
        self.actions.push(Action::Send { kind: MessageKind::Text, payload: payload.into() });
    }

    fn close(&mut self, code: CloseCode) {
        self.dashboard.is_closed = true;
        self.actions.push(Action::Close(code));
    }
}
