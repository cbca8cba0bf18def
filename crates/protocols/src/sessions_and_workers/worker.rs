//! One client's side of a worker's door: it sees the terminal, types, resizes it, and pastes pictures.

use std::time::Duration;

use pilothouse_core::{
    CoreError, Notice, Request,
    calls::{self, Call},
    fanout::MessageKind,
    ids::{AgentId, ConnectionId, SessionId, WorkerId},
    sessions::{Activity, Size, Touch, WorkerKind, WorkerState, viewer_name},
    streams::StreamKey,
    time::{Moment, Steady},
};

use super::{
    OFFSETS,
    app::not_text,
    fleet::write,
    history,
    image::decode,
    messages::{
        AttachedWorker, ErrorCode, ErrorMessage, Exit, Image, WorkerClientMessage,
        WorkerServerMessage,
    },
    reading::parse_worker,
    terminal::{TERMINAL, TERMINAL_WITH_OFFSETS, Terminal},
};
use crate::{
    Action, Actions, Attach, Attachment, CloseCode, Conversation, Input, LogPage, Opening, ReadLog,
};

/// How much is typed at once; more of it follows in order.
const TYPED_AT_ONCE: usize = 64 << 10;
/// How long an agent may take to save a picture.
const SAVED_WITHIN: Duration = Duration::from_secs(10);
/// What every key could be answered with is said so often.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The conversation.
#[derive(Debug)]
pub(super) struct WorkerConversation {
    connection: ConnectionId,
    terminal: &'static Terminal,
    attached: Option<Attached>,
    /// The part of the log that was asked for. There is at most one: the next message waits for the answer.
    wanted: Option<(u64, u64)>,
    /// What every key is answered with, and when it was said.
    said: Option<(ErrorCode, Steady)>,
    is_closed: bool,
}

/// What the client is in front of.
#[derive(Debug)]
struct Attached {
    agent: AgentId,
    stream: StreamKey,
    worker: WorkerId,
}

impl Default for WorkerConversation {
    fn default() -> Self {
        Self {
            connection: ConnectionId(0),
            terminal: &TERMINAL,
            attached: None,
            wanted: None,
            said: None,
            is_closed: false,
        }
    }
}

impl Conversation for WorkerConversation {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        if !self.is_closed {
            Turn { worker: self, now, actions }.take(input);
        }
    }
}

/// One input being handled.
struct Turn<'a> {
    worker: &'a mut WorkerConversation,
    now: Moment,
    actions: &'a mut Actions,
}

