//! What the tests need from the machine. Debian packages are installed when missing; nothing else is touched.

use anyhow::{Result, ensure};

use crate::{
    commands::{self, read, root, run, succeeds},
    steps::say,
};

/// A program, how to see that it is there, and the Debian package that brings it.
const PACKAGES: &[(&str, &str)] = &[
    ("ls /usr/lib/postgresql/", "postgresql"),
    ("redis-server --version", "redis-server"),
    ("node --version", "nodejs"),
    ("npm --version", "npm"),
    ("python3 -m ensurepip --version", "python3-venv"),
    ("faketime --version", "faketime"),
    ("script --version", "bsdutils"),
    ("vim --version", "vim"),
    ("htop --version", "htop"),
    ("less --version", "less"),
    ("fish --version", "fish"),
    ("chromium --version", "chromium"),
];

/// What all that is built may take on disk, in MiB: 2.9 GiB, and on top of it what makes the second build quick.
const ROOM: u64 = 8 << 10;

/// Folders whose `package.json` brings programs that tests start.
const NODE_FOLDERS: &[&str] = &["crates/testkit/node", "sdk/typescript", "web"];

/// Says so if the disk on which is built may fill up before all has passed: a compiler that ran out of disk says it badly.
fn warn_of_little_room() {
    let place = std::env::current_exe().unwrap_or_default();
    let mut room = commands::command("df --output=avail --block-size=1M");
    room.arg(&place);
    let Ok(output) = room.output() else { return };
    let free = String::from_utf8_lossy(&output.stdout);
    if let Some(free) = free.lines().nth(1).and_then(|line| line.trim().parse::<u64>().ok())
        && free < ROOM
    {
        let place = place.display();
        say(&format!(
            "only {free} MiB are free where {place} is, and all that is built may take {ROOM} MiB; \
             with CARGO_INCREMENTAL=0 it takes less, with CARGO_TARGET_DIR it is built elsewhere"
        ));
    }
}

/// Installs what is missing of PostgreSQL, Redis, Node.js, Python, libfaketime, and the programs whose output tests record.
pub(crate) fn install_packages() -> Result<()> {
    warn_of_little_room();
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(probe, _)| !succeeds(probe))
        .map(|&(_, package)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" ");
    ensure!(
        read("id -u")?.trim() == "0" && succeeds("apt-get --version"),
        "these are missing: {missing}; install them, or run this as root on Debian"
    );
    say(&format!("installing {missing}"));
    run("apt-get update --quiet=2")?;
    let mut install = commands::command("apt-get install --yes --quiet=2 --no-install-recommends");
    install.args(missing.split(' ')).env("DEBIAN_FRONTEND", "noninteractive");
    commands::run_command(install)
}

/// Installs the npm packages that tests need, as locked, without running their scripts.
pub(crate) fn install_node_packages() -> Result<()> {
    NODE_FOLDERS.iter().try_for_each(|folder| install_node_packages_in(folder))
}

/// The same for one folder; does nothing if they are there.
pub(crate) fn install_node_packages_in(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let lock = folder.join("package-lock.json");
    // npm writes this file last, so an interrupted installation is done again.
    let installed = folder.join("node_modules/.package-lock.json");
    let written = |path: &std::path::Path| path.metadata().and_then(|meta| meta.modified()).ok();
    if !lock.exists() || (installed.exists() && written(&installed) >= written(&lock)) {
        return Ok(());
    }
    let mut install = commands::command("npm ci --ignore-scripts --no-audit --no-fund");
    install.current_dir(&folder);
    commands::run_command(install)
}

/// Whether cargo-nextest is there; without it the tests run one binary after the other.
pub(crate) fn has_nextest() -> bool {
    succeeds("cargo nextest --version")
}
