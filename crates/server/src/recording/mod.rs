//! A worker's log as a recording that players understand, read from storage a piece at a time.

mod asciicast;

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use pilothouse_core::{
    ports::{Store, StoreError},
    sessions::{Exit, Size, Worker, WorkerState},
    streams::{StoredGroup, StreamKey},
    time::Timestamp,
};

use asciicast::Writer;

/// How much of the log is read at once, in bytes; a piece of the recording is at most about six times that.
const PIECE: usize = 256 * 1024;

/// A worker's recording in asciicast v3, from the oldest byte that is kept.
///
/// Sizes are known where there is a checkpoint; before the first of them the recording has that one's size.
pub struct Recording {
    store: Arc<dyn Store>,
    stream: StreamKey,
    title: Arc<str>,
    size: Size,
    exit: Option<Exit>,
    until: Timestamp,
    position: u64,
    /// Where the terminal got another size, in order.
    resizes: VecDeque<(u64, Size)>,
    writer: Option<Writer>,
    is_over: bool,
}

impl Recording {
    /// A recording of a worker's present life. What it writes after `until` is left out, so that there is an end.
    pub fn of(store: Arc<dyn Store>, worker: &Worker, until: Timestamp) -> Self {
        let exit = match &worker.state {
            WorkerState::Ended(exit) => Some(exit.clone()),
            WorkerState::Starting | WorkerState::Running { .. } => None,
        };
        Self {
            store,
            stream: worker.stream(),
            title: worker.name.clone(),
            size: worker.size,
            exit,
            until,
            position: 0,
            resizes: VecDeque::new(),
            writer: None,
            is_over: false,
        }
    }

    /// The next piece of the file; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.begin().await?,
        };
        let groups = self.store.read_output(&self.stream, self.position, PIECE).await?;
        let mut is_over = groups.is_empty();
        for group in &groups {
            if group.at > self.until {
                is_over = true;
                break;
            }
            self.tell(&mut writer, group);
        }
        if is_over {
            self.is_over = true;
            let exit = self.exit.as_ref().map(|exit| (exit.code, exit.at));
            writer.finish(exit);
        }
        let piece = writer.take();
        self.writer = Some(writer);
        Ok((!piece.is_empty() || !is_over).then_some(piece))
    }

    async fn begin(&mut self) -> Result<Writer, StoreError> {
        let newest = self.store.checkpoint(&self.stream, u64::MAX).await?;
        let older = match newest.as_ref().and_then(|newest| newest.position.checked_sub(1)) {
            Some(before) => self.store.checkpoint(&self.stream, before).await?,
            None => None,
        };
        let known = older.into_iter().chain(newest);
        self.resizes = known.map(|checkpoint| (checkpoint.position, checkpoint.size)).collect();
        if let Some((_, first)) = self.resizes.front() {
            self.size = *first;
        }
        let first = self.store.read_output(&self.stream, 0, 1).await?;
        let began = first.first().map_or(self.until, |group| group.at);
        Ok(Writer::begin(self.size, &self.title, began))
    }

    fn tell(&mut self, writer: &mut Writer, group: &StoredGroup) {
        if group.position != self.position {
            writer.interrupt(group.at);
        }
        for record in group.numbered() {
            while let Some((_, size)) =
                self.resizes.pop_front_if(|(position, _)| *position <= record.position)
            {
                if size != self.size {
                    self.size = size;
                    writer.resize(size, group.at);
                }
            }
            writer.output(&record.bytes, group.at);
        }
        self.position = group.end();
    }
}
