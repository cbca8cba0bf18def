//! Character sets: the one that draws lines, and the British one. Others are remembered and print ASCII.

/// A set as the final byte of its designation names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset(pub(super) u8);

impl Default for Charset {
    fn default() -> Self {
        Self::ASCII
    }
}

impl Charset {
    pub(super) const ASCII: Self = Self(b'B');

    /// What a printable ASCII character becomes.
    pub(super) fn map(self, byte: u8) -> char {
        const LINES: [char; 31] = [
            '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻',
            '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
        ];
        match (self.0, byte) {
            (b'0', b'`'..=b'~') => LINES[usize::from(byte - b'`')],
            (b'A', b'#') => '£',
            _ => char::from(byte),
        }
    }
}

/// The four sets that are designated, the one of them that is invoked, and what is printed with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Charsets {
    pub(super) designated: [Charset; 4],
    pub(super) level: usize,
    /// `ESC 8` may bring back another one than the level says.
    pub(super) current: Charset,
}

impl Charsets {
    pub(super) fn invoke(&mut self, level: usize) {
        self.level = level;
        self.current = self.designated[level];
    }

    pub(super) fn designate(&mut self, level: usize, charset: Charset) {
        self.designated[level] = charset;
        if self.level == level {
            self.current = charset;
        }
    }
}
