//! Between the wire's control messages and the core's words, in both directions.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{
    agents::{self, KeyHash},
    commands,
    ids::{AgentId, CommandId, IncarnationId, InvalidId, RunId, WorkerId},
    streams::{Source, StreamKey},
    time::Timestamp,
};

use super::messages::{
    Ended, FromServer, HeldCommand, Hello, Outcome, Profile, Resume, Start, Stream, StreamKind,
};
use super::runs::FEATURE;

/// How much of a name everybody is told, in bytes.
const LONGEST_NAME: usize = 128;
/// How much of a sentence everybody is told, in bytes.
const LONGEST_SENTENCE: usize = 1024;
/// How many capabilities of an agent count.
const MOST_CAPABILITIES: usize = 32;

/// Milliseconds as the wire counts them.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<&StreamKey> for Stream {
    fn from(key: &StreamKey) -> Self {
        let kind = match key.source {
            Source::Command(_) => StreamKind::Command,
            Source::Worker(_) => StreamKind::Worker,
            Source::Run(_) => StreamKind::Run,
        };
        Self { kind, id: key.source.id().to_owned(), epoch: key.epoch }
    }
}

impl TryFrom<&Stream> for StreamKey {
    type Error = InvalidId;

    fn try_from(stream: &Stream) -> Result<Self, InvalidId> {
        let source = match stream.kind {
            StreamKind::Command => Source::Command(CommandId::new(&stream.id)?),
            StreamKind::Worker => Source::Worker(WorkerId::new(&stream.id)?),
            StreamKind::Run => Source::Run(RunId::new(&stream.id)?),
        };
        Ok(Self { source, epoch: stream.epoch })
    }
}

impl From<&commands::Ended> for Ended {
    fn from(ended: &commands::Ended) -> Self {
        let outcome = match &ended.outcome {
            commands::Outcome::Exited { code, signal } => {
                Outcome::Exited { code: *code, signal: signal.as_deref().map(str::to_owned) }
            }
            commands::Outcome::Interrupted { code } => Outcome::Interrupted { code: *code },
            commands::Outcome::TimedOut { code } => Outcome::TimedOut { code: *code },
            commands::Outcome::NotStarted { reason } => {
                Outcome::NotStarted { reason: reason.as_ref().to_owned() }
            }
            commands::Outcome::AgentLost => Outcome::AgentLost,
        };
        Self { outcome, ended_at: ended.at.0, ran_for: milliseconds(ended.ran_for) }
    }
}

impl From<&Ended> for commands::Ended {
    fn from(ended: &Ended) -> Self {
        let outcome = match &ended.outcome {
            Outcome::Exited { code, signal } => {
                commands::Outcome::Exited { code: *code, signal: signal.as_deref().map(sentence) }
            }
            Outcome::Interrupted { code } => commands::Outcome::Interrupted { code: *code },
            Outcome::TimedOut { code } => commands::Outcome::TimedOut { code: *code },
            Outcome::NotStarted { reason } => {
                commands::Outcome::NotStarted { reason: sentence(reason) }
            }
            Outcome::AgentLost => commands::Outcome::AgentLost,
        };
        Self {
            outcome,
            at: Timestamp(ended.ended_at),
            ran_for: Duration::from_millis(ended.ran_for),
        }
    }
}

impl TryFrom<&HeldCommand> for agents::HeldCommand {
    type Error = InvalidId;

    fn try_from(held: &HeldCommand) -> Result<Self, InvalidId> {
        Ok(Self {
            command: CommandId::new(&held.command)?,
            started_at: Timestamp(held.started_at),
            next_position: held.next_position,
            ended: held.ended.as_ref().map(commands::Ended::from),
        })
    }
}

impl TryFrom<&Hello> for agents::Hello {
    type Error = InvalidId;

    fn try_from(hello: &Hello) -> Result<Self, InvalidId> {
        Ok(Self {
            agent: AgentId::new(&hello.agent)?,
            incarnation: IncarnationId::new(&hello.incarnation)?,
            key: match hello.key.as_deref() {
                Some(hash) => Some(KeyHash::from_hexadecimal(hash).ok_or(InvalidId)?),
                None => None,
            },
            is_witness: hello.witness,
            profile: profile(&hello.profile, &hello.agent),
            commands: hello.commands.iter().map(TryFrom::try_from).collect::<Result<_, _>>()?,
            workers: hello.workers.iter().map(TryFrom::try_from).collect::<Result<_, _>>()?,
            browsers: hello.browsers.iter().map(TryFrom::try_from).collect::<Result<_, _>>()?,
            runs: hello
                .features
                .iter()
                .any(|feature| feature == FEATURE)
                .then(|| hello.runs.iter().map(|held| RunId::new(&held.run)).collect())
                .transpose()?,
        })
    }
}

