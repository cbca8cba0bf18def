//! File descriptors: how many the process may have, how many it has, and one kept back for the worst case.

use std::{
    fs::File,
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use nix::{
    errno::Errno,
    sys::resource::{Resource, getrlimit, setrlimit},
};
use pilothouse_core::time::Steady;

/// What is opened later and is not a connection: the database's readers, its journal, files that are looked at.
const LATER: u32 = 16;
/// What each event loop opens for itself.
const PER_LOOP: u32 = 5;
/// Where the kernel has no list of them.
const USUAL: u32 = 64;
/// More than anybody needs; some systems say "unlimited" and then refuse to set it.
const MOST: u64 = 1 << 20;
/// How long after the last sighting the process still counts as short of descriptors, in milliseconds.
const REMEMBERED: u64 = 5000;

/// Raises the soft limit to the hard one: the soft one is made for programs that use `select`.
pub(crate) fn raise() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let wanted = hard.min(MOST);
        if soft >= wanted { Ok(()) } else { setrlimit(Resource::RLIMIT_NOFILE, wanted, hard) }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "cannot raise the limit of file descriptors");
    }
}

/// How many the process may have.
pub(crate) fn limit() -> u32 {
    let soft = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::from(LATER), |(soft, _)| soft);
    u32::try_from(soft.min(MOST)).unwrap_or(u32::MAX)
}

/// How many it has, where the kernel tells. Takes a while if there are many.
pub(crate) fn used() -> Option<u32> {
    let all = std::fs::read_dir("/proc/self/fd").or_else(|_| std::fs::read_dir("/dev/fd")).ok()?;
    u32::try_from(all.count()).ok()
}

/// How many have to be left to everything that is not a connection; to be asked before the loops run.
pub(crate) fn used_by_others(loops: usize) -> u32 {
    let loops = u32::try_from(loops).unwrap_or(PER_LOOP);
    used().unwrap_or(USUAL) + LATER + PER_LOOP * loops
}

/// Whether that is the error of a process, or of a machine, without a descriptor left.
pub(crate) fn is_exhaustion(error: &io::Error) -> bool {
    let number = error.raw_os_error().map(Errno::from_raw);
    matches!(number, Some(Errno::EMFILE | Errno::ENFILE))
}

/// One descriptor that does nothing, so that there is one to answer with when there is no other.
pub(crate) struct Reserve(Option<File>);

impl Reserve {
    pub(crate) fn new() -> Self {
        let mut reserve = Self(None);
        reserve.restore();
        reserve
    }

    /// Gives it up for a moment.
    pub(crate) fn release(&mut self) {
        self.0 = None;
    }

    /// Takes it back; whether that worked.
    pub(crate) fn restore(&mut self) -> bool {
        if self.0.is_none() {
            self.0 = File::open("/dev/null").ok();
        }
        self.0.is_some()
    }
}

/// When the process was last seen without a descriptor.
#[derive(Debug, Default)]
pub(crate) struct Exhaustion(AtomicU64);

impl Exhaustion {
    /// Takes note of a sighting; whether it is the first for a while.
    pub(crate) fn note(&self, now: Steady) -> bool {
        self.0.fetch_max(now.0 + REMEMBERED, Ordering::Relaxed) <= now.0
    }

    /// Whether that was just now.
    pub(crate) fn is_recent(&self, now: Steady) -> bool {
        self.0.load(Ordering::Relaxed) > now.0
    }
}
