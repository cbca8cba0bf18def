//! Waiting for facts that nobody tells, such as a process that is there or a file that is whole.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::program::PATIENCE;

/// How long a look is apart from the next: short enough for tests, and no load for what they wait for.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until it is so.
///
/// # Panics
///
/// If it does not come to that within [`PATIENCE`]; the words say what was waited for.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it did not come to that: {what}");
        thread::sleep(PAUSE);
    }
}
