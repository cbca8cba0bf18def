//! A server and an agent that have no file descriptor left: they stay alive, idle and honest, and go
//! on when there are some again.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    program::{Agent, PATIENCE, Server, Surroundings, request},
    watcher::Watcher,
};
use tempfile::NamedTempFile;

/// How many descriptors a process has.
fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

/// How long a process has computed so far.
fn computed(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name before it may contain anything, so fields are counted from its end.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Clients that connect, say nothing, and connect again whenever they are sent away.
struct Crowd {
    is_over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Crowd {
    fn gather(address: SocketAddr, count: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let is_over = is_over.clone();
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let Ok(stream) = TcpStream::connect(address) else { continue };
                    let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
                    while matches!(stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
                        && !is_over.load(Ordering::Relaxed)
                    {}
                    // As clients do that are told to come later.
                    thread::sleep(Duration::from_millis(200));
                }
            })
        };
        Self { threads: (0..count).map(client).collect(), is_over }
    }

    fn leave(self) {
        self.is_over.store(true, Ordering::Relaxed);
        for client in self.threads {
            client.join().unwrap();
        }
    }
}

#[test]
fn two_hundred_clients_do_not_disturb_a_server_with_64_descriptors() {
    let surroundings = Surroundings { descriptors: Some(64), ..Surroundings::default() };
    // More than there are descriptors, so that they really run out; and silence is not borne for long,
    // so that somebody else gets through now and then.
    let settings = [("limits.connections", "1000"), ("timing.header_timeout", "1s")];
    let server = Server::start_in(surroundings, &settings);
    let _agents = ["agent-1", "agent-2"].map(|id| server.agent(id));
    let mut watchers = [(); 2].map(|()| Watcher::of(server.dashboard()));
    let gate = NamedTempFile::new().unwrap();
    let path = gate.path().display();
    let line = format!("i=0; while [ -e {path} ]; do i=$((i+1)); echo $i; sleep 0.05; done");
    watchers[0].send(&request("agent-1", &line));
    let id = watchers[0].expect_status(None, "running")["commandId"].take();

    let crowd = Crowd::gather(server.address(), 200);
    server.wait_for_health_through_the_crowd(|health| {
        let reasons = health["reasons"].as_array().unwrap();
        reasons.iter().any(|reason| reason.as_str().unwrap().contains("no file descriptor"))
    });
    watchers.iter_mut().for_each(Watcher::skip);
    let before = computed(server.id());
    for watcher in &mut watchers {
        for _ in 0..60 {
            watcher.expect("terminal:output");
        }
    }
    let spent = computed(server.id()).saturating_sub(before);
    // Three seconds passed at least; a loop that spins takes all of them.
    assert!(spent < Duration::from_millis(1500), "the server computed for {spent:?}");
    watchers[1].send(&request("agent-2", "echo stored"));
    watchers[1].expect_status(None, "completed");

    crowd.leave();
    let health = server.wait_for_health_through_the_crowd(|health| health["status"] == "ok");
    assert_eq!(health["reasons"], serde_json::json!([]));
    let mut late = server.dashboard();
    assert_eq!(late.expect_status("running")["commandId"], id);
    gate.close().unwrap();
    for watcher in &mut watchers {
        watcher.expect_status(Some(&id), "completed");
        let output = watcher.output_of(&id);
        let count = output.lines().count();
        assert!(output.lines().eq((1..=count).map(|number| number.to_string())), "{output}");
    }
}

/// How many descriptors an agent has that keeps no command any more.
fn settled(agent: &Agent) -> usize {
    let deadline = Instant::now() + PATIENCE;
    while agent.kept_commands() > 0 {
        assert!(Instant::now() < deadline, "the agent keeps a command that is stored");
        // No message says that an agent has forgotten one.
        thread::sleep(Duration::from_millis(20));
    }
    descriptors(agent.id())
}

/// Sets the limit of a running process.
fn limit(process: u32, most: usize) {
    let status = Command::new("prlimit")
        .args([format!("--pid={process}"), format!("--nofile={most}:64")])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn an_agent_without_descriptors_refuses_with_a_reason_and_goes_on_when_it_has_some() {
    let surroundings = Surroundings { descriptors: Some(64), ..Surroundings::default() };
    let server = Server::start(&[("commands.per_minute", "10000")]);
    let agent = server.agent_in(&surroundings, "agent-1", server.address());
    server.wait_until_online("agent-1");
    let mut watcher = Watcher::of(server.dashboard());
    let mut ends = |line: &str, status: &str| {
        watcher.send(&request("agent-1", line));
        watcher.expect_status(None, status)
    };
    ends("true", "completed");
    let before = settled(&agent);
    for number in 0..30 {
        ends(&format!("echo {number}"), "completed");
    }
    let after = settled(&agent);
    assert!(after <= before + 2, "{before} descriptors became {after}");

    // What is open stays open; nothing else can be opened.
    limit(agent.id(), 4);
    let refused = ends("echo never", "failed");
    let reason = refused["error"].as_str().unwrap();
    assert!(reason.contains("descriptors") || reason.contains("open files"), "{refused}");
    limit(agent.id(), 64);
    ends("echo again", "completed");
    let offline = watcher.told().into_iter().find(|told| told["payload"]["status"] == "offline");
    assert_eq!(offline, None);
}
