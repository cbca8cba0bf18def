//! The signing secret: made on the first start, kept in the data directory, readable by its owner only.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The shortest acceptable secret, in bytes.
pub const SHORTEST: usize = 32;

/// A secret whose `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why there is no secret to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is too short to be safe.
    #[error("the secret has fewer than {SHORTEST} bytes; use at least {SHORTEST} random ones")]
    TooShort,
    /// Others can read it.
    #[error("{0} can be read by others; run: chmod 600 {0}")]
    Readable(PathBuf),
    /// The file cannot be used.
    #[error("cannot use the secret in {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Secret {
    /// Takes a configured secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let bytes = bytes.into();
        if bytes.len() < SHORTEST { Err(SecretError::TooShort) } else { Ok(Self(bytes)) }
    }

    /// The bytes, for signing.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Where the secret of a data directory is.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("auth.secret")
    }

    /// Reads the secret of a data directory.
    pub fn read(data_dir: &Path) -> Result<Self, SecretError> {
        let path = Self::path(data_dir);
        let file = |source| SecretError::File { path: path.clone(), source };
        let mode = fs::metadata(&path).map_err(file)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SecretError::Readable(path));
        }
        let text = fs::read_to_string(&path).map_err(file)?;
        Self::new(text.trim())
    }

    /// Reads the secret of a data directory, which is made if it is not there, with a new secret.
    pub fn read_or_create(data_dir: &Path) -> Result<Self, SecretError> {
        let path = Self::path(data_dir);
        let file = |source| SecretError::File { path: path.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(file)?;
        let mut random = [0; SHORTEST];
        getrandom::fill(&mut random).map_err(|error| file(error.into()))?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut secret) => {
                let text = URL_SAFE_NO_PAD.encode(random);
                secret.write_all(text.as_bytes()).and_then(|()| secret.sync_all()).map_err(file)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file(error)),
        }
        Self::read(data_dir)
    }
}