impl Turn<'_> {
    fn take(&mut self, input: Input<'_>) {
        match input {
            Input::Opened(opening) => self.open(opening),
            Input::Text(text) => self.hear(text),
            Input::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.hear(text),
                Err(_) => self.refuse(not_text()),
            },
            Input::Attached(Ok(attachment)) => self.attached(&attachment),
            Input::Attached(Err(refusal)) => self.not_attached(&refusal),
            Input::LogRead(read) => self.log_read(read),
            Input::Answer(Err(refusal)) => self.refuse(ErrorMessage::refusal(&refusal)),
            Input::Notice(notice) => self.notice(notice),
            Input::Expired => self.leave(ErrorMessage::expired(), CloseCode::Expired),
            Input::Revoked => self.leave(ErrorMessage::revoked(), CloseCode::Expired),
            Input::Shutdown => self.close(CloseCode::Restarting),
            // That a picture was saved is seen in the terminal, where its path is typed; the others never come.
            Input::Answer(Ok(_))
            | Input::Listening(_)
            | Input::Heard { .. }
            | Input::Missed(_)
            | Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Recalled(_)
            | Input::Shown(_)
            | Input::StepRead(_)
            | Input::Woke => {}
        }
    }

    fn open(&mut self, opening: &Opening) {
        self.worker.connection = opening.connection;
        let query = |name: &str| {
            opening.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let from = query("fromOffset");
        if from.is_some() || opening.subprotocol == Some(OFFSETS) {
            self.worker.terminal = &TERMINAL_WITH_OFFSETS;
        }
        let number = |text: &str| text.parse().ok();
        let has = query("epoch").and_then(|epoch| epoch.parse().ok()).zip(from.and_then(number));
        let part = |place: usize| opening.parameters.get(place).map_or("", String::as_str);
        let Ok(session) = SessionId::new(part(0)) else {
            return self.end(ErrorCode::SessionNotFound, "the session is not known");
        };
        let Ok(worker) = WorkerId::new(part(1)) else {
            return self.end(ErrorCode::WorkerNotFound, "the worker is not known");
        };
        let language = self.worker.terminal;
        self.actions.push(Action::Attach(Attach { session, worker, language, has }));
    }

    fn attached(&mut self, attachment: &Attachment) {
        let (terminal, worker) = (self.worker.terminal, &attachment.worker);
        self.worker.attached = Some(Attached {
            agent: attachment.session.agent.clone(),
            stream: worker.stream(),
            worker: worker.id.clone(),
        });
        if terminal.with_offsets {
            self.say(&WorkerServerMessage::Worker(AttachedWorker {
                state: (&worker.state).into(),
                epoch: worker.epoch,
                cols: worker.size.columns,
                rows: worker.size.rows,
                may_type: attachment.may_type,
                viewer_id: viewer_name(self.worker.connection).as_ref().into(),
            }));
            if let Some(viewers) = &attachment.viewers {
                self.say(&WorkerServerMessage::Viewers(viewers.as_ref().into()));
            }
        }
        if let Some(payload) = attachment.past.clone() {
            self.actions.push(Action::Send { kind: MessageKind::Text, payload });
        }
        let is_agent = matches!(worker.kind, WorkerKind::Agent { .. });
        if is_agent && worker.activity != Activity::Unknown {
            self.say(&WorkerServerMessage::Activity { state: worker.activity.into() });
        }
        if let WorkerState::Ended(exit) = &worker.state {
            for message in terminal.exit(exit) {
                self.say(&message);
            }
        }
    }

    fn not_attached(&mut self, refusal: &CoreError) {
        let error = ErrorMessage::refusal(refusal);
        match error.code {
            ErrorCode::SessionNotFound | ErrorCode::WorkerNotFound => {
                self.end(error.code, error.message);
            }
            ErrorCode::Forbidden => self.leave(error, CloseCode::Policy),
            _ => self.leave(error, CloseCode::Overloaded),
        }
    }

    fn hear(&mut self, text: &str) {
        match parse_worker(text) {
            Ok(WorkerClientMessage::Input { data }) => self.type_in(&data),
            Ok(WorkerClientMessage::Resize { cols, rows }) => self.resize(cols, rows),
            Ok(WorkerClientMessage::Image(image)) => self.paste(&image),
            Ok(WorkerClientMessage::RequestHistoryRange { from, to }) => self.read_log(from, to),
            Err(malformed) => self.refuse(ErrorMessage::malformed(&malformed)),
        }
    }

    fn type_in(&mut self, mut text: &str) {
        let Some(attached) = &self.worker.attached else { return };
        // Whether it may be typed is asked anew with every key: roles change while terminals are open.
        let worker = attached.worker.clone();
        while !text.is_empty() {
            let (now, later) = text.split_at(text.floor_char_boundary(TYPED_AT_ONCE));
            self.actions.push(Action::Touch(worker.clone(), Touch::Input(now.into())));
            text = later;
        }
    }

    fn resize(&mut self, columns: f64, rows: f64) {
        let Some(attached) = &self.worker.attached else { return };
        // Every client says its size when it comes; those who only look are not told that it does not count.
        let size = Size::clamped(whole(columns), whole(rows));
        self.actions.push(Action::Touch(attached.worker.clone(), Touch::Resize(size)));
    }

    fn paste(&mut self, image: &Image) {
        let Some(attached) = &self.worker.attached else { return };
        // Whoever may not is refused by the core, which keeps that in the audit.
        match decode(image) {
            Ok(content) => {
                let stream = attached.stream.clone();
                let viewer = viewer_name(self.worker.connection);
                let request = calls::Request {
                    agent: attached.agent.clone(),
                    call: Call::Image { stream, viewer, content },
                    within: SAVED_WITHIN,
                };
                self.actions.push(Action::Ask(Request::Call(request)));
            }
            Err(error) => self.refuse(error),
        }
    }

    fn read_log(&mut self, from: u64, to: u64) {
        if !self.worker.terminal.with_offsets {
            let words = "connect with ?fromOffset=0, or with subprotocol pilothouse.offsets";
            return self.refuse(ErrorMessage::new(ErrorCode::InvalidMessage, words));
        }
        let Some(attached) = &self.worker.attached else { return };
        self.worker.wanted = Some((from, to));
        self.actions.push(Action::ReadLog(ReadLog { stream: attached.stream.clone(), from, to }));
    }

    fn log_read(&mut self, read: Result<LogPage, CoreError>) {
        let Some((from, to)) = self.worker.wanted.take() else { return };
        match read {
            Ok(page) => {
                let range = history::range(&page, from, to);
                self.say(&WorkerServerMessage::HistoryRange(range));
            }
            Err(refusal) => self.refuse(ErrorMessage::refusal(&refusal)),
        }
    }

    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::NotTouched(refusal) => self.refuse_keys(ErrorMessage::refusal(refusal)),
            Notice::WorkerRestarted => {
                let words = "the worker was started anew; connect again";
                let error = ErrorMessage::new(ErrorCode::WorkerRestarted, words);
                self.leave(error, CloseCode::WorkerRestarted);
            }
            Notice::WorkerGone { session_is_gone: true } => {
                self.end(ErrorCode::SessionDeleted, "the session was deleted");
            }
            Notice::WorkerGone { session_is_gone: false } => {
                self.end(ErrorCode::WorkerDeleted, "the worker was removed");
            }
            // These are for agents, for those who asked for commands, and for those in front of browsers.
            Notice::Order(_)
            | Notice::Superseded
            | Notice::CommandTimedOut(_)
            | Notice::NotSteered(_)
            | Notice::Lease { .. }
            | Notice::Copied(_) => {}
        }
    }

    /// Refuses what comes with every key, but not every time.
    fn refuse_keys(&mut self, error: ErrorMessage) {
        let now = self.now.steady;
        let is_fresh =
            |(code, at): (ErrorCode, Steady)| code == error.code && now < at + SAY_AGAIN_AFTER;
        if !self.worker.said.is_some_and(is_fresh) {
            self.worker.said = Some((error.code, now));
            self.refuse(error);
        }
    }

    /// There is no such worker, or none any more. Clients that know no errors see an exit.
    fn end(&mut self, code: ErrorCode, message: impl Into<String>) {
        self.refuse(ErrorMessage::new(code, message));
        let exit = Exit { exit_code: 1, signal: None, reason: None };
        self.say(&WorkerServerMessage::Exit(exit));
        self.close(CloseCode::Normal);
    }

    fn leave(&mut self, error: ErrorMessage, code: CloseCode) {
        self.refuse(error);
        self.close(code);
    }

    fn refuse(&mut self, error: ErrorMessage) {
        self.say(&WorkerServerMessage::Error(error));
    }

    fn say(&mut self, message: &WorkerServerMessage) {
        let mut payload = Vec::new();
        write(message, &mut payload);
        self.actions.push(Action::Send { kind: MessageKind::Text, payload: payload.into() });
    }

    fn close(&mut self, code: CloseCode) {
        self.worker.is_closed = true;
        self.actions.push(Action::Close(code));
    }
}

/// The whole part of a number; the nearest there is for what is too large.
fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "the nearest number is what is wanted")]
    let whole = number as i64;
    whole
}
