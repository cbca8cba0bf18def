//! The server's side of a link: hello, then output and reports in, orders out, until one side falls silent.

use std::time::Duration;

use bytes::Bytes;
use pilothouse_core::{
    CoreError, Notice, Reply, Request,
    agents::{self, Linked, Report},
    browsers::{self, Copied},
    commands,
    fanout::MessageKind,
    ids::{CommandId, LinkId, SessionId},
    streams::StreamKey,
    time::{Moment, Steady, Timestamp},
};

use super::{
    OLDEST_VERSION, VERSION,
    browser_conversions::clipboard,
    conversions::{milliseconds, sentence},
    lanes::{BrokenLane, Carried, Lanes},
    messages::{ErrorCode, FromAgent, FromServer, Hello, RefusalCode, Welcome},
    negotiate,
    resources::reported,
    run_conversions::run_report,
    worker_conversions::answer_of,
    workers::SizeOwner,
};
use crate::{Action, Actions, CloseCode, Conversation, Input, Settings};

/// One agent's link.
#[derive(Debug)]
pub struct AgentLink {
    hello_within: Duration,
    heartbeat_interval: Duration,
    heartbeat_timeout: Duration,
    output_batch: Duration,
    output_chunk: usize,
    resources_interval: Option<Duration>,
    state: State,
    last_heard: Steady,
}

#[derive(Debug)]
enum State {
    /// Nothing came yet.
    Waiting,
    /// The core was asked.
    Greeted { version: u32 },
    /// The link is good.
    Linked { link: LinkId, lanes: Lanes, version: u32 },
    /// Nothing is said or heard any more.
    Closed,
}

impl AgentLink {
    /// A link of which nothing is known yet.
    pub fn new(settings: &Settings) -> Self {
        Self {
            hello_within: settings.auth_timeout,
            // Two beats may be lost on the way before the other side is taken for dead.
            heartbeat_interval: settings.ping_interval.min(settings.heartbeat_timeout / 3),
            heartbeat_timeout: settings.heartbeat_timeout,
            output_batch: settings.output_batch,
            output_chunk: settings.output_chunk,
            resources_interval: settings.resources_interval,
            state: State::Waiting,
            last_heard: Steady::default(),
        }
    }

