//! The one place where the agent asks what time it is.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use pilothouse_core::time::{Moment, Steady, Timestamp};

/// Where steady time begins.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the agent's clock")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Both clocks.
pub(crate) fn moment() -> Moment {
    let steady = u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX);
    Moment { wall: now(), steady: Steady(steady) }
}
