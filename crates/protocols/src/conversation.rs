//! The contract between a protocol and whatever carries it.

use std::sync::Arc;

use bytes::Bytes;
use pilothouse_core::{
    Caller, CoreError, Notice, Published, Reply, Request,
    agents::Report,
    browsers::Steer,
    commands::Command,
    fanout::{Language, MessageKind},
    ids::{AgentId, CommandId, ConnectionId, LinkId, RunId, SessionId, WorkerId},
    listening::{Standing, Subject},
    runs::{Run, Screenshot, Step},
    sessions::{Checkpoint, Session, Touch, Viewers, Worker},
    streams::{Record, StreamKey},
    time::{Moment, Steady, Timestamp},
};

use crate::pictures::{Showing, Shown};

/// What is known when a connection opens.
#[derive(Debug, Clone)]
pub struct Opening {
    /// This connection's number, unique while the server runs.
    pub connection: ConnectionId,
    /// Who is at the other end, if a token came with the handshake; then it was valid.
    pub caller: Option<Caller>,
    /// The path's variable parts, in order.
    pub parameters: Vec<String>,
    /// The query's names and values, decoded, without tokens.
    pub query: Vec<(String, String)>,
    /// Which of the door's subprotocols the peer asked for, and was told that it has.
    pub subprotocol: Option<&'static str>,
    /// Why the token that came does not count, at doors with [`crate::TokenRule::AfterUpgrade`].
    pub denied: Option<Denied>,
}

/// Why a token does not count. The text may be told to the peer; it never contains the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Denied {
    /// In words, such as `the token has expired`.
    pub reason: &'static str,
}

/// Which output is to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// Whose.
    pub command: CommandId,
    /// The number of the last record that is not wanted.
    pub after: u64,
}

/// A page of output that was read again; small enough for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// Whose, in the state that viewers had been told before the output was read.
    pub command: Arc<Command>,
    /// In order. Where a number is missing, that record is not kept any more.
    pub records: Vec<Record>,
    /// Whether everything that was shown before is in this page or before it.
    pub is_last: bool,
}

/// A worker's terminal is to be watched.
#[derive(Debug, Clone)]
pub struct Attach {
    /// Of which session.
    pub session: SessionId,
    /// Which worker.
    pub worker: WorkerId,
    /// In which words the past and live events are told.
    pub language: &'static dyn TerminalLanguage,
    /// What the viewer has already: an epoch, and how many bytes of its log.
    pub has: Option<(u32, u64)>,
}

/// How a worker's terminal looks and what it printed since, in the words that were asked for; what comes after is
/// told live, without hole or repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// The session.
    pub session: Arc<Session>,
    /// The worker as it is now: its epoch, how it ended, what it does.
    pub worker: Arc<Worker>,
    /// Whether the caller may type.
    pub may_type: bool,
    /// The [`Past`] as its language says it, the same bytes for all who begin there.
    pub past: Option<Bytes>,
    /// How many bytes of the log come before what is told live.
    pub position: u64,
    /// Who is in front of it, as they were told before what is told live.
    pub viewers: Option<Arc<Viewers>>,
    /// Whether this viewer was attached before and had fallen behind.
    pub is_resync: bool,
}

/// What viewers that come now are told of a terminal before live events.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Which life of the worker.
    pub epoch: u32,
    /// Where it begins: at a checkpoint, or, without one, where the viewer is or the oldest kept byte.
    pub start: Start,
    /// The output after that, in order.
    pub records: Vec<Record>,
    /// How many bytes of the log come before what is told live.
    pub position: u64,
}

/// The words of a terminal's door.
pub trait TerminalLanguage: Language {
    /// Says the past as one text message; nothing if there is nothing to say. Done once for all who begin there.
    fn past(&self, past: &Past) -> Option<Vec<u8>>;
}

/// Where the past of a terminal begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// With how the terminal looked.
    Checkpoint(Checkpoint),
    /// With the byte at this position, on what the viewer has.
    Continued(u64),
    /// With the byte at this position, on an empty screen.
    Empty(u64),
}

/// A part of a worker's log is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadLog {
    /// Which life of which worker.
    pub stream: StreamKey,
    /// The first byte that is wanted.
    pub from: u64,
    /// The byte after the last that is wanted.
    pub to: u64,
}

