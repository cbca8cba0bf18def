//! The machine as a whole: `/proc/stat`, `/proc/loadavg` and `/proc/meminfo`.

use std::fs;

use pilothouse_protocols::agent_link::resources::Room;

/// How much time all processors have spent together, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticks {
    pub(super) busy: u64,
    pub(super) total: u64,
}

impl Ticks {
    /// What came since an earlier look.
    pub(super) fn since(self, before: Self) -> Self {
        let total = self.total.saturating_sub(before.total);
        // The kernel's count of waiting may go back a little.
        Self { busy: self.busy.saturating_sub(before.busy).min(total), total }
    }
}

pub(super) fn ticks() -> Option<Ticks> {
    parse_ticks(&fs::read_to_string("/proc/stat").ok()?)
}

/// `proc_stat(5)`: user, nice, system, idle, iowait, irq, softirq, steal; guests are counted as user already.
fn parse_ticks(text: &str) -> Option<Ticks> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let spent: Vec<u64> =
        line.split_ascii_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
    let total = spent.iter().sum();
    let idle = spent.get(3)? + spent.get(4).unwrap_or(&0);
    Some(Ticks { busy: total - idle, total })
}

pub(super) fn load() -> Option<[f64; 3]> {
    parse_load(&fs::read_to_string("/proc/loadavg").ok()?)
}

fn parse_load(text: &str) -> Option<[f64; 3]> {
    let mut averages = text.split_ascii_whitespace().map(|word| word.parse().ok());
    Some([averages.next()??, averages.next()??, averages.next()??])
}

pub(super) fn memory() -> Option<Room> {
    parse_memory(&fs::read_to_string("/proc/meminfo").ok()?)
}

/// What could be taken without swapping counts as free, whatever the kernel uses it for meanwhile.
fn parse_memory(text: &str) -> Option<Room> {
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kibibytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
        kibibytes.checked_mul(1024)
    };
    let total = bytes("MemTotal")?;
    Some(Room { used: total.saturating_sub(bytes("MemAvailable")?), total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_read() {
        let stat = "cpu  100 20 30 400 50 6 7 8 90 1\ncpu0 1 2 3\nintr 5\n";
        let ticks = parse_ticks(stat).unwrap();
        assert_eq!(ticks, Ticks { busy: 171, total: 621 });
        let later = Ticks { busy: 160, total: 721 };
        assert_eq!(later.since(ticks), Ticks { busy: 0, total: 100 });
        assert_eq!(parse_load("0.52 0.58 0.59 1/389 12345\n"), Some([0.52, 0.58, 0.59]));
        let memory = "MemTotal:       16000 kB\nMemFree:   1 kB\nMemAvailable:    6000 kB\n";
        assert_eq!(parse_memory(memory), Some(Room { used: 10_000 << 10, total: 16_000 << 10 }));
        for broken in ["", "cpu a b", "MemTotal: 1 kB"] {
            assert_eq!(parse_ticks(broken), None);
            assert_eq!(parse_load(broken), None);
            assert_eq!(parse_memory(broken), None);
        }
    }
}
