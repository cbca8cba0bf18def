//! The agent that `up` starts on this machine: a process of its own that outlives the server.

use std::{
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

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, setsid},
};

use crate::environment::OF_SUPERVISOR;

/// The agent's id; there is one `up` per data directory.
pub(crate) const ID: &str = "local";

/// The folder of this machine's agent.
pub(crate) struct LocalAgent {
    folder: PathBuf,
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
    /// It runs, but nobody wrote down as which process.
    Unknown,
}

impl LocalAgent {
    /// The agent that belongs to a server's data directory.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("agent") }
    }

    /// Where it logs to.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("agent.log")
    }

    /// Which process it is, if it runs and `up` started it.
    pub(crate) fn process(&self) -> Option<i32> {
        fs::read_to_string(self.folder.join("pid")).ok()?.trim().parse().ok()
    }

    /// Whether somebody holds its lock.
    pub(crate) fn is_running(&self) -> bool {
        let Ok(lock) = File::options().write(true).open(self.folder.join("lock")) else {
            return false;
        };
        matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock))
    }

    /// Starts it in its own session, so that no Ctrl-C of ours reaches it. The token goes by file.
    pub(crate) fn start(&self, server: &str, token: &str, name: Option<&str>) -> io::Result<Child> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let token_file = self.folder.join("token");
        private(&token_file, true)?.write_all(token.as_bytes())?;
        let log = private(&self.log(), false)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--log", "info", "agent", "--server", server, "--id", ID]);
        command.arg("--token-file").arg(&token_file).arg("--data-dir").arg(&self.folder);
        command.args(name.iter().flat_map(|name| ["--name", name]));
        for variable in ["PILOTHOUSE_TOKEN", "PILOTHOUSE_TOKEN_FILE"].iter().chain(OF_SUPERVISOR) {
            command.env_remove(variable);
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
        private(&self.folder.join("pid"), true)?.write_all(child.id().to_string().as_bytes())?;
        Ok(child)
    }

    /// Ends it and waits until its lock is free.
    pub(crate) fn end(&self, within: Duration) -> Ended {
        if !self.is_running() {
            return Ended::NotRunning;
        }
        let Some(process) = self.process().filter(|process| is_ours(*process)) else {
            return Ended::Unknown;
        };
        if kill(Pid::from_raw(process), Signal::SIGTERM).is_err() {
            return Ended::Unknown;
        }
        let deadline = Instant::now() + within;
        while self.is_running() {
            if Instant::now() >= deadline {
                return Ended::StillRunning { process };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = fs::remove_file(self.folder.join("pid"));
        Ended::Gone { process }
    }
}

/// Guards against a number that belongs to another process by now.
fn is_ours(process: i32) -> bool {
    let Ok(line) = fs::read(format!("/proc/{process}/cmdline")) else {
        return !Path::new("/proc/self").exists();
    };
    process > 1 && line.split(|byte| *byte == 0).any(|argument| argument == b"agent")
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
