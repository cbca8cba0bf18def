//! The control messages of both directions, as they are on the wire.
//!
//! Unknown types and unknown fields are tolerated on both sides, so that either may be a version ahead.

use serde::{Deserialize, Serialize};

use super::{
    browsers::{Browser, BrowserInput},
    requests::{Ask, Failure},
    resources::Resources,
    runs::{DecideRun, ReplyRun, RunEnded, RunStep, RunStored, RunWaits, StartRun},
    workers::{Activity, Size, SizeOwner, Spawn, WorkerExit},
};
pub use super::{
    hello::{HeldCommand, Hello, Profile},
    outcomes::{Ended, Outcome},
};

/// What an agent says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromAgent {
    /// The first message of a link.
    Hello(Box<Hello>),
    /// A command's process started.
    Started {
        /// Which command.
        command: String,
        /// When, in milliseconds since 1970 by the agent's clock.
        at: u64,
    },
    /// A command ended; all of its output was sent before.
    Ended {
        /// Which command.
        command: String,
        /// How and when.
        #[serde(flatten)]
        ended: Ended,
    },
    /// From now on records with this lane number belong to this stream.
    Lane {
        /// The number in the records' headers; chosen by the agent, good for this link.
        lane: u32,
        /// Which stream.
        stream: Stream,
        /// Where the lane's first record will be.
        position: u64,
        /// The number of the lane's first record.
        sequence: u64,
    },
    /// These bytes of a lane are lost for good; the lane goes on behind them.
    Missing {
        /// Which lane.
        lane: u32,
        /// The first lost byte.
        from: u64,
        /// The first byte that is there again.
        to: u64,
        /// The number of the first record that is there again.
        next_sequence: u64,
    },
    /// A worker's process started. Since version 2, as all about workers.
    WorkerStarted {
        /// Which life of which worker.
        stream: Stream,
    },
    /// A worker's process ended, or never started; all of its output was sent before.
    WorkerEnded {
        /// Which life of which worker.
        stream: Stream,
        /// How.
        #[serde(flatten)]
        exit: WorkerExit,
    },
    /// A worker does something else now.
    Activity {
        /// Which life of which worker.
        stream: Stream,
        /// What.
        activity: Activity,
        /// What it asks, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        question: Option<String>,
        /// For how many milliseconds it has been so.
        #[serde(default)]
        age: u64,
    },
    /// A worker's terminal has another size now.
    Resized {
        /// Which life of which worker.
        stream: Stream,
        /// Which.
        #[serde(flatten)]
        size: Size,
    },
    /// A worker's terminal has another viewer's size now. Ignored by servers that do not know it.
    SizeOwner(SizeOwner),
    /// A command or worker printed a line. A version that does not know this ignores it.
    Said {
        /// Which life of which one.
        stream: Stream,
        /// The last visible line, of at most 200 characters.
        text: String,
    },
    /// A browser is like this now. Ignored by servers that do not know browsers, as all about them.
    Browser(Box<Browser>),
    /// A browser was closed.
    BrowserGone {
        /// Of which session.
        session: String,
    },
    /// So many inputs of a turn at steering were done, or can have no effect any more. A server sends no more than 64
    /// before it was told so.
    BrowserTook {
        /// In which session's browser.
        session: String,
        /// Which turn.
        epoch: u64,
        /// How many.
        inputs: usize,
    },
    /// What a person asked to be copied out of a page.
    BrowserClipboard {
        /// From which session's browser.
        session: String,
        /// In which turn at steering it was asked for.
        epoch: u64,
        /// The text.
        text: String,
    },
    /// It is at a run, as it was told. A version that does not know this, and all about runs, ignores it.
    RunBegan {
        /// Which one.
        run: String,
    },
    /// A run took a step.
    RunStep(Box<RunStep>),
    /// A run waits for a person, who answers or decides.
    RunWaits(Box<RunWaits>),
    /// A run does not wait for that any more: it was answered, gave up, or has no use for an answer.
    RunGoesOn {
        /// Which run.
        run: String,
        /// The wait's name.
        wait: String,
    },
    /// A run holds still, or does not any more; the answer to `pauseRun` and `resumeRun`. Said again over each new link while
    /// it holds still.
    RunPaused {
        /// Which run.
        run: String,
        /// Whether it does.
        paused: bool,
    },
    /// A run is over; all of its steps were sent before.
    RunEnded(Box<RunEnded>),
    /// What its machine has left, as often as the server asked for with its welcome.
    Resources(Box<Resources>),
    /// Something is wrong with the agent, or no longer when there is no reason.
    Trouble {
        /// In words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The answer to a request.
    Response {
        /// The request's id.
        id: u64,
        /// What was asked for; absent when it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ok: Option<serde_json::Value>,
        /// Why it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    },
    /// A sign of life; the server answers with the same.
    Heartbeat,
    /// A type of a later version; ignored.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromServer {
    /// The answer to a hello; from now on the link is good.
    Welcome(Welcome),
    /// The answer to a hello that is not accepted; the socket is closed after it.
    Refused {
        /// For programs; the document lists them.
        code: RefusalCode,
        /// For people.
        reason: String,
    },
    /// What the agent sent breaks the protocol; the socket is closed after it.
    Error {
        /// For programs; the document lists them.
        code: ErrorCode,
        /// For people.
        reason: String,
    },
    /// Start a command, at most once.
    Start(Start),
    /// End a command's whole process tree.
    Interrupt {
        /// Which command.
        command: String,
        /// How long each politer signal gets, in milliseconds.
        grace: u64,
    },
    /// Everything before this is stored; the agent may forget it.
    Acknowledge {
        /// Which stream.
        stream: Stream,
        /// The first byte that is not stored.
        position: u64,
        /// The number of the first record that is not stored.
        sequence: u64,
    },
    /// A command's end is stored, or the server does not want the command: end it if it runs, then forget it.
    Forget {
        /// Which command.
        command: String,
    },
    /// Start a worker, at most once: a life in the journal is never started again.
    Spawn(Box<Spawn>),
    /// End a worker's whole process tree.
    EndWorker {
        /// Which life of which worker.
        stream: Stream,
        /// How long each politer signal gets, in milliseconds.
        grace: u64,
    },
    /// A worker's end is stored, or the server does not want the worker: end it if it runs, then forget it.
    ForgetWorker {
        /// Which life of which worker.
        stream: Stream,
    },
    /// A viewer typed something.
    Input {
        /// Into which worker.
        stream: Stream,
        /// Who.
        viewer: String,
        /// What, control characters included.
        text: String,
    },
    /// A viewer wants another size.
    Resize {
        /// Of which worker.
        stream: Stream,
        /// Who.
        viewer: String,
        /// Which.
        #[serde(flatten)]
        size: Size,
    },
    /// A viewer is gone, and with it its claim to the terminal's size.
    Leave {
        /// Of which worker.
        stream: Stream,
        /// Who.
        viewer: String,
    },
    /// How many pictures a second the fastest viewer of a browser wants. Ignored by agents without browsers,
    /// as all about them.
    BrowserWanted {
        /// Of which session.
        session: String,
        /// So many; 0 if nobody watches.
        fps: u32,
    },
    /// A person steers a browser since this turn, or no longer.
    BrowserHeld {
        /// Of which session.
        session: String,
        /// The turn's number; what was begun in an earlier one does nothing any more.
        epoch: u64,
        /// Whether somebody steers.
        held: bool,
    },
    /// What a person did in a browser, in order.
    BrowserInput {
        /// Of which session.
        session: String,
        /// In which turn at steering; of an earlier one it does nothing.
        epoch: u64,
        /// What.
        inputs: Vec<BrowserInput>,
    },
    /// Do a run, at most once. Only to agents with the feature `runs`, as all about runs.
    StartRun(Box<StartRun>),
    /// End a run, and say that it ended.
    CancelRun {
        /// Which one.
        run: String,
    },
    /// Have a run hold still after the action under way, and say so.
    PauseRun {
        /// Which run.
        run: String,
    },
    /// Have a run go on, and say so.
    ResumeRun {
        /// Which run.
        run: String,
    },
    /// Somebody answered what a run asked.
    ReplyRun(ReplyRun),
    /// Somebody allowed or refused what a run wants to send.
    DecideRun(DecideRun),
    /// Steps of a run are stored; the agent may forget them.
    RunStored(RunStored),
    /// A run's end is stored, or the server does not want the run: end it if it is under way, then forget it.
    ForgetRun {
        /// Which one.
        run: String,
    },
    /// Begin a new life: end all that runs, start the program anew, link again. Since version 2.
    Restart,
    /// The agent's key is stored: it opens the link from now on. Since version 2.
    Enrolled,
    /// From now on each stream may have so many bytes unacknowledged.
    Credit {
        /// How many.
        bytes: u64,
    },
    /// A stream is wanted again from there on, and how it ended: the server could not keep it.
    Resume(Resume),
    /// The agent is asked for something.
    Request {
        /// Names the request on this link.
        id: u64,
        /// After so many milliseconds the answer is of no use.
        deadline: u64,
        /// What.
        #[serde(flatten)]
        ask: Ask,
    },
    /// The answer to a heartbeat.
    Heartbeat,
    /// A type of a later version; ignored.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// The server's answer to a hello.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The version both speak from now on.
    pub version: u32,
    /// Names this link in logs.
    pub link: u64,
    /// From where the server wants each stream; a stream not named here goes on from what is not acknowledged.
    #[serde(default)]
    pub resume: Vec<Resume>,
    /// Commands to be ended if they run, and forgotten.
    #[serde(default)]
    pub forget: Vec<String>,
    /// Workers to be ended if they run, and forgotten. Since version 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget_workers: Vec<Stream>,
    /// How much the server has of each run that the agent has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunStored>,
    /// Runs to be ended if they are under way, and forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget_runs: Vec<String>,
    /// How many bytes each stream may have unacknowledged.
    pub credit: u64,
    /// How often the agent sends a heartbeat, in milliseconds.
    pub heartbeat_interval: u64,
    /// After so many milliseconds without any message either side takes the other for dead.
    pub heartbeat_timeout: u64,
    /// How long output of commands is gathered, in milliseconds; the agent's own default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_batch: Option<u64>,
    /// The largest piece of output of a command, in bytes; the agent's own default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_chunk: Option<u64>,
    /// How often the agent is to tell what its machine has left, in milliseconds; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources_interval: Option<u64>,
}

/// Where a stream goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// Which stream.
    pub stream: Stream,
    /// The first byte the server has not stored.
    pub position: u64,
    /// The number of the first record the server has not stored.
    pub sequence: u64,
}

