//! Whose size a terminal has: the first viewer's that wants one, then that of whoever types.

use std::time::Duration;

use pilothouse_core::{
    sessions::Size,
    time::{Moment, Steady},
};

/// How long an owner is silent before somebody else may take the size over.
const SILENT: Duration = Duration::from_secs(2);
/// How many viewers' sizes are remembered; beyond that the oldest is not.
const MOST_VIEWERS: usize = 256;

/// The owner of one terminal's size.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// Who it is, and when it last did something.
    owner: Option<(String, Steady)>,
    /// Which size each viewer would like, oldest first.
    wishes: Vec<(String, Size)>,
}

impl Ownership {
    /// A viewer wants another size; gives the one that counts from now on, if this viewer may say so.
    pub(super) fn wants(&mut self, viewer: &str, size: Size, now: Moment) -> Option<Size> {
        self.wishes.retain(|(known, _)| known != viewer);
        if self.wishes.len() == MOST_VIEWERS {
            self.wishes.remove(0);
        }
        self.wishes.push((viewer.to_owned(), size));
        match &self.owner {
            Some((owner, _)) if owner != viewer => return None,
            Some(_) => {}
            None => self.owner = Some((viewer.to_owned(), now.steady)),
        }
        Some(size)
    }

    /// A viewer typed, as a person does; gives the size that counts from now on, if that changes it.
    pub(super) fn typed(&mut self, viewer: &str, now: Moment) -> Option<Size> {
        match &mut self.owner {
            Some((owner, active)) if owner == viewer => {
                *active = now.steady;
                return None;
            }
            Some((_, active)) if now.steady < *active + SILENT => return None,
            Some(_) | None => self.owner = Some((viewer.to_owned(), now.steady)),
        }
        self.wishes.iter().find(|(known, _)| known == viewer).map(|(_, size)| *size)
    }

    /// A viewer is gone, and with it its claim.
    pub(super) fn left(&mut self, viewer: &str) {
        self.wishes.retain(|(known, _)| known != viewer);
        if self.owner.as_ref().is_some_and(|(owner, _)| owner == viewer) {
            self.owner = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Moment {
        Moment { steady: Steady(milliseconds), ..Moment::default() }
    }

    fn size(columns: u16) -> Size {
        Size { columns, rows: 24 }
    }

    #[test]
    fn the_first_viewer_owns_the_size_until_somebody_else_types_into_its_silence() {
        let mut ownership = Ownership::default();
        assert_eq!(ownership.wants("a", size(100), at(0)), Some(size(100)));
        assert_eq!(ownership.wants("b", size(50), at(10)), None);
        assert_eq!(ownership.typed("a", at(1_000)), None);
        assert_eq!(ownership.typed("b", at(2_999)), None);
        assert_eq!(ownership.typed("b", at(3_000)), Some(size(50)));
        assert_eq!(ownership.wants("a", size(101), at(3_001)), None);
        assert_eq!(ownership.wants("b", size(51), at(3_002)), Some(size(51)));
        assert_eq!(ownership.typed("a", at(5_000)), Some(size(101)));
    }

    #[test]
    fn who_leaves_leaves_the_size_to_the_next() {
        let mut ownership = Ownership::default();
        ownership.wants("a", size(100), at(0));
        ownership.left("b");
        assert_eq!(ownership.wants("b", size(50), at(1)), None);
        ownership.left("a");
        assert_eq!(ownership.wants("b", size(50), at(2)), Some(size(50)));
        ownership.left("b");
        assert_eq!(ownership.typed("c", at(3)), None);
        assert_eq!(ownership.wants("a", size(9), at(4)), None, "c has it now");
    }

    #[test]
    fn viewers_that_come_and_go_without_a_word_are_forgotten() {
        let mut ownership = Ownership::default();
        for number in 0..1_000 {
            ownership.wants(&number.to_string(), size(10), at(0));
        }
        assert_eq!(ownership.wishes.len(), MOST_VIEWERS);
    }
}
