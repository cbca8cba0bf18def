//! Appending output: only what lies beyond a stream's stored end is written, so the same group may come twice.

use std::{collections::HashMap, sync::LazyLock};

use pilothouse_core::streams::{StoredGroup, StoredRecord, StreamKey};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    record_codec,
    rows::{ManyRows, integer},
};

static FIND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH wanted (kind, source, epoch) AS (VALUES",
        3,
        ") SELECT streams.kind, streams.source, streams.epoch, streams.next_position FROM wanted \
         JOIN streams ON streams.kind = wanted.kind AND streams.source = wanted.source \
         AND streams.epoch = wanted.epoch",
    )
});

/// A stream that holds nothing begins anew at the appended position; all others only grow.
static EXTEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO streams (kind, source, epoch, first_position, next_position, next_sequence, kept_bytes, \
         oldest_at) VALUES",
        8,
        "ON CONFLICT (kind, source, epoch) DO UPDATE SET \
         first_position = CASE WHEN streams.kept_bytes = 0 THEN excluded.first_position \
         ELSE streams.first_position END, \
         oldest_at = CASE WHEN streams.kept_bytes = 0 THEN excluded.oldest_at ELSE streams.oldest_at END, \
         next_position = excluded.next_position, next_sequence = excluded.next_sequence, \
         kept_bytes = streams.kept_bytes + excluded.kept_bytes \
         RETURNING number, kind, source, epoch",
    )
});

static APPEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO output (stream, position, end_position, sequence, next_sequence, written_at, records) VALUES",
        7,
        "",
    )
});

/// What is new of one group.
struct Fresh {
    position: u64,
    end: u64,
    sequence: u64,
    next_sequence: u64,
    at: u64,
    blob: Vec<u8>,
}

/// What is new of one stream; never empty.
struct Growth<'a> {
    stream: &'a StreamKey,
    groups: Vec<Fresh>,
}

/// Appends groups in order.
pub(super) async fn append(
    connection: &mut AnyConnection,
    groups: &[&StoredGroup],
) -> Result<(), Failure> {
    let growth = growth_of(connection, groups).await?;
    let numbers = extend(connection, &growth).await?;
    let rows: Vec<(i64, &Fresh)> = growth
        .iter()
        .flat_map(|growth| {
            let number = numbers.get(&name(growth.stream)).copied();
            growth.groups.iter().filter_map(move |group| Some((number?, group)))
        })
        .collect();
    APPEND
        .run(connection, &rows, |query, (number, group)| {
            query
                .bind(*number)
                .bind(integer(group.position))
                .bind(integer(group.end))
                .bind(integer(group.sequence))
                .bind(integer(group.next_sequence))
                .bind(integer(group.at))
                .bind(group.blob.clone())
        })
        .await?;
    Ok(())
}

/// A stream's name as its columns tell it.
type Name = (String, String, i64);

fn name(stream: &StreamKey) -> Name {
    (stream.source.kind().to_owned(), stream.source.id().to_owned(), i64::from(stream.epoch))
}

fn name_in(row: &AnyRow) -> Result<Name, Failure> {
    Ok((row.text("kind")?.to_string(), row.text("source")?.to_string(), row.integer("epoch")?))
}

/// Sorts groups by stream, in the order in which streams first appear, and keeps what is beyond the stored ends.
async fn growth_of<'a>(
    connection: &mut AnyConnection,
    groups: &[&'a StoredGroup],
) -> Result<Vec<Growth<'a>>, Failure> {
    let mut places = HashMap::new();
    let mut growth: Vec<Growth<'a>> = Vec::new();
    let mut ends = Vec::new();
    for group in groups {
        places.entry(&group.stream).or_insert_with(|| {
            growth.push(Growth { stream: &group.stream, groups: Vec::new() });
            growth.len() - 1
        });
    }
    let stored = stored_ends(connection, &growth).await?;
    ends.extend(growth.iter().map(|growth| stored.get(&name(growth.stream)).copied().unwrap_or(0)));
    for group in groups {
        let place = places[&group.stream];
        if let Some(fresh) = beyond(group, ends[place]) {
            ends[place] = fresh.end;
            growth[place].groups.push(fresh);
        }
    }
    growth.retain(|growth| !growth.groups.is_empty());
    Ok(growth)
}

