//! `CSI m`: what text looks like from now on.

use super::{
    cell::{
        BLINK, BOLD, COLOUR, COLOUR_MODE, DIM, DIRECT, INVERSE, INVISIBLE, ITALIC, NAMED, NUMBERED,
        OVERLINE, STRIKETHROUGH, UNDERLINE,
    },
    emulator::Emulator,
    parameters::Parameters,
};

/// The colour that `CSI 59 m` leaves behind in xterm.js. Written down as `59` again.
pub(super) const NO_UNDERLINE_COLOUR: u32 = COLOUR;

/// Sets the number of a colour; what the other bits said before stays where xterm.js leaves it.
fn set_number(word: &mut u32, mode: u32, number: u32) {
    *word = *word & !COLOUR | mode | number & 0xFF;
}

impl Emulator {
    pub(super) fn set_attributes(&mut self, parameters: &Parameters) {
        let mut index = 0;
        while index < parameters.count() {
            let attribute = parameters.get(index);
            match attribute {
                38 | 48 | 58 => index += self.set_colour(attribute, parameters, index),
                4 => {
                    let style = parameters.subs(index).first().copied();
                    self.set_underline(style.map_or(1, |style| style.unwrap_or(1)));
                }
                _ => self.set_attribute(attribute),
            }
            index += 1;
        }
    }

    fn set_attribute(&mut self, attribute: u32) {
        let (text, back) = (&mut self.pen.foreground, &mut self.pen.background);
        match attribute {
            0 => {
                (*text, *back) = (0, 0);
                self.change_extended(|extended| {
                    extended.underline = 0;
                    extended.colour = 0;
                });
            }
            1 => *text |= BOLD,
            2 => *back |= DIM,
            3 => *back |= ITALIC,
            5 => *text |= BLINK,
            7 => *text |= INVERSE,
            8 => *text |= INVISIBLE,
            9 => *text |= STRIKETHROUGH,
            21 => self.set_underline(2),
            22 => {
                *text &= !BOLD;
                *back &= !DIM;
            }
            23 => *back &= !ITALIC,
            24 => self.set_underline(0),
            25 => *text &= !BLINK,
            27 => *text &= !INVERSE,
            28 => *text &= !INVISIBLE,
            29 => *text &= !STRIKETHROUGH,
            30..=37 => set_number(text, NAMED, attribute - 30),
            39 => *text &= !COLOUR,
            40..=47 => set_number(back, NAMED, attribute - 40),
            49 => *back &= !COLOUR,
            53 => *back |= OVERLINE,
            55 => *back &= !OVERLINE,
            59 => self.change_extended(|extended| extended.colour = NO_UNDERLINE_COLOUR),
            90..=97 => set_number(text, NAMED, attribute - 90 + 8),
            100..=107 => set_number(back, NAMED, attribute - 100 + 8),
            _ => {}
        }
    }

    fn set_underline(&mut self, style: u32) {
        let style = if style > 5 { 1 } else { u8::try_from(style).unwrap_or(1) };
        if style == 0 {
            self.pen.foreground &= !UNDERLINE;
        } else {
            self.pen.foreground |= UNDERLINE;
        }
        self.change_extended(|extended| extended.underline = style);
    }

    /// `38`, `48` and `58` with what follows them; says how many further numbers were used.
    fn set_colour(&mut self, which: u32, parameters: &Parameters, index: usize) -> usize {
        let (parts, used) = colour_parts(parameters, index);
        let apply = |word: &mut u32| match parts[1] {
            2 => {
                let channel = |part: u32| part & 0xFF;
                let rgb = channel(parts[3]) << 16 | channel(parts[4]) << 8 | channel(parts[5]);
                *word = *word & !COLOUR | DIRECT | rgb;
            }
            5 => set_number(word, NUMBERED, parts[3]),
            _ => {}
        };
        match which {
            38 => apply(&mut self.pen.foreground),
            48 => apply(&mut self.pen.background),
            _ => {
                // The colour alone does not make a style noticeable, and xterm.js does not look again.
                let background = self.pen.background;
                self.change_extended(|extended| apply(&mut extended.colour));
                self.pen.background = background;
            }
        }
        used
    }
}

/// The numbers of a colour in fixed places: which, kind, colour space, and up to three values; written with
/// semicolons, with colons, or mixed.
fn colour_parts(parameters: &Parameters, index: usize) -> ([u32; 6], usize) {
    let mut parts = [0; 6];
    let mut space = 0;
    let mut used = 0;
    loop {
        parts[used + space] = parameters.get(index + used);
        let subs = parameters.subs(index + used);
        if !subs.is_empty() {
            for (offset, sub) in subs.iter().enumerate() {
                if offset > 0 && offset + used + 1 + space >= parts.len() {
                    break;
                }
                if parts[1] == 5 {
                    space = 1;
                }
                if let Some(part) = parts.get_mut(used + offset + 1 + space) {
                    *part = sub.unwrap_or(0);
                }
            }
            break;
        }
        let is_complete = parts[1] == 5 && used + space >= 2 || parts[1] == 2 && used + space >= 5;
        if is_complete {
            break;
        }
        if parts[1] != 0 {
            space = 1;
        }
        used += 1;
        if used + index >= parameters.count() || used + space >= parts.len() {
            break;
        }
    }
    (parts, used)
}

/// The mode of a colour's word, for those who write it down.
pub(super) const fn mode(word: u32) -> u32 {
    word & COLOUR_MODE
}
