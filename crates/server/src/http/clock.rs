//! Moments as replies have them.

use pilothouse_core::time::Timestamp;

/// A moment as ISO 8601 has it, with milliseconds.
pub(super) fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}
