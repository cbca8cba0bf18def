//! Programs from the Python package index, in a virtual environment of this repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The packages, with all that they need, in the versions that were looked at.
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/requirements.txt");

/// The program of that name; installed by the first who asks, while others wait.
pub fn program(name: &str) -> PathBuf {
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target");
    let folder = Path::new(target).join("testkit-python");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let lock = fs::File::create(folder.join("lock")).expect("the target folder can be written");
    lock.lock().expect("a file can be locked");
    // Written last, so that an interrupted installation is done again.
    let installed = folder.join("installed.txt");
    let wanted = fs::read_to_string(PACKAGES).expect("the list of packages is there");
    if fs::read_to_string(&installed).unwrap_or_default() != wanted {
        let environment = folder.join("venv");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
        let mut pip = Command::new(environment.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        run(pip.args(["--requirement", PACKAGES]));
        fs::write(installed, wanted).expect("the target folder can be written");
    }
    folder.join("venv/bin").join(name)
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    let status = status.expect("python3 is there; `cargo xtask test` installs it as root");
    assert!(status.success(), "{command:?} ended with {status}");
}
