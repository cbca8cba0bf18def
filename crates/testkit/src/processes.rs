//! The processes of this machine, as tests look for theirs.

use std::fs;

/// The command lines of all processes that have that word in theirs.
pub fn tagged(tag: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(tag)).collect()
}