/// A part of a worker's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Which life of which worker.
    pub stream: StreamKey,
    /// The oldest byte that is kept.
    pub first: u64,
    /// In order; whole records, so that the first may begin before what was asked.
    pub records: Vec<Record>,
}

/// A step of a run is to be read.
#[derive(Debug, Clone)]
pub struct ReadStep {
    /// Of which run.
    pub run: RunId,
    /// Its number.
    pub step: u32,
    /// In which words.
    pub language: &'static dyn StepLanguage,
}

/// A step of a run as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRead {
    /// The run, as viewers had been told it before the step was read.
    pub run: Arc<Run>,
    /// The step's number.
    pub step: u32,
    /// The step in the words that were asked for, the same bytes for all who want them at that time; nothing if the run
    /// has not that many, or it is not kept.
    pub words: Option<Bytes>,
}

/// The words of a door at which runs are told.
pub trait StepLanguage: std::fmt::Debug + Send + Sync {
    /// Its name, unique among all of these.
    fn name(&self) -> &'static str;
    /// Says a step as one text message. Done once for all who want it at that time.
    fn step(&self, step: &Step, screenshot: Option<&Screenshot>) -> Vec<u8>;
}

/// Everything that can happen to a conversation.
#[derive(Debug)]
pub enum Input<'a> {
    /// The connection is open. Comes first, once.
    Opened(&'a Opening),
    /// A text message from the peer.
    Text(&'a str),
    /// A binary message from the peer.
    Binary(&'a [u8]),
    /// Messages came too fast and were thrown away. Only on doors with [`crate::Excess::Refuse`].
    TooFast {
        /// How many since this was last said.
        dropped: u64,
    },
    /// The answer to [`Action::Verify`].
    Verified(Result<Caller, Denied>),
    /// The answer to [`Action::Ask`].
    Answer(Result<Reply, CoreError>),
    /// The answer to [`Action::Recall`].
    Recalled(Result<Recalled, CoreError>),
    /// The answer to [`Action::Attach`], and again whenever the viewer fell so far behind that it begins anew.
    Attached(Result<Attachment, CoreError>),
    /// The answer to [`Action::ReadLog`].
    LogRead(Result<LogPage, CoreError>),
    /// The answer to [`Action::ReadStep`].
    StepRead(Result<StepRead, CoreError>),
    /// The answer to [`Action::Listen`]: how the subject stands.
    Listening(Result<Standing, CoreError>),
    /// What happened on an agent that is listened to, in order: all of it that was there, but never too much for one turn.
    Heard {
        /// Where.
        agent: &'a AgentId,
        /// What.
        events: &'a [Arc<Published>],
    },
    /// This connection was too slow to be told all that happened on an agent; what comes next is new.
    Missed(&'a AgentId),
    /// The core has to tell this connection something.
    Notice(&'a Notice),
    /// Something about live pictures. The pictures themselves never come here.
    Shown(Shown<'a>),
    /// The moment of [`Action::WakeAt`] has come, or is past.
    Woke,
    /// The caller's token has just expired; the connection is closed soon unless it is refreshed.
    Expired,
    /// The caller's token was revoked; the protocol says so and closes at once.
    Revoked,
    /// The server stops.
    Shutdown,
}

/// Everything a conversation can do.
#[derive(Debug)]
pub enum Action {
    /// Send this to the peer alone, at the next border between two messages.
    Send {
        /// Text or binary.
        kind: MessageKind,
        /// The message.
        payload: Bytes,
    },
    /// Ask the core. The next message waits until the answer came.
    Ask(Request),
    /// Read a page of stored output. The next message waits until the answer came.
    Recall(Recall),
    /// Tell the core what an agent reports. No answer.
    Report(LinkId, Report),
    /// Check a token. The next message waits until the answer came; if it is good, its caller
    /// becomes the connection's, and its expiry counts from then on.
    Verify(String),
    /// Watch the fleet in this language: first the snapshot, then every event, without hole or repetition.
    Watch(&'static dyn Language),
    /// Watch a worker's terminal. The next message waits until the answer came; after that every event of the
    /// worker is told, without hole or repetition.
    Attach(Attach),
    /// Read a part of a worker's log. The next message waits until the answer came.
    ReadLog(ReadLog),
    /// Read a step of a run, once the socket has taken all that it was sent before. Messages of the peer go on
    /// meanwhile; a connection reads one step at a time.
    ReadStep(ReadStep),
    /// Listen to a subject. Answered at once with how it stands; events of its agent are told from there on.
    Listen(Subject),
    /// Do not listen to anything of that agent any more.
    Unlisten(AgentId),
    /// The token was good, but opens nothing that was asked for: this connection belongs to nobody again.
    Disown,
    /// The first message decided: from now on this connection is one of that door, which shares the path.
    Claim(&'static crate::Door),
    /// Do something to a worker's terminal. No answer; nothing happens if the caller may not, or if it is gone.
    Touch(WorkerId, Touch),
    /// Be, or do something, in front of a session's browser. No answer but a refusal.
    Steer(SessionId, Steer),
    /// Something about live pictures. No answer but a refusal.
    Showing(Showing),
    /// Be woken then. Replaces an earlier moment.
    WakeAt(Steady),
    /// Close. Nothing is sent after it and no input comes but what is already on its way.
    Close(CloseCode),
}

/// Actions in the order in which they have to happen.
pub type Actions = Vec<Action>;

/// One peer's side of one protocol. Pure: it says what to do, and does nothing.
pub trait Conversation: Send {
    /// Takes the next input and appends what has to happen, in order.
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions);
}

/// Close codes, all of them; `docs/protocols/close-codes.md` is their table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// 1000: done.
    Normal,
    /// 1000 as well: the token was revoked; on the door whose clients know that ending.
    Revoked,
    /// 1001: the server stops; come back.
    GoingAway,
    /// 1002: not WebSocket as RFC 6455 wants it.
    ProtocolError,
    /// 1007: a text message that is not UTF-8.
    InvalidText,
    /// 1008: not allowed; coming back with the same token is of no use.
    Policy,
    /// 1009: a message larger than the door takes.
    TooBig,
    /// 1011: our fault.
    Internal,
    /// 1012: the server stops; on doors whose clients stay away after 1001.
    Restarting,
    /// 1013: overloaded; come back later.
    Overloaded,
    /// 1013 as well: the viewer could not follow, and its protocol has no words to catch up with.
    FellBehind,
    /// 1013 as well: somebody else brings this stream's pictures, and does not give way.
    Occupied,
    /// 4000: the peer was silent for too long.
    Dead,
    /// 4001: the token has expired.
    Expired,
    /// 4001 as well: the worker was restarted; come back at once.
    WorkerRestarted,
    /// 4002: the token does not count, or there has to be one.
    InvalidToken,
    /// 4003: the token is for another session, or that is no session's id.
    InvalidSession,
    /// 4009: another connection took over.
    Superseded,
}

impl CloseCode {
    /// The number on the wire.
    pub fn number(self) -> u16 {
        match self {
            Self::Normal | Self::Revoked => 1000,
            Self::GoingAway => 1001,
            Self::ProtocolError => 1002,
            Self::InvalidText => 1007,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::Restarting => 1012,
            Self::Overloaded | Self::FellBehind | Self::Occupied => 1013,
            Self::Dead => 4000,
            Self::Expired | Self::WorkerRestarted => 4001,
            Self::InvalidToken => 4002,
            Self::InvalidSession => 4003,
            Self::Superseded => 4009,
        }
    }

    /// The reason that goes with it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "done",
            Self::Revoked => "token revoked",
            Self::GoingAway => "server is stopping",
            Self::ProtocolError => "protocol error",
            Self::InvalidText => "text is not UTF-8",
            Self::Policy => "not allowed",
            Self::TooBig => "message too big",
            Self::Internal => "internal error",
            Self::Restarting => "server is restarting",
            Self::Overloaded => "server is overloaded",
            Self::FellBehind => "read too slowly",
            Self::Occupied => "the stream has a producer",
            Self::Dead => "no message for too long",
            Self::Expired => "token expired",
            Self::WorkerRestarted => "worker was restarted",
            Self::InvalidToken => "Invalid token",
            Self::InvalidSession => "Invalid session",
            Self::Superseded => "another connection took over",
        }
    }
}

/// Whether a credential has run out at `now`.
pub fn is_expired(caller: &Caller, now: Timestamp) -> bool {
    caller.expires_at.is_some_and(|at| at <= now)
}
