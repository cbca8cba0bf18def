//! A real PostgreSQL server for tests, from Debian's package, in a temporary directory and on a Unix socket only.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// The role and superuser of the server. Nobody else can reach the socket's directory.
const ROLE: &str = "pilothouse";

/// A running server. Dropping it stops it and deletes its files.
#[derive(Debug)]
pub struct Postgres {
    directory: TempDir,
    programs: PathBuf,
    server: Option<Child>,
}

impl Postgres {
    /// Creates an empty cluster and starts it.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let directory = tempfile::Builder::new().prefix("pilothouse-postgres-").tempdir()?;
        if is_root() {
            let (user, group) = (number_of("-u")?, number_of("-g")?);
            chown(directory.path(), Some(user), Some(group))?;
        }
        let mut postgres = Self { directory, programs, server: None };
        let output = postgres
            .program("initdb")
            .args([
                "--username",
                ROLE,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(postgres.cluster())
            .output()?;
        ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        postgres.resume()?;
        Ok(postgres)
    }

    /// The server that running tests share; the last of them stops it.
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Ok(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Ok(started)
    }

    /// Creates an empty database and returns its address.
    pub fn database(&self, name: &str) -> Result<String> {
        let output = Command::new(self.programs.join("createdb"))
            .args(["--username", ROLE, "--host"])
            .arg(self.directory.path())
            .arg(name)
            .output()?;
        ensure!(output.status.success(), "createdb: {}", String::from_utf8_lossy(&output.stderr));
        let socket = self.directory.path().display();
        Ok(format!("postgres://{ROLE}@localhost/{name}?host={socket}"))
    }

    /// Stops the server at once, as if its machine had failed; the files stay.
    pub fn halt(&mut self) {
        if let Some(mut server) = self.server.take() {
            // SIGQUIT ends the children too and leaves no shared memory behind, which SIGKILL would.
            let _ = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status();
            let _ = server.wait();
        }
    }

    /// Starts the server again and waits until it answers.
    pub fn resume(&mut self) -> Result<()> {
        let mut server = self
            .program("postgres")
            .args(["-c", "listen_addresses=", "-D"])
            .arg(self.cluster())
            .arg("-k")
            .arg(self.directory.path())
            .stderr(Stdio::piped())
            .spawn()?;
        let messages = server.stderr.take().context("stderr is piped")?;
        self.server = Some(server);
        let mut lines = BufReader::new(messages).lines();
        let mut said = String::new();
        loop {
            let Some(line) = lines.next().transpose()? else { bail!("postgres ended: {said}") };
            if line.contains("ready to accept connections") {
                break;
            }
            said.push_str(&line);
        }
        // A full pipe would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }

    fn cluster(&self) -> PathBuf {
        self.directory.path().join("cluster")
    }

    /// One of the server's programs, which refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.directory.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.halt();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The number of the user or group `postgres`, which Debian's package creates.
fn number_of(which: &str) -> Result<u32> {
    let output = Command::new("id").args([which, "postgres"]).output()?;
    ensure!(output.status.success(), "there is no user postgres, run: apt-get install postgresql");
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The directory of the newest installed server. Installs Debian's package where that is allowed.
fn programs() -> Result<PathBuf> {
    if newest_installed().is_none() && is_root() {
        let _ = Command::new("apt-get").args(["install", "-y", "postgresql"]).output()?;
    }
    newest_installed().context("PostgreSQL is not installed, run: apt-get install postgresql")
}

fn newest_installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(|path| number(path))
        .map(|path| path.join("bin"))
}
