//! The agent's commands: started at most once, read, ended as a whole, remembered until forgotten.

pub(crate) mod batching;
mod brand;
mod life;
mod output;
mod process;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, io, path::PathBuf, sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use parking_lot::Mutex;
use pilothouse_core::{
    commands::{Ended, Outcome, StartOrder},
    ids::CommandId,
    time::Timestamp,
};
use tokio::{
    sync::watch,
    task::{JoinSet, spawn_blocking},
    time::sleep,
};

use crate::{
    AgentConfig, clock,
    journal::{Journal, Process},
    outbox::Outbox,
    spool::SpoolLimits,
};
use tree::Tree;

/// How many commands run at once. The server sends one at a time; more is a mistake.
const MOST_RUNNING: usize = 64;

/// How often to look whether a disk that was full has room again.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// How much room it has to have, in bytes.
const PROBE: usize = 256 << 10;
/// How long what a dead agent left may take to end politely.
const GRACE_AFTER_DEATH: Duration = Duration::from_millis(500);

/// Why somebody wants a command to end before it does so by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nobody does.
    Unasked,
    /// The server does.
    Interrupted {
        /// How long each politer signal gets.
        grace: Duration,
    },
    /// The server does not even want to know how.
    Unwanted,
    /// The agent stops.
    Stopping,
}

/// All commands of one agent. Cheap to share.
#[derive(Debug)]
pub(crate) struct Commands {
    config: Arc<AgentConfig>,
    /// How output is gathered: the configuration's way, or the server's once it said so.
    gathering: Mutex<(Duration, usize)>,
    outbox: Arc<Outbox>,
    journal: Arc<Mutex<Journal>>,
    running: Mutex<HashMap<CommandId, watch::Sender<Ending>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Commands {
    /// The server says how long output is gathered and how large its pieces are. Counts for commands
    /// that start from now on.
    pub(crate) fn gather(&self, wait: Option<Duration>, chunk: Option<usize>) {
        let mut gathering = self.gathering.lock();
        gathering.0 = wait.unwrap_or(self.config.batch);
        gathering.1 = chunk.unwrap_or(self.config.chunk);
    }

    fn batch(&self) -> batching::Batch {
        let (wait, chunk) = *self.gathering.lock();
        batching::Batch::new(wait, chunk)
    }

    /// Takes up what an earlier life left: its results are kept, its processes are ended.
    pub(crate) async fn open(config: Arc<AgentConfig>) -> io::Result<Arc<Self>> {
        let mut journal = Journal::open(&config.data_dir.join("journal"))?;
        bury(&mut journal).await?;
        let folder = config.data_dir.join("spool");
        delete_unknown(&folder, &journal);
        let limits = SpoolLimits {
            memory: config.spool_memory,
            total: config.spool_bytes,
            file: (config.spool_bytes / 8).max(1),
            chunk: config.chunk,
        };
        let outbox = Outbox::open(folder, limits, journal.entries())?;
        Ok(Arc::new(Self {
            gathering: Mutex::new((config.batch, config.chunk)),
            config,
            outbox: Arc::new(outbox),
            journal: Arc::new(Mutex::new(journal)),
            running: Mutex::default(),
            tasks: Mutex::default(),
        }))
    }

    /// What the server has yet to learn.
    pub(crate) fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Starts a command unless it was ever started before.
    pub(crate) fn start(self: &Arc<Self>, order: StartOrder) {
        let command = order.command.clone();
        if !self.outbox.begin(&command, clock::now()) {
            return tracing::info!(%command, "is known already and not started again");
        }
        let (ending, asked) = watch::channel(Ending::Unasked);
        let room = {
            let mut running = self.running.lock();
            running.insert(command, ending);
            running.len() <= MOST_RUNNING
        };
        let commands = self.clone();
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let command = order.command.clone();
            life::live(&commands, order, asked, room).await;
            let ending = commands.running.lock().remove(&command);
            // The server may say so at any time, also right after it heard of the end.
            if ending.is_some_and(|ending| *ending.borrow() == Ending::Unwanted) {
                commands.forget(&command).await;
            }
        });
    }

    /// Ends a running command's tree.
    pub(crate) fn interrupt(&self, command: &CommandId, grace: Duration) {
        self.ask(command, Ending::Interrupted { grace });
    }

    /// Forgets a command; ends it first if it runs.
    pub(crate) async fn forget(&self, command: &CommandId) {
        if !self.ask(command, Ending::Unwanted) {
            self.write(command, Journal::forget).await;
            self.outbox.forget(command);
        }
    }

    /// Sees to it that what is wrong with the disk is not said for longer than it is true.
    pub(crate) async fn recover_from_trouble(&self) {
        loop {
            sleep(PROBE_EVERY).await;
            if self.outbox.is_in_trouble() && self.probe().await.is_ok() {
                self.outbox.set_trouble(None);
            }
        }
    }

    /// Whether the disk takes as much as is usually written at once.
    async fn probe(&self) -> io::Result<()> {
        let path = self.config.data_dir.join("probe");
        let written = tokio::fs::write(&path, vec![0; PROBE]).await;
        let _ = tokio::fs::remove_file(&path).await;
        written
    }

    /// Ends all commands, because the agent stops.
    pub(crate) async fn stop(&self) {
        for ending in self.running.lock().values() {
            ending.send_modify(|ending| {
                if matches!(ending, Ending::Unasked) {
                    *ending = Ending::Stopping;
                }
            });
        }
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        while tasks.join_next().await.is_some() {}
    }

    /// False if the command does not run.
    fn ask(&self, command: &CommandId, wanted: Ending) -> bool {
        let running = self.running.lock();
        let Some(ending) = running.get(command) else { return false };
        // An interrupted command that is then unwanted is both; the first one decides how it is ended.
        ending.send_modify(|ending| *ending = wanted);
        true
    }

    /// Writes to the journal away from the runtime, because the disk may take its time.
    async fn write<T: Send + 'static>(
        &self,
        command: &CommandId,
        write: impl FnOnce(&mut Journal, &CommandId) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let journal = self.journal.clone();
        let id = command.clone();
        let written = spawn_blocking(move || write(&mut journal.lock(), &id)).await;
        match written {
            Ok(Ok(written)) => Some(written),
            Ok(Err(error)) => {
                tracing::error!(%command, %error, "the journal cannot be written");
                self.outbox.set_trouble(Some(format!("the journal cannot be written: {error}")));
                None
            }
            Err(_) => None,
        }
    }
}

