//! Reads stored output again for one viewer, a page at a time.
//!
//! Bounded by the page and by the gate: a connection that waits for one page can ask for nothing else.

use std::{rc::Rc, sync::Arc, time::Duration};

use pilothouse_core::{
    CoreError,
    ports::StoreError,
    streams::{Record, StoredGroup, StreamKey},
};
use pilothouse_protocols::{Input, Recall, Recalled};
use tokio::time::{Instant, timeout_at};

use super::{
    connection::Connection,
    event_loop::{EventLoop, Shared, contain},
};

/// How much of a page is output. The worst text is six times as long in JSON, which is still a legal message.
const PAGE: usize = 128 << 10;
/// How many records a page has at most: each costs a little beside its text.
const MOST_RECORDS: usize = 1000;
/// How long output that was shown may take to be stored before the reader goes on without it.
const STORED_WITHIN: Duration = Duration::from_secs(2);

impl Connection {
    /// Reads beside the loop; no further message is taken until the page is there.
    pub(super) fn recall(self: &Rc<Self>, event_loop: &Rc<EventLoop>, recall: Recall) {
        if !self.state.borrow_mut().await_answer() {
            return;
        }
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        tokio::task::spawn_local(async move {
            let recalled = read(&event_loop.shared, &recall).await;
            if !connection.is_over.get() {
                contain(&connection, || {
                    connection.take_read(&event_loop, Input::Recalled(recalled));
                });
            }
        });
    }
}

async fn read(shared: &Shared, recall: &Recall) -> Result<Recalled, CoreError> {
    let stream = StreamKey::command(recall.command.clone());
    // Before anything is read: a command that had ended by now had all of its output stored by now.
    let (seen, shown) = shared.hub.look(|core, _| {
        let view = core.fleet().view();
        let shown = view.stream(&stream).map_or(0, |stream| stream.sequence);
        (view.command(&recall.command).cloned(), shown)
    });
    let command = if let Some(command) = seen {
        command
    } else {
        let stored = shared.store.command(&recall.command).await.map_err(|e| away(&e))?;
        let unknown = || CoreError::CommandNotFound(recall.command.clone());
        Arc::new(stored.ok_or_else(unknown)?)
    };
    let deadline = Instant::now() + STORED_WITHIN;
    let mut committed = shared.hub.committed.subscribe();
    loop {
        let records = page(shared, &stream, recall.after, PAGE).await?;
        let last = records.last().map_or(recall.after, |record| record.sequence);
        let is_last = last >= shown
            && (records.is_empty() || page(shared, &stream, last, 1).await?.is_empty());
        if !records.is_empty() || is_last {
            return Ok(Recalled { command, records, is_last });
        }
        // What was shown is on its way into storage. Without storage there is nothing to wait for.
        let is_stored = timeout_at(deadline, committed.changed()).await;
        if !matches!(is_stored, Ok(Ok(()))) {
            return Ok(Recalled { command, records, is_last: true });
        }
    }
}

/// The stored records after that number, as far as they fit; one at least, if there is any.
async fn page(
    shared: &Shared,
    stream: &StreamKey,
    after: u64,
    bytes: usize,
) -> Result<Vec<Record>, CoreError> {
    let groups = shared.store.read_output_after(stream, after, bytes).await;
    let groups = groups.map_err(|error| away(&error))?;
    let records = groups.iter().flat_map(StoredGroup::numbered);
    Ok(records.filter(|record| record.sequence > after).take(MOST_RECORDS).collect())
}

fn away(error: &StoreError) -> CoreError {
    tracing::warn!(%error, "output cannot be read");
    CoreError::StorageUnavailable
}
