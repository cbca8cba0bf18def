//! Agents and witnesses that are killed, doubled, stopped and robbed: nothing runs twice, nothing ends twice.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Result;
use pilothouse_core::{ids::CommandId, ports::Store as _, streams::StreamKey};
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::{
    program::{Agent, PATIENCE, Server, program, request, signal},
    proxy::{Cut, Proxy},
    viewer::Upgrade,
    watcher::Watcher,
};
use serde_json::{Value, json};

use crate::{
    cuts::Numbers,
    storage::{places::sqlite_url, samples::text_of},
};

/// How often an agent is killed.
const KILLS: usize = 20;
/// How many lines each of its commands prints.
const LINES: usize = 40;

pub(crate) fn lines(until: usize) -> String {
    (1..=until).fold(String::new(), |text, number| text + &format!("{number}\n"))
}

/// Waits for a fact that nobody tells.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not so: {what}");
        sleep(Duration::from_millis(10));
    }
}

fn lives(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Whether any process has this word in its command line.
fn runs(tag: &str) -> bool {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let mut lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(tag))
}

/// Says in a file that it runs, leaves a stubborn child behind, prints its lines in most of a second.
fn line(folder: &Path, number: usize, tag: &str) -> String {
    format!(
        "echo ran >> {}; (setsid sh -c 'trap \"\" TERM; sleep {tag}' >/dev/null 2>&1 &); \
         for i in $(seq 1 {LINES}); do echo $i; sleep 0.01; done",
        folder.join(number.to_string()).display(),
    )
}

/// The end of each command, as dashboards were told.
fn ends(told: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut ends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for payload in told.iter().filter(|m| m["type"] == "command:status").map(|m| &m["payload"]) {
        let states = ends.entry(payload["requestId"].as_str().unwrap().to_owned()).or_default();
        let state = payload["status"].as_str().unwrap();
        if matches!(state, "completed" | "failed" | "interrupted") {
            states.push(state.to_owned());
        }
    }
    ends
}

#[tokio::test]
async fn an_agent_that_is_killed_twenty_times_runs_and_ends_each_command_once() -> Result<()> {
    let server = Server::start(&[("commands.per_minute", "1000")]);
    let folder = tempfile::tempdir()?;
    let tag = format!("1000.{}83", std::process::id());
    let mut agent = server.agent("lives");
    let mut watcher = Watcher::of(server.dashboard());
    let mut numbers = Numbers::new();
    for number in 0..KILLS {
        queue(&mut watcher, number, &line(folder.path(), number, &tag));
        if number % 5 == 4 {
            // Nobody sees this one die.
            let witness = agent.witness();
            sleep(Duration::from_millis(numbers.below(300)));
            signal(witness, "KILL");
        }
        sleep(Duration::from_millis(numbers.below(600)));
        agent.kill();
        if number % 3 == 0 {
            // Its witness gets further before the next life sends it away.
            sleep(Duration::from_millis(numbers.below(300)));
        }
        agent.start_again();
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ends = ends(&watcher.told());
        if ends.len() == KILLS && ends.values().all(|states| !states.is_empty()) {
            break;
        }
        assert!(Instant::now() < deadline, "not every command ends: {ends:?}");
        sleep(Duration::from_millis(50));
    }
    wait_until("the agent keeps nothing", || agent.kept_commands() == 0);
    assert!(!runs(&tag), "something of a command is left");
    let told = watcher.told();
    let ends = ends(&told);
    let store = SqlStore::open(&sqlite_url(&server.folder().join("pilothouse.db"))).await?;
    for (number, states) in ends {
        assert_eq!(states.len(), 1, "command {number} ended once: {states:?}");
        let ran = fs::read_to_string(folder.path().join(&number)).unwrap_or_default();
        let id = id_of(&told, &number);
        let stream = StreamKey::command(CommandId::new(id.as_str().unwrap())?);
        let stored = text_of(&store.read_output(&stream, 0, usize::MAX).await?);
        let count = stored.matches('\n').count();
        assert!(lines(LINES).starts_with(&stored), "command {number}: {stored:?}");
        let shown = watcher.output_of(&id);
        assert!(stored.starts_with(&shown), "what was shown is stored: {shown:?} {stored:?}");
        match states[0].as_str() {
            "completed" => assert_eq!((ran.as_str(), count), ("ran\n", LINES), "{number}"),
            "failed" => assert!(ran.is_empty() || ran == "ran\n", "{number} ran twice: {ran}"),
            other => panic!("command {number} is {other}"),
        }
    }
    store.close().await;
    Ok(())
}

