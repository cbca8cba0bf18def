//! Other processes, never mistaken for a later one with the same number.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A process, by its number and the moment it was born.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) number: i32,
    /// In the kernel's ticks since boot.
    born: u64,
}

impl Process {
    /// The process that has this number now.
    pub(crate) fn of(number: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        // The name in parentheses may contain anything; the fields begin behind it. Born is the 22nd of all.
        let (_, fields) = stat.rsplit_once(") ")?;
        let born = fields.split(' ').nth(19)?.parse().ok()?;
        (number > 1).then_some(Self { number, born })
    }

    /// What [`Self::written`] wrote, if that process still lives.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (number, born) = text.trim().split_once(' ')?;
        let process = Self { number: number.parse().ok()?, born: born.parse().ok()? };
        (Self::of(process.number) == Some(process)).then_some(process)
    }

    /// For a file.
    pub(crate) fn written(&self) -> String {
        format!("{} {}\n", self.number, self.born)
    }

    /// The process that holds the lock on that file, as the kernel knows it.
    pub(crate) fn holder_of(lock: &Path) -> Option<Self> {
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let inode = fs::metadata(lock).ok()?.ino();
        let lock = lock.canonicalize().ok()?;
        let mut holders = locks.lines().filter_map(|line| holder_in(line, inode));
        // Numbers of files repeat from disk to disk, so the file itself has to be open there.
        holders.find(|holder| has_open(*holder, &lock)).and_then(Self::of)
    }

    /// Whether its command line has this word as a subcommand.
    pub(crate) fn runs(&self, word: &str) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", self.number)).unwrap_or_default();
        line.split(|byte| *byte == 0).skip(1).any(|argument| argument == word.as_bytes())
    }

    /// Asks it to end, unless it is another one by now. Says whether it was asked.
    pub(crate) fn terminate(&self) -> bool {
        Self::of(self.number) == Some(*self)
            && kill(Pid::from_raw(self.number), Signal::SIGTERM).is_ok()
    }
}

/// The number of the process in a line like `7: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`. Those that wait
/// for a lock have an arrow behind the first number and are left out.
fn holder_in(line: &str, inode: u64) -> Option<i32> {
    let mut words = line.split_whitespace().skip(1);
    if words.next()? != "FLOCK" {
        return None;
    }
    let (holder, file) = (words.nth(2)?, words.next()?);
    let found: u64 = file.rsplit(':').next()?.parse().ok()?;
    (found == inode).then(|| holder.parse().ok()).flatten()
}

fn has_open(process: i32, file: &Path) -> bool {
    let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_number_and_birth() {
        let own = Process::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert_eq!(Process::read(&own.written()), Some(own));
        let later = Process { born: own.born + 1, ..own };
        assert_eq!(Process::read(&later.written()), None, "a later one with the same number");
        assert!(!later.terminate());
        assert!(Process::read("12").is_none() && Process::read("").is_none());
    }

    #[test]
    fn the_kernel_says_who_holds_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = fs::File::create(&path).unwrap();
        assert_eq!(Process::holder_of(&path), None);
        file.lock().unwrap();
        let holder = Process::holder_of(&path).unwrap();
        assert_eq!(u32::try_from(holder.number).unwrap(), std::process::id());
        let other = folder.path().join("other");
        fs::write(&other, "").unwrap();
        assert_eq!(Process::holder_of(&other), None);
    }

    #[test]
    fn those_who_wait_are_no_holders() {
        assert_eq!(holder_in("7: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF", 5678), Some(1234));
        assert_eq!(holder_in("7: FLOCK  ADVISORY  WRITE 1234 08:01:5679 0 EOF", 5678), None);
        assert_eq!(holder_in("7: -> FLOCK  ADVISORY  WRITE 1235 08:01:5678 0 EOF", 5678), None);
        assert_eq!(holder_in("7: POSIX  ADVISORY  WRITE 1235 08:01:5678 0 EOF", 5678), None);
    }
}
