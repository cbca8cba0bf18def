//! What few cells have: hyperlinks, underlines with style or colour, and characters of several code points.
//!
//! Kept once each and numbered, so that cells stay small. What no cell uses any more is swept out.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use super::cell::{Cell, EXTENDED};

/// Where the sweeping starts.
const SWEEP_FROM: usize = 4096;
/// The longest text of one cell, in bytes. More combining characters are left out.
const MAX_TEXT: usize = 64;

/// A hyperlink as OSC 8 gives it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Link {
    pub(super) id: Option<String>,
    pub(super) address: String,
}

/// The rarer half of how text looks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Extended {
    /// 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    pub(super) underline: u8,
    /// A colour with its mode; 0 is the colour of the text.
    pub(super) colour: u32,
    pub(super) link: Option<Arc<Link>>,
}

impl Extended {
    /// Whether cells with it carry the mark [`EXTENDED`]; a colour alone does not need it.
    pub(super) fn is_noticeable(&self) -> bool {
        self.underline != 0 || self.link.is_some()
    }
}

/// Values with numbers, each once. Number 0 is the default value and always there.
#[derive(Debug)]
struct Numbered<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
    sweep_at: usize,
}

impl<T: Clone + Eq + Hash + Default> Numbered<T> {
    fn new() -> Self {
        let numbers = HashMap::from([(T::default(), 0)]);
        Self { values: vec![T::default()], numbers, sweep_at: SWEEP_FROM }
    }

    fn number(&mut self, value: T) -> u32 {
        if let Some(&number) = self.numbers.get(&value) {
            return number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(0);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }

    fn get(&self, number: u32) -> &T {
        self.values.get(number as usize).unwrap_or(&self.values[0])
    }

    /// Keeps what is marked, and says what the numbers are from now on.
    fn sweep(&mut self, is_used: &[bool]) -> Vec<u32> {
        let mut moved = vec![0; self.values.len()];
        let mut kept = Self::new();
        for (old, value) in self.values.drain(..).enumerate() {
            if is_used[old] {
                moved[old] = kept.number(value);
            }
        }
        kept.sweep_at = (2 * kept.values.len()).max(SWEEP_FROM);
        *self = kept;
        moved
    }
}

/// The numbered values of one terminal.
#[derive(Debug)]
pub(super) struct Extras {
    extended: Numbered<Extended>,
    texts: Numbered<Box<str>>,
}

impl Extras {
    pub(super) fn new() -> Self {
        Self { extended: Numbered::new(), texts: Numbered::new() }
    }

    pub(super) fn extended(&self, number: u32) -> &Extended {
        self.extended.get(number)
    }

    pub(super) fn number(&mut self, extended: Extended) -> u32 {
        self.extended.number(extended)
    }

    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    /// Appends `character` to what is in `cell`.
    pub(super) fn combine(&mut self, cell: &mut Cell, character: char) {
        let mut text = match (cell.single(), cell.combined()) {
            (_, Some(text)) => self.text(text).to_owned(),
            (Some(first), None) => first.to_string(),
            (None, None) => {
                cell.set_lone(character);
                return;
            }
        };
        if text.len() + character.len_utf8() <= MAX_TEXT {
            text.push(character);
        }
        cell.set_combined(self.texts.number(text.into()));
    }

    /// Whether it is time to [sweep](Self::sweep).
    pub(super) fn is_full(&self) -> bool {
        self.extended.values.len() >= self.extended.sweep_at
            || self.texts.values.len() >= self.texts.sweep_at
    }

    /// Forgets what neither `cells` nor `numbers` use; both get their new numbers.
    pub(super) fn sweep<'a>(
        &mut self,
        mut cells: Vec<&'a mut Cell>,
        numbers: impl IntoIterator<Item = &'a mut u32>,
    ) {
        let mut is_extended_used = vec![false; self.extended.values.len()];
        let mut is_text_used = vec![false; self.texts.values.len()];
        let mut numbers: Vec<&mut u32> = numbers.into_iter().collect();
        for number in &numbers {
            is_extended_used[**number as usize] = true;
        }
        for cell in &mut cells {
            if cell.style.background & EXTENDED == 0 {
                cell.style.extended = 0;
            }
            is_extended_used[cell.style.extended as usize] = true;
            if let Some(text) = cell.combined() {
                is_text_used[text as usize] = true;
            }
        }
        let extended = self.extended.sweep(&is_extended_used);
        let texts = self.texts.sweep(&is_text_used);
        for number in &mut numbers {
            **number = extended[**number as usize];
        }
        for cell in cells {
            cell.style.extended = extended[cell.style.extended as usize];
            if let Some(text) = cell.combined() {
                cell.set_combined(texts[text as usize]);
            }
        }
    }
}
