//! Keys of agents as rows. Only their hashes are here.

use std::sync::LazyLock;

use pilothouse_core::{
    agents::KeyHash,
    ids::KeyId,
    keys::{Key, Origin},
    time::Timestamp,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO keys (id, origin, name, hash, agent, parent, made_by, made_at, expires_at, used_at, revoked_at) \
         VALUES",
        11,
        "ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, name = excluded.name, hash = excluded.hash, agent = excluded.agent, \
         parent = excluded.parent, made_by = excluded.made_by, made_at = excluded.made_at, \
         expires_at = excluded.expires_at, used_at = excluded.used_at, revoked_at = excluded.revoked_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM keys WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces keys, each at most once.
pub(super) async fn replace(connection: &mut AnyConnection, keys: &[&Key]) -> Result<(), Failure> {
    let moment = |at: Option<Timestamp>| at.map(|at| integer(at.0));
    REPLACE
        .run(connection, keys, |query, key| {
            query
                .bind(key.id.to_string())
                .bind(key.origin.as_str())
                .bind(text(&key.name))
                .bind(key.hash.to_hexadecimal())
                .bind(key.agent.as_ref().map(ToString::to_string))
                .bind(key.parent.as_ref().map(ToString::to_string))
                .bind(text(&key.made_by))
                .bind(integer(key.made_at.0))
                .bind(moment(key.expires_at))
                .bind(moment(key.used_at))
                .bind(moment(key.revoked_at))
        })
        .await?;
    Ok(())
}

/// Deletes keys.
pub(super) async fn delete(connection: &mut AnyConnection, keys: &[&KeyId]) -> Result<(), Failure> {
    DELETE.run(connection, keys, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All keys, by id.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Key>, Failure> {
    let rows = sqlx::query("SELECT * FROM keys").fetch_all(connection).await?;
    let mut keys = rows.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    keys.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(keys)
}

fn key(row: &AnyRow) -> Result<Key, Failure> {
    let corrupt = |what: &str| Failure::Corrupt(what.to_owned());
    let optional = |column| {
        let stored = row.optional_text(column)?;
        stored.map(|id| id.parse().map_err(|_| corrupt("a key's agent is no id"))).transpose()
    };
    let moment = |column| {
        let stored = row.optional_integer(column)?;
        Ok::<_, Failure>(stored.map(|at| Timestamp(u64::try_from(at).unwrap_or(0))))
    };
    let parent = row.optional_text("parent")?.map(|id| id.parse()).transpose();
    Ok(Key {
        id: row.id("id")?,
        origin: Origin::named(&row.text("origin")?)
            .ok_or_else(|| corrupt("a key has an unknown origin"))?,
        name: row.text("name")?,
        hash: KeyHash::from_hexadecimal(&row.text("hash")?)
            .ok_or_else(|| corrupt("an agent's key is no hash"))?,
        agent: optional("agent")?,
        parent: parent.map_err(|_| corrupt("a key's parent is no id"))?,
        made_by: row.text("made_by")?,
        made_at: row.time("made_at")?,
        expires_at: moment("expires_at")?,
        used_at: moment("used_at")?,
        revoked_at: moment("revoked_at")?,
    })
}
