//! An agent that is killed: what it ran ends with it, viewers learn so at once, and nothing it read is lost.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    processes::tagged,
    program::{Server, request},
    proxy::{Cut, Proxy},
    watcher::Watcher,
};

#[test]
fn a_killed_agent_is_offline_at_once_and_its_command_failed_within_five_seconds() {
    let server = Server::start(&[]);
    let mut agent = server.agent("w-1");
    let mut viewer = server.dashboard();
    let tag = format!("1000.{}81", std::process::id());
    // Ignores what can be ignored, leaves its session, forks twice, holds the pipes.
    let line = format!(
        "trap '' INT TERM; setsid sh -c 'trap \"\" TERM; sleep {tag}' & (setsid sleep {tag} &) ; \
         (env -i /usr/bin/setsid /bin/sleep {tag} &) ; \
         seq 1 2000; echo ready; sleep {tag}"
    );
    viewer.send(&request("w-1", &line));
    let mut output = String::new();
    while !output.ends_with("ready\n") {
        output.push_str(viewer.expect("terminal:output")["data"].as_str().unwrap());
    }
    assert!(tagged(&tag).len() >= 4, "{:?}", tagged(&tag));

    let killed = Instant::now();
    agent.kill();
    viewer.expect_that(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "offline"
    });
    assert!(killed.elapsed() < Duration::from_secs(1), "{:?}", killed.elapsed());
    viewer.expect_status("failed");
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
    assert_eq!(tagged(&tag), Vec::<String>::new());

    // The next life of the agent has nothing more to say about it.
    agent.start_again();
    viewer.expect_that(|message| {
        assert_ne!(message["type"], "command:status", "the command ends once: {message}");
        message["type"] == "agent:status" && message["payload"]["status"] == "online"
    });
}

#[test]
fn what_a_killed_agent_had_read_arrives_before_the_end_of_its_command() {
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let mut agent = server.agent_at("w-2", proxy.address());
    server.wait_until_online("w-2");
    let mut watcher = Watcher::of(server.dashboard());
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let line = format!(
        "while [ ! -e {} ]; do sleep 0.01; done; seq 1 50000; echo over; exec sleep 1000",
        go.display()
    );
    watcher.send(&request("w-2", &line));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    // The network is away while the lines are printed, so that none of them can be sent.
    proxy.refuse(true);
    proxy.cut_with(Cut::Reset);
    watcher.expect_agent("w-2", "offline");
    std::fs::write(go, "").unwrap();
    wait_for_spooled(&agent.folder().join("spool"), b"over\n");
    agent.kill();
    proxy.refuse(false);
    watcher.expect_status(Some(&id), "failed");
    let expect: String = (1..=50_000).map(|number| format!("{number}\n")).collect();
    let output = watcher.output_of(&id);
    assert!(output == expect + "over\n", "{} bytes", output.len());
    assert_eq!(watcher.states_of(&id), ["queued", "running", "failed"]);
    let agents = watcher.told();
    let online = agents.iter().filter(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "online"
    });
    assert_eq!(online.count(), 0, "a dead agent is not online, whoever reports for it");
}

/// Waits until some file below a folder ends its newest output so.
fn wait_for_spooled(folder: &Path, end: &[u8]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_there = || {
        let commands = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files = commands
            .flat_map(|command| std::fs::read_dir(command.path()).into_iter().flatten().flatten());
        files.any(|file| {
            let content = std::fs::read(file.path()).unwrap_or_default();
            content.windows(end.len()).any(|window| window == end)
        })
    };
    while !is_there() {
        assert!(Instant::now() < deadline, "the lines are not read");
        std::thread::sleep(Duration::from_millis(10));
    }
}
