//! What stands in one place of the screen, and how it looks.
//!
//! Colours and attributes are packed the way xterm.js packs them, because the rules for what an erased or
//! overwritten cell keeps are rules about these two words.

/// The mode bits of a colour.
pub(super) const COLOUR_MODE: u32 = 0x300_0000;
/// One of the sixteen named colours.
pub(super) const NAMED: u32 = 0x100_0000;
/// One of the 256 numbered colours.
pub(super) const NUMBERED: u32 = 0x200_0000;
/// Red, green and blue.
pub(super) const DIRECT: u32 = 0x300_0000;
/// A colour with its mode, without attributes.
pub(super) const COLOUR: u32 = 0x3FF_FFFF;

/// Attributes in the foreground's word.
pub(super) const INVERSE: u32 = 0x400_0000;
pub(super) const BOLD: u32 = 0x800_0000;
pub(super) const UNDERLINE: u32 = 0x1000_0000;
pub(super) const BLINK: u32 = 0x2000_0000;
pub(super) const INVISIBLE: u32 = 0x4000_0000;
pub(super) const STRIKETHROUGH: u32 = 0x8000_0000;

/// Attributes in the background's word.
pub(super) const ITALIC: u32 = 0x400_0000;
pub(super) const DIM: u32 = 0x800_0000;
pub(super) const EXTENDED: u32 = 0x1000_0000;
pub(super) const PROTECTED: u32 = 0x2000_0000;
pub(super) const OVERLINE: u32 = 0x4000_0000;

const CODE: u32 = 0x1F_FFFF;
const COMBINED: u32 = 0x20_0000;
const CONTENT: u32 = CODE | COMBINED;
const WIDTH_SHIFT: u32 = 22;

/// How text looks: two words and the number of an entry of the [`Extras`](super::extras::Extras).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Style {
    pub(super) foreground: u32,
    pub(super) background: u32,
    /// Underline, its colour and hyperlink. Counts only where [`EXTENDED`] is set.
    pub(super) extended: u32,
}

/// One place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    content: u32,
    pub(super) style: Style,
}

impl Default for Cell {
    fn default() -> Self {
        Self::empty(Style::default())
    }
}

impl Cell {
    /// A place where nothing was ever written.
    pub(super) const fn empty(style: Style) -> Self {
        Self { content: 1 << WIDTH_SHIFT, style }
    }

    /// The second half of a wide character.
    pub(super) const fn second_half(style: Style) -> Self {
        Self { content: 0, style }
    }

    pub(super) const fn character(character: char, width: u32, style: Style) -> Self {
        Self { content: character as u32 | width << WIDTH_SHIFT, style }
    }

    pub(super) const fn width(self) -> usize {
        (self.content >> WIDTH_SHIFT) as usize
    }

    pub(super) const fn set_width(&mut self, width: u32) {
        self.content = self.content & CONTENT | width << WIDTH_SHIFT;
    }

    pub(super) const fn has_content(self) -> bool {
        self.content & CONTENT != 0
    }

    /// The character, when there is exactly one.
    pub(super) fn single(self) -> Option<char> {
        if self.content & COMBINED != 0 || self.content & CODE == 0 {
            return None;
        }
        char::from_u32(self.content & CODE)
    }

    /// The number of the text in the [`Extras`](super::extras::Extras), when there are several characters.
    pub(super) const fn combined(self) -> Option<u32> {
        if self.content & COMBINED == 0 { None } else { Some(self.content & CODE) }
    }

    pub(super) const fn set_combined(&mut self, text: u32) {
        self.content = self.content & !CONTENT | COMBINED | text & CODE;
    }

    /// Puts a lone combining character into a place that holds nothing.
    pub(super) const fn set_lone(&mut self, character: char) {
        self.content = character as u32 | 1 << WIDTH_SHIFT;
    }
}
