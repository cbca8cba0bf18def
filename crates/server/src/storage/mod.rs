//! Durable storage: the core's [`Store`] over SQLite or PostgreSQL, with one SQL text for both.

mod agent_kinds;
mod agents;
mod append;
mod audit;
mod checkpoints;
mod command_state;
mod commands;
mod commit;
mod conditions;
mod connection;
mod control;
mod failure;
mod fields;
mod forgetting;
mod indexing;
mod kept_replies;
mod keys;
mod news;
mod people;
mod plain_text;
mod presets;
mod probe;
mod pruning;
mod readiness;
mod reading;
mod record_codec;
mod replies;
mod repositories;
mod revoked;
mod rows;
mod run_history;
mod run_steps;
mod run_waits;
mod runs;
mod schema;
mod search;
mod sessions;
mod webhooks;
mod workers;

use std::{future::Future, time::Duration};

use pilothouse_core::{
    audit::{AuditCount, AuditFilter, AuditPage, StoredAudit},
    commands::{Command, CommandFilter, CommandPage},
    control::{Spent, StoredControl},
    ids::{AgentId, CommandId, UserId},
    people::PasswordHash,
    ports::{
        AuditLog, CommandHistory, Credentials, PortFuture, Search, Store, StoreError, Stored, Write,
    },
    search::{Hit, SearchFilter, SearchPage},
    sessions::Checkpoint,
    streams::{StoredGroup, StreamKey},
    time::Timestamp,
};

use connection::Connections;
use failure::Failure;
pub use probe::reach;

pub use revoked::RevokedCredential;

/// A database that has not answered for so long is taken for gone.
const DEADLINE: Duration = Duration::from_mins(1);

/// The state of the server in a database. Clones share the same connections.
#[derive(Debug, Clone)]
pub struct SqlStore {
    connections: Connections,
}

impl SqlStore {
    /// Opens `sqlite://PATH?mode=rwc` or `postgres://…` and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let connections = in_time(Connections::open(url)).await?;
        Ok(Self { connections })
    }

    /// Waits for what is under way, then closes the database.
    pub async fn close(&self) {
        self.connections.close().await;
    }

    /// Keeps that a credential was revoked at `now`, and forgets those that expired before `forget`.
    pub async fn revoke(
        &self,
        revoked: &RevokedCredential,
        now: Timestamp,
        forget: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.connections.writer().await?;
        let stored = in_time(async {
            let mut transaction = connection::begin(&mut writer, self.connections.dialect).await?;
            revoked::prune(&mut transaction, forget).await?;
            revoked::insert(&mut transaction, revoked, now).await?;
            Ok(transaction.commit().await?)
        })
        .await;
        if stored.is_err() {
            writer.close_on_drop();
        }
        stored
    }

    /// The revoked credentials, but those that expired before `forget`.
    pub async fn revoked(&self, forget: Timestamp) -> Result<Vec<RevokedCredential>, StoreError> {
        let mut writer = self.connections.writer().await?;
        in_time(async {
            revoked::prune(&mut writer, forget).await?;
            revoked::all(&mut writer).await
        })
        .await
    }

    /// Makes a bounded piece of the output that was stored last searchable. Says whether there may be more.
    pub async fn index(&self) -> Result<bool, StoreError> {
        let mut writer = self.connections.writer().await?;
        let indexed = in_time(async {
            let mut transaction = connection::begin(&mut writer, self.connections.dialect).await?;
            let more = indexing::index(&mut transaction).await?;
            transaction.commit().await?;
            Ok(more)
        })
        .await;
        if indexed.is_err() {
            writer.close_on_drop();
        }
        indexed
    }

    async fn load_all(&self, ended: usize) -> Result<Stored, Failure> {
        let mut reader = self.connections.reader().await?;
        Ok(Stored {
            agents: agents::all(&mut reader).await?,
            keys: keys::all(&mut reader).await?,
            live: commands::live(&mut reader).await?,
            ended: commands::ended(&mut reader, ended).await?,
            sessions: sessions::all(&mut reader).await?,
            repositories: repositories::all(&mut reader).await?,
            agent_types: agent_kinds::all(&mut reader).await?,
            control: StoredControl {
                holds: control::holds(&mut reader).await?,
                budgets: control::budgets(&mut reader).await?,
                spent: Vec::new(),
            },
            presets: presets::all(&mut reader).await?,
            readiness: readiness::all(&mut reader).await?,
            runs: runs::live(&mut reader).await?,
            extents: reading::extents(&mut reader, ended).await?,
            users: people::all(&mut reader).await?,
            sign_ins: people::sign_ins(&mut reader).await?,
            webhooks: webhooks::all(&mut reader).await?,
        })
    }

    async fn prune_some(&self, keep_stream: u64, keep_total: u64) -> Result<u64, StoreError> {
        let mut writer = self.connections.writer().await?;
        let deleted = in_time(async {
            let mut transaction = connection::begin(&mut writer, self.connections.dialect).await?;
            let deleted = pruning::prune(&mut transaction, keep_stream, keep_total).await?;
            transaction.commit().await?;
            Ok(deleted)
        })
        .await;
        if deleted.is_err() {
            writer.close_on_drop();
        }
        deleted
    }
}

