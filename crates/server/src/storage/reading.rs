//! Reading output back.

use pilothouse_core::{
    streams::{Source, StoredExtent, StoredGroup, StoredRecord, StreamKey},
    time::Timestamp,
};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{failure::Failure, fields::Fields, record_codec, rows::integer};

/// How many groups one call reads at most; a reader asks again from where the answer ended.
const MOST_GROUPS: i64 = 4096;

/// How far the streams of live commands are stored, those of the newest that ended, and those of all workers' present lives.
pub(super) async fn extents(
    connection: &mut AnyConnection,
    ended: usize,
) -> Result<Vec<StoredExtent>, Failure> {
    let rows = sqlx::query(
        "SELECT kind, source, epoch, first_position, next_position, next_sequence FROM streams \
         WHERE kind = 'command' AND (source IN (SELECT id FROM commands WHERE ended_at IS NULL) \
         OR source IN (SELECT id FROM commands WHERE ended_at IS NOT NULL \
         ORDER BY ended_at DESC, requested_at DESC, rank DESC, id DESC LIMIT $1))",
    )
    .bind(i64::try_from(ended).unwrap_or(i64::MAX))
    .fetch_all(&mut *connection)
    .await?;
    let of_workers = sqlx::query(
        "SELECT kind, source, streams.epoch AS epoch, first_position, next_position, next_sequence FROM workers \
         JOIN streams ON kind = 'worker' AND source = workers.id AND streams.epoch = workers.epoch",
    )
    .fetch_all(connection)
    .await?;
    let mut extents = rows.iter().chain(&of_workers).map(extent).collect::<Result<Vec<_>, _>>()?;
    extents.sort_by(|one, other| one.stream.cmp(&other.stream));
    Ok(extents)
}

fn extent(row: &AnyRow) -> Result<StoredExtent, Failure> {
    Ok(StoredExtent {
        stream: StreamKey { source: source(row)?, epoch: row.epoch("epoch")? },
        first_position: row.count("first_position")?,
        next_position: row.count("next_position")?,
        next_sequence: row.count("next_sequence")?,
    })
}

/// Whose log a row of streams is.
pub(super) fn source(row: &AnyRow) -> Result<Source, Failure> {
    match &*row.text("kind")? {
        "command" => Ok(Source::Command(row.id("source")?)),
        "worker" => Ok(Source::Worker(row.id("source")?)),
        other => Err(Failure::Corrupt(format!("a stream's kind is {other:?}"))),
    }
}

/// Reads from `position` on, whole records, about `max_bytes` but at least one record if there is any.
pub(super) async fn output(
    connection: &mut AnyConnection,
    stream: &StreamKey,
    position: u64,
    max_bytes: usize,
) -> Result<Vec<StoredGroup>, Failure> {
    let Some(number) = number_of(connection, stream).await? else { return Ok(Vec::new()) };
    let max_bytes = max_bytes as u64;
    let mut from = position;
    let groups = loop {
        let groups = within(connection, number, from, from.saturating_add(max_bytes)).await?;
        if !groups.is_empty() {
            break groups;
        }
        // Pruned or lost bytes may be in front of the next group, however wide; and what is next may be
        // pruned before it is read, so this ends only when there is nothing behind.
        match next_after(connection, number, from).await? {
            Some(next) => from = next,
            None => return Ok(Vec::new()),
        }
    };
    let mut room = max_bytes;
    let mut read = Vec::new();
    for row in &groups {
        let (cut, whole) = cut(group(stream, row)?, position, &mut room, read.is_empty());
        read.extend(cut);
        if !whole {
            break;
        }
    }
    Ok(read)
}

