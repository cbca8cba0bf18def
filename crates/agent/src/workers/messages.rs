//! Messages for whoever works in a terminal: each is pasted as a whole, and Enter comes a moment later.
//!
//! Programs that draw their own input line take an Enter that arrives together with a paste for a line break
//! inside it. Overflow rule: messages count as typed bytes and are refused with them.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long after a message Enter follows.
const ENTER_AFTER: Duration = Duration::from_millis(80);

/// What begins and ends a paste for programs that want to know.
const PASTE: (&str, &str) = ("\x1b[200~", "\x1b[201~");

/// What a waiting message counts for, in bytes: itself and its place.
pub(super) fn weight(text: &str) -> usize {
    text.len() + 64
}

/// Messages that wait to be typed, one after the other.
#[derive(Debug, Default)]
pub(super) struct Messages {
    waiting: VecDeque<String>,
    enter_at: Option<Instant>,
    /// What was typed between a message and its Enter, and would become a part of it.
    held: Vec<u8>,
}

impl Messages {
    pub(super) fn push(&mut self, text: String) {
        self.waiting.push_back(text);
    }

    /// What those that wait count for, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.waiting.iter().map(|text| weight(text)).sum::<usize>() + self.held.len()
    }

    /// Whether a message was typed and its Enter was not.
    pub(super) fn is_open(&self) -> bool {
        self.enter_at.is_some()
    }

    /// Keeps what somebody types until the Enter was typed.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// What is to be typed now. Asked again whenever something was typed, and at [`Messages::deadline`].
    pub(super) fn next(&mut self, now: Instant, is_bracketed: bool) -> Vec<u8> {
        match self.enter_at {
            Some(at) if at > now => Vec::new(),
            Some(_) => {
                self.enter_at = None;
                let mut typed = b"\r".to_vec();
                typed.append(&mut self.held);
                typed
            }
            None => {
                let Some(text) = self.waiting.pop_front() else { return Vec::new() };
                self.enter_at = Some(now + ENTER_AFTER);
                paste(&text, is_bracketed)
            }
        }
    }

    /// When there is something to be typed.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.enter_at.or((!self.waiting.is_empty()).then_some(now))
    }
}

/// A text as a terminal would hand a paste to its program: line breaks are what the Enter key sends, and nothing
/// in the text ends the paste early.
fn paste(text: &str, is_bracketed: bool) -> Vec<u8> {
    let lines = text.replace("\r\n", "\r").replace('\n', "\r");
    if !is_bracketed {
        return lines.into_bytes();
    }
    let (begin, end) = PASTE;
    let mut inside = lines;
    // Taking one out may put another together.
    while inside.contains(end) {
        inside = inside.replace(end, "");
    }
    format!("{begin}{inside}{end}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_pasted_and_entered_before_the_next() {
        let start = Instant::now();
        let mut messages = Messages::default();
        messages.push("one".to_owned());
        messages.push("two\nlines".to_owned());
        assert_eq!(messages.deadline(start), Some(start));
        assert_eq!(messages.next(start, false), b"one");
        assert_eq!(messages.next(start, false), b"");
        let then = messages.deadline(start).unwrap();
        assert_eq!(messages.next(then, false), b"\r");
        assert_eq!(messages.next(then, true), b"\x1b[200~two\rlines\x1b[201~");
        let end = messages.deadline(then).unwrap();
        assert_eq!(messages.next(end, true), b"\r");
        assert_eq!(messages.deadline(end), None);
    }

    #[test]
    fn what_somebody_types_meanwhile_is_no_part_of_the_message() {
        let start = Instant::now();
        let mut messages = Messages::default();
        assert!(!messages.is_open());
        messages.push("one".to_owned());
        assert_eq!(messages.next(start, false), b"one");
        assert!(messages.is_open());
        messages.hold(b"ls");
        assert_eq!(messages.weight(), 2);
        let then = messages.deadline(start).unwrap();
        assert_eq!(messages.next(then, false), b"\rls");
        assert!(!messages.is_open() && messages.weight() == 0);
    }

    #[test]
    fn no_text_ends_its_own_paste() {
        let odd = "a\x1b[20\x1b[201~1~rm -rf /\r";
        assert_eq!(paste(odd, true), b"\x1b[200~arm -rf /\r\x1b[201~");
    }
}