/// Queues a command, as soon as there is an agent to take it.
fn queue(watcher: &mut Watcher, number: usize, line: &str) {
    let mut message = request("lives", line);
    let number = number.to_string();
    message["payload"]["requestId"] = number.as_str().into();
    let deadline = Instant::now() + PATIENCE;
    loop {
        watcher.send(&message);
        let answer = watcher.expect_that(|message| {
            message["type"] == "error" || message["payload"]["requestId"] == number
        });
        if answer["type"] == "command:status" {
            return;
        }
        assert_eq!(answer["payload"]["code"], "AGENT_OFFLINE");
        assert!(Instant::now() < deadline, "the agent does not come back");
        sleep(Duration::from_millis(20));
    }
}

fn id_of(told: &[Value], request: &str) -> Value {
    let of_it = told.iter().find(|message| message["payload"]["requestId"] == request);
    of_it.unwrap()["payload"]["commandId"].clone()
}

/// A witness that nobody asked for, of an agent that it takes for dead. Returns its exit code.
fn intruder(server: &str, agent: &Agent, id: &str) -> Option<i32> {
    let will = json!({"server": server, "server_file": null, "id": id, "token": null,
                      "data_dir": agent.folder(), "name": null, "agent_type": "shell",
                      "incarnation": "somebody"});
    let mut command = Command::new(program());
    let mut child = command.arg("witness").stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{will}\n").as_bytes()).unwrap();
    drop(input);
    child.wait().unwrap().code()
}

#[test]
fn a_witness_beside_a_living_agent_or_beside_another_witness_does_nothing() {
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let mut agent = server.agent_at("pair", proxy.address());
    server.wait_until_online("pair");
    let mut watcher = Watcher::of(server.dashboard());
    let gate = tempfile::NamedTempFile::new().unwrap();
    let wait = format!("while [ -e {} ]; do sleep 0.01; done; echo over", gate.path().display());
    watcher.send(&request("pair", &wait));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    let url = format!("ws://{}", server.address());
    assert_eq!(intruder(&url, &agent, "pair"), Some(0));

    // The same at the server's door, with a token of the agent.
    let token = server.agent_token("pair");
    let upgrade = Upgrade::to("/ws/agent").with("Authorization", &format!("Bearer {token}"));
    let mut socket = upgrade.send(server.address()).unwrap();
    socket.send(&json!({"type": "hello", "version": 2, "agent": "pair", "incarnation": "somebody",
                        "witness": true, "profile": {"agentType": "shell"},
                        "commands": [{"command": id, "startedAt": 1,
                                      "ended": {"outcome": "agentLost", "endedAt": 2}}]}));
    assert!(socket.text().contains("AGENT_TAKEN"));
    drop(gate);
    watcher.expect_status(Some(&id), "completed");
    assert_eq!(watcher.output_of(&id), "over\n");

    // Now it is dead, its own witness has no server to tell, and is stopped besides.
    watcher.send(&request("pair", "echo begun; exec sleep 1000"));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    watcher.expect_output(&id, "begun\n");
    let witness = agent.witness();
    proxy.refuse(true);
    proxy.cut_with(Cut::Reset);
    agent.kill();
    let lock = agent.folder().join("witness.lock");
    wait_until("the witness takes over", || {
        fs::read_to_string(&lock).is_ok_and(|text| text == witness.to_string())
    });
    assert_eq!(intruder(&url, &agent, "pair"), Some(0));
    assert!(lives(witness));
    signal(witness, "STOP");
    proxy.refuse(false);
    agent.start_again();
    watcher.expect_status(Some(&id), "failed");
    assert!(!lives(witness), "it makes room for the next life");
    assert_eq!(watcher.states_of(&id), ["queued", "running", "failed"]);
    server.wait_until_online("pair");
    watcher.send(&request("pair", "echo fresh"));
    let id = watcher.expect_status(None, "completed")["commandId"].take();
    assert_eq!(watcher.output_of(&id), "fresh\n");
}

