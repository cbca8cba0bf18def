//! Between the wire's words about workers and calls and the core's, in both directions.

use std::sync::Arc;

use base64::Engine as _;
use pilothouse_core::{
    calls::{self, Call, CallRefusal, Found, RefusalCause},
    ids::{InvalidId, SessionId},
    sessions,
    streams::StreamKey,
    time::Timestamp,
};

use super::{
    browser_conversions,
    conversions::sentence,
    requests::{
        Ask, BrowserAnswer, Failure, FailureCode, GitAnswer, ImageAnswer, MessageAnswer, PathKind,
        StatAnswer,
    },
    workers::{Activity, HeldWorker, Size, Spawn, WorkerExit},
};

impl From<sessions::Size> for Size {
    fn from(size: sessions::Size) -> Self {
        Self { columns: size.columns, rows: size.rows }
    }
}

impl From<Size> for sessions::Size {
    fn from(size: Size) -> Self {
        Self::clamped(size.columns.into(), size.rows.into())
    }
}

impl From<Activity> for sessions::Activity {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Active => Self::Active,
            Activity::Idle => Self::Idle,
            Activity::Asking => Self::Asking,
            Activity::Unknown => Self::Unknown,
        }
    }
}

impl From<sessions::Activity> for Activity {
    fn from(activity: sessions::Activity) -> Self {
        match activity {
            sessions::Activity::Active => Self::Active,
            sessions::Activity::Idle => Self::Idle,
            sessions::Activity::Asking => Self::Asking,
            sessions::Activity::Unknown => Self::Unknown,
        }
    }
}

impl From<&WorkerExit> for sessions::Exit {
    fn from(exit: &WorkerExit) -> Self {
        Self {
            code: exit.code,
            signal: exit.signal.as_deref().map(sentence),
            reason: exit.reason.as_deref().map(sentence),
            at: Timestamp(exit.ended_at),
        }
    }
}

impl From<&sessions::Exit> for WorkerExit {
    fn from(exit: &sessions::Exit) -> Self {
        Self {
            code: exit.code,
            signal: exit.signal.as_deref().map(str::to_owned),
            reason: exit.reason.as_deref().map(str::to_owned),
            ended_at: exit.at.0,
        }
    }
}

impl TryFrom<&HeldWorker> for sessions::HeldWorker {
    type Error = InvalidId;

    fn try_from(held: &HeldWorker) -> Result<Self, InvalidId> {
        Ok(Self {
            stream: StreamKey::try_from(&held.stream)?,
            started_at: Timestamp(held.started_at),
            next_position: held.next_position,
            ended: held.ended.as_ref().map(sessions::Exit::from),
            activity: held.activity.into(),
            size: held.size.into(),
        })
    }
}

impl From<&sessions::SpawnOrder> for Spawn {
    fn from(order: &sessions::SpawnOrder) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        let environment = order.launch.environment.iter();
        Self {
            stream: (&order.stream).into(),
            session: order.session.as_str().to_owned(),
            line: order.launch.line.as_ref().map(owned),
            directory: owned(&order.directory),
            environment: environment.map(|(name, value)| (owned(name), owned(value))).collect(),
            size: order.size.into(),
            is_agent: order.is_agent,
            asking_patterns: order.launch.asking_patterns.iter().map(owned).collect(),
        }
    }
}

impl TryFrom<&Spawn> for sessions::SpawnOrder {
    type Error = InvalidId;

    fn try_from(spawn: &Spawn) -> Result<Self, InvalidId> {
        let shared = |text: &String| Arc::from(text.as_str());
        let environment = spawn.environment.iter();
        Ok(Self {
            stream: StreamKey::try_from(&spawn.stream)?,
            session: SessionId::new(&spawn.session)?,
            directory: shared(&spawn.directory),
            size: spawn.size.into(),
            launch: sessions::Launch {
                line: spawn.line.as_ref().map(shared),
                environment: environment
                    .map(|(name, value)| (shared(name), shared(value)))
                    .collect(),
                asking_patterns: spawn.asking_patterns.iter().map(shared).collect(),
            },
            is_agent: spawn.is_agent,
        })
    }
}

impl From<&Call> for Ask {
    fn from(call: &Call) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        match call {
            Call::Stat { path } => Self::Stat { path: owned(path) },
            Call::Git { directory, arguments } => Self::Git {
                directory: owned(directory),
                arguments: arguments.iter().map(owned).collect(),
            },
            Call::Image { stream, viewer, content } => Self::Image {
                stream: stream.into(),
                viewer: owned(viewer),
                content: base64::engine::general_purpose::STANDARD.encode(content),
            },
            Call::Browser { session, act } => browser_conversions::ask(session, act),
            Call::Message { stream, text } => {
                Self::Message { stream: stream.into(), text: owned(text) }
            }
        }
    }
}

/// What an agent answered to a call, whatever it was; the fields tell which it is.
pub(super) fn answer_of(
    ok: Option<serde_json::Value>,
    error: Option<Failure>,
) -> Result<Found, CallRefusal> {
    if let Some(failure) = error {
        return Err(CallRefusal { cause: cause(failure.code), reason: sentence(&failure.reason) });
    }
    let found = ok.and_then(found);
    let senseless = || CallRefusal {
        cause: RefusalCause::Failed,
        reason: "the agent's answer makes no sense; bring it to the server's version".into(),
    };
    found.ok_or_else(senseless)
}

fn found(ok: serde_json::Value) -> Option<Found> {
    if ok.get("realPath").is_some() {
        let stat: StatAnswer = serde_json::from_value(ok).ok()?;
        let kind = match stat.kind {
            PathKind::Missing => calls::PathKind::Missing,
            PathKind::Directory => calls::PathKind::Directory,
            PathKind::File => calls::PathKind::File,
            PathKind::Other => calls::PathKind::Other,
        };
        return Some(Found::Stat(calls::Stat { kind, real_path: stat.real_path.into() }));
    }
    if ok.get("code").is_some() {
        let git: GitAnswer = serde_json::from_value(ok).ok()?;
        let (output, complaint) = (git.output.into(), git.complaint.into());
        return Some(Found::Git(calls::GitOutput { code: git.code, output, complaint }));
    }
    if ok.get("typed").is_some() {
        let _: MessageAnswer = serde_json::from_value(ok).ok()?;
        return Some(Found::Typed);
    }
    if ok.get("browsed").is_some() {
        let _: BrowserAnswer = serde_json::from_value(ok).ok()?;
        return Some(Found::Browsed);
    }
    let image: ImageAnswer = serde_json::from_value(ok).ok()?;
    Some(Found::Image { path: image.path.into() })
}

fn cause(code: FailureCode) -> RefusalCause {
    match code {
        FailureCode::Unsupported => RefusalCause::Unsupported,
        FailureCode::NotFound => RefusalCause::NotFound,
        FailureCode::Invalid => RefusalCause::Invalid,
        FailureCode::Failed | FailureCode::AgentOffline | FailureCode::Unknown => {
            RefusalCause::Failed
        }
    }
}
