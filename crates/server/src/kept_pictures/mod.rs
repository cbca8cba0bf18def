//! Recordings of live pictures: files in the data directory, written by a thread of their own.
//!
//! Whatever happens to a recording, the relay goes on: pictures that the thread has no time for are left out, and a
//! full disk ends the recording. What was written can be read, however the server ends.

mod file;
mod keeper;
mod reading;
mod tap;
mod writer;

pub(crate) use file::Entry;
pub(crate) use keeper::{Keeper, NotKept, Recording};
pub(crate) use reading::Reader;
pub(crate) use tap::Tap;
pub(crate) use writer::spawn;

/// How much is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `recordings.keep_bytes`
    pub bytes: u64,
    /// `recordings.keep_total`
    pub total: u64,
    /// `recordings.fps`
    pub per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 200_000_000, total: 2_000_000_000, per_second: 5 }
    }
}
