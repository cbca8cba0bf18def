//! Which reports of their windows' focus a program gets from its viewers.
//!
//! A program believes in one window; its viewers have one each, and their terminals report whenever the mode is
//! set, also by a replay. So only the window of whoever typed last counts, and only what changes. Who has only
//! attached, or looks on, is not heard. Pure.

use super::replies;

/// A window has the focus.
const IN: &[u8] = b"\x1b[I";
/// A window has lost the focus.
const OUT: &[u8] = b"\x1b[O";
/// What is pasted begins so. Nothing in it is a report.
const PASTE: &[u8] = b"\x1b[200~";

/// What one program was told of its focus. `V` names a viewer.
#[derive(Debug)]
pub struct Focus<V> {
    typist: Option<V>,
    told: Option<bool>,
}

impl<V> Default for Focus<V> {
    fn default() -> Self {
        Self { typist: None, told: None }
    }
}

impl<V: Copy + Eq> Focus<V> {
    /// Whether the program wants reports. One that turns them on was told nothing yet.
    pub fn wanted(&mut self, is_wanted: bool) {
        if !is_wanted {
            self.told = None;
        }
    }

    /// What of a viewer's input the program gets if it wants reports, or if it does not. Before what somebody
    /// types, a program that believes it has no focus is told that it has.
    pub fn filter(&mut self, viewer: V, input: &[u8], is_wanted: bool) -> Vec<u8> {
        self.wanted(is_wanted);
        let mut kept = Vec::with_capacity(input.len() + IN.len());
        let mut rest = input;
        while !rest.is_empty() {
            let report = [(IN, true), (OUT, false)].into_iter().find(|it| rest.starts_with(it.0));
            if let Some((report, has_focus)) = report {
                let is_heard = is_wanted && self.typist == Some(viewer);
                if is_heard && self.told.replace(has_focus) != Some(has_focus) {
                    kept.extend_from_slice(report);
                }
                rest = &rest[report.len()..];
                continue;
            }
            let (other, behind) = rest.split_at(length_of_other(rest));
            if replies::is_typed(other) {
                self.typist = Some(viewer);
                if self.told == Some(false) {
                    self.told = Some(true);
                    kept.extend_from_slice(IN);
                }
            }
            kept.extend_from_slice(other);
            rest = behind;
        }
        kept
    }

    /// A viewer is gone.
    pub fn leave(&mut self, viewer: V) {
        self.typist = self.typist.filter(|typist| *typist != viewer);
    }
}

/// How much there is before the next report.
fn length_of_other(input: &[u8]) -> usize {
    if input.starts_with(PASTE) {
        return input.len();
    }
    let mut places = input.windows(IN.len());
    places.position(|place| place == IN || place == OUT).unwrap_or(input.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whoever_typed_last_is_heard_and_only_changes() {
        let mut focus = Focus::default();
        let mut input = |viewer: u8, input: &[u8]| focus.filter(viewer, input, true);
        assert_eq!(input(1, IN), b"", "it has only attached");
        assert_eq!(input(1, b"vim\r"), b"vim\r");
        assert_eq!(input(1, IN), IN);
        assert_eq!(input(1, IN), b"", "a history sets the mode again");
        assert_eq!(input(2, OUT), b"", "it looks on");
        assert_eq!(input(2, b"\x1b[<0;3;4M"), b"\x1b[<0;3;4M");
        assert_eq!(input(2, OUT), b"");
        assert_eq!(input(1, OUT), OUT);
        assert_eq!(input(1, b"\x1b[O\x1b[Ix\x1b[Oy"), b"\x1b[Ix\x1b[O\x1b[Iy");
        assert_eq!(input(1, OUT), OUT);
        assert_eq!(input(2, b"\x1b[Ij"), b"\x1b[Ij", "somebody types, so it has the focus");
        assert_eq!(input(1, OUT), b"");
        assert_eq!(input(2, b"\x1b[200~a\x1b[Ob"), b"\x1b[200~a\x1b[Ob");
        assert_eq!(input(2, OUT), OUT);
        focus.leave(2);
        assert_eq!(focus.filter(2, IN, true), b"");
    }

    #[test]
    fn a_program_that_does_not_ask_gets_no_report_and_one_that_asks_anew_gets_the_first_one() {
        let mut focus = Focus::default();
        assert_eq!(focus.filter(1, b"vim\r", false), b"vim\r");
        assert_eq!(focus.filter(1, IN, true), IN);
        focus.wanted(false);
        assert_eq!(focus.filter(1, b"\x1b[Ox\x1b[I", false), b"x");
        assert_eq!(focus.filter(1, IN, true), IN);
    }
}
