//! Things to store.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use pilothouse_core::{
    agents::{Agent, Profile, Status},
    audit::{AuditRecord, AuditResult},
    commands::{Command, Ended, Outcome, Priority, State},
    ids::{AgentId, CommandId, SessionId, WorkerId},
    ports::{StoredCommand, Write},
    sessions::{
        Activity, Checkpoint, Kind, Launch, Session, Size, Worker, WorkerKind, WorkerState,
    },
    streams::{Channel, StoredGroup, StoredRecord, StreamKey},
    time::Timestamp,
};

/// An agent as a server finds it after a restart.
pub(super) fn agent(id: &str) -> Agent {
    Agent {
        id: AgentId::new(id).unwrap(),
        profile: Profile {
            name: "Änn's box".into(),
            agent_type: "claude".into(),
            version: "0.1.0".into(),
            platform: "linux-x86_64".into(),
            host: "box".into(),
            capabilities: ["commands".into(), "terminals".into()].into(),
        },
        status: Status::Offline,
        connected_at: Timestamp(1_700_000_000_001),
        last_activity: Timestamp(1_700_000_000_002),
    }
}

/// A command with every field in use.
pub(super) fn command(id: &str, state: State) -> Command {
    Command {
        id: CommandId::new(id).unwrap(),
        agent: AgentId::new("agent-1").unwrap(),
        line: "echo 'ü' && printf \"\\n\"".into(),
        priority: Priority::Normal,
        requested_by: "ann".into(),
        requested_at: Timestamp(1_700_000_000_000),
        request_id: Some("mine".into()),
        connection: None,
        timeout: Duration::from_mins(5),
        directory: Some("/tmp/a b".into()),
        environment: vec![("A".into(), "1\n2".into()), ("A".into(), String::new().into())],
        state,
    }
}

/// Its end at a time.
pub(super) fn ended_at(at: u64) -> State {
    let outcome = Outcome::Exited { code: 0, signal: None };
    State::Ended(Ended { outcome, at: Timestamp(at), ran_for: Duration::from_millis(1234) })
}

/// A command to be stored.
pub(super) fn stored(command: &Command, rank: i64) -> StoredCommand {
    StoredCommand { command: Arc::new(command.clone()), rank }
}

/// A command as a write.
pub(super) fn command_write(command: &Command) -> Write {
    Write::Command(stored(command, 1))
}

/// The log of a command.
pub(super) fn stream(id: &str) -> StreamKey {
    StreamKey::command(CommandId::new(id).unwrap())
}

/// A group of records of one stream.
pub(super) fn group(
    stream: &StreamKey,
    position: u64,
    sequence: u64,
    texts: &[&str],
) -> StoredGroup {
    let records = texts
        .iter()
        .map(|text| StoredRecord {
            channel: Channel::Stdout,
            bytes: Bytes::copy_from_slice(text.as_bytes()),
        })
        .collect();
    StoredGroup { stream: stream.clone(), position, sequence, records, at: Timestamp(position + 1) }
}

/// A group that holds one record of that size, at that time.
pub(super) fn filled(stream: &StreamKey, position: u64, size: usize, at: u64) -> StoredGroup {
    let records = vec![StoredRecord { channel: Channel::Terminal, bytes: vec![b'x'; size].into() }];
    let sequence = position / size as u64 + 1;
    StoredGroup { stream: stream.clone(), position, sequence, records, at: Timestamp(at) }
}

/// Groups as writes.
pub(super) fn output(groups: &[StoredGroup]) -> Vec<Write> {
    groups.iter().cloned().map(Write::Output).collect()
}

/// A session with every field in use, as a server finds it after a restart.
pub(super) fn session(id: &str, workers: &[Worker]) -> Session {
    Session {
        id: SessionId::new(id).unwrap(),
        agent: AgentId::new("agent-1").unwrap(),
        kind: Kind::Worktree {
            repository: "repository-1".parse().unwrap(),
            branch: "feature/ä".into(),
        },
        path: "/home/ann/a b".into(),
        title: Some("Änn's".into()),
        initial_prompt: Some("say 'hi'\n\"now\"".into()),
        created_at: Timestamp(1_700_000_000_003),
        is_active: false,
        workers: workers.iter().cloned().map(Arc::new).collect(),
    }
}

/// An agent worker of the session `s-1`, in its first life and with every field in use.
pub(super) fn worker(id: &str) -> Worker {
    Worker {
        id: WorkerId::new(id).unwrap(),
        session: SessionId::new("s-1").unwrap(),
        name: "claude 2".into(),
        kind: WorkerKind::Agent { agent_type: "claude".into() },
        created_at: Timestamp(1_700_000_000_004),
        epoch: 1,
        state: WorkerState::Running { since: Timestamp(1_700_000_000_005) },
        activity: Activity::Asking,
        activity_since: Timestamp(1_700_000_000_006),
        size: Size { columns: 80, rows: 24 },
        launch: Launch {
            line: Some("claude \"$PROMPT\"".into()),
            environment: vec![("PROMPT".into(), "1\n2 'ü'".into()), ("A".into(), "".into())],
            asking_patterns: ["Do you want.*\\?".into(), "^\\[y/n\\]".into()].into(),
        },
    }
}

/// A session as a write.
pub(super) fn session_write(session: &Session) -> Write {
    Write::Session(Arc::new(session.clone()))
}

/// How the terminal of a log looked at a position.
pub(super) fn checkpoint(stream: &StreamKey, position: u64, screen: &str) -> Checkpoint {
    Checkpoint {
        stream: stream.clone(),
        position,
        size: Size { columns: 100, rows: 40 },
        bytes: Bytes::copy_from_slice(screen.as_bytes()),
    }
}

/// The text of groups, one after the other.
pub(crate) fn text_of(groups: &[StoredGroup]) -> String {
    let bytes =
        groups.iter().flat_map(|group| &group.records).flat_map(|record| record.bytes.to_vec());
    String::from_utf8(bytes.collect()).unwrap()
}

/// A refused request, told with that detail.
pub(super) fn refused(detail: &str) -> Write {
    Write::Audit(Arc::new(audited(1, detail)))
}

/// A refused request of that moment.
pub(super) fn audited(at: u64, detail: &str) -> AuditRecord {
    AuditRecord {
        id: format!("aud-{at}-{detail}").into(),
        at: Timestamp(at),
        actor: "ann".into(),
        name: "Ann Lee".into(),
        address: "127.0.0.1".into(),
        program: "curl/8".into(),
        action: "command.enqueue".into(),
        subject: "agent-1".into(),
        agent: Some(AgentId::new("agent-1").unwrap()),
        agent_name: "Builder".into(),
        detail: detail.into(),
        result: AuditResult::Failure,
        refusal: Some("the queue is full".into()),
    }
}
