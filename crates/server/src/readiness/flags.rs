//! The hash `session:{id}` of one stream, with the fields that workers of seed 000's family write and its servers read.
//!
//! The same hash may hold fields of other programs, which stay; and the same key something else altogether, which is left alone.

use pilothouse_core::readiness::Readiness;
use redis::{RedisError, aio::MultiplexedConnection};

/// How long a hash of ours stays after it was last told anything.
const KEPT_FOR: i64 = 25 * 60 * 60;
/// Who made a hash: only what we made do we let expire.
const MADE_BY: &str = "made_by";
const US: &str = "pilothouse";

/// Writes how a stream stands. A key that is of another kind is left as it is.
pub(super) async fn write(
    connection: &mut MultiplexedConnection,
    readiness: &Readiness,
) -> Result<(), RedisError> {
    match replace(connection, readiness).await {
        Err(error) if error.code() == Some("WRONGTYPE") => {
            let stream = &readiness.stream;
            tracing::warn!(%stream, "redis holds something else under the session's key, which is left alone");
            Ok(())
        }
        written => written,
    }
}

async fn replace(
    connection: &mut MultiplexedConnection,
    readiness: &Readiness,
) -> Result<(), RedisError> {
    let key = format!("session:{}", readiness.stream);
    let (is_there, made_by): (bool, Option<String>) =
        redis::pipe().exists(&key).hget(&key, MADE_BY).query_async(connection).await?;
    if !is_there && !readiness.is_live() {
        return Ok(());
    }
    let mut change = redis::pipe();
    change.atomic().hset_multiple(&key, &fields(readiness)).ignore();
    if !is_there {
        change.hset(&key, MADE_BY, US).ignore();
    }
    if !is_there || made_by.as_deref() == Some(US) {
        change.expire(&key, KEPT_FOR).ignore();
    }
    change.query_async(connection).await
}

/// All of these go by whether pictures flow; nobody here knows one of them without the others.
fn fields(readiness: &Readiness) -> Vec<(&'static str, String)> {
    let is_ready = readiness.is_live().to_string();
    let mut fields = vec![
        ("browser_ready", is_ready.clone()),
        ("worker_ready", is_ready.clone()),
        ("workerConnected", is_ready),
        ("status", readiness.status().to_owned()),
    ];
    if readiness.is_live() {
        // In seconds, as the workers write it.
        fields.push(("stream_started_at", (readiness.since().0 / 1000).to_string()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use pilothouse_core::{readiness::Flow, time::Timestamp};

    use super::*;

    #[test]
    fn the_fields_are_those_that_workers_write() {
        let since = Timestamp(1_700_000_000_999);
        let live = Flow::Live { since };
        let of = |flow| Readiness { stream: "s".parse().unwrap(), flow, version: 1 };
        let words = |flow| {
            let fields = fields(&of(flow));
            fields
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            words(live),
            "browser_ready=true worker_ready=true workerConnected=true status=active \
             stream_started_at=1700000000"
        );
        assert_eq!(
            words(Flow::Ended { since, at: since }),
            "browser_ready=false worker_ready=false workerConnected=false status=ended"
        );
    }
}
