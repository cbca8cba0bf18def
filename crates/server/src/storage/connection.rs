//! Connections: one that writes and a few that read, alike for both databases.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use sqlx::{
    Any, AnyConnection, AnyPool, ConnectOptions, Connection, Executor, Row,
    any::{AnyConnectOptions, AnyPoolOptions},
    pool::PoolConnection,
};

use super::{failure::Failure, schema};

/// How many calls can read at the same time.
const READERS: u32 = 4;

/// How long a call waits for a connection before it is told that there is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// The database an address names.
    pub(super) fn of(url: &str) -> Result<Self, Failure> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(Failure::Unusable(
                "the database address is not valid, use sqlite://PATH?mode=rwc or postgres://…",
            )),
        }
    }

    /// Begins a transaction that writes. SQLite takes its lock at once, because it cannot wait for it later.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

/// The open database.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    /// Which one it is.
    pub(super) dialect: Dialect,
    writer: AnyPool,
    readers: AnyPool,
}

impl Connections {
    /// Opens the database and brings its schema up to date.
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        // A pool repeats what fails until its patience ends; a first connection of our own tells at once what is wrong.
        let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
        let mut first = options.connect().await?;
        if dialect == Dialect::Sqlite {
            prepare_sqlite(&mut first, false).await?;
        }
        schema::bring_up_to_date(&mut first, dialect).await?;
        first.close().await?;
        let writer = pool(dialect, 1, false).connect_with(options.clone()).await?;
        let readers = pool(dialect, READERS, true).connect_with(options).await?;
        Ok(Self { dialect, writer, readers })
    }

    /// The connection that writes. Whoever is in front of the caller finishes first.
    pub(super) async fn writer(&self) -> Result<PoolConnection<Any>, Failure> {
        Ok(self.writer.acquire().await?)
    }

    /// A connection that reads.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Any>, Failure> {
        Ok(self.readers.acquire().await?)
    }

    /// Waits for what is under way, then closes everything.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn pool(dialect: Dialect, size: u32, only_reads: bool) -> AnyPoolOptions {
    let options = AnyPoolOptions::new().max_connections(size).acquire_timeout(PATIENCE);
    match dialect {
        // A file cannot go away like a server, so connections need neither tests nor renewal. All are opened
        // at once: later there may be no file descriptor left for them.
        Dialect::Sqlite => options
            .min_connections(size)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| Box::pin(prepare_sqlite(connection, only_reads))),
        Dialect::Postgres => options,
    }
}

/// With WAL and synchronous=NORMAL a commit survives the end of the process at any moment; the last moments before
/// a power cut may be missing, but nothing else is harmed.
async fn prepare_sqlite(
    connection: &mut AnyConnection,
    only_reads: bool,
) -> Result<(), sqlx::Error> {
    connection.execute("PRAGMA busy_timeout = 5000").await?;
    if only_reads {
        connection.execute("PRAGMA query_only = ON").await?;
        return Ok(());
    }
    make_private_if_empty(connection).await?;
    connection
        .execute(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864",
        )
        .await?;
    Ok(())
}

/// Nobody else may read a new database. The log beside it gets the same mode from SQLite.
async fn make_private_if_empty(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let row = connection
        .fetch_one(
            "SELECT CAST(file AS TEXT) AS file FROM pragma_database_list WHERE name = 'main'",
        )
        .await?;
    let path: String = row.try_get("file")?;
    if path.is_empty() {
        return Err(sqlx::Error::Configuration("a database in memory keeps nothing".into()));
    }
    if std::fs::metadata(&path)?.len() == 0 {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Rolls back by itself if it is dropped.
pub(super) async fn begin(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<sqlx::Transaction<'_, Any>, Failure> {
    Ok(connection.begin_with(dialect.begin()).await?)
}
