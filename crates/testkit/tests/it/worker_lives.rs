//! Agents that are killed while terminals run: nothing of them is left, nothing is doubled, and everybody learns why.

use std::{
    collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, thread::sleep,
    time::Duration,
};

use pilothouse_testkit::{
    processes::tagged,
    program::{Agent, Server, signal},
    terminal::{Terminal, rest, session, shell},
    waiting::wait_until,
};
use serde_json::{Value, json};

use crate::cuts::Numbers;

const KILLED: &str = "the agent was killed, and its terminals with it";
/// How often an agent is killed and started twice.
const ROUNDS: u64 = 8;

/// The session's workers as REST tells them.
fn workers(server: &Server, session: &str) -> Vec<Value> {
    let (status, answer) = rest(server, "GET", &format!("/api/sessions/{session}"), None);
    assert_eq!(status, 200, "{answer}");
    answer["session"]["workers"].as_array().unwrap().clone()
}

/// Lets the server answer behind everything it has to say, and takes all of that.
fn catch_up(viewer: &mut Terminal) {
    viewer.viewer().send(&json!({ "type": "request-history-range", "from": 0, "to": 1 }));
    viewer.expect("history-range");
}

#[test]
fn a_killed_agent_leaves_nothing_of_a_terminal_and_everybody_learns_why() {
    let server = Server::start(&[]);
    let mut agent = server.agent("w-3");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let mut live = Terminal::attach(&server, &session, &worker, "?fromOffset=0&epoch=1");
    let mut seed = Terminal::attach(&server, &session, &worker, "");
    let tag = format!("1000.{}85", std::process::id());
    // Ignore what can be ignored, leave the terminal and its session, fork twice, clear the environment.
    for line in [
        "trap '' INT TERM HUP".to_owned(),
        format!("setsid sh -c 'trap \"\" TERM HUP; sleep {tag}; true' &"),
        format!("(setsid sleep {tag} </dev/null >/dev/null 2>&1 &)"),
        format!("(env -i /usr/bin/setsid /bin/sleep {tag} &)"),
        format!("nohup sleep {tag} >/dev/null 2>&1 &"),
    ] {
        live.input(&format!("{line}\r"));
    }
    live.input(&format!("echo rea''dy; sleep {tag}\r"));
    live.expect_text("ready");
    // One of them is a shell with the word in its script, and has a child of its own.
    wait_until("all of them run", || tagged(&tag).len() >= 6);

    agent.kill();
    let told = json!({ "type": "exit", "exitCode": 1, "signal": null });
    let mut reasoned = told.clone();
    reasoned["reason"] = KILLED.into();
    assert_eq!(live.expect("exit"), reasoned);
    assert_eq!(tagged(&tag), Vec::<String>::new(), "it is ended before its end is told");
    assert_eq!(seed.expect("exit"), told);
    let listed = &workers(&server, &session)[0];
    assert_eq!((&listed["state"], &listed["exitCode"]), (&json!("ended"), &json!(1)));
    for life in 0..2 {
        let mut late = Terminal::attach(&server, &session, &worker, "?fromOffset=0&epoch=1");
        assert_eq!(late.expect("exit"), reasoned);
        assert_eq!(late.text, live.text, "what it had printed is there");
        let mut late = Terminal::attach(&server, &session, &worker, "");
        assert_eq!(late.expect("exit"), told);
        // The agent's next life has nothing to add.
        if life == 0 {
            agent.start_again();
            server.wait_until_online("w-3");
        }
    }
    catch_up(&mut live);
    assert!(live.told.iter().all(|told| told["type"] != "exit"), "{:?}", live.told);
}

