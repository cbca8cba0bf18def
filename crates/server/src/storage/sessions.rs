//! Sessions as rows, each with the rows of its workers. Whether a session is active is not stored: its agent's link says so.

use std::{collections::HashMap, sync::LazyLock};

use pilothouse_core::{
    ids::SessionId,
    sessions::{Kind, Session},
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    failure::Failure,
    fields::Fields,
    rows::{AnyQuery, ManyRows, integer, text},
    workers,
};

static REPLACE: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO sessions (id, agent, kind, repository, branch, path, title, initial_prompt, created_at) VALUES",
        9,
        "ON CONFLICT (id) DO UPDATE SET agent = excluded.agent, kind = excluded.kind, \
         repository = excluded.repository, branch = excluded.branch, path = excluded.path, \
         title = excluded.title, initial_prompt = excluded.initial_prompt, created_at = excluded.created_at",
    )
});

static DELETE: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("DELETE FROM sessions WHERE id IN (VALUES", 1, ")"));

/// Inserts or replaces sessions, each at most once; of their workers only those remain that they have now.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    sessions: &[&Session],
) -> Result<(), Failure> {
    REPLACE.run(connection, sessions, |query, session| bind(query, session)).await?;
    workers::replace_all_of(connection, sessions).await
}

/// Deletes sessions and the rows of their workers.
pub(super) async fn delete(
    connection: &mut AnyConnection,
    sessions: &[&SessionId],
) -> Result<(), Failure> {
    DELETE.run(connection, sessions, |query, id| query.bind(id.to_string())).await?;
    workers::delete_all_of(connection, sessions).await
}

fn bind(query: AnyQuery, session: &Session) -> AnyQuery {
    let (kind, repository, branch) = match &session.kind {
        Kind::Quick => ("quick", None, None),
        Kind::Worktree { repository, branch } => ("worktree", Some(repository), Some(branch)),
    };
    query
        .bind(session.id.to_string())
        .bind(session.agent.to_string())
        .bind(kind)
        .bind(repository.map(ToString::to_string))
        .bind(branch.map(|branch| text(branch)))
        .bind(text(&session.path))
        .bind(session.title.as_deref().map(text))
        .bind(session.initial_prompt.as_deref().map(text))
        .bind(integer(session.created_at.0))
}

/// All sessions with their workers, oldest first.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Session>, Failure> {
    let mut workers: HashMap<SessionId, Vec<_>> = HashMap::new();
    for worker in workers::all(connection).await? {
        workers.entry(worker.session.clone()).or_default().push(worker);
    }
    let rows = sqlx::query("SELECT * FROM sessions").fetch_all(connection).await?;
    let mut sessions = rows.iter().map(session).collect::<Result<Vec<_>, _>>()?;
    for session in &mut sessions {
        session.workers = workers.remove(&session.id).unwrap_or_default().into();
    }
    // The two databases do not sort texts alike.
    sessions.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(sessions)
}

fn session(row: &AnyRow) -> Result<Session, Failure> {
    let kind = match &*row.text("kind")? {
        "quick" => Kind::Quick,
        "worktree" => {
            Kind::Worktree { repository: row.id("repository")?, branch: row.text("branch")? }
        }
        other => return Err(Failure::Corrupt(format!("a session's kind is {other:?}"))),
    };
    Ok(Session {
        id: row.id("id")?,
        agent: row.id("agent")?,
        kind,
        path: row.text("path")?,
        title: row.optional_text("title")?,
        initial_prompt: row.optional_text("initial_prompt")?,
        created_at: row.time("created_at")?,
        is_active: false,
        workers: [].into(),
    })
}
