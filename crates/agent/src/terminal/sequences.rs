//! What control sequences do to the screen.
//!
//! The rules are those of xterm.js, oddities included: what viewers see live and what a snapshot shows them
//! have to be the same.

use super::{
    cell::Cell,
    charset::Charset,
    emulator::Emulator,
    parameters::Parameters,
    parser::{Lead, Perform},
};

/// The bytes before a final byte, as [`Lead::collected`] gives them.
const fn before(bytes: &[u8]) -> u32 {
    let mut collected = 0;
    let mut index = 0;
    while index < bytes.len() {
        collected = collected << 8 | bytes[index] as u32;
        index += 1;
    }
    collected
}

pub(super) const NOTHING: u32 = 0;
pub(super) const QUESTION: u32 = before(b"?");
pub(super) const GREATER: u32 = before(b">");
const LESS: u32 = before(b"<");
pub(super) const EQUALS: u32 = before(b"=");
pub(super) const DOLLAR: u32 = before(b"$");
pub(super) const QUESTION_DOLLAR: u32 = before(b"?$");
const SPACE: u32 = before(b" ");
const BANG: u32 = before(b"!");
const QUOTE: u32 = before(b"\"");
const APOSTROPHE: u32 = before(b"'");
const HASH: u32 = before(b"#");
const PERCENT: u32 = before(b"%");
pub(super) const PLUS: u32 = before(b"+");

impl Perform for Emulator {
    fn print_ascii(&mut self, text: &[u8]) {
        Emulator::print_ascii(self, text);
    }

    fn print(&mut self, character: char) {
        Emulator::print(self, character);
    }

    fn end_run(&mut self) {
        Emulator::end_run(self);
    }

    fn execute(&mut self, code: u8) {
        match code {
            0x08 => self.backspace(),
            0x09 => self.forward_tabs(1),
            0x0A..=0x0C => self.line_feed(),
            0x0D => self.screen().x = 0,
            0x0E => self.charsets.invoke(1),
            0x0F => self.charsets.invoke(0),
            0x84 => self.index(),
            0x85 => self.next_line(),
            0x88 => self.screen().set_tab(true),
            _ => {}
        }
        self.joinable = 0;
    }

    fn control(&mut self, lead: Lead, parameters: &Parameters) {
        match lead.collected() {
            NOTHING => self.plain_control(lead.last, parameters),
            QUESTION => match lead.last {
                b'J' => self.erase_in_display(parameters.get(0), true),
                b'K' => self.erase_in_line(parameters.get(0), true),
                b'h' => self.set_private_modes(parameters, true),
                b'l' => self.set_private_modes(parameters, false),
                _ => {}
            },
            SPACE => match lead.last {
                b'@' => self.shift_region(0, parameters.at_least_one(0), false),
                b'A' => self.shift_region(0, parameters.at_least_one(0), true),
                b'q' => {
                    if let Some(style) =
                        u8::try_from(parameters.get(0)).ok().filter(|&style| style < 7)
                    {
                        self.modes.cursor_style = style;
                    }
                }
                _ => {}
            },
            APOSTROPHE if matches!(lead.last, b'}' | b'~') => {
                let x = self.screen().x;
                self.shift_region(x, parameters.at_least_one(0), lead.last == b'}');
            }
            BANG if lead.last == b'p' => self.soft_reset(),
            QUOTE if lead.last == b'q' => self.protect(parameters.get(0)),
            LESS if lead.last == b'u' => {
                self.keyboard.pop(self.is_alternate, parameters.at_least_one(0));
            }
            GREATER => match lead.last {
                b'u' => self.keyboard.push(self.is_alternate, parameters.get(0)),
                b'm' if parameters.get(0) == 4 => {
                    self.keyboard.other_keys = parameters.get(1).min(2);
                }
                _ => {}
            },
            EQUALS if lead.last == b'u' => self.keyboard.set(self.is_alternate, parameters),
            _ => {}
        }
        self.answer(lead, parameters);
        self.joinable = 0;
    }

    fn escape(&mut self, lead: Lead) {
        match (lead.collected(), lead.last) {
            (NOTHING, b'7') => self.save_cursor(),
            (NOTHING, b'8') => self.restore_cursor(),
            (NOTHING, b'D') => self.index(),
            (NOTHING, b'E') => self.next_line(),
            (NOTHING, b'H') => self.screen().set_tab(true),
            (NOTHING, b'M') => self.reverse_index(),
            (NOTHING, b'Z') => self.identify(),
            (NOTHING, b'=') => self.modes.keypad = true,
            (NOTHING, b'>') => self.modes.keypad = false,
            (NOTHING, b'c') => self.reset(),
            (NOTHING, b'n' | b'}') => self.charsets.invoke(2),
            (NOTHING, b'o' | b'|') => self.charsets.invoke(3),
            (NOTHING, b'~') => self.charsets.invoke(1),
            (PERCENT, b'@' | b'G') => {
                self.charsets.invoke(0);
                self.charsets.designate(0, Charset::ASCII);
            }
            (HASH, b'8') => self.fill_with_e(),
            (collected, last) => self.designate(collected, last),
        }
        self.joinable = 0;
    }

