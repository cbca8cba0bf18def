//! What happened, in this protocol's words. Output is written by hand, since it is nearly everything.

use std::sync::Arc;

use pilothouse_core::{
    Event, Published,
    agents::{self, Agent, Status},
    commands::{self, Command, Outcome, State, Waiting},
    control::Hold,
    fanout::{Language, MessageKind, Messages, Resync},
    ids::{AgentId, CommandId},
    streams::{self, Channel, Record, Source},
    time::Timestamp,
    view::View,
};

use super::messages::{self, Envelope, Gap, OutputStream, ServerMessage};
use crate::{
    Recalled,
    json_text::{escape, number},
};

/// The fleet as dashboards hear of it.
#[derive(Debug)]
pub struct Fleet {
    /// Whether it is told what waits for a person.
    with_attention: bool,
}

/// As every dashboard understands it. Viewers that watch in the same language share its bytes.
pub static FLEET: Fleet = Fleet { with_attention: false };

/// For dashboards that asked for what waits for a person.
pub static FLEET_WITH_ATTENTION: Fleet = Fleet { with_attention: true };

impl Language for Fleet {
    fn name(&self) -> &'static str {
        if self.with_attention { "dashboard_attention" } else { "dashboard" }
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        let at = published.at;
        match &published.event {
            Event::Agents(agents::Event::Status(agent)) => {
                say(out, ServerMessage::AgentStatus(describe_agent(agent)), at);
            }
            Event::Agents(agents::Event::List(agents)) => say(out, list(agents), at),
            Event::Commands(commands::Event::Status(command)) => say(out, status(command), at),
            Event::Commands(commands::Event::Queue { agent, waiting, hold }) => {
                say(out, queue(agent, waiting, hold.as_deref()), at);
            }
            Event::Output(streams::Event::Written { agent, record, .. }) => {
                if let Source::Command(command) = &record.stream.source {
                    out.push(MessageKind::Text, |out| output(command, agent, record, at, out));
                }
            }
            Event::Output(streams::Event::Missing { agent, stream, from, to, next_sequence }) => {
                if let Source::Command(command) = &stream.source {
                    let bytes = to.saturating_sub(*from);
                    let words = format!("{bytes} bytes of output were lost on the agent's machine");
                    let gap = Gap {
                        next_sequence: *next_sequence,
                        from_position: Some(*from),
                        to_position: Some(*to),
                    };
                    say(out, missing(command, agent, &words, gap), at);
                }
            }
            Event::Attention(event) if self.with_attention => {
                say(out, ServerMessage::AttentionChanged(event.into()), at);
            }
            // Other dashboards see failures in `command:status` and `agent:status`, and none knows sessions.
            Event::Agents(agents::Event::Presence(_))
            | Event::Attention(_)
            | Event::Sessions(_)
            | Event::AgentTypes(_)
            | Event::Audit(_)
            | Event::Browsers(_)
            | Event::Said(_)
            | Event::Beat
            | Event::Control(_)
            | Event::Presets(_)
            | Event::Readiness(_)
            | Event::Runs(_) => {}
        }
    }

    fn snapshot(&self, view: &View, at: Timestamp, out: &mut Messages) {
        say(out, list(view.agents()), at);
        for (agent, waiting) in view.queues() {
            say(out, queue(agent, waiting, view.hold(agent).map(AsRef::as_ref)), at);
        }
        for (_, waiting) in view.queues() {
            for waiting in waiting.iter() {
                say(out, introduced(&waiting.command), at);
            }
        }
        for command in view.running() {
            say(out, introduced(command), at);
        }
    }

    fn resync(&self, view: &View, resync: &Resync, at: Timestamp, out: &mut Messages) {
        say(out, list(view.agents()), at);
        for (agent, waiting) in view.all_queues() {
            say(out, queue(agent, waiting, view.hold(agent).map(AsRef::as_ref)), at);
        }
        for command in view.running() {
            say(out, introduced(command), at);
        }
        for hole in &resync.gaps {
            if let Source::Command(command) = &hole.stream.source {
                let words = "output was skipped here, since this connection was too slow";
                let gap = Gap {
                    next_sequence: hole.next_sequence,
                    from_position: None,
                    to_position: None,
                };
                say(out, missing(command, &hole.agent, words, gap), at);
            }
        }
    }

    fn resync_ends(&self, view: &View, resync: &Resync, at: Timestamp, out: &mut Messages) {
        for command in view.ended_since(resync.seen) {
            say(out, status(command), at);
        }
    }
}

