//! `pilothouse up` and `down`: what runs is found again, followed, and ended, and nothing else is.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use pilothouse_testkit::{
    http,
    program::{PATIENCE, program, request, signal},
    viewer::Viewer,
};
use tempfile::TempDir;

/// A data directory. Dropping it ends the agent in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).arg("--data-dir").arg(self.path());
        command.env("PILOTHOUSE_CONFIG", "/dev/null").stdin(Stdio::null());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The process of the agent, as it is written down.
    fn agent(&self) -> u32 {
        let text = fs::read_to_string(self.path().join("agent/pid")).unwrap();
        text.split(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.output(&["down"]);
    }
}

/// A server with its agent, started by `up`.
struct Up {
    child: Child,
    lines: BufReader<ChildStdout>,
    link: String,
}

impl Up {
    /// Starts on a free port, and returns when the link is printed.
    fn start(home: &Home) -> Self {
        let mut command = home.command(&["up", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let link = link(&mut lines);
        Self { child, lines, link }
    }

    /// Ctrl-C, and wait.
    fn interrupt(mut self) -> Option<i32> {
        signal(self.child.id(), "INT");
        while self.lines.read_line(&mut String::new()).is_ok_and(|read| read > 0) {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn link(lines: impl BufRead) -> String {
    let mut lines = lines.lines().map_while(Result::ok).map(|line| line.trim().to_owned());
    lines.find(|line| line.contains("#code=")).expect("a link is printed")
}

/// Opens the link as the page does.
fn open(link: &str) -> Viewer {
    let (url, code) = link.split_once("/#code=").unwrap();
    let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
    let body = serde_json::json!({ "code": code });
    let entry = http::send_json(address, "POST /api/auth/exchange", "none", &body).json();
    Viewer::dashboard(address, entry["token"].as_str().expect("the link works"))
}

/// Opens the link, and waits until its agent is online.
fn expect_online(link: &str) {
    open(link).expect_that(|message| {
        let agents = message["payload"]["agents"].as_array().cloned().unwrap_or_default();
        let changed = agents.iter().chain([&message["payload"]]);
        changed.into_iter().any(|agent| agent["agentId"] == "local" && agent["status"] == "online")
    });
}

#[test]
fn a_second_up_prints_the_link_of_what_runs_and_brings_a_missing_agent_back() {
    let home = Home::new();
    let first = Up::start(&home);
    let second = home.output(&["up"]);
    assert_eq!(second.status.code(), Some(0));
    let text = String::from_utf8(second.stdout).unwrap();
    assert!(text.starts_with("Pilothouse runs already."), "{text}");
    assert!(text.contains(&format!("process {}", first.child.id())), "{text}");
    assert!(text.contains("1 of 1 agents linked"), "{text}");
    expect_online(&link(text.as_bytes()));

    let agent = home.agent();
    assert_eq!(home.output(&["down"]).status.code(), Some(0));
    assert_eq!(home.output(&["up"]).status.code(), Some(0));
    assert_ne!(home.agent(), agent);
}

#[test]
fn the_doctor_warns_that_roles_are_void_where_one_user_runs_both() {
    let home = Home::new();
    let _up = Up::start(&home);
    let doctor = home.output(&["doctor", "--listen", "127.0.0.1:0"]);
    let text = String::from_utf8(doctor.stdout).unwrap();
    assert_eq!(doctor.status.code(), Some(0), "a warning is no problem: {text}");
    let line = text.lines().find(|line| line.starts_with("warning  roles")).expect(&text);
    assert!(line.contains(&home.agent().to_string()), "{line}");
    assert!(!text.contains('\x1b'), "colours are for terminals");
}

#[test]
fn status_finds_the_server_of_this_machine_on_any_port() {
    let home = Home::new();
    let _up = Up::start(&home);
    let status = home.command(&["status"]).env_remove("PILOTHOUSE_SERVER").output().unwrap();
    let text = String::from_utf8_lossy(&status.stdout);
    assert_eq!(status.status.code(), Some(0), "{}", String::from_utf8_lossy(&status.stderr));
    assert!(text.contains("local"), "{text}");
}

#[test]
fn an_agent_follows_its_server_to_another_port_without_losing_its_command() {
    let home = Home::new();
    let first = Up::start(&home);
    let agent = home.agent();
    let marker = home.0.path().join("go-on");
    let mut dashboard = open(&first.link);
    dashboard.expect("agent:list");
    let line = format!("until [ -e {} ]; do sleep 0.05; done; echo still-there", marker.display());
    dashboard.send(&request("local", &line));
    dashboard.expect_that(|message| message["payload"]["status"] == "running");
    let old = first.link.clone();
    assert_eq!(first.interrupt(), Some(0));

    let second = Up::start(&home);
    assert_ne!(old.split('#').next(), second.link.split('#').next(), "the port is another");
    assert_eq!(home.agent(), agent, "the agent was adopted");
    let mut dashboard = open(&second.link);
    dashboard.expect("agent:list");
    fs::write(marker, "").unwrap();
    let end = dashboard.expect_that(|message| message["payload"]["exitCode"] == 0);
    assert_eq!(end["payload"]["status"], "completed");
}

#[test]
fn down_finds_the_agent_without_a_pid_file_and_may_be_repeated() {
    let home = Home::new();
    let up = Up::start(&home);
    fs::remove_file(home.path().join("agent/pid")).unwrap();
    let ended = home.output(&["down"]);
    let text = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0));
    assert!(text.contains("have ended"), "{text}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("the server goes on"));
    let again = home.output(&["down"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing to end"));
    drop(up);
}

#[test]
fn down_leaves_processes_alone_that_are_no_agents() {
    let home = Home::new();
    let folder = home.path().join("agent");
    fs::create_dir_all(&folder).unwrap();
    let mut bystander = Command::new("sleep").arg("1000").spawn().unwrap();
    // A number that was the agent's once and is another process's now.
    fs::write(folder.join("pid"), format!("{} 1\n", bystander.id())).unwrap();
    fs::write(folder.join("lock"), "").unwrap();
    assert_eq!(home.output(&["down"]).status.code(), Some(0), "nobody holds the lock");
    // Somebody holds the lock who is no agent: this test.
    let lock = hold(&folder.join("lock"));
    let refused = home.output(&["down"]);
    assert_eq!(refused.status.code(), Some(69));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
    assert!(bystander.try_wait().unwrap().is_none(), "the bystander lives");
    drop(lock);
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

fn hold(path: &Path) -> fs::File {
    let lock = fs::File::options().write(true).open(path).unwrap();
    lock.lock().unwrap();
    lock
}

#[test]
fn a_server_goes_on_when_nobody_reads_what_it_prints() {
    let home = Home::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let socket = UnixDatagram::bind(home.0.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    command.env("NOTIFY_SOCKET", home.0.path().join("notify"));
    let mut child = command.stdout(writer).spawn().unwrap();
    // READY comes after the line that nobody reads.
    let mut ready = [0; 512];
    let length = socket.recv(&mut ready).expect("the server gets ready all the same");
    let address = fs::read_to_string(home.path().join("address")).unwrap();
    let ready = String::from_utf8_lossy(&ready[..length]).into_owned();
    assert!(ready.ends_with(address.trim()), "{ready}");
    let doctor = home.output(&["doctor", "--listen", "127.0.0.1:0", "--json"]);
    let text = String::from_utf8_lossy(&doctor.stdout);
    assert!(text.contains(address.trim()), "the doctor finds it without being told: {text}");
    signal(child.id(), "TERM");
    assert!(child.wait().unwrap().success());
}
