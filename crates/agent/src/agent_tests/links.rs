//! Links come and go; what a process wrote arrives once, in order.

use super::*;

/// 588,895 bytes in lines that are all different.
const NUMBERS: &str = "seq 1 100000";

fn numbers() -> Vec<u8> {
    (1..=100_000).flat_map(|n| format!("{n}\n").into_bytes()).collect()
}

#[test]
fn a_command_runs_and_its_output_and_end_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    assert_eq!((link.hello.agent.as_str(), &link.hello.commands[..]), ("a-1", &[][..]));
    link.start_with("l1-1", "echo out; echo err >&2; pwd; echo $A; exit 3", |start| {
        start.directory = Some("/".to_owned());
        start.environment = vec![("A".to_owned(), "a b".to_owned())];
    });
    server.take_until(&mut link, |known| known.ended.contains_key("l1-1"));
    assert_eq!(server.known.started, ["l1-1"]);
    assert_eq!(server.known.ended["l1-1"].outcome, exited(3));
    let mut lines: Vec<_> =
        std::str::from_utf8(&server.known.output["l1-1"]).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["/", "a b", "err", "out"]);
    assert!(server.known.kinds.iter().any(|(kind, length)| (*kind, *length) == (2, 4)));
}

#[test]
fn a_cut_link_loses_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start("l2-1", &format!("for i in 1 2 3 4 5 6 7 8 9; do {NUMBERS}; done"));
    // Once it is cut when acknowledged output is under way, once when nothing was acknowledged.
    for (acknowledges, bytes) in [(true, 500_000), (false, 1_400_000), (true, 3_000_000)] {
        server.acknowledges = acknowledges;
        server.take_until(&mut link, |known| {
            known.output.get("l2-1").is_some_and(|output| output.len() > bytes)
        });
        link.cut();
        link = server.accept();
        assert_eq!(link.hello.commands.len(), 1);
    }
    server.take_until(&mut link, |known| known.ended.contains_key("l2-1"));
    assert_eq!(server.known.started, ["l2-1"]);
    assert!(server.known.missing.is_empty());
    assert!(server.known.output["l2-1"] == numbers().repeat(9));
    let largest = server.known.kinds.iter().map(|(_, length)| *length).max();
    assert!(largest <= Some(10 << 10), "{largest:?}");
}

#[test]
fn a_command_goes_on_and_ends_without_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let done = folder.path().join("done");
    let mut config = config(&server, &folder);
    // Far away, so that the command ends before the agent comes back.
    (config.retry_first, config.retry_longest) = (Duration::from_secs(1), Duration::from_secs(1));
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    link.start("l3-1", &format!("{NUMBERS}; touch {}", done.display()));
    server.take_until(&mut link, |known| !known.started.is_empty());
    link.cut();
    let mut link = server.accept();
    server.take_until(&mut link, |known| known.ended.contains_key("l3-1"));
    assert!(done.exists());
    assert!(server.known.output["l3-1"] == numbers());
}

#[test]
fn what_the_spool_could_not_keep_is_reported_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let mut config = config(&server, &folder);
    (config.spool_memory, config.spool_bytes) = (20_000, 200_000);
    server.credit = 30_000;
    server.acknowledges = false;
    let agent = RunningAgent::start(config);
    let mut link = server.accept();
    let ready = folder.path().join("ready");
    let wait = format!("until [ -e {} ]; do sleep 0.02; done", ready.display());
    link.start("l4-1", &format!("{wait}; {NUMBERS}"));
    server.take_until(&mut link, |known| !known.started.is_empty());
    // The listener is closed too, so that there is no link while the command floods the spool.
    let address = server.url();
    link.cut();
    drop(server);
    std::fs::write(&ready, "").unwrap();
    let spool = folder.path().join("agent/journal");
    while !std::fs::read_to_string(&spool).unwrap().contains("\"ended\"") {
        thread::yield_now();
    }
    let mut server = FakeServer::listen_at(&address);
    let mut link = server.accept();
    server.take_until(&mut link, |known| known.ended.contains_key("l4-1"));
    drop(agent);
    let [(_, 0, to)] = server.known.missing[..] else { panic!("{:?}", server.known.missing) };
    let (output, to) = (&server.known.output["l4-1"], usize::try_from(to).unwrap());
    assert!(output.len() - to > 100_000, "most of the spool's size is kept");
    assert!(output[to..] == numbers()[to..]);
}

