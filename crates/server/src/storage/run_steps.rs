//! Steps of runs as rows, each with its picture while that is kept.

use std::sync::LazyLock;

use pilothouse_core::{
    ids::RunId,
    runs::{Screenshot, Step, StoredStep},
};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

/// How many steps one call gives at most.
const MOST_STEPS: usize = 1_000;
/// How many pictures one call deletes at most, so that nobody waits long behind it.
const MOST_DELETED: i64 = 64;

static APPEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO run_steps (run, number, action, explanation, taken_at, picture_kind, picture_bytes, picture) \
         VALUES",
        8,
        "ON CONFLICT (run, number) DO NOTHING",
    )
});

/// Stores steps. One that is stored already stays as it is.
pub(super) async fn append(
    connection: &mut AnyConnection,
    steps: &[(&Step, Option<&Screenshot>)],
) -> Result<(), Failure> {
    APPEND
        .run(connection, steps, |query, (step, screenshot)| {
            query
                .bind(step.run.to_string())
                .bind(i64::from(step.number))
                .bind(text(&step.action))
                .bind(text(&step.explanation))
                .bind(integer(step.at.0))
                .bind(screenshot.map(|shot| shot.kind.media_type()))
                .bind(screenshot.map_or(0, |shot| integer(shot.bytes.len() as u64)))
                .bind(screenshot.map(|shot| shot.bytes.to_vec()))
        })
        .await?;
    Ok(())
}

/// The steps of a run after that number, in order.
pub(super) async fn page(
    connection: &mut AnyConnection,
    run: &RunId,
    after: u32,
    limit: usize,
) -> Result<Vec<StoredStep>, Failure> {
    let rows = sqlx::query(
        "SELECT run, number, action, explanation, taken_at, picture_bytes FROM run_steps \
         WHERE run = $1 AND number > $2 ORDER BY number LIMIT $3",
    )
    .bind(run.to_string())
    .bind(i64::from(after))
    .bind(i64::try_from(limit.min(MOST_STEPS)).unwrap_or(0))
    .fetch_all(connection)
    .await?;
    rows.iter().map(step).collect()
}

fn step(row: &AnyRow) -> Result<StoredStep, Failure> {
    let number = u32::try_from(row.integer("number")?);
    let step = Step {
        run: row.id("run")?,
        number: number.map_err(|_| Failure::Corrupt("a step's number is odd".to_owned()))?,
        action: row.text("action")?,
        explanation: row.text("explanation")?,
        at: row.time("taken_at")?,
    };
    Ok(StoredStep { step, has_screenshot: row.count("picture_bytes")? > 0 })
}

/// The picture of one step, while it is kept.
pub(super) async fn picture(
    connection: &mut AnyConnection,
    run: &RunId,
    number: u32,
) -> Result<Option<Screenshot>, Failure> {
    let row = sqlx::query("SELECT picture FROM run_steps WHERE run = $1 AND number = $2")
        .bind(run.to_string())
        .bind(i64::from(number))
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(bytes) = row.try_get::<Option<Vec<u8>>, _>("picture")? else { return Ok(None) };
    let picture = Screenshot::of(bytes.into());
    picture.map(Some).ok_or_else(|| Failure::Corrupt("a step's picture is none".to_owned()))
}

/// Deletes the oldest pictures beyond so many bytes in all, and returns how many.
pub(super) async fn forget_pictures(
    connection: &mut AnyConnection,
    keep: u64,
) -> Result<u64, Failure> {
    let sum = "SELECT CAST(COALESCE(SUM(picture_bytes), 0) AS BIGINT) AS total FROM run_steps \
               WHERE picture_bytes > 0";
    let total = sqlx::query(sum).fetch_one(&mut *connection).await?.count("total")?;
    let mut excess = total.saturating_sub(keep);
    if excess == 0 {
        return Ok(0);
    }
    let rows = sqlx::query(
        "SELECT run, number, picture_bytes FROM run_steps WHERE picture_bytes > 0 \
         ORDER BY taken_at, run, number LIMIT $1",
    )
    .bind(MOST_DELETED)
    .fetch_all(&mut *connection)
    .await?;
    let mut deleted = 0;
    for row in &rows {
        if excess == 0 {
            break;
        }
        sqlx::query(
            "UPDATE run_steps SET picture = NULL, picture_kind = NULL, picture_bytes = 0 \
             WHERE run = $1 AND number = $2",
        )
        .bind(String::from(&*row.text("run")?))
        .bind(row.integer("number")?)
        .execute(&mut *connection)
        .await?;
        excess = excess.saturating_sub(row.count("picture_bytes")?);
        deleted += 1;
    }
    Ok(deleted)
}
