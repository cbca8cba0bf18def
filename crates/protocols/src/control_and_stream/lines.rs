//! What tasks print, as lines. Pieces of output end anywhere; a line is told when it is whole.

use pilothouse_core::streams::Channel;

/// The longest line, in bytes: one that has no end is told in pieces of that size.
const LONGEST: usize = 4096;
/// How long the last line may be as a stage, in characters.
const LONGEST_STAGE: usize = 200;

/// One task's lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    output: Vec<u8>,
    errors: Vec<u8>,
    stage: Option<String>,
    /// Whether it was told that it runs.
    pub(super) is_running: bool,
    /// Whether it is a run, which tells of its steps by itself.
    pub(super) is_run: bool,
}

impl Lines {
    /// What was printed last before somebody listened.
    pub(super) fn after(stage: Option<&str>) -> Self {
        Self { stage: stage.map(String::from), ..Self::default() }
    }

    /// The last line that says something, without what colours it.
    pub(super) fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// A line that somebody else cut out.
    pub(super) fn said(&mut self, line: &str) {
        self.stage = Some(line.into());
    }

    /// The lines that this piece ends.
    pub(super) fn take(&mut self, channel: Channel, bytes: &[u8]) -> Vec<String> {
        let begun = self.begun(channel);
        begun.extend_from_slice(bytes);
        let mut lines = Vec::new();
        let mut start = 0;
        while let Some(length) = end_of_line(&begun[start..]) {
            lines.push(text(&begun[start..start + length]));
            start += length + usize::from(begun.get(start + length) == Some(&b'\n'));
        }
        begun.drain(..start);
        self.note(&lines);
        lines
    }

    /// The line that nothing ended, when nothing more comes.
    pub(super) fn rest(&mut self, channel: Channel) -> Vec<String> {
        let begun = std::mem::take(self.begun(channel));
        let lines: Vec<String> = (!begun.is_empty()).then(|| text(&begun)).into_iter().collect();
        self.note(&lines);
        lines
    }

    /// Something is missing: what was begun before is not ended by what comes behind.
    pub(super) fn forget(&mut self) {
        self.output.clear();
        self.errors.clear();
    }

    fn begun(&mut self, channel: Channel) -> &mut Vec<u8> {
        match channel {
            Channel::Stdout | Channel::Terminal => &mut self.output,
            Channel::Stderr => &mut self.errors,
        }
    }

    fn note(&mut self, lines: &[String]) {
        let last = lines.iter().rev().map(|line| visible(line)).find(|line| !line.is_empty());
        self.stage = last.or(self.stage.take());
    }
}

/// How many bytes of the first line there are, if it is whole.
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    let window = &bytes[..bytes.len().min(LONGEST)];
    let end = window.iter().position(|byte| *byte == b'\n');
    end.or_else(|| (bytes.len() > LONGEST).then(|| whole_characters(window)))
}

/// How many bytes of a piece are whole characters, as far as it is text.
fn whole_characters(bytes: &[u8]) -> usize {
    let begins = |byte: &u8| *byte < 0x80 || *byte >= 0xc0;
    let last = bytes.iter().rposition(begins).unwrap_or(0);
    let is_whole = std::str::from_utf8(&bytes[last..]).is_ok();
    if is_whole || bytes.len() - last >= 4 || last == 0 { bytes.len() } else { last }
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

/// A line as a person sees it: without escape sequences and control characters, and short.
fn visible(line: &str) -> String {
    let mut shown = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            skip_sequence(&mut characters);
        } else if !character.is_control() {
            shown.push(character);
        }
    }
    shown.trim().chars().take(LONGEST_STAGE).collect()
}

fn skip_sequence(characters: &mut std::str::Chars<'_>) {
    match characters.next() {
        Some('[') => drop(characters.find(|c| ('@'..='~').contains(c))),
        Some(']') => drop(characters.find(|c| *c == '\u{7}' || *c == '\u{1b}')),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_told_whole_however_they_come_and_each_channel_for_itself() {
        let mut lines = Lines::default();
        assert!(lines.take(Channel::Stdout, b"one\ntw").eq(&["one"]));
        assert!(lines.take(Channel::Stderr, b"oh\r\n").eq(&["oh"]));
        assert!(lines.take(Channel::Stdout, b"o\n\nthree").eq(&["two", ""]));
        assert!(lines.rest(Channel::Stdout).eq(&["three"]));
        assert!(lines.rest(Channel::Stdout).is_empty() && lines.rest(Channel::Stderr).is_empty());
        assert_eq!(lines.stage(), Some("three"));
    }

    #[test]
    fn a_stage_is_what_a_person_sees() {
        let mut lines = Lines::default();
        lines.take(Channel::Stdout, b"\x1b[32m ok \x1b[0m\x1b]0;title\x07\n\n \x1b[2K\n");
        assert_eq!(lines.stage(), Some("ok"));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_grows(
            pieces in prop::collection::vec("[a-zé€😀\n]{0,3000}", 0..8),
        ) {
            let mut lines = Lines::default();
            let mut told = Vec::new();
            for piece in &pieces {
                told.extend(lines.take(Channel::Stdout, piece.as_bytes()));
                prop_assert!(lines.output.len() <= LONGEST);
            }
            told.extend(lines.rest(Channel::Stdout));
            let is_whole = |line: &String| line.len() <= LONGEST && !line.contains('\u{fffd}');
            prop_assert!(told.iter().all(is_whole));
            prop_assert_eq!(told.concat(), pieces.concat().replace('\n', ""));
        }
    }
}
