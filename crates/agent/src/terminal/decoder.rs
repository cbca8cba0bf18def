//! Bytes to characters, as browsers decode them: what is not UTF-8 becomes U+FFFD, once per damaged character.

/// What the next byte means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// Another byte is needed.
    Unfinished,
    /// One character.
    Character(char),
    /// What was begun is no character, and the byte has to be looked at again.
    Broken,
}

/// A decoder that remembers a half-read character.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    begun: [u8; 4],
    length: usize,
}

impl Decoder {
    /// The bytes of a half-read character.
    pub(super) fn begun(&self) -> &[u8] {
        &self.begun[..self.length]
    }

    /// Takes one byte. An ASCII byte with nothing begun is a character at once.
    pub(super) fn take(&mut self, byte: u8) -> Decoded {
        if self.length == 0 {
            return match byte {
                0..=0x7F => Decoded::Character(char::from(byte)),
                0xC2..=0xF4 => {
                    self.begun[0] = byte;
                    self.length = 1;
                    Decoded::Unfinished
                }
                _ => Decoded::Character(char::REPLACEMENT_CHARACTER),
            };
        }
        let first = self.begun[0];
        let allowed = match (self.length, first) {
            (1, 0xE0) => 0xA0..=0xBF,
            (1, 0xED) => 0x80..=0x9F,
            (1, 0xF0) => 0x90..=0xBF,
            (1, 0xF4) => 0x80..=0x8F,
            _ => 0x80..=0xBF,
        };
        if !allowed.contains(&byte) {
            self.length = 0;
            return Decoded::Broken;
        }
        self.begun[self.length] = byte;
        self.length += 1;
        let needed = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            _ => 4,
        };
        if self.length < needed {
            return Decoded::Unfinished;
        }
        let character = std::str::from_utf8(self.begun()).ok().and_then(|text| text.chars().next());
        self.length = 0;
        Decoded::Character(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
