//! Where somebody signed in with `pilothouse login`: tokens by server, in a file that only its owner can read.
//!
//! Tokens are renewed here, by one process at a time, since each secret for that is good once.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use pilothouse_client::Builder;
use serde_json::{Value, json};

use crate::{access::now, environment::config_home};

/// A token that expires sooner than this is renewed first, in milliseconds.
const SOON: u64 = 60_000;

/// The sign-in at one server.
#[derive(Debug, Clone)]
pub(crate) struct SavedLogin {
    server: String,
    builder: Builder,
}

/// What a server gave.
pub(crate) struct Tokens {
    pub(crate) token: String,
    pub(crate) refresh: Option<String>,
    /// In milliseconds since 1970.
    pub(crate) expires_at: u64,
}

impl SavedLogin {
    /// `builder` reaches the server without a token.
    pub(crate) fn new(server: &str, builder: Builder) -> Self {
        Self { server: key(server), builder }
    }

    /// A token that counts for a while; renewed if need be. The error is a reason in words.
    pub(crate) async fn token(self) -> Result<String, String> {
        let again = "sign in again with `pilothouse login`";
        if let Some(token) = fresh(&self.server) {
            return Ok(token);
        }
        // Waiting for a lock would stop everything else in this thread.
        let lock = tokio::task::spawn_blocking(lock).await.map_err(|error| error.to_string())?;
        let _lock = lock.map_err(|error| format!("cannot lock the saved tokens: {error}"))?;
        // Another process may have renewed it meanwhile.
        if let Some(token) = fresh(&self.server) {
            return Ok(token);
        }
        let known = entry(&self.server).ok_or_else(|| again.to_owned())?;
        let Some(refresh) = known["refreshToken"].as_str() else {
            return Err(format!("the saved token has expired; {again}"));
        };
        let body = json!({ "refreshToken": refresh });
        let api = self.builder.clone().api().map_err(|error| error.to_string())?;
        let answer = api.post("/api/auth/refresh", &body).await;
        let answer = answer.map_err(|error| format!("{error}; {again}"))?;
        let tokens = Tokens::of(&answer).ok_or("the server's answer has no token")?;
        let token = tokens.token.clone();
        put(&self.server, &tokens).map_err(|error| format!("cannot save the token: {error}"))?;
        Ok(token)
    }
}

impl Tokens {
    /// Reads the answer to a refresh; how long the token counts stands in itself.
    fn of(answer: &Value) -> Option<Self> {
        let token = answer["token"].as_str()?.to_owned();
        let refresh = answer["refreshToken"].as_str().map(str::to_owned);
        let seconds = lifetime(answer["expiresIn"].as_str()?)?;
        Some(Self { token, refresh, expires_at: now().0 + seconds * 1000 })
    }
}

/// `24h`, `30m` or `90s` in seconds.
fn lifetime(text: &str) -> Option<u64> {
    pilothouse_server::config::duration(text).ok().map(|duration| duration.as_secs())
}

/// Whether somebody signed in there.
pub(crate) fn is_there(server: &str) -> bool {
    entry(&key(server)).is_some()
}

/// Where somebody signed in last.
pub(crate) fn newest_server() -> Option<String> {
    read()["newest"].as_str().map(str::to_owned)
}

/// Keeps tokens.
pub(crate) fn save(server: &str, tokens: &Tokens) -> io::Result<()> {
    let _lock = lock()?;
    put(&key(server), tokens)
}

/// Forgets them. Says whether there were any.
pub(crate) fn forget(server: &str) -> io::Result<bool> {
    let _lock = lock()?;
    let (mut saved, server) = (read(), key(server));
    let servers = saved["servers"].as_object_mut();
    let is_known = servers.is_some_and(|servers| servers.remove(&server).is_some());
    if saved["newest"] == server.as_str() {
        saved["newest"] = Value::Null;
    }
    write(&saved)?;
    Ok(is_known)
}

fn put(server: &str, tokens: &Tokens) -> io::Result<()> {
    let mut saved = read();
    saved["newest"] = server.into();
    saved["servers"][server] = json!({
        "token": tokens.token,
        "refreshToken": tokens.refresh,
        "expiresAt": tokens.expires_at,
    });
    write(&saved)
}

fn fresh(server: &str) -> Option<String> {
    let entry = entry(server)?;
    let is_fresh = entry["expiresAt"].as_u64()? > now().0 + SOON;
    is_fresh.then(|| entry["token"].as_str().map(str::to_owned)).flatten()
}

fn entry(server: &str) -> Option<Value> {
    read()["servers"].get(server).filter(|entry| entry.is_object()).cloned()
}

/// One server is one entry, however its address was typed.
fn key(server: &str) -> String {
    let server = server.trim().trim_end_matches('/');
    server.replacen("ws", "http", usize::from(server.starts_with("ws")))
}

fn folder() -> io::Result<PathBuf> {
    let missing = || io::Error::other("set HOME or XDG_CONFIG_HOME");
    Ok(config_home().ok_or_else(missing)?.join("pilothouse"))
}

fn file() -> io::Result<PathBuf> {
    Ok(folder()?.join("login.json"))
}

fn read() -> Value {
    let text = file().and_then(fs::read_to_string).unwrap_or_default();
    let saved: Value = serde_json::from_str(&text).unwrap_or_default();
    if saved["servers"].is_object() { saved } else { json!({ "newest": null, "servers": {} }) }
}

/// Replaces the file as a whole, so that nobody reads half of it.
fn write(saved: &Value) -> io::Result<()> {
    let path = file()?;
    let beside = path.with_extension("json.new");
    let mut file = private(&beside, true)?;
    file.write_all(format!("{saved:#}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(beside, path)
}

/// Keeps other processes from writing until it is dropped.
fn lock() -> io::Result<File> {
    let folder = folder()?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let lock = private(&folder.join("login.lock"), false)?;
    lock.lock()?;
    Ok(lock)
}

fn private(path: &Path, truncate: bool) -> io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(truncate).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_one_key() {
        for typed in ["http://a:1", "http://a:1/", " ws://a:1"] {
            assert_eq!(key(typed), "http://a:1", "{typed}");
        }
        assert_eq!(key("wss://a/b/"), "https://a/b");
        assert_eq!(key("https://ws.example"), "https://ws.example");
    }
}
