//! A new size, with lines wrapped anew the way xterm.js does it: the line with the cursor is left to the program.

use std::collections::VecDeque;

use super::{
    Size,
    cell::Cell,
    emulator::Emulator,
    row::Row,
    screen::Screen,
    wrapping::{join, split},
};

impl Emulator {
    pub(super) fn resize(&mut self, size: Size) {
        let (columns, height) = size.cells();
        if (columns, height) == (self.primary.columns, self.primary.height) {
            return;
        }
        let primary = &mut self.primary;
        let mut resizing = Resizing::new(primary);
        resizing.change_height(height, columns);
        resizing.reflow(columns);
        resizing.cut(columns);
        resizing.finish(columns);
        if self.is_alternate {
            let mut resizing = Resizing::new(&mut self.alternate);
            resizing.change_height(height, columns);
            resizing.finish(columns);
        } else {
            self.alternate.columns = columns;
            self.alternate.height = height;
            self.alternate.clear(Cell::default());
        }
        self.primary.extend_tabs();
        self.alternate.extend_tabs();
    }
}

/// One screen while its size changes. The lines may for a while be fewer or more than they ought to be.
struct Resizing<'a> {
    screen: &'a mut Screen,
    base: usize,
    height: usize,
    most: usize,
}

impl<'a> Resizing<'a> {
    fn new(screen: &'a mut Screen) -> Self {
        let (base, height) = (screen.base(), screen.height);
        let most = height + screen.scrollback;
        Self { screen, base, height, most }
    }

    fn len(&self) -> usize {
        self.screen.rows.len()
    }

    fn push_blank(&mut self, columns: usize) {
        self.screen.rows.push_back(Row::new(columns, Cell::default()));
    }

    /// More lines come out of the scrollback when the cursor is on the last one; fewer are first taken from
    /// below the cursor.
    fn change_height(&mut self, height: usize, columns: usize) {
        let mut down = 0;
        for _ in self.height..height {
            if self.len() >= height + self.base {
                continue;
            }
            if self.base > 0 && self.len() <= self.base + self.screen.y + down + 1 {
                self.base -= 1;
                down += 1;
            } else {
                self.push_blank(columns);
            }
        }
        for _ in height..self.height {
            if self.len() <= height + self.base {
                continue;
            }
            if self.len() > self.base + self.screen.y + 1 {
                self.screen.rows.pop_back();
            } else {
                self.base += 1;
            }
        }
        self.height = height;
        self.most = height + self.screen.scrollback;
        let surplus = self.len().saturating_sub(self.most);
        self.screen.rows.drain(..surplus);
        self.base = self.base.saturating_sub(surplus);
        let screen = &mut *self.screen;
        screen.saved.absolute_y = screen.saved.absolute_y.saturating_sub(surplus);
        screen.y = screen.y.min(height - 1) + down;
    }

    /// Wraps the lines anew.
    fn reflow(&mut self, columns: usize) {
        if columns > self.screen.columns {
            self.widen(columns);
        } else if columns < self.screen.columns {
            self.narrow(columns);
        }
    }

    fn cursor_line(&self) -> usize {
        self.base + self.screen.y
    }

    fn widen(&mut self, columns: usize) {
        let old_columns = self.screen.columns;
        for row in &mut self.screen.rows {
            row.cells.resize(columns, Cell::default());
        }
        let cursor = self.cursor_line();
        let rows = std::mem::take(&mut self.screen.rows);
        let mut removed = 0;
        for group in grouped(rows) {
            let start = self.len() + removed;
            let holds_cursor = (start..start + group.len()).contains(&cursor);
            if group.len() == 1 || holds_cursor {
                self.screen.rows.extend(group);
                continue;
            }
            let count = group.len();
            let joined = join(group, old_columns, columns);
            removed += count - joined.len();
            self.screen.rows.extend(joined);
        }
        for _ in 0..removed {
            if self.base > 0 {
                self.base -= 1;
                continue;
            }
            self.screen.y = self.screen.y.saturating_sub(1);
            if self.len() < self.height {
                self.push_blank(columns);
            }
        }
        let saved = &mut self.screen.saved;
        saved.absolute_y = saved.absolute_y.saturating_sub(removed);
    }

