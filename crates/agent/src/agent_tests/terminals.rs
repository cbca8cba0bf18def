//! Real programs in real terminals, driven as a server drives them.

use std::{path::Path, time::Instant};

use pilothouse_protocols::agent_link::workers::{Activity, Size};

use super::{fake_server::worker_stream, *};

/// A shell that prompts with `$ ` and reads nobody's profile.
fn plain(server: &FakeServer, folder: &TempDir) -> AgentConfig {
    let mut config = config(server, folder);
    let home = folder.path().into();
    config.environment = vec![
        ("PATH".into(), "/usr/bin:/bin".into()),
        ("SHELL".into(), "/bin/sh".into()),
        ("HOME".into(), home),
        ("SECRET".into(), "not for workers".into()),
    ];
    config
}

/// Whether a process runs whose command line has that word.
fn is_alive(tag: &str) -> bool {
    let found = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.ok()?.path();
        path.file_name()?.to_str()?.parse::<u32>().ok()?;
        let line = std::fs::read(Path::new(&path).join("cmdline")).ok()?;
        String::from_utf8_lossy(&line).contains(tag).then_some(())
    });
    found.count() > 0
}

#[test]
fn a_login_shell_echoes_runs_and_ends_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    assert!(link.hello.profile.capabilities.contains(&"terminals".to_owned()));
    link.spawn("t1-1", None);
    server.take_until(&mut link, |known| {
        known.text("t1-1").contains('#') || known.text("t1-1").contains('$')
    });
    link.input("t1-1", "tty && echo $TERM $SECRET $PILOTHOUSE_SESSION $PILOTHOUSE_WORKER\r");
    server
        .take_until(&mut link, |known| known.text("t1-1").contains("xterm-256color s-1 t1-1\r\n"));
    assert!(server.known.text("t1-1").contains("/dev/pts/"));
    assert!(server.known.text("t1-1").contains("echo $TERM"), "what is typed is echoed");
    link.input("t1-1", "exit 5\r");
    server.take_until(&mut link, |known| known.exited.contains_key("t1-1"));
    let exit = &server.known.exited["t1-1"];
    assert_eq!((exit.code, &exit.signal, &exit.reason), (5, &None, &None));
    assert_eq!(server.known.started, ["t1-1"]);
    assert!(server.known.kinds.iter().all(|(kind, _)| *kind == 3));
}

#[test]
fn endings_of_workers_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t2-killed", Some("echo bye; kill -9 $$"));
    link.spawn("t2-none", Some("no-such-program --now"));
    link.spawn("t2-fine", Some("printf '%s' \"$QUOTED\"; test -t 0 && test -t 1 && test -t 2"));
    link.spawn_with("t2-nowhere", Some("true"), |spawn| spawn.directory = "/no/such".to_owned());
    server.take_until(&mut link, |known| known.exited.len() == 4);
    let exit = |worker: &str| &server.known.exited[worker];
    assert_eq!(
        (exit("t2-killed").code, exit("t2-killed").signal.as_deref()),
        (137, Some("SIGKILL"))
    );
    assert_eq!(server.known.text("t2-killed"), "bye\r\n");
    assert_eq!(exit("t2-none").code, 127);
    assert!(
        server.known.text("t2-none").contains("exit code 127"),
        "{}",
        server.known.text("t2-none")
    );
    assert_eq!(exit("t2-fine").code, 0);
    assert_eq!(exit("t2-nowhere").code, 1);
    assert!(exit("t2-nowhere").reason.as_ref().unwrap().contains("/no/such"));
    assert!(!server.known.started.contains(&"t2-nowhere".to_owned()));
}

