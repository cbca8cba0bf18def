//! A terminal's whole state as an escape-sequence text: written into an xterm.js of the same size, fresh or used,
//! it makes that terminal the same, so that the output that follows can be written after it.
//!
//! It contains nothing that a terminal answers.

mod rows;
mod style;

use std::io::Write as _;

pub(super) use style::attributes;

use self::style::{Writer, looks_same};
use super::{
    cell::Style,
    charset::Charset,
    emulator::Emulator,
    keyboard::Flags,
    modes::{Modes, MouseEncoding},
    parser::Parser,
    screen::{Saved, Screen},
};

/// Ends whatever was begun, resets, and turns off what a reset leaves on.
const BEGIN: &str = "\x18\x1bc\x1b[20l\x1b[?25h";

/// Writes down the state of a terminal.
pub(super) fn snapshot(emulator: &Emulator, parser: &Parser) -> Vec<u8> {
    let mut writer = Writer::new(&emulator.extras);
    writer.text(BEGIN);
    if emulator.modes.synchronized {
        // First, so that the viewer does not draw the half-done update.
        writer.text("\x1b[?2026h");
    }
    writer.text(&emulator.colours.to_sequences());
    for title in &emulator.titles.aside {
        let _ = write!(writer.out, "\x1b]2;{title}\x07\x1b[22;2t");
    }
    let _ = write!(writer.out, "\x1b]2;{}\x07", emulator.titles.current);
    if !emulator.is_alternate && emulator.alternate.saved != Saved::default() {
        // What was saved on the other screen outlives that screen's text.
        writer.text("\x1b[?47h");
        writer.saved(&emulator.alternate);
        writer.text("\x1b[?47l\x1b[H");
    }
    writer.screen(&emulator.primary, true);
    writer.keyboard(&emulator.keyboard.primary);
    if emulator.is_alternate {
        writer.cursor(emulator.primary.x, emulator.primary.y);
        writer.style(Style::default());
        writer.text("\x1b[?47h\x1b[H");
        writer.screen(&emulator.alternate, false);
        writer.keyboard(&emulator.keyboard.alternate);
    }
    if emulator.keyboard.other_keys > 0 {
        let _ = write!(writer.out, "\x1b[>4;{}m", emulator.keyboard.other_keys);
    }
    writer.charsets(emulator);
    writer.finish(emulator);
    writer.out.extend(parser.unfinished());
    writer.out
}

