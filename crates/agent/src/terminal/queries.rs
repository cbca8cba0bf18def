//! What programs ask a terminal, and what they are answered: exactly one reply each, in the order of the questions.
//!
//! The agent answers, not the viewers: there may be none, or several, and a replay must not answer again.

use std::fmt::Write as _;

use super::{
    emulator::Emulator,
    parameters::Parameters,
    parser::Lead,
    sequences::{DOLLAR, EQUALS, GREATER, NOTHING, PLUS, QUESTION, QUESTION_DOLLAR},
    snapshot::attributes,
};

/// The size of a cell in pixels that programs are told. No viewer's real size is known here.
const CELL_WIDTH: usize = 8;
const CELL_HEIGHT: usize = 16;

impl Emulator {
    /// A VT220 with colours.
    pub(super) fn identify(&mut self) {
        self.reply("\x1b[?62;22c");
    }

    /// Answers what `CSI` asks; what asks nothing is passed over.
    pub(super) fn answer(&mut self, lead: Lead, parameters: &Parameters) {
        let first = parameters.get(0);
        match (lead.collected(), lead.last) {
            (NOTHING, b'c') if first == 0 => self.identify(),
            (GREATER, b'c') if first == 0 => self.reply("\x1b[>0;276;0c"),
            (EQUALS, b'c') if first == 0 => self.reply("\x1bP!|00000000\x1b\\"),
            (NOTHING, b'n') if first == 5 => self.reply("\x1b[0n"),
            (NOTHING, b'n') if first == 6 => self.tell_cursor(""),
            (QUESTION, b'n') => match first {
                6 => self.tell_cursor("?"),
                15 => self.reply("\x1b[?13n"),
                26 => self.reply("\x1b[?27;1;0;0n"),
                // Dark, as the colours that are told.
                996 => self.reply("\x1b[?997;1n"),
                _ => {}
            },
            (DOLLAR, b'p') => {
                let state = state_number(self.modes.public(first));
                self.reply(&format!("\x1b[{first};{state}$y"));
            }
            (QUESTION_DOLLAR, b'p') => {
                let is_on = match first {
                    47 | 1047 | 1049 => Some(self.is_alternate),
                    1048 => Some(true),
                    _ => self.modes.private(first),
                };
                self.reply(&format!("\x1b[?{first};{}$y", state_number(is_on)));
            }
            (GREATER, b'q') if first == 0 => {
                self.reply(concat!("\x1bP>|pilothouse(", env!("CARGO_PKG_VERSION"), ")\x1b\\"));
            }
            (QUESTION, b'u') => {
                let flags = self.keyboard.current(self.is_alternate);
                self.reply(&format!("\x1b[?{flags}u"));
            }
            (QUESTION, b'm') if first == 4 => {
                let level = self.keyboard.other_keys;
                self.reply(&format!("\x1b[>4;{level}m"));
            }
            (NOTHING, b't') => self.tell_window(first),
            _ => {}
        }
    }

    fn tell_cursor(&mut self, mark: &str) {
        let is_origin = self.modes.origin;
        let screen = self.visible();
        let top = if is_origin { screen.top } else { 0 };
        let row = screen.y.saturating_sub(top) + 1;
        let column = screen.x.min(screen.columns - 1) + 1;
        self.reply(&format!("\x1b[{mark}{row};{column}R"));
    }

    fn tell_window(&mut self, what: u32) {
        let (rows, columns) = (self.primary.height, self.primary.columns);
        let reply = match what {
            11 => "\x1b[1t".to_owned(),
            13 => "\x1b[3;0;0t".to_owned(),
            14 => format!("\x1b[4;{};{}t", rows * CELL_HEIGHT, columns * CELL_WIDTH),
            15 => format!("\x1b[5;{};{}t", rows * CELL_HEIGHT, columns * CELL_WIDTH),
            16 => format!("\x1b[6;{CELL_HEIGHT};{CELL_WIDTH}t"),
            18 => format!("\x1b[8;{rows};{columns}t"),
            19 => format!("\x1b[9;{rows};{columns}t"),
            // The title itself is not told: it may have been set by somebody who wants it typed.
            20 => "\x1b]L\x1b\\".to_owned(),
            21 => "\x1b]l\x1b\\".to_owned(),
            _ => return,
        };
        self.reply(&reply);
    }

    /// `DCS $ q` (what is set) and `DCS + q` (what the terminal can do).
    pub(super) fn answer_device(&mut self, lead: Lead, text: &str) {
        match (lead.collected(), lead.last) {
            (DOLLAR, b'q') => {
                let setting = self.setting(text);
                match setting {
                    Some(setting) => self.reply(&format!("\x1bP1$r{setting}{text}\x1b\\")),
                    None => self.reply("\x1bP0$r\x1b\\"),
                }
            }
            (PLUS, b'q') => self.tell_capabilities(text),
            _ => {}
        }
    }

    fn setting(&self, what: &str) -> Option<String> {
        let screen = self.visible();
        match what {
            "m" => {
                let sequence = attributes(self.pen, &self.extras);
                Some(sequence.trim_start_matches("\x1b[").trim_end_matches('m').to_owned())
            }
            "r" => Some(format!("{};{}", screen.top + 1, screen.bottom + 1)),
            " q" => Some(self.modes.cursor_style.max(1).to_string()),
            "\"q" => Some(u8::from(self.pen.background & super::cell::PROTECTED != 0).to_string()),
            "\"p" => Some("62;1".to_owned()),
            _ => None,
        }
    }

    /// Names and values are in hexadecimal; what follows the first unknown name is not answered.
    fn tell_capabilities(&mut self, names: &str) {
        let value = |name: &str| match name.to_ascii_uppercase().as_str() {
            "544E" | "6E616D65" => Some("xterm-256color"),
            "436F" | "636F6C6F7273" => Some("256"),
            "524742" => Some("8"),
            _ => None,
        };
        let mut reply = String::new();
        for (name, value) in names.split(';').map_while(|name| Some((name, value(name)?))) {
            let separator = if reply.is_empty() { "" } else { ";" };
            let _ = write!(reply, "{separator}{name}=");
            for byte in value.bytes() {
                let _ = write!(reply, "{byte:02X}");
            }
        }
        let is_known = u8::from(!reply.is_empty());
        self.reply(&format!("\x1bP{is_known}+r{reply}\x1b\\"));
    }
}

const fn state_number(is_on: Option<bool>) -> u8 {
    match is_on {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}