#[test]
fn each_life_of_a_worker_is_started_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let config = plain(&server, &folder);
    let agent = RunningAgent::start(config.clone());
    let mark = folder.path().join("mark");
    let line = format!("echo x >> {}", mark.display());
    let mut link = server.accept();
    link.spawn("t3-1", Some(&line));
    link.spawn("t3-1", Some(&line));
    server.take_until(&mut link, |known| known.exited.contains_key("t3-1"));
    drop(link);
    agent.stop().unwrap();
    // The journal, not the agent's memory, is what counts.
    let _agent = RunningAgent::start(config);
    let mut link = server.accept();
    assert_eq!(link.hello.workers.len(), 1);
    assert_eq!(link.hello.workers[0].ended.as_ref().map(|exit| exit.code), Some(0));
    link.spawn("t3-1", Some(&line));
    let second =
        |spawn: &mut pilothouse_protocols::agent_link::workers::Spawn| spawn.stream.epoch = 2;
    link.spawn_with("t3-1", Some(&line), second);
    link.send(&FromServer::ForgetWorker { stream: worker_stream("t3-1") });
    while std::fs::read_to_string(&mark).unwrap() != "x\nx\n" {
        server.take(&mut link).unwrap();
    }
    link.cut();
    let held: Vec<_> =
        server.accept().hello.workers.into_iter().map(|held| held.stream.epoch).collect();
    assert_eq!(held, [2], "the first life is forgotten");
}

#[test]
fn a_worker_is_ended_with_all_that_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    let tag = format!("1000.{}91", std::process::id());
    link.spawn(
        "t4-1",
        Some(&format!(
            "trap '' HUP TERM; setsid sleep {tag} & (env -i /usr/bin/setsid /bin/sleep {tag} &) ; \
         (setsid sh -c 'trap \"\" HUP TERM; sleep {tag}' &) ; sleep 0.2; echo ready; sleep {tag}"
        )),
    );
    server.take_until(&mut link, |known| known.text("t4-1").contains("ready"));
    assert!(is_alive(&tag));
    let asked = Instant::now();
    link.send(&FromServer::EndWorker { stream: worker_stream("t4-1"), grace: 200 });
    server.take_until(&mut link, |known| known.exited.contains_key("t4-1"));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(!is_alive(&tag));
    let exit = &server.known.exited["t4-1"];
    assert_eq!(exit.code, 137, "{exit:?}");
    assert!(exit.reason.is_some());
}

#[test]
fn what_a_shell_leaves_in_its_terminal_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    let tag = format!("1000.{}92", std::process::id());
    link.spawn("t5-1", Some(&format!("setsid sleep {tag} & sleep 0.2; echo done")));
    server.take_until(&mut link, |known| known.exited.contains_key("t5-1"));
    assert_eq!(server.known.exited["t5-1"].code, 0);
    assert_eq!(server.known.text("t5-1"), "done\r\n");
    assert!(!is_alive(&tag));
}

#[test]
fn a_command_that_ends_leaves_workers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    // An orphan that has cleared its environment still is the worker's.
    let tag = format!("1000.{}93", std::process::id());
    link.spawn(
        "t6-1",
        Some(&format!("(env -i /usr/bin/setsid /bin/sleep {tag} &) ; echo ready; cat")),
    );
    server.take_until(&mut link, |known| known.text("t6-1").contains("ready"));
    while !is_alive(&tag) {
        thread::yield_now();
    }
    link.start("t6-c", "setsid sleep 1000 & echo done");
    server.take_until(&mut link, |known| known.ended.contains_key("t6-c"));
    assert!(is_alive(&tag));
    link.input("t6-1", "still here\r");
    server.take_until(&mut link, |known| known.text("t6-1").contains("still here\r\nstill here"));
}

#[test]
fn a_terminal_has_the_size_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t7-1", Some("stty size; trap 'stty size' WINCH; while :; do sleep 0.05; done"));
    server.take_until(&mut link, |known| known.text("t7-1").contains("24 80\r\n"));
    assert!(server.known.sizes.is_empty());
    link.resize("t7-1", "v-1", 101, 37);
    server.take_until(&mut link, |known| known.text("t7-1").contains("37 101\r\n"));
    let size = Size { columns: 101, rows: 37 };
    server.take_until(&mut link, |known| !known.sizes.is_empty());
    assert_eq!(server.known.sizes, [("t7-1".to_owned(), size)]);
    link.cut();
    assert_eq!(server.accept().hello.workers[0].size, size);
}

