//! What a browser has on disk: one folder, gone when the browser is gone.
//!
//! The folder is made before the program is started, and its name is what all of the program's processes are
//! marked with: so whatever an agent that was killed left is found by its folder. Chromium makes its socket elsewhere
//! when the folder's path is too long for one; that goes with the folder too.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::sys::signal::Signal;
use pilothouse_core::ids::SessionId;

use crate::{
    journal::Process,
    processes::{
        Mark,
        tree::{self, Tree},
    },
};

/// How long what is left of a browser may take to end politely.
const GRACE: Duration = Duration::from_millis(300);
/// The first process, as it was when it started.
const PROCESS: &str = "process";
/// Where a browser keeps what it knows.
const PROFILE: &str = "profile";
/// What Chromium takes a second start of itself by, and what such a start shows; links to where both are.
const SOCKET: &str = "SingletonSocket";
const COOKIE: &str = "SingletonCookie";

/// A browser's folder, and with it its mark. Removed when this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    name: String,
}

impl Folder {
    /// Makes a folder that nobody else can read.
    pub(super) fn make(data_dir: &Path, session: &SessionId) -> io::Result<Self> {
        let name = format!("{session}.{:08x}", crate::link::random() & 0xffff_ffff);
        let path = all(data_dir).join(&name);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&path)?;
        let folder = Self { path, name };
        for inside in [folder.profile(), folder.downloads(), folder.scratch()] {
            builder.create(inside)?;
        }
        Ok(folder)
    }

    /// What all processes of the browser carry.
    pub(super) fn mark(&self) -> Mark {
        Mark::of_browser(&self.name)
    }

    /// Where it keeps what it knows.
    pub(super) fn profile(&self) -> PathBuf {
        self.path.join("profile")
    }

    /// Where what it downloads goes.
    pub(super) fn downloads(&self) -> PathBuf {
        self.path.join("downloads")
    }

    /// Its home and its place for files of the moment.
    pub(super) fn scratch(&self) -> PathBuf {
        self.path.join("t")
    }

    /// Writes down which process it is.
    pub(super) fn note(&self, process: Process) -> io::Result<()> {
        fs::write(self.path.join(PROCESS), serde_json::to_vec(&process)?)
    }

    /// All processes of the browser.
    pub(super) fn tree(&self, process: Process) -> Tree {
        Tree::new(&self.mark(), process)
    }

    /// A program that ended without tidying up leaves a lock behind.
    pub(super) fn unlock(&self) {
        forget_socket(&self.path);
        for name in ["SingletonLock", SOCKET, COOKIE] {
            let _ = fs::remove_file(self.profile().join(name));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        forget_socket(&self.path);
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(folder = %self.path.display(), %error, "a browser's folder stays; the agent's next life removes it");
        }
    }
}

/// Removes the folder that Chromium made for its socket, which is outside of its own folder if that is deep: what the
/// links in its profile name, and nothing else.
fn forget_socket(folder: &Path) {
    let Ok(socket) = fs::read_link(folder.join(PROFILE).join(SOCKET)) else { return };
    let (Some(place), Some(name)) = (socket.parent(), socket.file_name()) else { return };
    if socket.is_absolute() && name == SOCKET {
        for name in [SOCKET, COOKIE] {
            let _ = fs::remove_file(place.join(name));
        }
        // Fails, as it should, if anything else is in it.
        let _ = fs::remove_dir(place);
    }
}

fn all(data_dir: &Path) -> PathBuf {
    data_dir.join("browsers")
}

/// Ends what is left of the browsers of an earlier life, and removes their folders.
pub(crate) async fn bury(data_dir: &Path) {
    let Ok(folders) = fs::read_dir(all(data_dir)) else { return };
    for folder in folders.flatten() {
        if let Ok(name) = folder.file_name().into_string() {
            let noted = fs::read(folder.path().join(PROCESS)).ok();
            let noted = noted.and_then(|bytes| serde_json::from_slice::<Process>(&bytes).ok());
            let unknown = Process { pid: -1, born: 0 };
            let first = noted.filter(|process| tree::born(process.pid) == Some(process.born));
            let mut tree = Tree::new(&Mark::of_browser(&name), first.unwrap_or(unknown));
            let left = tree.end(&[Signal::SIGTERM], GRACE).await;
            tracing::warn!(browser = name, left, "was open when the agent died, and was closed");
        }
        forget_socket(&folder.path());
        let _ = fs::remove_dir_all(folder.path());
    }
}
