//! Making stored output searchable, behind the commits and a bounded piece per call, so that no commit waits long for it.

use std::sync::LazyLock;

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    plain_text::plain_text,
    record_codec,
    rows::{ManyRows, text},
};

/// How many streams one call looks at; the quiet ones first, so that a flood does not keep them waiting.
const MOST_STREAMS: i64 = 16;

/// How many groups one call reads, shared by the streams.
const MOST_GROUPS: usize = 256;

/// How many bytes of output one call reads, shared by the streams, but for the last group of each.
const MOST_BYTES: usize = 128 * 1024;

/// A piece of searchable text ends after so many bytes of output.
const PIECE: usize = 4096;

static APPEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new("INSERT INTO searchable (stream, position, written_at, content) VALUES", 4, "")
});

struct Piece {
    position: i64,
    written_at: i64,
    output: Vec<u8>,
}

/// Goes on with the streams that have output behind their watermark. Says whether there may be more.
pub(super) async fn index(connection: &mut AnyConnection) -> Result<bool, Failure> {
    let rows = sqlx::query(
        "SELECT number, indexed_position, next_position FROM streams WHERE next_position > indexed_position \
         ORDER BY next_position - indexed_position LIMIT $1",
    )
    .bind(MOST_STREAMS)
    .fetch_all(&mut *connection)
    .await?;
    let share = rows.len().max(1);
    for row in &rows {
        index_stream(connection, row, MOST_GROUPS / share, MOST_BYTES / share).await?;
    }
    Ok(!rows.is_empty())
}

async fn index_stream(
    connection: &mut AnyConnection,
    stream: &AnyRow,
    groups: usize,
    mut room: usize,
) -> Result<(), Failure> {
    let (number, from) = (stream.integer("number")?, stream.integer("indexed_position")?);
    let rows = sqlx::query(
        "SELECT position, end_position, written_at, records FROM output WHERE stream = $1 AND position >= $2 \
         ORDER BY position LIMIT $3",
    )
    .bind(number)
    .bind(from)
    .bind(i64::try_from(groups).unwrap_or(i64::MAX))
    .fetch_all(&mut *connection)
    .await?;
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = from;
    let mut used = 0;
    for row in &rows {
        if room == 0 {
            break;
        }
        let records = record_codec::decode(row.try_get::<Vec<u8>, _>("records")?)?;
        let written_at = row.integer("written_at")?;
        if pieces.last().is_none_or(|piece| piece.output.len() >= PIECE) {
            let position = row.integer("position")?;
            pieces.push(Piece { position, written_at, output: Vec::new() });
        }
        let Some(piece) = pieces.last_mut() else { break };
        piece.written_at = written_at;
        for record in records {
            room = room.saturating_sub(record.bytes.len());
            piece.output.extend_from_slice(&record.bytes);
        }
        end = row.integer("end_position")?;
        used += 1;
    }
    append(connection, number, &pieces).await?;
    // Where nothing is left to read, what is missing was pruned or lost.
    let is_read_up = rows.len() < groups && used == rows.len();
    let next = if is_read_up { stream.integer("next_position")? } else { end };
    sqlx::query("UPDATE streams SET indexed_position = $2 WHERE number = $1")
        .bind(number)
        .bind(next)
        .execute(connection)
        .await?;
    Ok(())
}

async fn append(
    connection: &mut AnyConnection,
    number: i64,
    pieces: &[Piece],
) -> Result<(), Failure> {
    let readable: Vec<(&Piece, String)> = pieces
        .iter()
        .map(|piece| (piece, text(&plain_text(&piece.output))))
        .filter(|(_, content)| !content.is_empty())
        .collect();
    APPEND
        .run(connection, &readable, |query, (piece, content)| {
            query.bind(number).bind(piece.position).bind(piece.written_at).bind(content.clone())
        })
        .await?;
    Ok(())
}
