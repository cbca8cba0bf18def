//! What the kernel says about processes and cores. Linux only, as is the benchmark.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use nix::{
    sched::{CpuSet, sched_setaffinity},
    sys::resource::{Resource, getrlimit, setrlimit},
    unistd::{Pid, SysconfVar, sysconf},
};

/// The core of the measured server.
pub(crate) const SERVER_CORE: usize = 0;

/// The core of the load generator.
pub(crate) const GENERATOR_CORE: usize = 1;

/// The process that starts all threads of the kernel.
const KERNEL_THREADS: u64 = 2;

/// Puts this process on the generator's core.
pub(crate) fn pin_generator() -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(GENERATOR_CORE)?;
    sched_setaffinity(Pid::from_raw(0), &cores).context("the benchmark needs two cores")
}

/// Lets a process or thread of ours go before all others on its core, where that is allowed: it
/// measures times, and what it shares the core with must not be part of them. Says whether it is so.
pub(crate) fn hurry(task: u32) -> bool {
    let mut command = Command::new("chrt");
    command.args(["--fifo", "--pid", "5", &task.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Allows as many open files as the system lets us; servers inherit it. Gives how many.
pub(crate) fn raise_file_limit() -> Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

/// The CPU time a process has used, over all of its threads.
pub(crate) fn cpu_of(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))
        .with_context(|| format!("process {process} has ended"))?;
    ticks(parent_and_ticks(&stat).1)
}

/// The CPU time of the kernel's own threads, which among other things pass on what terminals print.
pub(crate) fn cpu_of_kernel_threads() -> Result<Duration> {
    let mut sum = 0;
    for entry in fs::read_dir("/proc")? {
        // Processes may end meanwhile; those of the kernel do not.
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else { continue };
        let (parent, used) = parent_and_ticks(&stat);
        sum += if parent == KERNEL_THREADS { used } else { 0 };
    }
    ticks(sum)
}

/// Who started a process, and user and system time, of `/proc/PROCESS/stat`: fields 4, 14 and 15.
fn parent_and_ticks(stat: &str) -> (u64, u64) {
    // The name in parentheses may contain blanks.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<u64> =
        after.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
    (field(4), field(14) + field(15))
}

/// The CPU time that was spent on a core by whomever, interrupts apart, with what was stolen from it.
pub(crate) fn busy_on(core: usize) -> Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let name = format!("cpu{core} ");
    let line = stat.lines().find(|line| line.starts_with(&name)).context("no such core")?;
    let fields: Vec<u64> =
        line.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    let field = |place: usize| fields.get(place).copied().unwrap_or(0);
    // User, nice, system, stolen. Interrupts are the load's own packets.
    ticks(field(0) + field(1) + field(2) + field(7))
}

/// Resident memory of a process, in bytes.
pub(crate) fn memory_of(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
    Ok(kilobytes * 1024)
}

fn ticks(count: u64) -> Result<Duration> {
    let per_second = sysconf(SysconfVar::CLK_TCK)?.context("the clock ticks")?;
    Ok(Duration::from_micros(count * 1_000_000 / u64::try_from(per_second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_process_are_found_behind_whatever_it_is_called() {
        let stat = "17 (a ) b) S 2 0 0 0 -1 69238880 0 0 0 0 5 37 0 0 20 0 1 0 29 0 0";
        assert_eq!(parent_and_ticks(stat), (2, 42));
        assert_eq!(parent_and_ticks(""), (0, 0));
    }
}
