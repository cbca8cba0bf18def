//! Revoked credentials as rows. A row goes once the credential would have expired anyway.

use std::sync::Arc;

use pilothouse_core::time::Timestamp;
use sqlx::AnyConnection;

use super::{
    failure::Failure,
    fields::Fields,
    rows::{integer, text},
};

/// A credential that counts no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedCredential {
    /// The SHA-256 of its text, in hexadecimal digits.
    pub credential: Arc<str>,
    /// Until when it would have counted, if that is known.
    pub expires_at: Option<Timestamp>,
}

/// Adds one; the same one again changes nothing.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    revoked: &RevokedCredential,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO revoked (credential, revoked_at, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (credential) DO NOTHING",
    )
    .bind(text(&revoked.credential))
    .bind(integer(now.0))
    .bind(revoked.expires_at.map(|at| integer(at.0)))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes those that would have expired before `now`.
pub(super) async fn prune(connection: &mut AnyConnection, now: Timestamp) -> Result<(), Failure> {
    sqlx::query("DELETE FROM revoked WHERE expires_at < $1")
        .bind(integer(now.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// All that are kept, by credential.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<RevokedCredential>, Failure> {
    let rows = sqlx::query("SELECT credential, expires_at FROM revoked ORDER BY credential")
        .fetch_all(connection)
        .await?;
    let revoked = rows.iter().map(|row| {
        let expires_at = row.optional_integer("expires_at")?;
        let expires_at = expires_at.map(|at| Timestamp(u64::try_from(at).unwrap_or(0)));
        Ok(RevokedCredential { credential: row.text("credential")?, expires_at })
    });
    revoked.collect()
}
