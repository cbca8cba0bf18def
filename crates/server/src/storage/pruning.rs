//! Deleting the oldest output, a bounded piece per call, always from the front of a stream.
//!
//! What viewers of a terminal begin from stays whole: the limit of one stream does not touch what follows the older
//! of its two checkpoints, unless that alone is more than twice the limit. Agents make a checkpoint for every MiB of
//! output, so this happens only where the limit is set below that. The limit on all output spares nothing: then a
//! checkpoint may be left whose next bytes are gone, and reading tells so by beginning behind it.

use sqlx::{AnyConnection, any::AnyRow};

use super::{failure::Failure, fields::Fields, rows::integer};

/// How many groups one call deletes at most, so that nobody waits long behind it.
const MOST_GROUPS: i64 = 1024;

/// How many streams one call shortens at most.
const MOST_STREAMS: i64 = 256;

/// Age counts in minutes: streams that wrote side by side are then shortened in long pieces, not group by group.
const GRAIN_MS: i64 = 60_000;

/// What one call may still do and has done.
struct Work {
    groups_left: i64,
    streams_left: i64,
    deleted: u64,
}

/// How much a stream is to be shortened.
struct Cut {
    /// So many bytes.
    excess: u64,
    /// And so many whatever is spared.
    by_force: u64,
    /// Bytes from this position on are spared.
    spared: Option<i64>,
    /// What was written later stays, but for the first group.
    until: Option<i64>,
    /// The newest group stays, however large it is, so that something can be seen of every stream.
    keeps_newest: bool,
}

impl Cut {
    fn of(excess: u64) -> Self {
        Self { excess, by_force: 0, spared: None, until: None, keeps_newest: false }
    }

    fn all() -> Self {
        Self::of(u64::MAX)
    }

    /// Whether the next group stays, after `gone` bytes of `groups` groups.
    fn ends_before(&self, row: &AnyRow, gone: u64, groups: usize) -> Result<bool, Failure> {
        let is_spared = match self.spared {
            Some(spared) => gone >= self.by_force && row.integer("end_position")? > spared,
            None => false,
        };
        let is_younger = match self.until {
            Some(until) => groups > 0 && row.integer("written_at")? > until,
            None => false,
        };
        Ok(gone >= self.excess || is_spared || is_younger)
    }
}

/// Deletes what exceeds the limits, or a good piece of it, and returns how many bytes of output that was.
pub(super) async fn prune(
    connection: &mut AnyConnection,
    keep_stream: u64,
    keep_total: u64,
) -> Result<u64, Failure> {
    let mut work = Work { groups_left: MOST_GROUPS, streams_left: MOST_STREAMS, deleted: 0 };
    finish_forgetting(connection, &mut work).await?;
    shorten_long_streams(connection, keep_stream, &mut work).await?;
    delete_oldest(connection, keep_total, &mut work).await?;
    Ok(work.deleted)
}

/// Deletes what was forgotten, and at the end the rows that remembered it.
async fn finish_forgetting(connection: &mut AnyConnection, work: &mut Work) -> Result<(), Failure> {
    let rows =
        sqlx::query("SELECT number FROM streams WHERE kind = 'gone' ORDER BY number LIMIT $1")
            .bind(work.streams_left)
            .fetch_all(&mut *connection)
            .await?;
    for row in rows {
        shorten(connection, row.integer("number")?, Cut::all(), work).await?;
    }
    sqlx::query("DELETE FROM streams WHERE kind = 'gone' AND kept_bytes = 0")
        .execute(connection)
        .await?;
    Ok(())
}

