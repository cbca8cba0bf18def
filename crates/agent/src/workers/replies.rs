//! What viewers' terminals send by themselves: answers that the agent has given already, focus and mouse.
//!
//! A program's query goes to all viewers with the rest of its output, and each viewer's terminal answers it.
//! The agent has done so at once, so an answer of the same shape that comes soon after is left out.

use std::{collections::HashMap, time::Duration};

use pilothouse_core::time::{Moment, Steady};

/// How long answers of viewers may come after ours.
const LATE: Duration = Duration::from_secs(2);
/// How many shapes of answers are known at once. Far more than there are.
const MOST_SHAPES: usize = 64;

/// Which answers were given when.
#[derive(Debug, Default)]
pub(super) struct Replies {
    given: HashMap<String, Steady>,
}

impl Replies {
    /// The agent gave these answers.
    pub(super) fn gave(&mut self, replies: &[u8], now: Moment) {
        self.given.retain(|_, at| now.steady < *at + LATE);
        let text = String::from_utf8_lossy(replies);
        for (_, shape) in pieces(&text) {
            if let Some(shape) = shape.filter(|_| self.given.len() < MOST_SHAPES) {
                self.given.insert(shape, now.steady);
            }
        }
    }

    /// What somebody sent without the answers that were given already.
    pub(super) fn without(&self, text: &str, now: Moment) -> String {
        let is_given = |shape: &Option<String>| {
            let given = shape.as_ref().and_then(|shape| self.given.get(shape));
            given.is_some_and(|at| now.steady < *at + LATE)
        };
        pieces(text).filter(|(_, shape)| !is_given(shape)).map(|(piece, _)| piece).collect()
    }
}

/// Whether there is something in a text that a person did: more than focus and mouse.
pub(super) fn is_a_persons(text: &str) -> bool {
    pieces(text)
        .any(|(_, shape)| !matches!(shape.as_deref(), Some("[I" | "[O" | "[M" | "[<M" | "[<m")))
}

/// A text as control sequences, each with its shape, and what is between them, without.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<String>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (length, shape) = if let Some((length, shape)) = sequence(rest) {
            (length, Some(shape))
        } else {
            // An ESC that begins nothing is a key.
            let behind = rest.char_indices().skip(1).find(|(_, letter)| *letter == '\x1b');
            (behind.map_or(rest.len(), |(at, _)| at), None)
        };
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = behind;
        Some((piece, shape))
    })
}

/// The length and shape of the whole control sequence at the beginning of a text: what introduces and ends it
/// and what is between, without the numbers.
fn sequence(text: &str) -> Option<(usize, String)> {
    let body = text.strip_prefix('\x1b')?;
    let introducer = body.chars().next()?;
    let inside = body.get(introducer.len_utf8()..)?;
    match introducer {
        '[' => {
            let end = inside.find(|byte| matches!(byte, '\x40'..='\x7e'))?;
            let shape = without_numbers(&inside[..=end]);
            // The old report of the mouse: three characters more.
            let more = if inside.starts_with('M') { 3 } else { 0 };
            let more: usize = inside.chars().skip(1).take(more).map(char::len_utf8).sum();
            Some((2 + end + 1 + more, format!("[{shape}")))
        }
        ']' | 'P' => {
            let (end, terminator) = ["\x07", "\x1b\\"]
                .iter()
                .filter_map(|terminator| Some((inside.find(terminator)?, terminator.len())))
                .min()?;
            let content = &inside[..end];
            let shape = if introducer == ']' {
                content.split(';').next().unwrap_or_default().to_owned()
            } else {
                let head = content.find(|byte| matches!(byte, '\x40'..='\x7e'))?;
                without_numbers(&content[..=head])
            };
            Some((2 + end + terminator, format!("{introducer}{shape}")))
        }
        _ => None,
    }
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '0'..=':' | ';')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Moment {
        Moment { steady: Steady(milliseconds), ..Moment::default() }
    }

    #[test]
    fn an_answer_that_was_given_is_left_out_for_two_seconds() {
        let mut replies = Replies::default();
        let late = "\x1b[?1;2c";
        assert_eq!(replies.without(late, at(0)), late, "nobody asked");
        replies.gave(b"\x1b[?62;22c\x1b[3;4R\x1b]11;rgb:00/00/00\x1b\\\x1bP>|us\x1b\\", at(100));
        for (sent, left) in [
            (late, ""),
            ("\x1b[?1;2cls\r", "ls\r"),
            ("l\x1b[12;1Rs", "ls"),
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", ""),
            ("\x1b]10;rgb:ffff/ffff/ffff\x07", "\x1b]10;rgb:ffff/ffff/ffff\x07"),
            ("\x1bP>|xterm(1)\x1b\\", ""),
            ("\x1b[A", "\x1b[A"),
            ("\x1b[>0;1c", "\x1b[>0;1c"),
            ("\x1b", "\x1b"),
            ("\x1b\x1b[A\u{e9}\x1bx", "\x1b\x1b[A\u{e9}\x1bx"),
        ] {
            assert_eq!(replies.without(sent, at(2_099)), left, "{sent:?}");
        }
        assert_eq!(replies.without(late, at(2_100)), late);
    }

    #[test]
    fn focus_and_mouse_are_nobodys_typing() {
        for text in ["\x1b[I", "\x1b[O\x1b[I", "\x1b[<35;10;20M", "\x1b[<0;1;1m", "\x1b[M #!", ""] {
            assert!(!is_a_persons(text), "{text:?}");
        }
        for text in ["a", "\r", "\x1b", "\x1b[A", "\x1b[Ia", "\x1b[200~x\x1b[201~", "\x1b[M #!x"] {
            assert!(is_a_persons(text), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_of_what_nobody_asked_for(text in "(\u{1b}|\\[|\\]|P|M|;|[0-9a-z]|\u{7}|\\\\|é){0,40}") {
            proptest::prop_assert_eq!(Replies::default().without(&text, at(0)), text);
        }
    }
}
