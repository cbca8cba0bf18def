//! The real `pilothouse` program: servers and agents as processes of their own.

mod agent;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use pilothouse_core::{Role, time::Timestamp};
use pilothouse_server::auth::{Grant, Signer, secret::Secret};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    confidential::{self, Log},
    memory::{memory, reset_peak},
    viewer::Viewer,
};
pub use agent::Agent;

/// How long a test waits for anything before it says that it did not come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What differs from a plain start of a program.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// In which folder its own folder is made.
    pub parent: Option<PathBuf>,
    /// How many descriptors it may have.
    pub descriptors: Option<u32>,
    /// Variables of its environment.
    pub variables: Vec<(String, String)>,
}

impl Surroundings {
    fn folder(&self) -> TempDir {
        let folder = match &self.parent {
            Some(parent) => TempDir::new_in(parent),
            None => TempDir::new(),
        };
        folder.expect("a temporary folder can be made")
    }

    fn command(&self) -> Command {
        let mut command = match self.descriptors {
            Some(most) => {
                let mut command = Command::new("prlimit");
                command.arg(format!("--nofile={most}")).arg("--").arg(program());
                command
            }
            None => Command::new(program()),
        };
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null());
        command
    }
}

/// A server process with a data directory of its own. Killed when dropped.
pub struct Server {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    settings: Vec<(String, String)>,
    surroundings: Surroundings,
    log: Log,
}

/// Where cargo put the program; the test command builds it before the tests.
pub fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a running test has a path");
    let folder = own.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    let program = folder.join("pilothouse");
    assert!(program.exists(), "build the program first: cargo build --package pilothouse");
    program
}

