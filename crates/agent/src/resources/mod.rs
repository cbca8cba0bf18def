//! What the machine has left, and what of it the agent's commands and workers take, as `/proc` has it.
//!
//! Where there is no `/proc`, most of it stays untold. Two looks make a share of the processors, so the meter keeps the
//! last one.

mod machine;
mod owners;

use std::{path::Path, time::Instant};

use pilothouse_core::streams::{Source, StreamKey};
use pilothouse_protocols::agent_link::resources::{MOST_PROCESSES, Resources, Room};

use machine::Ticks;
use owners::Owners;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Meter {
    begun: Instant,
    ticks: Option<Ticks>,
    owners: Owners,
}

impl Meter {
    /// A meter of an agent that begins now.
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), ticks: None, owners: Owners::default() }
    }

    /// How it is now. `live` is what runs. Reads files and never waits for anything else.
    pub(crate) fn read(&mut self, folder: &Path, live: &[StreamKey]) -> Resources {
        let ticks = machine::ticks();
        let passed = self.ticks.zip(ticks).map(|(before, now)| now.since(before));
        self.ticks = ticks;
        let in_all = passed.map(|passed| passed.total);
        let mut processes = self.owners.look(in_all);
        processes.retain(|taken| live.iter().any(|stream| taken.stream == stream.into()));
        processes.sort_by_key(|taken| std::cmp::Reverse(taken.memory));
        processes.truncate(MOST_PROCESSES);
        let is_command = |stream: &&StreamKey| matches!(stream.source, Source::Command(_));
        let commands = live.iter().filter(is_command).count();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Resources {
            cpu: passed.and_then(|passed| per_cent(passed.busy, passed.total)),
            processors: std::thread::available_parallelism().ok().map(|it| count(it.get())),
            load: machine::load(),
            memory: machine::memory(),
            disk: disk(folder),
            uptime: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            commands: count(commands),
            workers: count(live.len() - commands),
            processes,
        }
    }
}

/// A share with one decimal; nothing of nothing.
fn per_cent(part: u64, whole: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than that")]
    let share = |part: u64, whole: u64| (part as f64 / whole as f64 * 1000.0).round() / 10.0;
    (whole > 0).then(|| share(part, whole).min(100.0))
}

fn disk(folder: &Path) -> Option<Room> {
    let found = nix::sys::statvfs::statvfs(folder).ok()?;
    let size = found.fragment_size();
    // What is kept back for the system is of no use to us.
    let free = found.blocks_available().saturating_mul(size);
    let used = found.blocks().saturating_sub(found.blocks_free()).saturating_mul(size);
    Some(Room { used, total: used.saturating_add(free) })
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::CommandExt, process::Command, time::Duration};

    use nix::{
        sys::signal::{Signal, killpg},
        unistd::Pid,
    };

    use super::*;
    use crate::processes::Mark;

    #[test]
    fn shares_are_of_all_and_nothing_has_none() {
        assert_eq!(
            (per_cent(1, 3), per_cent(9, 4), per_cent(1, 0)),
            (Some(33.3), Some(100.0), None)
        );
    }

    /// Waits until the machine's clock of processor time went on a little.
    fn wait_for_ticks() {
        let before = machine::ticks().unwrap();
        while machine::ticks().unwrap().since(before).total < 20 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn what_a_command_takes_is_counted_with_its_children_and_nothing_of_others() {
        let stream = StreamKey::command("c-busy".parse().unwrap());
        let mark = Mark::of(&stream);
        // Most of it is done by a child.
        let line = "while :; do :; done & wait";
        let mut shell = Command::new("/bin/sh")
            .args(["-c", line])
            .env(mark.name(), mark.value())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut other = Command::new("/bin/sleep").arg("60").spawn().unwrap();
        let folder = std::env::temp_dir();
        let mut meter = Meter::new();
        let live = [stream.clone(), StreamKey::command("c-unseen".parse().unwrap())];
        let first = meter.read(&folder, &live);
        assert_eq!((first.cpu, first.commands, first.workers), (None, 2, 0));
        let taken = loop {
            wait_for_ticks();
            let read = meter.read(&folder, &live);
            assert!(read.processes.len() <= 1, "{:?}", read.processes);
            if let Some(taken) = read.processes.into_iter().find(|it| it.cpu > Some(0.0)) {
                assert!(read.cpu >= taken.cpu, "{:?} of {:?}", taken.cpu, read.cpu);
                break taken;
            }
        };
        assert_eq!(taken.stream, (&stream).into());
        assert!(taken.memory > 100_000, "{}", taken.memory);
        assert!(meter.read(&folder, &[]).processes.is_empty(), "what is over is not told");
        killpg(Pid::from_raw(shell.id().try_into().unwrap()), Signal::SIGKILL).unwrap();
        shell.wait().unwrap();
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn the_machine_tells_what_it_has() {
        let read = Meter::new().read(Path::new("/"), &[]);
        let memory = read.memory.unwrap();
        assert!(memory.used > 0 && memory.used < memory.total, "{memory:?}");
        let disk = read.disk.unwrap();
        assert!(disk.used > 0 && disk.used <= disk.total, "{disk:?}");
        assert!(read.processors >= Some(1) && read.load.is_some());
        assert_eq!(Meter::new().read(Path::new("/no/such/folder"), &[]).disk, None);
    }
}
