//! Processes of commands and workers: marked when they start, so that all that comes of them is found and ended.

mod brand;
mod mark;
pub(crate) mod tree;

use std::{os::unix::process::ExitStatusExt, path::Path, process::ExitStatus, time::Duration};

use nix::sys::signal::Signal;
use tokio::process::Command;

pub(crate) use mark::{Mark, Stamp, owner_of};

/// Why somebody wants a command or worker to end before it does so by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nobody does.
    Unasked,
    /// The server does.
    Interrupted {
        /// How long each politer signal gets.
        grace: Duration,
    },
    /// The server does not even want to know how.
    Unwanted,
    /// The agent stops.
    Stopping,
}

/// Whether that can be a working directory, or in words why not.
pub(crate) fn check_directory(directory: &Path) -> Result<(), String> {
    match std::fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(format!("{} is not a directory", directory.display())),
        Err(error) => Err(format!("directory {}: {error}", directory.display())),
    }
}

/// Whether these can be the names and values of variables, or in words why not.
pub(crate) fn check_environment<'a>(
    environment: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), String> {
    for (name, value) in environment {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(format!("{name:?} cannot be an environment variable"));
        }
    }
    Ok(())
}

/// As shells count: 128 + n for death by signal n.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// The name of the signal that ended a process.
pub(crate) fn signal_name(status: ExitStatus) -> Option<&'static str> {
    status.signal().and_then(|number| Signal::try_from(number).ok()).map(Signal::as_str)
}

/// Lets a program lead a session of its own, stamped.
#[expect(
    unsafe_code,
    reason = "a process can only enter a session of its own between fork and exec"
)]
pub(crate) fn lead_session(command: &mut Command, stamp: Stamp) {
    // SAFETY: these system calls are async-signal-safe and the closure does nothing else, as fork demands.
    unsafe {
        command.pre_exec(move || {
            nix::unistd::setsid()?;
            stamp.put()
        });
    }
}

#[cfg(test)]
mod tests {
    use nix::unistd::Pid;

    use super::*;

    #[tokio::test]
    async fn a_shell_whose_agent_died_before_it_was_marked_does_not_run() {
        let start = |agent: Pid| {
            let mut command = Command::new("/bin/true");
            lead_session(&mut command, Stamp::of_children_of(agent));
            command.spawn()
        };
        assert!(start(Pid::this()).unwrap().wait().await.unwrap().success());
        assert!(start(Pid::from_raw(1)).is_err());
    }
}
