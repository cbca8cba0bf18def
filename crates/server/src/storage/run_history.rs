//! The port for runs with their steps: found by whoever looks, forgotten by age.

use pilothouse_core::{
    ids::RunId,
    ports::{PortFuture, RunHistory, StoreError},
    runs::{Run, RunFilter, RunPage, Screenshot, StoredStep},
};

use super::{SqlStore, connection, in_time, run_steps, runs};

impl RunHistory for SqlStore {
    fn runs<'a>(
        &'a self,
        filter: &'a RunFilter,
        page: &'a RunPage,
    ) -> PortFuture<'a, Result<Vec<Run>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            runs::page(&mut reader, filter, page).await
        }))
    }

    fn run<'a>(&'a self, id: &'a RunId) -> PortFuture<'a, Result<Option<Run>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            runs::find(&mut reader, id).await
        }))
    }

    fn steps<'a>(
        &'a self,
        run: &'a RunId,
        after: u32,
        limit: usize,
    ) -> PortFuture<'a, Result<Vec<StoredStep>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            run_steps::page(&mut reader, run, after, limit).await
        }))
    }

    fn screenshot<'a>(
        &'a self,
        run: &'a RunId,
        step: u32,
    ) -> PortFuture<'a, Result<Option<Screenshot>, StoreError>> {
        Box::pin(in_time(async move {
            let mut reader = self.connections.reader().await?;
            run_steps::picture(&mut reader, run, step).await
        }))
    }

    fn forget(&self, keep: u64, keep_pictures: u64) -> PortFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut writer = self.connections.writer().await?;
            let forgotten = in_time(async {
                let mut transaction =
                    connection::begin(&mut writer, self.connections.dialect).await?;
                let forgotten = runs::forget(&mut transaction, keep).await?
                    + run_steps::forget_pictures(&mut transaction, keep_pictures).await?;
                transaction.commit().await?;
                Ok(forgotten)
            })
            .await;
            if forgotten.is_err() {
                // Nobody knows what state the connection is in.
                writer.close_on_drop();
            }
            forgotten
        })
    }
}
