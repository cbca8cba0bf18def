//! Output records as bytes: a fixed header and what the process wrote, several in one binary message.

use pilothouse_core::streams::Channel;

/// How many bytes come before a record's payload.
pub const HEADER: usize = 29;

/// What a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes of the process's standard output.
    Stdout,
    /// Bytes of the process's standard error.
    Stderr,
    /// Bytes of a PTY.
    Terminal,
    /// Where a checkpoint is: columns and rows as `u16`, then the snapshot. Takes no room in the log.
    Checkpoint,
    /// A kind of a later version; skipped.
    Unknown(u8),
}

impl Kind {
    /// The number in the header.
    pub fn number(self) -> u8 {
        match self {
            Self::Stdout => 1,
            Self::Stderr => 2,
            Self::Terminal => 3,
            Self::Checkpoint => 5,
            Self::Unknown(number) => number,
        }
    }

    /// The kind of that number.
    pub fn numbered(number: u8) -> Self {
        match number {
            1 => Self::Stdout,
            2 => Self::Stderr,
            3 => Self::Terminal,
            5 => Self::Checkpoint,
            other => Self::Unknown(other),
        }
    }

    /// Which output of the process it carries, if it carries any.
    pub fn channel(self) -> Option<Channel> {
        match self {
            Self::Stdout => Some(Channel::Stdout),
            Self::Stderr => Some(Channel::Stderr),
            Self::Terminal => Some(Channel::Terminal),
            Self::Checkpoint | Self::Unknown(_) => None,
        }
    }
}

impl From<Channel> for Kind {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Stdout => Self::Stdout,
            Channel::Stderr => Self::Stderr,
            Channel::Terminal => Self::Terminal,
        }
    }
}

/// One record inside a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// Which stream, as a `lane` message named it.
    pub lane: u32,
    /// What it carries.
    pub kind: Kind,
    /// The stream's epoch.
    pub epoch: u32,
    /// How many bytes of the log come before it.
    pub position: u64,
    /// Its number in the log.
    pub sequence: u64,
    /// What the process wrote.
    pub bytes: &'a [u8],
}

/// Why a binary message is not a row of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Less than a header is left.
    #[error("a record's header is cut off")]
    Header,
    /// The header promises more bytes than there are.
    #[error("a record's bytes are cut off")]
    Bytes,
    /// A position that cannot be counted.
    #[error("a record ends beyond the largest position")]
    Position,
}

/// Appends one record to a message.
///
/// A record longer than `u32::MAX` cannot be expressed; whoever cuts records keeps them far below.
pub fn encode(record: &RawRecord<'_>, message: &mut Vec<u8>) {
    let length = u32::try_from(record.bytes.len()).expect("records are cut long before 4 GiB");
    message.reserve(HEADER + record.bytes.len());
    message.extend_from_slice(&record.lane.to_le_bytes());
    message.push(record.kind.number());
    message.extend_from_slice(&record.epoch.to_le_bytes());
    message.extend_from_slice(&record.position.to_le_bytes());
    message.extend_from_slice(&record.sequence.to_le_bytes());
    message.extend_from_slice(&length.to_le_bytes());
    message.extend_from_slice(record.bytes);
}

/// The records of a binary message, in order. Ends after the first that is malformed.
pub fn decode(message: &[u8]) -> Records<'_> {
    Records { rest: message }
}

/// See [`decode`].
#[derive(Debug, Clone)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RawRecord<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = take(&mut self.rest);
        if record.is_err() {
            self.rest = &[];
        }
        Some(record)
    }
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<RawRecord<'a>, Malformed> {
    let lane = u32::from_le_bytes(field(rest)?);
    let [kind] = field(rest)?;
    let epoch = u32::from_le_bytes(field(rest)?);
    let position = u64::from_le_bytes(field(rest)?);
    let sequence = u64::from_le_bytes(field(rest)?);
    let length = u32::from_le_bytes(field(rest)?);
    let (bytes, after) = rest.split_at_checked(length as usize).ok_or(Malformed::Bytes)?;
    position.checked_add(u64::from(length)).ok_or(Malformed::Position)?;
    *rest = after;
    Ok(RawRecord { lane, kind: Kind::numbered(kind), epoch, position, sequence, bytes })
}

fn field<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (field, after) = rest.split_first_chunk().ok_or(Malformed::Header)?;
    *rest = after;
    Ok(*field)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bytes_on_the_wire_are_as_documented() {
        let mut message = Vec::new();
        encode(
            &RawRecord {
                lane: 7,
                kind: Kind::Stderr,
                epoch: 1,
                position: 258,
                sequence: 3,
                bytes: b"no",
            },
            &mut message,
        );
        #[rustfmt::skip]
        assert_eq!(message, [
            7, 0, 0, 0,  2,  1, 0, 0, 0,  2, 1, 0, 0, 0, 0, 0, 0,  3, 0, 0, 0, 0, 0, 0, 0,  2, 0, 0, 0,
            b'n', b'o',
        ]);
        assert_eq!(message.len(), HEADER + 2);
    }

    #[test]
    fn cut_messages_are_refused_where_they_are_cut() {
        let mut message = Vec::new();
        let record = RawRecord {
            lane: 1,
            kind: Kind::Stdout,
            epoch: 0,
            position: 0,
            sequence: 1,
            bytes: b"abc",
        };
        encode(&record, &mut message);
        let end = message.len();
        let error = |length: usize| decode(&message[..length]).next().and_then(Result::err);
        assert_eq!(error(HEADER - 1), Some(Malformed::Header));
        assert_eq!(error(end - 1), Some(Malformed::Bytes));
        assert_eq!(error(end), None);
        message[9..17].fill(0xff);
        assert_eq!(decode(&message).next(), Some(Err(Malformed::Position)));
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_decoded(
            records in prop::collection::vec(
                (any::<u32>(), any::<u8>(), any::<u32>(), 0..u64::MAX / 2, any::<u64>(),
                 prop::collection::vec(any::<u8>(), 0..50)), 0..8)
        ) {
            let records: Vec<_> = records.iter().map(|(lane, kind, epoch, position, sequence, bytes)| RawRecord {
                lane: *lane, kind: Kind::numbered(*kind), epoch: *epoch, position: *position,
                sequence: *sequence, bytes,
            }).collect();
            let mut message = Vec::new();
            for record in &records {
                encode(record, &mut message);
            }
            prop_assert_eq!(decode(&message).collect::<Result<Vec<_>, _>>(), Ok(records));
        }

        #[test]
        fn no_message_makes_it_panic(message in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&message).count();
        }
    }
}
