//! Where a store under test lives.

use std::{
    path::PathBuf,
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
        let url = sqlite_url(directory.path().join("a b.db"));
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

    /// Makes the database look as if a later version had written it.
    pub(super) async fn pretend_newer_schema(&self) -> Result<()> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.url).await?;
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 999, description, success, checksum, execution_time FROM _sqlx_migrations",
        )
        .execute(&mut connection)
        .await?;
        Ok(connection.close().await?)
    }
}

/// The address of a file that is created if it is missing.
pub(super) fn sqlite_url(path: PathBuf) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}