fn say(out: &mut Messages, message: ServerMessage, at: Timestamp) {
    out.push(MessageKind::Text, |out| write(message, at, out));
}

/// Appends a message with its envelope.
pub(super) fn write(message: ServerMessage, at: Timestamp, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &Envelope::new(message, at.0))
        .expect("the messages have text keys, and a Vec takes every byte");
}

/// The hot path: nothing is allocated, and everything but the output itself needs no escaping.
fn output(command: &CommandId, agent: &AgentId, record: &Record, at: Timestamp, out: &mut Vec<u8>) {
    out.reserve(record.bytes.len() + 256);
    out.extend_from_slice(
        br#"{"version":"1.0.0","type":"terminal:output","timestamp":"#.as_slice(),
    );
    number(at.0, out);
    out.extend_from_slice(br#","payload":{"commandId":""#);
    out.extend_from_slice(command.as_str().as_bytes());
    out.extend_from_slice(br#"","agentId":""#);
    out.extend_from_slice(agent.as_str().as_bytes());
    out.extend_from_slice(br#"","data":""#);
    escape(&record.bytes, out);
    out.extend_from_slice(match record.channel {
        // A PTY has only one output, and that is what programs write to first.
        Channel::Stdout | Channel::Terminal => br#"","stream":"stdout","sequence":"#,
        Channel::Stderr => br#"","stream":"stderr","sequence":"#,
    });
    number(record.sequence, out);
    out.extend_from_slice(b"}}");
}

/// Output that somebody asked for again.
pub(super) fn page(recalled: &Recalled, request_id: Option<String>) -> ServerMessage {
    let record = |record: &Record| messages::OutputRecord {
        data: String::from_utf8_lossy(&record.bytes).into_owned(),
        stream: match record.channel {
            Channel::Stdout | Channel::Terminal => OutputStream::Stdout,
            Channel::Stderr => OutputStream::Stderr,
        },
        sequence: record.sequence,
    };
    ServerMessage::OutputPage(messages::OutputPage {
        command_id: recalled.command.id.as_str().into(),
        agent_id: recalled.command.agent.as_str().into(),
        records: recalled.records.iter().map(record).collect(),
        is_last: recalled.is_last,
        request_id,
    })
}

fn missing(command: &CommandId, agent: &AgentId, words: &str, gap: Gap) -> ServerMessage {
    ServerMessage::TerminalOutput(messages::TerminalOutput {
        command_id: command.as_str().into(),
        agent_id: agent.as_str().into(),
        data: format!("\n[{words}]\n"),
        stream: OutputStream::Stdout,
        sequence: gap.next_sequence.saturating_sub(1),
        gap: Some(gap),
    })
}

fn list(agents: &[Arc<Agent>]) -> ServerMessage {
    let agents = agents.iter().map(|agent| describe_agent(agent)).collect();
    ServerMessage::AgentList(messages::AgentList { agents })
}

fn describe_agent(agent: &Agent) -> messages::Agent {
    let profile = &agent.profile;
    messages::Agent {
        agent_id: agent.id.as_str().into(),
        agent_type: profile.agent_type.as_ref().into(),
        name: profile.name.as_ref().into(),
        status: match agent.status {
            Status::Online => messages::AgentStatus::Online,
            Status::Busy => messages::AgentStatus::Busy,
            Status::Offline => messages::AgentStatus::Offline,
            Status::Error => messages::AgentStatus::Error,
        },
        capabilities: profile.capabilities.iter().map(|name| name.as_ref().into()).collect(),
        metadata: messages::AgentMetadata {
            version: profile.version.as_ref().into(),
            platform: profile.platform.as_ref().into(),
            host: profile.host.as_ref().into(),
        },
        connected_at: agent.connected_at.0,
        last_activity: agent.last_activity.0,
    }
}

fn queue(agent: &AgentId, waiting: &[Waiting], hold: Option<&Hold>) -> ServerMessage {
    let entry = |waiting: &Waiting| messages::QueuedCommand {
        command_id: waiting.command.id.as_str().into(),
        command: waiting.command.line.as_ref().into(),
        priority: priority(waiting.command.priority),
        position: waiting.position as u64,
        requested_by: waiting.command.requested_by.as_ref().into(),
        requested_at: waiting.command.requested_at.0,
    };
    ServerMessage::CommandQueue(messages::CommandQueue {
        agent_id: agent.as_str().into(),
        queue: waiting.iter().map(entry).collect(),
        held: hold.map(|hold| messages::QueueHold {
            cause: hold.cause.as_str().into(),
            reason: hold.text.as_ref().into(),
            since: hold.since.0,
            until: hold.until.map(|until| until.0),
        }),
    })
}

/// A command's state as this protocol says it.
pub(super) fn status(command: &Command) -> ServerMessage {
    ServerMessage::CommandStatus(state_of(command))
}

/// The same for somebody who did not see how it began.
fn introduced(command: &Command) -> ServerMessage {
    let started_at = match command.state {
        State::Running { since } => Some(since.0),
        State::Queued | State::Ended(_) => None,
    };
    let origin = messages::CommandOrigin {
        command: command.line.as_ref().into(),
        priority: priority(command.priority),
        requested_by: command.requested_by.as_ref().into(),
        requested_at: command.requested_at.0,
        started_at,
    };
    let status = messages::CommandStatus { origin: Some(origin), ..state_of(command) };
    ServerMessage::CommandStatus(status)
}

fn state_of(command: &Command) -> messages::CommandStatus {
    let mut status = messages::CommandStatus {
        command_id: command.id.as_str().into(),
        agent_id: command.agent.as_str().into(),
        status: messages::CommandState::Queued,
        exit_code: None,
        error: None,
        execution_time: None,
        signal: None,
        request_id: command.request_id.as_deref().map(Into::into),
        origin: None,
    };
    match &command.state {
        State::Queued => {}
        State::Running { .. } => status.status = messages::CommandState::Running,
        State::Ended(ended) => {
            let milliseconds = u64::try_from(ended.ran_for.as_millis()).unwrap_or(u64::MAX);
            status.execution_time = Some(milliseconds);
            end(&ended.outcome, command, &mut status);
        }
    }
    status
}

fn end(outcome: &Outcome, command: &Command, status: &mut messages::CommandStatus) {
    status.status = messages::CommandState::Failed;
    match outcome {
        Outcome::Exited { code: 0, signal: None } => {
            status.status = messages::CommandState::Completed;
            status.exit_code = Some(0);
        }
        Outcome::Exited { code, signal } => {
            status.exit_code = Some(*code);
            status.error = Some(match signal {
                Some(signal) => format!("ended by {signal}"),
                None => format!("exited with {code}"),
            });
            status.signal = signal.as_deref().map(Into::into);
        }
        Outcome::Interrupted { code } => {
            status.status = messages::CommandState::Interrupted;
            status.exit_code = *code;
        }
        Outcome::TimedOut { code } => {
            status.exit_code = *code;
            let limit = command.timeout.as_millis();
            status.error = Some(format!("exceeded its time limit of {limit} ms"));
        }
        Outcome::NotStarted { reason } => status.error = Some(reason.as_ref().into()),
        Outcome::AgentLost => status.error = Some("its agent was lost".into()),
    }
}

fn priority(priority: commands::Priority) -> messages::Priority {
    match priority {
        commands::Priority::High => messages::Priority::High,
        commands::Priority::Normal => messages::Priority::Normal,
        commands::Priority::Low => messages::Priority::Low,
    }
}
