//! The lines of a screen, written so that what was wrapped is wrapped again and what was empty stays empty.

use std::io::Write as _;

use super::style::Writer;
use crate::terminal::{
    cell::{COLOUR, Cell, Style},
    row::Row,
    screen::Screen,
};

/// Where the reading terminal is within the line that is being written.
#[derive(Debug, Default)]
struct Place {
    /// How many cells are still to be stepped over.
    skipped: usize,
}

impl Writer<'_> {
    /// Writes all lines, oldest first; those that do not fit on the screen scroll out on their way.
    pub(super) fn rows(&mut self, screen: &Screen, has_scrollback: bool) {
        let columns = screen.columns;
        let is_led = screen.rows.front().is_some_and(|row| row.is_wrapped);
        if is_led {
            // The line that the first one goes on from is gone. A blank one takes its place and goes as well.
            self.style(Style::default());
            self.text(&" ".repeat(columns));
        }
        // The cell before a wrapped line that has to be emptied once the wrapping is done.
        let mut to_empty = None;
        for (index, row) in screen.rows.iter().enumerate() {
            let next = screen.rows.get(index + 1).filter(|next| next.is_wrapped);
            let mut is_blank = true;
            let mut start = 0;
            if row.is_wrapped {
                start = self.wrap(row, to_empty.take(), (columns, screen.height));
                is_blank = start > 0;
            } else if index > 0 {
                self.style(Style::default());
                self.text("\r\n");
            }
            let place = self.row(
                &row.cells[..columns.min(row.cells.len())],
                start,
                !is_blank,
                row.is_wrapped,
            );
            if let Some(next) = next {
                to_empty = self.fill(row, next, place.skipped, columns);
            }
            if is_led && has_scrollback && index + 1 == screen.height {
                self.text("\x1b[3J");
            }
        }
    }

    /// Prints so that the reading terminal wraps into `row`; says how many of its cells are written.
    fn wrap(
        &mut self,
        row: &Row,
        to_empty: Option<Style>,
        (columns, height): (usize, usize),
    ) -> usize {
        let first = row.cell(0);
        let text = self.cell_text(first).filter(|_| is_whole(&row.cells, 0));
        let written = if let Some(text) = text {
            self.cell_style(first.style);
            self.text(&text);
            if first.style.background & COLOUR != 0 {
                // Where wrapping scrolled, the whole line got the background of this character.
                self.style(Style::default());
                self.text("\x1b[K");
            }
            first.width()
        } else {
            self.style(Style::default());
            self.text(" ");
            0
        };
        if let Some(style) = to_empty.filter(|_| height > 1) {
            self.style(style);
            let _ = write!(self.out, "\x1b[A\x1b[{columns}G\x1b[X\x1b[B");
            if let Some(text) = self.cell_text(first).filter(|_| written == columns) {
                // The line is full: only printing brings back the point where the next character wraps.
                self.text("\r");
                self.cell_style(first.style);
                self.text(&text);
            } else {
                let _ = write!(self.out, "\x1b[{}G", written + 1);
            }
        } else if written == 0 {
            self.text("\r");
        }
        written
    }

    /// Writes the cells of a line from `start` on. A wrapped line that began with nothing has a blank there.
    fn row(&mut self, cells: &[Cell], start: usize, is_begun: bool, is_wrapped: bool) -> Place {
        let mut place = Place::default();
        let mut x = start;
        while x < cells.len() {
            let cell = cells[x];
            if !cell.has_content() && cell.width() == 1 && is_erased(cell.style) {
                let alike = cells[x..].iter().take_while(|other| **other == cell).count();
                let has_blank = x == 0 && is_wrapped && !is_begun;
                if cell.style.background != 0 || has_blank {
                    self.skip(&mut place);
                    self.style(cell.style);
                    let _ = write!(self.out, "\x1b[{alike}X");
                }
                place.skipped += alike;
                x += alike;
                continue;
            }
            self.skip(&mut place);
            x += self.cell(cells, x);
        }
        place
    }

    /// Prints one cell; says how many places that took.
    fn cell(&mut self, cells: &[Cell], x: usize) -> usize {
        let cell = cells[x];
        let text = self.cell_text(cell);
        match text {
            Some(text) if cell.width() == 0 => {
                // A combining character on its own: after a sequence there is nothing for it to join.
                self.style_again(cell.style);
                self.text(&text);
                1
            }
            Some(text) if is_whole(cells, x) => {
                self.cell_style(cell.style);
                self.text(&text);
                cell.width()
            }
            _ => {
                self.cell_style(cell.style);
                self.text(" ");
                1
            }
        }
    }

    fn skip(&mut self, place: &mut Place) {
        match std::mem::take(&mut place.skipped) {
            0 => {}
            1 => self.text("\x1b[C"),
            skipped => {
                let _ = write!(self.out, "\x1b[{skipped}C");
            }
        }
    }

    /// Brings the reading terminal to the point where the next character wraps. Says what the last cell has
    /// to look like when it had to be written for that although it is empty.
    fn fill(&mut self, row: &Row, next: &Row, skipped: usize, columns: usize) -> Option<Style> {
        if skipped == 0 {
            return None;
        }
        let mut place = Place { skipped: skipped - 1 };
        self.skip(&mut place);
        let (last, first) = (row.cell(columns - 1), next.cell(0));
        if first.width() == 2 && is_whole(&next.cells, 0) && last.style == first.style {
            // A wide character that does not fit leaves this cell empty by itself.
            return None;
        }
        self.style(Style::default());
        self.text(" ");
        Some(last.style)
    }
}

/// Whether an erasing sequence leaves cells like this.
fn is_erased(style: Style) -> bool {
    style.foreground == 0 && style.extended == 0 && style.background & !COLOUR == 0
}

/// Whether the character at `x` has all its places.
fn is_whole(cells: &[Cell], x: usize) -> bool {
    match cells[x].width() {
        1 => true,
        2 => cells.get(x + 1).is_some_and(|second| second.width() == 0 && !second.has_content()),
        _ => false,
    }
}