/// All that is needed to start a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// Its id.
    pub command: String,
    /// The line for `/bin/sh -c`.
    pub line: String,
    /// The directory to run in; the agent's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Extra environment variables, in order.
    #[serde(default)]
    pub environment: Vec<(String, String)>,
    /// When the agent is to end it, in milliseconds.
    pub timeout: u64,
}

/// Names one log of output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    /// Whose output.
    pub kind: StreamKind,
    /// The id inside its kind.
    pub id: String,
    /// Which life of it; always 0 for commands.
    #[serde(default)]
    pub epoch: u32,
}

/// What a stream is the output of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StreamKind {
    /// A command.
    Command,
    /// A worker.
    Worker,
    /// A run.
    Run,
}

/// Why a hello is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefusalCode {
    /// No version that both speak.
    VersionUnsupported,
    /// The token does not open this agent.
    Forbidden,
    /// The id belongs to another credential.
    AgentTaken,
    /// A field of the hello cannot be accepted.
    Invalid,
    /// The server cannot take the agent now; try again later.
    Unavailable,
    /// A reason of a later version.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}

/// How an agent broke the protocol, or what its connection lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// Not a message, or not one that makes sense here.
    Malformed,
    /// Something came before `hello`, or a second `hello`.
    OutOfOrder,
    /// A record that no `lane` announced, or that does not follow the one before.
    BrokenLane,
    /// The token has expired; connect with another one.
    TokenExpired,
    /// A code of a later version.
    #[serde(other)]
    #[cfg_attr(test, schemars(skip))]
    Unknown,
}
