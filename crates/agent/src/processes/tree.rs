//! The whole process tree of a command or worker: found in `/proc`, ended politely first, then by force.
//!
//! Children that leave the process group, the session or their parent are found all the same: the
//! agent is their subreaper, the environment and a limit of every child carry the owner's mark, and
//! whoever was once seen in the tree stays in it.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration,
};

use nix::{
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};
use tokio::time::{Instant, sleep};

use super::{
    brand,
    mark::{Mark, is_a_mark},
};
use crate::journal::Process;

/// How often to look whether a tree is gone.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long to insist on processes that even force does not end.
const FORCE_LASTS: Duration = Duration::from_secs(4);

/// How long to wait for the dead who cannot be cleared away at once.
const CLEARING_LASTS: Duration = Duration::from_secs(2);

/// One line of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    process: Process,
    is_zombie: bool,
    parent: i32,
    group: i32,
    session: i32,
}

/// The processes of one command or worker.
#[derive(Debug)]
pub(crate) struct Tree {
    marker: Vec<u8>,
    /// The same for processes that have cleared their environment.
    brand: Option<u64>,
    takes_strays: bool,
    /// The shell; leader of its own session and group.
    shell: Process,
    known: HashSet<Process>,
}

impl Tree {
    /// The tree with that mark whose shell is that process, be it alive or not.
    pub(crate) fn new(mark: &Mark, shell: Process) -> Self {
        Self {
            marker: mark.variable().into_bytes(),
            brand: mark.brand(),
            takes_strays: mark.takes_strays(),
            shell,
            known: HashSet::from([shell]),
        }
    }

    /// Looks at all processes, remembers new members, clears away dead ones that nobody else will,
    /// and gives the living. The shell itself is left to whoever started it.
    pub(crate) fn look(&mut self) -> Vec<Process> {
        self.survey().0
    }

    /// Clears away the dead until none is left, as far as that takes a moment only: one whose last threads are just
    /// ending, or whose parent is dead itself, can be cleared away a little later.
    pub(crate) async fn clear_away(&mut self) {
        let deadline = Instant::now() + CLEARING_LASTS;
        while self.survey().1 > 0 && Instant::now() < deadline {
            sleep(LOOK_EVERY).await;
        }
    }

    /// The living, and how many dead could not be cleared away yet.
    fn survey(&mut self) -> (Vec<Process>, usize) {
        let all = processes();
        let mut members: HashMap<i32, Stat> = all
            .values()
            .filter(|stat| self.is_root(stat, &all))
            .map(|s| (s.process.pid, *s))
            .collect();
        // Parents may come after their children in any order, so it is repeated until nothing is added.
        loop {
            let found: Vec<Stat> = all
                .values()
                .filter(|stat| !members.contains_key(&stat.process.pid))
                .filter(|stat| members.contains_key(&stat.parent))
                .copied()
                .collect();
            if found.is_empty() {
                break;
            }
            members.extend(found.into_iter().map(|stat| (stat.process.pid, stat)));
        }
        self.known = members.values().map(|stat| stat.process).collect();
        self.known.insert(self.shell);
        let agent = Pid::this().as_raw();
        let is_left = |stat: &&Stat| {
            let pid = Pid::from_raw(stat.process.pid);
            stat.parent != agent
                || waitpid(pid, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive)
        };
        let dead = members.values().filter(|stat| stat.is_zombie && stat.process != self.shell);
        let left = dead.filter(is_left).count();
        let living = members.values().filter(|stat| !stat.is_zombie).map(|stat| stat.process);
        (living.collect(), left)
    }

    fn is_root(&self, stat: &Stat, all: &HashMap<i32, Stat>) -> bool {
        // Nothing that is older than the shell can come from it; numbers are used again.
        if stat.process.born < self.shell.born {
            return false;
        }
        self.known.contains(&stat.process)
            || stat.session == self.shell.pid
            || stat.group == self.shell.pid
            || is_marked_by(stat.process.pid, |variable| variable == self.marker)
            || self.brand.is_some_and(|brand| {
                // Two owners may have one brand by chance; a variable is one owner's alone.
                brand::is_on(stat.process.pid, brand) && !is_marked_by(stat.process.pid, is_a_mark)
            })
            || self.takes_strays && is_stray(stat, all)
    }