fn profile(profile: &Profile, agent: &str) -> agents::Profile {
    let name = profile.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(agent);
    let capabilities = profile.capabilities.iter().take(MOST_CAPABILITIES);
    agents::Profile {
        name: cut(name, LONGEST_NAME),
        agent_type: cut(&profile.agent_type, LONGEST_NAME),
        version: cut(&profile.version, LONGEST_NAME),
        platform: cut(&profile.platform, LONGEST_NAME),
        host: cut(&profile.host, LONGEST_NAME),
        capabilities: capabilities.map(|name| cut(name, LONGEST_NAME)).collect(),
    }
}

/// An agent's sentence for people, such as what is wrong with it.
pub(super) fn sentence(text: &str) -> Arc<str> {
    cut(text, LONGEST_SENTENCE)
}

/// As much of a text as everybody is told; the rest is left out.
pub(super) fn cut(text: &str, at_most: usize) -> Arc<str> {
    text[..text.floor_char_boundary(at_most)].into()
}

impl From<&agents::ResumeFrom> for Resume {
    fn from(from: &agents::ResumeFrom) -> Self {
        Self { stream: (&from.stream).into(), position: from.position, sequence: from.sequence }
    }
}

impl From<&commands::StartOrder> for Start {
    fn from(order: &commands::StartOrder) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        Self {
            command: order.command.as_str().to_owned(),
            line: owned(&order.line),
            directory: order.directory.as_ref().map(owned),
            environment: order
                .environment
                .iter()
                .map(|(name, value)| (owned(name), owned(value)))
                .collect(),
            timeout: milliseconds(order.timeout),
        }
    }
}

impl TryFrom<&Start> for commands::StartOrder {
    type Error = InvalidId;

    fn try_from(start: &Start) -> Result<Self, InvalidId> {
        Ok(Self {
            command: CommandId::new(&start.command)?,
            line: start.line.as_str().into(),
            directory: start.directory.as_deref().map(Arc::from),
            environment: start
                .environment
                .iter()
                .map(|(name, value)| (name.as_str().into(), value.as_str().into()))
                .collect(),
            timeout: Duration::from_millis(start.timeout),
        })
    }
}

impl From<&agents::Order> for FromServer {
    fn from(order: &agents::Order) -> Self {
        match order {
            agents::Order::Start(start) => Self::Start(start.as_ref().into()),
            agents::Order::Interrupt { command, grace } => Self::Interrupt {
                command: command.as_str().to_owned(),
                grace: milliseconds(*grace),
            },
            agents::Order::Acknowledge { stream, position, sequence } => Self::Acknowledge {
                stream: stream.into(),
                position: *position,
                sequence: *sequence,
            },
            agents::Order::Enrolled => Self::Enrolled,
            agents::Order::Restart => Self::Restart,
            agents::Order::Run(order) => order.into(),
            agents::Order::Spawn(order) => Self::Spawn(Box::new(order.as_ref().into())),
            agents::Order::EndWorker { stream, grace } => {
                Self::EndWorker { stream: stream.into(), grace: milliseconds(*grace) }
            }
            agents::Order::ForgetWorker(stream) => Self::ForgetWorker { stream: stream.into() },
            agents::Order::Input { stream, viewer, text } => Self::Input {
                stream: stream.into(),
                viewer: viewer.as_ref().to_owned(),
                text: text.as_ref().to_owned(),
            },
            agents::Order::Resize { stream, viewer, size } => Self::Resize {
                stream: stream.into(),
                viewer: viewer.as_ref().to_owned(),
                size: (*size).into(),
            },
            agents::Order::Leave { stream, viewer } => {
                Self::Leave { stream: stream.into(), viewer: viewer.as_ref().to_owned() }
            }
            agents::Order::Call { call, within, what } => Self::Request {
                id: *call,
                deadline: milliseconds(*within),
                ask: what.as_ref().into(),
            },
            agents::Order::Browser(order) => order.into(),
            agents::Order::Forget(command) => Self::Forget { command: command.as_str().to_owned() },
            agents::Order::Credit(bytes) => Self::Credit { bytes: *bytes },
            agents::Order::Resume(from) => Self::Resume(from.into()),
        }
    }
}