#[test]
fn twenty_megabytes_arrive_once_and_in_order_whatever_happens_to_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t8-1", Some("stty -opost; seq 1 2700000"));
    for (acknowledges, bytes) in [(true, 2_000_000), (false, 2_900_000), (true, 9_000_000)] {
        server.acknowledges = acknowledges;
        server.take_until(&mut link, |known| {
            known.output.get("t8-1").is_some_and(|output| output.len() > bytes)
        });
        link.cut();
        link = server.accept();
        assert_eq!(link.hello.workers.len(), 1);
    }
    server.take_until(&mut link, |known| known.exited.contains_key("t8-1"));
    let expect: Vec<u8> = (1..=2_700_000).flat_map(|n| format!("{n}\n").into_bytes()).collect();
    assert!(server.known.missing.is_empty(), "{:?}", server.known.missing);
    assert!(server.known.output["t8-1"] == expect, "{} bytes", server.known.output["t8-1"].len());
    let largest = server.known.kinds.iter().map(|(_, length)| *length).max();
    assert!(largest <= Some(64 << 10), "{largest:?}");
}

#[test]
fn an_agent_that_stops_ends_its_workers_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t9-1", Some("echo ready; exec sleep 1000"));
    server.take_until(&mut link, |known| known.text("t9-1").contains("ready"));
    agent.stop().unwrap();
    server.take_until(&mut link, |known| known.exited.contains_key("t9-1"));
    let exit = &server.known.exited["t9-1"];
    assert_eq!((exit.code, exit.signal.as_deref()), (129, Some("SIGHUP")));
    assert!(exit.reason.as_ref().unwrap().contains("the agent was stopped"));
}

#[test]
fn a_query_is_answered_once_and_at_once_without_any_viewer() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    // Shows whatever comes in, byte by byte, up to the letter q.
    let line = "stty raw -echo; printf '\\033[cready'; c=; while [ \"$c\" != ' 71' ]; do \
                c=$(dd bs=1 count=1 2>/dev/null | od -An -tx1); echo \"<$c>\"; done";
    link.spawn("t10-1", Some(line));
    server.take_until(&mut link, |known| known.text("t10-1").contains("< 63>"));
    // A viewer's terminal has seen the query too.
    link.input("t10-1", "\u{1b}[?1;2c");
    link.input("t10-1", "q");
    server.take_until(&mut link, |known| known.exited.contains_key("t10-1"));
    let text = server.known.text("t10-1");
    assert_eq!(text.matches("< 1b>").count(), 1, "{text}");
    assert_eq!(text.matches("< 63>").count(), 1, "{text}");
}

#[test]
fn the_size_is_that_of_whoever_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t11-1", Some("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"));
    server.take_until(&mut link, |known| known.text("t11-1").contains("ready"));
    link.resize("t11-1", "v-1", 100, 30);
    server.take_until(&mut link, |known| known.text("t11-1").contains("30 100"));
    link.resize("t11-1", "v-2", 50, 10);
    link.send(&FromServer::Leave { stream: worker_stream("t11-1"), viewer: "v-1".to_owned() });
    link.resize("t11-1", "v-2", 51, 11);
    server.take_until(&mut link, |known| known.text("t11-1").contains("11 51"));
    assert!(!server.known.text("t11-1").contains("10 50"));
    let sizes: Vec<_> = server.known.sizes.iter().map(|(_, size)| size.columns).collect();
    assert_eq!(sizes, [100, 51]);
    server.take_until(&mut link, |known| known.size_owners.last() == Some(&owner("v-2")));
    // That v-1 left may be told on the way.
    assert_eq!(server.known.size_owners[0], owner("v-1"));
    let left = FromServer::Leave { stream: worker_stream("t11-1"), viewer: "v-2".to_owned() };
    link.send(&left);
    let nobody = ("t11-1".to_owned(), None);
    server.take_until(&mut link, |known| known.size_owners.last() == Some(&nobody));
}

