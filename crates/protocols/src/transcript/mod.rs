//! Transcripts: what a protocol's peers say, as text files that people read and that tests run.
//!
//! This is the notation only. Running one takes a server: in memory beside the protocols, or a real one.
//!
//! ```text
//! # a comment
//! agent agent-1 is online
//! → connect /ws/dashboard?token=ana
//! ← {"type":"agent:list","payload":{"agents":[{"agentId":"agent-1","…":"…"}]}}
//! ben → {"type":"heartbeat","payload":{"sequence":1}}
//! ben ← close 1008
//! 5 s pass
//! ```
//!
//! Arrows may carry a client's name. In expectations the text `…` stands for any value, a field named
//! `…` for any further fields, and `cmd-1`, `conn-1`, … for whatever id takes that place first.

mod names;

use std::time::Duration;

pub use names::Names;
use serde_json::Value;

/// A transcript, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The steps with their line numbers, from 1.
    pub steps: Vec<(usize, Step)>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A client does something, or is to see something.
    Client {
        /// Its name; empty for the one without.
        client: String,
        /// What.
        act: Act,
    },
    /// An agent does something.
    Agent {
        /// Its id.
        agent: String,
        /// What.
        deed: Deed,
    },
    /// Time goes by.
    Pass(Duration),
    /// The server is told to stop.
    ServerStops,
    /// Storage goes away (`false`) or comes back.
    Storage(bool),
    /// Somebody changes a session or its workers, not through this door.
    Session(Change),
}

/// What is done to sessions.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `session NAME is made on AGENT`, or `… for branch BRANCH`
    Make {
        /// What the transcript calls it.
        session: String,
        /// On which agent.
        agent: String,
        /// The branch of its worktree, if it has one.
        branch: Option<String>,
    },
    /// `session NAME is called "TITLE"`
    Title(String, String),
    /// `session NAME is deleted`
    Delete(String),
    /// `terminal NAME is added to SESSION`, or `claude NAME is added to SESSION`
    AddWorker {
        /// What the transcript calls it.
        worker: String,
        /// To which session.
        session: String,
        /// Whether a CLI agent runs in it.
        is_agent: bool,
    },
    /// `worker NAME of SESSION is removed`
    Remove(String, String),
    /// `worker NAME of SESSION is restarted`
    Restart(String, String),
    /// `run NAME is made on AGENT`
    Run {
        /// What the transcript calls it.
        run: String,
        /// On which agent.
        agent: String,
    },
    /// `command NAME is queued on AGENT`
    Command {
        /// What the transcript calls it.
        command: String,
        /// On which agent.
        agent: String,
    },
}

/// What a client does or sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// `→ connect PATH`
    Connect(String),
    /// `→ TEXT`: sends that.
    Send(String),
    /// `→ N × TEXT`: sends that so many times.
    SendMany(usize, String),
    /// `→ binary HEX`
    SendBinary(Vec<u8>),
    /// `← JSON`
    Expect(Value),
    /// `← close CODE`
    ExpectClose(u16),
    /// `← nothing`: nothing has come that was not expected.
    ExpectNothing,
    /// `NAME's token expires`
    TokenExpires,
    /// `NAME falls behind`: its socket takes nothing until it catches up.
    FallsBehind,
    /// `NAME catches up`
    CatchesUp,
}