impl Server {
    /// Starts a server on a free port; returns when it listens.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(Surroundings::default(), settings)
    }

    /// The same, not in the usual surroundings.
    pub fn start_in(surroundings: Surroundings, settings: &[(&str, &str)]) -> Self {
        let folder = surroundings.folder();
        let settings: Vec<_> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let log = Log::new();
        let (child, address) = serve(&surroundings, folder.path(), "127.0.0.1:0", &settings, &log);
        Self { child, folder, address, settings, surroundings, log }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The data directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the process at once, as a crash would, and starts it again on the same port and data.
    pub fn kill_and_restart(&mut self) {
        let _ = self.child.kill();
        self.start_again();
    }

    /// Asks the process to end, and starts it again on the same port and data.
    pub fn restart(&mut self) {
        signal(self.child.id(), "TERM");
        self.start_again();
    }

    /// Ends the process at once, and leaves it so until [`Server::start_again`].
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end and waits for it; the data stays. Returns its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        signal(self.child.id(), "TERM");
        self.child.wait().ok()?.code()
    }

    /// Starts it after its end, on the same port and data.
    pub fn start_again(&mut self) {
        let _ = self.child.wait();
        let address = self.address.to_string();
        let (child, address) =
            serve(&self.surroundings, self.folder.path(), &address, &self.settings, &self.log);
        (self.child, self.address) = (child, address);
    }

    /// Asks the process to end, as a service manager does, and waits for it.
    pub fn terminate(self) -> Option<i32> {
        self.terminate_then(|| {})
    }

    /// Waits for the process to end by itself.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().ok()?.code()
    }

    /// As [`Server::terminate`], with something to do before the data directory is gone.
    pub fn terminate_then(mut self, then: impl FnOnce()) -> Option<i32> {
        signal(self.child.id(), "TERM");
        let ended = self.child.wait();
        then();
        ended.ok()?.code()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token that counts for two hours, longer than any clock is set forward.
    pub fn token(&self, grant: &Grant) -> String {
        self.short_token(grant, Duration::from_secs(7200))
    }

    /// A token that counts for so long.
    pub fn short_token(&self, grant: &Grant, lifetime: Duration) -> String {
        self.signed(grant, now(), lifetime)
    }

    /// A token that was good until a minute ago.
    pub fn expired_token(&self, grant: &Grant) -> String {
        self.signed(grant, Timestamp(now().0 - 120_000), Duration::from_mins(1))
    }

    fn signed(&self, grant: &Grant, at: Timestamp, lifetime: Duration) -> String {
        let secret = Secret::read(self.folder.path()).expect("a running server has a secret");
        confidential::kept(Signer::new(&secret).sign(grant, at, lifetime))
    }

    /// A token for that agent.
    pub fn agent_token(&self, id: &str) -> String {
        self.token(&Grant::Agent(id.parse().expect("the test's id is an id")))
    }

    /// An operator's token.
    pub fn operator(&self) -> String {
        self.token(&Grant::Person { user: "ann".into(), role: Role::Operator })
    }

    /// Connects a dashboard, and waits for the snapshot's first message.
    pub fn dashboard(&self) -> Viewer {
        let mut viewer = Viewer::dashboard(self.address, &self.operator());
        viewer.expect("agent:list");
        viewer
    }

    /// Starts an agent of this server, and waits until dashboards see it.
    pub fn agent(&self, id: &str) -> Agent {
        let agent = self.agent_at(id, self.address);
        self.wait_until_online(id);
        agent
    }

    /// Starts an agent of this server that reaches it at another address, say a proxy's.
    pub fn agent_at(&self, id: &str, address: SocketAddr) -> Agent {
        self.agent_with(id, address, &[])
    }

    /// The same, with variables in its environment.
    pub fn agent_with(&self, id: &str, address: SocketAddr, variables: &[(&str, &str)]) -> Agent {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let surroundings =
            Surroundings { variables: variables.collect(), ..Surroundings::default() };
        self.agent_in(&surroundings, id, address)
    }

    /// The same, not in the usual surroundings.
    pub fn agent_in(&self, surroundings: &Surroundings, id: &str, address: SocketAddr) -> Agent {
        let grant = Grant::Agent(id.parse().expect("the test's id is an id"));
        self.agent_as(&grant, surroundings, id, address)
    }

    /// The same, with a token for that grant.
    pub fn agent_as(
        &self,
        grant: &Grant,
        surroundings: &Surroundings,
        id: &str,
        address: SocketAddr,
    ) -> Agent {
        let folder = surroundings.folder();
        let token = self.token(grant);
        let file = folder.path().join("token");
        fs::write(&file, token).expect("a temporary file can be written");
        let log = Log::new();
        let mut command = surroundings.command();
        log.of(&mut command);
        if !surroundings.variables.iter().any(|(name, _)| name == "HOME") {
            // What the machine's owner has in the profile of a shell has nothing to do with tests.
            command.env("HOME", folder.path());
        }
        command
            .args(["agent", "--id", id, "--server", &format!("ws://{address}")])
            .args(["--token-file".as_ref(), file.as_os_str()])
            .args(["--data-dir".as_ref(), folder.path().join("data").as_os_str()]);
        let child = command.spawn().expect("the program can be started");
        Agent::of(child, command, folder, log)
    }

    /// The program with these arguments, as an operator of this server who reaches it at that address.
    pub fn command(&self, address: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).stdin(Stdio::null());
        command.env("PILOTHOUSE_SERVER", format!("http://{address}"));
        command.env("PILOTHOUSE_TOKEN", self.operator());
        command
    }

    /// Waits until dashboards see an agent as online.
    pub fn wait_until_online(&self, id: &str) {
        self.wait_until_agent(id, |status| status != "offline");
    }

    /// Waits until dashboards see an agent as offline.
    pub fn wait_until_offline(&self, id: &str) {
        self.wait_until_agent(id, |status| status == "offline");
    }

    fn wait_until_agent(&self, id: &str, wanted: impl Fn(&str) -> bool) {
        let mut viewer = Viewer::dashboard(self.address, &self.operator());
        viewer.expect_that(|message| {
            let is_so = |agent: &Value| {
                agent["agentId"] == id && agent["status"].as_str().is_some_and(&wanted)
            };
            match message["type"].as_str() {
                Some("agent:list") => {
                    message["payload"]["agents"].as_array().is_some_and(|a| a.iter().any(is_so))
                }
                Some("agent:status") => is_so(&message["payload"]),
                _ => false,
            }
        });
    }

    /// The answer to a plain GET request: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        (status, body)
    }

    /// What `/health` says, as soon as `wanted` holds for it.
    pub fn wait_for_health(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_for_answer(|status, body| {
            assert_eq!(status, 200, "{body}");
            serde_json::from_str(body).ok().filter(&wanted)
        })
    }

    /// The same where not every connection gets through.
    pub fn wait_for_health_through_the_crowd(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_for_answer(|status, body| {
            let health = (status == 200).then(|| serde_json::from_str(body).ok()).flatten();
            health.filter(&wanted)
        })
    }

    fn wait_for_answer(&self, wanted: impl Fn(u16, &str) -> Option<Value>) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (status, body) = self.get("/health");
            if let Some(health) = wanted(status, &body) {
                return health;
            }
            assert!(Instant::now() < deadline, "{status} {body}");
            // Nobody tells when it changes.
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What `/metrics` says: a value for each line, labels included in the name.
    pub fn metrics(&self) -> BTreeMap<String, u64> {
        let (_, body) = self.get("/metrics");
        let lines = body.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                let (name, value) = line.rsplit_once(' ')?;
                Some((name.to_owned(), value.parse().ok()?))
            })
            .collect()
    }

    /// Waits until a series of `/metrics` has this value.
    pub fn wait_for_metric(&self, series: &str, value: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.metrics().get(series).copied();
            if found == Some(value) {
                return;
            }
            assert!(Instant::now() < deadline, "{series} is {found:?}, not {value}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How much memory the process has, in KiB.
    pub fn resident_kib(&self) -> u64 {
        memory(self.child.id(), "VmRSS:")
    }

    /// Forgets the highest memory so far, and returns the present one, in KiB.
    pub fn reset_peak(&self) -> u64 {
        reset_peak(self.child.id())
    }

    /// The highest memory since [`Server::reset_peak`], in KiB.
    pub fn peak_kib(&self) -> u64 {
        memory(self.child.id(), "VmHWM:")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.check("the server", &[&self.folder.path().join("auth.secret")]);
    }
}

fn serve(
    surroundings: &Surroundings,
    folder: &Path,
    listen: &str,
    settings: &[(String, String)],
    log: &Log,
) -> (Child, SocketAddr) {
    let mut command = surroundings.command();
    log.of(&mut command);
    command.args(["serve", "--listen", listen, "--data-dir"]).arg(folder);
    for (key, value) in settings {
        command.args(["--set", &format!("{key}={value}")]);
    }
    // What the machine's owner configured has nothing to do with tests.
    command.env("PILOTHOUSE_CONFIG", "/dev/null");
    command.stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("the server speaks UTF-8");
    let address =
        line.trim().split_once("://").map(|(_, url)| url.split('/').next().unwrap_or(url).parse());
    let Some(Ok(address)) = address else { panic!("the server did not start: {line}") };
    (child, address)
}

/// Sends a signal by name.
pub fn signal(process: u32, name: &str) {
    let arguments = [format!("-{name}"), process.to_string()];
    Command::new("kill").args(arguments).status().expect("there is a program `kill`");
}

#[expect(clippy::disallowed_methods, reason = "tests sign tokens for the present")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// A `command:request` for an agent.
pub fn request(agent: &str, line: &str) -> Value {
    json!({"type": "command:request",
           "payload": {"agentId": agent, "command": line, "priority": "normal"}})
}
