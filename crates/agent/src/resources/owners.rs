//! What the processes of each command and worker take: one look at all processes, and whose they are.
//!
//! Whatever the agent started is its child, and so is what lost its parent; these carry their owner's mark, and all
//! below them belong to the same owner. Who has cleared its environment and lost its parent is not counted.

use std::{
    collections::{HashMap, HashSet},
    fs,
};

use pilothouse_core::streams::StreamKey;
use pilothouse_protocols::agent_link::resources::Taken;

use super::per_cent;
use crate::processes::owner_of;

/// What `/proc/PID/stat` says of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    parent: i32,
    born: u64,
    /// Time on processors, in the kernel's ticks.
    spent: u64,
    pages: u64,
}

/// A process, whatever its number is used for later.
type Process = (i32, u64);

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// Whose the agent's own children are; looked up once for each.
    children: HashMap<Process, StreamKey>,
    /// What each process of an owner had spent when it was seen last.
    spent: HashMap<Process, u64>,
    /// Who was seen before: without that, nobody knows what is new.
    known: HashSet<StreamKey>,
}

impl Owners {
    /// What each owner takes. `in_all` are the ticks that all processors had together since the last look.
    pub(super) fn look(&mut self, in_all: Option<u64>) -> Vec<Taken> {
        let agent = i32::try_from(std::process::id()).unwrap_or_default();
        let all = processes();
        let is_child = |(_, usage): &(&i32, &Usage)| usage.parent == agent;
        let mut owned: HashMap<i32, StreamKey> = HashMap::new();
        let mut children = HashMap::new();
        for (pid, usage) in all.iter().filter(is_child) {
            let process = (*pid, usage.born);
            let found = self.children.remove(&process).or_else(|| owner_of(*pid));
            if let Some(owner) = found {
                owned.insert(*pid, owner.clone());
                children.insert(process, owner);
            }
        }
        self.children = children;
        adopt(&mut owned, &all);
        self.sum(&owned, &all, in_all)
    }

    fn sum(
        &mut self,
        owned: &HashMap<i32, StreamKey>,
        all: &HashMap<i32, Usage>,
        in_all: Option<u64>,
    ) -> Vec<Taken> {
        let mut sums: HashMap<StreamKey, (u64, u64)> = HashMap::new();
        let mut spent_by = HashMap::new();
        for (pid, owner) in owned {
            let Some(usage) = all.get(pid) else { continue };
            let process = (*pid, usage.born);
            // One that was not there before has spent all of it since.
            let before = self.spent.get(&process).copied().unwrap_or(0);
            spent_by.insert(process, usage.spent);
            let (spent, pages) = sums.entry(owner.clone()).or_default();
            *spent += usage.spent.saturating_sub(before);
            *pages += usage.pages;
        }
        self.spent = spent_by;
        let known = std::mem::take(&mut self.known);
        self.known = sums.keys().cloned().collect();
        let page = page_size();
        let taken = sums.into_iter().map(|(owner, (spent, pages))| {
            let in_all = in_all.filter(|_| known.contains(&owner));
            let cpu = in_all.and_then(|in_all| per_cent(spent, in_all));
            let stream = (&owner).into();
            Taken { stream, cpu, memory: pages.saturating_mul(page) }
        });
        taken.collect()
    }
}

/// Whoever has an owned parent belongs to the same owner.
fn adopt(owned: &mut HashMap<i32, StreamKey>, all: &HashMap<i32, Usage>) {
    // Parents may come after their children in any order, so it is repeated until nothing is added.
    loop {
        let found: Vec<(i32, StreamKey)> = all
            .iter()
            .filter(|(pid, _)| !owned.contains_key(pid))
            .filter_map(|(pid, usage)| Some((*pid, owned.get(&usage.parent)?.clone())))
            .collect();
        if found.is_empty() {
            return;
        }
        owned.extend(found);
    }
}

fn processes() -> HashMap<i32, Usage> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, parse(&line)?))
    })
    .collect()
}

/// The name, second on the line, is in parentheses and may contain anything, even parentheses.
fn parse(line: &[u8]) -> Option<Usage> {
    let end = line.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(line.get(end + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // proc_pid_stat(5) counts from 1, and the two before these are the number and the name.
    let field = |number: usize| fields.get(number - 3);
    let number = |at: usize| field(at)?.parse::<u64>().ok();
    Some(Usage {
        parent: field(4)?.parse().ok()?,
        born: number(22)?,
        spent: number(14)? + number(15)?,
        pages: number(24)?,
    })
}

fn page_size() -> u64 {
    let size = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten();
    size.and_then(|size| u64::try_from(size).ok()).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name_is() {
        let line = b"42 (a) b (c) S 7 8 9 0 -1 4194560 1 2 3 4 50 6 7 8 20 0 1 0 12345 1000 5 18";
        let expect = Usage { parent: 7, born: 12_345, spent: 56, pages: 5 };
        assert_eq!(parse(line), Some(expect));
        assert_eq!(parse(b"42 (a) S 7 8"), None);
    }
}
