//! Whose a process is: a variable that names its owner, and a brand for those that clear their environment.

use std::io;

use nix::{
    errno::Errno,
    unistd::{Pid, getppid},
};
use pilothouse_core::streams::{Source, StreamKey};

use super::brand;

/// Marks every process of a command, with its id.
const COMMAND: &str = "PILOTHOUSE_COMMAND_ID";
/// Marks every process of one life of a worker, with its id and the life's number.
const WORKER: &str = "PILOTHOUSE_WORKER_LIFE";

/// Marks every process of a browser, with the name of its folder.
const BROWSER: &str = "PILOTHOUSE_BROWSER_LIFE";

/// Marks programs that run for a request, so that nobody takes them for orphans of a command.
const REQUEST: &str = "PILOTHOUSE_REQUEST";

/// What all processes of one owner carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    name: &'static str,
    value: String,
}

impl Mark {
    /// The mark of whatever writes that log.
    pub(crate) fn of(stream: &StreamKey) -> Self {
        match &stream.source {
            Source::Command(id) => Self { name: COMMAND, value: id.as_str().to_owned() },
            Source::Worker(_) | Source::Run(_) => {
                let value = format!("{}.{}", stream.source.id(), stream.epoch);
                Self { name: WORKER, value }
            }
        }
    }

    /// The mark of a browser's processes.
    pub(crate) fn of_browser(folder: &str) -> Self {
        Self { name: BROWSER, value: folder.to_owned() }
    }

    /// The mark of programs that run for requests.
    pub(crate) fn of_requests() -> Self {
        Self { name: REQUEST, value: "1".to_owned() }
    }

    /// The variable's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The variable's value.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    /// The variable as it is in an environment.
    pub(super) fn variable(&self) -> String {
        format!("{}={}", self.name, self.value)
    }

    /// The mark that is no variable, where it is to be had.
    pub(super) fn brand(&self) -> Option<u64> {
        brand::of(&self.value)
    }

    /// Whether orphans that carry no mark at all are taken for this owner's.
    pub(super) fn takes_strays(&self) -> bool {
        self.name == COMMAND
    }

    /// What a child of this process does about it before it becomes a program.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { brand: self.brand(), agent: Pid::this() }
    }
}

/// Puts a brand on a process between fork and exec.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    brand: Option<u64>,
    agent: Pid,
}

impl Stamp {
    /// Brands this process and all that will come of it. Async-signal-safe.
    pub(crate) fn put(self) -> io::Result<()> {
        self.brand.map_or(Ok(()), brand::put)?;
        // If the agent died before the brand was on, its witness has looked in vain.
        if getppid() == self.agent { Ok(()) } else { Err(Errno::ESRCH.into()) }
    }

    /// A stamp for children of some other process.
    #[cfg(test)]
    pub(crate) fn of_children_of(agent: Pid) -> Self {
        Self { brand: None, agent }
    }
}

/// The command or worker that a process was started for, as its environment says.
pub(crate) fn owner_of(pid: i32) -> Option<StreamKey> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|byte| *byte == 0).find_map(|variable| {
        let (name, value) = std::str::from_utf8(variable).ok()?.split_once('=')?;
        match name {
            COMMAND => Some(StreamKey::command(value.parse().ok()?)),
            WORKER => {
                let (id, epoch) = value.rsplit_once('.')?;
                let source = Source::Worker(id.parse().ok()?);
                Some(StreamKey { source, epoch: epoch.parse().ok()? })
            }
            _ => None,
        }
    })
}

/// Whether a variable is anybody's mark.
pub(super) fn is_a_mark(variable: &[u8]) -> bool {
    [COMMAND, WORKER, BROWSER, REQUEST].iter().any(|name| {
        variable.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    })
}
