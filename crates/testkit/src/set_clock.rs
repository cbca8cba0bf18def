//! A wall clock that a test sets while a program runs. Steady time goes on as it is.

use std::{fs, io::Write, path::Path};

use tempfile::NamedTempFile;

use crate::program::Surroundings;

/// Debian's libfaketime.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// The clock of one program.
#[derive(Debug)]
pub struct SetClock {
    offset: NamedTempFile,
}

impl SetClock {
    /// A clock that is off by that many seconds; says why and returns nothing where that cannot be done.
    pub fn or_skip(seconds: i64) -> Option<Self> {
        if !Path::new(LIBRARY).exists() {
            let missing = "skipped: the package faketime is not installed";
            let _ = writeln!(std::io::stderr(), "{missing}");
            return None;
        }
        let offset = NamedTempFile::new().expect("a temporary file can be made");
        let clock = Self { offset };
        clock.set(seconds);
        Some(clock)
    }

    /// From now on it is off by that many seconds.
    pub fn set(&self, seconds: i64) {
        let next = self.offset.path().with_extension("next");
        fs::write(&next, format!("{seconds:+}\n")).expect("a temporary file can be written");
        // In one step, or the program reads half of it.
        fs::rename(&next, self.offset.path()).expect("a temporary file can be replaced");
    }

    /// What the program has to be started in.
    pub fn surroundings(&self) -> Surroundings {
        let file = self.offset.path().to_string_lossy().into_owned();
        let variables = [
            ("LD_PRELOAD", LIBRARY),
            ("FAKETIME_TIMESTAMP_FILE", &file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Surroundings { variables: variables.into(), ..Surroundings::default() }
    }
}
