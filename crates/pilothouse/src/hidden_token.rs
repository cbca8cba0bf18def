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

use crate::access::{KeyOptions, TokenOptions};

/// The longest token that is passed on; a pipe holds it without a reader.
const LONGEST: usize = 16 << 10;
/// How the environment calls it, or the key in its place.
const VARIABLES: [&str; 2] = ["PILOTHOUSE_TOKEN", "PILOTHOUSE_KEY"];
/// How the command line does.
const FLAGS: [&str; 2] = ["--token", "--key"];

/// Begins again without the token in sight. Returns if there is nothing to hide, or if that is not possible.
pub(crate) fn hide(options: &TokenOptions, keys: &KeyOptions) {
    let key = keys.key.as_deref().filter(|_| keys.key_file.is_none());
    let token = options.token.as_deref().filter(|token| *token != "-");
    let Some(token) = key.or(token) else { return };
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
        .env_remove(VARIABLES[0])
        .env_remove(VARIABLES[1])
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
        let bytes = argument.as_encoded_bytes();
        let begins = |flag: &str| {
            bytes.strip_prefix(flag.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
        };
        if is_token || FLAGS.into_iter().any(begins) {
            is_token = false;
        } else if FLAGS.iter().any(|flag| argument == OsStr::new(flag)) {
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
            &["agent", "--key", "abc", "--id", "a"],
            &["agent", "--key=abc", "--id", "a"],
            &["agent", "--id", "a"],
        ] {
            let kept = without_token(given.iter().map(OsString::from));
            assert_eq!(kept, ["agent", "--id", "a", "--token", "-"]);
        }
        let file = ["agent", "--key-file", "abc"].map(OsString::from);
        assert_eq!(without_token(file.into_iter())[..3], ["agent", "--key-file", "abc"]);
        let file = ["agent", "--token-file", "abc"].map(OsString::from);
        assert_eq!(without_token(file.into_iter())[..3], ["agent", "--token-file", "abc"]);
    }
}
