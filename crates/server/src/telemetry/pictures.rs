//! What one event loop counts of live pictures.

use super::{Count, Histogram};

/// Why a viewer did not take a picture before it gave way to a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Its socket had no room.
    Socket,
    /// It wanted fewer in a second.
    Rate,
    /// It had not acknowledged the last.
    Acknowledgement,
}

impl Held {
    /// Every reason, with its name.
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::Socket, "socket"),
        (Self::Rate, "rate"),
        (Self::Acknowledgement, "acknowledgement"),
    ];
}

/// One loop's counts.
#[derive(Debug, Default)]
pub(crate) struct PictureTally {
    /// Pictures that producers brought.
    pub(crate) received: Count,
    pub(crate) received_bytes: Count,
    /// Those of producers whose place somebody else had taken.
    pub(crate) late: Count,
    /// Messages of producers that were no pictures.
    pub(crate) other_types: Count,
    pub(crate) malformed: Count,
    /// Pictures that were handed to viewers' sockets.
    pub(crate) forwarded: Count,
    pub(crate) forwarded_bytes: Count,
    /// Of those, the ones that were made lighter for a narrow line.
    pub(crate) lightened: Count,
    dropped: [Count; Held::ALL.len()],
    /// From a picture's arrival to that.
    pub(crate) latency: Histogram,
}

impl PictureTally {
    /// Pictures that gave way to newer ones before that viewer took them.
    pub(crate) fn dropped(&self, held: Held) -> &Count {
        &self.dropped[held as usize]
    }
}