/// Puts bytes behind a file.
fn append(path: &Path, bytes: &[u8]) {
    fs::OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn garbage_in_an_agents_folder_costs_what_is_garbage() {
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let mut agent = server.agent_at("torn", proxy.address());
    server.wait_until_online("torn");
    let mut watcher = Watcher::of(server.dashboard());
    let folder = agent.folder();
    let ready = folder.join("printed");
    watcher.send(&request(
        "torn",
        &format!("sleep 0.3; seq 1 5000; touch {}; exec sleep 1000", ready.display()),
    ));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    let witness = agent.witness();
    proxy.refuse(true);
    proxy.cut_with(Cut::Reset);
    let spool = folder.join("spool").join(id.as_str().unwrap());
    let first = spool.join("00000000.spool");
    wait_until("the lines are kept", || {
        ready.exists() && fs::read(&first).is_ok_and(|kept| ends_with_text(&kept, b"\n5000\n"))
    });
    signal(witness, "KILL");
    agent.kill();

    append(&folder.join("journal"), b"{\"fact\":\"ended\",\"command\":\"");
    fs::write(folder.join("journal.next"), b"half of").unwrap();
    fs::write(folder.join("key.new"), b"pha_torn.").unwrap();
    fs::write(folder.join("witness.lock"), b"-1").unwrap();
    append(&first, &[2, 1, 0xff, 0xff, 0, 0, 0, 0x80, 7, 7]);
    fs::write(spool.join("00000001.spool"), [0; 4096]).unwrap();
    fs::create_dir(spool.join("00000002.spool")).unwrap();
    fs::write(spool.join("no number.spool"), b"?").unwrap();
    fs::create_dir_all(folder.join("spool/of a command that never was")).unwrap();
    proxy.refuse(false);
    agent.start_again();
    watcher.expect_status(Some(&id), "failed");
    assert!(watcher.output_of(&id) == lines(5000), "{} bytes", watcher.output_of(&id).len());
    wait_until("the agent keeps nothing", || agent.kept_commands() == 0);
    watcher.send(&request("torn", "echo on"));
    let id = watcher.expect_status(None, "completed")["commandId"].take();
    assert_eq!(watcher.output_of(&id), "on\n");
}

/// Whether the text is there; how it was cut comes behind it.
fn ends_with_text(kept: &[u8], text: &[u8]) -> bool {
    kept.windows(text.len()).any(|window| window == text)
}

#[test]
fn the_folder_of_one_agent_is_refused_to_another() {
    let server = Server::start(&[]);
    let mut agent = server.agent("owner");
    let mut watcher = Watcher::of(server.dashboard());
    wait_until("it enrols", || agent.folder().join("key").exists());
    agent.kill();
    let url = format!("ws://{}", server.address());
    let other = Command::new(program())
        .args(["agent", "--id", "other", "--server", &url, "--data-dir"])
        .arg(agent.folder())
        .env("PILOTHOUSE_TOKEN", server.agent_token("other"))
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(64));
    let said = String::from_utf8(other.stderr).unwrap();
    assert!(said.contains("belongs to agent owner"), "{said}");
    agent.start_again();
    watcher.expect_agent("owner", "online");
}
