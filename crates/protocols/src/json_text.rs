//! JSON written by hand where it is hot: strings and whole numbers, straight into a byte buffer.
//!
//! It writes what `serde_json` writes, byte for byte.

const HEX: &[u8; 16] = b"0123456789abcdef";
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Appends `bytes` as the inside of a JSON string. What is not UTF-8 becomes U+FFFD, one per
/// maximal broken part, as [`String::from_utf8_lossy`] does it.
pub fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + bytes.len() / 8);
    if std::str::from_utf8(bytes).is_ok() {
        return escape_valid(bytes, out);
    }
    for chunk in bytes.utf8_chunks() {
        escape_valid(chunk.valid().as_bytes(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Appends a whole number.
pub fn number(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

fn escape_valid(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(place) = first_special(text) {
        out.extend_from_slice(&text[..place]);
        escape_one(text[place], out);
        text = &text[place + 1..];
    }
    out.extend_from_slice(text);
}

fn escape_one(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Where the first byte stands that cannot be in a JSON string as it is. Looks at eight at a time:
/// in `marks` the lowest set bit is exact, and only that one is used.
fn first_special(text: &[u8]) -> Option<usize> {
    let mut words = text.chunks_exact(8);
    for (index, word) in words.by_ref().enumerate() {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        let word = u64::from_le_bytes(eight);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let marks = (control | zero_bytes(word ^ (ONES * u64::from(b'"'))))
            | zero_bytes(word ^ (ONES * u64::from(b'\\')));
        if marks & HIGHS != 0 {
            return Some(index * 8 + (marks & HIGHS).trailing_zeros() as usize / 8);
        }
    }
    let rest = words.remainder();
    let place = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    place.map(|place| text.len() - rest.len() + place)
}

fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8]) {
        let mut written = vec![b'"'];
        escape(bytes, &mut written);
        written.push(b'"');
        let expected = serde_json::to_string(&String::from_utf8_lossy(bytes)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn any_bytes_are_escaped_as_serde_json_does(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            check(&bytes);
        }

        #[test]
        fn any_text_is_escaped_as_serde_json_does(text in "[ -~\\\\\"\n\t\u{1b}é€😀\u{7f}]{0,60}") {
            check(text.as_bytes());
        }

        #[test]
        fn numbers_are_decimal(value: u64) {
            let mut written = Vec::new();
            number(value, &mut written);
            prop_assert_eq!(written, value.to_string().into_bytes());
        }
    }

    #[test]
    fn every_byte_in_every_place_is_escaped() {
        for byte in 0..=255 {
            for place in 0..17 {
                let mut bytes = [b'x'; 17];
                bytes[place] = byte;
                check(&bytes);
            }
        }
        check(b"\xf0\x9f\x98 cut \xe2\x82");
    }
}
