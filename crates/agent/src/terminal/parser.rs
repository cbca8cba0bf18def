//! Finds control sequences in a terminal's output, the way xterm.js finds them.
//!
//! It knows at every byte what has been begun and can write that down again, which is how a snapshot taken in
//! the middle of a sequence ends.

use super::{
    decoder::{Decoded, Decoder},
    parameters::Parameters,
};

/// The longest OSC or DCS text that is kept. A longer one is skipped to its end.
const MAX_STRING: usize = 256 * 1024;

/// What the parser finds.
pub(super) trait Perform {
    /// Printable ASCII.
    fn print_ascii(&mut self, text: &[u8]);
    /// A printable character that is not ASCII.
    fn print(&mut self, character: char);
    /// The run of printable characters is over, and something else comes or nothing yet.
    fn end_run(&mut self);
    /// A control character.
    fn execute(&mut self, code: u8);
    /// `ESC [ … final`.
    fn control(&mut self, lead: Lead, parameters: &Parameters);
    /// `ESC … final`.
    fn escape(&mut self, lead: Lead);
    /// `ESC ] text`; `terminator` is what a reply has to end with.
    fn command(&mut self, text: &str, terminator: &'static str);
    /// `ESC P … final text`.
    fn device(&mut self, lead: Lead, text: &str);
    /// `ESC c` begins everything anew.
    fn forget_run(&mut self);
}

/// What tells control sequences apart: prefix and intermediate bytes, and the final one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lead {
    collected: u32,
    pub(super) last: u8,
}

impl Lead {
    /// The bytes before the final one, as one number: `b"?$"` is `0x3F24`.
    pub(super) const fn collected(self) -> u32 {
        self.collected
    }

    fn collect(&mut self, byte: u8) {
        // A fifth byte pushes the first one out, which makes it a sequence nobody knows either way.
        self.collected = self.collected << 8 | u32::from(byte);
    }

    fn bytes(self) -> impl Iterator<Item = char> {
        self.collected.to_be_bytes().into_iter().filter(|&byte| byte != 0).map(char::from)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    EscapeIntermediate,
    ControlEntry,
    ControlParameters,
    ControlIntermediate,
    ControlIgnored,
    Command,
    /// SOS, PM and APC: read and thrown away.
    Private,
    DeviceEntry,
    DeviceParameters,
    DeviceIntermediate,
    DeviceIgnored,
    DeviceText,
}

/// The parser of one terminal.
#[derive(Debug)]
pub(super) struct Parser {
    state: State,
    decoder: Decoder,
    lead: Lead,
    parameters: Parameters,
    text: String,
    /// The text became too long: the rest is skipped, and nothing is done at its end.
    is_too_long: bool,
    is_in_run: bool,
}

impl Parser {
    pub(super) fn new() -> Self {
        Self {
            state: State::Ground,
            decoder: Decoder::default(),
            lead: Lead::default(),
            parameters: Parameters::new(),
            text: String::new(),
            is_too_long: false,
            is_in_run: false,
        }
    }

    /// Takes the next piece of output.
    pub(super) fn feed(&mut self, performer: &mut impl Perform, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            if self.state == State::Ground && self.decoder.begun().is_empty() {
                let printable =
                    rest.iter().position(|byte| !(0x20..0x7F).contains(byte)).unwrap_or(rest.len());
                if printable > 0 {
                    self.is_in_run = true;
                    performer.print_ascii(&rest[..printable]);
                    rest = &rest[printable..];
                    continue;
                }
            }
            match self.decoder.take(byte) {
                Decoded::Unfinished => rest = &rest[1..],
                Decoded::Character(character) => {
                    self.take(performer, character);
                    rest = &rest[1..];
                }
                Decoded::Broken => self.take(performer, char::REPLACEMENT_CHARACTER),
            }
        }
        self.leave_run(performer);
    }

    fn leave_run(&mut self, performer: &mut impl Perform) {
        if self.is_in_run {
            self.is_in_run = false;
            performer.end_run();
        }
    }

