//! An agent that is killed: what it ran ends with it, and viewers learn so at once.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use pilothouse_testkit::program::{Server, request};

/// Processes whose command line has that word.
fn tagged(tag: &str) -> Vec<String> {
    let found = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.ok()?.path();
        path.file_name()?.to_str()?.parse::<u32>().ok()?;
        let line = std::fs::read(Path::new(&path).join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(tag).then_some(line)
    });
    found.collect()
}

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
