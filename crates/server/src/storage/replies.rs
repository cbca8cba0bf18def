//! Replies under their callers' keys, as rows. A row without a status was begun and not answered.

use pilothouse_core::time::Timestamp;
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{integer, text},
};
use crate::idempotency::{Begun, KeptBody, KeptReply, Keyed, MOST_KEPT};

/// How many rows one call deletes at most, so that nobody waits long behind it.
const MOST_DELETED: i64 = 1_024;

/// Keeps that a request is begun, or says what is known of it.
pub(super) async fn begin(
    connection: &mut AnyConnection,
    keyed: &Keyed,
    now: Timestamp,
    forget: Timestamp,
) -> Result<Begun, Failure> {
    sqlx::query("DELETE FROM replies WHERE caller = $1 AND name = $2 AND begun_at < $3")
        .bind(text(&keyed.caller))
        .bind(text(&keyed.name))
        .bind(integer(forget.0))
        .execute(&mut *connection)
        .await?;
    let inserted = sqlx::query(
        "INSERT INTO replies (caller, name, request, fingerprint, begun_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (caller, name) DO NOTHING",
    )
    .bind(text(&keyed.caller))
    .bind(text(&keyed.name))
    .bind(text(&keyed.request))
    .bind(text(&keyed.fingerprint))
    .bind(integer(now.0))
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return known(connection, keyed).await;
    }
    sqlx::query(
        "DELETE FROM replies WHERE caller = $1 AND number <= \
         (SELECT number FROM replies WHERE caller = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)",
    )
    .bind(text(&keyed.caller))
    .bind(i64::try_from(MOST_KEPT).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(Begun::Now)
}

async fn known(connection: &mut AnyConnection, keyed: &Keyed) -> Result<Begun, Failure> {
    let row = sqlx::query(
        "SELECT request, fingerprint, status, location, content_type, withheld, body FROM replies \
         WHERE caller = $1 AND name = $2",
    )
    .bind(text(&keyed.caller))
    .bind(text(&keyed.name))
    .fetch_one(connection)
    .await?;
    if *row.text("request")? != *keyed.request || *row.text("fingerprint")? != *keyed.fingerprint {
        return Ok(Begun::OtherRequest);
    }
    Ok(reply(&row)?.map_or(Begun::Unanswered, Begun::Answered))
}

fn reply(row: &AnyRow) -> Result<Option<KeptReply>, Failure> {
    let Some(status) = row.optional_integer("status")? else { return Ok(None) };
    let status = u16::try_from(status)
        .map_err(|_| Failure::Corrupt(format!("a reply's status is {status}")))?;
    let body = match row.optional_text("withheld")?.as_deref() {
        None => {
            KeptBody::Whole(row.try_get::<Option<Vec<u8>>, _>("body")?.unwrap_or_default().into())
        }
        Some("secret") => KeptBody::Secret,
        Some("too-long") => KeptBody::TooLong,
        Some(other) => return Err(Failure::Corrupt(format!("a reply is withheld for {other:?}"))),
    };
    let words = |column| Ok::<_, Failure>(row.optional_text(column)?.map(|text| text.to_string()));
    Ok(Some(KeptReply {
        status,
        location: words("location")?,
        content_type: words("content_type")?,
        body,
    }))
}

/// Keeps what a request was answered. One that was forgotten meanwhile stays forgotten.
pub(super) async fn answer(
    connection: &mut AnyConnection,
    keyed: &Keyed,
    reply: &KeptReply,
) -> Result<(), Failure> {
    let (withheld, body) = match &reply.body {
        KeptBody::Whole(body) => (None, Some(body.to_vec())),
        KeptBody::Secret => (Some("secret"), None),
        KeptBody::TooLong => (Some("too-long"), None),
    };
    sqlx::query(
        "UPDATE replies SET status = $3, location = $4, content_type = $5, withheld = $6, body = $7 \
         WHERE caller = $1 AND name = $2",
    )
    .bind(text(&keyed.caller))
    .bind(text(&keyed.name))
    .bind(i32::from(reply.status))
    .bind(reply.location.as_deref().map(text))
    .bind(reply.content_type.as_deref().map(text))
    .bind(withheld)
    .bind(body)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a request.
pub(super) async fn free(connection: &mut AnyConnection, keyed: &Keyed) -> Result<(), Failure> {
    sqlx::query("DELETE FROM replies WHERE caller = $1 AND name = $2")
        .bind(text(&keyed.caller))
        .bind(text(&keyed.name))
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes the oldest of those that were begun before that moment.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    before: Timestamp,
) -> Result<u64, Failure> {
    let deleted = sqlx::query(
        "DELETE FROM replies WHERE number IN (SELECT number FROM replies WHERE begun_at < $1 \
         ORDER BY begun_at LIMIT $2)",
    )
    .bind(integer(before.0))
    .bind(MOST_DELETED)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}
