//! A command's last line, from the bytes on its pipes.

use std::time::Instant;

use pilothouse_core::{said::LONGEST_LINE, streams::Channel};

use super::{Turn, line};
use crate::terminal::{Size, Terminal};

/// Of a larger piece only so much at its end is looked at: what is before it has scrolled away.
const LOOKED_AT: usize = 4 << 10;
/// As much screen as is worth keeping.
const ROWS: u16 = 8;
/// Long lines are cut, not wrapped.
const NO_WRAP: &[u8] = b"\x1b[?7l";

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct PipeSpeech {
    stdout: Terminal,
    stderr: Terminal,
    newest: Channel,
    turn: Turn,
}

impl PipeSpeech {
    /// Nothing was said yet.
    pub(crate) fn new() -> Self {
        Self { stdout: screen(), stderr: screen(), newest: Channel::Stdout, turn: Turn::default() }
    }

    /// The command wrote something.
    pub(crate) fn written(&mut self, channel: Channel, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let start = bytes.len().saturating_sub(LOOKED_AT);
        let screen = match channel {
            Channel::Stderr => &mut self.stderr,
            Channel::Stdout | Channel::Terminal => &mut self.stdout,
        };
        // A pipe's line feed begins a line, where a terminal's only goes down.
        for (place, piece) in bytes[start..].split(|byte| *byte == b'\n').enumerate() {
            if place > 0 {
                screen.feed(b"\r\n");
            }
            screen.feed(piece);
        }
        // Nobody answers what a command asks a terminal that it does not have.
        drop(screen.take_replies());
        self.newest = channel;
        self.turn.has_news = true;
    }

    /// When to look.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        self.turn.deadline(now)
    }

    /// The line to be told now, if it is time to.
    pub(crate) fn due(&mut self, now: Instant) -> Option<String> {
        if !self.turn.take(now) {
            return None;
        }
        let line = self.last_line()?;
        self.turn.told_at = Some(now);
        Some(line)
    }

    /// What was not told yet, since nothing follows.
    pub(crate) fn rest(&mut self) -> Option<String> {
        std::mem::take(&mut self.turn.has_news).then(|| self.last_line()).flatten()
    }

    /// What was written last that can be seen, also if it is not a whole line.
    fn last_line(&self) -> Option<String> {
        let (newest, other) = match self.newest {
            Channel::Stderr => (&self.stderr, &self.stdout),
            Channel::Stdout | Channel::Terminal => (&self.stdout, &self.stderr),
        };
        let last =
            |screen: &Terminal| screen.screen_lines().iter().rev().find_map(|text| line(text));
        last(newest).or_else(|| last(other))
    }
}

fn screen() -> Terminal {
    // One column more than is told, since the last one takes whatever does not fit.
    let columns = u16::try_from(LONGEST_LINE + 1).unwrap_or(u16::MAX);
    let mut screen = Terminal::new(Size { columns, rows: ROWS }, 0);
    screen.feed(NO_WRAP);
    screen
}
