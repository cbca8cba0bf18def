//! Where a stream's pictures go to be kept: some of them, and never so that anybody waits.

use std::{
    sync::{
        Arc,
        mpsc::{SyncSender, TrySendError},
    },
    time::Duration,
};

use pilothouse_core::{ids::RecordingId, time::Steady};

use super::{keeper::Recording, writer::Order};
use crate::gateway::Framed;

/// A recording under way, at its stream.
#[derive(Debug)]
pub(crate) struct Tap {
    pub(crate) recording: RecordingId,
    kept: Arc<Recording>,
    orders: SyncSender<Order>,
    per_second: u32,
    /// No picture is taken before.
    next_at: Steady,
    /// The number of the picture that was taken last.
    last: u64,
}

impl Tap {
    pub(super) fn new(kept: Arc<Recording>, orders: SyncSender<Order>, per_second: u32) -> Self {
        let recording = kept.id.clone();
        Self { recording, kept, orders, per_second, next_at: Steady(0), last: 0 }
    }

    /// How many pictures a second it takes.
    pub(crate) fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Whether it takes no more.
    pub(crate) fn is_over(&self) -> bool {
        self.kept.is_over()
    }

    /// Takes the newest picture if it is time for one and there is room.
    pub(crate) fn offer(&mut self, picture: &Arc<Framed>, now: Steady) {
        if now < self.next_at {
            return;
        }
        if self.take(picture) {
            let pause = Duration::from_millis(1000 / u64::from(self.per_second.max(1)));
            let regular = self.next_at + pause;
            self.next_at = if now < regular { regular } else { now + pause };
        }
    }

    /// Takes the newest picture however soon it came, since none comes after it.
    pub(crate) fn finish(&mut self, picture: &Arc<Framed>) {
        self.take(picture);
    }

    /// Takes a picture that it has not taken.
    fn take(&mut self, picture: &Arc<Framed>) -> bool {
        if picture.number <= self.last {
            return false;
        }
        self.last = picture.number;
        let order = Order::Keep { recording: self.kept.clone(), picture: picture.clone() };
        if let Err(TrySendError::Full(_)) = self.orders.try_send(order) {
            self.kept.note_loss();
        }
        true
    }
}
