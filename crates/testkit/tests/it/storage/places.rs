//! Where a store under test lives.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::Result;
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::postgres::Postgres;
use sqlx::Connection;
use tempfile::TempDir;

/// An empty database of its own, deleted on drop.
pub(super) struct Place {
    /// Its address.
    pub(super) url: String,
    _directory: Option<TempDir>,
    _server: Option<Arc<Postgres>>,
}

impl Place {
    /// A file.
    pub(super) fn sqlite() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let url = sqlite_url(&directory.path().join("a b.db"));
        Ok(Self { url, _directory: Some(directory), _server: None })
    }

    /// A database on the shared server.
    pub(super) fn postgres() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = Postgres::shared()?;
        let url = server.database(&format!("store_{}", NUMBER.fetch_add(1, Ordering::Relaxed)))?;
        Ok(Self { url, _directory: None, _server: Some(server) })
    }

    /// Opens it, again and again if need be.
    pub(super) async fn open(&self) -> Result<SqlStore> {
        Ok(SqlStore::open(&self.url).await?)
    }

    /// Changes the database behind the store's back.
    pub(super) async fn tamper(&self, statement: &'static str) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::query(statement).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Reads one column of texts, for what the port does not give back.
    pub(super) async fn texts(&self, statement: &'static str) -> Result<Vec<String>> {
        let mut connection = self.connect().await?;
        let texts = sqlx::query_scalar(statement).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(texts)
    }

    async fn connect(&self) -> Result<sqlx::AnyConnection> {
        sqlx::any::install_default_drivers();
        Ok(sqlx::AnyConnection::connect(&self.url).await?)
    }
}

/// The address of a file that is created if it is missing.
pub(crate) fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}
