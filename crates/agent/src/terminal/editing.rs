//! Moving the cursor, erasing, inserting and scrolling.

use super::{
    cell::{Cell, PROTECTED, Style},
    emulator::Emulator,
    extras::Link,
    row::Row,
    screen::Saved,
};

/// The longest hyperlink that is kept, in bytes.
const MAX_LINK: usize = 4096;

impl Emulator {
    fn restrict(&mut self, last_column: usize) {
        let is_origin = self.modes.origin;
        self.screen().restrict(last_column, is_origin);
    }

    /// Keeps the cursor on the screen and takes it out of the state in which the next character wraps.
    fn restrict_to_cells(&mut self) {
        let last = self.screen().columns - 1;
        self.restrict(last);
    }

    pub(super) fn set_cursor(&mut self, x: i64, y: i64) {
        let is_origin = self.modes.origin;
        let screen = self.screen();
        let top = if is_origin { screen.top } else { 0 };
        let y = y.saturating_add(i64::try_from(top).unwrap_or(0));
        screen.x = usize::try_from(x.max(0)).unwrap_or(usize::MAX);
        screen.y = usize::try_from(y.max(0)).unwrap_or(usize::MAX);
        self.restrict_to_cells();
    }

    pub(super) fn move_cursor(&mut self, right: i64, down: i64) {
        self.restrict_to_cells();
        let screen = self.screen();
        let x = i64::try_from(screen.x).unwrap_or(0);
        let y = i64::try_from(screen.y).unwrap_or(0);
        self.set_cursor(x.saturating_add(right), y.saturating_add(down));
    }

    /// Not beyond the top margin, if the cursor is below it.
    pub(super) fn move_up(&mut self, count: i64) {
        let screen = self.screen();
        let room = screen.y.checked_sub(screen.top).map(|room| i64::try_from(room).unwrap_or(0));
        self.move_cursor(0, -room.map_or(count, |room| room.min(count)));
    }

    pub(super) fn move_down(&mut self, count: i64) {
        let screen = self.screen();
        let room = screen.bottom.checked_sub(screen.y).map(|room| i64::try_from(room).unwrap_or(0));
        self.move_cursor(0, room.map_or(count, |room| room.min(count)));
    }

    pub(super) fn go_to_column(&mut self, column: i64) {
        let y = self.screen().y;
        self.set_cursor(column, i64::try_from(y).unwrap_or(0));
    }

    pub(super) fn backspace(&mut self) {
        if !self.modes.reverse_wraparound {
            self.restrict_to_cells();
            let screen = self.screen();
            screen.x = screen.x.saturating_sub(1);
            return;
        }
        let columns = self.screen().columns;
        self.restrict(columns);
        let screen = self.screen();
        if screen.x > 0 {
            screen.x -= 1;
        } else if screen.y > screen.top
            && screen.y <= screen.bottom
            && screen.current_row().is_wrapped
        {
            screen.current_row().is_wrapped = false;
            screen.y -= 1;
            screen.x = columns - 1;
            let cell = screen.current_row().cell(columns - 1);
            if cell.width() > 0 && !cell.has_content() {
                screen.x -= 1;
            }
        }
        self.restrict_to_cells();
    }

    pub(super) fn forward_tabs(&mut self, count: usize) {
        let screen = self.screen();
        if screen.x >= screen.columns {
            return;
        }
        for _ in 0..count.min(screen.columns) {
            screen.x = screen.next_stop();
        }
    }

    pub(super) fn backward_tabs(&mut self, count: usize) {
        let screen = self.screen();
        if screen.x >= screen.columns {
            return;
        }
        for _ in 0..count.min(screen.columns) {
            screen.x = screen.previous_stop(screen.x);
        }
    }

    /// One line down, scrolling at the bottom margin. Says whether it came to a line that was there.
    fn step_down(&mut self) -> bool {
        let fill = self.erased();
        let screen = self.screen();
        if screen.y == screen.bottom {
            screen.scroll(fill, false);
            return false;
        }
        let is_last = screen.y + 1 >= screen.height;
        screen.y = (screen.y + 1).min(screen.height - 1);
        !is_last
    }

