//! What there is to tell of a worker besides its output: its terminal's size, how it looks, what it does.

use std::sync::Arc;

use bytes::Bytes;
use pilothouse_core::{
    sessions::{Activity, Size},
    time::Steady,
};

/// The newest of everything; what came before it is not told any more.
#[derive(Debug)]
pub(crate) struct Face {
    /// The terminal's size when it was started, which the server knows.
    pub(crate) first_size: Size,
    /// The terminal's size.
    pub(crate) size: Size,
    /// The size counts from this position of the log on.
    pub(crate) sized_at: u64,
    /// Whose size that is, as the server calls them; nobody who is there, if absent.
    pub(crate) size_owner: Option<Arc<str>>,
    /// What an agent worker does.
    pub(crate) activity: Activity,
    /// Since when.
    pub(crate) does_so_since: Steady,
    /// What it asks.
    pub(crate) question: Option<String>,
    /// How its terminal looked last.
    pub(crate) snapshot: Option<Snapshot>,
}

/// How a terminal looked.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// After so many bytes of its log.
    pub(crate) position: u64,
    /// How large it was.
    pub(crate) size: Size,
    /// The payload of a checkpoint record.
    pub(crate) payload: Bytes,
}

impl Face {
    /// A terminal of which nothing else is known.
    pub(crate) fn new(size: Size) -> Self {
        Self {
            first_size: size,
            size,
            sized_at: 0,
            size_owner: None,
            activity: Activity::Unknown,
            does_so_since: Steady::default(),
            question: None,
            snapshot: None,
        }
    }
}

impl Snapshot {
    /// A terminal of that size that is recreated by these escape sequences.
    pub(crate) fn new(position: u64, size: Size, screen: &[u8]) -> Self {
        let mut payload = Vec::with_capacity(4 + screen.len());
        payload.extend_from_slice(&size.columns.to_le_bytes());
        payload.extend_from_slice(&size.rows.to_le_bytes());
        payload.extend_from_slice(screen);
        Self { position, size, payload: payload.into() }
    }
}