/// What an agent does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// `agent ID is online`
    Comes,
    /// `agent ID with a browser is online`
    ComesWithBrowser,
    /// `agent ID is gone`
    Goes,
    /// `ID starts COMMAND`
    Starts(String),
    /// `ID writes COMMAND "TEXT"`, or `… to stderr`
    Writes {
        /// Which command.
        command: String,
        /// What.
        text: String,
        /// Whether to stderr.
        is_stderr: bool,
    },
    /// `ID prints in COMMAND "LINE"`: what it tells as the last line, beside the output itself.
    Prints(String, String),
    /// `ID is in trouble: REASON`, or `ID is out of trouble`
    Trouble(Option<String>),
    /// `ID loses N bytes of COMMAND`
    Loses(u64, String),
    /// `ID exits COMMAND with CODE`
    Exits(String, i32),
    /// `ID kills COMMAND with SIGNAL`
    Killed(String, String),
    /// `ID interrupts COMMAND`
    Interrupts(String),
    /// `ID times COMMAND out`
    TimesOut(String),
    /// `ID cannot start COMMAND: REASON`
    CannotStart(String, String),
    /// `ID sees WORKER STATE`: what the agent in it does.
    Sees(String, String),
    /// `ID resizes WORKER to COLUMNS × ROWS`
    Resizes(String, u16, u16),
    /// `ID gives the size of WORKER to VIEWER`, or `to nobody`
    GivesSize(String, Option<String>),
    /// `ID checkpoints WORKER "SCREEN"`
    Checkpoints(String, String),
    /// `ID hears WORDS`: what it was told about terminals since it was last asked, in words; `nothing` if nothing.
    Hears(String),
    /// `ID says JSON`: something about a run, in the words of its link.
    Says(Value),
    /// `ID saves the picture`
    SavesPicture,
    /// `ID refuses the picture: REASON`
    RefusesPicture(String),
}

impl Transcript {
    /// Reads a transcript; the error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let step = read_arrow(line).or_else(|| read_words(line));
            let step = step.ok_or_else(|| format!("line {}: not understood: {line}", index + 1))?;
            steps.push((index + 1, step));
        }
        Ok(Self { steps })
    }
}

fn read_arrow(line: &str) -> Option<Step> {
    let (client, arrow, rest) = if let Some((client, rest)) = line.split_once('→') {
        (client, '→', rest)
    } else {
        let (client, rest) = line.split_once('←')?;
        (client, '←', rest)
    };
    let (client, rest) = (client.trim(), rest.trim());
    if client.contains(['{', '"', ' ']) {
        return None;
    }
    let act = if arrow == '→' { read_sent(rest)? } else { read_expected(rest)? };
    Some(Step::Client { client: client.into(), act })
}

fn read_sent(rest: &str) -> Option<Act> {
    if let Some(path) = rest.strip_prefix("connect ") {
        return Some(Act::Connect(path.into()));
    }
    if let Some(hex) = rest.strip_prefix("binary ") {
        let byte = |place| u8::from_str_radix(hex.get(place..place + 2)?, 16).ok();
        return (0..hex.len()).step_by(2).map(byte).collect::<Option<_>>().map(Act::SendBinary);
    }
    if let Some((count, text)) = rest.split_once(" × ")
        && let Ok(count) = count.parse()
    {
        return Some(Act::SendMany(count, text.into()));
    }
    Some(Act::Send(rest.into()))
}

fn read_expected(rest: &str) -> Option<Act> {
    if let Some(code) = rest.strip_prefix("close ") {
        return code.parse().ok().map(Act::ExpectClose);
    }
    if rest == "nothing" {
        return Some(Act::ExpectNothing);
    }
    serde_json::from_str(rest).ok().map(Act::Expect)
}

fn read_words(line: &str) -> Option<Step> {
    let words: Vec<&str> = line.split(' ').collect();
    let client = |client: &str, act| Some(Step::Client { client: client.into(), act });
    match words[..] {
        ["the", "server", "stops"] => return Some(Step::ServerStops),
        ["storage", "is", "away"] => return Some(Step::Storage(false)),
        ["storage", "is", "back"] => return Some(Step::Storage(true)),
        ["the", "token", "expires"] => return client("", Act::TokenExpires),
        ["the", "client", "falls", "behind"] => return client("", Act::FallsBehind),
        ["the", "client", "catches", "up"] => return client("", Act::CatchesUp),
        [count, "s", "pass"] => return count.parse().ok().map(Duration::from_secs).map(Step::Pass),
        [count, "ms", "pass"] => {
            return count.parse().ok().map(Duration::from_millis).map(Step::Pass);
        }
        _ => {}
    }
    if let Some(change) = read_change(&words, line) {
        return Some(Step::Session(change));
    }
    let (agent, deed) = read_deed(&words, line)?;
    Some(Step::Agent { agent: agent.into(), deed })
}

