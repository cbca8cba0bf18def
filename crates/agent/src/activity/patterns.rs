//! Expressions by which a question is recognised on a screen, wherever programs place its words.

use std::sync::Arc;

use pilothouse_core::agent_type::pattern;
use regex::Regex;

pub use pattern::PatternError;

/// How many places of one expression are looked at; with more than that only the first ones are.
const MOST_PLACES: usize = 16;

/// Compiled patterns of one agent type; cloning shares them.
///
/// They are matched without regard to case against the last lines of the screen. `^` and `$` are the ends of a
/// line, `\z` is the end of the screen. Where a pattern has white space the screen may have any or none, since
/// programs place words by moving the cursor and break lines where they like; `\b` beside it is ignored.
#[derive(Debug, Clone, Default)]
pub struct Patterns(Arc<[Regex]>);

/// Where a pattern was found, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Patterns {
    /// Compiles them, or says which one cannot be used and why.
    pub fn compile<P: AsRef<str>>(patterns: &[P]) -> Result<Self, PatternError> {
        let written = pattern::compile(patterns)?;
        let loose = patterns.iter().map(|pattern| pattern::build(&loosened(pattern.as_ref())));
        Ok(Self(loose.zip(written).map(|(loose, written)| loose.unwrap_or(written)).collect()))
    }

    /// Whether there are none, so that an agent never asks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each pattern how often it occurs, and its last place.
    pub(super) fn find(&self, text: &str) -> Vec<(usize, Option<Place>)> {
        let places = |regex: &Regex| {
            let mut count = 0;
            let mut last = None;
            for found in regex.find_iter(text).take(MOST_PLACES).filter(|found| !found.is_empty()) {
                count += 1;
                last = Some(Place { start: found.start(), end: found.end() });
            }
            (count, last)
        };
        self.0.iter().map(places).collect()
    }
}

/// The pattern with every white space made optional, and without the word boundaries beside them.
fn loosened(pattern: &str) -> String {
    let mut loose = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    let mut depth = 0;
    while let Some(character) = rest.next() {
        let escaped = if character == '\\' { rest.next() } else { None };
        match (depth, character, escaped) {
            (0, ' ', _) | (0, '\\', Some('s' | ' ')) => {
                skip_repetition(&mut rest);
                loose.push_str(SPACE);
            }
            (0, '\\', Some('b')) if loose.ends_with(SPACE) || is_space_next(&rest) => {}
            (_, '\\', escaped) => loose.extend(std::iter::once('\\').chain(escaped)),
            _ => {
                match character {
                    '[' => depth += 1,
                    ']' if depth > 0 => depth -= 1,
                    _ => {}
                }
                loose.push(character);
            }
        }
    }
    loose
}

/// What stands for any white space or none.
const SPACE: &str = r"\s*";

fn is_space_next(rest: &Characters<'_>) -> bool {
    let mut rest = rest.clone();
    match rest.next() {
        Some(' ') => true,
        Some('\\') => matches!(rest.next(), Some('s' | ' ')),
        _ => false,
    }
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_repetition(rest: &mut Characters<'_>) {
    match rest.peek() {
        Some('?' | '*' | '+') => drop(rest.next()),
        Some('{') => skip_braces(rest),
        _ => return,
    }
    rest.next_if_eq(&'?');
}

fn skip_braces(rest: &mut Characters<'_>) {
    for character in rest.by_ref() {
        if character == '}' {
            return;
        }
    }
}