/// Commands that ran when the agent died: what is left of them is ended, and their end written down.
async fn bury(journal: &mut Journal) -> io::Result<()> {
    let unfinished: Vec<_> = journal
        .entries()
        .iter()
        .filter(|(_, entry)| entry.ended.is_none())
        .map(|(command, entry)| (command.clone(), entry.clone()))
        .collect();
    for (command, entry) in unfinished {
        // Only a shell that is surely the same one gives away its group; the mark is always sure.
        let unknown = Process { pid: -1, born: 0 };
        let shell = entry.process.filter(|p| tree::born(p.pid) == Some(p.born)).unwrap_or(unknown);
        let left =
            Tree::new(command.as_str(), shell).end(&[Signal::SIGTERM], GRACE_AFTER_DEATH).await;
        tracing::warn!(%command, left, "ran when the agent died, and was ended");
        let at = clock::now();
        let ran_for = since(entry.started_at, at);
        journal.end(&command, &Ended { outcome: Outcome::AgentLost, at, ran_for })?;
    }
    Ok(())
}

/// Spools of commands that were forgotten just before the agent died.
fn delete_unknown(folder: &PathBuf, journal: &Journal) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let known = entry
            .file_name()
            .to_str()
            .and_then(|name| CommandId::new(name).ok())
            .is_some_and(|command| journal.entries().contains_key(&command));
        if !known {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// How long it is from one moment to a later one.
fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(to.0.saturating_sub(from.0))
}
