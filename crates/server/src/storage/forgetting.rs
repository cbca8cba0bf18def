//! Forgetting workers: at once for everybody who reads, while pruning deletes their output piece by piece, so that no commit is held up by it.

use pilothouse_core::streams::StreamKey;
use sqlx::AnyConnection;

use super::{checkpoints, failure::Failure};

/// Forgets each of these logs and those of the lives before it, with their checkpoints.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    gone: &[StreamKey],
) -> Result<(), Failure> {
    for stream in gone {
        checkpoints::delete(connection, stream).await?;
        // The number keeps the name unique should the same log be written and forgotten again.
        sqlx::query(
            "UPDATE streams SET kind = 'gone', source = source || '/' || CAST(number AS TEXT) \
             WHERE kind = $1 AND source = $2 AND epoch <= $3",
        )
        .bind(stream.source.kind())
        .bind(stream.source.id().to_owned())
        .bind(i64::from(stream.epoch))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