#[test]
fn a_server_that_does_not_acknowledge_gets_no_more_than_its_credit() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    server.credit = 50_000;
    server.acknowledges = false;
    let _agent = RunningAgent::start(config(&server, &folder));
    let mut link = server.accept();
    link.start("l5-1", NUMBERS);
    server.take_until(&mut link, |known| {
        known.output.get("l5-1").is_some_and(|output| output.len() >= 50_000)
    });
    // An answer comes behind everything that was sent before it.
    link.ask(7);
    let FromAgent::Response { id: 7, ok: None, error: Some(failure) } = link.read_text() else {
        panic!("something else came before the answer");
    };
    assert_eq!(failure.code, FailureCode::Unsupported);
    assert!(server.known.output["l5-1"].len() < 50_000 + (10 << 10));
    link.send(&FromServer::Credit { bytes: 1 << 20 });
    server.take_until(&mut link, |known| known.ended.contains_key("l5-1"));
    assert!(server.known.output["l5-1"] == numbers());
}

#[test]
fn a_second_order_with_the_same_id_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let config = config(&server, &folder);
    let agent = RunningAgent::start(config.clone());
    let mark = folder.path().join("mark");
    let line = format!("echo x >> {}", mark.display());
    let mut link = server.accept();
    link.start("l6-1", &line);
    link.start("l6-1", &line);
    server.take_until(&mut link, |known| known.ended.contains_key("l6-1"));
    link.start("l6-1", &line);
    link.start("l6-2", "true");
    server.take_until(&mut link, |known| known.ended.contains_key("l6-2"));
    drop(link);
    agent.stop().unwrap();
    // The journal, not the agent's memory, is what counts.
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    assert_eq!(link.hello.commands.len(), 2);
    link.start("l6-1", &line);
    link.send(&FromServer::Forget { command: "l6-2".to_owned() });
    link.start("l6-3", "true");
    server.take_until(&mut link, |known| known.ended.contains_key("l6-3"));
    assert_eq!(std::fs::read_to_string(mark).unwrap(), "x\n");
    link.cut();
    let held: Vec<_> = server.accept().hello.commands.into_iter().map(|h| h.command).collect();
    assert_eq!(held, ["l6-1", "l6-3"]);
}

#[test]
fn a_flood_is_slowed_down_and_loses_nothing_while_there_is_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let mut config = config(&server, &folder);
    // A third of the output fits in the spool, and a twentieth is under way at a time.
    (config.spool_memory, config.spool_bytes) = (10_000, 200_000);
    server.credit = 30_000;
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    link.start("l7-1", NUMBERS);
    server.take_until(&mut link, |known| known.ended.contains_key("l7-1"));
    assert!(server.known.missing.is_empty(), "{:?}", server.known.missing);
    assert!(server.known.output["l7-1"] == numbers());
}

#[test]
fn a_silent_server_is_left_for_a_better_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    server.heartbeat_timeout = 100;
    let _agent = RunningAgent::start(config(&server, &folder));
    let silent = server.accept();
    server.heartbeat_timeout = 60_000;
    let mut link = server.accept();
    link.start("l8-1", "true");
    server.take_until(&mut link, |known| known.ended.contains_key("l8-1"));
    drop(silent);
}

#[test]
fn a_token_that_would_break_the_handshake_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = FakeServer::listen();
    let mut config = config(&server, &folder);
    config.token = Some("secret\r\nX: y".to_owned());
    assert!(matches!(RunningAgent::start(config).stop(), Err(AgentError::Token)));
}
