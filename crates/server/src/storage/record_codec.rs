//! How the records of a group lie in one blob: for each a channel byte, its length as four bytes (little end first), its bytes.

use bytes::{Buf, BufMut, Bytes};
use pilothouse_core::streams::{Channel, StoredRecord};

use super::failure::Failure;

/// A channel byte and a length.
const HEADER: usize = 5;

/// The blob of some records.
pub(super) fn encode(records: &[StoredRecord]) -> Vec<u8> {
    let size = records.iter().map(|record| HEADER + record.bytes.len()).sum();
    let mut blob = Vec::with_capacity(size);
    for record in records {
        let length =
            u32::try_from(record.bytes.len()).expect("a record is cut to far less than 4 GiB");
        blob.put_u8(channel_byte(record.channel));
        blob.put_u32_le(length);
        blob.put_slice(&record.bytes);
    }
    blob
}

/// The records of a blob. They share its memory.
pub(super) fn decode(blob: Vec<u8>) -> Result<Vec<StoredRecord>, Failure> {
    let mut rest = Bytes::from(blob);
    let mut records = Vec::new();
    while rest.has_remaining() {
        if rest.remaining() < HEADER {
            return Err(damaged("ends inside a header"));
        }
        let channel = channel(rest.get_u8())?;
        let length = rest.get_u32_le() as usize;
        if rest.remaining() < length {
            return Err(damaged("ends inside a record"));
        }
        records.push(StoredRecord { channel, bytes: rest.split_to(length) });
    }
    Ok(records)
}

fn channel_byte(channel: Channel) -> u8 {
    match channel {
        Channel::Stdout => 1,
        Channel::Stderr => 2,
        Channel::Terminal => 3,
    }
}

fn channel(byte: u8) -> Result<Channel, Failure> {
    match byte {
        1 => Ok(Channel::Stdout),
        2 => Ok(Channel::Stderr),
        3 => Ok(Channel::Terminal),
        _ => Err(damaged("names an unknown channel")),
    }
}

fn damaged(how: &str) -> Failure {
    Failure::Corrupt(format!("a group of output {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_records() -> Vec<StoredRecord> {
        let record =
            |channel, text: &'static str| StoredRecord { channel, bytes: Bytes::from(text) };
        vec![
            record(Channel::Stdout, "hello"),
            record(Channel::Stderr, ""),
            record(Channel::Terminal, "\u{1b}[1m\0"),
        ]
    }

    #[test]
    fn records_come_back_as_they_were() {
        assert_eq!(decode(encode(&some_records())).unwrap(), some_records());
        assert_eq!(decode(Vec::new()).unwrap(), Vec::new());
    }

    #[test]
    fn the_layout_is_fixed() {
        let blob = encode(&some_records()[..2]);
        assert_eq!(blob, b"\x01\x05\0\0\0hello\x02\0\0\0\0");
    }

    #[test]
    fn a_damaged_blob_is_refused() {
        let whole = encode(&some_records());
        let borders = [0, 10, 15, whole.len()];
        for end in (0..whole.len()).filter(|end| !borders.contains(end)) {
            assert!(
                matches!(decode(whole[..end].to_vec()), Err(Failure::Corrupt(_))),
                "cut at {end}"
            );
        }
        let mut unknown_channel = whole.clone();
        unknown_channel[0] = 9;
        assert!(decode(unknown_channel).is_err());
        let mut too_long = whole;
        too_long[4] = 0xff;
        assert!(decode(too_long).is_err());
    }
}
