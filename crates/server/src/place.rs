//! Where a running server is, written into its data directory for programs on the same machine.

use std::{fs, io, path::Path};

use crate::config::Config;

/// The file's name.
const NAME: &str = "address";

/// Says where the server of this configuration listens, in one step, so that nobody reads half a line.
pub(crate) fn write(config: &Config) -> io::Result<()> {
    let unfinished = config.data_dir.join("address.new");
    fs::write(&unfinished, format!("{}\n", config.url()))?;
    fs::rename(unfinished, file(&config.data_dir))
}

/// The file that says where the server of a data directory is, or was when it last ran.
pub fn file(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join(NAME)
}

/// Where the server is that uses this data directory just now; without a server, `None`.
pub fn of_running(data_dir: &Path) -> Option<String> {
    let lock = fs::File::options().write(true).open(lock(data_dir)).ok()?;
    let is_held = matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
    is_held.then(|| read(data_dir)).flatten()
}

/// The file that a server locks for as long as it uses the data directory.
pub fn lock(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("server.lock")
}

fn read(data_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(file(data_dir)).ok()?;
    Some(text.trim().to_owned()).filter(|url| !url.is_empty())
}