    fn take(&mut self, performer: &mut impl Perform, character: char) {
        if character == '\u{FEFF}' {
            return;
        }
        if self.state == State::Ground && (' '..='~').contains(&character) || character >= '\u{A0}'
        {
            self.take_printable(performer, character);
            return;
        }
        self.leave_run(performer);
        // All that is left is ASCII and the control characters up to U+009F.
        let byte = u8::try_from(u32::from(character)).unwrap_or(0);
        if matches!(byte, 0x18 | 0x1A | 0x1B | 0x80..=0x9F) {
            self.interrupt(performer, byte);
            return;
        }
        match self.state {
            State::Ground => {
                if byte < 0x20 {
                    performer.execute(byte);
                }
            }
            State::Escape => self.take_escape(performer, byte),
            State::EscapeIntermediate => match byte {
                0x20..=0x2F => self.lead.collect(byte),
                0x30..=0x7E => self.dispatch_escape(performer, byte),
                0x7F => {}
                _ => performer.execute(byte),
            },
            State::ControlEntry
            | State::ControlParameters
            | State::ControlIntermediate
            | State::ControlIgnored => self.take_control(performer, byte),
            State::Command => match byte {
                0x07 => self.end_command(performer, "\x07"),
                0x20..=0x7F => self.put(character),
                _ => {}
            },
            State::Private => {}
            State::DeviceEntry
            | State::DeviceParameters
            | State::DeviceIntermediate
            | State::DeviceIgnored => self.take_device(byte),
            State::DeviceText => {
                if byte != 0x7F {
                    self.put(character);
                }
            }
        }
    }

    /// A character that is printed in the ground state, and text inside strings.
    fn take_printable(&mut self, performer: &mut impl Perform, character: char) {
        match self.state {
            State::Ground => {
                self.is_in_run = true;
                if character.is_ascii() {
                    performer.print_ascii(&[character as u8]);
                } else {
                    performer.print(character);
                }
            }
            State::Command | State::DeviceText => self.put(character),
            State::ControlIgnored | State::DeviceIgnored => {}
            // Elsewhere it is an error, and the sequence is given up.
            _ => self.state = State::Ground,
        }
    }

    fn put(&mut self, character: char) {
        if self.text.len() + character.len_utf8() > MAX_STRING {
            self.is_too_long = true;
        }
        if !self.is_too_long {
            self.text.push(character);
        }
    }

    /// The control characters that mean the same everywhere.
    fn interrupt(&mut self, performer: &mut impl Perform, byte: u8) {
        let is_cancelled = matches!(byte, 0x18 | 0x1A);
        match self.state {
            State::Command if matches!(byte, 0x18 | 0x1A | 0x1B | 0x9C) => {
                if is_cancelled {
                    performer.forget_run();
                    self.state = State::Ground;
                } else {
                    self.end_command(performer, "\x1b\\");
                }
            }
            State::DeviceText if matches!(byte, 0x18 | 0x1A | 0x1B | 0x9C) => {
                if !is_cancelled && !self.is_too_long {
                    performer.device(self.lead, &self.text);
                }
                performer.forget_run();
                self.state = State::Ground;
            }
            _ if is_cancelled => self.execute_in_ground(performer, byte),
            _ => {}
        }
        match byte {
            0x1B => self.begin(State::Escape),
            0x9B => self.begin(State::ControlEntry),
            0x90 => self.begin(State::DeviceEntry),
            0x9D => self.begin(State::Command),
            0x98 | 0x9E | 0x9F => self.state = State::Private,
            0x9C | 0x18 | 0x1A => self.state = State::Ground,
            _ => self.execute_in_ground(performer, byte),
        }
    }

    fn execute_in_ground(&mut self, performer: &mut impl Perform, byte: u8) {
        performer.execute(byte);
        self.state = State::Ground;
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.lead = Lead::default();
        self.parameters.clear();
        self.text.clear();
        self.is_too_long = false;
    }

    fn take_escape(&mut self, performer: &mut impl Perform, byte: u8) {
        match byte {
            b'[' => self.begin(State::ControlEntry),
            b']' => self.begin(State::Command),
            b'P' => self.begin(State::DeviceEntry),
            b'X' | b'^' | b'_' => self.state = State::Private,
            0x20..=0x2F => {
                self.lead.collect(byte);
                self.state = State::EscapeIntermediate;
            }
            0x30..=0x7E => self.dispatch_escape(performer, byte),
            0x7F => {}
            _ => performer.execute(byte),
        }
    }

