//! The agent that `up` starts on this machine: a process of its own that outlives the server.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::{
        fs::{DirBuilderExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::unistd::setsid;
use pilothouse_server::{config::KEYS, place};

use crate::{environment::OF_SUPERVISOR, process::Process};

/// The agent's id; there is one `up` per data directory.
pub(crate) const ID: &str = "local";

/// How often to look whether the agent has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The folder of this machine's agent.
pub(crate) struct LocalAgent {
    folder: PathBuf,
    /// Where the server writes down its address.
    server_file: PathBuf,
}

/// How `end` found the agent and left it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    NotRunning,
    Gone {
        process: i32,
    },
    StillRunning {
        process: i32,
    },
    /// Something holds its lock, but it cannot be told that it is an agent.
    Unknown {
        process: Option<i32>,
    },
}

impl LocalAgent {
    /// The agent that belongs to a server's data directory.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("agent"), server_file: place::file(data_dir) }
    }

    /// Where it logs to.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("agent.log")
    }

    /// Which process it is, if it runs: the one that holds its lock, or else the one that `up` wrote down.
    pub(crate) fn process(&self) -> Option<Process> {
        if !self.is_running() {
            return None;
        }
        Process::holder_of(&self.folder.join("lock")).or_else(|| {
            Process::read(&fs::read_to_string(self.folder.join("pid")).unwrap_or_default())
        })
    }

    /// Whether somebody holds its lock.
    pub(crate) fn is_running(&self) -> bool {
        let Ok(lock) = File::options().write(true).open(self.folder.join("lock")) else {
            return false;
        };
        matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))
    }

    /// Starts it in its own session, so that no Ctrl-C of ours reaches it. The token goes by file.
    pub(crate) fn start(
        &self,
        server: &str,
        token: &str,
        name: Option<&str>,
        options: impl Iterator<Item = OsString>,
    ) -> io::Result<Child> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let token_file = self.folder.join("token");
        private(&token_file, true)?.write_all(token.as_bytes())?;
        let log = private(&self.log(), false)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--log", "info", "agent", "--server", server, "--id", ID]);
        command.arg("--server-file").arg(&self.server_file);
        command.arg("--token-file").arg(&token_file).arg("--data-dir").arg(&self.folder);
        command.args(name.iter().flat_map(|name| ["--name", name]));
        command.args(options);
        for variable in ["PILOTHOUSE_TOKEN", "PILOTHOUSE_TOKEN_FILE", "PILOTHOUSE_KEY"]
            .iter()
            .chain(OF_SUPERVISOR)
        {
            command.env_remove(variable);
        }
        // The server's secrets are not the agent's: commands of the same user could read them there.
        for key in KEYS.iter().filter(|key| key.is_secret) {
            command.env_remove(key.environment());
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        #[expect(
            unsafe_code,
            reason = "a session of its own has to be made in the child, before exec"
        )]
        // SAFETY: setsid(2) is async-signal-safe, and the closure allocates nothing.
        unsafe {
            command.pre_exec(|| setsid().map(drop).map_err(io::Error::from));
        }
        let child = command.spawn()?;
        let process = i32::try_from(child.id()).ok().and_then(Process::of);
        let written = process.map(|process| process.written()).unwrap_or_default();
        private(&self.folder.join("pid"), true)?.write_all(written.as_bytes())?;
        Ok(child)
    }

    /// Ends it and waits until its lock is free. Tells `progress` now and then for how long it has waited.
    pub(crate) fn end(&self, within: Duration, progress: impl Fn(i32, Duration)) -> Ended {
        if !self.is_running() {
            return Ended::NotRunning;
        }
        let Some(process) = self.process() else { return Ended::Unknown { process: None } };
        let number = process.number;
        if !process.runs("agent") || !process.terminate() {
            return Ended::Unknown { process: Some(number) };
        }
        let began = Instant::now();
        let mut told = 0;
        while self.is_running() {
            let waited = began.elapsed();
            if waited >= within {
                return Ended::StillRunning { process: number };
            }
            // After 1, 2, 4, 8 … seconds.
            if waited.as_secs() >= 1 << told {
                progress(number, waited);
                told += 1;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        let _ = fs::remove_file(self.folder.join("pid"));
        Ended::Gone { process: number }
    }
}

fn private(path: &Path, is_truncated: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    if is_truncated {
        options.write(true).truncate(true)
    } else {
        options.append(true)
    };
    options.open(path)
}