    /// Ends the tree: each of the signals in turn to everybody, with so long to obey, then force.
    /// Gives the processes that are left in the end, which is none unless the kernel holds them.
    pub(crate) async fn end(&mut self, politely: &[Signal], grace: Duration) -> usize {
        for signal in politely {
            let mut told = HashSet::new();
            let deadline = Instant::now() + grace;
            loop {
                let living = self.look();
                if living.is_empty() {
                    return 0;
                }
                for process in living.into_iter().filter(|process| told.insert(*process)) {
                    send(process, *signal);
                }
                if Instant::now() >= deadline {
                    break;
                }
                sleep(LOOK_EVERY).await;
            }
        }
        let deadline = Instant::now() + FORCE_LASTS;
        loop {
            let living = self.look();
            if living.is_empty() || Instant::now() >= deadline {
                return living.len();
            }
            for process in living {
                send(process, Signal::SIGKILL);
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

/// Came to the agent because its parent died, is in a session of its own, and carries no mark:
/// it has cleared its environment. It is taken for the command's, since an agent runs one at a time,
/// unless it has somebody else's brand.
fn is_stray(stat: &Stat, all: &HashMap<i32, Stat>) -> bool {
    let agent = Pid::this().as_raw();
    let pid = stat.process.pid;
    let agents_session = all.get(&agent).map(|stat| stat.session);
    stat.parent == agent
        && Some(stat.session) != agents_session
        && !stat.is_zombie
        // A shell that is just being started is still a copy of the agent, and then for a moment
        // a program without arguments and environment. Its mark can be seen only after that.
        && fs::read_link(format!("/proc/{pid}/exe")).ok() != fs::read_link("/proc/self/exe").ok()
        && fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
        && fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            !environment.split(|byte| *byte == 0).any(is_a_mark)
        })
        && !brand::is_branded(pid)
}

/// Whether a process was started with a variable like that.
fn is_marked_by(pid: i32, mut wanted: impl FnMut(&[u8]) -> bool) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(&mut wanted))
}

/// Signals a process unless its number meanwhile belongs to another one.
fn send(process: Process, signal: Signal) {
    if born(process.pid) == Some(process.born) {
        let _ = kill(Pid::from_raw(process.pid), signal);
    }
}

/// The living processes of the session that a process leads.
pub(crate) fn of_session(leader: i32) -> Vec<i32> {
    let its = |stat: &Stat| stat.session == leader && !stat.is_zombie;
    processes().into_iter().filter(|(_, stat)| its(stat)).map(|(pid, _)| pid).collect()
}

/// When a process started; nothing if none of that number lives. One that only waits to be reaped does not.
pub(crate) fn born(pid: i32) -> Option<u64> {
    stat(pid).filter(|stat| !stat.is_zombie).map(|stat| stat.process.born)
}

fn processes() -> HashMap<i32, Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .collect()
}

fn stat(pid: i32) -> Option<Stat> {
    parse(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The name, second on the line, is in parentheses and may contain anything, even parentheses.
fn parse(pid: i32, line: &[u8]) -> Option<Stat> {
    let end = line.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(line.get(end + 1..)?).ok()?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    // proc_pid_stat(5): the session is field 6, the start time field 22.
    let born = fields.nth(15)?.parse().ok()?;
    let is_zombie = matches!(state, "Z" | "X");
    Some(Stat { process: Process { pid, born }, is_zombie, parent, group, session })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let line = b"42 (a) b (c) S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1000 5";
        let expect = Stat {
            process: Process { pid: 42, born: 12_345 },
            is_zombie: false,
            parent: 7,
            group: 8,
            session: 9,
        };
        assert_eq!(parse(42, line), Some(expect));
        assert_eq!(parse(42, b"42 (a"), None);
        assert_eq!(parse(42, b"42 (a) S 7"), None);
    }

    #[test]
    fn this_process_is_found() {
        let own = std::process::id().try_into().unwrap();
        assert!(processes().contains_key(&own));
        assert_eq!(born(own), processes().get(&own).map(|stat| stat.process.born));
    }
}
