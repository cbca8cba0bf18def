//! One line of the screen, and what can be done to its cells.
//!
//! The rules for halves of wide characters are those of xterm.js: what loses its other half becomes empty.

use super::cell::{Cell, PROTECTED};

/// One line of cells.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Whether the text of the line above goes on here.
    pub(super) is_wrapped: bool,
}

impl Row {
    pub(super) fn new(columns: usize, fill: Cell) -> Self {
        Self { cells: vec![fill; columns], is_wrapped: false }
    }

    /// Makes it a fresh line of `columns` cells, without new memory where there is enough.
    pub(super) fn renew(&mut self, columns: usize, fill: Cell) {
        self.cells.clear();
        self.cells.resize(columns, fill);
        self.is_wrapped = false;
    }

    pub(super) fn cell(&self, column: usize) -> Cell {
        self.cells.get(column).copied().unwrap_or_default()
    }

    /// Sets a cell; one beyond the end is dropped.
    pub(super) fn set(&mut self, column: usize, cell: Cell) {
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
    }

    /// Whether a wide character stands at `column` with both its halves.
    pub(super) fn is_wide_at(&self, column: usize) -> bool {
        let second = self.cell(column + 1);
        self.cell(column).width() == 2 && second.width() == 0 && !second.has_content()
    }

    fn empties_wide_at(&mut self, column: usize, fill: Cell) {
        if self.cell(column).width() == 2 {
            self.set(column, Cell::empty(fill.style));
        }
    }

    /// Moves what is at `column` and after it to the right; what leaves the line is lost.
    pub(super) fn insert(&mut self, column: usize, count: usize, fill: Cell) {
        let columns = self.cells.len();
        if columns == 0 {
            return;
        }
        let column = column % columns;
        if column > 0 {
            self.empties_wide_at(column - 1, fill);
        }
        let count = count.min(columns - column);
        self.cells.copy_within(column..columns - count, column + count);
        self.cells[column..column + count].fill(fill);
        self.empties_wide_at(columns - 1, fill);
    }

    /// Takes cells away; what is right of them moves to the left.
    pub(super) fn delete(&mut self, column: usize, count: usize, fill: Cell) {
        let columns = self.cells.len();
        if columns == 0 {
            return;
        }
        let column = column % columns;
        let count = count.min(columns - column);
        self.cells.copy_within(column + count.., column);
        self.cells[columns - count..].fill(fill);
        if column > 0 {
            self.empties_wide_at(column - 1, fill);
        }
        let first = self.cell(column);
        if first.width() == 0 && !first.has_content() {
            self.set(column, Cell::empty(fill.style));
        }
    }

    /// Puts `fill` into the cells from `start` up to `end`.
    pub(super) fn replace(&mut self, start: usize, end: usize, fill: Cell) {
        let columns = self.cells.len();
        if start > 0 {
            self.empties_wide_at(start - 1, fill);
        }
        if end > 0 && end < columns && self.cell(end - 1).width() == 2 {
            self.set(end, Cell::empty(fill.style));
        }
        let end = end.min(columns);
        if start < end {
            self.cells[start..end].fill(fill);
        }
    }

    /// As [`replace`](Self::replace), but protected cells stay.
    pub(super) fn replace_unprotected(&mut self, start: usize, end: usize, fill: Cell) {
        let is_protected = |cell: Cell| cell.style.background & PROTECTED != 0;
        if start > 0 && !is_protected(self.cell(start - 1)) {
            self.empties_wide_at(start - 1, fill);
        }
        if end > 0
            && end < self.cells.len()
            && self.cell(end - 1).width() == 2
            && !is_protected(self.cell(end))
        {
            self.set(end, Cell::empty(fill.style));
        }
        let end = end.min(self.cells.len());
        for cell in self.cells.get_mut(start..end).unwrap_or_default() {
            if !is_protected(*cell) {
                *cell = fill;
            }
        }
    }

    /// How many cells there are up to the last one with content.
    pub(super) fn trimmed_length(&self) -> usize {
        let last = self.cells.iter().rposition(|cell| cell.has_content());
        last.map_or(0, |last| last + self.cells[last].width())
    }
}
