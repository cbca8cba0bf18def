//! The port for replies, over the one connection that writes.

use pilothouse_core::{
    ports::{PortFuture, StoreError},
    time::Timestamp,
};

use super::{SqlStore, connection, failure::Failure, in_time, replies};
use crate::idempotency::{Begun, KeptReply, Keyed, Replies};

/// Runs a call on the writing connection, as one transaction.
macro_rules! written {
    ($store:ident, |$transaction:ident| $call:expr) => {
        Box::pin(async move {
            let mut writer = $store.connections.writer().await?;
            let done = in_time(async {
                let mut $transaction =
                    connection::begin(&mut writer, $store.connections.dialect).await?;
                let done = $call.await?;
                $transaction.commit().await?;
                Ok::<_, Failure>(done)
            })
            .await;
            if done.is_err() {
                // Nobody knows what state the connection is in.
                writer.close_on_drop();
            }
            done
        })
    };
}

impl Replies for SqlStore {
    fn begin<'a>(
        &'a self,
        keyed: &'a Keyed,
        now: Timestamp,
        forget: Timestamp,
    ) -> PortFuture<'a, Result<Begun, StoreError>> {
        written!(self, |transaction| replies::begin(&mut transaction, keyed, now, forget))
    }

    fn answer<'a>(
        &'a self,
        keyed: &'a Keyed,
        reply: &'a KeptReply,
    ) -> PortFuture<'a, Result<(), StoreError>> {
        written!(self, |transaction| replies::answer(&mut transaction, keyed, reply))
    }

    fn free<'a>(&'a self, keyed: &'a Keyed) -> PortFuture<'a, Result<(), StoreError>> {
        written!(self, |transaction| replies::free(&mut transaction, keyed))
    }

    fn forget(&self, before: Timestamp) -> PortFuture<'_, Result<u64, StoreError>> {
        written!(self, |transaction| replies::forget(&mut transaction, before))
    }
}
