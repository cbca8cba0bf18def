//! Passwords: typed without being shown, or read from stdin; never from the command line, where others see them.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::{Failure, USAGE};

/// Stops showing what is typed until it is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Whether the terminal is still there does not matter any more.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
        let _ = writeln!(io::stderr());
    }
}

/// A new password: asked for twice if a person types it, otherwise the first line of stdin.
pub(crate) fn new_password() -> Result<String, Failure> {
    let password = password("New password: ")?;
    if io::stdin().is_terminal() && self::password("Once more: ")? != password {
        return Err(Failure::new(USAGE, "the two passwords differ; try again"));
    }
    Ok(password)
}

/// One password, asked for in these words if a person types it, otherwise the next line of stdin.
pub(crate) fn password(question: &str) -> Result<String, Failure> {
    let failed = |error| Failure::io(&error);
    let _hidden = if io::stdin().is_terminal() {
        let mut stderr = io::stderr();
        stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).map_err(failed)?;
        Some(Hidden::begin().map_err(failed)?)
    } else {
        None
    };
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(Failure::new(
            USAGE,
            "type the password, or give it as the first line of stdin",
        ));
    }
    Ok(password)
}