async fn shorten_long_streams(
    connection: &mut AnyConnection,
    keep_stream: u64,
    work: &mut Work,
) -> Result<(), Failure> {
    let rows = sqlx::query(
        "SELECT number, kept_bytes, (SELECT MIN(position) FROM checkpoints WHERE checkpoints.kind = streams.kind \
         AND checkpoints.source = streams.source AND checkpoints.epoch = streams.epoch) AS spared \
         FROM streams WHERE kept_bytes > $1 ORDER BY kept_bytes DESC LIMIT $2",
    )
    .bind(integer(keep_stream))
    .bind(work.streams_left)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let kept = row.count("kept_bytes")?;
        let cut = Cut {
            excess: kept.saturating_sub(keep_stream),
            by_force: kept.saturating_sub(keep_stream.saturating_mul(2)),
            spared: row.optional_integer("spared")?,
            until: None,
            keeps_newest: true,
        };
        shorten(connection, row.integer("number")?, cut, work).await?;
    }
    Ok(())
}

async fn delete_oldest(
    connection: &mut AnyConnection,
    keep_total: u64,
    work: &mut Work,
) -> Result<(), Failure> {
    let sum = "SELECT CAST(COALESCE(SUM(kept_bytes), 0) AS BIGINT) AS total FROM streams WHERE kept_bytes > 0";
    let mut total = sqlx::query(sum).fetch_one(&mut *connection).await?.count("total")?;
    while total > keep_total && work.groups_left > 0 && work.streams_left > 0 {
        let oldest = sqlx::query(
            "SELECT number, oldest_at FROM streams WHERE kept_bytes > 0 ORDER BY oldest_at, number LIMIT 2",
        )
        .fetch_all(&mut *connection)
        .await?;
        let Some(first) = oldest.first() else { return Ok(()) };
        let youngest_of_grain = first.integer("oldest_at")?.saturating_add(GRAIN_MS - 1);
        let until = match oldest.get(1) {
            Some(second) => Some(second.integer("oldest_at")?.max(youngest_of_grain)),
            None => None,
        };
        let before = work.deleted;
        let cut = Cut { until, ..Cut::of(total - keep_total) };
        shorten(connection, first.integer("number")?, cut, work).await?;
        total = total.saturating_sub(work.deleted - before);
    }
    Ok(())
}

/// Deletes groups from a stream's front.
async fn shorten(
    connection: &mut AnyConnection,
    number: i64,
    cut: Cut,
    work: &mut Work,
) -> Result<(), Failure> {
    if work.groups_left == 0 {
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT position, end_position, written_at FROM output WHERE stream = $1 ORDER BY position LIMIT $2",
    )
    .bind(number)
    .bind(work.groups_left + 1)
    .fetch_all(&mut *connection)
    .await?;
    let (mut gone, mut groups) = (0, 0);
    for row in rows.iter().take(usize::try_from(work.groups_left).unwrap_or(0)) {
        let is_newest = groups + 1 == rows.len();
        if (is_newest && cut.keeps_newest) || cut.ends_before(row, gone, groups)? {
            break;
        }
        gone += row.count("end_position")?.saturating_sub(row.count("position")?);
        groups += 1;
    }
    if groups == 0 && !rows.is_empty() {
        return Ok(());
    }
    work.groups_left -= i64::try_from(groups).unwrap_or(i64::MAX);
    work.streams_left -= 1;
    work.deleted += gone;
    let front = match rows.get(groups) {
        Some(row) => Some((row.integer("position")?, row.integer("written_at")?)),
        None => None,
    };
    move_front(connection, number, gone, front).await
}

/// Makes `front` (a position and its time) the oldest group; `None` leaves nothing.
async fn move_front(
    connection: &mut AnyConnection,
    number: i64,
    gone: u64,
    front: Option<(i64, i64)>,
) -> Result<(), Failure> {
    let (position, written_at) = front.unzip();
    sqlx::query("DELETE FROM output WHERE stream = $1 AND position < $2")
        .bind(number)
        .bind(position.unwrap_or(i64::MAX))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM searchable WHERE stream = $1 AND position < $2")
        .bind(number)
        .bind(position.unwrap_or(i64::MAX))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE streams SET first_position = COALESCE($2, next_position), \
         oldest_at = COALESCE($3, oldest_at), kept_bytes = kept_bytes - $4 WHERE number = $1",
    )
    .bind(number)
    .bind(position)
    .bind(written_at)
    .bind(integer(gone))
    .execute(connection)
    .await?;
    Ok(())
}