    fn text(&mut self, text: &str, actions: &mut Actions) {
        let message = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => return self.fail(ErrorCode::Malformed, &error.to_string(), actions),
        };
        match (&mut self.state, message) {
            (State::Closed, _) | (_, FromAgent::Unknown) => {}
            (State::Waiting, FromAgent::Hello(hello)) => self.hello(&hello, actions),
            (State::Waiting | State::Greeted { .. }, _) => {
                self.fail(ErrorCode::OutOfOrder, "the first message has to be a hello", actions);
            }
            (State::Linked { link, lanes, .. }, message) => {
                if let Err(broken) = linked_message(*link, lanes, message, actions) {
                    self.fail(broken.code, &broken.reason, actions);
                }
            }
        }
    }

    fn binary(&mut self, message: &[u8], actions: &mut Actions) {
        let read = match &mut self.state {
            State::Closed => return,
            State::Waiting | State::Greeted { .. } => {
                let reason = "the first message has to be a hello";
                return self.fail(ErrorCode::OutOfOrder, reason, actions);
            }
            State::Linked { link, lanes, .. } => lanes.read(message, |carried| {
                let report = match carried {
                    Carried::Output(record) => Report::Output(record),
                    Carried::Checkpoint(checkpoint) => Report::Checkpoint(checkpoint),
                };
                actions.push(Action::Report(*link, report));
            }),
        };
        if let Err(broken) = read {
            self.fail(ErrorCode::BrokenLane, &broken.to_string(), actions);
        }
    }

    fn hello(&mut self, hello: &Hello, actions: &mut Actions) {
        let oldest = hello.oldest.unwrap_or(hello.version);
        let Some(version) = negotiate(hello.version, oldest) else {
            let reason = format!("this server speaks versions {OLDEST_VERSION} to {VERSION}");
            return self.refuse(RefusalCode::VersionUnsupported, reason, actions);
        };
        let Ok(hello) = agents::Hello::try_from(hello) else {
            let reason = pilothouse_core::ids::InvalidId.to_string();
            return self.refuse(RefusalCode::Invalid, reason, actions);
        };
        self.state = State::Greeted { version };
        actions.push(Action::Ask(Request::Agents(agents::Request::Link(hello))));
    }

    fn answer(&mut self, answer: Result<Reply, CoreError>, actions: &mut Actions) {
        let State::Greeted { version } = self.state else { return };
        match answer {
            Ok(Reply::Linked(linked)) => {
                actions.push(send(&FromServer::Welcome(self.welcome(version, &linked))));
                self.state = State::Linked { link: linked.link, lanes: Lanes::default(), version };
            }
            Ok(_) => {
                self.refuse(RefusalCode::Unavailable, "try again later".to_owned(), actions);
            }
            Err(error) => self.refuse(refusal_code(&error), error.to_string(), actions),
        }
    }

    fn welcome(&self, version: u32, linked: &Linked) -> Welcome {
        Welcome {
            version,
            link: linked.link.0,
            resume: linked.resume.iter().map(Into::into).collect(),
            forget: linked.forget.iter().map(|id| id.as_str().to_owned()).collect(),
            forget_workers: linked.forget_workers.iter().map(Into::into).collect(),
            runs: linked.runs.iter().map(Into::into).collect(),
            forget_runs: linked.forget_runs.iter().map(|id| id.as_str().to_owned()).collect(),
            credit: linked.credit,
            heartbeat_interval: milliseconds(self.heartbeat_interval),
            heartbeat_timeout: milliseconds(self.heartbeat_timeout),
            output_batch: Some(milliseconds(self.output_batch)),
            output_chunk: Some(self.output_chunk as u64),
            resources_interval: self.resources_interval.map(milliseconds),
        }
    }

    fn notice(&mut self, notice: &Notice, actions: &mut Actions) {
        match (notice, &self.state) {
            // Version 1 does not know the message; a new link says the same with its welcome.
            (Notice::Order(agents::Order::Resume(_)), State::Linked { version: 1, .. }) => {
                self.close(CloseCode::GoingAway, actions);
            }
            (Notice::Order(order), State::Linked { .. }) => actions.push(send(&order.into())),
            (Notice::Superseded, State::Waiting | State::Greeted { .. } | State::Linked { .. }) => {
                self.close(CloseCode::Superseded, actions);
            }
            // The later ones are for people.
            (
                Notice::Order(_)
                | Notice::Superseded
                | Notice::CommandTimedOut(_)
                | Notice::NotTouched(_)
                | Notice::NotSteered(_)
                | Notice::Lease { .. }
                | Notice::Copied(_)
                | Notice::WorkerRestarted
                | Notice::WorkerGone { .. },
                _,
            ) => {}
        }
    }

    fn woke(&mut self, now: Steady, actions: &mut Actions) {
        let patience = match self.state {
            State::Closed => return,
            State::Waiting => self.hello_within,
            State::Greeted { .. } | State::Linked { .. } => self.heartbeat_timeout,
        };
        let deadline = self.last_heard + patience;
        if now < deadline {
            actions.push(Action::WakeAt(deadline));
        } else {
            self.close(CloseCode::Dead, actions);
        }
    }

    fn refuse(&mut self, code: RefusalCode, reason: String, actions: &mut Actions) {
        let close = match code {
            RefusalCode::Unavailable => CloseCode::Overloaded,
            RefusalCode::VersionUnsupported
            | RefusalCode::Forbidden
            | RefusalCode::AgentTaken
            | RefusalCode::Invalid
            | RefusalCode::Unknown => CloseCode::Policy,
        };
        actions.push(send(&FromServer::Refused { code, reason }));
        self.close(close, actions);
    }

    fn fail(&mut self, code: ErrorCode, reason: &str, actions: &mut Actions) {
        actions.push(send(&FromServer::Error { code, reason: reason.to_owned() }));
        self.close(CloseCode::ProtocolError, actions);
    }

    fn end_access(&mut self, what: &str, actions: &mut Actions) {
        if !matches!(self.state, State::Closed) {
            let reason = format!("{what}; connect with another one");
            actions.push(send(&FromServer::Error { code: ErrorCode::TokenExpired, reason }));
        }
        self.close(CloseCode::Expired, actions);
    }

    fn close(&mut self, code: CloseCode, actions: &mut Actions) {
        let before = std::mem::replace(&mut self.state, State::Closed);
        if matches!(before, State::Closed) {
            return;
        }
        // Said at once, because a dead peer's socket may linger. A superseded link is not lost but replaced.
        if let State::Linked { link, .. } = before
            && code != CloseCode::Superseded
        {
            actions.push(Action::Report(link, Report::Lost));
        }
        actions.push(Action::Close(code));
    }
}

