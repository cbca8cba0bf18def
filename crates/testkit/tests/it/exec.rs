//! `pilothouse exec` as a script uses it: every line once, the command's exit code, whatever the network does;
//! and `pilothouse status --watch`.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Stdio},
    thread::JoinHandle,
};

use pilothouse_testkit::{
    program::{Server, signal},
    proxy::Proxy,
};

/// Prints 20,000 lines in pieces, so that there is a middle in which something can happen.
const TALKATIVE: &str = "for n in 1 2 3 4 5 6 7 8 9 10; do seq -f \"$n %05.0f\" 1 2000; sleep 0.15; done; \
     echo done >&2; exit 7";

fn talk() -> String {
    let lines = (1..=10).flat_map(|n| (1..=2000).map(move |line| format!("{n} {line:05}\n")));
    lines.collect()
}

/// What `seq 1 COUNT` prints.
pub(super) fn numbers(count: u32) -> String {
    let lines: Vec<_> = (1..=count).map(|line| format!("{line}\n")).collect();
    lines.concat()
}

/// A running `pilothouse exec`.
struct Exec {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    read: String,
}

impl Exec {
    fn start(server: &Server, address: std::net::SocketAddr, options: &[&str], line: &str) -> Self {
        let arguments = [&["exec", "agent-1"], options, &["--", line]].concat();
        let mut command = server.command(address, &arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        Self { child, stdout, stderr, read: String::new() }
    }

    fn read_lines(&mut self, count: usize) {
        for _ in 0..count {
            assert!(self.stdout.read_line(&mut self.read).unwrap() > 0, "it ended: {}", self.read);
        }
    }

    /// Everything it wrote, and its exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        self.stdout.read_to_string(&mut self.read).unwrap();
        let code = self.child.wait().unwrap().code();
        (self.read, self.stderr.join().unwrap(), code)
    }
}

fn assert_complete(exec: Exec) -> String {
    let (stdout, stderr, code) = exec.end();
    let expected = talk();
    let differs = stdout.lines().zip(expected.lines()).find(|(one, other)| one != other);
    assert!(
        stdout == expected,
        "{} of {} bytes, differs at {differs:?}\n{stderr}",
        stdout.len(),
        expected.len()
    );
    assert_eq!(code, Some(7), "{stderr}");
    assert_eq!(stderr.matches("done\n").count(), 1, "{stderr}");
    stderr
}

#[test]
fn output_goes_on_where_it_stopped_when_the_server_is_killed_and_comes_back() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut exec = Exec::start(&server, server.address(), &[], TALKATIVE);
    exec.read_lines(3_000);
    server.kill_and_restart();
    exec.read_lines(8_000);
    server.kill_and_restart();
    let stderr = assert_complete(exec);
    assert!(stderr.contains("trying again") && stderr.contains("connected again"), "{stderr}");
}

#[test]
fn output_goes_on_where_it_stopped_when_the_network_is_cut_again_and_again() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let proxy = Proxy::before(server.address());
    let mut exec = Exec::start(&server, proxy.address(), &["--quiet"], TALKATIVE);
    // A cut may find it between two connections, but not every time.
    let cuts = (0..6).filter(|_| {
        exec.read_lines(2_500);
        proxy.cut() > 0
    });
    assert!(cuts.count() >= 2);
    let stderr = assert_complete(exec);
    assert_eq!(stderr, "done\n", "quiet is quiet");
}

#[test]
fn a_command_that_ends_while_the_client_is_away_is_told_whole_with_its_code() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let gate = tempfile::NamedTempFile::new().unwrap();
    let path = gate.path().display().to_string();
    let line = format!("seq 1 100; while [ -e {path} ]; do sleep 0.02; done; seq 101 5000; exit 3");
    let mut exec = Exec::start(&server, server.address(), &[], &line);
    exec.read_lines(100);
    // The client is stopped while it all happens, so that it finds only what is stored.
    signal(exec.child.id(), "STOP");
    server.kill();
    server.start_again();
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    drop(gate);
    viewer.expect_status("failed");
    signal(exec.child.id(), "CONT");
    let (stdout, stderr, code) = exec.end();
    let expected = numbers(5000);
    assert!(stdout == expected, "{} bytes\n{stderr}", stdout.len());
    assert_eq!(code, Some(3), "{stderr}");
}

