//! Lines of text wrapped anew for another width, cell for cell as xterm.js does it.
//!
//! Its oddities are kept, since viewers see them: texts of several characters stand beside the cells there, and are
//! moved with everything behind them, also over those that are in place already.

use std::collections::BTreeMap;

use super::{cell::Cell, row::Row};

/// Lines that are one line of text while its cells move.
struct Group {
    rows: Vec<Row>,
    /// The number of the text of each cell that has several characters, per line.
    texts: Vec<BTreeMap<usize, u32>>,
}

impl Group {
    fn new(rows: Vec<Row>) -> Self {
        let texts = rows.iter().map(|row| {
            let text = |(x, cell): (usize, &Cell)| Some((x, cell.combined()?));
            row.cells.iter().enumerate().filter_map(text).collect()
        });
        Self { texts: texts.collect(), rows }
    }

    fn push_blank(&mut self, columns: usize) {
        let mut row = Row::new(columns, Cell::default());
        row.is_wrapped = true;
        self.rows.push(row);
        self.texts.push(BTreeMap::new());
    }

    fn width(&self, line: usize, x: usize) -> usize {
        self.rows.get(line).and_then(|row| row.cells.get(x)).map_or(0, |cell| cell.width())
    }

    /// How many cells of a line belong to the text: all, except where a wide character did not fit, and what is
    /// empty at the end of the last one.
    fn length(&self, line: usize, columns: usize) -> usize {
        let Some(row) = self.rows.get(line) else { return 0 };
        if line + 1 >= self.rows.len() {
            return row.trimmed_length();
        }
        let last = row.cell(columns - 1);
        let ends_empty = !last.has_content() && last.width() == 1;
        if ends_empty && self.width(line + 1, 0) == 2 { columns - 1 } else { columns }
    }

    /// Copies cells from one place, a line and a column, to another; backwards if they may overlap that way.
    fn copy(&mut self, from: (usize, usize), to: (usize, usize), length: usize, backwards: bool) {
        for step in 0..length {
            let step = if backwards { length - 1 - step } else { step };
            let cell = self.rows[from.0].cells.get(from.1 + step).copied();
            if let Some(cell) = cell {
                self.rows[to.0].set(to.1 + step, cell);
            }
        }
        let behind: Vec<usize> = self.texts[from.0].range(from.1..).map(|(&x, _)| x).collect();
        for x in behind {
            if let Some(&text) = self.texts[from.0].get(&x) {
                self.texts[to.0].insert(x - from.1 + to.1, text);
            }
        }
    }

    fn into_rows(self) -> Vec<Row> {
        let mut rows = self.rows;
        for (row, texts) in rows.iter_mut().zip(self.texts) {
            for (x, cell) in row.cells.iter_mut().enumerate() {
                if let (Some(_), Some(text)) = (cell.combined(), texts.get(&x)) {
                    cell.set_combined(*text);
                }
            }
        }
        rows
    }
}

/// Fills lines that have become longer, and leaves out those that are not needed any more.
pub(super) fn join(rows: Vec<Row>, old_columns: usize, columns: usize) -> Vec<Row> {
    let mut group = Group::new(rows);
    let count = group.rows.len();
    let (mut line, mut x) = (0, group.length(0, old_columns));
    let (mut source, mut place) = (1, 0);
    while source < count && line < count {
        let length = group.length(source, old_columns);
        let copied = length.saturating_sub(place).min(columns.saturating_sub(x));
        group.copy((source, place), (line, x), copied, false);
        x += copied;
        if x >= columns {
            (line, x) = (line + 1, 0);
        }
        place += copied;
        if place >= length {
            (source, place) = (source + 1, 0);
        }
        if x == 0 && line > 0 && line < count && group.width(line - 1, columns - 1) == 2 {
            group.copy((line - 1, columns - 1), (line, 0), 1, false);
            x = 1;
            group.rows[line - 1].set(columns - 1, Cell::default());
        }
    }
    if let Some(row) = group.rows.get_mut(line) {
        row.replace(x, columns, Cell::default());
    }
    let mut rows = group.into_rows();
    while rows.len() > 1 && (rows.len() - 1 > line || rows[rows.len() - 1].trimmed_length() == 0) {
        rows.pop();
    }
    rows
}

/// Spreads lines that have become shorter over more of them; never over fewer, so that some may be left empty. Says
/// how many lines the text has lost or gained by xterm.js's count.
pub(super) fn split(rows: Vec<Row>, old_columns: usize, columns: usize) -> (Vec<Row>, isize) {
    let mut group = Group::new(rows);
    let count = group.rows.len();
    let last_length = group.rows[count - 1].trimmed_length();
    let lengths = new_lengths(&group, old_columns, columns);
    let added = lengths.len().cast_signed() - count.cast_signed();
    while group.rows.len() < lengths.len() {
        group.push_blank(columns);
    }
    spread(&mut group, &lengths, (count - 1, last_length), old_columns);
    for (row, &length) in group.rows.iter_mut().zip(&lengths) {
        if length < columns {
            row.set(length, Cell::default());
        }
    }
    (group.into_rows(), added)
}

/// Moves the text to its new lines, from its end to its beginning, since it stays in the same cells in part.
fn spread(group: &mut Group, lengths: &[usize], end: (usize, usize), old_columns: usize) {
    let (mut source, mut place) = end;
    let Some(mut line) = lengths.len().checked_sub(1) else { return };
    let mut x = lengths[line];
    loop {
        let copied = place.min(x);
        group.copy((source, place - copied), (line, x - copied), copied, true);
        x -= copied;
        if x == 0 {
            let Some(before) = line.checked_sub(1) else { return };
            (line, x) = (before, lengths[before]);
        }
        place -= copied;
        if place == 0 {
            let Some(before) = source.checked_sub(1) else { return };
            (source, place) = (before, group.length(before, old_columns));
        }
    }
}

/// How long the new lines are. A wide character stays whole, and leaves the last cell of a line empty for that.
fn new_lengths(group: &Group, old_columns: usize, columns: usize) -> Vec<usize> {
    let needed: usize = (0..group.rows.len()).map(|line| group.length(line, old_columns)).sum();
    let (mut lengths, mut given) = (Vec::new(), 0);
    let (mut line, mut x) = (0, 0);
    while given < needed {
        if needed - given < columns {
            lengths.push(needed - given);
            break;
        }
        x += columns;
        let length = group.length(line, old_columns);
        if x > length {
            x -= length;
            line += 1;
        }
        let is_cut = group.width(line, x - 1) == 2;
        x -= usize::from(is_cut);
        lengths.push(columns - usize::from(is_cut));
        given += columns - usize::from(is_cut);
    }
    lengths
}
