//! Starts a command's shell: the line as one argument, no input, a session and an environment of its own.

use std::{ffi::OsStr, path::Path, process::Stdio};

use nix::{
    errno::Errno,
    unistd::{Pid, getppid},
};
use pilothouse_core::commands::StartOrder;
use tokio::process::{Child, Command};

use super::{brand, tree::MARKER};
use crate::AgentConfig;

/// Starts the shell, or says in words why that is not possible.
pub(super) fn spawn(order: &StartOrder, config: &AgentConfig) -> Result<Child, String> {
    let directory = match &order.directory {
        Some(directory) => Path::new(directory.as_ref()),
        None => &config.directory,
    };
    check(order, directory)?;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(order.line.as_ref()).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_clear();
    command.envs(config.environment.iter().map(|(name, value)| (name, value)));
    command.env("PWD", directory);
    command.envs(
        order.environment.iter().map(|(name, value)| (OsStr::new(&**name), OsStr::new(&**value))),
    );
    command.env(MARKER, order.command.as_str());
    let mark = brand::of(order.command.as_str());
    lead_session(&mut command, mark, Pid::this());
    command.spawn().map_err(|error| format!("/bin/sh cannot be started: {error}"))
}

fn check(order: &StartOrder, directory: &Path) -> Result<(), String> {
    if order.line.contains('\0') {
        return Err("the command line contains a NUL character".to_owned());
    }
    for (name, value) in &order.environment {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(format!("{name:?} cannot be an environment variable"));
        }
    }
    match std::fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(format!("{} is not a directory", directory.display())),
        Err(error) => Err(format!("directory {}: {error}", directory.display())),
    }
}

#[expect(
    unsafe_code,
    reason = "a process can only enter a session of its own between fork and exec"
)]
fn lead_session(command: &mut Command, mark: Option<u64>, agent: Pid) {
    // SAFETY: these system calls are async-signal-safe and the closure does nothing else, as fork demands.
    unsafe {
        command.pre_exec(move || {
            nix::unistd::setsid()?;
            mark.map_or(Ok(()), brand::put)?;
            // If the agent died before the mark was on, its witness has looked in vain.
            if getppid() == agent { Ok(()) } else { Err(Errno::ESRCH.into()) }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_shell_whose_agent_died_before_it_was_marked_does_not_run() {
        let start = |agent: Pid| {
            let mut command = Command::new("/bin/true");
            lead_session(&mut command, None, agent);
            command.spawn()
        };
        assert!(start(Pid::this()).unwrap().wait().await.unwrap().success());
        assert!(start(Pid::from_raw(1)).is_err());
    }
}
