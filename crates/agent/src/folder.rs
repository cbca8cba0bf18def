//! The agent's own folder: nobody else may read it, and only one agent may use it.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::fcntl::{Flock, FlockArg};
use tokio::time::{Instant, sleep};

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process has it.
    #[error("another agent uses {0}; give each agent a folder of its own")]
    InUse(PathBuf),
    /// Its key is another agent's.
    #[error("{folder} belongs to agent {owner}; give each agent a folder of its own")]
    Belongs {
        /// Which folder.
        folder: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// The disk says no.
    #[error("{folder} cannot be used: {error}")]
    Unusable {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// How long to wait for a folder whose last owner is just ending, or is being looked at by its witness.
const FREE_WITHIN: Duration = Duration::from_millis(500);
/// How often to look whether it is free.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A folder that is ours for as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    _lock: Flock<File>,
}

impl Folder {
    /// Makes the folder if there is none, and takes it as soon as it is free.
    pub(crate) async fn take_soon(folder: &Path) -> Result<Self, FolderError> {
        let deadline = Instant::now() + FREE_WITHIN;
        loop {
            match Self::take(folder) {
                Err(FolderError::InUse(_)) if Instant::now() < deadline => sleep(LOOK_EVERY).await,
                taken => return taken,
            }
        }
    }

    fn take(folder: &Path) -> Result<Self, FolderError> {
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

    #[tokio::test]
    async fn a_folder_that_is_given_back_at_once_is_waited_for() {
        let parent = tempfile::tempdir().unwrap();
        let last = Folder::take(parent.path()).unwrap();
        let taking = Folder::take_soon(parent.path());
        let (taken, ()) = tokio::join!(biased; taking, async {
            // The other one was polled before, and found it taken.
            drop(last);
        });
        assert!(taken.is_ok());
        assert!(matches!(Folder::take(parent.path()), Err(FolderError::InUse(_))));
    }
}