/// A machine whose shell notes each of its starts, leaves a stubborn child behind, and prints numbered lines.
fn machine(server: &Server, folder: &Path, tag: &str) -> Agent {
    let program = folder.join("shell");
    let starts = folder.join("starts");
    let script = format!(
        "#!/bin/sh\necho $PILOTHOUSE_WORKER_LIFE >> {}\n\
         (setsid sh -c 'trap \"\" TERM HUP; sleep {tag}' >/dev/null 2>&1 &)\n\
         i=0; while [ $i -lt 100000 ]; do i=$((i+1)); echo line-$i-; sleep 0.02; done\n",
        starts.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let shell = program.display().to_string();
    let agent = server.agent_with("quick", server.address(), &[("SHELL", &shell)]);
    server.wait_until_online("quick");
    agent
}

/// Adds a worker as soon as there is an agent to take it.
fn add(server: &Server, session: &str) -> String {
    let path = format!("/api/sessions/{session}/workers");
    let mut made = Value::Null;
    wait_until("a worker is made", || {
        let (status, answer) = rest(server, "POST", &path, Some(&json!({ "type": "terminal" })));
        made = answer["worker"]["id"].clone();
        status == 201
    });
    made.as_str().unwrap().to_owned()
}

/// How often each life of a worker was started.
fn starts(folder: &Path) -> BTreeMap<String, usize> {
    let mut starts = BTreeMap::new();
    for life in fs::read_to_string(folder.join("starts")).unwrap_or_default().lines() {
        *starts.entry(life.to_owned()).or_default() += 1;
    }
    starts
}

/// The lines are those from the first on, each once; what is behind the last whole one may be a part of the next.
fn assert_numbered(text: &str) {
    let (whole, rest) = text.rsplit_once("\r\n").unwrap_or(("", text));
    for (place, line) in whole.lines().enumerate() {
        assert_eq!(line, format!("line-{}-", place + 1));
    }
    let next = format!("line-{}-\r", whole.lines().count() + 1);
    assert!(next.starts_with(rest), "{rest:?} is no part of {next:?}");
}

#[test]
fn two_quick_lives_of_an_agent_start_nothing_twice_and_end_nothing_twice() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let tag = format!("1000.{}87", std::process::id());
    let mut agent = machine(&server, folder.path(), &tag);
    let session = session(&server, &folder.path().display().to_string());
    let mut numbers = Numbers::new();
    let mut viewers = Vec::new();
    for round in 0..ROUNDS {
        let worker = add(&server, &session);
        viewers
            .push((Terminal::attach(&server, &session, &worker, "?fromOffset=0&epoch=1"), worker));
        if round % 4 == 3 {
            // Nobody sees this life end.
            signal(agent.witness(), "KILL");
        }
        for most in [400, 150] {
            sleep(Duration::from_millis(numbers.below(most)));
            agent.kill();
            agent.start_again();
        }
    }
    server.wait_until_online("quick");
    let life = |worker: &str| format!("{worker}.1");
    wait_until("each was started", || {
        let ended = workers(&server, &session);
        let ended = ended.iter().filter(|worker| worker["state"] == "ended");
        let ended: Vec<_> = ended.map(|worker| life(worker["id"].as_str().unwrap())).collect();
        let starts = starts(folder.path());
        viewers.iter().all(|(_, it)| starts.contains_key(&life(it)) || ended.contains(&life(it)))
    });
    agent.kill();
    wait_until("all have ended", || {
        workers(&server, &session).iter().all(|worker| worker["state"] == "ended")
    });
    wait_until("nothing is left", || tagged(&tag).is_empty());
    assert!(starts(folder.path()).values().all(|count| *count == 1), "{:?}", starts(folder.path()));

    agent.start_again();
    server.wait_until_online("quick");
    for (mut viewer, worker) in viewers {
        let exit = viewer.expect("exit");
        assert!(exit["reason"].is_string(), "{exit}");
        assert_eq!(exit["exitCode"], 1, "{exit}");
        assert_numbered(&viewer.text);
        let mut late = Terminal::attach(&server, &session, &worker, "?fromOffset=0&epoch=1");
        assert_eq!(late.expect("exit"), exit);
        assert_eq!(late.text, viewer.text);
        catch_up(&mut viewer);
        assert!(viewer.told.iter().all(|told| told["type"] != "exit"), "{:?}", viewer.told);
        // Its next life is one life.
        let path = format!("/api/sessions/{session}/workers/{worker}/restart");
        let (status, answer) = rest(&server, "POST", &path, Some(&json!({})));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(viewer.expect_close(), 4001);
        let mut anew = Terminal::attach(&server, &session, &worker, "?fromOffset=0&epoch=2");
        anew.expect_text("line-3-");
        assert_numbered(&anew.text);
        assert_eq!(starts(folder.path())[&format!("{worker}.2")], 1);
    }
}
