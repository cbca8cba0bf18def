//! One of the two screens: its lines with those that scrolled out, cursor, margins and tab stops.
//!
//! Knows nothing of sequences. Lines are counted from the top of what is visible.

use std::collections::VecDeque;

use super::{
    cell::{Cell, Style},
    charset::Charset,
    row::Row,
};

/// Distance between two tab stops.
const TAB: usize = 8;

/// What `ESC 7` keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) x: usize,
    /// Counted from the oldest line kept, as xterm.js does: it moves with the text.
    pub(super) absolute_y: usize,
    pub(super) style: Style,
    pub(super) charset: Charset,
}

/// The lines, the cursor, and what belongs to one screen only.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) rows: VecDeque<Row>,
    pub(super) columns: usize,
    pub(super) height: usize,
    /// How many lines are kept after they scrolled out.
    pub(super) scrollback: usize,
    /// `columns` means that the next character goes to the next line.
    pub(super) x: usize,
    pub(super) y: usize,
    /// The first and the last line that scroll.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) tabs: Vec<bool>,
    pub(super) saved: Saved,
}

impl Screen {
    pub(super) fn new(columns: usize, height: usize, scrollback: usize) -> Self {
        let mut screen = Self {
            rows: (0..height).map(|_| Row::new(columns, Cell::default())).collect(),
            columns,
            height,
            scrollback,
            x: 0,
            y: 0,
            top: 0,
            bottom: height - 1,
            tabs: Vec::new(),
            saved: Saved::default(),
        };
        screen.set_default_tabs();
        screen
    }

    /// Empties the screen; cursor, margins and tab stops are as in the beginning, what was saved stays.
    pub(super) fn clear(&mut self, fill: Cell) {
        let (columns, height) = (self.columns, self.height);
        self.rows = (0..height).map(|_| Row::new(columns, fill)).collect();
        (self.x, self.y, self.top, self.bottom) = (0, 0, 0, height - 1);
        self.set_default_tabs();
    }

    /// How many lines scrolled out and are kept.
    pub(super) fn base(&self) -> usize {
        self.rows.len() - self.height
    }

    pub(super) fn row(&mut self, y: usize) -> &mut Row {
        let index = self.base() + y.min(self.height - 1);
        &mut self.rows[index]
    }

    pub(super) fn current_row(&mut self) -> &mut Row {
        self.row(self.y)
    }

    /// One line up between the margins; lines that leave at the top of the screen are kept.
    pub(super) fn scroll(&mut self, fill: Cell, is_wrapped: bool) {
        let columns = self.columns;
        let bottom = self.base() + self.bottom;
        let mut row = if self.top > 0 {
            let top = self.base() + self.top;
            self.rows.remove(top)
        } else if self.rows.len() >= self.height + self.scrollback {
            self.rows.pop_front()
        } else {
            let mut row = Row::new(columns, fill);
            row.is_wrapped = is_wrapped;
            self.rows.insert(bottom + 1, row);
            return;
        };
        if let Some(row) = &mut row {
            row.renew(columns, fill);
            row.is_wrapped = is_wrapped;
        }
        let row = row.unwrap_or_else(|| Row::new(columns, fill));
        self.rows.insert(bottom, row);
    }

    /// Takes lines away at `from` and puts empty ones in at `to`, both within the screen.
    pub(super) fn move_lines(&mut self, from: usize, to: usize, count: usize, fill: Cell) {
        let base = self.base();
        let columns = self.columns;
        // More than all of them gives the same as all of them.
        for _ in 0..count.min(from.abs_diff(to) + 1) {
            if let Some(mut row) = self.rows.remove(base + from) {
                row.renew(columns, fill);
                self.rows.insert(base + to, row);
            }
        }
    }

    /// Forgets what scrolled out.
    pub(super) fn forget_scrollback(&mut self) {
        let base = self.base();
        self.rows.drain(..base);
    }

    pub(super) fn set_default_tabs(&mut self) {
        self.tabs = (0..=self.columns).map(|x| x % TAB == 0 && x < self.columns).collect();
    }

    /// Sets the usual stops on columns that a wider screen has gained.
    pub(super) fn extend_tabs(&mut self) {
        let columns = self.columns;
        if self.tabs.len() <= columns {
            self.tabs.resize(columns + 1, false);
        }
        let mut x = columns;
        if !self.tabs[x] {
            x = self.previous_stop(x);
        }
        while x < columns {
            self.tabs[x] = true;
            x += TAB;
        }
    }

    pub(super) fn set_tab(&mut self, is_set: bool) {
        let x = self.x;
        if let Some(tab) = self.tabs.get_mut(x) {
            *tab = is_set;
        }
    }

    pub(super) fn next_stop(&self) -> usize {
        let next = (self.x + 1..self.columns).find(|&x| self.tabs[x]);
        next.unwrap_or(self.columns - 1)
    }

    pub(super) fn previous_stop(&self, from: usize) -> usize {
        let found = (0..from).rev().find(|&x| self.tabs.get(x).copied().unwrap_or(false));
        found.unwrap_or(0).min(self.columns - 1)
    }

    /// Keeps the cursor on the screen, between the margins where the origin is there.
    pub(super) fn restrict(&mut self, last_column: usize, is_origin: bool) {
        self.x = self.x.min(last_column);
        self.y = if is_origin {
            self.y.clamp(self.top, self.bottom)
        } else {
            self.y.min(self.height - 1)
        };
    }
}
