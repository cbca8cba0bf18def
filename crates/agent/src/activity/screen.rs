//! A screen as a person reads it: text without frames, clocks and cursors, and what is new on it.

use std::sync::LazyLock;

use regex::Regex;

use super::difference::Difference;

/// Rows looked at, from the bottom. What is above has scrolled out of anybody's attention.
const ROWS: usize = 200;

/// Columns looked at.
const COLUMNS: usize = 500;

/// Lines from the bottom in which a question is looked for.
const TAIL: usize = 24;

/// Characters of the tail; beyond that its first lines are left out.
const TAIL_LENGTH: usize = 4000;

/// Lines around a text in a terminal.
const FRAME: &[char] = &['│', '┃', '║', '▌', '▎', '▏'];

/// What a program draws where its cursor is.
const CURSOR: &[char] = &['█', '▉', '▊', '▋', '▌', '▍', '▎', '▏', '▐', '▁', '_'];

static CLOCK: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\b\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?\b"));

pub(super) fn expression(text: &str) -> Regex {
    Regex::new(text).expect("invariant: a constant expression is valid")
}

/// The last screen that was shown.
#[derive(Debug, Default)]
pub(super) struct Screen {
    raw: Vec<String>,
    /// Without frames and with single spaces; empty lines are left out.
    lines: Vec<String>,
    /// The same without what changes by itself.
    still: Vec<String>,
}

impl Screen {
    /// Takes the next screen; `None` if it is the same to the letter.
    pub(super) fn show(&mut self, screen: &[String]) -> Option<Difference> {
        let screen = &screen[screen.len().saturating_sub(ROWS)..];
        if self.raw == screen {
            return None;
        }
        self.raw.clear();
        self.raw.extend_from_slice(screen);
        let is_text = |line: &String| !line.is_empty();
        self.lines = screen.iter().map(|line| readable(line)).filter(is_text).collect();
        let still = self.lines.iter().map(|line| without_clocks(line)).filter(is_text).collect();
        let before = std::mem::replace(&mut self.still, still);
        Some(Difference::between(&before, &self.still))
    }

    /// Whether there is anything to see.
    pub(super) fn is_blank(&self) -> bool {
        self.lines.is_empty()
    }

    /// The last lines that have something on them.
    pub(super) fn tail(&self) -> &[String] {
        let mut length = 0;
        let fits = |line: &&String| {
            length += line.chars().count() + 1;
            length <= TAIL_LENGTH
        };
        let count = self.lines.iter().rev().take(TAIL).take_while(fits).count();
        &self.lines[self.lines.len() - count..]
    }
}

fn readable(line: &str) -> String {
    let line = line.get(..byte_of_column(line)).unwrap_or(line);
    let is_edge = |character: char| character.is_whitespace() || FRAME.contains(&character);
    let mut text = String::with_capacity(line.len());
    for word in line.trim_matches(is_edge).split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    text
}

fn byte_of_column(line: &str) -> usize {
    line.char_indices().nth(COLUMNS).map_or(line.len(), |(byte, _)| byte)
}

/// The line without clocks and without a cursor that a program draws itself.
fn without_clocks(line: &str) -> String {
    let mut text = CLOCK.replace_all(line, "").into_owned();
    let mut ending = text.chars().rev();
    let is_cursor = |character: Option<char>| character.is_some_and(|c| CURSOR.contains(&c));
    if is_cursor(ending.next()) && !is_cursor(ending.next()) {
        text.pop();
        text.truncate(text.trim_end().len());
    }
    text
}
