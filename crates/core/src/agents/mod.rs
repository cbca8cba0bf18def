//! Agents: who is there. The live link is the one owner of presence.

mod crashes;
mod link;
mod registry;
mod reported;

pub use registry::Link;
pub(crate) use registry::{Known, Registry};
pub use reported::Reporting;

use std::{sync::Arc, time::Duration};

use crate::{
    browsers,
    calls::{Call, CallRefusal, Found},
    commands::{Ended, StartOrder},
    ids::{AgentId, CommandId, IncarnationId, LinkId, RunId},
    resources::Resources,
    runs::{self, RunResume},
    sessions::{Activity, Checkpoint, Exit, HeldWorker, Size, SpawnOrder},
    streams::{Record, StreamKey},
    time::Timestamp,
};

/// Whether an agent can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Linked and idle.
    Online,
    /// Linked and running a command.
    Busy,
    /// No link.
    Offline,
    /// Linked, but something is wrong with it.
    Error,
}

impl Status {
    /// The status's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Busy => "busy",
            Self::Offline => "offline",
            Self::Error => "error",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Online, Self::Busy, Self::Offline, Self::Error]
            .into_iter()
            .find(|it| it.as_str() == name)
    }
}

/// What an agent says of itself when it links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// For people; the id when the agent has no name.
    pub name: Arc<str>,
    /// `claude`, `codex`, `gemini`, `shell`, …: open, for people and icons.
    pub agent_type: Arc<str>,
    /// The agent program's version.
    pub version: Arc<str>,
    /// Operating system and machine, such as `linux-x86_64`.
    pub platform: Arc<str>,
    /// The machine's name.
    pub host: Arc<str>,
    /// `commands`, `terminals`, `browser`.
    pub capabilities: Arc<[Arc<str>]>,
}

/// One agent as viewers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// What it said of itself last.
    pub profile: Profile,
    /// Whether it can work.
    pub status: Status,
    /// When its present or last link began.
    pub connected_at: Timestamp,
    /// When it last said anything that changed its state.
    pub last_activity: Timestamp,
}

/// What can be asked about agents.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// An agent's socket says hello. Takes over from an older link of the same agent.
    Link(Hello),
    /// Somebody says how an agent without a link is.
    Report(Reporting),
    /// A message for an agent without a link, which whoever reports it is to pass on.
    Message {
        /// Which agent.
        agent: AgentId,
        /// The message, as it is.
        text: Arc<str>,
    },
    /// Somebody says what a session of an agent said.
    Say {
        /// Whose session.
        agent: AgentId,
        /// Which one, as whoever reports calls it.
        session: Arc<str>,
        /// What.
        text: Arc<str>,
    },
}

/// The SHA-256 of an agent's key. The key itself never leaves the agent but as a credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    /// As sixty-four hexadecimal digits.
    pub fn to_hexadecimal(self) -> String {
        use std::fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// From sixty-four hexadecimal digits.
    pub fn from_hexadecimal(text: &str) -> Option<Self> {
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        bytes.collect::<Option<Vec<u8>>>()?.try_into().ok().map(Self)
    }
}

/// A hash is not secret, and yet of no use in logs.
impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHash")
    }
}

/// An agent's introduction, with all that is needed to go on where an earlier link ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Hello {
    /// Who it says it is; must be what its credential opens.
    pub agent: AgentId,
    /// Which life of the agent process this is.
    pub incarnation: IncarnationId,
    /// The key it wants to be known by from now on.
    pub key: Option<KeyHash>,
    /// Not the agent itself but the witness of its death: it reports what is left and takes no work.
    pub is_witness: bool,
    /// What it says of itself.
    pub profile: Profile,
    /// Every command the agent's journal holds: what runs, and what ended without the server's acknowledgement.
    pub commands: Vec<HeldCommand>,
    /// Every worker the agent's journal holds, likewise.
    pub workers: Vec<HeldWorker>,
    /// Every browser that the agent runs.
    pub browsers: Vec<browsers::Seen>,
    /// Every run that it has, likewise; `None` if it does no runs.
    pub runs: Option<Arc<[RunId]>>,
}

/// A command in an agent's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCommand {
    /// Which one.
    pub command: CommandId,
    /// When its process started.
    pub started_at: Timestamp,
    /// The byte after the last one of its output that the agent has.
    pub next_position: u64,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
}

/// The server's answer to a [`Hello`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Names this link; reports carry it.
    pub link: LinkId,
    /// For each held command: from which position its output is wanted.
    pub resume: Vec<ResumeFrom>,
    /// Held commands that are final here or unknown: end them if they run, then forget them.
    pub forget: Vec<CommandId>,
    /// Held workers that are not wanted: end them if they run, then forget them.
    pub forget_workers: Vec<StreamKey>,
    /// For each held run: which of its steps are stored.
    pub runs: Vec<RunResume>,
    /// Held runs that are not wanted: end them if they are under way, then forget them.
    pub forget_runs: Vec<RunId>,
    /// How many bytes of output a stream may have unacknowledged.
    pub credit: u64,
}

/// A credit that nothing uses up; it says that the server does not store at present. Exact in every language's numbers.
pub const NO_LIMIT: u64 = (1 << 53) - 1;