fn owner(viewer: &str) -> (String, Option<String>) {
    ("t11-1".to_owned(), Some(viewer.to_owned()))
}

#[test]
fn a_new_link_is_told_whose_the_size_is_and_gives_it_to_whoever_asks_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t11-1", Some("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"));
    server.take_until(&mut link, |known| known.text("t11-1").contains("ready"));
    link.resize("t11-1", "v-1", 100, 30);
    server.take_until(&mut link, |known| known.size_owners == [owner("v-1")]);
    link.cut();
    let mut link = server.accept();
    server.take_until(&mut link, |known| known.size_owners == [owner("v-1"), owner("v-1")]);
    link.resize("t11-1", "v-2", 50, 10);
    server.take_until(&mut link, |known| known.text("t11-1").contains("10 50"));
    server.take_until(&mut link, |known| known.size_owners.last() == Some(&owner("v-2")));
}

#[test]
fn checkpoints_come_when_quiet_with_a_new_link_and_with_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t12-1", Some("printf 'one\\033[31mred'; cat"));
    let shows = |words: &'static str| {
        move |known: &fake_server::Known| {
            known.checkpoints.last().is_some_and(|(_, position, payload)| {
                *position == known.output["t12-1"].len() as u64
                    && String::from_utf8_lossy(payload).contains(words)
            })
        }
    };
    // By itself, because nothing follows.
    server.take_until(&mut link, shows("red"));
    let (_, position, payload) = server.known.checkpoints.last().unwrap();
    assert_eq!((*position, &payload[..4]), (11, &[80, 0, 24, 0][..]));
    link.input("t12-1", "two");
    server.take_until(&mut link, |known| known.text("t12-1").contains("two"));
    // A server that comes anew has one at once.
    link.cut();
    link = server.accept();
    server.known.checkpoints.clear();
    server.take_until(&mut link, shows("two"));
    link.input("t12-1", "\r\u{4}");
    server.take_until(&mut link, |known| known.exited.contains_key("t12-1"));
    assert!(shows("two")(&server.known), "the last one shows the end");
}

#[test]
fn a_silent_terminal_of_another_size_has_another_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    link.spawn("t14-1", Some("seq 1 16; cat"));
    server.take_until(&mut link, |known| known.text("t14-1").contains("16"));
    let of_rows = |rows: u8| {
        move |known: &fake_server::Known| {
            known.checkpoints.last().is_some_and(|(_, _, payload)| payload[..4] == [80, 0, rows, 0])
        }
    };
    // Nothing is printed between: all three are at the same place of the log.
    for rows in [6, 20, 24] {
        link.resize("t14-1", "v-1", 80, u16::from(rows));
        server.take_until(&mut link, of_rows(rows));
    }
}

#[test]
fn an_agent_worker_says_what_it_does_and_what_it_asks() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = FakeServer::listen();
    let _agent = RunningAgent::start(plain(&server, &folder));
    let mut link = server.accept();
    let line =
        "echo working; sleep 0.1; printf 'Do you want to proceed? [y/n] '; read answer; sleep 1000";
    link.spawn_with("t13-1", Some(line), |spawn| {
        spawn.is_agent = true;
        spawn.asking_patterns = vec!["Do you want to proceed\\?".to_owned()];
    });
    server.take_until(&mut link, |known| {
        known.activities.iter().any(|(activity, _)| *activity == Activity::Asking)
    });
    let (_, question) = server.known.activities.last().unwrap();
    assert!(question.as_ref().unwrap().contains("Do you want to proceed?"), "{question:?}");
    assert_eq!(server.known.activities[0].0, Activity::Active);
    link.cut();
    link = server.accept();
    assert_eq!(link.hello.workers[0].activity, Activity::Asking);
    link.input("t13-1", "y\r");
    server.take_until(&mut link, |known| {
        known.activities.last().is_some_and(|(activity, _)| *activity == Activity::Idle)
    });
}
