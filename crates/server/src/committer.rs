//! Makes the core's writes durable, one commit after the other, and calls the core when something is due.

use std::time::Duration;

use pilothouse_core::{
    Urgency,
    ports::{AuditLog, PortFuture, RunHistory, Store, StoreError},
    time::Timestamp,
};

use tokio::sync::watch;

use crate::{gateway::Shared, hub::Hub, idempotency::Replies, storage::SqlStore};

/// How long pure output is gathered before it is stored.
const GATHER: Duration = Duration::from_millis(50);
/// How long to wait after a failure, doubled each time up to [`SLOWEST_RETRY`].
const FIRST_RETRY: Duration = Duration::from_millis(100);
const SLOWEST_RETRY: Duration = Duration::from_secs(2);
/// What storage is called among the troubles.
const STORAGE: &str = "storage";
/// How often to look for output that may go.
const PRUNE_EVERY: Duration = Duration::from_secs(2);
/// How often to look for records of the audit, and for replies, that may go.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// How often to look for runs, and for pictures of them, that may go.
const FORGET_RUNS_EVERY: Duration = Duration::from_secs(10);
/// How often to look for output that is not searchable yet.
const INDEX_EVERY: Duration = Duration::from_secs(1);
/// The least time between two pieces.
const INDEX_PAUSE: Duration = Duration::from_millis(20);

/// How much output is kept, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep {
    /// `output.keep_bytes`, per stream.
    pub(crate) stream: u64,
    /// `output.keep_total`
    pub(crate) total: u64,
    /// `audit.keep_for`
    pub(crate) audit: Duration,
    /// `idempotency.keep_for`
    pub(crate) replies: Duration,
    /// `runs.keep`
    pub(crate) runs: u64,
    /// `runs.keep_pictures`
    pub(crate) run_pictures: u64,
}

/// Commits until it is stopped; a commit that has begun is finished, for what is in it is nowhere else.
/// State is stored at once, output alone after [`GATHER`].
pub(crate) async fn commit(shared: &Shared, store: &dyn Store, mut stopped: watch::Receiver<bool>) {
    let hub = &shared.hub;
    let mut retry = FIRST_RETRY;
    let mut pause = Duration::ZERO;
    loop {
        let due = async {
            // Not even for no time: commits that follow each other wait for no timer.
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            match hub.look(|core, _| core.wants_commit()) {
                Urgency::Nothing => hub.commit.notified().await,
                Urgency::Soon => gather(hub).await,
                Urgency::Now => {}
            }
        };
        tokio::select! {
            () = due => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if commit_once(shared, store).await {
            (retry, pause) = (FIRST_RETRY, Duration::ZERO);
        } else {
            pause = retry;
            retry = (retry * 2).min(SLOWEST_RETRY);
        }
    }
}

/// Stores what waits at the end of the server's life.
pub(crate) async fn commit_rest(shared: &Shared, store: &dyn Store) -> bool {
    let hub = &shared.hub;
    while hub.look(|core, _| core.wants_commit()) != Urgency::Nothing {
        if !commit_once(shared, store).await {
            return false;
        }
    }
    true
}

async fn gather(hub: &Hub) {
    let urgent = async {
        loop {
            hub.commit.notified().await;
            if hub.look(|core, _| core.wants_commit()) == Urgency::Now {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(GATHER, urgent).await;
}

async fn commit_once(shared: &Shared, store: &dyn Store) -> bool {
    let Shared { hub, metrics, .. } = shared;
    let Some(batch) = hub.look(|core, _| core.begin_commit()) else { return true };
    let began = std::time::Instant::now();
    let result = store.commit(&batch).await;
    metrics.commits.observe(began.elapsed());
    let writes = batch.len();
    drop(batch);
    match &result {
        Ok(()) => hub.troubles.clear(STORAGE),
        Err(error) => {
            metrics.failed_commits.add(1);
            tracing::error!(%error, writes, "could not store; relaying goes on");
            let (StoreError::Unavailable(why) | StoreError::Corrupt(why)) = error;
            let effect = "output is relayed and new commands are refused";
            hub.troubles.raise(STORAGE, format!("{why}; {effect}"));
        }
    }
    hub.with(|core, _| core.end_commit(result.is_ok()));
    if result.is_ok() {
        hub.committed.send_replace(());
    }
    result.is_ok()
}

/// Calls the core whenever something is due.
pub(crate) async fn advance(shared: &Shared) {
    let hub = &shared.hub;
    loop {
        let due = hub.look(|core, _| core.next_due());
        let changed = hub.due.notified();
        match due {
            None => changed.await,
            Some(due) => {
                tokio::select! {
                    () = changed => {}
                    () = hub.clock.sleep_until(due) => hub.with(pilothouse_core::Core::advance),
                }
            }
        }
    }
}

/// Makes what was stored searchable, a piece at a time, for ever. It uses the writing connection for at most a quarter of the time.
pub(crate) async fn index(store: &SqlStore) {
    loop {
        let began = std::time::Instant::now();
        let pause = match store.index().await {
            Ok(true) => (began.elapsed() * 3).max(INDEX_PAUSE),
            Ok(false) => INDEX_EVERY,
            Err(error) => {
                tracing::warn!(%error, "could not make output searchable");
                SLOWEST_RETRY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Deletes the oldest output beyond what is to be kept, for ever.
pub(crate) async fn prune(store: &dyn Store, keep: Keep) {
    loop {
        match store.prune(keep.stream, keep.total).await {
            Ok(0) => tokio::time::sleep(PRUNE_EVERY).await,
            Ok(bytes) => tracing::debug!(bytes, "old output deleted"),
            Err(error) => {
                tracing::warn!(%error, "could not delete old output");
                tokio::time::sleep(SLOWEST_RETRY).await;
            }
        }
    }
}

/// Deletes records of the audit that are too old.
pub(crate) async fn prune_audit(shared: &Shared, audit: &dyn AuditLog, keep: Keep) {
    forget_old(shared, "records of the audit", keep.audit, |before| audit.forget(before)).await;
}

/// Deletes replies that are too old.
pub(crate) async fn prune_replies(shared: &Shared, replies: &dyn Replies, keep: Keep) {
    forget_old(shared, "replies", keep.replies, |before| replies.forget(before)).await;
}

/// Deletes the oldest ended runs, and the oldest pictures of steps, beyond what is to be kept.
pub(crate) async fn prune_runs(runs: &dyn RunHistory, keep: Keep) {
    loop {
        match runs.forget(keep.runs, keep.run_pictures).await {
            Ok(0) => tokio::time::sleep(FORGET_RUNS_EVERY).await,
            Ok(count) => tracing::debug!(count, "old runs and pictures of them are deleted"),
            Err(error) => {
                tracing::warn!(%error, "cannot delete old runs");
                tokio::time::sleep(SLOWEST_RETRY).await;
            }
        }
    }
}

/// Deletes what is older than that, again and again.
async fn forget_old<'a>(
    shared: &Shared,
    what: &str,
    keep: Duration,
    forget: impl Fn(Timestamp) -> PortFuture<'a, Result<u64, StoreError>>,
) {
    let kept = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    loop {
        let now = shared.hub.clock.now().wall;
        match forget(Timestamp(now.0.saturating_sub(kept))).await {
            Ok(0) => tokio::time::sleep(FORGET_EVERY).await,
            Ok(count) => tracing::debug!(count, "{what} that were old are deleted"),
            Err(error) => {
                tracing::warn!(%error, "cannot delete {what} that are old");
                tokio::time::sleep(SLOWEST_RETRY).await;
            }
        }
    }
}
