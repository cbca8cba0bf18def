//! What a worker printed before somebody came, as one message.

use pilothouse_core::streams::{Begun, Record};

use super::{
    messages::HistoryRange,
    terminal::{Terminal, missing},
};
use crate::{
    LogPage, Past, Start, TerminalLanguage,
    json_text::{escape, number},
};

/// What resets a terminal. Checkpoints begin with it too.
const RESET: &[u8] = b"\x1bc";

impl TerminalLanguage for Terminal {
    /// The `history` message. Without offsets there is none where there was no output.
    fn past(&self, past: &Past) -> Option<Vec<u8>> {
        let (from, screen, replaces) = match &past.start {
            Start::Checkpoint(checkpoint) => (checkpoint.position, &checkpoint.bytes[..], true),
            Start::Continued(from) => (*from, &b""[..], false),
            // Who comes back may have something on the screen.
            Start::Empty(from) => (*from, if self.with_offsets { b"" } else { RESET }, true),
        };
        // A screen may end inside of a character, too.
        let text = joined(screen, &past.records, from, past.position);
        // What is begun comes with the rest of it, in the first live event.
        let begun = Begun::at_end_of(&text).as_bytes().len();
        let text = &text[..text.len() - begun];
        let offset = past.position.saturating_sub(begun as u64).max(from);
        let has_log = text.len() > screen.len();
        let has_screen = matches!(past.start, Start::Checkpoint(_));
        if !self.with_offsets && !has_log && !has_screen {
            return None;
        }
        let mut out = Vec::with_capacity(text.len() + text.len() / 8 + 128);
        out.extend_from_slice(br#"{"type":"history","data":""#);
        escape(text, &mut out);
        out.push(b'"');
        if self.with_offsets {
            out.extend_from_slice(br#","startOffset":"#);
            number(from, &mut out);
            out.extend_from_slice(br#","offset":"#);
            number(offset, &mut out);
            out.extend_from_slice(br#","epoch":"#);
            number(u64::from(past.epoch), &mut out);
            let replaces: &[u8] = if replaces { b"true" } else { b"false" };
            out.extend_from_slice(br#","replaces":"#);
            out.extend_from_slice(replaces);
        }
        out.push(b'}');
        Some(out)
    }
}

/// The screen, and behind it the log from `from` to `to`, with words where something of it is not there. Joined before it is decoded, so that
/// a character may lie across two records.
fn joined(screen: &[u8], records: &[Record], from: u64, to: u64) -> Vec<u8> {
    let bytes: usize = records.iter().map(|record| record.bytes.len()).sum();
    let mut log = Vec::with_capacity(screen.len() + bytes);
    log.extend_from_slice(screen);
    let mut next = from;
    for record in records.iter().filter(|record| record.end() > from && record.position < to) {
        if record.position > next {
            log.extend_from_slice(missing(record.position - next).as_bytes());
        }
        log.extend_from_slice(part(record, next, to));
        next = record.end().min(to);
    }
    if next < to {
        log.extend_from_slice(missing(to - next).as_bytes());
    }
    log
}

/// What of a record lies between two places of its log.
fn part(record: &Record, from: u64, to: u64) -> &[u8] {
    let place = |at: u64| {
        let inside = usize::try_from(at.saturating_sub(record.position)).unwrap_or(usize::MAX);
        inside.min(record.bytes.len())
    };
    let (first, last) = (place(from), place(to));
    &record.bytes[first..last.max(first)]
}

/// The `history-range` message: the first piece without a hole of what was asked for.
pub(super) fn range(page: &LogPage, from: u64, to: u64) -> HistoryRange {
    let mut log = Vec::new();
    let mut place: Option<(u64, u64)> = None;
    for record in page.records.iter().filter(|record| record.end() > from && record.position < to) {
        if place.is_some_and(|(_, end)| end != record.position) {
            break;
        }
        let start = place.map_or(record.position.max(from), |(start, _)| start);
        log.extend_from_slice(part(record, from, to));
        place = Some((start, record.end().min(to)));
    }
    let (start_offset, end_offset) = place.unwrap_or((from, from));
    HistoryRange {
        data: String::from_utf8_lossy(&log).into_owned(),
        start_offset,
        end_offset,
        first_offset: page.first,
        epoch: page.stream.epoch,
    }
}