    fn dispatch_escape(&mut self, performer: &mut impl Perform, byte: u8) {
        self.state = State::Ground;
        self.lead.last = byte;
        performer.escape(self.lead);
    }

    fn take_control(&mut self, performer: &mut impl Perform, byte: u8) {
        match (self.state, byte) {
            (_, 0x00..=0x1F) => performer.execute(byte),
            (State::ControlIgnored, 0x40..=0x7E) => self.state = State::Ground,
            (_, 0x7F) | (State::ControlIgnored, _) => {}
            (_, 0x40..=0x7E) => {
                self.state = State::Ground;
                self.lead.last = byte;
                performer.control(self.lead, &self.parameters);
            }
            (_, 0x20..=0x2F) => {
                self.lead.collect(byte);
                self.state = State::ControlIntermediate;
            }
            (State::ControlEntry | State::ControlParameters, 0x30..=0x3B) => {
                self.parameters.take(byte);
                self.state = State::ControlParameters;
            }
            (State::ControlEntry, _) => {
                self.lead.collect(byte);
                self.state = State::ControlParameters;
            }
            _ => self.state = State::ControlIgnored,
        }
    }

    fn take_device(&mut self, byte: u8) {
        match (self.state, byte) {
            (_, 0x00..=0x1F | 0x7F) | (State::DeviceIgnored, _) => {}
            (_, 0x40..=0x7E) => {
                self.lead.last = byte;
                self.state = State::DeviceText;
            }
            (_, 0x20..=0x2F) => {
                self.lead.collect(byte);
                self.state = State::DeviceIntermediate;
            }
            (State::DeviceEntry | State::DeviceParameters, 0x30..=0x3B) => {
                self.parameters.take(byte);
                self.state = State::DeviceParameters;
            }
            (State::DeviceEntry, _) => {
                self.lead.collect(byte);
                self.state = State::DeviceParameters;
            }
            _ => self.state = State::DeviceIgnored,
        }
    }

    fn end_command(&mut self, performer: &mut impl Perform, terminator: &'static str) {
        self.state = State::Ground;
        if !self.is_too_long {
            performer.command(&self.text, terminator);
        }
        performer.forget_run();
        self.text = String::new();
    }

    /// What has been begun and not finished, written so that another terminal comes to the same point.
    pub(super) fn unfinished(&self) -> Vec<u8> {
        let lead: String = self.lead.bytes().collect();
        let parameters = self.parameters.to_text();
        let text = match self.state {
            State::Ground => String::new(),
            State::Escape => "\x1b".to_owned(),
            State::EscapeIntermediate => format!("\x1b{lead}"),
            State::ControlEntry => "\x1b[".to_owned(),
            State::ControlParameters | State::ControlIntermediate => {
                format!("\x1b[{}", self.lead_with(&parameters))
            }
            State::ControlIgnored => "\x1b[0<".to_owned(),
            // A number that no terminal knows: what was too long for us is skipped there as well.
            State::Command if self.is_too_long => "\x1b]999999;".to_owned(),
            State::Command => format!("\x1b]{}", self.text),
            State::Private => "\x1b_".to_owned(),
            State::DeviceEntry => "\x1bP".to_owned(),
            State::DeviceParameters | State::DeviceIntermediate => {
                format!("\x1bP{}", self.lead_with(&parameters))
            }
            State::DeviceIgnored => "\x1bP0<".to_owned(),
            State::DeviceText if self.is_too_long => "\x1bP~".to_owned(),
            State::DeviceText => {
                let last = char::from(self.lead.last);
                format!("\x1bP{}{last}{}", self.lead_with(&parameters), self.text)
            }
        };
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(self.decoder.begun());
        bytes
    }

    /// Prefix, numbers and intermediate bytes in the order in which they are written.
    fn lead_with(&self, parameters: &str) -> String {
        let is_prefix = |byte: char| ('<'..='?').contains(&byte);
        let prefix: String = self.lead.bytes().filter(|&byte| is_prefix(byte)).collect();
        let rest: String = self.lead.bytes().filter(|&byte| !is_prefix(byte)).collect();
        let is_plain = parameters == "0" && !(prefix.is_empty() && rest.is_empty());
        format!("{prefix}{}{rest}", if is_plain { "" } else { parameters })
    }
}
