//! What goes to a person's own terminal: everything but queries, and in the end a way back from every mode.
//!
//! A worker's terminal lives on its agent, which answers a program's queries itself and at once. A viewer's
//! terminal would answer them a second time, and its answer would be typed into the worker.

use std::collections::BTreeSet;

/// The longest sequence that is waited for when it comes in pieces.
const LONGEST: usize = 4096;

/// Modes that change how a terminal behaves or looks for whoever uses it next.
const MODES: &[u16] = &[
    1, 5, 6, 9, 12, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1047, 1049,
    2004, 2026, 2031, 2048,
];

/// The same of modes that are on from the beginning: wrapping at the right edge, and the cursor.
const MODES_THAT_ARE_ON: &[u16] = &[7, 25];

/// What puts the window's title away, and what takes it out again.
const KEEP_TITLE: &str = "\x1b[22;0t";
const TITLE_AGAIN: &str = "\x1b[23;0t";

/// A person's terminal that shows a worker's.
#[derive(Debug, Default)]
pub struct Screen {
    /// The beginning of a sequence whose end has not come.
    pending: String,
    modes: BTreeSet<u16>,
    /// Those of the modes that were on.
    off: BTreeSet<u16>,
    /// How many sets of keyboard flags were pushed.
    keyboards: u16,
    /// Whether the owner's title was put away before it was changed.
    has_title: bool,
    /// How many more titles were put away by programs.
    titles: u16,
    /// What undoes changes that are no modes.
    undo: BTreeSet<&'static str>,
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
                // A full reset would also take what its owner had scrolled away.
                Piece::Sequence("\x1bc") => shown.push_str(&self.clear()),
                Piece::Sequence(sequence) => shown.push_str(&self.pass(sequence)),
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
        for mode in &self.off {
            text.extend(["\x1b[?", &mode.to_string(), "h"]);
        }
        text.extend(self.undo.iter().copied());
        text.push_str(&TITLE_AGAIN.repeat(usize::from(self.titles) + usize::from(self.has_title)));
        // Colours, insert mode, keypad and scroll region.
        text.push_str("\x1b[m\x1b[!p");
        text
    }

    /// What to write for one sequence that is no query.
    fn pass(&mut self, sequence: &str) -> String {
        if let Some(body) = sequence.strip_prefix("\x1b]") {
            return self.pass_words(sequence, body);
        }
        if sequence.starts_with("\x1b[22") && sequence.ends_with('t') {
            self.titles = self.titles.saturating_add(1);
        } else if sequence.starts_with("\x1b[23") && sequence.ends_with('t') {
            if self.titles == 0 {
                // It was put away before anybody looked; the one that is there is the owner's.
                return String::new();
            }
            self.titles -= 1;
        }
        self.note(sequence);
        sequence.to_owned()
    }

    /// The same for what a terminal is told in words: titles and colours.
    fn pass_words(&mut self, sequence: &str, body: &str) -> String {
        let number = body.split(';').next().unwrap_or_default();
        match number {
            "0" | "1" | "2" if !self.has_title => {
                self.has_title = true;
                return KEEP_TITLE.to_owned() + sequence;
            }
            "4" => drop(self.undo.insert("\x1b]104\x07")),
            "10" => drop(self.undo.insert("\x1b]110\x07")),
            "11" => drop(self.undo.insert("\x1b]111\x07")),
            "12" => drop(self.undo.insert("\x1b]112\x07")),
            _ => {}
        }
        sequence.to_owned()
    }

    fn note(&mut self, sequence: &str) {
        let Some(body) = sequence.strip_prefix("\x1b[") else { return };
        if let Some(modes) = body.strip_prefix('?').and_then(|body| body.strip_suffix(['h', 'l'])) {
            let is_set = body.ends_with('h');
            for mode in modes.split(';').filter_map(|mode| mode.parse().ok()) {
                match (mode, is_set) {
                    (mode, true) if MODES_THAT_ARE_ON.contains(&mode) => {
                        self.off.remove(&mode);
                    }
                    (mode, false) if MODES_THAT_ARE_ON.contains(&mode) => {
                        self.off.insert(mode);
                    }
                    (mode, true) if MODES.contains(&mode) => drop(self.modes.insert(mode)),
                    (mode, _) => drop(self.modes.remove(&mode)),
                }
            }
        } else if body.starts_with('>') && body.ends_with('u') {
            self.keyboards = self.keyboards.saturating_add(1);
        } else if let Some(count) = body.strip_prefix('<').and_then(|it| it.strip_suffix('u')) {
            self.keyboards = self.keyboards.saturating_sub(count.parse().unwrap_or(1));
        } else if body.starts_with('=') && body.ends_with('u') {
            self.undo.insert("\x1b[=0u");
        } else if body.starts_with(">4;") && body.ends_with('m') {
            self.undo.insert("\x1b[>4m");
        } else if body.ends_with(" q") {
            self.undo.insert("\x1b[0 q");
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
