//! Writing asciicast v3: a header and one JSON array a line, each with the seconds since the one before.

use std::fmt::Write;

use bytes::Bytes;
use pilothouse_core::{sessions::Size, time::Timestamp};

/// The longest beginning of a character in UTF-8, in bytes.
const LONGEST_BEGINNING: usize = 3;

/// A recording that is being written.
pub(super) struct Writer {
    lines: String,
    last: Timestamp,
    /// The beginning of a character whose rest has not come yet.
    beginning: Vec<u8>,
}

impl Writer {
    /// Writes the header.
    pub(super) fn begin(size: Size, title: &str, at: Timestamp) -> Self {
        let header = serde_json::json!({
            "version": 3,
            "term": { "cols": size.columns, "rows": size.rows, "type": "xterm-256color" },
            "timestamp": at.0 / 1000,
            "title": title,
        });
        Self { lines: format!("{header}\n"), last: at, beginning: Vec::new() }
    }

    /// What the process wrote. Bytes that are no UTF-8 become U+FFFD, and a character that was cut is one again.
    pub(super) fn output(&mut self, bytes: &[u8], at: Timestamp) {
        let joined;
        let all = if self.beginning.is_empty() {
            bytes
        } else {
            joined = [&*self.beginning, bytes].concat();
            self.beginning.clear();
            &*joined
        };
        let (whole, beginning) = all.split_at(all.len() - cut_at_end(all));
        self.beginning.extend_from_slice(beginning);
        if !whole.is_empty() {
            self.event("o", &String::from_utf8_lossy(whole), at);
        }
    }

    /// Some output is missing here, so a character that was cut stays cut.
    pub(super) fn interrupt(&mut self, at: Timestamp) {
        if !self.beginning.is_empty() {
            self.beginning.clear();
            self.event("o", "\u{fffd}", at);
        }
    }

    /// The terminal has another size.
    pub(super) fn resize(&mut self, size: Size, at: Timestamp) {
        self.event("r", &format!("{}x{}", size.columns, size.rows), at);
    }

    /// The end, with the exit code if the process ended.
    pub(super) fn finish(&mut self, exit: Option<(i32, Timestamp)>) {
        self.interrupt(self.last);
        if let Some((code, at)) = exit {
            self.event("x", &code.to_string(), at);
        }
    }

    /// What was written since it was taken last.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.lines).into()
    }

    /// Clocks may go back; a recording's time stands still then.
    fn event(&mut self, code: &str, text: &str, at: Timestamp) {
        let passed = at.0.saturating_sub(self.last.0);
        self.last = self.last.max(at);
        let (seconds, milliseconds) = (passed / 1000, passed % 1000);
        let text = serde_json::Value::from(text);
        // Writing into a text cannot fail.
        let _ = writeln!(self.lines, "[{seconds}.{milliseconds:03}, \"{code}\", {text}]");
    }
}

/// How many bytes at the end are the beginning of a character.
fn cut_at_end(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(LONGEST_BEGINNING);
    let begins = (1..=longest).find(|back| bytes[bytes.len() - back] & 0xc0 != 0x80);
    let Some(back) = begins else { return 0 };
    match std::str::from_utf8(&bytes[bytes.len() - back..]) {
        Err(error) if error.valid_up_to() == 0 && error.error_len().is_none() => back,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(work: impl FnOnce(&mut Writer)) -> Vec<(f64, String, String)> {
        let mut writer = Writer::begin(Size { columns: 80, rows: 24 }, "a \"b\"", Timestamp(5_500));
        work(&mut writer);
        let lines = String::from_utf8(writer.take().to_vec()).unwrap();
        let (header, events) = lines.split_once('\n').unwrap();
        let header: serde_json::Value = serde_json::from_str(header).unwrap();
        assert_eq!(header["version"], 3);
        assert_eq!((&header["term"]["cols"], &header["term"]["rows"]), (&80.into(), &24.into()));
        assert_eq!((&header["timestamp"], &header["title"]), (&5.into(), &"a \"b\"".into()));
        events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn events(wanted: &[(f64, &str, &str)]) -> Vec<(f64, String, String)> {
        wanted.iter().map(|(at, code, text)| (*at, (*code).into(), (*text).into())).collect()
    }

    #[test]
    fn times_are_relative_and_never_go_back() {
        let found = written(|writer| {
            writer.output(b"\x1b[1m\"hi\"\r\n", Timestamp(5_507));
            writer.resize(Size { columns: 100, rows: 40 }, Timestamp(7_507));
            writer.output(b"late", Timestamp(6_000));
            writer.finish(Some((137, Timestamp(8_007))));
        });
        assert_eq!(
            found,
            events(&[
                (0.007, "o", "\u{1b}[1m\"hi\"\r\n"),
                (2.0, "r", "100x40"),
                (0.0, "o", "late"),
                (0.5, "x", "137"),
            ])
        );
    }

    #[test]
    fn a_character_that_was_cut_anywhere_is_one_again() {
        let text = "aä€😀z".as_bytes();
        for cut in 0..=text.len() {
            let found = written(|writer| {
                writer.output(&text[..cut], Timestamp(5_500));
                writer.output(&text[cut..], Timestamp(5_500));
                writer.finish(None);
            });
            let all: String = found.iter().map(|(_, _, text)| text.as_str()).collect();
            assert_eq!(all, "aä€😀z", "cut at {cut}");
        }
        let bytewise = written(|writer| {
            for byte in text {
                writer.output(&[*byte], Timestamp(5_500));
            }
        });
        assert_eq!(bytewise.len(), 5);
    }

    #[test]
    fn what_is_no_text_is_shown_as_such() {
        let found = written(|writer| {
            writer.output(b"a\xffb\xe2\x82", Timestamp(5_500));
            writer.interrupt(Timestamp(5_500));
            writer.output(b"c\x80\x80\x80\x80", Timestamp(5_500));
            writer.output(b"\xf0\x9f", Timestamp(5_500));
            writer.finish(None);
        });
        let all: String = found.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(all, "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
    }
}
