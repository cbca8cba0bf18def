//! Repositories as rows.

use std::sync::LazyLock;

use pilothouse_core::{ids::RepositoryId, sessions::Repository};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO repositories (id, agent, name, path, created_at) VALUES",
        5,
        "ON CONFLICT (id) DO UPDATE SET agent = excluded.agent, name = excluded.name, path = excluded.path, \
         created_at = excluded.created_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM repositories WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces repositories, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    repositories: &[&Repository],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, repositories, |query, repository| {
            query
                .bind(repository.id.to_string())
                .bind(repository.agent.to_string())
                .bind(text(&repository.name))
                .bind(text(&repository.path))
                .bind(integer(repository.created_at.0))
        })
        .await?;
    Ok(())
}

/// Deletes repositories.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    repositories: &[&RepositoryId],
) -> Result<(), Failure> {
    DELETE.run(connection, repositories, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All repositories, oldest first.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Repository>, Failure> {
    let rows = sqlx::query("SELECT * FROM repositories").fetch_all(connection).await?;
    let mut repositories = rows.iter().map(repository).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    repositories
        .sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(repositories)
}

fn repository(row: &AnyRow) -> Result<Repository, Failure> {
    Ok(Repository {
        id: row.id("id")?,
        agent: row.id("agent")?,
        name: row.text("name")?,
        path: row.text("path")?,
        created_at: row.time("created_at")?,
    })
}
