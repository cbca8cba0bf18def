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

use crate::folder::FolderError;

/// What a key begins with; the agent's id and a dot follow, then the secret.
const PREFIX: &str = "pha_";
/// Bytes of a secret.
const SECRET: usize = 32;

/// An agent's ways to say who it is.
pub(crate) struct Credentials {
    folder: PathBuf,
    agent: AgentId,
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
    /// Reads the key in that folder, or makes one. Refuses the folder of another agent: this one
    /// would take over its commands and have it lose its key.
    pub(crate) fn open(
        folder: &Path,
        agent: &AgentId,
        token: Option<String>,
    ) -> Result<Self, FolderError> {
        let enrolled = read(folder, "key");
        if let Some((owner, _)) = enrolled.as_ref().filter(|(owner, _)| owner != agent.as_str()) {
            let (folder, owner) = (folder.to_owned(), owner.clone());
            return Err(FolderError::Belongs { folder, owner });
        }
        let is_enrolled = enrolled.is_some();
        let kept = enrolled.or_else(|| read(folder, "key.new"));
        let key = match kept.filter(|(owner, _)| owner == agent.as_str()) {
            Some((_, key)) => key,
            None => make(folder, agent)
                .map_err(|error| FolderError::Unusable { folder: folder.to_owned(), error })?,
        };
        let (folder, agent) = (folder.to_owned(), agent.clone());
        Ok(Self { folder, agent, token, key, is_enrolled, is_second: false })
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

    /// What was presented is taken. If that was the token although there is a key that the server had stored, then that
    /// key counts no longer, and whoever `may_enrol` does so with another one.
    pub(crate) fn accepted(&mut self, may_enrol: bool) {
        let is_key_refused = self.is_second && self.is_enrolled && may_enrol;
        self.is_second = false;
        if !is_key_refused {
            return;
        }
        match make(&self.folder, &self.agent) {
            Ok(key) => {
                self.key = key;
                self.is_enrolled = false;
            }
            Err(error) => tracing::warn!(%error, "no new key can be kept; the token stays in use"),
        }
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

/// The key in a file, with whose it is. One that is damaged counts for nothing: what is left of a
/// secret could be guessed.
fn read(folder: &Path, name: &str) -> Option<(String, String)> {
    let path = folder.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the key cannot be read");
            return None;
        }
    };
    let key = text.trim();
    let parts = key.strip_prefix(PREFIX).and_then(|rest| rest.rsplit_once('.'));
    let Some((owner, _)) = parts.filter(|(_, secret)| KeyHash::from_hexadecimal(secret).is_some())
    else {
        tracing::warn!(path = %path.display(), "this is not a key, or what is left of one");
        return None;
    };
    Some((owner.to_owned(), key.to_owned()))
}

fn make(folder: &Path, agent: &AgentId) -> io::Result<String> {
    let mut secret = [0; SECRET];
    getrandom::fill(&mut secret)?;
    let key = format!("{PREFIX}{agent}.{}", KeyHash(secret).to_hexadecimal());
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

    impl Credentials {
        fn present_key(&self) -> &str {
            &self.key
        }
    }

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
    fn a_key_that_is_refused_where_the_token_is_taken_gives_way_to_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut credentials = open(folder.path(), Some("token"));
        credentials.enrolled().unwrap();
        credentials.accepted(true);
        let old = credentials.hash();
        assert!(credentials.refused());
        assert_eq!(credentials.present(), "token");
        credentials.accepted(true);
        assert_ne!(credentials.hash(), old);
        assert_eq!(
            credentials.present(),
            "token",
            "until the server says that it knows the new one"
        );
        // The old one stays until then.
        assert_eq!(open(folder.path(), None).hash(), old);
        credentials.enrolled().unwrap();
        assert_eq!(open(folder.path(), None).hash(), credentials.hash());
        assert_eq!(credentials.present(), credentials.present_key());
    }

    #[test]
    fn an_agent_without_token_and_known_key_has_nothing_to_present() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!open(folder.path(), None).are_usable());
        open(folder.path(), Some("t")).enrolled().unwrap();
        assert!(open(folder.path(), None).are_usable());
    }

    #[test]
    fn a_folder_that_belongs_to_another_agent_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), Some("t")).enrolled().unwrap();
        let other = AgentId::new("b-2").unwrap();
        let refused = Credentials::open(folder.path(), &other, Some("t".to_owned())).err();
        let Some(FolderError::Belongs { owner, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(owner, "a-1");
        assert!(!folder.path().join("key.new").exists());
    }

    #[test]
    fn what_is_left_of_a_key_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let whole = open(folder.path(), Some("t")).present_key().to_owned();
        for rest in ["", "pha_a-1.", &whole[..whole.len() - 1], "pha_a-1.\0\0", "pha_b-2."] {
            for name in ["key.new", "key"] {
                fs::write(folder.path().join(name), rest).unwrap();
                let credentials = open(folder.path(), Some("t"));
                assert_eq!(credentials.present(), "t", "{rest:?} in {name}");
                assert_eq!(credentials.present_key().len(), whole.len(), "{rest:?} in {name}");
                let _ = fs::remove_file(folder.path().join(name));
            }
        }
    }

    #[test]
    fn no_secret_is_in_what_is_logged() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = open(folder.path(), Some("hunter2"));
        let logged = format!("{credentials:?}");
        assert!(!logged.contains("hunter2") && !logged.contains("pha_"), "{logged}");
    }
}
