//! Replies that viewers' terminals give to what the agent has answered already.
//!
//! A viewer's terminal cannot know that the agent answers for it. Input that has the shape of a reply which the
//! agent gave is dropped as long as a viewer may be told the question; everything around it is kept byte for byte.
//! That is until a checkpoint behind the question is stored, and [`WINDOW`] more for those who are told slowly.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    time::{Duration, Instant},
};

/// How long a reply of an answer's shape is taken for a viewer's answer to the same question after nobody who comes
/// is told the question any more.
pub const WINDOW: Duration = Duration::from_secs(10);
/// How long the beginning of what may become a reply is held back.
pub const HOLD: Duration = Duration::from_millis(50);

/// The longest reply; what is longer is not one.
const MAX_REPLY: usize = 4096;
/// How many answers are remembered. Of more, the oldest are forgotten first.
const MAX_ANSWERS: usize = 256;

/// What replies of one kind have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// `ESC [`: prefix, intermediate and final bytes.
    Control { around: Vec<u8>, last: u8 },
    /// `ESC ]`: the number.
    Command { number: Vec<u8> },
    /// `ESC P`: what is not a number, up to the final byte.
    Device { lead: Vec<u8> },
}

/// An answer that viewers' terminals may give too.
#[derive(Debug)]
struct Answer {
    shape: Shape,
    asked: Asked,
}

/// How far away the question of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// No checkpoint is behind it.
    Now,
    /// There is a checkpoint behind it, at this position of the log.
    Before(u64),
    /// That is stored, and after this moment the answer counts no more.
    Until(Instant),
}

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
enum Scan {
    Sequence {
        length: usize,
        shape: Shape,
    },
    Unfinished,
    /// Something else.
    Other,
}

/// The answers that one terminal gave, and what is held back of its viewers' input.
#[derive(Debug)]
pub struct Replies<V> {
    answers: VecDeque<Answer>,
    held: HashMap<V, (Instant, Vec<u8>)>,
}

impl<V> Default for Replies<V> {
    fn default() -> Self {
        Self { answers: VecDeque::new(), held: HashMap::new() }
    }
}

impl<V: Copy + Eq + Hash> Replies<V> {
    /// The terminal answered with `replies`, as [`take_replies`](super::Terminal::take_replies) gives them.
    pub fn answered(&mut self, replies: &[u8]) {
        let mut rest = replies;
        while let Scan::Sequence { length, shape } = scan(rest) {
            self.answers.retain(|answer| answer.shape != shape);
            if self.answers.len() == MAX_ANSWERS {
                self.answers.pop_front();
            }
            self.answers.push_back(Answer { shape, asked: Asked::Now });
            rest = &rest[length..];
        }
    }

    /// There is a checkpoint at this position of the log, behind all that was asked.
    pub fn pictured(&mut self, position: u64) {
        for answer in &mut self.answers {
            if answer.asked == Asked::Now {
                answer.asked = Asked::Before(position);
            }
        }
    }

    /// What has to be stored before [`stored`](Self::stored) has something to do.
    pub fn waits_for(&self) -> Option<u64> {
        let position = |answer: &Answer| match answer.asked {
            Asked::Before(position) => Some(position),
            Asked::Now | Asked::Until(_) => None,
        };
        self.answers.iter().filter_map(position).min()
    }

    /// The log is stored up to this position.
    pub fn stored(&mut self, position: u64, now: Instant) {
        for answer in &mut self.answers {
            if matches!(answer.asked, Asked::Before(before) if before <= position) {
                answer.asked = Asked::Until(now + WINDOW);
            }
        }
    }

    /// What of a viewer's input is to be passed on.
    pub fn filter(&mut self, viewer: V, input: &[u8], now: Instant) -> Vec<u8> {
        self.answers.retain(|answer| !matches!(answer.asked, Asked::Until(end) if end <= now));
        let (since, mut bytes) = self.held.remove(&viewer).unwrap_or((now, Vec::new()));
        if bytes.is_empty() && self.answers.is_empty() {
            return input.to_vec();
        }
        bytes.extend_from_slice(input);
        let mut kept = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while let Some(&byte) = rest.first() {
            match scan(rest) {
                Scan::Sequence { length, shape } => {
                    if !self.answers.iter().any(|answer| answer.shape == shape) {
                        kept.extend_from_slice(&rest[..length]);
                    }
                    rest = &rest[length..];
                }
                Scan::Unfinished if !self.answers.is_empty() => {
                    let since = if rest.len() < bytes.len() { now } else { since };
                    self.held.insert(viewer, (since, rest.to_vec()));
                    break;
                }
                Scan::Unfinished | Scan::Other => {
                    kept.push(byte);
                    rest = &rest[1..];
                }
            }
        }
        kept
    }

