//! How long the dashboard protocol wants a client to wait before it comes back.

use std::time::Duration;

/// By how many attempts failed before; the last one repeats.
const WAITS: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(30),
];

/// The wait before the next attempt when `failures` attempts failed since the connection was lost.
///
/// `random` is between 0 and 1 and moves the wait by up to a fifth either way, so that a crowd of
/// clients does not come back at once.
pub fn retry_delay(failures: usize, random: f64) -> Duration {
    let wait = WAITS[failures.min(WAITS.len() - 1)];
    wait.mul_f64(0.8 + 0.4 * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let waits: Vec<_> = (0..9).map(|failures| retry_delay(failures, 0.5).as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(retry_delay(3, 0.0), Duration::from_millis(3200));
        assert_eq!(retry_delay(3, 1.0), Duration::from_millis(4800));
    }
}