impl Conversation for AgentLink {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        match input {
            Input::Opened(_) => {
                self.last_heard = now.steady;
                let patience = self.hello_within.min(self.heartbeat_timeout);
                actions.push(Action::WakeAt(now.steady + patience));
            }
            Input::Text(text) => {
                self.last_heard = now.steady;
                self.text(text, actions);
            }
            Input::Binary(message) => {
                self.last_heard = now.steady;
                self.binary(message, actions);
            }
            Input::Answer(answer) => self.answer(answer, actions),
            Input::Notice(notice) => self.notice(notice, actions),
            Input::Woke => self.woke(now.steady, actions),
            // A link has no refresh: the agent connects again with what it has by then.
            Input::Expired => self.end_access("the token has expired", actions),
            Input::Revoked => self.end_access("the token was revoked", actions),
            Input::Shutdown => self.close(CloseCode::GoingAway, actions),
            Input::TooFast { .. }
            | Input::Verified(_)
            | Input::Recalled(_)
            | Input::Attached(_)
            | Input::LogRead(_)
            | Input::StepRead(_)
            | Input::Heard { .. }
            | Input::Listening(_)
            | Input::Missed(_)
            | Input::Shown(_) => {}
        }
    }
}

/// What was wrong with a message on a good link.
struct Broken {
    code: ErrorCode,
    reason: String,
}

impl From<BrokenLane> for Broken {
    fn from(broken: BrokenLane) -> Self {
        Self { code: ErrorCode::BrokenLane, reason: broken.to_string() }
    }
}

impl From<pilothouse_core::ids::InvalidId> for Broken {
    fn from(invalid: pilothouse_core::ids::InvalidId) -> Self {
        Self { code: ErrorCode::Malformed, reason: invalid.to_string() }
    }
}

fn second_hello() -> Broken {
    Broken { code: ErrorCode::OutOfOrder, reason: "a link has one hello".to_owned() }
}

fn copied(session: SessionId, epoch: u64, text: &str) -> browsers::Report {
    browsers::Report::Copied(Copied { session, epoch, text: clipboard(text) }.into())
}

