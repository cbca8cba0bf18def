//! What opens the link: the token an agent was started with, once; from then on a key of its own.
//!
//! The key is made here and kept here. The server only ever learns its hash with a hello, and the key
//! itself when it is presented. A key of which the server has not said that it is stored is called
//! `key.new`, so that an agent that dies in between comes back with its token.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use pilothouse_core::{agents::KeyHash, ids::AgentId};
use sha2::{Digest, Sha256};

/// What a key begins with; the agent's id and a dot follow, then the secret.
const PREFIX: &str = "pha_";
/// Bytes of a secret.
const SECRET: usize = 32;

/// An agent's ways to say who it is.
pub(crate) struct Credentials {
    folder: PathBuf,
    token: Option<String>,
    key: String,
    is_enrolled: bool,
    /// The last attempt was refused; the other credential may be better.
    is_second: bool,
}

/// Neither is for logs.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("is_enrolled", &self.is_enrolled)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the key in that folder, or makes one.
    pub(crate) fn open(folder: &Path, agent: &AgentId, token: Option<String>) -> io::Result<Self> {
        let prefix = format!("{PREFIX}{agent}.");
        let read = |name: &str| {
            let text = fs::read_to_string(folder.join(name)).ok()?;
            // A folder that was another agent's has a key that is of no use to this one.
            Some(text.trim().to_owned()).filter(|key| key.starts_with(&prefix))
        };
        let (key, is_enrolled) = match (read("key"), read("key.new")) {
            (Some(key), _) => (key, true),
            (None, Some(key)) => (key, false),
            (None, None) => (make(folder, &prefix)?, false),
        };
        Ok(Self { folder: folder.to_owned(), token, key, is_enrolled, is_second: false })
    }

    /// What to present now.
    pub(crate) fn present(&self) -> &str {
        match &self.token {
            Some(token) if self.is_enrolled == self.is_second => token,
            _ => &self.key,
        }
    }

    /// What was presented is not taken. Whether there is something else to present.
    pub(crate) fn refused(&mut self) -> bool {
        self.is_second = !self.is_second && self.token.is_some();
        self.is_second
    }

    /// What was presented is taken.
    pub(crate) fn accepted(&mut self) {
        self.is_second = false;
    }

    /// Whether there is anything that a server could take.
    pub(crate) fn are_usable(&self) -> bool {
        self.is_enrolled || self.token.is_some()
    }

    /// The hash by which the server is to know the key.
    pub(crate) fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.key.as_bytes()).into())
    }

    /// The server has stored the hash.
    pub(crate) fn enrolled(&mut self) -> io::Result<()> {
        if !self.is_enrolled {
            fs::rename(self.folder.join("key.new"), self.folder.join("key"))?;
            File::open(&self.folder)?.sync_all()?;
            self.is_enrolled = true;
        }
        Ok(())
    }
}

fn make(folder: &Path, prefix: &str) -> io::Result<String> {
    let mut secret = [0; SECRET];
    getrandom::fill(&mut secret)?;
    let key = format!("{prefix}{}", KeyHash(secret).to_hexadecimal());
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(folder.join("key.new"))?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn open(folder: &Path, token: Option<&str>) -> Credentials {
        let agent = AgentId::new("a-1").unwrap();
        Credentials::open(folder, &agent, token.map(str::to_owned)).unwrap()
    }

    #[test]
    fn the_token_comes_first_until_the_key_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut credentials = open(folder.path(), Some("token"));
        assert_eq!(credentials.present(), "token");
        // The next life, before the server said anything: the same key.
        assert_eq!(open(folder.path(), None).hash(), credentials.hash());
        credentials.enrolled().unwrap();
        assert!(credentials.present().starts_with("pha_a-1."));
        let next = open(folder.path(), None);
        assert!(next.are_usable());
        assert_eq!((next.present(), next.hash()), (credentials.present(), credentials.hash()));
        let mode = fs::metadata(folder.path().join("key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_is_refused_gives_way_to_the_other_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut credentials = open(folder.path(), Some("token"));
        credentials.enrolled().unwrap();
        assert!(credentials.refused());
        assert_eq!(credentials.present(), "token");
        assert!(!credentials.refused());
        assert!(credentials.present().starts_with("pha_"));
        let mut alone = open(folder.path(), None);
        assert!(!alone.refused());
        assert!(alone.present().starts_with("pha_"));
    }

    #[test]
    fn an_agent_without_token_and_known_key_has_nothing_to_present() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!open(folder.path(), None).are_usable());
        open(folder.path(), Some("t")).enrolled().unwrap();
        let other = AgentId::new("b-2").unwrap();
        assert!(!Credentials::open(folder.path(), &other, None).unwrap().are_usable());
    }

    #[test]
    fn no_secret_is_in_what_is_logged() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = open(folder.path(), Some("hunter2"));
        let logged = format!("{credentials:?}");
        assert!(!logged.contains("hunter2") && !logged.contains("pha_"), "{logged}");
    }
}
