//! What is in a spool's file: entries, each with a header of eight bytes.
//!
//! `begin` comes first and says where the log is and how many raw entries are carried over from the
//! file before. `raw` is what was read from a process, as it was read. `cut` makes records of the raw
//! bytes before it: each piece takes the next bytes of its channel. Numbers are little endian.
//!
//! A checksum covers all but the bytes of `raw` entries: what is damaged is not taken for a position.

use pilothouse_core::streams::Channel;
use pilothouse_protocols::agent_link::records::Kind;

use super::Cursor;

/// Bytes before an entry's payload: kind, channel, two of checksum, length.
pub(super) const HEADER: usize = 8;
/// Bytes of one piece in a cut.
const PIECE: usize = 12;

const BEGIN: u8 = 1;
const RAW: u8 = 2;
const CUT: u8 = 3;

/// The largest position and number: what the link can express. More is damage.
const LARGEST: u64 = (1 << 53) - 1;

/// One record of a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CutPiece {
    /// Which output of the process.
    pub(super) channel: Channel,
    /// How many bytes the record has.
    pub(super) length: u32,
    /// How many of them are in raw entries. Fewer: the disk did not take the rest, and the record is lost.
    pub(super) raw: u32,
}

/// One entry as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    Begin {
        at: Cursor,
        carried: u32,
    },
    /// `offset` is where the bytes begin in the file.
    Raw {
        channel: Channel,
        offset: u64,
        bytes: &'a [u8],
    },
    /// The first record is at `at`.
    Cut {
        at: Cursor,
        pieces: Vec<CutPiece>,
    },
}

/// How reading ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rest<'a> {
    /// Where the first entry begins that is not whole.
    pub(super) offset: u64,
    /// What there is of a raw entry's bytes, if it is one that is torn.
    pub(super) torn: Option<(Channel, &'a [u8])>,
}

/// Reads whole entries, and says what is behind them.
pub(super) fn parse(content: &[u8]) -> (Vec<Entry<'_>>, Rest<'_>) {
    let mut entries = Vec::new();
    let mut offset = 0;
    loop {
        let rest = Rest { offset: offset as u64, torn: None };
        let Some(header) = content.get(offset..offset + HEADER) else { return (entries, rest) };
        if header[0] == RAW && !is_sound(header, &[]) {
            return (entries, rest);
        }
        let length = u32_at(header, 4) as usize;
        let start = offset + HEADER;
        let Some(payload) = start.checked_add(length).and_then(|end| content.get(start..end))
        else {
            let channel = Kind::numbered(header[1]).channel().filter(|_| header[0] == RAW);
            let torn = channel.map(|channel| (channel, &content[start..]));
            return (entries, Rest { torn, ..rest });
        };
        let Some(entry) = entry(header, payload, start as u64) else { return (entries, rest) };
        entries.push(entry);
        offset = start + length;
    }
}

fn entry<'a>(header: &[u8], payload: &'a [u8], offset: u64) -> Option<Entry<'a>> {
    match header[0] {
        BEGIN if payload.len() == 20 && is_sound(header, payload) => {
            Some(Entry::Begin { at: cursor(payload)?, carried: u32_at(payload, 16) })
        }
        RAW => {
            let channel = Kind::numbered(header[1]).channel()?;
            Some(Entry::Raw { channel, offset, bytes: payload })
        }
        CUT if payload.len() >= 16
            && (payload.len() - 16).is_multiple_of(PIECE)
            && is_sound(header, payload) =>
        {
            let pieces = payload[16..].chunks_exact(PIECE).map(|piece| {
                let channel = Kind::numbered(piece[0]).channel()?;
                Some(CutPiece { channel, length: u32_at(piece, 4), raw: u32_at(piece, 8) })
            });
            Some(Entry::Cut { at: cursor(payload)?, pieces: pieces.collect::<Option<_>>()? })
        }
        _ => None,
    }
}

/// Appends a `begin`.
pub(super) fn put_begin(out: &mut Vec<u8>, at: Cursor, carried: u32) {
    let mut payload = Vec::with_capacity(20);
    put_cursor(&mut payload, at);
    payload.extend_from_slice(&carried.to_le_bytes());
    put_header(out, BEGIN, 0, payload.len(), &payload);
    out.extend_from_slice(&payload);
}

