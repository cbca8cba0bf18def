//! The whole state of a terminal, and how text is printed into it.
//!
//! What sequences do to it is in `sequences.rs` and its neighbours, what it answers in `queries.rs`.

use unicode_width::UnicodeWidthChar;

use super::{
    Size,
    cell::{COLOUR, Cell, EXTENDED, Style},
    charset::Charsets,
    colours::Colours,
    extras::{Extended, Extras},
    keyboard::Keyboard,
    modes::Modes,
    row::Row,
    screen::Screen,
    titles::Titles,
};

/// Replies that nobody fetched. More are dropped: a program that asks this much does not read.
const MAX_REPLIES: usize = 64 * 1024;

/// A terminal without its parser.
#[derive(Debug)]
pub(super) struct Emulator {
    pub(super) primary: Screen,
    pub(super) alternate: Screen,
    pub(super) is_alternate: bool,
    /// What the next character looks like.
    pub(super) pen: Style,
    pub(super) extras: Extras,
    pub(super) charsets: Charsets,
    pub(super) modes: Modes,
    pub(super) keyboard: Keyboard,
    pub(super) titles: Titles,
    pub(super) colours: Colours,
    pub(super) replies: Vec<u8>,
    /// The width of the character just printed, as long as nothing but text came since. Combining characters
    /// join it, and `CSI b` repeats it.
    pub(super) joinable: usize,
    is_in_run: bool,
}

impl Emulator {
    pub(super) fn new(size: Size, scrollback: usize) -> Self {
        let (columns, rows) = size.cells();
        Self {
            primary: Screen::new(columns, rows, scrollback),
            alternate: Screen::new(columns, rows, 0),
            is_alternate: false,
            pen: Style::default(),
            extras: Extras::new(),
            charsets: Charsets::default(),
            modes: Modes::default(),
            keyboard: Keyboard::default(),
            titles: Titles::default(),
            colours: Colours::default(),
            replies: Vec::new(),
            joinable: 0,
            is_in_run: false,
        }
    }

    /// Everything as in the beginning, except what xterm.js keeps: titles, colours, and two switches.
    pub(super) fn reset(&mut self) {
        let (columns, height) = (self.primary.columns, self.primary.height);
        self.primary = Screen::new(columns, height, self.primary.scrollback);
        self.alternate = Screen::new(columns, height, 0);
        self.is_alternate = false;
        self.pen = Style::default();
        self.charsets = Charsets::default();
        self.modes.reset();
        self.modes.reset_mouse();
        self.keyboard = Keyboard::default();
        self.joinable = 0;
    }

    pub(super) fn screen(&mut self) -> &mut Screen {
        if self.is_alternate { &mut self.alternate } else { &mut self.primary }
    }

    pub(super) fn visible(&self) -> &Screen {
        if self.is_alternate { &self.alternate } else { &self.primary }
    }

    /// What an erased cell looks like: only the background's colour stays.
    pub(super) fn erased(&self) -> Cell {
        Cell::empty(Style { background: self.pen.background & COLOUR, ..Style::default() })
    }

    /// What a line says, without the blanks at its end.
    pub(super) fn row_text(&self, row: &Row) -> String {
        let mut text = String::new();
        let mut is_second_half = false;
        let columns = self.primary.columns;
        for (x, cell) in row.cells.iter().take(columns).enumerate() {
            let is_wide = x + 1 < columns && row.is_wide_at(x);
            let is_half = std::mem::replace(&mut is_second_half, is_wide);
            if is_half {
                continue;
            }
            match (cell.combined(), cell.single()) {
                (None, Some(_)) if cell.width() == 2 && !is_second_half => text.push(' '),
                (None, single) => text.push(single.unwrap_or(' ')),
                (Some(combined), _) => text.push_str(self.extras.text(combined)),
            }
        }
        text.truncate(text.trim_end_matches(' ').len());
        text
    }

    pub(super) fn reply(&mut self, text: &str) {
        if self.replies.len() + text.len() <= MAX_REPLIES {
            self.replies.extend_from_slice(text.as_bytes());
        }
    }

    /// Changes underline or link of what is printed next.
    pub(super) fn change_extended(&mut self, change: impl FnOnce(&mut Extended)) {
        self.sweep_when_full();
        let before = self.extras.extended(self.pen.extended);
        let mut extended = before.clone();
        change(&mut extended);
        let is_noticeable = extended.is_noticeable();
        if extended != *before {
            self.pen.extended = self.extras.number(extended);
        }
        if is_noticeable {
            self.pen.background |= EXTENDED;
        } else {
            self.pen.background &= !EXTENDED;
        }
    }

