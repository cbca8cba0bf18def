//! Runs as rows.

use std::sync::LazyLock;

use pilothouse_core::{
    ids::{AgentId, RunId},
    runs::{Ended, Outcome, Run, RunFilter, RunLimits, RunPage, RunPlace, Standing, State},
    time::Timestamp,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    conditions::Conditions,
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{AnyQuery, ManyRows, integer, text},
    run_waits,
};

/// How many runs one call gives at most.
const MOST_RUNS: usize = 1_001;
/// How many ended runs one call deletes at most.
const MOST_DELETED: i64 = 64;

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO runs (id, owner, requested_by, requested_at, agent, session, task, script, step_limit, \
         time_limit_ms, steps, stage, state, began_at, ended_at, error, answer, commands, approval, allowed, heals, \
         paused, idle_ms, idle_since, wait_id, wait_kind, wait_text, wait_since, wait_until, wait_method, wait_url) VALUES",
        31,
        "ON CONFLICT (id) DO UPDATE SET steps = excluded.steps, stage = excluded.stage, state = excluded.state, \
         began_at = excluded.began_at, ended_at = excluded.ended_at, error = excluded.error, \
         answer = excluded.answer, commands = excluded.commands, paused = excluded.paused, \
         idle_ms = excluded.idle_ms, idle_since = excluded.idle_since, wait_id = excluded.wait_id, \
         wait_kind = excluded.wait_kind, wait_text = excluded.wait_text, wait_since = excluded.wait_since, \
         wait_until = excluded.wait_until, wait_method = excluded.wait_method, wait_url = excluded.wait_url",
    )
});

/// Inserts runs, or replaces what changes of them; each at most once.
pub(super) async fn replace(connection: &mut AnyConnection, runs: &[&Run]) -> Result<(), Failure> {
    REPLACE.run(connection, runs, |query, run| bind(query, run)).await?;
    Ok(())
}

fn bind(query: AnyQuery, run: &Run) -> AnyQuery {
    let ended = match &run.state {
        State::Ended(ended) => Some(ended),
        State::Pending | State::InProgress { .. } => None,
    };
    let error = ended.and_then(|ended| match &ended.outcome {
        Outcome::Failed { error } => Some(text(error)),
        Outcome::Completed | Outcome::Cancelled => None,
    });
    let query = query
        .bind(run.id.to_string())
        .bind(text(&run.user))
        .bind(text(&run.requested_by))
        .bind(integer(run.requested_at.0))
        .bind(run.agent.to_string())
        .bind(run.session.as_ref().map(ToString::to_string))
        .bind(run.task.as_deref().map(text))
        .bind(run.script.as_deref().map(text))
        .bind(i64::from(run.limits.steps))
        .bind(milliseconds(run.limits.time))
        .bind(i64::from(run.steps))
        .bind(run.stage.as_deref().map(text))
        .bind(run.state.name())
        .bind(run.state.began().map(|began| integer(began.0)))
        .bind(ended.map(|ended| integer(ended.at.0)))
        .bind(error)
        .bind(ended.and_then(|ended| ended.answer.as_deref()).map(text))
        .bind(ended.and_then(|ended| ended.commands.as_deref()).map(text));
    run_waits::bind(query, run)
}

/// Runs without a final state, oldest first.
pub(super) async fn live(connection: &mut AnyConnection) -> Result<Vec<Run>, Failure> {
    let rows =
        sqlx::query("SELECT * FROM runs WHERE ended_at IS NULL").fetch_all(connection).await?;
    let mut live = rows.iter().map(run).collect::<Result<Vec<_>, _>>()?;
    // Ids sort by age; the two databases do not sort texts alike.
    live.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(live)
}