/// Appends a `raw`. Reads are far smaller than 4 GiB.
pub(super) fn put_raw(out: &mut Vec<u8>, channel: Channel, bytes: &[u8]) {
    put_header(out, RAW, Kind::from(channel).number(), bytes.len(), &[]);
    out.extend_from_slice(bytes);
}

/// Appends a `cut`.
pub(super) fn put_cut(out: &mut Vec<u8>, at: Cursor, pieces: &[CutPiece]) {
    let mut payload = Vec::with_capacity(16 + PIECE * pieces.len());
    put_cursor(&mut payload, at);
    for piece in pieces {
        payload.extend_from_slice(&[Kind::from(piece.channel).number(), 0, 0, 0]);
        payload.extend_from_slice(&piece.length.to_le_bytes());
        payload.extend_from_slice(&piece.raw.to_le_bytes());
    }
    put_header(out, CUT, 0, payload.len(), &payload);
    out.extend_from_slice(&payload);
}

/// `covered` is what the checksum covers besides the header.
fn put_header(out: &mut Vec<u8>, kind: u8, channel: u8, length: usize, covered: &[u8]) {
    let length = u32::try_from(length).expect("entries are far smaller than 4 GiB");
    let mut header = [kind, channel, 0, 0, 0, 0, 0, 0];
    header[4..].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(&header, covered);
    header[2..4].copy_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(&header);
}

fn is_sound(header: &[u8], covered: &[u8]) -> bool {
    header.get(2..4) == Some(&checksum(header, covered).to_le_bytes())
}

/// FNV-1a over all but the checksum's own place, folded to half of its width.
fn checksum(header: &[u8], covered: &[u8]) -> u16 {
    let own = header.iter().enumerate().filter(|(place, _)| !(2..4).contains(place));
    let bytes = own.map(|(_, byte)| byte).chain(covered);
    let hash = bytes
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = hash.to_le_bytes();
    u16::from_le_bytes([a ^ c, b ^ d])
}

fn put_cursor(out: &mut Vec<u8>, at: Cursor) {
    out.extend_from_slice(&at.position.to_le_bytes());
    out.extend_from_slice(&at.sequence.to_le_bytes());
}

fn cursor(payload: &[u8]) -> Option<Cursor> {
    let cursor = Cursor { position: u64_at(payload, 0), sequence: u64_at(payload, 8) };
    (cursor.position.max(cursor.sequence) <= LARGEST).then_some(cursor)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok());
    eight.map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: Cursor = Cursor { position: 7, sequence: 3 };

    fn sample() -> Vec<u8> {
        let mut file = Vec::new();
        put_begin(&mut file, AT, 1);
        put_raw(&mut file, Channel::Stdout, b"abc");
        put_raw(&mut file, Channel::Stderr, b"de");
        let piece = |channel, length| CutPiece { channel, length, raw: length };
        put_cut(&mut file, AT, &[piece(Channel::Stdout, 2), piece(Channel::Stderr, 2)]);
        file
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = sample();
        let (entries, rest) = parse(&file);
        assert_eq!(rest, Rest { offset: file.len() as u64, torn: None });
        assert_eq!(entries[0], Entry::Begin { at: AT, carried: 1 });
        assert_eq!(entries[1], Entry::Raw { channel: Channel::Stdout, offset: 36, bytes: b"abc" });
        let Entry::Cut { at, pieces } = &entries[3] else { panic!("{entries:?}") };
        assert_eq!((*at, pieces.len(), pieces[1].channel), (AT, 2, Channel::Stderr));
    }

    #[test]
    fn a_torn_read_keeps_what_is_there_of_it() {
        let file = sample();
        let (entries, rest) = parse(&file[..38]);
        assert_eq!(entries.len(), 1);
        assert_eq!(rest, Rest { offset: 28, torn: Some((Channel::Stdout, b"ab")) });
        assert_eq!(parse(&file[..30]).1, Rest { offset: 28, torn: None });
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(content in prop::collection::vec(any::<u8>(), 0..300)) {
            let (_, rest) = parse(&content);
            prop_assert!(rest.offset <= content.len() as u64);
        }
    }
}
