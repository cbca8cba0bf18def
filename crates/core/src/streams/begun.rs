//! What a log ends with inside of a character, so that text need not be made of half of it.

/// The beginning of a character, at most three bytes; mostly none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Begun {
    bytes: [u8; 3],
    length: u8,
}

impl Begun {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// What these bytes end with. Invalid bytes begin nothing.
    pub fn at_end_of(bytes: &[u8]) -> Self {
        let last = bytes.len().saturating_sub(3);
        let lead = (last..bytes.len()).rev().find(|&at| bytes[at] & 0xc0 != 0x80);
        let tail = lead.map_or(&[][..], |lead| &bytes[lead..]);
        match std::str::from_utf8(tail) {
            Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => Self::of(tail),
            Ok(_) | Err(_) => Self::default(),
        }
    }

    /// What is begun when these bytes follow.
    #[must_use]
    pub fn followed_by(self, bytes: &[u8]) -> Self {
        if self.length == 0 || bytes.len() >= 3 {
            return Self::at_end_of(bytes);
        }
        let mut joined = [0; 6];
        let (first, end) = (usize::from(self.length), usize::from(self.length) + bytes.len());
        joined[..first].copy_from_slice(self.as_bytes());
        joined[first..end].copy_from_slice(bytes);
        Self::at_end_of(&joined[..end])
    }

    fn of(tail: &[u8]) -> Self {
        let mut begun = Self::default();
        for (place, byte) in begun.bytes.iter_mut().zip(tail) {
            *place = *byte;
            begun.length += 1;
        }
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_is_known_however_the_bytes_come() {
        let text = "a€é😀\u{7f}z".as_bytes();
        for end in 0..=text.len() {
            let whole = Begun::at_end_of(&text[..end]);
            for piece in 1..5 {
                let after = |begun: Begun, bytes: &[u8]| begun.followed_by(bytes);
                let pieces = text[..end].chunks(piece).fold(Begun::default(), after);
                assert_eq!(pieces, whole, "{end} in pieces of {piece}");
            }
            let shown = end - whole.as_bytes().len();
            assert!(std::str::from_utf8(&text[..shown]).is_ok());
        }
    }

    #[test]
    fn invalid_bytes_begin_nothing() {
        for bytes in [&b"\xff"[..], b"\xc0", b"a\x80\x80\x80", b"\xe2\x28", b"\xf0\x9f\x98\x80"] {
            assert_eq!(Begun::at_end_of(bytes).as_bytes(), b"", "{bytes:?}");
        }
        assert_eq!(Begun::at_end_of(b"\xe2\x82").followed_by(b"x").as_bytes(), b"");
    }
}
