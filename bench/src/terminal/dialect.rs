//! How a server's terminals are spoken to, and how it writes their output.

use crate::generator::client_message;

/// One way to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The bytes of the terminal and nothing else.
    Bare,
    /// JSON with `type` and `data`, as the product and the servers in JavaScript speak.
    Messages,
    /// Terminado's JSON arrays.
    Arrays,
}

/// What a message from a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// What the terminal printed.
    Output,
    /// The terminal's state anew, instead of what was printed meanwhile.
    Resync,
    /// Anything else.
    Other,
}

impl Dialect {
    /// What is typed, as it goes over the connection.
    pub(super) fn input(self, text: &str) -> Vec<u8> {
        let message = match self {
            Self::Bare => return text.as_bytes().to_vec(),
            Self::Messages => serde_json::json!({ "type": "input", "data": text }),
            Self::Arrays => serde_json::json!(["stdin", text]),
        };
        client_message(1, message.to_string().as_bytes())
    }

    /// What stands before and behind the text in a message of output.
    fn envelope(self) -> (&'static str, &'static str) {
        match self {
            Self::Bare => ("", ""),
            Self::Messages => ("{\"type\":\"output\",\"data\":\"", "\"}"),
            Self::Arrays => ("[\"stdout\", \"", "\"]"),
        }
    }

    /// How many bytes of a message of output are not text.
    pub(super) fn envelope_size(self) -> usize {
        let (before, behind) = self.envelope();
        before.len() + behind.len()
    }

    /// What a message is, by its beginning.
    pub(super) fn sort(self, beginning: &[u8]) -> Sort {
        if beginning.starts_with(self.envelope().0.as_bytes()) {
            Sort::Output
        } else if self == Self::Messages && beginning.starts_with(b"{\"type\":\"history\"") {
            Sort::Resync
        } else {
            Sort::Other
        }
    }

    /// The text of a message of output.
    pub(super) fn text(self, message: &[u8]) -> Option<&[u8]> {
        let (before, behind) = self.envelope();
        message.strip_prefix(before.as_bytes())?.strip_suffix(behind.as_bytes())
    }

    /// How many bytes that text is in messages of output, however it is cut.
    pub(super) fn written(self, text: &str) -> usize {
        match self {
            Self::Bare => text.len(),
            Self::Messages => text.chars().map(|letter| escaped(letter, letter.len_utf8())).sum(),
            // Python writes whatever is not ASCII as one or two `\uXXXX`.
            Self::Arrays => {
                text.chars().map(|letter| escaped(letter, 6 * letter.len_utf16())).sum()
            }
        }
    }
}

/// How long a character is in JSON; `beyond` if it is not ASCII.
fn escaped(letter: char, beyond: usize) -> usize {
    match letter {
        '"' | '\\' | '\n' | '\r' | '\t' | '\x08' | '\x0c' => 2,
        '\0'..' ' => 6,
        ' '..='\x7f' => 1,
        _ => beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_text_is_that_of_its_json() {
        let text = "\x1b[1m\"tab\t\\\r\n─✻…";
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(Dialect::Messages.written(text), json.len() - 2);
        // What Python's `json.dumps` gives for it.
        let python = "\\u001b[1m\\\"tab\\t\\\\\\r\\n\\u2500\\u273b\\u2026";
        assert_eq!(Dialect::Arrays.written(text), python.len());
        assert_eq!(Dialect::Bare.written(text), text.len());
    }

    #[test]
    fn messages_are_told_apart_by_their_beginnings() {
        let output = b"{\"type\":\"output\",\"data\":\"x\"}";
        assert_eq!(Dialect::Messages.sort(output), Sort::Output);
        assert_eq!(Dialect::Messages.text(output), Some(&b"x"[..]));
        assert_eq!(Dialect::Messages.sort(b"{\"type\":\"history\",\"data\":\"\"}"), Sort::Resync);
        assert_eq!(Dialect::Arrays.sort(b"[\"setup\", {}]"), Sort::Other);
        assert_eq!(Dialect::Arrays.text(b"[\"stdout\", \"x\"]"), Some(&b"x"[..]));
    }
}
