//! Somebody sets the clock of a server or of an agent: tokens follow it, nothing else does.

use std::time::{Duration, SystemTime};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    program::{Server, request},
    set_clock::SetClock,
    viewer::{Upgrade, Viewer},
    watcher::Watcher,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

const HOUR: i64 = 3600;

/// How long an agent may be silent; jumps last longer.
const PATIENCE: (&str, &str) = ("timing.heartbeat_timeout", "2s");

fn operator(server: &Server, minutes: u64) -> String {
    let grant = Grant::Person { user: "ann".into(), role: Role::Operator };
    server.short_token(&grant, Duration::from_secs(minutes * 60))
}

/// Counts aloud until the gate is gone.
fn counting(gate: &NamedTempFile) -> String {
    let gate = gate.path().display();
    format!("i=0; while [ -e {gate} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 5")
}

/// That the numbers a command counted are there, each once and in order.
fn assert_counted(output: &str) {
    let numbers: Vec<usize> = output.lines().map(|line| line.parse().unwrap()).collect();
    assert!(numbers.len() > 20 && numbers.iter().copied().eq(1..=numbers.len()), "{output}");
}

/// Waits for so many more messages of output.
fn hear(watcher: &mut Watcher, count: usize) {
    watcher.skip();
    for _ in 0..count {
        watcher.expect("terminal:output");
    }
}

/// Runs a command of about 300 ms, and returns its id. It takes neither an hour nor less than nothing.
fn run(watcher: &mut Watcher, agent: &str) -> String {
    watcher.send(&request(agent, "sleep 0.3"));
    let running = |message: &Value| {
        message["type"] == "command:status"
            && message["payload"]["agentId"] == agent
            && message["payload"]["status"] == "completed"
    };
    let completed = watcher.expect_that(running);
    let took = completed["payload"]["executionTime"].as_u64().unwrap();
    assert!((290..5000).contains(&took), "{completed}");
    completed["payload"]["commandId"].as_str().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "compared with what is shown to people")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn assert_nobody_was_offline(watcher: &Watcher) {
    assert!(watcher.is_open());
    for message in watcher.told() {
        assert_ne!(message["payload"]["status"], "offline", "{message}");
        let agents = message["payload"]["agents"].as_array();
        let offline = |agent: &Value| agent["status"] == "offline";
        assert!(!agents.is_some_and(|agents| agents.iter().any(offline)), "{message}");
    }
}

#[test]
fn a_server_whose_clock_is_set_forward_and_back_goes_on() {
    let Some(clock) = SetClock::or_skip(0) else { return };
    let settings = [PATIENCE, ("timing.expiry_check", "200ms")];
    let server = Server::start_in(clock.surroundings(), &settings);
    let agents = ["agent-1", "agent-2"].map(|id| server.agent(id));
    let mut watcher = Watcher::of(Viewer::dashboard(server.address(), &operator(&server, 300)));
    let mut short = Watcher::of(Viewer::dashboard(server.address(), &operator(&server, 30)));
    let gate = NamedTempFile::new().unwrap();
    watcher.send(&request("agent-1", &counting(&gate)));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    let mut ids = vec![id.as_str().unwrap().to_owned(), run(&mut watcher, "agent-2")];

    clock.set(HOUR);
    assert_eq!(short.expect("error")["code"], "AUTH_FAILED");
    let connect = |minutes| {
        let token = operator(&server, minutes);
        let field = format!("Bearer {token}");
        Upgrade::to("/ws/dashboard").with("Authorization", &field).send(server.address())
    };
    assert_eq!(connect(30).err().map(|(status, _)| status), Some(401));
    assert!(connect(300).is_ok());
    ids.push(run(&mut watcher, "agent-2"));
    // Longer than an agent may be silent.
    hear(&mut watcher, 50);

    clock.set(0);
    let mut late = connect(30).expect("the token is good again for who comes now");
    assert_eq!(late.expect_status("running")["commandId"], id);
    ids.push(run(&mut watcher, "agent-2"));

    // Two hours back in all: who is there stays.
    clock.set(-HOUR);
    ids.push(run(&mut watcher, "agent-2"));
    hear(&mut watcher, 50);
    gate.close().unwrap();
    let ended = watcher.expect_status(Some(&id), "failed");
    assert_eq!(ended["exitCode"], 5);
    let took = ended["executionTime"].as_u64().unwrap();
    assert!((3000..60_000).contains(&took), "{ended}");
    assert_counted(&watcher.output_of(&id));
    let end = short.expect_end();
    assert!(end.starts_with("Closed(1008"), "{end}");
    assert_nobody_was_offline(&watcher);
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(ids, sorted, "ids are told apart and sort by age");
    drop(agents);
}

#[test]
fn an_agent_whose_clock_is_set_forward_and_back_goes_on() {
    let Some(clock) = SetClock::or_skip(0) else { return };
    let server = Server::start(&[PATIENCE, ("commands.timeout", "8s")]);
    let agent = server.agent_in(&clock.surroundings(), "agent-1", server.address());
    server.wait_until_online("agent-1");
    let mut watcher = Watcher::of(server.dashboard());
    let gate = NamedTempFile::new().unwrap();
    watcher.send(&request("agent-1", &counting(&gate)));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    for offset in [HOUR, -HOUR] {
        clock.set(offset);
        // Longer than an agent may be silent, and not as long as the command may run.
        hear(&mut watcher, 50);
    }
    gate.close().unwrap();
    let ended = watcher.expect_status(Some(&id), "failed");
    assert_eq!(ended["exitCode"], 5, "{ended}");
    let took = ended["executionTime"].as_u64().unwrap();
    assert!((3000..8000).contains(&took), "{ended}");
    assert_counted(&watcher.output_of(&id));

    watcher.send(&request("agent-1", "sleep 60"));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    clock.set(HOUR);
    let ended = watcher.expect_status(Some(&id), "failed");
    let took = ended["executionTime"].as_u64().unwrap();
    assert!((7900..25_000).contains(&took), "its time is over when it is over: {ended}");
    assert_nobody_was_offline(&watcher);
    drop(agent);
}

#[test]
fn an_agent_whose_clock_is_wrong_is_shown_by_the_servers_clock() {
    let (Some(early), Some(late)) = (SetClock::or_skip(-HOUR), SetClock::or_skip(HOUR)) else {
        return;
    };
    let server = Server::start(&[]);
    let mut watcher = Watcher::of(server.dashboard());
    for (name, clock) in [("early", early), ("late", late)] {
        let _agent = server.agent_in(&clock.surroundings(), name, server.address());
        server.wait_until_online(name);
        let asked_at = now();
        watcher.send(&request(name, "sleep 60"));
        let id = watcher.expect_status(None, "running")["commandId"].take();
        let mut viewer = server.dashboard();
        let running = viewer.expect_that(|message| message["payload"]["commandId"] == id);
        let started_at = running["payload"]["startedAt"].as_i64().unwrap();
        assert!((asked_at - 1000..=now()).contains(&started_at), "{running}");
        let interrupt = json!({"type": "command:interrupt", "payload": {"commandId": id}});
        watcher.send(&interrupt);
        let ended = watcher.expect_status(Some(&id), "interrupted");
        assert!(ended["executionTime"].as_u64().unwrap() < 30_000, "{ended}");
    }
}
