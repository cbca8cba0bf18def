//! A worker's terminal on the agent: bytes in, snapshots, replies and the visible text out.
//!
//! Pure: no process, no socket, no clock.

mod attributes;
mod cell;
mod charset;
pub mod checkpoints;
mod colours;
mod decoder;
mod editing;
mod emulator;
mod extras;
pub mod focus;
mod keyboard;
mod modes;
pub mod ownership;
mod parameters;
mod parser;
mod queries;
pub mod replies;
mod resizing;
mod row;
mod screen;
mod sequences;
mod snapshot;
mod titles;
mod wrapping;

#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod resized_tests;
#[cfg(test)]
mod tests;

use emulator::Emulator;
use parser::Parser;

/// How many lines are kept after they scrolled out, unless somebody says otherwise.
pub const SCROLLBACK_LINES: usize = 1000;

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters per line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

impl Size {
    /// The least and the most that either side may be.
    pub const LIMITS: std::ops::RangeInclusive<u16> = 1..=1000;

    /// The nearest size that a terminal may have.
    #[must_use]
    pub fn clamped(self) -> Self {
        let clamp = |side: u16| side.clamp(*Self::LIMITS.start(), *Self::LIMITS.end());
        Self { columns: clamp(self.columns), rows: clamp(self.rows) }
    }

    /// As the emulator counts: a wide character needs two columns, as in xterm.js.
    fn cells(self) -> (usize, usize) {
        let size = self.clamped();
        (usize::from(size.columns.max(2)), usize::from(size.rows))
    }
}

/// The terminal of one worker.
#[derive(Debug)]
pub struct Terminal {
    parser: Parser,
    emulator: Emulator,
    size: Size,
}

impl Terminal {
    /// An empty terminal that keeps `scrollback_lines` lines after they scrolled out.
    pub fn new(size: Size, scrollback_lines: usize) -> Self {
        let size = size.clamped();
        Self { parser: Parser::new(), emulator: Emulator::new(size, scrollback_lines), size }
    }

    /// Takes the next piece of what the worker's processes print, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.parser.feed(&mut self.emulator, bytes);
    }

    /// What has to be written to the processes: replies to what they asked the terminal, in order.
    pub fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.emulator.replies)
    }

    /// Makes the screen `size` large; lines are wrapped anew as viewers' terminals do it.
    pub fn resize(&mut self, size: Size) {
        self.size = size.clamped();
        self.emulator.resize(self.size);
    }

    /// The present size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The state as text that makes a viewer's terminal of the same size the same. Ends with what has been
    /// begun and not finished, so the output that follows can be written right after it.
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::snapshot(&self.emulator, &self.parser)
    }

    /// The window's title; empty if no program gave one.
    pub fn title(&self) -> &str {
        &self.emulator.titles.current
    }

    /// The lines of the screen that is shown, without the blanks at their ends.
    pub fn screen_lines(&self) -> Vec<String> {
        let screen = self.emulator.visible();
        let rows = screen.rows.range(screen.base()..);
        rows.map(|row| self.emulator.row_text(row)).collect()
    }

    /// In which of these lines the cursor is.
    pub fn cursor_line(&self) -> usize {
        self.emulator.visible().y
    }

    /// The text of the screen that is shown, without blanks at the ends of lines nor empty lines at the end.
    pub fn visible_text(&self) -> String {
        self.screen_lines().join("\n").trim_end_matches('\n').to_owned()
    }

    /// Whether a program is in the middle of a synchronised update, so that the screen may be half drawn.
    pub fn has_pending_update(&self) -> bool {
        self.emulator.modes.synchronized
    }

    /// Whether pasted text has to be put between `ESC [ 200 ~` and `ESC [ 201 ~`.
    pub fn is_bracketed_paste(&self) -> bool {
        self.emulator.modes.bracketed_paste
    }

    /// Whether the program wants to know when the window gets or loses the focus.
    pub fn wants_focus(&self) -> bool {
        self.emulator.modes.focus
    }

    /// Whether a full-screen program shows its own screen.
    pub fn is_alternate_screen(&self) -> bool {
        self.emulator.is_alternate
    }
}
