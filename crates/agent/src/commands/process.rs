//! Starts a command's shell: the line as one argument, no input, a session and an environment of its own.

use std::{ffi::OsStr, path::Path, process::Stdio};

use pilothouse_core::{commands::StartOrder, streams::StreamKey};
use tokio::process::{Child, Command};

use crate::{
    AgentConfig,
    processes::{Mark, check_directory, check_environment, lead_session},
};

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
    let mark = Mark::of(&StreamKey::command(order.command.clone()));
    command.env(mark.name(), mark.value());
    lead_session(&mut command, mark.stamp());
    command.spawn().map_err(|error| format!("/bin/sh cannot be started: {error}"))
}

fn check(order: &StartOrder, directory: &Path) -> Result<(), String> {
    if order.line.contains('\0') {
        return Err("the command line contains a NUL character".to_owned());
    }
    check_environment(order.environment.iter().map(|(name, value)| (&**name, &**value)))?;
    check_directory(directory)
}
