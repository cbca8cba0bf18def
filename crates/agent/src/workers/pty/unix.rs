//! Terminals on Unix: pseudo terminals on the runtime's reactor, without a thread of their own.

use std::{future::Future, io, pin::Pin, process::ExitStatus};

use pilothouse_core::sessions::Size;
use pty_process::{Command, OwnedWritePty};
use tokio::process::Child;

use super::{Keyboard, Launch, PtyBackend, PtyProcess, Started};
use crate::processes::Stamp;

/// See the [module](self).
#[derive(Debug)]
pub(in crate::workers) struct UnixTerminals;

impl PtyBackend for UnixTerminals {
    fn start(&self, launch: &Launch) -> io::Result<Started> {
        let (pty, terminal) = pty_process::open().map_err(error)?;
        pty.resize(cells(launch.size)).map_err(error)?;
        let mut command = tokio::process::Command::new(&launch.program);
        command.args(&launch.arguments).current_dir(&launch.directory).env_clear();
        command.envs(launch.environment.iter().map(|(name, value)| (name, value)));
        command.env(launch.mark.name(), launch.mark.value());
        let command = stamped(Command::from(command), launch.mark.stamp());
        let process = command.spawn(terminal).map_err(error)?;
        let (output, keyboard) = pty.into_split();
        Ok(Started {
            output: Box::new(output),
            keyboard: Box::new(keyboard),
            process: Box::new(process),
        })
    }
}

#[expect(unsafe_code, reason = "a process can only be branded between fork and exec")]
fn stamped(command: Command, stamp: Stamp) -> Command {
    // SAFETY: these system calls are async-signal-safe and the closure does nothing else, as fork demands.
    unsafe { command.pre_exec(move || stamp.put()) }
}

impl Keyboard for OwnedWritePty {
    fn resize(&self, size: Size) -> io::Result<()> {
        Self::resize(self, cells(size)).map_err(error)
    }
}

impl PtyProcess for Child {
    fn pid(&self) -> Option<i32> {
        self.id().and_then(|pid| i32::try_from(pid).ok())
    }

    fn wait(&mut self) -> Pin<Box<dyn Future<Output = io::Result<ExitStatus>> + Send + '_>> {
        Box::pin(Self::wait(self))
    }
}

fn cells(size: Size) -> pty_process::Size {
    pty_process::Size::new(size.rows, size.columns)
}

fn error(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        pty_process::Error::Rustix(errno) => errno.into(),
        other => io::Error::other(other),
    }
}
