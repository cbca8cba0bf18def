//! How many pictures a second are wanted of which stream, for whoever can slow its source down.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use pilothouse_core::ids::SessionId;
use tokio::sync::Notify;

/// The wishes that changed. Bounded by the streams that somebody watches or brings; the newest for each counts.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    changed: Mutex<BTreeMap<SessionId, u32>>,
    wake: Notify,
}

impl Wishes {
    /// So many a second are wanted from now on; none if nobody watches.
    pub(super) fn put(&self, stream: &SessionId, per_second: u32) {
        self.changed.lock().insert(stream.clone(), per_second);
        self.wake.notify_one();
    }

    /// Waits for wishes that changed, and takes them. For one listener.
    pub(crate) async fn next(&self) -> BTreeMap<SessionId, u32> {
        loop {
            let changed = std::mem::take(&mut *self.changed.lock());
            if !changed.is_empty() {
                return changed;
            }
            self.wake.notified().await;
        }
    }
}
