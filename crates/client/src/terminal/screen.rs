//! What goes to a person's own terminal: everything but queries, and in the end a way back from every mode.
//!
//! A worker's terminal lives on its agent, which answers a program's queries itself and at once. A viewer's
//! terminal would answer them a second time, and its answer would be typed into the worker.

use std::collections::BTreeSet;

/// The longest sequence that is waited for when it comes in pieces.
const LONGEST: usize = 4096;

/// Modes that change how a terminal behaves or looks for whoever uses it next.
const MODES: &[u16] = &[
    1, 5, 6, 9, 12, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004,
    2026, 2031, 2048,
];

/// A person's terminal that shows a worker's.
#[derive(Debug, Default)]
pub struct Screen {
    /// The beginning of a sequence whose end has not come.
    pending: String,
    modes: BTreeSet<u16>,
    /// Whether the cursor was hidden.
    is_hidden: bool,
    /// How many sets of keyboard flags were pushed.
    keyboards: u16,
}

/// A piece of what a program writes.
enum Piece<'a> {
    Text(&'a str),
    Sequence(&'a str),
    /// Something that goes on beyond what is here.
    Unfinished(&'a str),
}

impl Screen {
    /// What to write to the terminal for this output.
    pub fn show(&mut self, output: &str) -> String {
        let output = std::mem::take(&mut self.pending) + output;
        let mut shown = String::with_capacity(output.len());
        let mut rest = output.as_str();
        while let Some((piece, after)) = next(rest) {
            match piece {
                Piece::Text(text) => shown.push_str(text),
                Piece::Sequence(sequence) if is_query(sequence) => {}
                Piece::Sequence(sequence) => {
                    self.note(sequence);
                    shown.push_str(sequence);
                }
                Piece::Unfinished(beginning) if beginning.len() <= LONGEST => {
                    beginning.clone_into(&mut self.pending);
                }
                Piece::Unfinished(beginning) => shown.push_str(beginning),
            }
            rest = after;
        }
        shown
    }

    /// What to write so that the terminal is empty and in no mode. What has scrolled away stays.
    pub fn clear(&mut self) -> String {
        let farewell = self.farewell();
        *self = Self::default();
        farewell + "\x1b[H\x1b[2J"
    }

    /// What to write so that the terminal is its owner's again. Nothing is taken off it.
    pub fn farewell(&self) -> String {
        let mut text = String::new();
        for mode in self.modes.iter().rev() {
            text.extend(["\x1b[?", &mode.to_string(), "l"]);
        }
        if self.keyboards > 0 {
            text.extend(["\x1b[<", &self.keyboards.to_string(), "u"]);
        }
        if self.is_hidden {
            text.push_str("\x1b[?25h");
        }
        // Colours, insert mode, keypad and scroll region.
        text.push_str("\x1b[m\x1b[!p");
        text
    }

    fn note(&mut self, sequence: &str) {
        let Some(body) = sequence.strip_prefix("\x1b[") else { return };
        if let Some(modes) = body.strip_prefix('?').and_then(|body| body.strip_suffix(['h', 'l'])) {
            let is_set = body.ends_with('h');
            for mode in modes.split(';').filter_map(|mode| mode.parse().ok()) {
                match (mode, is_set) {
                    (25, is_set) => self.is_hidden = !is_set,
                    (mode, true) if MODES.contains(&mode) => drop(self.modes.insert(mode)),
                    (mode, _) => drop(self.modes.remove(&mode)),
                }
            }
        } else if body.starts_with('>') && body.ends_with('u') {
            self.keyboards = self.keyboards.saturating_add(1);
        } else if let Some(count) = body.strip_prefix('<').and_then(|it| it.strip_suffix('u')) {
            self.keyboards = self.keyboards.saturating_sub(count.parse().unwrap_or(1));
        }
    }
}

/// The first piece of a text, and what follows.
fn next(text: &str) -> Option<(Piece<'_>, &str)> {
    if text.is_empty() {
        return None;
    }
    let escape = text.find('\x1b').unwrap_or(text.len());
    if escape > 0 {
        return Some((Piece::Text(&text[..escape]), &text[escape..]));
    }
    let Some(end) = end_of_sequence(text) else { return Some((Piece::Unfinished(text), "")) };
    Some((Piece::Sequence(&text[..end]), &text[end..]))
}

/// Where the sequence that a text begins with ends.
fn end_of_sequence(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    match characters.next()?.1 {
        '[' => characters.find_map(|(at, character)| match character {
            '\x20'..='\x3f' => None,
            // Whatever else stands there ends it, itself not being a part of it unless it is a final byte.
            '\x40'..='\x7e' => Some(at + 1),
            _ => Some(at),
        }),
        ']' | 'P' | '_' | '^' | 'X' => {
            let bell = text.find('\x07').map(|at| at + 1);
            let terminator = text.find("\x1b\\").map(|at| at + 2);
            match (bell, terminator) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            }
        }
        '\x20'..='\x2f' => characters.find_map(|(at, character)| {
            (!matches!(character, '\x20'..='\x2f')).then_some(at + character.len_utf8())
        }),
        '\x1b' => Some(1),
        character => Some(1 + character.len_utf8()),
    }
}

/// Whether a terminal answers this.
fn is_query(sequence: &str) -> bool {
    if let Some(body) = sequence.strip_prefix("\x1b[") {
        let is_report = |of: &[&str]| of.contains(&body);
        return body.ends_with('c')
            || (body.ends_with('n') && !body.starts_with('>'))
            || (body.ends_with('q') && body.starts_with('>'))
            || body.ends_with("$p")
            || body.ends_with("*y")
            || body == "?u"
            || is_report(&[
                "x", "0x", "1x", "11t", "13t", "14t", "15t", "16t", "18t", "19t", "20t", "21t",
            ]);
    }
    if let Some(body) = sequence.strip_prefix("\x1b]") {
        let body = body.trim_end_matches(['\x07', '\\', '\x1b']);
        return body.ends_with(";?");
    }
    sequence == "\x1bZ" || sequence.starts_with("\x1bP$q") || sequence.starts_with("\x1bP+q")
}