    fn sweep_when_full(&mut self) {
        if !self.extras.is_full() {
            return;
        }
        let rows = self.primary.rows.iter_mut().chain(&mut self.alternate.rows);
        let cells = rows.flat_map(|row| row.cells.iter_mut()).collect();
        let numbers = [
            &mut self.pen.extended,
            &mut self.primary.saved.style.extended,
            &mut self.alternate.saved.style.extended,
        ];
        self.extras.sweep(cells, numbers);
    }

    /// Printable ASCII, in one stretch per line.
    pub(super) fn print_ascii(&mut self, text: &[u8]) {
        let charset = self.charsets.current;
        if self.modes.insert || charset.0 == b'0' || charset.0 == b'A' {
            for &byte in text {
                self.print(charset.map(byte));
            }
            return;
        }
        self.begin_run();
        let pen = self.pen;
        let mut rest = text;
        while !rest.is_empty() {
            self.make_room(1);
            let screen = self.screen();
            let (x, columns) = (screen.x, screen.columns);
            let (now, later) = rest.split_at(rest.len().min(columns - x));
            let row = screen.current_row();
            for (cell, &byte) in row.cells[x..].iter_mut().zip(now) {
                *cell = Cell::character(char::from(byte), 1, pen);
            }
            screen.x += now.len();
            rest = later;
        }
        self.joinable = 1;
    }

    /// One character that is not a control character.
    pub(super) fn print(&mut self, character: char) {
        self.begin_run();
        let pen = self.pen;
        let own_width = character.width().unwrap_or(0).min(2);
        let joins = own_width == 0 && self.joinable > 0;
        let width = if joins { self.joinable } else { own_width };
        self.joinable = width;
        if !joins && !self.make_room(width) {
            return;
        }
        if joins && self.screen().x > 0 {
            self.join(character, width);
            return;
        }
        let is_insert = self.modes.insert;
        let screen = self.screen();
        let (x, columns) = (screen.x, screen.columns);
        let row = screen.current_row();
        if is_insert {
            row.insert(x, if joins { 0 } else { width }, Cell::empty(pen));
            if row.cell(columns - 1).width() == 2 {
                row.set(columns - 1, Cell::empty(pen));
            }
        }
        row.set(x, Cell::character(character, u32::try_from(width).unwrap_or(1), pen));
        if width == 2 {
            row.set(x + 1, Cell::second_half(pen));
        }
        screen.x = (x + width.max(1)).min(columns);
    }

    /// A combining character goes to the one before it.
    fn join(&mut self, character: char, width: usize) {
        self.sweep_when_full();
        let screen = if self.is_alternate { &mut self.alternate } else { &mut self.primary };
        let x = screen.x;
        let row = screen.row(screen.y);
        let back = if row.cell(x - 1).width() > 0 { 1 } else { 2 };
        if let Some(cell) = x.checked_sub(back).and_then(|x| row.cells.get_mut(x)) {
            self.extras.combine(cell, character);
            cell.set_width(u32::try_from(width).unwrap_or(1));
        }
    }

    /// Goes to the next line where `width` cells do not fit. Without automatic wrapping the last cell is
    /// overwritten; a wide character is then not printed at all.
    fn make_room(&mut self, width: usize) -> bool {
        let (is_wrapping, pen, erased) = (self.modes.wraparound, self.pen, self.erased());
        let screen = self.screen();
        if screen.x + width <= screen.columns {
            return true;
        }
        if !is_wrapping {
            screen.x = screen.columns - 1;
            return width < 2;
        }
        let (x, columns) = (screen.x, screen.columns);
        if let Some(cells) = screen.current_row().cells.get_mut(x..columns) {
            cells.fill(Cell::empty(pen));
        }
        screen.x = 0;
        if screen.y == screen.bottom {
            screen.scroll(erased, true);
        } else {
            screen.y = (screen.y + 1).min(screen.height - 1);
            screen.current_row().is_wrapped = true;
        }
        true
    }

    /// Text that begins in the middle of a wide character destroys it.
    fn begin_run(&mut self) {
        if self.is_in_run {
            return;
        }
        self.is_in_run = true;
        let pen = self.pen;
        let screen = self.screen();
        let x = screen.x;
        let row = screen.current_row();
        if x > 0 && row.cell(x - 1).width() == 2 {
            row.set(x - 1, Cell::empty(pen));
        }
    }

    /// Text that ends in the middle of a wide character destroys it, too.
    pub(super) fn end_run(&mut self) {
        self.is_in_run = false;
        let pen = self.pen;
        let screen = self.screen();
        let (x, columns) = (screen.x, screen.columns);
        let row = screen.current_row();
        let cell = row.cell(x);
        if x < columns && cell.width() == 0 && !cell.has_content() {
            row.set(x, Cell::empty(pen));
        }
    }
}
