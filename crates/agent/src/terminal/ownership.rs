//! Who decides how large a worker's terminal is, when several viewers of different sizes watch it.
//!
//! The one who works with it: the first who says a size, and later whoever types after the owner was silent for a
//! while. Pure: moments come in.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

use super::{Size, replies};

/// How long the owner has to be silent before another viewer who types becomes the owner.
pub const SILENCE: Duration = Duration::from_secs(2);

/// Sizes that viewers want are kept for this many. Those of further ones count only while they own.
const MAX_VIEWERS: usize = 4096;

/// The ownership of one terminal's size. `V` names a viewer.
#[derive(Debug)]
pub struct Ownership<V> {
    size: Size,
    owner: Option<Owner<V>>,
    wanted: HashMap<V, Size>,
}

#[derive(Debug)]
struct Owner<V> {
    viewer: V,
    last_active: Instant,
    /// It may be gone without anybody having said so.
    is_doubtful: bool,
}

impl<V: Copy + Eq + Hash> Ownership<V> {
    /// Nobody owns a terminal that has just begun with `size`.
    pub fn new(size: Size) -> Self {
        Self { size: size.clamped(), owner: None, wanted: HashMap::new() }
    }

    /// The size in force.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Who owns the size at present.
    pub fn owner(&self) -> Option<V> {
        self.owner.as_ref().map(|owner| owner.viewer)
    }

    /// A viewer says how large its window is. The size to apply, if it changes.
    pub fn resize(&mut self, viewer: V, size: Size, now: Instant) -> Option<Size> {
        let size = size.clamped();
        if self.wanted.len() < MAX_VIEWERS || self.wanted.contains_key(&viewer) {
            self.wanted.insert(viewer, size);
        }
        match &self.owner {
            Some(owner) if owner.viewer != viewer && !owner.is_doubtful => return None,
            _ => self.own(viewer, now),
        }
        self.apply(size)
    }

    /// A viewer sends input. Only what a person typed counts; see [`is_typed`](replies::is_typed).
    pub fn input(&mut self, viewer: V, input: &[u8], now: Instant) -> Option<Size> {
        if !replies::is_typed(input) {
            return None;
        }
        let owner = self.owner.as_ref().filter(|owner| owner.viewer != viewer);
        let is_silent = |owner: &Owner<V>| {
            owner.is_doubtful || now.saturating_duration_since(owner.last_active) >= SILENCE
        };
        if owner.is_some_and(|owner| !is_silent(owner)) {
            return None;
        }
        let was_owner = self.owner() == Some(viewer);
        self.own(viewer, now);
        if was_owner {
            return None;
        }
        let size = self.wanted.get(&viewer).copied()?;
        self.apply(size)
    }

    /// A viewer is gone, and no longer owns anything. The size stays until somebody else decides.
    pub fn leave(&mut self, viewer: V) {
        self.wanted.remove(&viewer);
        if self.owner() == Some(viewer) {
            self.owner = None;
        }
    }

    /// Viewers may have gone without a word, or others may be called what they were: whoever says a size, or types,
    /// is the owner now. Until then nothing changes.
    pub fn doubt(&mut self) {
        if let Some(owner) = &mut self.owner {
            owner.is_doubtful = true;
        }
    }

    fn own(&mut self, viewer: V, now: Instant) {
        self.owner = Some(Owner { viewer, last_active: now, is_doubtful: false });
    }

    fn apply(&mut self, size: Size) -> Option<Size> {
        let is_other = size != self.size;
        self.size = size;
        is_other.then_some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(columns: u16, rows: u16) -> Size {
        Size { columns, rows }
    }

    #[test]
    fn the_first_who_says_a_size_owns_it_and_others_wait() {
        let now = Instant::now();
        let mut ownership = Ownership::new(size(80, 24));
        assert_eq!(ownership.resize(1, size(100, 30), now), Some(size(100, 30)));
        assert_eq!(ownership.resize(2, size(50, 10), now), None);
        assert_eq!(ownership.resize(1, size(90, 20), now), Some(size(90, 20)));
        assert_eq!(ownership.resize(1, size(90, 20), now), None);
        assert_eq!(ownership.size(), size(90, 20));
    }

    #[test]
    fn who_types_after_the_owner_was_silent_becomes_the_owner() {
        let now = Instant::now();
        let mut ownership = Ownership::new(size(80, 24));
        ownership.resize(1, size(100, 30), now);
        ownership.resize(2, size(50, 10), now);
        assert_eq!(ownership.input(2, b"x", now + SILENCE / 2), None);
        assert_eq!(ownership.input(1, b"x", now + SILENCE / 2), None);
        assert_eq!(ownership.input(2, b"x", now + SILENCE), None, "the owner typed a second ago");
        for not_typed in [&b"\x1b[I"[..], b"\x1b[<0;3;4M", b"\x1b[M !!", b"\x1b[?1;2c", b""] {
            assert_eq!(ownership.input(2, not_typed, now + SILENCE * 2), None);
        }
        assert_eq!(ownership.input(2, b"x", now + SILENCE * 2), Some(size(50, 10)));
        assert_eq!(ownership.resize(1, size(99, 9), now + SILENCE * 2), None);
        assert_eq!(ownership.owner(), Some(2));
    }

    #[test]
    fn an_owner_who_may_be_gone_is_so_until_somebody_else_says_a_size_or_types() {
        let now = Instant::now();
        for takes_over_by_typing in [true, false] {
            let mut ownership = Ownership::new(size(80, 24));
            ownership.resize(1, size(100, 30), now);
            ownership.resize(2, size(50, 10), now);
            ownership.doubt();
            assert_eq!((ownership.owner(), ownership.size()), (Some(1), size(100, 30)));
            let taken = if takes_over_by_typing {
                ownership.input(2, b"x", now)
            } else {
                ownership.resize(2, size(50, 10), now)
            };
            assert_eq!((taken, ownership.owner()), (Some(size(50, 10)), Some(2)));
            assert_eq!(ownership.resize(1, size(9, 9), now), None, "that is certain again");
        }
        let mut ownership = Ownership::new(size(80, 24));
        ownership.resize(1, size(100, 30), now);
        ownership.doubt();
        assert_eq!(ownership.input(1, b"x", now), None);
        assert_eq!(ownership.resize(2, size(50, 10), now), None, "the owner was there after all");
    }

    #[test]
    fn who_is_gone_owns_nothing_and_sizes_are_kept_within_limits() {
        let now = Instant::now();
        let mut ownership = Ownership::new(size(80, 24));
        ownership.resize(1, size(100, 30), now);
        ownership.leave(2);
        assert_eq!(ownership.owner(), Some(1));
        ownership.leave(1);
        assert_eq!(ownership.size(), size(100, 30));
        assert_eq!(ownership.resize(2, size(0, 5000), now), Some(size(1, 1000)));
    }
}
