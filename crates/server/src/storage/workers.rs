//! Workers as rows, always written with their session.

use std::sync::{Arc, LazyLock};

use pilothouse_core::{
    ids::SessionId,
    sessions::{Activity, Exit, Launch, Session, Worker, WorkerKind, WorkerState},
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{AnyQuery, ManyRows, integer, text},
};

static INSERT: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO workers (id, session, place, name, agent_type, created_at, epoch, state, started_at, \
         exit_code, signal, reason, ended_at, activity, activity_since, terminal_columns, terminal_rows, \
         line, environment, asking_patterns) VALUES",
        20,
        "",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM workers WHERE session IN (VALUES", 1, ")"));

/// Makes the workers of these sessions those that the sessions have now.
pub(super) async fn replace_all_of(
    connection: &mut AnyConnection,
    sessions: &[&Session],
) -> Result<(), Failure> {
    let ids: Vec<&SessionId> = sessions.iter().map(|session| &session.id).collect();
    delete_all_of(connection, &ids).await?;
    let workers: Vec<(u64, &Worker)> = sessions
        .iter()
        .flat_map(|session| (0..).zip(session.workers.iter().map(AsRef::as_ref)))
        .collect();
    INSERT.run(connection, &workers, |query, (place, worker)| bind(query, *place, worker)).await?;
    Ok(())
}

/// Deletes the rows of these sessions' workers.
pub(super) async fn delete_all_of(
    connection: &mut AnyConnection,
    sessions: &[&SessionId],
) -> Result<(), Failure> {
    DELETE.run(connection, sessions, |query, id| query.bind(id.to_string())).await?;
    Ok(())
}

fn bind(query: AnyQuery, place: u64, worker: &Worker) -> AnyQuery {
    let agent_type = match &worker.kind {
        WorkerKind::Terminal => None,
        WorkerKind::Agent { agent_type } => Some(text(agent_type)),
    };
    let query = query
        .bind(worker.id.to_string())
        .bind(worker.session.to_string())
        .bind(integer(place))
        .bind(text(&worker.name))
        .bind(agent_type)
        .bind(integer(worker.created_at.0))
        .bind(i64::from(worker.epoch));
    let query = bind_state(query, &worker.state)
        .bind(worker.activity.as_str())
        .bind(integer(worker.activity_since.0))
        .bind(i64::from(worker.size.columns))
        .bind(i64::from(worker.size.rows));
    let Launch { line, environment, asking_patterns } = &worker.launch;
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (&**name, &**value)).collect();
    let asking_patterns: Vec<&str> = asking_patterns.iter().map(AsRef::as_ref).collect();
    query
        .bind(line.as_deref().map(text))
        .bind(serde_json::json!(environment).to_string())
        .bind(serde_json::json!(asking_patterns).to_string())
}

/// The columns `state` to `ended_at`.
fn bind_state(query: AnyQuery, state: &WorkerState) -> AnyQuery {
    let (word, since, exit) = match state {
        WorkerState::Starting => ("starting", None, None),
        WorkerState::Running { since } => ("running", Some(since), None),
        WorkerState::Ended(exit) => ("ended", None, Some(exit)),
    };
    query
        .bind(word)
        .bind(since.map(|since| integer(since.0)))
        .bind(exit.map(|exit| exit.code))
        .bind(exit.and_then(|exit| exit.signal.as_deref()).map(text))
        .bind(exit.and_then(|exit| exit.reason.as_deref()).map(text))
        .bind(exit.map(|exit| integer(exit.at.0)))
}

/// All workers, those of one session in its order.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Arc<Worker>>, Failure> {
    let rows = sqlx::query("SELECT * FROM workers ORDER BY place").fetch_all(connection).await?;
    rows.iter().map(|row| worker(row).map(Arc::new)).collect()
}

fn worker(row: &AnyRow) -> Result<Worker, Failure> {
    let kind = match row.optional_text("agent_type")? {
        None => WorkerKind::Terminal,
        Some(agent_type) => WorkerKind::Agent { agent_type },
    };
    let activity = row.text("activity")?;
    Ok(Worker {
        id: row.id("id")?,
        session: row.id("session")?,
        name: row.text("name")?,
        kind,
        created_at: row.time("created_at")?,
        epoch: row.epoch("epoch")?,
        state: state(row)?,
        activity: Activity::named(&activity)
            .ok_or_else(|| Failure::Corrupt(format!("a worker's activity is {activity:?}")))?,
        activity_since: row.time("activity_since")?,
        size: row.size()?,
        launch: launch(row)?,
    })
}

fn state(row: &AnyRow) -> Result<WorkerState, Failure> {
    match &*row.text("state")? {
        "starting" => Ok(WorkerState::Starting),
        "running" => Ok(WorkerState::Running { since: row.time("started_at")? }),
        "ended" => Ok(WorkerState::Ended(Exit {
            code: i32::try_from(row.integer("exit_code")?)
                .map_err(|_| Failure::Corrupt("an exit code is too large".to_owned()))?,
            signal: row.optional_text("signal")?,
            reason: row.optional_text("reason")?,
            at: row.time("ended_at")?,
        })),
        other => Err(Failure::Corrupt(format!("a worker's state is {other:?}"))),
    }
}

fn launch(row: &AnyRow) -> Result<Launch, Failure> {
    let environment = serde_json::from_str::<Vec<(String, String)>>(&row.text("environment")?)
        .map_err(|_| Failure::Corrupt("a worker's environment is no list of pairs".to_owned()))?;
    let asking_patterns = serde_json::from_str::<Vec<String>>(&row.text("asking_patterns")?)
        .map_err(|_| Failure::Corrupt("a worker's patterns are no list".to_owned()))?;
    Ok(Launch {
        line: row.optional_text("line")?,
        environment: environment
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        asking_patterns: asking_patterns.into_iter().map(Into::into).collect(),
    })
}