#[test]
fn a_server_that_stays_away_is_given_up_and_the_command_goes_on() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let options = ["--give-up-after", "300ms"];
    let mut exec = Exec::start(&server, server.address(), &options, "echo hello; sleep 60");
    exec.read_lines(1);
    server.kill();
    let (_, stderr, code) = exec.end();
    assert_eq!(code, Some(69), "{stderr}");
    assert!(stderr.contains("goes on"), "{stderr}");
}

#[test]
fn ctrl_c_ends_the_command_once_and_the_second_one_leaves() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut exec = Exec::start(&server, server.address(), &[], "echo hello; sleep 60");
    exec.read_lines(1);
    signal(exec.child.id(), "INT");
    let (_, stderr, code) = exec.end();
    assert_eq!(code, Some(130), "{stderr}");
    // It was ended, not left: the agent is free again.
    let mut viewer = server.dashboard();
    viewer.send(&pilothouse_testkit::program::request("agent-1", "exit 5"));
    assert_eq!(viewer.expect_status("failed")["exitCode"], 5);

    let stubborn = "trap 'echo no' INT TERM; echo hello; while :; do sleep 0.05; done";
    let mut exec = Exec::start(&server, server.address(), &[], stubborn);
    exec.read_lines(1);
    signal(exec.child.id(), "INT");
    exec.read_lines(1);
    signal(exec.child.id(), "INT");
    let (_, stderr, code) = exec.end();
    assert_eq!(code, Some(130), "{stderr}");
}

#[test]
fn ctrl_c_while_the_server_is_away_reaches_the_command_when_it_is_back() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut exec = Exec::start(&server, server.address(), &[], "echo hello; sleep 60");
    exec.read_lines(1);
    server.kill();
    signal(exec.child.id(), "INT");
    server.start_again();
    let (_, stderr, code) = exec.end();
    assert_eq!(code, Some(130), "{stderr}");
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    viewer.send(&pilothouse_testkit::program::request("agent-1", "exit 5"));
    assert_eq!(viewer.expect_status("failed")["exitCode"], 5);
}

#[test]
fn when_nobody_reads_the_output_the_command_is_ended() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    let line = "while :; do echo still talking; sleep 0.01; done";
    let mut exec = Exec::start(&server, server.address(), &[], line);
    exec.read_lines(1);
    let Exec { mut child, stdout, stderr, .. } = exec;
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(141));
    viewer.expect_status("interrupted");
    assert_eq!(stderr.join().unwrap(), "", "as quiet as a local command");
}

#[test]
fn status_goes_on_showing_what_changes_over_a_restart() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let arguments = ["status", "--watch", "--json"];
    let mut command = server.command(server.address(), &arguments);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |wanted: &dyn Fn(&serde_json::Value) -> bool| {
        for line in lines.by_ref() {
            if wanted(&serde_json::from_str(&line.unwrap()).unwrap()) {
                return;
            }
        }
        panic!("it ended");
    };
    let runs = |line: &serde_json::Value| line["running"].as_array().is_some_and(|r| r.len() == 1);
    until(&|line| line["agents"][0]["status"] == "online" && !runs(line));
    let mut viewer = server.dashboard();
    let gate = tempfile::NamedTempFile::new().unwrap();
    let line = format!("while [ -e {} ]; do sleep 0.02; done", gate.path().display());
    viewer.send(&pilothouse_testkit::program::request("agent-1", &line));
    until(&runs);
    server.kill_and_restart();
    server.wait_until_online("agent-1");
    drop(gate);
    until(&|line| !runs(line) && line["agents"][0]["status"] == "online");
    signal(child.id(), "INT");
    child.wait().unwrap();
}
