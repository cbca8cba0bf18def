//! The sizes that viewers want and the worker has not looked at yet.
//!
//! However fast a window is dragged, one touch waits for it, so that sizes take no room from keys and the last one is
//! never lost. When somebody leaves, sizes that come later are on the other side of that: the terminal may be free by then.

use std::collections::{HashMap, VecDeque};

use pilothouse_core::sessions::Size;

/// For each viewer as many sizes as touches wait for it, in order.
#[derive(Debug, Default)]
pub(super) struct WantedSizes {
    of: HashMap<String, VecDeque<Wanted>>,
}

#[derive(Debug)]
struct Wanted {
    size: Size,
    /// Somebody left after this.
    is_past: bool,
}

impl WantedSizes {
    /// A viewer wants this size; whether a touch has to be sent for it.
    pub(super) fn want(&mut self, viewer: &str, size: Size) -> bool {
        let wanted = self.of.entry(viewer.to_owned()).or_default();
        if let Some(last) = wanted.back_mut().filter(|last| !last.is_past) {
            last.size = size;
            return false;
        }
        wanted.push_back(Wanted { size, is_past: false });
        true
    }

    /// The touch for the viewer's newest size could not be sent.
    pub(super) fn refused(&mut self, viewer: &str) {
        if let Some(wanted) = self.of.get_mut(viewer) {
            wanted.pop_back();
            if wanted.is_empty() {
                self.of.remove(viewer);
            }
        }
    }

    /// Somebody leaves.
    pub(super) fn leave(&mut self) {
        for wanted in self.of.values_mut().flatten() {
            wanted.is_past = true;
        }
    }

    /// The size that the viewer's next touch is about.
    pub(super) fn take(&mut self, viewer: &str) -> Option<Size> {
        let wanted = self.of.get_mut(viewer)?;
        let size = wanted.pop_front().map(|wanted| wanted.size);
        if wanted.is_empty() {
            self.of.remove(viewer);
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(columns: i64) -> Size {
        Size::clamped(columns, 24)
    }

    #[test]
    fn only_the_newest_of_a_storm_waits() {
        let mut sizes = WantedSizes::default();
        assert!(sizes.want("v-1", size(10)));
        assert!(!sizes.want("v-1", size(11)) && !sizes.want("v-1", size(12)));
        assert!(sizes.want("v-2", size(20)));
        assert_eq!((sizes.take("v-1"), sizes.take("v-2")), (Some(size(12)), Some(size(20))));
        assert_eq!(sizes.take("v-1"), None);
        assert!(sizes.of.is_empty());
    }

    #[test]
    fn a_size_before_somebody_left_is_not_the_one_after() {
        let mut sizes = WantedSizes::default();
        assert!(sizes.want("v-2", size(50)));
        sizes.leave();
        assert!(sizes.want("v-2", size(51)) && !sizes.want("v-2", size(52)));
        sizes.refused("v-2");
        assert!(sizes.want("v-2", size(53)));
        assert_eq!((sizes.take("v-2"), sizes.take("v-2")), (Some(size(50)), Some(size(53))));
    }
}