fn read_deed<'a>(words: &[&'a str], line: &str) -> Option<(&'a str, Deed)> {
    Some(match *words {
        ["agent", agent, "is", "online"] => (agent, Deed::Comes),
        ["agent", agent, "with", "a", "browser", "is", "online"] => (agent, Deed::ComesWithBrowser),
        ["agent", agent, "is", "gone"] => (agent, Deed::Goes),
        [agent, "starts", command] => (agent, Deed::Starts(command.into())),
        [agent, "exits", command, "with", code] => {
            (agent, Deed::Exits(command.into(), code.parse().ok()?))
        }
        [agent, "kills", command, "with", signal] => {
            (agent, Deed::Killed(command.into(), signal.into()))
        }
        [agent, "interrupts", command] => (agent, Deed::Interrupts(command.into())),
        [agent, "times", command, "out"] => (agent, Deed::TimesOut(command.into())),
        [agent, "prints", "in", whose, ..] => (agent, Deed::Prints(whose.into(), quoted(line)?)),
        [agent, "is", "in", "trouble:", ..] => {
            (agent, Deed::Trouble(Some(line.split_once(": ")?.1.into())))
        }
        [agent, "is", "out", "of", "trouble"] => (agent, Deed::Trouble(None)),
        [agent, "loses", count, "bytes", "of", command] => {
            (agent, Deed::Loses(count.parse().ok()?, command.into()))
        }
        [agent, "cannot", "start", command, ..] => {
            let (_, reason) = line.split_once(": ")?;
            (agent, Deed::CannotStart(command.trim_end_matches(':').into(), reason.into()))
        }
        [agent, "sees", worker, state] => (agent, Deed::Sees(worker.into(), state.into())),
        [agent, "resizes", worker, "to", columns, "×", rows] => {
            (agent, Deed::Resizes(worker.into(), columns.parse().ok()?, rows.parse().ok()?))
        }
        [agent, "gives", "the", "size", "of", worker, "to", viewer] => {
            let viewer = Some(viewer).filter(|viewer| *viewer != "nobody");
            (agent, Deed::GivesSize(worker.into(), viewer.map(|viewer| (*viewer).into())))
        }
        [agent, "checkpoints", worker, ..] => {
            (agent, Deed::Checkpoints(worker.into(), quoted(line)?))
        }
        [agent, "hears", ..] => (agent, Deed::Hears(line.split_once(" hears ")?.1.into())),
        [agent, "says", ..] => {
            (agent, Deed::Says(serde_json::from_str(line.split_once(" says ")?.1).ok()?))
        }
        [agent, "saves", "the", "picture"] => (agent, Deed::SavesPicture),
        [agent, "refuses", "the", ..] => {
            (agent, Deed::RefusesPicture(line.split_once(": ")?.1.into()))
        }
        [agent, "writes", command, ..] => {
            let text = quoted(line)?;
            let is_stderr = line.ends_with("\" to stderr");
            (agent, Deed::Writes { command: command.into(), text, is_stderr })
        }
        _ => return None,
    })
}

fn read_change(words: &[&str], line: &str) -> Option<Change> {
    Some(match *words {
        ["session", session, "is", "made", "on", agent] => {
            Change::Make { session: session.into(), agent: agent.into(), branch: None }
        }
        ["session", session, "is", "made", "on", agent, "for", "branch", branch] => Change::Make {
            session: session.into(),
            agent: agent.into(),
            branch: Some(branch.into()),
        },
        ["session", session, "is", "called", ..] => Change::Title(session.into(), quoted(line)?),
        ["session", session, "is", "deleted"] => Change::Delete(session.into()),
        [kind @ ("terminal" | "claude"), worker, "is", "added", "to", session] => {
            let is_agent = kind == "claude";
            Change::AddWorker { worker: worker.into(), session: session.into(), is_agent }
        }
        ["worker", worker, "of", session, "is", "removed"] => {
            Change::Remove(session.into(), worker.into())
        }
        ["worker", worker, "of", session, "is", "restarted"] => {
            Change::Restart(session.into(), worker.into())
        }
        ["run", run, "is", "made", "on", agent] => {
            Change::Run { run: run.into(), agent: agent.into() }
        }
        ["command", command, "is", "queued", "on", agent] => {
            Change::Command { command: command.into(), agent: agent.into() }
        }
        _ => return None,
    })
}

/// The text between the first and the last quote of a line.
fn quoted(line: &str) -> Option<String> {
    serde_json::from_str(&line[line.find('"')?..=line.rfind('"')?]).ok()
}