async fn stored_ends(
    connection: &mut AnyConnection,
    growth: &[Growth<'_>],
) -> Result<HashMap<Name, u64>, Failure> {
    let rows = FIND
        .run(connection, growth, |query, growth| {
            let (kind, source, epoch) = name(growth.stream);
            query.bind(kind).bind(source).bind(epoch)
        })
        .await?;
    rows.iter().map(|row| Ok((name_in(row)?, row.count("next_position")?))).collect()
}

/// The part of a group that lies beyond `end`, if any. A record across the end is cut there.
fn beyond(group: &StoredGroup, end: u64) -> Option<Fresh> {
    let group_end = group.end();
    if group_end <= end {
        return None;
    }
    let (mut position, mut sequence) = (group.position, group.sequence);
    let mut records: &[StoredRecord] = &group.records;
    while let Some((first, rest)) = records.split_first() {
        let record_end = position + first.bytes.len() as u64;
        if position >= end || record_end > end {
            break;
        }
        (position, sequence, records) = (record_end, sequence + 1, rest);
    }
    let blob = if position < end {
        let known = usize::try_from(end - position).ok()?;
        let (first, rest) = records.split_first()?;
        let cut = StoredRecord { channel: first.channel, bytes: first.bytes.slice(known..) };
        position = end;
        record_codec::encode(&[&[cut], rest].concat())
    } else {
        record_codec::encode(records)
    };
    let next_sequence = group.next_sequence();
    Some(Fresh { position, end: group_end, sequence, next_sequence, at: group.at.0, blob })
}

/// Moves the streams' ends and returns the streams' numbers.
async fn extend(
    connection: &mut AnyConnection,
    growth: &[Growth<'_>],
) -> Result<HashMap<Name, i64>, Failure> {
    let rows = EXTEND
        .run(connection, growth, |query, growth| {
            let (kind, source, epoch) = name(growth.stream);
            let (first, last) = (&growth.groups[0], &growth.groups[growth.groups.len() - 1]);
            let bytes = growth.groups.iter().map(|group| group.end - group.position).sum();
            query
                .bind(kind)
                .bind(source)
                .bind(epoch)
                .bind(integer(first.position))
                .bind(integer(last.end))
                .bind(integer(last.next_sequence))
                .bind(integer(bytes))
                .bind(integer(first.at))
        })
        .await?;
    rows.iter().map(|row| Ok((name_in(row)?, row.integer("number")?))).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use pilothouse_core::{ids::CommandId, streams::Channel, time::Timestamp};

    use super::*;

    fn group(position: u64, sequence: u64, texts: &[&'static str]) -> StoredGroup {
        let records = texts
            .iter()
            .map(|text| StoredRecord { channel: Channel::Stdout, bytes: Bytes::from(*text) })
            .collect();
        let stream = StreamKey::command(CommandId::new("c-1").unwrap());
        StoredGroup { stream, position, sequence, records, at: Timestamp(7) }
    }

    fn beyond_in_words(group: &StoredGroup, end: u64) -> Option<(u64, u64, Vec<u8>)> {
        beyond(group, end).map(|fresh| {
            let records = record_codec::decode(fresh.blob).unwrap();
            let bytes = records.iter().flat_map(|record| record.bytes.to_vec()).collect();
            (fresh.position, fresh.sequence, bytes)
        })
    }

    #[test]
    fn only_what_is_beyond_the_end_is_fresh() {
        let group = group(10, 4, &["abc", "de"]);
        assert_eq!(beyond_in_words(&group, 0), Some((10, 4, b"abcde".to_vec())));
        assert_eq!(beyond_in_words(&group, 10), Some((10, 4, b"abcde".to_vec())));
        assert_eq!(beyond_in_words(&group, 12), Some((12, 4, b"cde".to_vec())));
        assert_eq!(beyond_in_words(&group, 13), Some((13, 5, b"de".to_vec())));
        assert_eq!(beyond_in_words(&group, 15), None);
        assert_eq!(beyond_in_words(&group, 99), None);
    }
}