/// The same from the record after number `sequence` on.
pub(super) async fn output_after(
    connection: &mut AnyConnection,
    stream: &StreamKey,
    sequence: u64,
    max_bytes: usize,
) -> Result<Vec<StoredGroup>, Failure> {
    let Some(number) = number_of(connection, stream).await? else { return Ok(Vec::new()) };
    let wanted = sequence.saturating_add(1);
    let row = sqlx::query(
        "SELECT position, sequence, written_at, records FROM output \
         WHERE stream = $1 AND sequence <= $2 ORDER BY position DESC LIMIT 1",
    )
    .bind(number)
    .bind(integer(wanted))
    .fetch_optional(&mut *connection)
    .await?;
    let position = match row {
        Some(row) => {
            let group = group(stream, &row)?;
            let found = group.numbered().find(|record| record.sequence >= wanted);
            found.map_or(group.end(), |record| record.position)
        }
        None => 0,
    };
    output(connection, stream, position, max_bytes).await
}

async fn number_of(
    connection: &mut AnyConnection,
    stream: &StreamKey,
) -> Result<Option<i64>, Failure> {
    let row =
        sqlx::query("SELECT number FROM streams WHERE kind = $1 AND source = $2 AND epoch = $3")
            .bind(stream.source.kind())
            .bind(stream.source.id())
            .bind(i64::from(stream.epoch))
            .fetch_optional(connection)
            .await?;
    row.map(|row| row.integer("number")).transpose()
}

/// Groups with bytes between `from` and `to`, and the one right at `from` however little is asked for.
async fn within(
    connection: &mut AnyConnection,
    number: i64,
    from: u64,
    to: u64,
) -> Result<Vec<AnyRow>, Failure> {
    Ok(sqlx::query(
        "SELECT position, sequence, written_at, records FROM output WHERE stream = $1 AND end_position > $2 \
         AND position >= COALESCE((SELECT MAX(position) FROM output WHERE stream = $1 AND position <= $2), 0) \
         AND (position < $3 OR position = $2) ORDER BY position LIMIT $4",
    )
    .bind(number)
    .bind(integer(from))
    .bind(integer(to))
    .bind(MOST_GROUPS)
    .fetch_all(connection)
    .await?)
}

async fn next_after(
    connection: &mut AnyConnection,
    number: i64,
    position: u64,
) -> Result<Option<u64>, Failure> {
    let row = sqlx::query(
        "SELECT position FROM output WHERE stream = $1 AND position > $2 ORDER BY position LIMIT 1",
    )
    .bind(number)
    .bind(integer(position))
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.count("position")).transpose()
}

fn group(stream: &StreamKey, row: &AnyRow) -> Result<StoredGroup, Failure> {
    Ok(StoredGroup {
        stream: stream.clone(),
        position: row.count("position")?,
        sequence: row.count("sequence")?,
        records: record_codec::decode(row.try_get::<Vec<u8>, _>("records")?)?,
        at: Timestamp(row.count("written_at")?),
    })
}

/// Drops the records before `position` and those that no longer fit; says whether all of the rest fitted.
fn cut(
    group: StoredGroup,
    position: u64,
    room: &mut u64,
    nothing_read: bool,
) -> (Option<StoredGroup>, bool) {
    let (mut start, mut sequence) = (group.position, group.sequence);
    let mut records = group.records.into_iter().peekable();
    while let Some(early) = records.next_if(|record| start + record.bytes.len() as u64 <= position)
    {
        start += early.bytes.len() as u64;
        sequence += 1;
    }
    let mut kept: Vec<StoredRecord> = Vec::new();
    let mut fits = |record: &StoredRecord, is_first: bool| {
        let size = record.bytes.len() as u64;
        let fits = size <= *room || is_first;
        *room = if fits { room.saturating_sub(size) } else { 0 };
        fits
    };
    while let Some(record) = records.next_if(|record| fits(record, nothing_read && kept.is_empty()))
    {
        kept.push(record);
    }
    let whole = records.peek().is_none();
    let group = StoredGroup { position: start, sequence, records: kept, ..group };
    ((!group.records.is_empty()).then_some(group), whole)
}