/// One run.
pub(super) async fn find(
    connection: &mut AnyConnection,
    id: &RunId,
) -> Result<Option<Run>, Failure> {
    let row = sqlx::query("SELECT * FROM runs WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(run).transpose()
}

/// The runs that a filter leaves, newest first.
pub(super) async fn page(
    connection: &mut AnyConnection,
    filter: &RunFilter,
    page: &RunPage,
) -> Result<Vec<Run>, Failure> {
    let mut conditions = Conditions::default();
    conditions.equals("agent", filter.agent.as_ref().map(AgentId::as_str));
    conditions.equals("owner", filter.user.as_deref());
    if !filter.standings.is_empty() {
        let names = filter.standings.iter().map(|standing| conditions.text(standing.as_str()));
        let names: Vec<_> = names.collect();
        conditions.add(format!("state IN ({})", names.join(", ")));
    }
    if let Some(RunPlace { requested_at, run }) = &page.before {
        let (at, id) = (conditions.integer(integer(requested_at.0)), conditions.text(run.as_str()));
        conditions.add(format!("(requested_at < {at} OR (requested_at = {at} AND id < {id}))"));
    }
    let limit = i64::try_from(page.limit.min(MOST_RUNS)).unwrap_or(0);
    let tail = format!("ORDER BY requested_at DESC, id DESC LIMIT {}", conditions.integer(limit));
    let rows = conditions.query("SELECT * FROM runs", &tail).fetch_all(connection).await?;
    rows.iter().map(run).collect()
}

/// Deletes ended runs with their steps but for the newest, and returns how many.
pub(super) async fn forget(connection: &mut AnyConnection, keep: u64) -> Result<u64, Failure> {
    let rows = sqlx::query(
        "SELECT id FROM runs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT $1 OFFSET $2",
    )
    .bind(MOST_DELETED)
    .bind(integer(keep))
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let id: RunId = row.id("id")?;
        for statement in ["DELETE FROM run_steps WHERE run = $1", "DELETE FROM runs WHERE id = $1"]
        {
            sqlx::query(statement).bind(id.to_string()).execute(&mut *connection).await?;
        }
    }
    Ok(rows.len() as u64)
}

fn run(row: &AnyRow) -> Result<Run, Failure> {
    let session = row.optional_text("session")?.map(|id| id.parse()).transpose();
    let number = |column| {
        let stored = row.integer(column)?;
        u32::try_from(stored).map_err(|_| Failure::Corrupt(format!("{column} is out of range")))
    };
    Ok(Run {
        id: row.id("id")?,
        user: row.text("owner")?,
        requested_by: row.text("requested_by")?,
        requested_at: row.time("requested_at")?,
        agent: row.id("agent")?,
        session: session.map_err(|_| Failure::Corrupt("a run's session is no id".to_owned()))?,
        task: row.optional_text("task")?,
        script: row.optional_text("script")?,
        limits: RunLimits { steps: number("step_limit")?, time: row.duration("time_limit_ms")? },
        steps: number("steps")?,
        stage: row.optional_text("stage")?,
        state: state(row)?,
        approval: run_waits::flag(row, "approval")?,
        allowed: run_waits::allowed(row)?,
        heals: run_waits::flag(row, "heals")?,
        paused: run_waits::flag(row, "paused")?,
        waits: run_waits::wait(row)?,
        idle: run_waits::idle(row)?,
    })
}

fn state(row: &AnyRow) -> Result<State, Failure> {
    let name = row.text("state")?;
    let began = row.optional_integer("began_at")?.and_then(|at| u64::try_from(at).ok());
    let began = began.map(Timestamp);
    let corrupt = || Failure::Corrupt(format!("a run's state is {name:?}"));
    let outcome = match Standing::named(&name).ok_or_else(corrupt)? {
        Standing::Pending => return Ok(State::Pending),
        Standing::InProgress => {
            return Ok(State::InProgress { since: began.ok_or_else(corrupt)? });
        }
        Standing::Completed => Outcome::Completed,
        Standing::Failed => {
            Outcome::Failed { error: row.optional_text("error")?.unwrap_or_default() }
        }
        Standing::Cancelled => Outcome::Cancelled,
    };
    Ok(State::Ended(Ended {
        outcome,
        began,
        at: row.time("ended_at")?,
        answer: row.optional_text("answer")?,
        commands: row.optional_text("commands")?,
    }))
}
