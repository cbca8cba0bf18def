//! Presets as rows.

use std::{sync::LazyLock, time::Duration};

use pilothouse_core::{ids::PresetId, presets::Preset};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    commands::{priority, priority_number},
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO presets (id, name, line, agent, directory, priority, timeout, made_by, changed_at) VALUES",
        9,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, line = excluded.line, agent = excluded.agent, \
         directory = excluded.directory, priority = excluded.priority, timeout = excluded.timeout, \
         made_by = excluded.made_by, changed_at = excluded.changed_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM presets WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces presets, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    presets: &[&Preset],
) -> Result<(), Failure> {
    REPLACE
        .run(connection, presets, |query, preset| {
            query
                .bind(preset.id.to_string())
                .bind(text(&preset.name))
                .bind(text(&preset.line))
                .bind(preset.agent.as_ref().map(ToString::to_string))
                .bind(preset.directory.as_deref().map(text))
                .bind(priority_number(preset.priority))
                .bind(preset.timeout.map(milliseconds))
                .bind(text(&preset.made_by))
                .bind(integer(preset.changed_at.0))
        })
        .await?;
    Ok(())
}

/// Deletes presets.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    presets: &[&PresetId],
) -> Result<(), Failure> {
    DELETE.run(connection, presets, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

/// All presets, oldest first.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Preset>, Failure> {
    let rows = sqlx::query("SELECT * FROM presets").fetch_all(connection).await?;
    let mut presets = rows.iter().map(preset).collect::<Result<Vec<_>, _>>()?;
    // Ids sort by age; the two databases do not sort texts alike.
    presets.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(presets)
}

fn preset(row: &AnyRow) -> Result<Preset, Failure> {
    let timeout = row.optional_integer("timeout")?.and_then(|time| u64::try_from(time).ok());
    let agent = row.optional_text("agent")?;
    let agent = agent.map(|id| id.parse()).transpose();
    Ok(Preset {
        id: row.id("id")?,
        name: row.text("name")?,
        line: row.text("line")?,
        agent: agent.map_err(|_| Failure::Corrupt("a preset's agent is no id".to_owned()))?,
        directory: row.optional_text("directory")?,
        priority: priority(row.integer("priority")?)?,
        timeout: timeout.map(Duration::from_millis),
        made_by: row.text("made_by")?,
        changed_at: row.time("changed_at")?,
    })
}
