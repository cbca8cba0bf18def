//! Everything that is printed: results on stdout, the rest on stderr.

use std::io::{self, IsTerminal, Write};

use crate::{environment::wants_no_colour, failure::Failure};

/// Prints a result. A reader that has gone is no reason for a server to end, so nothing is made of it.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Tells a person something beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Tells why it did not work.
pub(crate) fn complain(sentence: &str) {
    note(&format!("pilothouse: {sentence}"));
}

/// Tells how things stand, but only to a person who looks.
pub(crate) fn remark(text: &str) {
    if io::stderr().is_terminal() {
        note(&format!("pilothouse: {text}"));
    }
}

/// Passes output on unchanged and at once.
pub(crate) fn pass_on(mut stream: impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// The colours that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Red,
    Green,
    Yellow,
}

/// The text in colour, if a person looks at stdout and did not ask for none.
pub(crate) fn coloured(colour: Colour, text: &str) -> String {
    if !io::stdout().is_terminal() || wants_no_colour() {
        return text.to_owned();
    }
    let number = match colour {
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
    };
    format!("\x1b[{number}m{text}\x1b[0m")
}

/// Prints a result of many lines, which a pager may stop reading.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let text = format!("{}\n", text.trim_end());
    match pass_on(io::stdout().lock(), &text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io(&error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Lines of a table, columns as wide as they need to be.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// Text from elsewhere, safe to show in a terminal: on one line, without control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
