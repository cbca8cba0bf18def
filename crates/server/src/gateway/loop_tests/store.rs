//! A store in memory whose commits can be held back, and which can be taken away.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use parking_lot::Mutex;
use pilothouse_core::{
    audit::{AuditCount, AuditFilter, AuditPage, StoredAudit},
    commands::{Command, CommandFilter, CommandPage},
    ids::{AgentId, CommandId, RunId, UserId},
    people::PasswordHash,
    ports::{Credentials, PortFuture, Store, StoreError, Stored, Write},
    runs::{Run, RunFilter, RunPage, Screenshot, StoredStep},
    sessions::Checkpoint,
    streams::{StoredGroup, StreamKey},
    time::Timestamp,
};
use tokio::sync::watch;

use crate::idempotency::{Begun, KeptReply, Keyed, Replies};

/// Keeps output and checkpoints.
#[derive(Default)]
pub(super) struct FakeStore {
    groups: Mutex<Vec<StoredGroup>>,
    checkpoints: Mutex<Vec<Checkpoint>>,
    is_held: watch::Sender<bool>,
    is_away: AtomicBool,
    checkpoints_read: AtomicUsize,
}

impl FakeStore {
    /// Lets commits wait, or goes on with them.
    pub(super) fn hold(&self, is_held: bool) {
        self.is_held.send_replace(is_held);
    }

    /// Nothing can be read any more.
    pub(super) fn go_away(&self) {
        self.is_away.store(true, Ordering::Relaxed);
    }

    /// Forgets the oldest output.
    pub(super) fn forget_before(&self, position: u64) {
        self.groups.lock().retain(|group| group.position >= position);
    }

    /// How often a checkpoint was asked for.
    pub(super) fn checkpoints_read(&self) -> usize {
        self.checkpoints_read.load(Ordering::Relaxed)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("taken away".to_owned()));
        }
        Ok(())
    }

    /// Whole records, as the port says.
    fn output(&self, stream: &StreamKey, part: Range<u64>) -> Vec<StoredGroup> {
        let groups = self.groups.lock();
        let mut found = Vec::new();
        for group in groups.iter().filter(|group| group.stream == *stream) {
            for record in group.numbered().filter(|record| record.end() > part.start) {
                if !found.is_empty() && record.end() > part.end {
                    return found;
                }
                found.push(StoredGroup {
                    stream: stream.clone(),
                    position: record.position,
                    sequence: record.sequence,
                    records: vec![pilothouse_core::streams::StoredRecord {
                        channel: record.channel,
                        bytes: record.bytes,
                    }],
                    at: group.at,
                });
            }
        }
        found
    }
}

impl pilothouse_core::ports::Search for FakeStore {
    fn search<'a>(
        &'a self,
        _: &'a str,
        _: &'a pilothouse_core::search::SearchFilter,
        _: pilothouse_core::search::SearchPage,
    ) -> PortFuture<'a, Result<Vec<pilothouse_core::search::Hit>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Credentials for FakeStore {
    fn password<'a>(
        &'a self,
        _: &'a UserId,
    ) -> PortFuture<'a, Result<Option<PasswordHash>, StoreError>> {
        Box::pin(async { Ok(None) })
    }
}

impl Store for FakeStore {
    fn commit<'a>(&'a self, batch: &'a [Write]) -> PortFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let _ = self.is_held.subscribe().wait_for(|is_held| !is_held).await;
            for write in batch {
                match write {
                    Write::Output(group) => self.groups.lock().push(group.clone()),
                    Write::Checkpoint(checkpoint) => {
                        self.checkpoints.lock().push(checkpoint.clone());
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn load(&self, _: usize) -> PortFuture<'_, Result<Stored, StoreError>> {
        Box::pin(async { Ok(Stored::default()) })
    }

    fn read_output<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
        max_bytes: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>> {
        Box::pin(async move {
            self.check()?;
            Ok(self.output(stream, position..position + max_bytes as u64))
        })
    }

    fn read_output_after<'a>(
        &'a self,
        _: &'a StreamKey,
        _: u64,
        _: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn checkpoint<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
    ) -> PortFuture<'a, Result<Option<Checkpoint>, StoreError>> {
        Box::pin(async move {
            self.check()?;
            self.checkpoints_read.fetch_add(1, Ordering::Relaxed);
            let checkpoints = self.checkpoints.lock();
            let fits = |known: &&Checkpoint| known.stream == *stream && known.position <= position;
            Ok(checkpoints.iter().rfind(fits).cloned())
        })
    }

    fn command<'a>(
        &'a self,
        _: &'a CommandId,
    ) -> PortFuture<'a, Result<Option<Command>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn spent(
        &self,
        _: pilothouse_core::time::Timestamp,
    ) -> PortFuture<'_, Result<Vec<pilothouse_core::control::Spent>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn prune(&self, _: u64, _: u64) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }
}

impl pilothouse_core::ports::AuditLog for FakeStore {
    fn page<'a>(
        &'a self,
        _: &'a AuditFilter,
        _: AuditPage,
    ) -> PortFuture<'a, Result<Vec<StoredAudit>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn count<'a>(&'a self, _: &'a AuditFilter) -> PortFuture<'a, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }

    fn stats(&self, _: Timestamp) -> PortFuture<'_, Result<Vec<AuditCount>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn agents(&self) -> PortFuture<'_, Result<Vec<AgentId>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn forget(&self, _: Timestamp) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }
}

impl pilothouse_core::ports::CommandHistory for FakeStore {
    fn commands<'a>(
        &'a self,
        _: &'a CommandFilter,
        _: &'a CommandPage,
    ) -> PortFuture<'a, Result<Vec<Command>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl pilothouse_core::ports::RunHistory for FakeStore {
    fn runs<'a>(
        &'a self,
        _: &'a RunFilter,
        _: &'a RunPage,
    ) -> PortFuture<'a, Result<Vec<Run>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn run<'a>(&'a self, _: &'a RunId) -> PortFuture<'a, Result<Option<Run>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn steps<'a>(
        &'a self,
        _: &'a RunId,
        _: u32,
        _: usize,
    ) -> PortFuture<'a, Result<Vec<StoredStep>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn screenshot<'a>(
        &'a self,
        _: &'a RunId,
        _: u32,
    ) -> PortFuture<'a, Result<Option<Screenshot>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn forget(&self, _: u64, _: u64) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }
}

impl Replies for FakeStore {
    fn begin<'a>(
        &'a self,
        _: &'a Keyed,
        _: Timestamp,
        _: Timestamp,
    ) -> PortFuture<'a, Result<Begun, StoreError>> {
        Box::pin(async { Ok(Begun::Now) })
    }

    fn answer<'a>(
        &'a self,
        _: &'a Keyed,
        _: &'a KeptReply,
    ) -> PortFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn free<'a>(&'a self, _: &'a Keyed) -> PortFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn forget(&self, _: Timestamp) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(0) })
    }
}
