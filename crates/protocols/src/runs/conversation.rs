//! One client's side of the protocol: its token, and the runs that it follows.
//!
//! Every run is a cursor. What happens says only how far there are steps; each is read when the socket has room for
//! it, one at a time. So what is past and what is live come the same way, nothing is missed or told twice, and a
//! client that reads slowly costs one step of memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use pilothouse_core::{
    Caller, CoreError, Request,
    ids::RunId,
    runs::{self, Verdict},
    time::{Moment, Steady},
};

use super::{
    encode::said,
    follow::Followed,
    messages::{
        Authentication, ClientMessage, Decide, ErrorMessage, ServerMessage, Success, Unreadable,
        parse,
    },
};
use crate::{Action, Actions, CloseCode, Conversation, Denied, Input, Settings};

/// What errors are called, in words that clients may rely on.
pub(super) mod errors {
    pub(in crate::runs) const NOT_AUTHENTICATED: &str = "Not authenticated";
    pub(in crate::runs) const NO_TOKEN: &str = "No token provided";
    pub(in crate::runs) const INVALID_TOKEN: &str = "Invalid authentication token";
    pub(in crate::runs) const TOKEN_EXPIRED: &str = "Authentication token expired";
    pub(in crate::runs) const NOT_PROCESSED: &str = "Failed to process message";
    pub(in crate::runs) const NOT_STARTED: &str = "Failed to start agent";
    pub(in crate::runs) const REFUSED: &str = "Request refused";
}

/// Why a run is not told; the same for one that is not there and for one that is somebody else's.
pub(super) const NO_RUN: &str = "there is no such run, or it is not yours to see";

/// The conversation.
pub(super) struct Follower {
    expiry_grace: Duration,
    is_known: bool,
    /// When to close, since the token has expired.
    refresh_by: Option<Steady>,
    pub(super) runs: BTreeMap<RunId, Followed>,
    /// Whose standing was asked for. All answers come at once, in the order in which they were asked.
    pub(super) asked: VecDeque<RunId>,
    /// The run that something was wanted of. There is at most one: the next message waits for the answer.
    wanted: Option<String>,
    /// The run whose step is being read.
    pub(super) reading: Option<RunId>,
    /// The one that was read last: the others come first.
    pub(super) read_last: Option<RunId>,
    pub(super) read_again_at: Option<Steady>,
    wakes_at: Option<Steady>,
    is_closed: bool,
}

impl Conversation for Follower {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if self.is_closed {
            return;
        }
        let mut turn = Turn { follower: self, now, actions };
        turn.take(input);
        if !turn.follower.is_closed {
            turn.tell();
            turn.arm();
        }
    }
}

impl Follower {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            expiry_grace: settings.expiry_grace,
            is_known: false,
            refresh_by: None,
            runs: BTreeMap::new(),
            asked: VecDeque::new(),
            wanted: None,
            reading: None,
            read_last: None,
            read_again_at: None,
            wakes_at: None,
            is_closed: false,
        }
    }
}

/// One input being handled.
pub(super) struct Turn<'a> {
    pub(super) follower: &'a mut Follower,
    pub(super) now: Moment,
    pub(super) actions: &'a mut Actions,
}

