//! A mark that a process cannot clear by accident: one of its limits has a value that says whose it is.
//!
//! The environment names the command, but `env -i` clears it; parents and sessions are left behind by
//! daemons. Limits are inherited through all of that. The soft limit on the bytes of POSIX message
//! queues, which next to nothing uses, is lowered by less than a tenth of its usual value.

use std::{fs, io};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The usual limit, from which the marks go down.
const USUAL: u64 = 819_200;
/// How many different marks there are; a prime.
const MARKS: u64 = 65_521;

/// The brand of an owner, or nothing where the usual limit is not to be had.
pub(super) fn of(owner: &str) -> Option<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE).ok()?;
    // FNV-1a: the same in every life and every build.
    let hash = owner.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hard >= USUAL).then_some(USUAL - 1 - hash % MARKS)
}

/// Puts a mark on this process and all that will come of it. Async-signal-safe.
pub(super) fn put(mark: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE)?;
    Ok(setrlimit(Resource::RLIMIT_MSGQUEUE, mark, hard)?)
}

/// Whether a process has that mark.
pub(super) fn is_on(pid: i32, mark: u64) -> bool {
    limit(pid) == Some(mark)
}

/// Whether a process has any mark.
pub(super) fn is_branded(pid: i32) -> bool {
    limit(pid).is_some_and(|limit| (USUAL - MARKS..USUAL).contains(&limit))
}

fn limit(pid: i32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max msgqueue size"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_marks_of_their_own_and_this_process_has_none_of_them() {
        let (one, other) = (of("c-1").unwrap(), of("c-2").unwrap());
        assert_ne!(one, other);
        assert!(one < USUAL && one > USUAL * 9 / 10);
        let own = std::process::id().try_into().unwrap();
        assert!(!is_on(own, one) && !is_on(own, other) && !is_branded(own));
    }
}
