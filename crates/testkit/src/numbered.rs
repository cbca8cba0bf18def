//! Output in which every line can be told from every other.

use std::fmt::Write;

/// A shell command that prints so many lines, each with that letter and its number.
pub fn print(letter: char, count: u32) -> String {
    format!("seq -f '{letter}%09.0f' 1 {count}")
}

/// What [`print`] prints.
pub fn lines(letter: char, count: u32) -> String {
    let mut text = String::with_capacity(count as usize * 11);
    for number in 1..=count {
        writeln!(text, "{letter}{number:09}").expect("a String takes everything");
    }
    text
}