/// Bounds a call, and tells its failure in the core's words.
async fn in_time<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
    match tokio::time::timeout(DEADLINE, call).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Failure::Unusable("the database does not answer").into()),
    }
}

impl Store for SqlStore {
    fn commit<'a>(&'a self, batch: &'a [Write]) -> PortFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(());
            }
            let mut writer = self.connections.writer().await?;
            let stored =
                in_time(commit::commit(&mut writer, self.connections.dialect, batch)).await;
            if stored.is_err() {
                // After a full disk or a lost server nobody knows what state the connection is in.
                writer.close_on_drop();
            }
            stored
        })
    }

    fn load(&self, ended: usize) -> PortFuture<'_, Result<Stored, StoreError>> {
        Box::pin(in_time(self.load_all(ended)))
    }

    fn read_output<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
        max_bytes: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            reading::output(&mut reader, stream, position, max_bytes).await
        }))
    }

    fn read_output_after<'a>(
        &'a self,
        stream: &'a StreamKey,
        sequence: u64,
        max_bytes: usize,
    ) -> PortFuture<'a, Result<Vec<StoredGroup>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            reading::output_after(&mut reader, stream, sequence, max_bytes).await
        }))
    }

    fn checkpoint<'a>(
        &'a self,
        stream: &'a StreamKey,
        position: u64,
    ) -> PortFuture<'a, Result<Option<Checkpoint>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            checkpoints::newest(&mut reader, stream, position).await
        }))
    }

    fn command<'a>(
        &'a self,
        id: &'a CommandId,
    ) -> PortFuture<'a, Result<Option<Command>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            commands::find(&mut reader, id).await
        }))
    }

    fn spent(&self, since: Timestamp) -> PortFuture<'_, Result<Vec<Spent>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            control::spent(&mut reader, since).await
        }))
    }

    fn prune(&self, keep_stream: u64, keep_total: u64) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.prune_some(keep_stream, keep_total))
    }
}

impl Credentials for SqlStore {
    fn password<'a>(
        &'a self,
        user: &'a UserId,
    ) -> PortFuture<'a, Result<Option<PasswordHash>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            people::password(&mut reader, user).await
        }))
    }
}

impl CommandHistory for SqlStore {
    fn commands<'a>(
        &'a self,
        filter: &'a CommandFilter,
        page: &'a CommandPage,
    ) -> PortFuture<'a, Result<Vec<Command>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            commands::page(&mut reader, filter, page).await
        }))
    }
}

impl Search for SqlStore {
    fn search<'a>(
        &'a self,
        query: &'a str,
        filter: &'a SearchFilter,
        page: SearchPage,
    ) -> PortFuture<'a, Result<Vec<Hit>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            search::search(&mut reader, self.connections.dialect, query, filter, page).await
        }))
    }
}

impl AuditLog for SqlStore {
    fn page<'a>(
        &'a self,
        filter: &'a AuditFilter,
        page: AuditPage,
    ) -> PortFuture<'a, Result<Vec<StoredAudit>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            audit::page(&mut reader, filter, page).await
        }))
    }

    fn count<'a>(&'a self, filter: &'a AuditFilter) -> PortFuture<'a, Result<u64, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            audit::count(&mut reader, filter).await
        }))
    }

    fn stats(&self, since: Timestamp) -> PortFuture<'_, Result<Vec<AuditCount>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            audit::stats(&mut reader, since).await
        }))
    }

    fn agents(&self) -> PortFuture<'_, Result<Vec<AgentId>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            audit::agents(&mut reader).await
        }))
    }

    fn forget(&self, before: Timestamp) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut writer = self.connections.writer().await?;
            let deleted = in_time(audit::forget(&mut writer, before)).await;
            if deleted.is_err() {
                writer.close_on_drop();
            }
            deleted
        })
    }
}
