//! What a terminal's viewer begins with, read from storage: how the terminal looked, and what it printed since.
//!
//! Bounded by [`MOST_CONTINUED`], [`MOST_AFTER_CHECKPOINT`] and the size of a checkpoint.

use std::time::Duration;

use pilothouse_core::{
    ids::WorkerId,
    ports::StoreError,
    streams::{Record, Source, StoredGroup, StreamKey},
};
use pilothouse_protocols::{LogPage, Past, ReadLog, Start};
use tokio::time::{Instant, timeout_at};

use super::event_loop::Shared;

/// How much a viewer that has a part already, or that gets no checkpoint, is told at most.
const MOST_CONTINUED: u64 = 1 << 20;
/// How much output after a checkpoint is told at most. Agents make one for each MiB, so that there is seldom more.
const MOST_AFTER_CHECKPOINT: u64 = 2 << 20;
/// How much is read at once.
const STEP: u64 = 256 << 10;
/// How much of a log one answer to a request for a part of it has at most.
const PAGE: u64 = 256 << 10;
/// How long output that was shown may take to be stored before the reader goes on without it. That is a hole for whoever
/// resumes, so a disk that is slow is waited for.
const STORED_WITHIN: Duration = Duration::from_secs(20);
/// The same while storage says that it cannot store anything.
const STORED_IN_TROUBLE: Duration = Duration::from_secs(2);

/// Reads what a viewer needs up to that place. `has` is how many bytes of this life it has already. Without storage it
/// begins with nothing, and live events go on all the same.
pub(super) async fn read(
    shared: &Shared,
    stream: StreamKey,
    position: u64,
    has: Option<u64>,
) -> Past {
    let epoch = stream.epoch;
    let (start, records) = match try_read(shared, &stream, position, has).await {
        Ok(read) => read,
        Err(error) => {
            tracing::warn!(%error, %stream, "a terminal's history cannot be read");
            (Start::Empty(position), Vec::new())
        }
    };
    Past { epoch, start, records, position }
}

/// How many bytes of output and of a checkpoint it has.
pub(super) fn bytes(past: &Past) -> usize {
    let checkpoint = match &past.start {
        Start::Checkpoint(checkpoint) => checkpoint.bytes.len(),
        Start::Continued(_) | Start::Empty(_) => 0,
    };
    past.records.iter().map(|record| record.bytes.len()).sum::<usize>() + checkpoint
}

async fn try_read(
    shared: &Shared,
    stream: &StreamKey,
    position: u64,
    continued: Option<u64>,
) -> Result<(Start, Vec<Record>), StoreError> {
    if let Some(from) = continued.filter(|from| is_within(*from, position, MOST_CONTINUED)) {
        let records = range(shared, stream, from, position).await?;
        // The viewer's place has to be a border between two records that are both kept, and nothing that was not
        // stored in time may be missing at the end.
        let starts = records.first().map_or(position, |record| record.position) == from;
        if starts && records.last().is_none_or(|record| record.end() >= position) {
            return Ok((Start::Continued(from), records));
        }
    }
    let checkpoint = shared.store.checkpoint(stream, position).await?;
    if let Some(checkpoint) =
        checkpoint.filter(|known| is_within(known.position, position, MOST_AFTER_CHECKPOINT))
    {
        let records = range(shared, stream, checkpoint.position, position).await?;
        return Ok((Start::Checkpoint(checkpoint), records));
    }
    let from = position.saturating_sub(MOST_CONTINUED);
    let records = range(shared, stream, from, position).await?;
    let first = records.first().map_or(position, |record| record.position);
    Ok((Start::Empty(first), records))
}

fn is_within(from: u64, to: u64, most: u64) -> bool {
    to.checked_sub(from).is_some_and(|bytes| bytes <= most)
}

/// The kept records that overlap a part of a log. None begins at or behind its end.
async fn range(
    shared: &Shared,
    stream: &StreamKey,
    from: u64,
    to: u64,
) -> Result<Vec<Record>, StoreError> {
    let (mut records, mut next): (Vec<Record>, u64) = (Vec::new(), from);
    while next < to {
        let most = usize::try_from((to - next).min(STEP)).unwrap_or(usize::MAX);
        let groups = shared.store.read_output(stream, next, most).await?;
        let Some(end) = groups.iter().map(StoredGroup::end).max() else { break };
        let found = groups.iter().flat_map(StoredGroup::numbered);
        records.extend(found.filter(|record| record.end() > next && record.position < to));
        if end <= next {
            break;
        }
        next = end;
    }
    Ok(records)
}

/// Waits for the agent to send again what a viewer has already and storage lost with the server's last life.
pub(super) async fn wait_until_received(
    shared: &Shared,
    worker: &WorkerId,
    epoch: u32,
    position: u64,
) {
    let stream = StreamKey { source: Source::Worker(worker.clone()), epoch };
    let deadline = Instant::now() + shared.config.resume_wait;
    let mut committed = shared.hub.committed.subscribe();
    loop {
        let (is_present, received) =
            shared.hub.look(|core, _| (core.is_present_life(&stream), core.received(&stream)));
        if !is_present || received >= position {
            return;
        }
        if !matches!(timeout_at(deadline, committed.changed()).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Waits until all before `position` is stored. Goes on without it when that takes too long.
pub(super) async fn wait_until_stored(shared: &Shared, stream: &StreamKey, position: u64) {
    let Some(last) = position.checked_sub(1) else { return };
    let deadline = Instant::now() + STORED_WITHIN;
    let mut committed = shared.hub.committed.subscribe();
    loop {
        match shared.store.read_output(stream, last, 1).await {
            Ok(groups) if groups.iter().all(|group| group.end() < position) => {}
            // There it is, or there is no storage to wait for.
            Ok(_) | Err(_) => return,
        }
        let round = Instant::now() + STORED_IN_TROUBLE;
        let is_late = timeout_at(round.min(deadline), committed.changed()).await.is_err();
        if is_late && (Instant::now() >= deadline || shared.hub.troubles.is_raised("storage")) {
            return;
        }
    }
}

/// Reads a part of a log: whole records, as many as one page has.
pub(super) async fn page(shared: &Shared, wanted: ReadLog) -> Result<LogPage, StoreError> {
    let ReadLog { stream, from, to } = wanted;
    let received = shared.hub.look(|core, _| core.received(&stream));
    wait_until_stored(shared, &stream, to.min(received)).await;
    let oldest = shared.store.read_output(&stream, 0, 1).await?;
    let first = oldest.first().map_or(0, |group| group.position);
    let from = from.max(first);
    let mut records = range(shared, &stream, from, to.min(from.saturating_add(PAGE))).await?;
    let mut bytes = 0;
    let fits = |record: &&Record| {
        bytes += record.bytes.len() as u64;
        bytes <= PAGE
    };
    let count = records.iter().take_while(fits).count();
    records.truncate(count.max(1));
    Ok(LogPage { stream, first, records })
}
