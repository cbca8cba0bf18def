//! The agent's own folder: nobody else may read it, and only one agent may use it.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::fcntl::{Flock, FlockArg};

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process has it.
    #[error("another agent uses {0}; give each agent a folder of its own")]
    InUse(PathBuf),
    /// The disk says no.
    #[error("{folder} cannot be used: {error}")]
    Unusable {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A folder that is ours for as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    _lock: Flock<File>,
}

impl Folder {
    /// Makes the folder if there is none, and takes it.
    pub(crate) fn take(folder: &Path) -> Result<Self, FolderError> {
        let file = open(folder)
            .map_err(|error| FolderError::Unusable { folder: folder.to_owned(), error })?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err(_) => Err(FolderError::InUse(folder.to_owned())),
        }
    }
}

fn open(folder: &Path) -> io::Result<File> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600).open(folder.join("lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_private_and_taken_once() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let folder = Folder::take(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(Folder::take(&path), Err(FolderError::InUse(_))));
        drop(folder);
        assert!(Folder::take(&path).is_ok());
    }
}
