//! Checkpoints as rows: the two newest of each log, packed where that makes them shorter.

use std::{
    collections::HashMap,
    io::{Read, Write},
    sync::LazyLock,
};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use pilothouse_core::{sessions::Checkpoint, streams::StreamKey};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer},
};

/// How many of a log are kept. Two, because the newest may lie behind the place up to which a viewer reads.
const KEPT: usize = 2;

/// Shorter ones are not worth the work of packing.
const SHORTEST_PACKED: usize = 1024;

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO checkpoints (kind, source, epoch, position, terminal_columns, terminal_rows, length, \
         screen) VALUES",
        8,
        "ON CONFLICT (kind, source, epoch, position) DO UPDATE SET \
         terminal_columns = excluded.terminal_columns, terminal_rows = excluded.terminal_rows, \
         length = excluded.length, screen = excluded.screen",
    )
});

/// Stores checkpoints, and deletes those of the same logs that are not among the newest any more.
pub(super) async fn append(
    connection: &mut AnyConnection,
    checkpoints: &[&Checkpoint],
) -> Result<(), Failure> {
    let mut newest: HashMap<&StreamKey, Vec<&Checkpoint>> = HashMap::new();
    for checkpoint in checkpoints {
        let of_log = newest.entry(&checkpoint.stream).or_default();
        of_log.retain(|known| known.position != checkpoint.position);
        of_log.push(checkpoint);
        of_log.sort_by_key(|known| known.position);
        if of_log.len() > KEPT {
            of_log.remove(0);
        }
    }
    let rows: Vec<(&Checkpoint, Vec<u8>)> = newest
        .values()
        .flatten()
        .map(|checkpoint| (*checkpoint, packed(&checkpoint.bytes)))
        .collect();
    REPLACE
        .run(connection, &rows, |query, (checkpoint, screen)| {
            query
                .bind(checkpoint.stream.source.kind())
                .bind(checkpoint.stream.source.id().to_owned())
                .bind(i64::from(checkpoint.stream.epoch))
                .bind(integer(checkpoint.position))
                .bind(i64::from(checkpoint.size.columns))
                .bind(i64::from(checkpoint.size.rows))
                .bind(integer(checkpoint.bytes.len() as u64))
                .bind(screen.clone())
        })
        .await?;
    for stream in newest.keys() {
        delete_older(connection, stream).await?;
    }
    Ok(())
}

async fn delete_older(connection: &mut AnyConnection, stream: &StreamKey) -> Result<(), Failure> {
    sqlx::query(
        "DELETE FROM checkpoints WHERE kind = $1 AND source = $2 AND epoch = $3 AND position < \
         (SELECT position FROM checkpoints WHERE kind = $1 AND source = $2 AND epoch = $3 \
         ORDER BY position DESC LIMIT 1 OFFSET $4)",
    )
    .bind(stream.source.kind())
    .bind(stream.source.id().to_owned())
    .bind(i64::from(stream.epoch))
    .bind(integer(KEPT as u64 - 1))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes those of a log and of the lives before it.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    stream: &StreamKey,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM checkpoints WHERE kind = $1 AND source = $2 AND epoch <= $3")
        .bind(stream.source.kind())
        .bind(stream.source.id().to_owned())
        .bind(i64::from(stream.epoch))
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest one that contains at most `position` bytes of its log.
pub(super) async fn newest(
    connection: &mut AnyConnection,
    stream: &StreamKey,
    position: u64,
) -> Result<Option<Checkpoint>, Failure> {
    let row = sqlx::query(
        "SELECT position, terminal_columns, terminal_rows, length, screen FROM checkpoints \
         WHERE kind = $1 AND source = $2 AND epoch = $3 AND position <= $4 ORDER BY position DESC LIMIT 1",
    )
    .bind(stream.source.kind())
    .bind(stream.source.id().to_owned())
    .bind(i64::from(stream.epoch))
    .bind(integer(position))
    .fetch_optional(connection)
    .await?;
    row.map(|row| checkpoint(stream, &row)).transpose()
}

fn checkpoint(stream: &StreamKey, row: &AnyRow) -> Result<Checkpoint, Failure> {
    let bytes = unpacked(row.try_get("screen")?, row.count("length")?)?;
    Ok(Checkpoint {
        stream: stream.clone(),
        position: row.count("position")?,
        size: row.size()?,
        bytes: bytes.into(),
    })
}

/// The bytes, or something shorter that stands for them.
fn packed(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() < SHORTEST_PACKED {
        return bytes.to_vec();
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(packed) if packed.len() < bytes.len() => packed,
        _ => bytes.to_vec(),
    }
}

/// Never longer than `length`, whatever is in `stored`.
fn unpacked(stored: Vec<u8>, length: u64) -> Result<Vec<u8>, Failure> {
    if stored.len() as u64 == length {
        return Ok(stored);
    }
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(&*stored).take(length.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Ok(read) if read as u64 == length => Ok(bytes),
        _ => Err(Failure::Corrupt("a checkpoint cannot be unpacked".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back_and_damage_is_told() {
        let long = b"\x1b[31mred ".repeat(1000);
        let noise: Vec<u8> =
            (0..4000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        for bytes in [&b""[..], b"short", &long, &noise] {
            assert_eq!(unpacked(packed(bytes), bytes.len() as u64).unwrap(), bytes);
        }
        assert!(packed(&long).len() < 200);
        for length in [0, 7, 8999, 9001] {
            assert!(matches!(unpacked(packed(&long), length), Err(Failure::Corrupt(_))));
        }
        assert!(unpacked(b"no zlib".to_vec(), 100).is_err());
    }
}
