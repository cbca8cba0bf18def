//! How streams stand, as rows.

use std::sync::LazyLock;

use pilothouse_core::{
    ids::SessionId,
    readiness::{Flow, Readiness},
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO readiness (stream, since, ended_at) VALUES",
        3,
        "ON CONFLICT (stream) DO UPDATE SET since = excluded.since, ended_at = excluded.ended_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM readiness WHERE stream IN (VALUES", 1, ")"));

/// Inserts or replaces streams, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    streams: &[&Readiness],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, streams, |query, readiness| {
            let ended_at = match readiness.flow {
                Flow::Live { .. } => None,
                Flow::Ended { at, .. } => Some(integer(at.0)),
            };
            query
                .bind(readiness.stream.to_string())
                .bind(integer(readiness.since().0))
                .bind(ended_at)
        })
        .await?;
    Ok(())
}

/// Deletes streams.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    streams: &[&SessionId],
) -> Result<(), Failure> {
    DELETE.run(connection, streams, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All streams, by id.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Readiness>, Failure> {
    let rows = sqlx::query("SELECT * FROM readiness").fetch_all(connection).await?;
    let mut streams = rows.iter().map(readiness).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    streams.sort_by(|one, other| one.stream.cmp(&other.stream));
    Ok(streams)
}

fn readiness(row: &AnyRow) -> Result<Readiness, Failure> {
    let since = row.time("since")?;
    let flow = match row.optional_integer("ended_at")? {
        None => Flow::Live { since },
        Some(_) => Flow::Ended { since, at: row.time("ended_at")? },
    };
    Ok(Readiness { stream: row.id("stream")?, flow, version: 0 })
}