fn linked_message(
    link: LinkId,
    lanes: &mut Lanes,
    message: FromAgent,
    actions: &mut Actions,
) -> Result<(), Broken> {
    let report = match message {
        FromAgent::Hello(_) => return Err(second_hello()),
        FromAgent::Started { command, at } => {
            Report::Started { command: CommandId::new(&command)?, at: Timestamp(at) }
        }
        FromAgent::Ended { command, ended } => {
            let command = CommandId::new(&command)?;
            lanes.close(&StreamKey::command(command.clone()));
            Report::Ended { command, ended: commands::Ended::from(&ended) }
        }
        FromAgent::Lane { lane, stream, position, sequence } => {
            return Ok(lanes.open(lane, StreamKey::try_from(&stream)?, position, sequence)?);
        }
        FromAgent::Missing { lane, from, to, next_sequence } => {
            let stream = lanes.skip(lane, from, to, next_sequence)?;
            Report::Missing { stream, from, to, next_sequence }
        }
        FromAgent::Resources(told) => Report::Resources(reported(*told)),
        FromAgent::Trouble { reason } => Report::Trouble(reason.as_deref().map(sentence)),
        FromAgent::Heartbeat => {
            actions.push(send(&FromServer::Heartbeat));
            return Ok(());
        }
        FromAgent::WorkerStarted { stream } => {
            Report::WorkerStarted { stream: StreamKey::try_from(&stream)? }
        }
        FromAgent::WorkerEnded { stream, exit } => {
            let stream = StreamKey::try_from(&stream)?;
            lanes.close(&stream);
            Report::WorkerEnded { stream, exit: (&exit).into() }
        }
        FromAgent::Activity { stream, activity, question, age } => Report::Activity {
            stream: StreamKey::try_from(&stream)?,
            activity: activity.into(),
            question: question.as_deref().map(sentence),
            age: Duration::from_millis(age),
        },
        FromAgent::Resized { stream, size } => {
            Report::Resized { stream: StreamKey::try_from(&stream)?, size: size.into() }
        }
        FromAgent::SizeOwner(SizeOwner { stream, viewer }) => {
            let viewer = viewer.map(Into::into);
            Report::SizeOwner { stream: StreamKey::try_from(&stream)?, viewer }
        }
        FromAgent::Said { stream, text } => {
            Report::Said { stream: StreamKey::try_from(&stream)?, text: text.into() }
        }
        FromAgent::Browser(browser) => {
            Report::Browser(browsers::Report::Seen(Box::new((&*browser).try_into()?)))
        }
        FromAgent::BrowserGone { session } => {
            Report::Browser(browsers::Report::Gone(SessionId::new(&session)?))
        }
        FromAgent::BrowserTook { session, epoch, inputs } => {
            let session = SessionId::new(&session)?;
            Report::Browser(browsers::Report::Took { session, epoch, count: inputs })
        }
        FromAgent::BrowserClipboard { session, epoch, text } => {
            Report::Browser(copied(SessionId::new(&session)?, epoch, &text))
        }
        FromAgent::Response { id, ok, error } => {
            Report::Called { call: id, answer: answer_of(ok, error) }
        }
        // What is left is about runs, or of a later version.
        message => match run_report(message)? {
            Some(report) => Report::Run(report),
            None => return Ok(()),
        },
    };
    actions.push(Action::Report(link, report));
    Ok(())
}

fn refusal_code(error: &CoreError) -> RefusalCode {
    match error {
        CoreError::Forbidden(_) => RefusalCode::Forbidden,
        CoreError::AgentTaken(_) => RefusalCode::AgentTaken,
        CoreError::Invalid(_)
        | CoreError::AgentNotFound(_)
        | CoreError::CommandNotFound(_)
        | CoreError::SessionNotFound(_)
        | CoreError::WorkerNotFound(_)
        | CoreError::RepositoryNotFound(_)
        | CoreError::AgentTypeNotFound(_)
        | CoreError::InvalidAgentType(_)
        | CoreError::AgentTypeConflict(_)
        | CoreError::KeyNotFound(_)
        | CoreError::PresetNotFound(_)
        | CoreError::RecordingNotFound(_)
        | CoreError::WebhookNotFound(_)
        | CoreError::DeliveryNotFound(_)
        | CoreError::RunNotFound(_)
        | CoreError::Run(_)
        | CoreError::AgentCannotRun(_)
        | CoreError::NobodyRuns
        | CoreError::NobodyListens(_)
        | CoreError::SteeredByOther(_)
        | CoreError::NotInControl
        | CoreError::CallRefused(_)
        | CoreError::People(_)
        | CoreError::CommandTimedOut(_) => RefusalCode::Invalid,
        CoreError::AgentOffline(_)
        | CoreError::AgentReported(_)
        | CoreError::CallTimedOut(_)
        | CoreError::LimitReached(_)
        | CoreError::AgentHeld { .. }
        | CoreError::OverBudget { .. }
        | CoreError::QueueFull { .. }
        | CoreError::StorageUnavailable => RefusalCode::Unavailable,
    }
}

fn send(message: &FromServer) -> Action {
    let payload = serde_json::to_vec(message).expect("wire messages have string keys");
    Action::Send { kind: MessageKind::Text, payload: Bytes::from(payload) }
}