    pub(super) fn line_feed(&mut self) {
        if self.modes.newline {
            self.screen().x = 0;
        }
        if self.step_down() {
            self.screen().current_row().is_wrapped = false;
        }
        let screen = self.screen();
        screen.x = screen.x.min(screen.columns - 1);
    }

    pub(super) fn index(&mut self) {
        self.restrict_to_cells();
        self.step_down();
        self.restrict_to_cells();
    }

    pub(super) fn next_line(&mut self) {
        self.screen().x = 0;
        self.index();
    }

    pub(super) fn reverse_index(&mut self) {
        self.restrict_to_cells();
        let fill = self.erased();
        let screen = self.screen();
        if screen.y == screen.top {
            screen.move_lines(screen.bottom, screen.top, 1, fill);
        } else {
            screen.y = screen.y.saturating_sub(1);
            self.restrict_to_cells();
        }
    }

    /// `CSI J`.
    pub(super) fn erase_in_display(&mut self, how: u32, spares_protected: bool) {
        let columns = self.screen().columns;
        self.restrict(columns);
        let fill = self.erased();
        let screen = self.screen();
        let (x, y, height) = (screen.x, screen.y, screen.height);
        match how {
            0 => {
                let row = screen.row(y);
                erase(row, x, columns, fill, spares_protected);
                row.is_wrapped &= x > 0;
                self.erase_lines(y + 1..height, spares_protected);
            }
            1 => {
                let row = screen.row(y);
                erase(row, 0, x + 1, fill, spares_protected);
                row.is_wrapped = false;
                // xterm.js counts this line from the oldest one that is kept.
                if x + 1 >= columns
                    && let Some(row) = screen.rows.get_mut(y + 1)
                {
                    row.is_wrapped = false;
                }
                self.erase_lines(0..y, spares_protected);
            }
            2 => self.erase_lines(0..height, spares_protected),
            3 => screen.forget_scrollback(),
            _ => {}
        }
    }

    fn erase_lines(&mut self, lines: std::ops::Range<usize>, spares_protected: bool) {
        let fill = self.erased();
        let screen = self.screen();
        for y in lines {
            let row = screen.row(y);
            let columns = row.cells.len();
            erase(row, 0, columns, fill, spares_protected);
            row.is_wrapped = false;
        }
    }

    /// `CSI K`.
    pub(super) fn erase_in_line(&mut self, how: u32, spares_protected: bool) {
        let columns = self.screen().columns;
        self.restrict(columns);
        let fill = self.erased();
        let screen = self.screen();
        let x = screen.x;
        let row = screen.current_row();
        match how {
            0 => {
                erase(row, x, columns, fill, spares_protected);
                row.is_wrapped &= x > 0;
            }
            1 => erase(row, 0, x + 1, fill, spares_protected),
            2 => {
                erase(row, 0, columns, fill, spares_protected);
                row.is_wrapped = false;
            }
            _ => {}
        }
    }

    /// Changes the cursor's line.
    pub(super) fn edit_row(&mut self, edit: impl FnOnce(&mut Row, usize, Cell)) {
        self.restrict_to_cells();
        let fill = self.erased();
        let screen = self.screen();
        let x = screen.x;
        edit(screen.current_row(), x, fill);
    }

    fn is_between_margins(&mut self) -> bool {
        let screen = self.screen();
        (screen.top..=screen.bottom).contains(&screen.y)
    }

    pub(super) fn insert_lines(&mut self, count: usize) {
        self.restrict_to_cells();
        if self.is_between_margins() {
            let fill = self.erased();
            let screen = self.screen();
            screen.move_lines(screen.bottom, screen.y, count, fill);
            screen.x = 0;
        }
    }

    pub(super) fn delete_lines(&mut self, count: usize) {
        self.restrict_to_cells();
        if self.is_between_margins() {
            let fill = self.erased();
            let screen = self.screen();
            screen.move_lines(screen.y, screen.bottom, count, fill);
            screen.x = 0;
        }
    }