    /// When to call [`release`](Self::release), if something is held back.
    pub fn release_at(&self) -> Option<Instant> {
        self.held.values().map(|(since, _)| *since + HOLD).min()
    }

    /// What was held back too long to be a reply (somebody pressed Escape), per viewer: to be passed on.
    pub fn release(&mut self, now: Instant) -> Vec<(V, Vec<u8>)> {
        let is_late = |since: Instant| now.saturating_duration_since(since) >= HOLD;
        let late: Vec<V> = self
            .held
            .iter()
            .filter(|(_, (since, _))| is_late(*since))
            .map(|(viewer, _)| *viewer)
            .collect();
        late.into_iter().filter_map(|viewer| Some((viewer, self.held.remove(&viewer)?.1))).collect()
    }

    /// A viewer is gone, and what was held back of it with it.
    pub fn leave(&mut self, viewer: V) {
        self.held.remove(&viewer);
    }
}

/// Whether a person typed (or pasted) some of this input: whether anything is left of it without replies, focus
/// reports and mouse reports.
pub fn is_typed(input: &[u8]) -> bool {
    let mut rest = input;
    while !rest.is_empty() {
        rest = match scan(rest) {
            Scan::Sequence { length, shape } if is_automatic(&shape) => {
                // The older mouse reports have three bytes behind them.
                let is_old_mouse = shape == Shape::Control { around: Vec::new(), last: b'M' };
                rest.get(length + if is_old_mouse { 3 } else { 0 }..).unwrap_or_default()
            }
            _ => return true,
        };
    }
    false
}

fn is_automatic(shape: &Shape) -> bool {
    match shape {
        Shape::Command { .. } | Shape::Device { .. } => true,
        Shape::Control { around, last } => matches!(
            (around.as_slice(), last),
            ([], b'I' | b'O' | b'M' | b'n' | b'R' | b't')
                | ([b'<'], b'M' | b'm')
                | ([b'$'] | [b'?', b'$'], b'y')
                | ([b'?' | b'>'], _)
        ),
    }
}

fn scan(bytes: &[u8]) -> Scan {
    match bytes {
        [0x1B] => Scan::Unfinished,
        [0x1B, b'[', rest @ ..] => scan_control(rest),
        [0x1B, b']', rest @ ..] => scan_string(rest, |text| Shape::Command {
            number: text.iter().copied().take_while(|&byte| byte != b';').collect(),
        }),
        [0x1B, b'P', rest @ ..] => scan_string(rest, |text| {
            let is_lead = |byte: &u8| !byte.is_ascii_digit() && *byte != b';';
            let end = text.iter().position(|byte| (0x40..0x7F).contains(byte));
            let lead = &text[..end.map_or(text.len(), |end| end + 1)];
            Shape::Device { lead: lead.iter().copied().filter(is_lead).collect() }
        }),
        _ => Scan::Other,
    }
}

fn scan_control(rest: &[u8]) -> Scan {
    let is_inside = |byte: &u8| (0x20..0x40).contains(byte);
    let length = rest.iter().take(MAX_REPLY).take_while(|byte| is_inside(byte)).count();
    match rest.get(length) {
        None if length < MAX_REPLY => Scan::Unfinished,
        Some(&last @ 0x40..=0x7E) => {
            let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
            let is_left = |byte: &u8| !is_number(byte) || may_be_key(&rest[..=length]);
            let around = rest[..length].iter().copied().filter(is_left).collect();
            Scan::Sequence { length: length + 3, shape: Shape::Control { around, last } }
        }
        _ => Scan::Other,
    }
}

/// Whether a report of the cursor's place is also what F3 sends together with Shift, Alt or Control.
fn may_be_key(report: &[u8]) -> bool {
    matches!(report, [b'1', b';', b'2'..=b'9', b'R'] | [b'1', b';', b'1', b'0'..=b'6', b'R'])
}

