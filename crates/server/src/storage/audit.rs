//! The audit as rows, in the order in which it was written.

use std::sync::{Arc, LazyLock};

use pilothouse_core::{
    audit::{Action, AuditCount, AuditFilter, AuditPage, AuditRecord, AuditResult, StoredAudit},
    ids::AgentId,
    time::Timestamp,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    conditions::Conditions,
    failure::Failure,
    fields::Fields,
    rows::{ManyRows, integer, text},
};

/// How many records one call gives at most.
const MOST_RECORDS: usize = 1_000;
/// How many records one call deletes at most, so that nobody waits long behind it.
const MOST_DELETED: i64 = 1_024;
/// More actions than that are not looked at.
const MOST_ACTIONS: usize = 64;

static APPEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO audit (id, at, actor, name, address, program, action, subject, agent, agent_name, \
         detail, result, refusal) VALUES",
        13,
        "",
    )
});

/// Appends records.
pub(super) async fn append(
    connection: &mut AnyConnection,
    records: &[&AuditRecord],
) -> Result<(), Failure> {
    APPEND
        .run(connection, records, |query, record| {
            query
                .bind(text(&record.id))
                .bind(integer(record.at.0))
                .bind(text(&record.actor))
                .bind(text(&record.name))
                .bind(text(&record.address))
                .bind(text(&record.program))
                .bind(text(&record.action))
                .bind(text(&record.subject))
                .bind(record.agent.as_ref().map(ToString::to_string))
                .bind(text(&record.agent_name))
                .bind(text(&record.detail))
                .bind(record.result.as_str())
                .bind(record.refusal.as_deref().map(text))
        })
        .await?;
    Ok(())
}

fn conditions_of(filter: &AuditFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.equals("actor", filter.actor.as_deref());
    conditions.equals("agent", filter.agent.as_deref());
    conditions.equals("subject", filter.subject.as_deref());
    conditions.equals("result", filter.result.map(AuditResult::as_str));
    if !filter.actions.is_empty() {
        let actions = filter.actions.iter().take(MOST_ACTIONS);
        let places: Vec<_> = actions.map(|action| conditions.text(action)).collect();
        conditions.add(format!("action IN ({})", places.join(", ")));
    }
    for (comparison, at) in [("at >=", filter.from), ("at <=", filter.to)] {
        if let Some(at) = at {
            conditions.compare(comparison, integer(at.0));
        }
    }
    if let Some(wanted) = &filter.text {
        let columns = ["detail", "subject", "actor", "name", "action", "COALESCE(refusal, '')"];
        conditions.contains(&columns, wanted);
    }
    conditions
}

/// The records that a filter leaves, newest first.
pub(super) async fn page(
    connection: &mut AnyConnection,
    filter: &AuditFilter,
    page: AuditPage,
) -> Result<Vec<StoredAudit>, Failure> {
    let mut conditions = conditions_of(filter);
    if let Some(before) = page.before {
        conditions.compare("number <", before);
    }
    let limit = i64::try_from(page.limit.min(MOST_RECORDS)).unwrap_or(0);
    let limit = conditions.integer(limit);
    let offset = conditions.integer(integer(page.offset));
    let head = "SELECT number, id, at, actor, name, address, program, action, subject, agent, agent_name, detail, result, \
                refusal FROM audit";
    let tail = format!("ORDER BY number DESC LIMIT {limit} OFFSET {offset}");
    let rows = conditions.query(head, &tail).fetch_all(connection).await?;
    rows.iter().map(record).collect()
}

/// How many records a filter leaves.
pub(super) async fn count(
    connection: &mut AnyConnection,
    filter: &AuditFilter,
) -> Result<u64, Failure> {
    let query = conditions_of(filter).query("SELECT COUNT(*) AS count FROM audit", "");
    query.fetch_one(connection).await?.count("count")
}

/// How often what was asked since then, with which result.
pub(super) async fn stats(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> Result<Vec<AuditCount>, Failure> {
    let rows = sqlx::query(
        "SELECT action, result, COUNT(*) AS count FROM audit WHERE at >= $1 GROUP BY action, result \
         ORDER BY action, result",
    )
    .bind(integer(since.0))
    .fetch_all(connection)
    .await?;
    let counts = rows.iter().map(|row| {
        Ok(AuditCount {
            action: row.text("action")?,
            result: result(row)?,
            count: row.count("count")?,
        })
    });
    counts.collect()
}

/// Every agent that a record concerns.
pub(super) async fn agents(connection: &mut AnyConnection) -> Result<Vec<AgentId>, Failure> {
    let rows =
        sqlx::query("SELECT DISTINCT agent FROM audit WHERE agent IS NOT NULL ORDER BY agent")
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| row.id("agent")).collect()
}

/// Deletes the oldest records from before that moment.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    before: Timestamp,
) -> Result<u64, Failure> {
    let deleted = sqlx::query(
        "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at < $1 ORDER BY at, number LIMIT $2)",
    )
    .bind(integer(before.0))
    .bind(MOST_DELETED)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

fn record(row: &AnyRow) -> Result<StoredAudit, Failure> {
    let action = row.text("action")?;
    let action = match Action::named(&action) {
        Some(known) => known.name.into(),
        None => String::from(&*action).into(),
    };
    let record = AuditRecord {
        id: row.text("id")?,
        at: row.time("at")?,
        actor: row.text("actor")?,
        name: row.text("name")?,
        address: row.text("address")?,
        program: row.text("program")?,
        action,
        subject: row.text("subject")?,
        // Nobody else wrote it, so it is one.
        agent: row.optional_text("agent")?.and_then(|id| id.parse().ok()),
        agent_name: row.text("agent_name")?,
        detail: row.text("detail")?,
        result: result(row)?,
        refusal: row.optional_text("refusal")?.map(|refusal: Arc<str>| String::from(&*refusal)),
    };
    Ok(StoredAudit { cursor: row.integer("number")?, record })
}

fn result(row: &AnyRow) -> Result<AuditResult, Failure> {
    let stored = row.text("result")?;
    AuditResult::named(&stored)
        .ok_or_else(|| Failure::Corrupt("the audit has an unknown result".to_owned()))
}
