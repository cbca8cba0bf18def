//! A real Redis for tests, from Debian's package, in a temporary directory and on a port of its own.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::MetadataExt,
    process::{Child, Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use redis::{Commands, Connection};
use tempfile::TempDir;

use crate::{confidential, program::PATIENCE};

/// Somebody else may take a port between the moment it was seen to be free and the start.
const MOST_STARTS: usize = 20;

/// A running Redis. Dropping it stops it and deletes its files.
pub struct Redis {
    folder: TempDir,
    port: u16,
    password: Option<String>,
    server: Option<Child>,
}

impl Redis {
    /// Starts an empty one that lets everybody on this machine in.
    pub fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// The same that asks for a password.
    pub fn start_with(password: Option<&str>) -> Result<Self> {
        install()?;
        let folder = tempfile::Builder::new().prefix("pilothouse-redis-").tempdir()?;
        if let Some(password) = password {
            confidential::keep(password);
        }
        let mut redis =
            Self { folder, port: 0, password: password.map(str::to_owned), server: None };
        for _ in 0..MOST_STARTS {
            redis.port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            if redis.resume().is_ok() {
                return Ok(redis);
            }
        }
        bail!("redis-server does not start")
    }

    /// What `redis.url` is to be.
    pub fn url(&self) -> String {
        self.url_with(self.password.as_deref())
    }

    /// The same with another password.
    pub fn url_with(&self, password: Option<&str>) -> String {
        let login = password.map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{login}127.0.0.1:{}/0", self.port)
    }

    /// Ends it at once, with all that it knows.
    pub fn halt(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts it again on the same port, empty.
    pub fn resume(&mut self) -> Result<()> {
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir"])
            .arg(self.folder.path());
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let messages = server.stdout.take().context("stdout is piped")?;
        self.server = Some(server);
        let mut lines = BufReader::new(messages).lines();
        loop {
            let Some(line) = lines.next().transpose()? else {
                self.halt();
                bail!("redis-server ended");
            };
            if line.contains("Ready to accept connections") {
                break;
            }
        }
        // A full pipe would stop the server.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }

    /// Stops its process where it is, so that it takes connections and answers nothing; or lets it go on.
    pub fn freeze(&self, is_frozen: bool) {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        let id = self.server.as_ref().map(|server| server.id().to_string()).unwrap_or_default();
        let _ = Command::new("kill").args([signal, &id]).status();
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> Connection {
        let client = redis::Client::open(self.url()).expect("this is an address");
        client.get_connection().expect("redis answers")
    }

    /// The fields of a hash; none if it is not there.
    pub fn hash(&self, key: &str) -> BTreeMap<String, String> {
        self.connect().hgetall(key).expect("the key is a hash or absent")
    }

    /// In how many seconds a key expires, if it ever does.
    pub fn expiry(&self, key: &str) -> Option<i64> {
        let seconds: i64 = self.connect().ttl(key).expect("redis answers");
        (seconds >= 0).then_some(seconds)
    }

    /// The hash, as soon as `wanted` holds for it.
    pub fn wait_for(
        &self,
        key: &str,
        wanted: impl Fn(&BTreeMap<String, String>) -> bool,
    ) -> BTreeMap<String, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let hash = self.hash(key);
            if wanted(&hash) {
                return hash;
            }
            assert!(Instant::now() < deadline, "{key}: {hash:?}");
            // Redis tells nobody when it changes.
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.freeze(false);
        self.halt();
    }
}

/// Installs Debian's package where that is allowed and needed.
fn install() -> Result<()> {
    let is_there = || Command::new("redis-server").arg("--version").output().is_ok();
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !is_there() && is_root {
        let mut apt = Command::new("apt-get");
        apt.args(["install", "-y", "redis-server"]).env("DEBIAN_FRONTEND", "noninteractive");
        let _ = apt.output()?;
    }
    if is_there() {
        Ok(())
    } else {
        bail!("redis is not installed, run: apt-get install redis-server")
    }
}
