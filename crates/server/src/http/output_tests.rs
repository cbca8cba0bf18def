//! Pages of output: what belongs together, and characters that were stored in parts.

use pilothouse_core::ids::CommandId;

use super::*;

fn records(parts: &[(Channel, &[u8], u64)]) -> Vec<(Record, Timestamp)> {
    let stream = StreamKey::command(CommandId::new("cmd-1").unwrap());
    let mut position = 0;
    let numbered = parts.iter().zip(1..).map(|((channel, bytes, at), sequence)| {
        let bytes = Bytes::copy_from_slice(bytes);
        let record =
            Record { stream: stream.clone(), channel: *channel, position, sequence, bytes };
        position = record.end();
        (record, Timestamp(*at))
    });
    numbered.collect()
}

fn page(parts: &[(Channel, &[u8], u64)], is_end: bool) -> (Vec<(&'static str, u64, String)>, u64) {
    let records = records(parts);
    let next = records.last().map_or(0, |(record, _)| record.end());
    let part = Part { records, first: 0, next, is_last: true };
    let OutputReply { output, next, .. } = part.page(None, is_end);
    (output.into_iter().map(|piece| (piece.stream, piece.position, piece.text)).collect(), next)
}

#[test]
fn what_was_stored_together_is_one_piece() {
    use Channel::{Stderr, Stdout};
    let parts: [(_, &[u8], _); 4] =
        [(Stdout, b"a", 1), (Stdout, b"b", 1), (Stderr, b"!", 1), (Stdout, b"c", 2)];
    let expected =
        vec![("stdout", 0, "ab".into()), ("stderr", 2, "!".into()), ("stdout", 3, "c".into())];
    assert_eq!(page(&parts, true), (expected, 4));
}

#[test]
fn a_character_in_two_parts_is_whole_and_one_that_is_begun_comes_later() {
    use Channel::Stdout;
    let parts: [(_, &[u8], _); 2] = [(Stdout, b"x\xe2\x82", 1), (Stdout, b"\xacy\xe2", 2)];
    let expected = vec![("stdout", 0, "x".into()), ("stdout", 1, "€y".into())];
    assert_eq!(page(&parts, false), (expected, 5));
    let (pieces, next) = page(&parts, true);
    assert_eq!((pieces[1].2.as_str(), next), ("€y\u{fffd}", 6));
    assert_eq!(page(&[(Stdout, b"\xe2", 1)], false), (vec![], 0));
}

#[test]
fn a_page_may_begin_inside_of_a_record() {
    let (record, _) = records(&[(Channel::Stdout, b"hello", 1)]).remove(0);
    let rest = cut(record.clone(), 3);
    assert_eq!((rest.position, &rest.bytes[..]), (3, &b"lo"[..]));
    assert_eq!(cut(record.clone(), 0), record);
}

#[test]
fn text_is_wanted_by_word_or_by_field() {
    let accepting = |value: &'static str| {
        let mut fields = HeaderMap::new();
        fields.insert(header::ACCEPT, value.parse().unwrap());
        fields
    };
    let wants = |format, value| wants_text(format, &accepting(value)).ok();
    assert_eq!(wants(None, "text/plain"), Some(true));
    assert_eq!(wants(None, "application/json, text/plain"), Some(false));
    assert_eq!(wants(None, "*/*"), Some(false));
    assert_eq!(wants(Some("text"), "*/*"), Some(true));
    assert_eq!(wants(Some("json"), "text/plain"), Some(false));
    assert_eq!(wants(Some("xml"), "*/*"), None);
}
