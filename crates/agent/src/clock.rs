//! The one place where the agent asks what time it is for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pilothouse_core::time::Timestamp;

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
