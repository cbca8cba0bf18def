//! How much memory a process has.

use std::fs;

/// Forgets a process's highest memory so far, and returns the present one, in KiB.
pub(crate) fn reset_peak(process: u32) -> u64 {
    fs::write(format!("/proc/{process}/clear_refs"), "5").expect("we own the process");
    memory(process, "VmRSS:")
}

/// What the kernel says of a process's memory under that name, in KiB.
pub(crate) fn memory(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
        .expect("the kernel says how much")
}