    fn command(&mut self, text: &str, terminator: &'static str) {
        let (number, rest) = text.split_once(';').unwrap_or((text, ""));
        let Ok(number) = number.parse::<usize>() else { return };
        match number {
            0 | 2 => self.titles.set(rest),
            4 => self.number_colours(rest, terminator),
            8 => self.link(rest),
            10..=12 => self.special_colours(number, rest, terminator),
            104 => self.restore_numbered(rest),
            110..=112 => self.restore_special(number),
            _ => {}
        }
    }

    fn device(&mut self, lead: Lead, text: &str) {
        self.answer_device(lead, text);
    }

    fn forget_run(&mut self) {
        self.joinable = 0;
    }
}

impl Emulator {
    fn plain_control(&mut self, last: u8, parameters: &Parameters) {
        let first = parameters.get(0);
        let count = parameters.at_least_one(0);
        let step = i64::try_from(count).unwrap_or(i64::MAX);
        match last {
            b'@' => self.edit_row(|row, x, fill| row.insert(x, count, fill)),
            b'A' => self.move_up(step),
            b'B' => self.move_down(step),
            b'C' | b'a' => self.move_cursor(step, 0),
            b'D' => self.move_cursor(-step, 0),
            b'E' => {
                self.move_down(step);
                self.screen().x = 0;
            }
            b'F' => {
                self.move_up(step);
                self.screen().x = 0;
            }
            b'G' | b'`' => self.go_to_column(step - 1),
            b'H' | b'f' => {
                let column = i64::try_from(parameters.at_least_one(1)).unwrap_or(i64::MAX);
                self.set_cursor(column - 1, step - 1);
            }
            b'I' => self.forward_tabs(count),
            b'J' => self.erase_in_display(first, false),
            b'K' => self.erase_in_line(first, false),
            b'L' => self.insert_lines(count),
            b'M' => self.delete_lines(count),
            b'P' => self.edit_row(|row, x, fill| row.delete(x, count, fill)),
            b'S' => {
                let fill = self.erased();
                let screen = self.screen();
                screen.move_lines(screen.top, screen.bottom, count, fill);
            }
            b'T' => {
                let screen = self.screen();
                screen.move_lines(screen.bottom, screen.top, count, Cell::default());
            }
            b'X' => self.edit_row(|row, x, fill| row.replace(x, x.saturating_add(count), fill)),
            b'Z' => self.backward_tabs(count),
            b'b' => self.repeat(count),
            b'd' => {
                let x = self.screen().x;
                self.set_cursor(i64::try_from(x).unwrap_or(0), step - 1);
            }
            b'e' => self.move_cursor(0, step),
            b'g' if first == 0 => self.screen().set_tab(false),
            b'g' if first == 3 => self.screen().tabs.fill(false),
            b'h' => self.set_public_modes(parameters, true),
            b'l' => self.set_public_modes(parameters, false),
            b'm' => self.set_attributes(parameters),
            b'r' => self.set_margins(parameters),
            b's' => self.save_cursor(),
            b't' if first == 22 && matches!(parameters.get(1), 0 | 2) => self.titles.push(),
            b't' if first == 23 && matches!(parameters.get(1), 0 | 2) => self.titles.pop(),
            b'u' => self.restore_cursor(),
            _ => {}
        }
    }

    fn designate(&mut self, collected: u32, last: u8) {
        let level = match u8::try_from(collected) {
            Ok(b'(') => 0,
            Ok(b')' | b'-') => 1,
            Ok(b'*' | b'.') => 2,
            Ok(b'+') => 3,
            _ => return,
        };
        // The final bytes that name a set.
        if matches!(last, b'0' | b'4'..=b'7' | b'9' | b'=' | b'A'..=b'C' | b'E' | b'H' | b'K' | b'Q' | b'R' | b'Y' | b'Z')
        {
            self.charsets.designate(level, Charset(last));
        }
    }

    fn soft_reset(&mut self) {
        self.modes.reset();
        self.modes.is_cursor_hidden = false;
        self.pen = super::cell::Style::default();
        self.charsets = super::charset::Charsets::default();
        let screen = self.screen();
        (screen.top, screen.bottom) = (0, screen.height - 1);
        screen.saved =
            super::screen::Saved { absolute_y: screen.base(), ..super::screen::Saved::default() };
    }
}
