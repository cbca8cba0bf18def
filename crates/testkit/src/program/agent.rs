//! An agent as a process of its own.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{PATIENCE, signal};
use crate::{
    confidential::Log,
    memory::{memory, reset_peak},
};

/// An agent process. Killed when dropped, with what it runs.
pub struct Agent {
    child: Child,
    command: Command,
    folder: TempDir,
    log: Log,
}

impl Agent {
    pub(super) fn of(child: Child, command: Command, folder: TempDir, log: Log) -> Self {
        Self { child, command, folder, log }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The data directory.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Forgets the highest memory so far, and returns the present one, in KiB.
    pub fn reset_peak(&self) -> u64 {
        reset_peak(self.child.id())
    }

    /// The highest memory since [`Agent::reset_peak`], in KiB.
    pub fn peak_kib(&self) -> u64 {
        memory(self.child.id(), "VmHWM:")
    }

    /// Ends the process at once, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The number of the witness beside it, as soon as there is one.
    pub fn witness(&self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let children = format!("/proc/{0}/task", self.id());
            let tasks = fs::read_dir(children).into_iter().flatten().flatten();
            let children = tasks
                .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
                .flat_map(|line| {
                    line.split(' ').filter_map(|n| n.parse().ok()).collect::<Vec<_>>()
                });
            let is_witness = |child: &u32| {
                let line = fs::read(format!("/proc/{child}/cmdline"));
                line.is_ok_and(|line| line.ends_with(b"\0witness\0"))
            };
            if let Some(witness) = children.into_iter().find(is_witness) {
                return witness;
            }
            assert!(Instant::now() < deadline, "there is no witness");
            // Nobody tells when it starts.
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Makes the token that it was started with worthless.
    pub fn spoil_token(&self) {
        let spoiled = fs::write(self.folder.path().join("token"), "worthless");
        spoiled.expect("a temporary file can be written");
    }

    /// Starts it again after its end, on the same data.
    pub fn start_again(&mut self) {
        let _ = self.child.wait();
        self.child = self.command.spawn().expect("the program can be started");
    }

    /// How many commands it keeps for its server, because not all of them is stored there.
    pub fn kept_commands(&self) -> usize {
        fs::read_dir(self.folder().join("spool")).map_or(0, Iterator::count)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.check("the agent", &[&self.folder().join("key")]);
    }
}
