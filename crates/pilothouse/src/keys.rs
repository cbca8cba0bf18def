//! What a person types, as text: characters whole, up to the key that leaves.

use crate::detach_key::DetachKey;

/// Bytes of the keyboard on their way to become text.
#[derive(Debug)]
pub(crate) struct Keys {
    leave: DetachKey,
    /// The beginning of a character whose end has not been read.
    partial: Vec<u8>,
}

/// What a piece of typing is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// What goes to the worker.
    pub(crate) text: String,
    /// Whether the person wants to leave after that.
    pub(crate) leaves: bool,
}

impl Keys {
    pub(crate) fn new(leave: DetachKey) -> Self {
        Self { leave, partial: Vec::new() }
    }

    /// Takes what was read. What is no text at all becomes U+FFFD.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Typed {
        let leave = bytes.iter().position(|byte| *byte == self.leave.byte());
        let mut all = std::mem::take(&mut self.partial);
        all.extend_from_slice(&bytes[..leave.unwrap_or(bytes.len())]);
        if let Err(error) = std::str::from_utf8(&all)
            && error.error_len().is_none()
        {
            self.partial = all.split_off(error.valid_up_to());
        } else if let Some(last) = all.utf8_chunks().last()
            && is_beginning(last.invalid())
        {
            self.partial = all.split_off(all.len() - last.invalid().len());
        }
        Typed { text: String::from_utf8_lossy(&all).into_owned(), leaves: leave.is_some() }
    }
}

/// Whether these are the first bytes of a character.
fn is_beginning(bytes: &[u8]) -> bool {
    !bytes.is_empty() && std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_stay_whole_and_the_key_leaves() {
        let mut keys = Keys::new("ctrl-]".parse().unwrap());
        let mut take = |bytes: &[u8]| {
            let typed = keys.take(bytes);
            (typed.text, typed.leaves)
        };
        assert_eq!(take(b"ls\r"), ("ls\r".into(), false));
        assert_eq!(take(b"a\xe2\x82"), ("a".into(), false));
        assert_eq!(take(b"\xac!"), ("€!".into(), false));
        assert_eq!(take(b"\xffx\xc3"), ("\u{fffd}x".into(), false));
        assert_eq!(take(b"\xa4\x1dnot sent"), ("ä".into(), true));
    }
}
