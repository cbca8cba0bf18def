//! Takes an agent's token out of sight: others can read a process's arguments, and its commands its environment.
//!
//! The process replaces itself by the same program with the token on stdin. For a few milliseconds,
//! between its start and that, the token can be seen; a token in a file never can.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::access::TokenOptions;

/// The longest token that is passed on; a pipe holds it without a reader.
const LONGEST: usize = 16 << 10;
/// How the environment calls it.
const VARIABLE: &str = "PILOTHOUSE_TOKEN";

/// Begins again without the token in sight. Returns if there is nothing to hide, or if that is not possible.
pub(crate) fn hide(options: &TokenOptions) {
    let Some(token) = options.token.as_deref().filter(|token| *token != "-") else { return };
    if token.len() > LONGEST {
        return;
    }
    let error = begin_again(token);
    tracing::warn!(%error, "the token stays visible in the list of processes; use --token-file");
}

/// Returns only if it fails.
fn begin_again(token: &str) -> io::Error {
    let stdin = match filled(token) {
        Ok(stdin) => stdin,
        Err(error) => return error,
    };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "pilothouse".into());
    // Through /proc, so that it is this very program even when its file was replaced meanwhile.
    Command::new("/proc/self/exe")
        .arg0(name)
        .args(without_token(arguments))
        .env_remove(VARIABLE)
        .stdin(stdin)
        .exec()
}

/// A pipe with the token in it and nobody at the other end.
fn filled(token: &str) -> io::Result<Stdio> {
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(token.as_bytes())?;
    Ok(reader.into())
}

/// The arguments, but reading the token from stdin.
fn without_token(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut is_token = false;
    for argument in arguments {
        let begins = argument.as_encoded_bytes().starts_with(b"--token=");
        if is_token || begins {
            is_token = false;
        } else if argument == OsStr::new("--token") {
            is_token = true;
        } else {
            kept.push(argument);
        }
    }
    kept.extend(["--token", "-"].map(OsString::from));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_read_from_stdin_instead() {
        for given in [
            &["agent", "--token", "abc", "--id", "a"][..],
            &["agent", "--token=abc", "--id", "a"],
            &["agent", "--id", "a"],
        ] {
            let kept = without_token(given.iter().map(OsString::from));
            assert_eq!(kept, ["agent", "--id", "a", "--token", "-"]);
        }
        let file = ["agent", "--token-file", "abc"].map(OsString::from);
        assert_eq!(without_token(file.into_iter())[..3], ["agent", "--token-file", "abc"]);
    }
}
