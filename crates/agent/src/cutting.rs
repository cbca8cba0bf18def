//! Where output may be cut: after whole characters, and not inside an escape sequence.
//!
//! Pure. Every function takes bytes that begin at such a border.

/// How far an escape sequence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    /// Not in one.
    None,
    /// After ESC, perhaps with intermediate bytes.
    Escape,
    /// After `ESC [`.
    Control,
    /// In a string that ends with BEL or `ESC \`: title, link, device control.
    Text,
    /// In such a string after an ESC.
    TextEscape,
}

impl Sequence {
    #[expect(clippy::match_same_arms, reason = "the arms are in the order in which they decide")]
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            // ESC begins anew wherever it comes, except that in a string it may be half of its end.
            (Self::Text, 0x1b) => Self::TextEscape,
            (_, 0x1b) => Self::Escape,
            // CAN and SUB cancel every sequence.
            (Self::None, _) | (_, 0x18 | 0x1a) => Self::None,
            (Self::Escape | Self::TextEscape, b'[') => Self::Control,
            (Self::Escape | Self::TextEscape, b']' | b'P' | b'X' | b'^' | b'_') => Self::Text,
            (Self::Escape, 0x20..=0x2f) => Self::Escape,
            (Self::Control, 0x00..=0x3f) => Self::Control,
            (Self::Text, 0x07) => Self::None,
            (Self::Text, _) => Self::Text,
            (Self::Escape | Self::Control | Self::TextEscape, _) => Self::None,
        }
    }
}

/// The length of the longest beginning that ends at a border.
pub(crate) fn whole(bytes: &[u8]) -> usize {
    let mut border = 0;
    let mut rest = bytes;
    // Most output has no escape sequences; looking for the next ESC is much faster than walking.
    while let Some(start) = rest.iter().position(|byte| *byte == 0x1b) {
        border += start;
        let mut state = Sequence::None;
        let length = rest[start..].iter().position(|byte| {
            state = state.after(*byte);
            state == Sequence::None
        });
        let Some(length) = length else { return border };
        border += length + 1;
        rest = &bytes[border..];
    }
    border + whole_characters(rest)
}

/// The length of the longest beginning of at most `limit` bytes that ends at a border.
///
/// If there is no border within the limit, whole characters have to do; if there are none, bytes.
pub(crate) fn within(bytes: &[u8], limit: usize) -> usize {
    let bytes = &bytes[..bytes.len().min(limit)];
    [whole(bytes), whole_characters(bytes)].into_iter().find(|end| *end > 0).unwrap_or(bytes.len())
}

/// The length without a last character that is not complete. Invalid bytes count as complete.
fn whole_characters(bytes: &[u8]) -> usize {
    let longest_tail = bytes.len().saturating_sub(3);
    let lead = (longest_tail..bytes.len()).rev().find(|at| bytes[*at] & 0xc0 != 0x80);
    let Some(lead) = lead else { return bytes.len() };
    match std::str::from_utf8(&bytes[lead..]) {
        Err(error) if error.error_len().is_none() => lead,
        Ok(_) | Err(_) => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn output_is_whole_up_to_the_last_border() {
        for (bytes, expect) in [
            ("", 0),
            ("plain", 5),
            ("caf\u{e9}", 5),
            ("a\x1b", 1),
            ("a\x1b[", 1),
            ("a\x1b[1;3", 1),
            ("a\x1b[1;31m", 8),
            ("a\x1b[1;31mb\x1b[", 9),
            ("a\x1b(", 1),
            ("a\x1b(B", 4),
            ("a\x1b]0;title", 1),
            ("a\x1b]0;title\x07", 11),
            ("a\x1b]0;title\x1b", 1),
            ("a\x1b]0;title\x1b\\", 12),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\.", 27),
            ("a\x1bPq#1\x1b\\z", 9),
            ("a\x1b[3\x18b", 6),
            ("a\x1b\x1b[m", 5),
            ("\x1b7", 2),
        ] {
            assert_eq!(whole(bytes.as_bytes()), expect, "{bytes:?}");
        }
    }

    #[test]
    fn characters_are_not_cut_and_invalid_bytes_do_not_wait() {
        for (bytes, expect) in [
            (&b"caf\xc3"[..], 3),
            (b"\xe2\x82", 0),
            (b"x\xf0\x9f\x98", 1),
            (b"x\xf0\x9f\x98\x80", 5),
            (b"\xff", 1),
            (b"a\x80\x80\x80\x80", 5),
            (b"\xc3\x28", 2),
            (b"\xc0", 1),
        ] {
            assert_eq!(whole(bytes), expect, "{bytes:?}");
        }
    }

    #[test]
    fn a_limit_is_kept_even_where_there_is_no_border() {
        assert_eq!(within(b"abcdef", 4), 4);
        assert_eq!(within("aaa\u{e9}".as_bytes(), 4), 3);
        assert_eq!(within(b"ab\x1b[31mcd", 4), 2);
        assert_eq!(within(b"\x1b]0;a very long title", 6), 6);
        assert_eq!(within("\x1b]0;\u{20ac}".as_bytes(), 5), 4);
        assert_eq!(within("\u{20ac}".as_bytes(), 2), 2);
    }

    proptest! {
        #[test]
        fn cutting_text_anywhere_leaves_text(text in "(\u{1b}\\[[0-9;]{0,4}m|[a-zé€😀]){0,30}", at in 0usize..200) {
            let end = whole(&text.as_bytes()[..at.min(text.len())]);
            prop_assert!(std::str::from_utf8(&text.as_bytes()[..end]).is_ok());
            prop_assert_eq!(whole(&text.as_bytes()[..end]), end);
            prop_assert_eq!(whole(text.as_bytes()), text.len());
        }

        #[test]
        fn a_cut_always_moves_on_and_keeps_the_limit(
            bytes in prop::collection::vec(prop_oneof![Just(0x1b), Just(b'['), Just(b']'), any::<u8>()], 1..80),
            limit in 1usize..90,
        ) {
            let end = within(&bytes, limit);
            prop_assert!(end >= 1 && end <= limit && end <= bytes.len());
            prop_assert!(whole(&bytes) <= bytes.len());
        }
    }
}