impl Turn<'_> {
    fn take(&mut self, input: Input<'_>) {
        match input {
            // A token of the handshake stands for the message.
            Input::Opened(opening) => self.follower.is_known = opening.caller.is_some(),
            Input::Text(text) => self.read(text),
            Input::Binary(_) => self.error(errors::NOT_PROCESSED, "messages are JSON text", None),
            Input::Verified(verified) => self.verified(verified),
            Input::Listening(standing) => self.listening(standing),
            Input::Heard { agent: _, events } => self.heard(events),
            Input::Missed(agent) => self.missed(agent),
            Input::StepRead(read) => self.step_read(read),
            Input::Answer(answer) => self.answered(answer.err()),
            Input::Woke => self.woke(),
            Input::Expired => {
                let reason = "send authenticate with a newer token";
                self.error(errors::TOKEN_EXPIRED, reason, None);
                self.follower.refresh_by = Some(self.now.steady + self.follower.expiry_grace);
            }
            Input::Revoked => {
                self.fail(errors::INVALID_TOKEN, "the token was revoked");
            }
            Input::Shutdown => self.close(CloseCode::GoingAway),
            // A client that is too fast is read slower, and nothing here watches.
            Input::TooFast { .. }
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::Shown(_)
            | Input::Notice(_) => {}
        }
    }

    fn read(&mut self, text: &str) {
        match parse(text) {
            Ok(ClientMessage::Authenticate(shown)) if shown.token.is_empty() => {
                self.fail(errors::NO_TOKEN, "send authenticate with a token");
            }
            Ok(ClientMessage::Authenticate(shown)) => {
                self.actions.push(Action::Verify(shown.token));
            }
            Ok(_) if !self.follower.is_known => {
                self.error(errors::NOT_AUTHENTICATED, "send authenticate with a token first", None);
                self.close(CloseCode::Policy);
            }
            Ok(ClientMessage::Heartbeat {}) | Err(Unreadable::Meaningless) => {}
            Ok(_) if self.follower.refresh_by.is_some() => {
                self.error(errors::TOKEN_EXPIRED, "send authenticate with a newer token", None);
            }
            Ok(message) => self.obey(message),
            Err(Unreadable::Malformed(malformed)) => {
                self.error(errors::NOT_PROCESSED, malformed.to_string(), None);
            }
        }
    }

    fn obey(&mut self, message: ClientMessage) {
        let text = |text: Option<String>| text.map(Arc::from);
        match message {
            ClientMessage::StartAgent(start) => self.start(start),
            ClientMessage::CancelRun(cancel) => {
                let reason = text(cancel.reason);
                self.want(cancel.run_id, |run| runs::Request::Cancel { run, reason });
            }
            ClientMessage::PauseRun(one) => {
                self.want(one.run_id, |run| runs::Request::Pause { run });
            }
            ClientMessage::ResumeRun(one) => {
                self.want(one.run_id, |run| runs::Request::Resume { run });
            }
            ClientMessage::Reply(reply) => {
                let (wait, text) = (reply.wait.into(), reply.text.into());
                self.want(reply.run_id, |run| runs::Request::Reply { run, wait, text });
            }
            ClientMessage::Decide(Decide { run_id, wait, granted, reason, always }) => {
                let always = always.unwrap_or_default();
                let verdict = Verdict { granted, reason: text(reason), always };
                let wait = wait.into();
                self.want(run_id, |run| runs::Request::Decide { run, wait, verdict });
            }
            // Both were told apart before.
            ClientMessage::Authenticate(_) | ClientMessage::Heartbeat {} => {}
        }
    }

    fn verified(&mut self, verified: Result<Caller, Denied>) {
        match verified {
            Ok(_) => {
                self.follower.is_known = true;
                self.follower.refresh_by = None;
                self.say(&ServerMessage::Authentication(Authentication {
                    status: Success::Success,
                    error: None,
                    reason: None,
                }));
            }
            Err(denied) => self.fail(errors::INVALID_TOKEN, denied.reason),
        }
    }

    /// Has the core do something with a run.
    fn want(&mut self, named: String, request: impl FnOnce(RunId) -> runs::Request) {
        match RunId::new(&named) {
            Ok(id) => {
                self.follower.wanted = Some(named);
                self.actions.push(Action::Ask(Request::Runs(request(id))));
            }
            Err(_) => self.error(errors::REFUSED, NO_RUN, Some(named)),
        }
    }

    fn answered(&mut self, refusal: Option<CoreError>) {
        let named = self.follower.wanted.take();
        match refusal {
            None => {}
            Some(CoreError::RunNotFound(_)) => self.error(errors::REFUSED, NO_RUN, named),
            Some(refusal) => self.error(errors::REFUSED, refusal.to_string(), named),
        }
    }

    fn woke(&mut self) {
        let is_due = |at: Option<Steady>| at.is_some_and(|at| at <= self.now.steady);
        self.follower.wakes_at = None;
        if is_due(self.follower.refresh_by) {
            return self.close(CloseCode::Expired);
        }
        if is_due(self.follower.read_again_at) {
            self.follower.read_again_at = None;
        }
    }

    fn arm(&mut self) {
        let follower = &mut *self.follower;
        let due = [follower.refresh_by, follower.read_again_at].into_iter().flatten().min();
        if due.is_some() && due != follower.wakes_at {
            follower.wakes_at = due;
            self.actions.extend(due.map(Action::WakeAt));
        }
    }

    /// A token does not count, so the connection is over.
    fn fail(&mut self, error: &str, reason: &str) {
        self.say(&ServerMessage::Authentication(Authentication {
            status: Success::Failed,
            error: Some(error.to_owned()),
            reason: Some(reason.to_owned()),
        }));
        self.close(CloseCode::Policy);
    }

    pub(super) fn error(&mut self, error: &str, reason: impl Into<String>, run_id: Option<String>) {
        let (error, reason) = (error.to_owned(), Some(reason.into()));
        self.say(&ServerMessage::Error(ErrorMessage { error, reason, run_id }));
    }

    fn say(&mut self, message: &ServerMessage) {
        self.actions.push(said(message));
    }

    fn close(&mut self, code: CloseCode) {
        self.follower.is_closed = true;
        self.actions.push(Action::Close(code));
    }
}