/// Where the output of a stream goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeFrom {
    /// Which stream.
    pub stream: StreamKey,
    /// The first byte the server has not stored.
    pub position: u64,
    /// The number of the first record the server has not stored.
    pub sequence: u64,
}

/// What a linked agent reports. Not a request: nobody can refuse it, and output leaves no audit.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// A process started.
    Started {
        /// For which command.
        command: CommandId,
        /// When, by the agent's clock.
        at: Timestamp,
    },
    /// A piece of output.
    Output(Record),
    /// The agent's disk had no room: these bytes of a stream are lost for good.
    Missing {
        /// Which stream.
        stream: StreamKey,
        /// The first lost byte.
        from: u64,
        /// The first byte that is there again.
        to: u64,
        /// The number of the first record that is there again.
        next_sequence: u64,
    },
    /// A command ended and all of its output was reported before.
    Ended {
        /// Which one.
        command: CommandId,
        /// How.
        ended: Ended,
    },
    /// A worker's process started.
    WorkerStarted {
        /// Which life of which worker.
        stream: StreamKey,
    },
    /// A worker's process ended, or never started, and all of its output was reported before.
    WorkerEnded {
        /// Which life of which worker.
        stream: StreamKey,
        /// How.
        exit: Exit,
    },
    /// A worker does something else now.
    Activity {
        /// Which life of which worker.
        stream: StreamKey,
        /// What.
        activity: Activity,
        /// What it asks, for people.
        question: Option<Arc<str>>,
        /// For how long it has been so.
        age: Duration,
    },
    /// A worker's terminal has another size now.
    Resized {
        /// Which life of which worker.
        stream: StreamKey,
        /// Which.
        size: Size,
    },
    /// A worker's terminal has the size of another viewer, or of nobody who is there.
    SizeOwner {
        /// Which life of which worker.
        stream: StreamKey,
        /// Who, as the agent was told.
        viewer: Option<Arc<str>>,
    },
    /// How a worker's terminal looks.
    Checkpoint(Checkpoint),
    /// A command or worker printed a line.
    Said {
        /// Which life of which one.
        stream: StreamKey,
        /// The last visible line.
        text: Arc<str>,
    },
    /// The answer to a call.
    Called {
        /// The call's number.
        call: u64,
        /// What the agent says.
        answer: Result<Found, CallRefusal>,
    },
    /// About its browsers.
    Browser(browsers::Report),
    /// About runs.
    Run(runs::Report),
    /// What its machine has left.
    Resources(Arc<Resources>),
    /// Something is wrong with the agent (`Some`), or no longer (`None`).
    Trouble(Option<Arc<str>>),
    /// The link is lost.
    Lost,
}

/// What the server tells a linked agent.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Start a command, at most once.
    Start(Arc<StartOrder>),
    /// End a command's whole process tree: politely first, by force when the grace is over.
    Interrupt {
        /// Which one.
        command: CommandId,
        /// How long each politer signal gets.
        grace: Duration,
    },
    /// Everything before `position` of that stream is stored; the agent may forget it.
    Acknowledge {
        /// Which stream.
        stream: StreamKey,
        /// The first byte that is not stored.
        position: u64,
        /// The number of the first record that is not stored.
        sequence: u64,
    },
    /// The command's end is stored; the agent may forget the command.
    Forget(CommandId),
    /// Start a worker, at most once.
    Spawn(Arc<SpawnOrder>),
    /// End a worker's whole process tree: politely first, by force when the grace is over.
    EndWorker {
        /// Which life of which worker.
        stream: StreamKey,
        /// How long each politer signal gets.
        grace: Duration,
    },
    /// The worker's end is stored, or it is not wanted: end it if it runs, then forget it.
    ForgetWorker(StreamKey),
    /// A viewer typed something.
    Input {
        /// Into which worker.
        stream: StreamKey,
        /// Who.
        viewer: Arc<str>,
        /// What, control characters included.
        text: Arc<str>,
    },
    /// A viewer wants another size.
    Resize {
        /// Of which worker.
        stream: StreamKey,
        /// Who.
        viewer: Arc<str>,
        /// Which.
        size: Size,
    },
    /// A viewer is gone, and with it its claim to the terminal's size.
    Leave {
        /// Of which worker.
        stream: StreamKey,
        /// Who.
        viewer: Arc<str>,
    },
    /// About runs.
    Run(runs::Order),
    /// Begin a new life: end all that runs, start the program anew and link again.
    Restart,
    /// A question, to be answered with its number.
    Call {
        /// The number.
        call: u64,
        /// After so long the answer is of no use.
        within: Duration,
        /// What is asked.
        what: Arc<Call>,
    },
    /// About its browsers.
    Browser(browsers::Order),
    /// The agent's key is stored; it needs no token from now on.
    Enrolled,
    /// From now on each stream may have so many bytes unacknowledged.
    Credit(u64),
    /// Everything from there on is to be sent again, and then how it ended.
    Resume(ResumeFrom),
}

/// What viewers learn about agents.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An agent's status or profile changed.
    Status(Arc<Agent>),
    /// It is there, gone, or in trouble, other than was told before. Comes beside `Status`, which also tells
    /// when it begins and ends to work.
    Presence(Arc<Agent>),
    /// Agents came or went for good; all of them, offline ones included, by id.
    List(Arc<[Arc<Agent>]>),
}
