//! The keys of an issuer: one in PEM, and a JSON Web Key Set in a file that is read again when it changes.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::Arc,
};

use jsonwebtoken::Algorithm;
use parking_lot::Mutex;
use serde::Deserialize;

use super::public_key::{KeyError, PublicKey};

/// The largest file that is read.
const LARGEST: u64 = 1 << 20;
/// The most keys of one set; further ones are ignored.
const MOST_KEYS: usize = 64;

/// A set in a file. Whoever rotates keys replaces the file; the server need not be told.
pub(super) struct KeyFile {
    path: PathBuf,
    read: Mutex<State>,
}

struct State {
    stamp: Option<Stamp>,
    keys: Arc<[PublicKey]>,
}

/// What changes when a file is written or replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    seconds: i64,
    nanoseconds: i64,
    size: u64,
    inode: u64,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl KeyFile {
    /// Reads the set for the first time; at least one key has to be usable.
    pub(super) fn open(path: PathBuf) -> Result<Self, KeyError> {
        let text = path.to_string_lossy();
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err(KeyError::Unusable(
                "auth.jwks is a file, not a URL; fetch it with curl from time to time",
            ));
        }
        let read = read(&path).map_err(|source| KeyError::File { path: path.clone(), source })?;
        if read.keys.is_empty() {
            return Err(KeyError::NoneUsable(path));
        }
        Ok(Self { path, read: Mutex::new(read) })
    }

    /// The key for a token: the one of that id, or the only one of that algorithm if the token names none.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<PublicKey> {
        let keys = self.newest();
        let mut fitting = keys.iter().filter(|key| key.algorithm == algorithm);
        let found = match id {
            Some(id) => fitting.find(|key| key.id.as_deref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        found.cloned()
    }

    /// The keys as the file has them now. What cannot be read leaves those of before.
    fn newest(&self) -> Arc<[PublicKey]> {
        let mut state = self.read.lock();
        let stamp = std::fs::metadata(&self.path).ok().as_ref().map(Stamp::of);
        if stamp == state.stamp {
            return state.keys.clone();
        }
        state.stamp = stamp;
        match read(&self.path) {
            Ok(read) if !read.keys.is_empty() => *state = read,
            Ok(_) => tracing::warn!("auth.jwks has no usable key; the keys of before stay"),
            Err(error) => tracing::warn!(%error, "cannot read auth.jwks; the keys of before stay"),
        }
        state.keys.clone()
    }
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self {
            seconds: file.mtime(),
            nanoseconds: file.mtime_nsec(),
            size: file.size(),
            inode: file.ino(),
        }
    }
}

fn read(path: &PathBuf) -> io::Result<State> {
    let file = File::open(path)?;
    // Taken before reading: a change in between is seen the next time.
    let stamp = Stamp::of(&file.metadata()?);
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    let set: Set = serde_json::from_str(&text)?;
    let mut keys = Vec::new();
    for value in set.keys.iter().take(MOST_KEYS) {
        match PublicKey::from_jwk(value) {
            Ok(key) => keys.push(key),
            Err(reason) => {
                let kid = value["kid"].as_str().unwrap_or("(none)");
                tracing::warn!(kid, reason, "a key of auth.jwks is not used");
            }
        }
    }
    Ok(State { stamp: Some(stamp), keys: keys.into() })
}