    fn narrow(&mut self, columns: usize) {
        let old_columns = self.screen.columns;
        let mut groups: Vec<(Vec<Row>, usize)> = grouped(std::mem::take(&mut self.screen.rows))
            .map(|group| {
                let count = group.len();
                (group, count)
            })
            .collect();
        let mut count: usize = groups.iter().map(|(_, count)| count).sum();
        // From the last line to the first, as the lines below move the cursor's line.
        let mut end = count;
        let mut inserted = 0;
        let mut popped = 0;
        for (group, before) in groups.iter_mut().rev() {
            let start = end - group.len();
            end = start;
            let is_short =
                group.len() == 1 && !group[0].is_wrapped && group[0].trimmed_length() <= columns;
            let holds_cursor = (start..start + group.len()).contains(&self.cursor_line());
            if is_short || holds_cursor {
                continue;
            }
            let (lines, gained) = split(std::mem::take(group), old_columns, columns);
            *group = lines;
            let added = group.len().saturating_sub(*before);
            let lines = count + added;
            inserted += added;
            let trimmed = if self.base == 0 && self.screen.y + 1 != count {
                (self.screen.y + added).saturating_sub(self.most)
            } else {
                lines.saturating_sub(self.most)
            };
            for _ in 0..added.saturating_sub(trimmed) {
                if self.base == 0 && self.screen.y + 1 < self.height {
                    self.screen.y += 1;
                    popped += 1;
                    count = count.saturating_sub(1);
                } else if self.base == 0
                    || self.base < self.most.min(count + inserted).saturating_sub(self.height)
                {
                    self.base += 1;
                }
            }
            let saved = &mut self.screen.saved;
            saved.absolute_y =
                saved.absolute_y.saturating_add_signed(gained).min(self.base + self.height - 1);
        }
        // Lines that were there before make room, not those that wrapping added behind them.
        for (group, before) in groups.iter_mut().rev() {
            let removed = popped.min(*before);
            group.drain(*before - removed..*before);
            popped -= removed;
        }
        self.screen.rows = groups.into_iter().flat_map(|(group, _)| group).collect();
        let surplus = self.len().saturating_sub(self.most);
        self.screen.rows.drain(..surplus);
    }

    /// Cuts off what is behind the last column.
    fn cut(&mut self, columns: usize) {
        for row in &mut self.screen.rows {
            row.cells.truncate(columns);
        }
    }

    /// Brings the lines to the width and the number that the screen needs. Lines of the alternate screen keep what
    /// is behind the last column: in xterm.js it is there again when the screen becomes wider.
    fn finish(mut self, columns: usize) {
        let is_wider = columns > self.screen.columns;
        for row in &mut self.screen.rows {
            if is_wider || row.cells.len() < columns {
                row.cells.resize(columns, Cell::default());
            }
        }
        // xterm.js may be left with lines below the screen. Nobody ever sees them again.
        let wanted = (self.base + self.height).min(self.most);
        self.screen.rows.truncate(wanted);
        while self.len() < self.height {
            self.push_blank(columns);
        }
        let screen = self.screen;
        (screen.columns, screen.height) = (columns, self.height);
        screen.x = screen.x.min(columns - 1);
        screen.y = screen.y.min(self.height - 1);
        screen.saved.x = screen.saved.x.min(columns - 1);
        (screen.top, screen.bottom) = (0, self.height - 1);
    }
}

/// Lines with those that go on from them.
fn grouped(rows: VecDeque<Row>) -> impl Iterator<Item = Vec<Row>> {
    let mut rows = rows.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut group = vec![rows.next()?];
        while let Some(row) = rows.next_if(|row| row.is_wrapped) {
            group.push(row);
        }
        Some(group)
    })
}
