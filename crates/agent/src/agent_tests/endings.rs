//! Commands end as a whole, whatever their processes do to stay.

use std::{path::Path, time::Instant};

use super::*;

/// Ignores SIGINT and SIGTERM, forks, leaves the session, clears its environment, keeps the pipes
/// open. Every process has the tag on its command line.
fn stubborn(tag: &str) -> String {
    format!(
        "trap '' INT TERM; \
         setsid sh -c 'trap \"\" INT TERM; while :; do sleep 1.{tag}; done' & \
         env -i /usr/bin/setsid /bin/sh -c 'trap \"\" INT; exec sleep 1000.{tag}' & \
         sh -c '(trap \"\" INT; sleep 1000.{tag} &) ; sleep 1000.{tag}' & \
         echo ready; while :; do sleep 1.{tag}; done"
    )
}

fn tagged(tag: &str) -> Vec<String> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            path.file_name()?.to_str()?.parse::<i32>().ok()?;
            let line = std::fs::read(Path::new(&path).join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(&format!(".{tag}")).then_some(line)
        })
        .collect()
}

#[test]
fn an_interrupt_ends_the_whole_tree_within_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    let tag = format!("{}71", std::process::id());
    link.start("e1-1", &stubborn(&tag));
    server.take_until(&mut link, |known| known.output.contains_key("e1-1"));
    while tagged(&tag).len() < 6 {
        thread::yield_now();
    }
    let asked = Instant::now();
    link.send(&FromServer::Interrupt { command: "e1-1".to_owned(), grace: 2_000 });
    server.take_until(&mut link, |known| known.ended.contains_key("e1-1"));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(tagged(&tag), Vec::<String>::new());
    assert_eq!(server.known.ended["e1-1"].outcome, Outcome::Interrupted { code: Some(137) });
}

#[test]
fn a_polite_process_ends_politely() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start("e2-1", "trap 'echo bye; exit 5' INT; echo ready; while :; do sleep 0.05; done");
    server.take_until(&mut link, |known| known.output.contains_key("e2-1"));
    link.send(&FromServer::Interrupt { command: "e2-1".to_owned(), grace: 10_000 });
    server.take_until(&mut link, |known| known.ended.contains_key("e2-1"));
    assert_eq!(server.known.ended["e2-1"].outcome, Outcome::Interrupted { code: Some(5) });
    assert_eq!(server.known.output["e2-1"], b"ready\nbye\n");
}

#[test]
fn what_a_shell_leaves_behind_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    let tag = format!("{}72", std::process::id());
    link.start("e3-1", &format!(
        "setsid sleep 1000.{tag} & env -i /usr/bin/setsid /bin/sleep 1000.{tag} & sleep 0.3; echo done"
    ));
    let asked = Instant::now();
    server.take_until(&mut link, |known| known.ended.contains_key("e3-1"));
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert_eq!(server.known.ended["e3-1"].outcome, exited(0));
    assert_eq!(server.known.output["e3-1"], b"done\n");
    assert_eq!(tagged(&tag), Vec::<String>::new());
}

#[test]
fn a_command_that_takes_too_long_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start_with("e4-1", "echo begun; exec sleep 1000", |start| start.timeout = 200);
    server.take_until(&mut link, |known| known.ended.contains_key("e4-1"));
    assert_eq!(server.known.ended["e4-1"].outcome, Outcome::TimedOut { code: Some(130) });
    assert_eq!(server.known.output["e4-1"], b"begun\n");
}

#[test]
fn endings_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start("e-killed", "kill -9 $$");
    link.start("e-quiet", "exec cat");
    link.start_with("e-nowhere", "true", |start| start.directory = Some("/no/such".to_owned()));
    link.start_with("e-file", "true", |start| start.directory = Some("/etc/passwd".to_owned()));
    server.take_until(&mut link, |known| known.ended.len() == 4);
    let outcome = |command: &str| server.known.ended[command].outcome.clone();
    let signal = Some("SIGKILL".to_owned());
    assert_eq!(outcome("e-killed"), Outcome::Exited { code: 137, signal });
    assert_eq!(outcome("e-quiet"), exited(0));
    for (command, words) in [("e-nowhere", "/no/such"), ("e-file", "is not a directory")] {
        let Outcome::NotStarted { reason } = outcome(command) else { panic!("{command} ran") };
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn our_own_variables_are_not_handed_to_commands() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let mut config = config(&server, &folder);
    config.environment = vec![("PATH".into(), "/usr/bin:/bin".into()), ("KEY".into(), "x".into())];
    config.hide("KEY");
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    link.start("e6-1", "env | cut -d= -f1 | sort");
    server.take_until(&mut link, |known| known.ended.contains_key("e6-1"));
    let output = String::from_utf8(server.known.output["e6-1"].clone()).unwrap();
    let mut names: Vec<_> =
        output.lines().filter(|name| *name != "_" && *name != "OLDPWD").collect();
    names.sort_unstable();
    assert_eq!(names, ["PATH", "PILOTHOUSE_COMMAND_ID", "PWD"]);
}

#[test]
fn an_agent_that_stops_ends_its_commands_and_the_next_life_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let config = config(&server, &folder);
    let agent = RunningAgent::start(config.clone());
    let mut link = server.accept();
    let tag = format!("{}73", std::process::id());
    link.start("e7-1", &format!("echo ready; exec sleep 1000.{tag}"));
    server.take_until(&mut link, |known| known.output.contains_key("e7-1"));
    link.cut();
    agent.stop().unwrap();
    assert_eq!(tagged(&tag), Vec::<String>::new());
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    while link.hello.commands[0].ended.is_none() {
        link = server.accept();
    }
    server.take_until(&mut link, |known| known.ended.contains_key("e7-1"));
    assert_eq!(server.known.ended["e7-1"].outcome, Outcome::AgentLost);
}
