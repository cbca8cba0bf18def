//! The keys that agents enrolled with, as rows. Only their hashes are here.

use std::sync::LazyLock;

use pilothouse_core::{agents::KeyHash, ids::AgentId, time::Timestamp};
use sqlx::AnyConnection;

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer},
};

/// An agent, the hash of its key, and when it enrolled.
pub(super) type Enrolment<'a> = (&'a AgentId, &'a KeyHash, Timestamp);

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO agent_keys (agent, hash, enrolled_at) VALUES",
        3,
        "ON CONFLICT (agent) DO UPDATE SET hash = excluded.hash, enrolled_at = excluded.enrolled_at",
    )
});

/// Inserts or replaces keys, of each agent at most one.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    enrolments: &[Enrolment<'_>],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, enrolments, |query, (agent, hash, at)| {
            query.bind(agent.to_string()).bind(hash.to_hexadecimal()).bind(integer(at.0))
        })
        .await?;
    Ok(())
}

/// All keys.
pub(super) async fn all(
    connection: &mut AnyConnection,
) -> Result<Vec<(AgentId, KeyHash)>, Failure> {
    let rows = sqlx::query("SELECT agent, hash FROM agent_keys").fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let hash = KeyHash::from_hexadecimal(&row.text("hash")?)
                .ok_or_else(|| Failure::Corrupt("an agent's key is no hash".to_owned()))?;
            Ok((row.id("agent")?, hash))
        })
        .collect()
}
