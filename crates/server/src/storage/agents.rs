//! Agents as rows.

use std::sync::{Arc, LazyLock};

use pilothouse_core::agents::{Agent, Profile, Status};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{AnyQuery, ManyRows, integer, text},
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO agents (id, name, agent_type, version, platform, host, capabilities, connected_at, \
         last_activity) VALUES",
        9,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, agent_type = excluded.agent_type, \
         version = excluded.version, platform = excluded.platform, host = excluded.host, \
         capabilities = excluded.capabilities, connected_at = excluded.connected_at, \
         last_activity = excluded.last_activity",
    )
});

/// Inserts or replaces agents, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    agents: &[&Arc<Agent>],
) -> Result<(), Failure> {
    REPLACE.run(connection, agents, |query, agent| bind(query, agent)).await?;
    Ok(())
}

fn bind(query: AnyQuery, agent: &Agent) -> AnyQuery {
    let Profile { name, agent_type, version, platform, host, capabilities } = &agent.profile;
    let capabilities: Vec<&str> = capabilities.iter().map(AsRef::as_ref).collect();
    query
        .bind(agent.id.to_string())
        .bind(text(name))
        .bind(text(agent_type))
        .bind(text(version))
        .bind(text(platform))
        .bind(text(host))
        .bind(serde_json::json!(capabilities).to_string())
        .bind(integer(agent.connected_at.0))
        .bind(integer(agent.last_activity.0))
}

/// All agents by id. None of them is linked yet.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Agent>, Failure> {
    let rows = sqlx::query(
        "SELECT id, name, agent_type, version, platform, host, capabilities, connected_at, last_activity \
         FROM agents",
    )
    .fetch_all(connection)
    .await?;
    let mut agents = rows.iter().map(agent).collect::<Result<Vec<_>, _>>()?;
    // The two databases do not sort texts alike.
    agents.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(agents)
}

fn agent(row: &AnyRow) -> Result<Agent, Failure> {
    let capabilities: Vec<Arc<str>> =
        serde_json::from_str::<Vec<String>>(&row.text("capabilities")?)
            .map_err(|_| Failure::Corrupt("an agent's capabilities are no list".to_owned()))?
            .into_iter()
            .map(Into::into)
            .collect();
    Ok(Agent {
        id: row.id("id")?,
        profile: Profile {
            name: row.text("name")?,
            agent_type: row.text("agent_type")?,
            version: row.text("version")?,
            platform: row.text("platform")?,
            host: row.text("host")?,
            capabilities: capabilities.into(),
        },
        status: Status::Offline,
        connected_at: row.time("connected_at")?,
        last_activity: row.time("last_activity")?,
    })
}