fn scan_string(rest: &[u8], shape: impl FnOnce(&[u8]) -> Shape) -> Scan {
    let rest = &rest[..rest.len().min(MAX_REPLY)];
    let end = rest.iter().position(|&byte| byte == 0x07 || byte == 0x1B);
    let Some(end) = end else {
        return if rest.len() < MAX_REPLY { Scan::Unfinished } else { Scan::Other };
    };
    match rest[end..] {
        [0x07, ..] => Scan::Sequence { length: end + 3, shape: shape(&rest[..end]) },
        [_, b'\\', ..] => Scan::Sequence { length: end + 4, shape: shape(&rest[..end]) },
        [_] => Scan::Unfinished,
        _ => Scan::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(replies: &[u8]) -> (Replies<u8>, Instant) {
        let now = Instant::now();
        let mut filter = Replies::default();
        filter.answered(replies);
        filter.pictured(10);
        filter.stored(10, now);
        (filter, now)
    }

    #[test]
    fn an_answer_counts_until_a_checkpoint_behind_it_is_stored_and_then_for_the_window() {
        const REPLY: &[u8] = b"\x1b[?1;2c";
        let now = Instant::now();
        let mut replies = Replies::default();
        replies.answered(b"\x1b[?62;22c");
        replies.stored(9, now);
        assert_eq!(
            (replies.waits_for(), replies.filter(1, REPLY, now + WINDOW * 9)),
            (None, vec![])
        );
        replies.pictured(10);
        replies.pictured(12);
        replies.stored(9, now);
        assert_eq!(replies.waits_for(), Some(10));
        assert_eq!(replies.filter(1, REPLY, now + WINDOW * 9), b"");
        let stored = now + WINDOW * 10;
        replies.stored(10, stored);
        assert_eq!(replies.waits_for(), None);
        assert_eq!(replies.filter(1, REPLY, stored + WINDOW / 2), b"");
        assert_eq!(replies.filter(1, REPLY, stored + WINDOW), REPLY);
    }

    #[test]
    fn a_question_that_is_asked_again_begins_anew() {
        let (mut replies, now) = after(b"\x1b[?62;22c");
        replies.answered(b"\x1b[?62;22c");
        assert_eq!(replies.filter(1, b"\x1b[?1;2c", now + WINDOW * 2), b"");
    }

    #[test]
    fn a_key_that_looks_like_a_place_of_the_cursor_is_a_key_unless_that_was_the_answer() {
        let (mut replies, now) = after(b"\x1b[24;1R");
        assert_eq!(replies.filter(1, b"\x1b[23;1R\x1b[1;1R\x1b[1;17R", now), b"");
        assert_eq!(replies.filter(1, b"\x1b[1;2R\x1b[1;16R", now), b"\x1b[1;2R\x1b[1;16R");
        let (mut replies, now) = after(b"\x1b[1;3R");
        assert_eq!(replies.filter(1, b"\x1b[1;3R", now), b"");
    }

    #[test]
    fn an_echo_of_an_answer_is_dropped_and_what_is_typed_around_it_is_kept() {
        let (mut replies, now) = after(b"\x1b[?62;22c\x1b]11;rgb:0000/0000/0000\x07");
        assert_eq!(replies.filter(1, b"a\x1b[?1;2cb\x1b[A", now), b"ab\x1b[A");
        assert_eq!(replies.filter(2, b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\x", now), b"x");
        assert_eq!(replies.filter(1, b"\x1b[3;4R", now), b"\x1b[3;4R", "nobody asked for that");
        assert_eq!(replies.filter(1, b"\x1b[?1;2c", now + WINDOW), b"\x1b[?1;2c");
    }

    #[test]
    fn a_reply_in_pieces_is_dropped_whole_and_a_lone_escape_only_waits() {
        let (mut replies, now) = after(b"\x1b[?62;22c");
        for byte in b"\x1b[?1;2" {
            assert_eq!(replies.filter(1, &[*byte], now), b"");
        }
        assert_eq!(replies.filter(1, b"cls\r", now), b"ls\r");
        assert_eq!(replies.filter(1, b"\x1b", now), b"");
        assert_eq!(replies.release(now), vec![]);
        assert_eq!(replies.release_at(), Some(now + HOLD));
        assert_eq!(replies.release(now + HOLD), vec![(1, b"\x1b".to_vec())]);
        assert_eq!(replies.filter(1, b"\x1b", now), b"");
        assert_eq!(replies.filter(1, b"xyz", now), b"\x1bxyz");
        assert_eq!(replies.filter(1, b"\x1b[", now), b"");
        assert_eq!(replies.filter(2, b"other", now), b"other");
        assert_eq!(replies.filter(1, b"C", now + WINDOW), b"\x1b[C");
    }

    #[test]
    fn without_an_answer_everything_passes_at_once() {
        let mut replies = Replies::default();
        let now = Instant::now();
        assert_eq!(replies.filter(1, b"\x1b", now), b"\x1b");
        assert_eq!(replies.filter(1, b"\x1b[?1;2c", now), b"\x1b[?1;2c");
    }

    #[test]
    fn typing_is_told_from_what_terminals_send_by_themselves() {
        for typed in [&b"a"[..], b"\x1b", b"\x1b[A", b"\x1bOP", b"\x1b[200~x\x1b[201~", b"\x1b[Ix"]
        {
            assert!(is_typed(typed), "{typed:?}");
        }
        for automatic in [
            &b"\x1b[I"[..],
            b"\x1b[O\x1b[I",
            b"\x1b[M !!",
            b"\x1b[<35;3;4M\x1b[<0;3;4m",
            b"\x1b[3;4R",
            b"\x1b]11;rgb:0/0/0\x07",
            b"\x1bP>|xterm.js\x1b\\",
            b"\x1b[?2026;2$y",
            b"",
        ] {
            assert!(!is_typed(automatic), "{automatic:?}");
        }
    }
}
