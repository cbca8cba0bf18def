//! A server or an agent that is stopped for a while (SIGSTOP, a laptop's lid, a machine that is moved)
//! goes on where it was; only who is silent for longer than agreed is taken for dead.

use std::{thread, time::Duration};

use pilothouse_testkit::{
    program::{Server, request, signal},
    watcher::Watcher,
};
use serde_json::Value;
use tempfile::NamedTempFile;

const SHORT: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(40);

/// Who is stopped.
#[derive(Clone, Copy, PartialEq)]
enum Stopped {
    Server,
    Agent,
}

/// Runs a command that counts until it is told to end, stops somebody meanwhile for so long, and
/// returns the states of the agent that a dashboard saw. Every number came once, and the command ended once.
fn counted_over(server: &Server, stopped: Stopped, pause: Duration) -> Vec<String> {
    let agent = server.agent("agent-1");
    let mut watcher = Watcher::of(server.dashboard());
    let gate = NamedTempFile::new().unwrap();
    let path = gate.path().display();
    let line =
        format!("i=0; while [ -e {path} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7");
    watcher.send(&request("agent-1", &line));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    for _ in 0..10 {
        watcher.expect("terminal:output");
    }
    let process = match stopped {
        Stopped::Server => server.id(),
        Stopped::Agent => agent.id(),
    };
    signal(process, "STOP");
    // The pause itself is what is tried.
    thread::sleep(pause);
    signal(process, "CONT");
    // What the command wrote meanwhile, and then live output.
    for _ in 0..20 {
        watcher.expect("terminal:output");
    }
    gate.close().unwrap();
    assert_eq!(watcher.expect_status(Some(&id), "failed")["exitCode"], 7);
    let output = watcher.output_of(&id);
    let count = output.lines().count();
    // A process whose agent is stopped writes on until its pipe is full, which this one never fills.
    assert!(count > usize::try_from(pause.as_millis() / 100).unwrap(), "{count} numbers");
    assert!(output.lines().eq((1..=count).map(|number| number.to_string())), "{output}");
    assert_eq!(watcher.states_of(&id), ["queued", "running", "failed"]);
    assert!(watcher.is_open());
    presence(&watcher)
}

fn presence(watcher: &Watcher) -> Vec<String> {
    let told = watcher.told();
    let of_agents = told.iter().filter(|message| message["type"] == "agent:status");
    let status = |message: &Value| message["payload"]["status"].as_str().map(str::to_owned);
    of_agents.filter_map(status).collect()
}

#[test]
fn five_seconds_cost_nobody_anything_and_forty_neither() {
    let cases = [Stopped::Server, Stopped::Agent].into_iter();
    let cases = cases.flat_map(|stopped| [(stopped, SHORT), (stopped, LONG)]);
    let runs: Vec<_> = cases
        .map(|(stopped, pause)| {
            thread::spawn(move || {
                let server = Server::start(&[]);
                let presence = counted_over(&server, stopped, pause);
                assert!(!presence.contains(&"offline".to_owned()), "{presence:?}");
            })
        })
        .chain([thread::spawn(a_silence_longer_than_agreed_is_death_and_return)])
        .collect();
    for run in runs {
        run.join().unwrap();
    }
}

fn a_silence_longer_than_agreed_is_death_and_return() {
    let server = Server::start(&[("timing.heartbeat_timeout", "2s")]);
    let presence = counted_over(&server, Stopped::Agent, SHORT);
    let offline = presence.iter().position(|status| status == "offline").expect("it was away");
    assert!(presence[offline..].iter().any(|status| status == "busy"), "{presence:?}");
}
