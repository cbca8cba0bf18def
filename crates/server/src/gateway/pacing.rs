//! How fast agents are read: viewers are served first, storage keeps up, and no ring is outrun.

use std::{rc::Rc, sync::atomic::Ordering, time::Duration};

use super::{connection::Connection, event_loop::EventLoop};

/// While more output than this waits to be stored, agents are not read: however many there are and
/// whatever credit each has, memory stays bounded, and TCP makes them wait.
const MOST_UNSTORED: usize = 64 << 20;
/// The rate at which an agent's socket is read while a viewer is far behind, in bytes per millisecond.
/// A viewer slower than this loses output; one that keeps up with it never does.
const PACE: u64 = 8 * 1024;

impl Connection {
    /// After reading from an agent: viewers are served before more is read, and if some that do
    /// read are far behind, reading keeps to a pace that they can follow.
    pub(super) async fn yield_to_viewers(&self, event_loop: &Rc<EventLoop>, read: usize) {
        let hub = &event_loop.shared.hub;
        let ring = event_loop.shared.config.core.ring_bytes;
        let behind = |from: u64| hub.look(|core, _| core.fleet().bytes_since(from));
        if behind(event_loop.inbox.flushed.load(Ordering::Relaxed)) > ring / 4 {
            event_loop.flush_fleet();
        }
        tokio::task::yield_now().await;
        let must_wait = || {
            let unstored = hub.look(|core, _| core.unstored_output());
            behind(hub.flushed_by_all()) > ring / 2
                || hub.unserved_terminals() > ring / 2
                || unstored > MOST_UNSTORED
        };
        while must_wait() && !self.is_over.get() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if hub.is_lagging(event_loop.now()) {
            tokio::time::sleep(Duration::from_millis((read as u64).div_ceil(PACE))).await;
        }
    }
}
