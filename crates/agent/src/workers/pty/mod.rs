//! Terminals of the operating system: what a worker needs of one, whatever the system.

#[cfg(unix)]
mod unix;

use std::{
    ffi::OsString, fmt::Debug, future::Future, io, path::PathBuf, pin::Pin, process::ExitStatus,
};

use pilothouse_core::sessions::Size;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::processes::Mark;
#[cfg(unix)]
pub(super) use unix::UnixTerminals;

/// A program that is to run in a terminal of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Launch {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    /// It exists.
    pub(super) directory: PathBuf,
    /// All of it; nothing is inherited.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) mark: Mark,
    pub(super) size: Size,
}

/// Starts programs in terminals.
pub(super) trait PtyBackend: Debug + Send + Sync {
    /// Opens a terminal and starts the program as the leader of its own session there.
    fn start(&self, launch: &Launch) -> io::Result<Started>;
}

/// A program in its terminal.
pub(super) struct Started {
    /// What it writes. Ends with an error or with nothing when nobody has the terminal open any more.
    pub(super) output: Box<dyn AsyncRead + Send + Unpin>,
    /// What it reads, and the terminal's size.
    pub(super) keyboard: Box<dyn Keyboard>,
    /// The program.
    pub(super) process: Box<dyn PtyProcess>,
}

/// The side of a terminal where a person sits.
pub(super) trait Keyboard: AsyncWrite + Send + Unpin {
    /// Changes the size; the program is told.
    fn resize(&self, size: Size) -> io::Result<()>;
}

/// A process that was started in a terminal.
pub(super) trait PtyProcess: Send {
    /// Its number, while it is not reaped.
    fn pid(&self) -> Option<i32>;
    /// Waits for its end. May be cancelled and called again.
    fn wait(&mut self) -> Pin<Box<dyn Future<Output = io::Result<ExitStatus>> + Send + '_>>;
}
