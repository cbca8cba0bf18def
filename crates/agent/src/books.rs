//! What all that an agent runs has in common: the journal, the outbox, and the disk below them.

use std::{io, path::Path, sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use parking_lot::Mutex;
use pilothouse_core::{
    commands::{Ended, Outcome},
    sessions::Exit,
    streams::{Source, StreamKey},
    time::Timestamp,
};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    AgentConfig, browsers, clock,
    journal::{End, Entry, Journal, Process},
    outbox::{Outbox, folder_of},
    processes::{
        Mark,
        tree::{self, Tree},
    },
    spool::SpoolLimits,
};

/// How often to look whether a disk that was full has room again.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// How much room it has to have, in bytes.
const PROBE: usize = 256 << 10;
/// How long what a dead agent left may take to end politely.
const GRACE_AFTER_DEATH: Duration = Duration::from_millis(500);

/// Journal and outbox of one agent. Cheap to share.
#[derive(Debug)]
pub(crate) struct Books {
    config: Arc<AgentConfig>,
    outbox: Outbox,
    journal: Arc<Mutex<Journal>>,
}

impl Books {
    /// Takes up what an earlier life left: its results are kept, its processes are ended.
    pub(crate) async fn open(config: Arc<AgentConfig>) -> io::Result<Arc<Self>> {
        let mut journal = Journal::open(&config.data_dir.join("journal"))?;
        bury(&mut journal).await?;
        browsers::bury(&config.data_dir).await;
        let folder = config.data_dir.join("spool");
        delete_unknown(&folder, &journal);
        let limits = SpoolLimits {
            memory: config.spool_memory,
            total: config.spool_bytes,
            file: (config.spool_bytes / 8).max(1),
            chunk: config.chunk,
        };
        let outbox = Outbox::open(folder, limits, journal.entries())?;
        Ok(Arc::new(Self { config, outbox, journal: Arc::new(Mutex::new(journal)) }))
    }

    /// The agent's configuration.
    pub(crate) fn config(&self) -> &Arc<AgentConfig> {
        &self.config
    }

    /// What the server has yet to learn.
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Writes to the journal away from the runtime, because the disk may take its time.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        stream: &StreamKey,
        write: impl FnOnce(&mut Journal, &StreamKey) -> io::Result<T> + Send + 'static,
    ) -> Option<T> {
        let journal = self.journal.clone();
        let key = stream.clone();
        let written = spawn_blocking(move || write(&mut journal.lock(), &key)).await;
        match written {
            Ok(Ok(written)) => Some(written),
            Ok(Err(error)) => {
                tracing::error!(%stream, %error, "the journal cannot be written");
                self.outbox.set_trouble(Some(format!("the journal cannot be written: {error}")));
                None
            }
            Err(_) => None,
        }
    }

    /// Forgets something that does not run.
    pub(crate) async fn forget(&self, stream: &StreamKey) {
        self.write(stream, Journal::forget).await;
        self.outbox.forget(stream);
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
}

/// What ran when the agent died: what is left of it is ended, and its end written down.
async fn bury(journal: &mut Journal) -> io::Result<()> {
    let unfinished: Vec<_> = journal
        .entries()
        .iter()
        .filter(|(_, entry)| entry.end.is_none())
        .map(|(stream, entry)| (stream.clone(), entry.clone()))
        .collect();
    for (stream, entry) in unfinished {
        // Only a shell that is surely the same one gives away its group; the mark is always sure.
        let unknown = Process { pid: -1, born: 0 };
        let shell = entry.process.filter(|p| tree::born(p.pid) == Some(p.born)).unwrap_or(unknown);
        let politely = [Signal::SIGHUP, Signal::SIGTERM];
        let politely = if stream.worker().is_some() { &politely[..] } else { &politely[1..] };
        let left = Tree::new(&Mark::of(&stream), shell).end(politely, GRACE_AFTER_DEATH).await;
        tracing::warn!(%stream, left, "ran when the agent died, and was ended");
        journal.end(&stream, &lost(&stream, &entry))?;
    }
    Ok(())
}

fn lost(stream: &StreamKey, entry: &Entry) -> End {
    let at = clock::now();
    match stream.source {
        Source::Command(_) => {
            let ran_for = since(entry.started_at, at);
            End::Command(Ended { outcome: Outcome::AgentLost, at, ran_for })
        }
        Source::Worker(_) | Source::Run(_) => {
            let reason = Some("the agent was killed, and its terminals with it".into());
            End::Worker(Exit { code: 1, signal: None, reason, at })
        }
    }
}

/// Spools of what was forgotten just before the agent died.
fn delete_unknown(folder: &Path, journal: &Journal) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let known: Vec<_> = journal.entries().keys().map(folder_of).collect();
    for entry in entries.flatten() {
        if !known.iter().any(|known| entry.file_name() == known.as_str()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// How long it is from one moment to a later one.
fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(to.0.saturating_sub(from.0))
}
