//! Holds and budgets as rows, and what counts for budgets.

use std::{sync::LazyLock, time::Duration};

use pilothouse_core::{
    control::{Budget, Excess, Hold, HoldCause, Spent},
    ids::AgentId,
    time::Timestamp,
};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{ManyRows, integer, text},
};

static HOLD: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO holds (agent, cause, ordered_by, since, detail) VALUES",
        5,
        "ON CONFLICT (agent) DO UPDATE SET cause = excluded.cause, ordered_by = excluded.ordered_by, \
         since = excluded.since, detail = excluded.detail",
    )
});

static RELEASE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM holds WHERE agent IN (VALUES", 1, ")"));

static LIMIT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO budgets (agent, commands_per_hour, time_per_hour, excess) VALUES",
        4,
        "ON CONFLICT (agent) DO UPDATE SET commands_per_hour = excluded.commands_per_hour, \
         time_per_hour = excluded.time_per_hour, excess = excluded.excess",
    )
});

static UNLIMIT: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM budgets WHERE agent IN (VALUES", 1, ")"));

/// Inserts or replaces holds, of each agent at most one.
pub(super) async fn hold(
    connection: &mut AnyConnection,
    holds: &[(&AgentId, &Hold)],
) -> Result<(), Failure> {
    HOLD.run(connection, holds, |query, (agent, hold)| {
        query
            .bind(agent.to_string())
            .bind(hold.cause.as_str())
            .bind(text(&hold.by))
            .bind(integer(hold.since.0))
            .bind(text(&hold.text))
    })
    .await?;
    Ok(())
}

/// Deletes holds.
pub(super) async fn release(
    connection: &mut AnyConnection,
    agents: &[&AgentId],
) -> Result<(), Failure> {
    RELEASE.run(connection, agents, |query, agent| query.bind(agent.to_string())).await?;
    Ok(())
}

/// Inserts or replaces budgets, of each agent at most one.
pub(super) async fn limit(
    connection: &mut AnyConnection,
    budgets: &[(&AgentId, &Budget)],
) -> Result<(), Failure> {
    LIMIT
        .run(connection, budgets, |query, (agent, budget)| {
            query
                .bind(agent.to_string())
                .bind(budget.commands_per_hour.map(i64::from))
                .bind(budget.time_per_hour.map(milliseconds))
                .bind(budget.excess.as_str())
        })
        .await?;
    Ok(())
}

/// Deletes budgets.
pub(super) async fn unlimit(
    connection: &mut AnyConnection,
    agents: &[&AgentId],
) -> Result<(), Failure> {
    UNLIMIT.run(connection, agents, |query, agent| query.bind(agent.to_string())).await?;
    Ok(())
}

/// All holds that people ordered, by agent.
pub(super) async fn holds(connection: &mut AnyConnection) -> Result<Vec<(AgentId, Hold)>, Failure> {
    let rows = sqlx::query("SELECT * FROM holds").fetch_all(connection).await?;
    let mut holds = rows.iter().map(stored_hold).collect::<Result<Vec<_>, _>>()?;
    holds.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(holds)
}

/// All budgets, by agent.
pub(super) async fn budgets(
    connection: &mut AnyConnection,
) -> Result<Vec<(AgentId, Budget)>, Failure> {
    let rows = sqlx::query("SELECT * FROM budgets").fetch_all(connection).await?;
    let mut budgets = rows.iter().map(stored_budget).collect::<Result<Vec<_>, _>>()?;
    budgets.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(budgets)
}

/// The commands that ran since a moment, oldest first.
pub(super) async fn spent(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> Result<Vec<Spent>, Failure> {
    let rows = sqlx::query(
        // A command that ended has no start of its own, but an end and a duration.
        "SELECT agent, COALESCE(started_at, ended_at - ran_for_ms) AS began_at, ran_for_ms FROM commands \
         WHERE (ended_at IS NULL AND started_at IS NOT NULL) OR (ended_at > $1 AND ran_for_ms > 0) \
         ORDER BY began_at, id",
    )
    .bind(integer(since.0))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let ran_for = row.try_get::<Option<i64>, _>("ran_for_ms")?;
            let ran_for =
                ran_for.and_then(|ran| u64::try_from(ran).ok()).map(Duration::from_millis);
            Ok(Spent { agent: row.id("agent")?, began: row.time("began_at")?, ran_for })
        })
        .collect()
}

fn stored_hold(row: &AnyRow) -> Result<(AgentId, Hold), Failure> {
    let cause = row.text("cause")?;
    let cause = HoldCause::named(&cause)
        .ok_or_else(|| Failure::Corrupt(format!("an agent is held for {cause:?}")))?;
    let hold = Hold {
        cause,
        by: row.text("ordered_by")?,
        since: row.time("since")?,
        until: None,
        text: row.text("detail")?,
    };
    Ok((row.id("agent")?, hold))
}

fn stored_budget(row: &AnyRow) -> Result<(AgentId, Budget), Failure> {
    let excess = row.text("excess")?;
    let excess = Excess::named(&excess)
        .ok_or_else(|| Failure::Corrupt(format!("a budget's excess is {excess:?}")))?;
    let count = row.optional_integer("commands_per_hour")?;
    let time = row.optional_integer("time_per_hour")?;
    let negative = || Failure::Corrupt("a budget is negative".to_owned());
    let budget = Budget {
        commands_per_hour: count
            .map(|count| u32::try_from(count).map_err(|_| negative()))
            .transpose()?,
        time_per_hour: time
            .map(|time| u64::try_from(time).map(Duration::from_millis).map_err(|_| negative()))
            .transpose()?,
        excess,
    };
    Ok((row.id("agent")?, budget))
}
