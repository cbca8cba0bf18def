//! Agent types as rows: those that people added.

use std::sync::LazyLock;

use pilothouse_core::{AgentType, ids::AgentTypeId};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO agent_types (id, name, description, command_template, continue_template, \
         headless_template, asking_patterns, created_at) VALUES",
        8,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, \
         command_template = excluded.command_template, continue_template = excluded.continue_template, \
         headless_template = excluded.headless_template, asking_patterns = excluded.asking_patterns, \
         created_at = excluded.created_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM agent_types WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces agent types, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    agent_types: &[&AgentType],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, agent_types, |query, agent_type| {
            let patterns: Vec<_> = agent_type.asking_patterns.iter().map(|it| text(it)).collect();
            query
                .bind(agent_type.id.to_string())
                .bind(text(&agent_type.name))
                .bind(agent_type.description.as_deref().map(text))
                .bind(text(&agent_type.command_template))
                .bind(agent_type.continue_template.as_deref().map(text))
                .bind(agent_type.headless_template.as_deref().map(text))
                .bind(serde_json::json!(patterns).to_string())
                .bind(integer(agent_type.created_at.0))
        })
        .await?;
    Ok(())
}

/// Deletes agent types.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    agent_types: &[&AgentTypeId],
) -> Result<(), Failure> {
    DELETE.run(connection, agent_types, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All agent types that people added, by id.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<AgentType>, Failure> {
    let rows = sqlx::query("SELECT * FROM agent_types").fetch_all(connection).await?;
    let mut agent_types = rows.iter().map(agent_type).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    agent_types.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(agent_types)
}

fn agent_type(row: &AnyRow) -> Result<AgentType, Failure> {
    let optional = |column| Ok::<_, Failure>(row.optional_text(column)?.map(|it| it.to_string()));
    let asking_patterns = serde_json::from_str(&row.text("asking_patterns")?)
        .map_err(|_| Failure::Corrupt("an agent type's patterns are no list".to_owned()))?;
    Ok(AgentType {
        id: row.id("id")?,
        name: row.text("name")?.to_string(),
        description: optional("description")?,
        is_built_in: false,
        command_template: row.text("command_template")?.to_string(),
        continue_template: optional("continue_template")?,
        headless_template: optional("headless_template")?,
        asking_patterns,
        created_at: row.time("created_at")?,
    })
}
