//! The colours that programs changed, and what is answered to those who ask.

use std::{collections::BTreeMap, fmt::Write as _};

use super::emulator::Emulator;

/// Red, green and blue.
type Rgb = (u8, u8, u8);

/// The sixteen named colours as xterm.js shows them.
const NAMED: [u32; 16] = [
    0x2E_3436, 0xCC_0000, 0x4E_9A06, 0xC4_A000, 0x34_65A4, 0x75_507B, 0x06_989A, 0xD3_D7CF,
    0x55_5753, 0xEF_2929, 0x8A_E234, 0xFC_E94F, 0x72_9FCF, 0xAD_7FA8, 0x34_E2E2, 0xEE_EEEC,
];

/// Where text, background and cursor stand behind the 256 numbered colours.
const TEXT: usize = 256;
const BACKGROUND: usize = 257;
const CURSOR: usize = 258;

/// Colours that are not as usual, by number.
#[derive(Debug, Default)]
pub(super) struct Colours {
    changed: BTreeMap<usize, Rgb>,
}

impl Colours {
    fn get(&self, number: usize) -> Rgb {
        if let Some(&colour) = self.changed.get(&number) {
            return colour;
        }
        match number {
            0..16 => {
                let [_, red, green, blue] = NAMED[number].to_be_bytes();
                (red, green, blue)
            }
            16..232 => {
                let cube = number - 16;
                let part = |part: usize| match u8::try_from(part % 6).unwrap_or(0) {
                    0 => 0,
                    step => 55 + 40 * step,
                };
                (part(cube / 36), part(cube / 6), part(cube))
            }
            232..=255 => {
                let grey = u8::try_from(8 + (number - 232) * 10).unwrap_or(0);
                (grey, grey, grey)
            }
            BACKGROUND => (0, 0, 0),
            _ => (255, 255, 255),
        }
    }

    /// The sequences that bring the colours of any terminal to this state.
    pub(super) fn to_sequences(&self) -> String {
        let mut text = "\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07".to_owned();
        for (&number, &(red, green, blue)) in &self.changed {
            let command = match number {
                TEXT => "10".to_owned(),
                BACKGROUND => "11".to_owned(),
                CURSOR => "12".to_owned(),
                _ => format!("4;{number}"),
            };
            let _ = write!(text, "\x1b]{command};rgb:{red:02x}/{green:02x}/{blue:02x}\x07");
        }
        text
    }
}

impl Emulator {
    /// `OSC 4`: pairs of number and colour, or of number and `?`.
    pub(super) fn number_colours(&mut self, text: &str, terminator: &str) {
        let mut parts = text.split(';');
        while let (Some(number), Some(colour)) = (parts.next(), parts.next()) {
            if let Some(number) = number.parse().ok().filter(|number| *number < 256) {
                self.set_or_tell_colour(number, colour, &format!("4;{number}"), terminator);
            }
        }
    }

    /// `OSC 10`, `11` and `12`: each further part is about the next of the three.
    pub(super) fn special_colours(&mut self, first: usize, text: &str, terminator: &str) {
        for (number, colour) in (first..=12).zip(text.split(';')) {
            self.set_or_tell_colour(TEXT + number - 10, colour, &number.to_string(), terminator);
        }
    }

    fn set_or_tell_colour(&mut self, number: usize, text: &str, name: &str, terminator: &str) {
        if text == "?" {
            let (red, green, blue) = self.colours.get(number);
            self.reply(&format!(
                "\x1b]{name};rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}{terminator}"
            ));
        } else if let Some(colour) = parse(text) {
            self.colours.changed.insert(number, colour);
        }
    }

    /// `OSC 104`: the colours of these numbers, or all numbered ones, are as usual again.
    pub(super) fn restore_numbered(&mut self, text: &str) {
        if text.is_empty() {
            self.colours.changed.retain(|&number, _| number >= TEXT);
        }
        for number in text.split(';').filter_map(|number| number.parse::<usize>().ok()) {
            if number < TEXT {
                self.colours.changed.remove(&number);
            }
        }
    }

    /// `OSC 110`, `111` and `112`.
    pub(super) fn restore_special(&mut self, command: usize) {
        self.colours.changed.remove(&(TEXT + command - 110));
    }
}

/// A colour as X writes it: `rgb:r/g/b` or `#rgb`, with one to four digits each.
fn parse(text: &str) -> Option<Rgb> {
    let parts: Vec<&str> = if let Some(parts) = text.strip_prefix("rgb:") {
        parts.split('/').collect()
    } else {
        let digits = text.strip_prefix('#').filter(|digits| digits.is_ascii())?;
        let length = digits.len() / 3;
        if length * 3 != digits.len() || length == 0 {
            return None;
        }
        vec![&digits[..length], &digits[length..2 * length], &digits[2 * length..]]
    };
    let part = |digits: &str| {
        let highest = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        u8::try_from(value.checked_mul(255)?.checked_div(highest)?).ok()
    };
    let is_sound = |digits: &&str| (1..=4).contains(&digits.len());
    match parts[..] {
        [red, green, blue] if [red, green, blue].iter().all(is_sound) => {
            Some((part(red)?, part(green)?, part(blue)?))
        }
        _ => None,
    }
}
