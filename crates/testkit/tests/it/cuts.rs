//! Links that are cut, stalled and reset: every line once, in order, and one end.

use std::time::{Duration, Instant};

use pilothouse_testkit::{
    program::{Agent, Server, request},
    proxy::{Cut, Proxy},
    watcher::Watcher,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Keeps a dashboard alive that has nothing else to say.
const KEEPS_ALIVE: Duration = Duration::from_secs(15);

/// Numbers that look random, and are the same again for the same seed.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        let seed = u64::from(std::process::id());
        eprintln!("seed {seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

#[test]
fn fifty_megabytes_over_ten_cuts_compare_equal() {
    const LINES: u64 = 6_500_000;
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let _agent = server.agent_at("agent-1", proxy.address());
    server.wait_until_online("agent-1");
    let mut watcher = Watcher::of(server.dashboard());
    watcher.send(&request("agent-1", &format!("seq 1 {LINES}")));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    let mut numbers = Numbers::new();
    let (mut digest, mut bytes, mut sequence, mut cuts) = (Sha256::new(), 0_u64, 0, 0);
    let status = loop {
        let message = watcher.expect_that(|message| message["payload"]["commandId"] == id);
        let payload = &message["payload"];
        if message["type"] == "command:status" {
            break payload["status"].as_str().unwrap().to_owned();
        }
        sequence += 1;
        assert_eq!(payload["sequence"], sequence, "{message}");
        let data = payload["data"].as_str().unwrap();
        digest.update(data);
        bytes += data.len() as u64;
        if cuts < 10 && bytes > (cuts + 1) * 4_500_000 {
            match cuts % 3 {
                // In the middle of a message.
                0 => proxy.cut_after(1 + numbers.below(100_000)),
                1 => drop(proxy.cut_with(Cut::Reset)),
                _ => {
                    proxy.silence(true);
                    std::thread::sleep(Duration::from_millis(200 + numbers.below(500)));
                    proxy.cut_with(Cut::Reset);
                    proxy.silence(false);
                }
            }
            cuts += 1;
        }
    };
    assert_eq!((cuts, status.as_str()), (10, "completed"));
    let mut expected = Sha256::new();
    for line in 1..=LINES {
        expected.update(format!("{line}\n"));
    }
    assert_eq!(digest.finalize(), expected.finalize(), "{bytes} bytes");
}

/// An agent behind a network that fails for a while.
struct Patient {
    proxy: Proxy,
    _agent: Agent,
    command: Value,
    stop: std::path::PathBuf,
    heals_after: Duration,
}

#[test]
fn cuts_of_seconds_and_of_minutes_cost_no_line_no_command_and_no_screen() {
    // The same minute and a half is enough for terminals.
    let terminals = std::thread::spawn(crate::terminal_cuts::cost_no_line_and_no_screen);
    cost_no_line_and_no_command();
    if let Err(failed) = terminals.join() {
        std::panic::resume_unwind(failed);
    }
}

fn cost_no_line_and_no_command() {
    let server = Server::start(&[("commands.per_minute", "100")]);
    let folder = tempfile::tempdir().unwrap();
    let mut watcher = Watcher::of(server.dashboard());
    let mut patients = Vec::new();
    for (number, seconds) in [1, 30, 90, 1, 30, 90].into_iter().enumerate() {
        let id = format!("cut-{number}");
        let proxy = Proxy::before(server.address());
        let agent = server.agent_at(&id, proxy.address());
        server.wait_until_online(&id);
        let stop = folder.path().join(&id);
        let line = format!(
            "i=0; while [ ! -e {} ]; do i=$((i+1)); echo line $i; sleep 0.02; done; echo end $i",
            stop.display()
        );
        watcher.send(&request(&id, &line));
        let command = watcher.expect_status(None, "running")["commandId"].take();
        watcher.expect_output(&command, "\n");
        let heals_after = Duration::from_secs(seconds);
        patients.push(Patient { proxy, _agent: agent, command, stop, heals_after });
    }
    let begun = Instant::now();
    for (number, patient) in patients.iter().enumerate() {
        if number < 3 {
            patient.proxy.silence(true);
        } else {
            patient.proxy.refuse(true);
            patient.proxy.cut_with(Cut::Reset);
        }
    }
    // The longest cut is long enough for both sides to take each other for dead, and no longer than
    // the server waits for a lost agent.
    let mut sick: Vec<_> = patients.iter().collect();
    let mut told = begun;
    while !sick.is_empty() {
        std::thread::sleep(Duration::from_millis(100));
        sick.retain(|patient| {
            let is_healed = begun.elapsed() >= patient.heals_after;
            if is_healed {
                patient.proxy.silence(false);
                patient.proxy.refuse(false);
            }
            !is_healed
        });
        if told.elapsed() > KEEPS_ALIVE {
            told = Instant::now();
            watcher.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
        }
    }
    for patient in &patients {
        std::fs::write(&patient.stop, "").unwrap();
    }
    let mut running: Vec<_> = patients.iter().map(|patient| patient.command.clone()).collect();
    let deadline = Instant::now() + Duration::from_secs(45);
    while !running.is_empty() {
        assert!(Instant::now() < deadline, "{} commands have not ended", running.len());
        std::thread::sleep(Duration::from_millis(100));
        running.retain(|id| !watcher.states_of(id).iter().any(|state| is_final(state)));
    }
    for patient in &patients {
        let output = watcher.output_of(&patient.command);
        let lines: Vec<_> = output.lines().collect();
        let last = lines.len() - 1;
        for (place, line) in lines[..last].iter().enumerate() {
            assert_eq!(*line, format!("line {}", place + 1));
        }
        assert_eq!(lines[last], format!("end {last}"));
        let states = watcher.states_of(&patient.command);
        let ends: Vec<_> = states.iter().filter(|state| is_final(state)).collect();
        assert_eq!(ends, ["completed"], "{states:?}");
    }
}

fn is_final(state: &str) -> bool {
    matches!(state, "completed" | "failed" | "interrupted")
}