    /// Moves what is between the margins sideways, from a column on.
    pub(super) fn shift_region(&mut self, column: usize, count: usize, is_right: bool) {
        if !self.is_between_margins() {
            return;
        }
        let fill = self.erased();
        let screen = self.screen();
        for y in screen.top..=screen.bottom {
            let row = screen.row(y);
            if is_right {
                row.insert(column, count, fill);
            } else {
                row.delete(column, count, fill);
            }
            row.is_wrapped = false;
        }
    }

    /// `CSI b`: what was just printed, again.
    pub(super) fn repeat(&mut self, count: usize) {
        let joinable = self.joinable;
        if joinable == 0 {
            return;
        }
        let screen = self.visible();
        let row = &screen.rows[screen.base() + screen.y];
        let cell = row.cell(screen.x.wrapping_sub(joinable));
        let text: Vec<char> = match cell.combined() {
            Some(text) => self.extras.text(text).chars().collect(),
            None => cell.single().into_iter().collect(),
        };
        // More than fills the screen and what is kept of it changes nothing that anybody sees.
        let most = screen.columns * (screen.height + screen.scrollback);
        for _ in 0..count.min(most) {
            for &character in &text {
                self.print(character);
            }
        }
        self.end_run();
    }

    pub(super) fn set_margins(&mut self, parameters: &super::parameters::Parameters) {
        let screen = self.screen();
        let top = parameters.at_least_one(0);
        let bottom = match parameters.get(1) as usize {
            0 => screen.height,
            bottom => bottom.min(screen.height),
        };
        if bottom > top {
            (screen.top, screen.bottom) = (top - 1, bottom - 1);
            self.set_cursor(0, 0);
        }
    }

    pub(super) fn save_cursor(&mut self) {
        let (style, charset) = (self.pen, self.charsets.current);
        let screen = self.screen();
        let absolute_y = screen.base() + screen.y;
        screen.saved = Saved { x: screen.x, absolute_y, style, charset };
    }

    /// Underline style and link are not restored: xterm.js keeps them.
    pub(super) fn restore_cursor(&mut self) {
        let screen = self.screen();
        let saved = screen.saved;
        screen.x = saved.x;
        screen.y = saved.absolute_y.saturating_sub(screen.base());
        self.pen = Style { extended: self.pen.extended, ..saved.style };
        self.charsets.current = saved.charset;
        self.restrict_to_cells();
    }

    /// `CSI " q`: whether what is printed next is spared by `CSI ? J` and `CSI ? K`.
    pub(super) fn protect(&mut self, how: u32) {
        match how {
            1 => self.pen.background |= PROTECTED,
            0 | 2 => self.pen.background &= !PROTECTED,
            _ => {}
        }
    }

    /// `ESC # 8`.
    pub(super) fn fill_with_e(&mut self) {
        let style = Style { extended: 0, ..self.pen };
        self.set_cursor(0, 0);
        let screen = self.screen();
        for y in screen.y..screen.height {
            let columns = screen.columns;
            screen.row(y).renew(columns, Cell::character('E', 1, style));
        }
        self.set_cursor(0, 0);
    }

    /// `OSC 8`.
    pub(super) fn link(&mut self, text: &str) {
        let Some((parameters, address)) = text.split_once(';') else { return };
        if address.is_empty() {
            if parameters.trim().is_empty() {
                self.change_extended(|extended| extended.link = None);
            }
            return;
        }
        if text.len() > MAX_LINK {
            return;
        }
        let id = parameters.trim().split(':').find_map(|part| part.strip_prefix("id="));
        let id = id.filter(|id| !id.is_empty()).map(str::to_owned);
        let link = std::sync::Arc::new(Link { id, address: address.to_owned() });
        self.change_extended(|extended| extended.link = Some(link));
    }
}

fn erase(row: &mut Row, start: usize, end: usize, fill: Cell, spares_protected: bool) {
    if spares_protected {
        row.replace_unprotected(start, end, fill);
    } else {
        row.replace(start, end, fill);
    }
}
