//! The hash `session:{id}` of one stream, with the fields that workers of seed 000's family write and its servers read.
//!
//! The same hash may hold fields of other programs, which stay; and the same key something else altogether, which is left alone.

use pilothouse_core::readiness::Readiness;
use redis::{AsyncCommands, RedisError, aio::MultiplexedConnection};

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
    let stream = &readiness.stream;
    let key = format!("session:{stream}");
    let kind: String = redis::cmd("TYPE").arg(&key).query_async(connection).await?;
    let is_ours = match kind.as_str() {
        // Nothing is there that would have to be taken back.
        "none" if !readiness.is_live() => return Ok(()),
        "none" => true,
        "hash" => {
            let made_by: Option<String> = connection.hget(&key, MADE_BY).await?;
            made_by.as_deref() == Some(US)
        }
        kind => {
            let words = "redis holds something else under the session's key, which is left alone";
            tracing::warn!(%stream, kind, "{words}");
            return Ok(());
        }
    };
    let mut change = redis::pipe();
    change.atomic().hset_multiple(&key, &fields(readiness)).ignore();
    if is_ours {
        change.hset(&key, MADE_BY, US).ignore().expire(&key, KEPT_FOR).ignore();
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