impl Writer<'_> {
    /// Lines, tab stops, saved cursor and margins of one screen.
    fn screen(&mut self, screen: &Screen, has_scrollback: bool) {
        self.rows(screen, has_scrollback);
        self.style(Style::default());
        self.tabs(screen);
        self.saved(screen);
        if (screen.top, screen.bottom) != (0, screen.height - 1) {
            let _ = write!(self.out, "\x1b[{};{}r", screen.top + 1, screen.bottom + 1);
        }
    }

    fn cursor(&mut self, x: usize, y: usize) {
        let _ = write!(self.out, "\x1b[{};{}H", y + 1, x + 1);
    }

    fn tabs(&mut self, screen: &Screen) {
        let is_usual = |x: usize| x.is_multiple_of(8);
        let tabs = &screen.tabs[..screen.columns];
        if tabs.iter().enumerate().all(|(x, &tab)| tab == is_usual(x)) {
            return;
        }
        self.text("\x1b[3g");
        for x in (0..screen.columns).filter(|&x| tabs[x]) {
            let _ = write!(self.out, "\x1b[{}G\x1bH", x + 1);
        }
    }

    fn saved(&mut self, screen: &Screen) {
        let saved = screen.saved;
        let is_below = saved.absolute_y > 0 && saved.absolute_y >= screen.base();
        if !is_below && (Saved { absolute_y: 0, ..saved }) == Saved::default() {
            return;
        }
        let y = saved.absolute_y.saturating_sub(screen.base()).min(screen.height - 1);
        self.style(saved.style);
        self.designate(0, saved.charset);
        self.cursor(saved.x.min(screen.columns - 1), y);
        self.text("\x1b7\x1b(B");
        self.style(Style::default());
    }

    fn designate(&mut self, level: usize, charset: Charset) {
        self.out.extend([0x1B, b"()*+"[level], charset.0]);
    }

    fn charsets(&mut self, emulator: &Emulator) {
        let charsets = &emulator.charsets;
        for (level, &charset) in charsets.designated.iter().enumerate() {
            if charset != Charset::ASCII {
                self.designate(level, charset);
            }
        }
        self.text(["", "\x0e", "\x1bn", "\x1bo"][charsets.level]);
        if charsets.current != charsets.designated[charsets.level] {
            // Only restoring the cursor brings back a set that is not the one invoked.
            self.text("\x1b8");
        }
    }

    fn keyboard(&mut self, flags: &Flags) {
        let Some((first, pushed)) = flags.0.split_first() else { return };
        if *first != 0 {
            let _ = write!(self.out, "\x1b[={first};1u");
        }
        for flags in pushed {
            let _ = write!(self.out, "\x1b[>{flags}u");
        }
    }

    /// Cursor, switches and pen; and what was printed last is printed again where more may join it.
    fn finish(&mut self, emulator: &Emulator) {
        let screen = emulator.visible();
        let modes = &emulator.modes;
        if modes.origin {
            self.text("\x1b[?6h");
        }
        let y = screen.y.saturating_sub(if modes.origin { screen.top } else { 0 });
        let row = &screen.rows[screen.base() + screen.y];
        let last = self.last_printed(emulator);
        if let Some((x, _)) = last {
            self.cursor(x, y);
            if modes.insert {
                // It is going to push the rest of the line to the right once more.
                let _ = write!(self.out, "\x1b[{}P", emulator.joinable);
            }
        } else if screen.x < screen.columns {
            self.cursor(screen.x, y);
        } else {
            let x = screen.columns - 1;
            let x = if row.cell(x).has_content() || row.cell(x).width() > 0 { x } else { x - 1 };
            self.cursor(x, y);
            let cell = row.cell(x);
            self.cell_style(cell.style);
            let text = self.cell_text(cell).unwrap_or_else(|| " ".to_owned());
            self.text(&text);
        }
        self.modes(modes);
        self.pen(emulator.pen);
        if let Some((_, text)) = last {
            self.text(&text);
        }
    }

    /// The character that combining ones may still join: where it is, and what it consists of.
    fn last_printed(&self, emulator: &Emulator) -> Option<(usize, String)> {
        let screen = emulator.visible();
        if emulator.joinable == 0 {
            return None;
        }
        let x = screen.x.checked_sub(emulator.joinable)?;
        let cell = screen.rows[screen.base() + screen.y].cell(x);
        let text = self.cell_text(cell)?;
        let first = text.bytes().next()?;
        let is_kept =
            !first.is_ascii() || emulator.charsets.current.map(first) == char::from(first);
        let is_same = cell.width() == emulator.joinable && looks_same(cell.style, emulator.pen);
        (is_kept && is_same).then_some((x, text))
    }

    fn modes(&mut self, modes: &Modes) {
        let switches = [
            (modes.insert, "\x1b[4h"),
            (modes.newline, "\x1b[20h"),
            (modes.cursor_keys, "\x1b[?1h"),
            (modes.keypad, "\x1b="),
            (!modes.wraparound, "\x1b[?7l"),
            (modes.reverse_wraparound, "\x1b[?45h"),
            (modes.is_cursor_hidden, "\x1b[?25l"),
            (modes.focus, "\x1b[?1004h"),
            (modes.bracketed_paste, "\x1b[?2004h"),
            (modes.mouse_encoding == MouseEncoding::Cells, "\x1b[?1006h"),
            (modes.mouse_encoding == MouseEncoding::Pixels, "\x1b[?1016h"),
            (modes.blinks == Some(true), "\x1b[?12h"),
            (modes.blinks == Some(false), "\x1b[?12l"),
        ];
        for (_, sequence) in switches.iter().filter(|(is_on, _)| *is_on) {
            self.text(sequence);
        }
        if let Some(number) = modes.mouse.number() {
            let _ = write!(self.out, "\x1b[?{number}h");
        }
        if modes.cursor_style > 0 {
            let _ = write!(self.out, "\x1b[{} q", modes.cursor_style);
        }
    }
}
