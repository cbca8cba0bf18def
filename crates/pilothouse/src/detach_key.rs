//! The key that leaves a terminal, as people write it: `ctrl-]`, `^A`.

use std::{fmt, str::FromStr};

/// One control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DetachKey(u8);

impl DetachKey {
    /// What the terminal sends for it.
    pub(crate) fn byte(self) -> u8 {
        self.0
    }
}

impl FromStr for DetachKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let prefix = text.get(..5).filter(|prefix| prefix.eq_ignore_ascii_case("ctrl-"));
        let key = prefix.map(|_| &text[5..]).or_else(|| text.strip_prefix('^'));
        match key.map(|key| key.to_ascii_uppercase().into_bytes()).as_deref() {
            // Enter, Tab and Escape are those of every program.
            Some(b"M" | b"I" | b"[" | b"J") => Err("that key is needed; choose another one"),
            Some(&[key @ b'@'..=b'_']) => Ok(Self(key & 0x1f)),
            _ => Err("write it like ctrl-] or ^A"),
        }
    }
}

impl fmt::Display for DetachKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ctrl-{}", char::from(self.0 | 0x40))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_people_write_it() {
        for (text, byte) in
            [("ctrl-]", 0x1d), ("Ctrl-a", 1), ("^A", 1), ("^\\", 0x1c), ("ctrl-@", 0)]
        {
            assert_eq!(text.parse::<DetachKey>().map(DetachKey::byte), Ok(byte), "{text}");
        }
        for bad in ["", "a", "ctrl-", "ctrl-ab", "^[", "ctrl-m", "ctrl-1", "^ä", "ctrl"] {
            assert!(bad.parse::<DetachKey>().is_err(), "{bad}");
        }
        assert_eq!(DetachKey(0x1d).to_string(), "Ctrl-]");
    }
}
