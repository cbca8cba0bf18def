//! Commands as rows. The connection that asked is not stored: it means nothing to the next life of the server.

use std::sync::{Arc, LazyLock};

use pilothouse_core::{
    commands::{Command, CommandFilter, CommandPage, CommandPlace, Priority, Standing},
    ids::{AgentId, CommandId},
    ports::StoredCommand,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    command_state::{StateColumns, state},
    conditions::Conditions,
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{AnyQuery, ManyRows, integer, text},
};

/// How many commands one call gives at most.
const MOST_COMMANDS: usize = 1_001;
/// More words than that are not looked at.
const MOST_WORDS: usize = 16;

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO commands (id, agent, line, priority, rank, requested_by, requested_at, request_id, \
         timeout_ms, directory, environment, state, started_at, outcome, exit_code, signal, reason, ended_at, \
         ran_for_ms) VALUES",
        19,
        "ON CONFLICT (id) DO UPDATE SET agent = excluded.agent, line = excluded.line, \
         priority = excluded.priority, rank = excluded.rank, requested_by = excluded.requested_by, \
         requested_at = excluded.requested_at, request_id = excluded.request_id, \
         timeout_ms = excluded.timeout_ms, directory = excluded.directory, \
         environment = excluded.environment, state = excluded.state, started_at = excluded.started_at, \
         outcome = excluded.outcome, exit_code = excluded.exit_code, signal = excluded.signal, \
         reason = excluded.reason, ended_at = excluded.ended_at, ran_for_ms = excluded.ran_for_ms",
    )
});

/// Inserts or replaces commands, each at most once.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    commands: &[&StoredCommand],
) -> Result<(), Failure> {
    REPLACE.run(connection, commands, |query, stored| bind(query, stored)).await?;
    Ok(())
}

fn bind(query: AnyQuery, stored: &StoredCommand) -> AnyQuery {
    let command = &*stored.command;
    let environment: Vec<(&str, &str)> =
        command.environment.iter().map(|(name, value)| (&**name, &**value)).collect();
    let query = query
        .bind(command.id.to_string())
        .bind(command.agent.to_string())
        .bind(text(&command.line))
        .bind(priority_number(command.priority))
        .bind(stored.rank)
        .bind(text(&command.requested_by))
        .bind(integer(command.requested_at.0))
        .bind(command.request_id.as_deref().map(text))
        .bind(milliseconds(command.timeout))
        .bind(command.directory.as_deref().map(text))
        .bind(serde_json::json!(environment).to_string());
    StateColumns::of(&command.state).bind(query)
}

/// Commands without a final state, in queue order per agent; what runs comes first.
pub(super) async fn live(connection: &mut AnyConnection) -> Result<Vec<StoredCommand>, Failure> {
    let rows =
        sqlx::query("SELECT * FROM commands WHERE ended_at IS NULL").fetch_all(connection).await?;
    let mut live = rows
        .iter()
        .map(|row| {
            Ok(StoredCommand { command: Arc::new(command(row)?), rank: row.integer("rank")? })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    live.sort_by(|one, other| place(one).cmp(&place(other)));
    Ok(live)
}

fn place(stored: &StoredCommand) -> impl Ord + '_ {
    let command = &*stored.command;
    let waits = command.state == pilothouse_core::commands::State::Queued;
    (&command.agent, waits, command.priority, stored.rank, &command.id)
}

/// The newest ended commands, newest first.
pub(super) async fn ended(
    connection: &mut AnyConnection,
    limit: usize,
) -> Result<Vec<Arc<Command>>, Failure> {
    let rows = sqlx::query(
        "SELECT * FROM commands WHERE ended_at IS NOT NULL \
         ORDER BY ended_at DESC, requested_at DESC, rank DESC, id DESC LIMIT $1",
    )
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| command(row).map(Arc::new)).collect()
}

/// One command.
pub(super) async fn find(
    connection: &mut AnyConnection,
    id: &CommandId,
) -> Result<Option<Command>, Failure> {
    let row = sqlx::query("SELECT * FROM commands WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(command).transpose()
}

/// The commands that a filter leaves, newest first.
pub(super) async fn page(
    connection: &mut AnyConnection,
    filter: &CommandFilter,
    page: &CommandPage,
) -> Result<Vec<Command>, Failure> {
    let mut conditions = conditions_of(filter);
    if let Some(CommandPlace { requested_at, command }) = &page.before {
        let (at, id) =
            (conditions.integer(integer(requested_at.0)), conditions.text(command.as_str()));
        conditions.add(format!("(requested_at < {at} OR (requested_at = {at} AND id < {id}))"));
    }
    let limit = i64::try_from(page.limit.min(MOST_COMMANDS)).unwrap_or(0);
    let tail = format!("ORDER BY requested_at DESC, id DESC LIMIT {}", conditions.integer(limit));
    let rows = conditions.query("SELECT * FROM commands", &tail).fetch_all(connection).await?;
    rows.iter().map(command).collect()
}

fn conditions_of(filter: &CommandFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.equals("agent", filter.agent.as_ref().map(AgentId::as_str));
    conditions.equals("requested_by", filter.requested_by.as_deref());
    for (comparison, at) in [("requested_at >=", filter.from), ("requested_at <=", filter.to)] {
        if let Some(at) = at {
            conditions.compare(comparison, integer(at.0));
        }
    }
    if !filter.standings.is_empty() {
        let any: Vec<_> = filter.standings.iter().map(|standing| stands(*standing)).collect();
        conditions.add(format!("({})", any.join(" OR ")));
    }
    for word in filter.words.iter().take(MOST_WORDS) {
        conditions.contains(&["line"], word);
    }
    conditions
}

/// [`Standing::of`] in SQL.
fn stands(standing: Standing) -> &'static str {
    match standing {
        Standing::Queued => "state = 'queued'",
        Standing::Running => "state = 'running'",
        Standing::Completed => {
            "(state = 'ended' AND outcome = 'exited' AND exit_code = 0 AND signal IS NULL)"
        }
        Standing::Failed => {
            "(state = 'ended' AND (outcome IN ('timed-out', 'not-started', 'agent-lost') \
             OR (outcome = 'exited' AND (exit_code <> 0 OR signal IS NOT NULL))))"
        }
        Standing::Interrupted => "(state = 'ended' AND outcome = 'interrupted')",
    }
}

fn command(row: &AnyRow) -> Result<Command, Failure> {
    let environment = serde_json::from_str::<Vec<(String, String)>>(&row.text("environment")?)
        .map_err(|_| Failure::Corrupt("a command's environment is no list of pairs".to_owned()))?;
    Ok(Command {
        id: row.id("id")?,
        agent: row.id("agent")?,
        line: row.text("line")?,
        priority: priority(row.integer("priority")?)?,
        requested_by: row.text("requested_by")?,
        requested_at: row.time("requested_at")?,
        request_id: row.optional_text("request_id")?,
        connection: None,
        timeout: row.duration("timeout_ms")?,
        directory: row.optional_text("directory")?,
        environment: environment
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        state: state(row)?,
    })
}

pub(super) fn priority_number(priority: Priority) -> i32 {
    match priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

pub(super) fn priority(number: i64) -> Result<Priority, Failure> {
    match number {
        0 => Ok(Priority::High),
        1 => Ok(Priority::Normal),
        2 => Ok(Priority::Low),
        _ => Err(Failure::Corrupt(format!("a command's priority is {number}"))),
    }
}
