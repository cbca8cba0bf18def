//! Secrets that tests know of, and logs of servers and agents, which must not tell them.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;
use tempfile::NamedTempFile;

/// What is logged in tests: all that we say, and of others what is important.
const FILTER: &str = "warn,pilothouse=debug,pilothouse_server=debug,pilothouse_agent=debug";

/// Shorter texts occur by chance.
const SHORTEST: usize = 12;

/// How much of a log is shown when a test fails.
const SHOWN_LINES: usize = 40;

/// Fields of requests and answers that are secret, whoever asks.
const FIELDS: [&str; 9] = [
    "password",
    "newPassword",
    "currentPassword",
    "token",
    "websocketToken",
    "refreshToken",
    "device_code",
    "deviceCode",
    "secret",
];

static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on no log may tell this.
pub fn keep(secret: &str) {
    if secret.len() >= SHORTEST {
        KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
    }
}

/// The same for a token: neither claims nor signature, each alone. What other secrets begin with only names them.
pub fn keep_token(token: &str) {
    match token.split('.').collect::<Vec<_>>()[..] {
        [_, claims, signature] => [claims, signature].into_iter().for_each(keep),
        [_, secret] => keep(secret),
        _ => keep(token.trim_start_matches("mc_")),
    }
}

/// The same for a token that was just made.
pub fn kept(token: String) -> String {
    keep_token(&token);
    token
}

/// The same for all that is secret in a request or an answer.
pub fn keep_all_of(body: &Value) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if FIELDS.contains(&&**name) => keep_token(text),
                    Value::String(text) if name == "key" && text.starts_with("mc_") => {
                        keep_token(text);
                    }
                    value => keep_all_of(value),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(keep_all_of),
        _ => {}
    }
}

/// What a program says on its stderr, over all of its lives.
pub(crate) struct Log(NamedTempFile);

impl Log {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self(NamedTempFile::new().expect("a temporary file can be made"))
    }

    /// Has a program log here, in detail.
    pub(crate) fn of(&self, command: &mut Command) {
        let file = File::options().append(true).open(self.0.path());
        command.args(["--log", FILTER]);
        command.stderr(Stdio::from(file.expect("a temporary file can be opened")));
    }

    /// Looks through it for what must not be told: all that is known, and what is in these files of the program.
    ///
    /// # Panics
    ///
    /// If it tells a secret. Where a test fails already, it shows its end instead.
    pub(crate) fn check(&self, whose: &str, files: &[&Path]) {
        let bytes = fs::read(self.0.path()).unwrap_or_default();
        let said = String::from_utf8_lossy(&bytes);
        if std::thread::panicking() {
            let lines: Vec<&str> = said.lines().collect();
            let end = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
            let _ = writeln!(std::io::stderr(), "the log of {whose} ends with:\n{end}");
            return;
        }
        for secret in files.iter().filter_map(|file| fs::read_to_string(file).ok()) {
            keep_token(secret.trim());
        }
        for secret in KNOWN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let line = said.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "the log of {whose} tells a secret: {line:?}");
        }
    }
}
