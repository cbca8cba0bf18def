//! The numbers of a control sequence, with the sub-numbers that colons introduce.

use std::fmt::Write as _;

/// More numbers than this are ignored, as xterm.js does.
const MAX: usize = 32;
const MAX_VALUE: u32 = 0x7FFF_FFFF;

/// The numbers of one sequence. An absent number is 0, an absent sub-number is `None`.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    values: [u32; MAX],
    count: usize,
    subs: [Option<u32>; MAX],
    sub_count: usize,
    /// Per number, where its sub-numbers begin and end.
    sub_ranges: [(u8, u8); MAX],
    is_sub: bool,
    rejects: bool,
    rejects_sub: bool,
}

impl Parameters {
    pub(super) fn new() -> Self {
        Self {
            values: [0; MAX],
            count: 1,
            subs: [None; MAX],
            sub_count: 0,
            sub_ranges: [(0, 0); MAX],
            is_sub: false,
            rejects: false,
            rejects_sub: false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.values[0] = 0;
        self.sub_ranges[0] = (0, 0);
        self.count = 1;
        self.sub_count = 0;
        self.is_sub = false;
        self.rejects = false;
        self.rejects_sub = false;
    }

    /// Takes a digit, `;` or `:`.
    pub(super) fn take(&mut self, byte: u8) {
        match byte {
            b';' => self.add(),
            b':' => self.add_sub(),
            _ => self.add_digit(u32::from(byte.wrapping_sub(b'0'))),
        }
    }

    fn add(&mut self) {
        self.is_sub = false;
        if self.count == MAX {
            self.rejects = true;
            return;
        }
        let start = u8::try_from(self.sub_count).unwrap_or(u8::MAX);
        self.values[self.count] = 0;
        self.sub_ranges[self.count] = (start, start);
        self.count += 1;
    }

    fn add_sub(&mut self) {
        self.is_sub = true;
        if self.rejects || self.sub_count == MAX {
            self.rejects_sub = true;
            return;
        }
        self.subs[self.sub_count] = None;
        self.sub_count += 1;
        self.sub_ranges[self.count - 1].1 += 1;
    }

    fn add_digit(&mut self, digit: u32) {
        if self.rejects || self.is_sub && (self.sub_count == 0 || self.rejects_sub) {
            return;
        }
        let grown = |value: u32| value.saturating_mul(10).saturating_add(digit).min(MAX_VALUE);
        if self.is_sub {
            let sub = &mut self.subs[self.sub_count - 1];
            *sub = Some(grown(sub.unwrap_or(0)));
        } else {
            let value = &mut self.values[self.count - 1];
            *value = grown(*value);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number at `index`; 0 where there is none.
    pub(super) fn get(&self, index: usize) -> u32 {
        if index < self.count { self.values[index] } else { 0 }
    }

    /// The number at `index`, where absent and 0 mean 1.
    pub(super) fn at_least_one(&self, index: usize) -> usize {
        self.get(index).max(1) as usize
    }

    pub(super) fn subs(&self, index: usize) -> &[Option<u32>] {
        if index >= self.count {
            return &[];
        }
        let (start, end) = self.sub_ranges[index];
        &self.subs[usize::from(start)..usize::from(end)]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.values[..self.count].iter().copied()
    }

    /// The text that leads to these numbers.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for index in 0..self.count {
            if index > 0 {
                text.push(';');
            }
            let _ = write!(text, "{}", self.values[index]);
            for sub in self.subs(index) {
                text.push(':');
                if let Some(sub) = sub {
                    let _ = write!(text, "{sub}");
                }
            }
        }
        if self.rejects {
            text.push(';');
        }
        if self.rejects_sub {
            text.push(':');
        }
        text
    }
}
