//! Terminals as their viewers see them: shared, sized, ended, and none the worse for anything that fails.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Result;
use pilothouse_testkit::{
    program::Server,
    proxy::{Cut, Proxy},
    terminal::{Terminal, rest, session, shell},
    viewer::Upgrade,
};
use serde_json::json;

/// A server, its agent and a session in a folder of its own.
struct Bench {
    server: Server,
    agent: pilothouse_testkit::program::Agent,
    folder: tempfile::TempDir,
    session: String,
}

impl Bench {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let server = Server::start(settings);
        let agent = server.agent("box");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let session = session(&server, &folder.path().display().to_string());
        Self { server, agent, folder, session }
    }

    fn shell(&self) -> String {
        shell(&self.server, &self.session)
    }

    fn attach(&self, worker: &str) -> Terminal {
        Terminal::attach(&self.server, &self.session, worker, "")
    }
}

#[test]
fn everybody_sees_the_shell_and_its_end_also_who_comes_late() {
    let bench = Bench::new();
    let worker = bench.shell();
    let (mut ann, mut bob) = (bench.attach(&worker), bench.attach(&worker));
    ann.input("echo $((40 + 2))'!'; pwd\r");
    ann.expect_text("42!");
    bob.expect_text("42!");
    let folder = fs::canonicalize(bench.folder.path()).unwrap();
    bob.expect_text(&folder.display().to_string());
    let mut late = bench.attach(&worker);
    late.expect_text("42!");
    bob.input("exit 3\r");
    for viewer in [&mut ann, &mut bob, &mut late] {
        assert_eq!(viewer.expect("exit"), json!({ "type": "exit", "exitCode": 3, "signal": null }));
    }
    let mut last = bench.attach(&worker);
    assert_eq!(last.expect("exit")["exitCode"], 3);
    assert!(last.text.contains("42!"), "the history comes before the end: {:?}", last.text);
}

#[test]
fn a_process_that_is_killed_says_by_which_signal() {
    let bench = Bench::new();
    let worker = bench.shell();
    let mut viewer = bench.attach(&worker);
    viewer.input("kill -9 $$\r");
    let exit = viewer.expect("exit");
    assert_eq!((exit["exitCode"].as_i64(), exit["signal"].as_str()), (Some(137), Some("SIGKILL")));
}

#[test]
fn the_first_has_the_size_and_then_whoever_types() {
    let bench = Bench::new();
    let worker = bench.shell();
    let (mut ann, mut bob) = (bench.attach(&worker), bench.attach(&worker));
    ann.resize(101, 41);
    ann.run("true");
    bob.resize(51, 21);
    // A focus report is nobody's typing.
    bob.input("\x1b[I");
    // While nobody reads, the terminal shows what is typed into it, the report too.
    let size = ann.run("stty size");
    assert!(size.trim().ends_with("41 101"), "{size:?}");
    // The owner has to be silent for two seconds before another may take over by typing.
    std::thread::sleep(Duration::from_millis(2_200));
    bob.run("true");
    let size = bob.run("stty size");
    assert!(size.trim().ends_with("21 51"), "{size:?}");
    for (columns, rows, expected) in [(0, 0, "1 1"), (70_000, 70_000, "1000 1000")] {
        bob.resize(columns, rows);
        bob.text.clear();
        let size = bob.run("stty size").replace("\r\n", "");
        assert!(size.trim().ends_with(expected), "{size:?}");
    }
}

#[test]
fn a_killed_server_costs_a_terminal_nothing() {
    let mut bench = Bench::new();
    let worker = bench.shell();
    let mut viewer = Terminal::attach(&bench.server, &bench.session, &worker, "?fromOffset=0");
    viewer.run("stty -echo; PS1=");
    viewer.text.clear();
    viewer.input("for i in $(seq 1 2000); do echo line-$i-; sleep 0.002; done\r");
    let mut text = String::new();
    for kill in [300, 900] {
        let mut offset = (0, 0);
        while !viewer.text.contains(&format!("line-{kill}-")) {
            let message = viewer.take().expect("the server lives");
            if let Some(end) = end_of(&message) {
                offset = end;
            }
        }
        text.push_str(&viewer.text);
        bench.server.kill_and_restart();
        bench.server.wait_until_online("box");
        let query = format!("?fromOffset={}&epoch={}", offset.1, offset.0);
        viewer = Terminal::attach(&bench.server, &bench.session, &worker, &query);
    }
    viewer.expect_text("line-2000-");
    text.push_str(&viewer.text);
    let lines = text.split("\r\n").filter(|line| line.starts_with("line-"));
    let expected: Vec<_> = (1..=2000).map(|n| format!("line-{n}-")).collect();
    assert_same(&lines.collect::<Vec<_>>(), &expected);
    // A client that knows nothing of offsets has the right screen.
    let mut plain = bench.attach(&worker);
    plain.expect_text("line-2000-");
}

/// The same lines; otherwise only the first difference is shown.
fn assert_same(lines: &[&str], expected: &[String]) {
    let different = lines.iter().zip(expected).position(|(line, expected)| line != expected);
    assert_eq!(
        different.map(|place| (lines[place], &*expected[place])),
        None,
        "of {} lines",
        lines.len()
    );
    assert_eq!(lines.len(), expected.len());
}

/// The place in the log behind an output or history message: its epoch and the offset of its end.
fn end_of(message: &serde_json::Value) -> Option<(u64, u64)> {
    let epoch = message["epoch"].as_u64()?;
    let offset = message["offset"].as_u64()?;
    Some((epoch, offset))
}

#[test]
fn cuts_of_the_link_cost_a_terminal_nothing() {
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let _agent = server.agent_at("box", proxy.address());
    server.wait_until_online("box");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let mut viewer = Terminal::attach(&server, &session, &worker, "");
    viewer.run("stty -echo; PS1=");
    viewer.text.clear();
    viewer.input("for i in $(seq 1 3000); do echo line-$i-; sleep 0.001; done\r");
    for (line, how) in [(200, Cut::Reset), (900, Cut::Fin), (1700, Cut::Reset)] {
        viewer.expect_text(&format!("line-{line}-"));
        proxy.refuse(true);
        proxy.cut_with(how);
        std::thread::sleep(Duration::from_millis(700));
        proxy.refuse(false);
    }
    viewer.expect_text("line-3000-");
    let lines = viewer.text.split("\r\n").filter(|line| line.starts_with("line-"));
    let expected: Vec<_> = (1..=3000).map(|n| format!("line-{n}-")).collect();
    assert_same(&lines.collect::<Vec<_>>(), &expected);
}

#[test]
fn a_query_is_answered_once_however_many_watch_and_never_by_a_replay() {
    let bench = Bench::new();
    let worker = bench.shell();
    // Asks for the device attributes, and shows how many answers came within a second.
    let script = "old=$(stty -g); stty raw -echo min 0 time 10; printf '\\033[c'; \
                  answer=$(dd bs=1 count=64 2>/dev/null | tr '\\033' E); stty $old; echo \"got <$answer>\" > got";
    fs::write(bench.folder.path().join("ask.sh"), script).unwrap();
    let got = bench.folder.path().join("got");
    for viewers in [0, 1, 3] {
        let _ = fs::remove_file(&got);
        let mut watching: Vec<_> = (0..viewers.max(1)).map(|_| bench.attach(&worker)).collect();
        watching[0].input("sh ask.sh; echo don''e\r");
        if viewers == 0 {
            watching.clear();
        } else {
            watching[0].expect_text("done");
        }
        let deadline = Instant::now() + Duration::from_secs(20);
        while !got.exists() || fs::read_to_string(&got).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "no answer with {viewers} viewers");
            std::thread::sleep(Duration::from_millis(20));
        }
        let answer = fs::read_to_string(&got).unwrap();
        assert_eq!(answer.matches("E[?").count(), 1, "{viewers} viewers: {answer}");
    }
    let mut late = bench.attach(&worker);
    late.expect_text("don");
    assert!(!late.text.contains("\x1b[c"), "a history asks nothing: {:?}", late.text);
}

#[test]
fn what_is_not_there_is_said_before_the_close() {
    let bench = Bench::new();
    let worker = bench.shell();
    let token = bench.server.operator();
    for (session, worker, code) in [
        ("ses-none", worker.as_str(), "SESSION_NOT_FOUND"),
        (bench.session.as_str(), "wrk-none", "WORKER_NOT_FOUND"),
    ] {
        let mut viewer = Terminal::attach_at(bench.server.address(), &token, (session, worker), "");
        assert_eq!(viewer.expect("error")["code"], code);
        assert_eq!(viewer.expect("exit")["exitCode"], 1);
        assert_eq!(viewer.expect_close(), 1000);
    }
    for path in ["/no/such/folder", "relative", "/tmp/../etc", "/proc/self"] {
        let body = json!({ "type": "quick", "locationPath": path });
        let (status, answer) = rest(&bench.server, "POST", "/api/sessions", Some(&body));
        assert_eq!(status, 400, "{path}: {answer}");
        assert!(
            answer["error"].as_str().is_some_and(|error| !error.is_empty()),
            "{path}: {answer}"
        );
    }
}

#[test]
fn a_picture_is_saved_where_only_the_agents_user_reads_it_and_its_path_typed() -> Result<()> {
    use base64::Engine as _;
    let bench = Bench::new();
    let worker = bench.shell();
    let mut viewer = bench.attach(&worker);
    // Wide enough for the path in one line.
    viewer.resize(900, 50);
    viewer.run("true");
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64]].concat();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&png);
    viewer.text.clear();
    viewer.viewer().send(&json!({ "type": "image", "data": encoded, "mimeType": "image/png" }));
    viewer.expect_text(".png");
    let end = viewer.text.find(".png").unwrap() + 4;
    // The prompt has a path too.
    let path = viewer.text[..end].rsplit([' ', '\x07', '\x08']).next().unwrap();
    assert_eq!(fs::read(path)?, png);
    let mode = |path: &std::path::Path| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).map(|found| found.permissions().mode() & 0o777)
    };
    assert_eq!(mode(path.as_ref())?, 0o600);
    assert_eq!(mode(std::path::Path::new(path).parent().unwrap())?, 0o700);
    let text = base64::engine::general_purpose::STANDARD.encode("just text");
    viewer.viewer().send(&json!({ "type": "image", "data": text, "mimeType": "image/png" }));
    let error = viewer.expect("error");
    assert!(error["message"].as_str().is_some_and(|words| !words.is_empty()), "{error}");
    Ok(())
}

#[test]
fn a_killed_agent_ends_its_terminals_with_all_that_they_had_printed() {
    let mut bench = Bench::new();
    let worker = bench.shell();
    let mut viewer = bench.attach(&worker);
    viewer.run("stty -echo");
    viewer.input("seq 1 5000; echo ove''r; sleep 1000\r");
    viewer.expect_text("over");
    bench.agent.kill();
    let exit = viewer.expect("exit");
    assert_ne!(exit["exitCode"], 0, "{exit}");
    bench.agent.start_again();
    bench.server.wait_until_online("box");
    let mut late = bench.attach(&worker);
    late.expect_text("over");
    assert_eq!(late.expect("exit"), exit);
    let restart = format!("/api/sessions/{}/workers/{worker}/restart", bench.session);
    let (status, answer) = rest(&bench.server, "POST", &restart, Some(&json!({})));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(late.expect_close(), 4001);
    let mut anew = bench.attach(&worker);
    assert!(anew.run("echo anew").contains("anew"));
}

#[test]
fn a_viewer_that_does_not_read_costs_the_others_nothing() {
    let bench = Bench::new();
    let (flood, quiet) = (bench.shell(), bench.shell());
    let mut frozen = bench.attach(&flood);
    frozen.run("true");
    let mut reader = bench.attach(&flood);
    let mut other = bench.attach(&quiet);
    other.run("true");
    reader.input("yes 0123456789012345678901234567890123456789 | head -c 100000000; echo en''d\r");
    let before = bench.server.resident_kib();
    let reading = std::thread::spawn(move || {
        // It reads everything, and keeps only the end.
        while !reader.text.contains("end\r\n") {
            let keep = reader.text.floor_char_boundary(reader.text.len().saturating_sub(100));
            reader.text.drain(..keep);
            reader.take().expect("the server keeps a viewer that reads");
        }
    });
    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let asked = Instant::now();
        other.run("echo echo");
        slowest = slowest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(slowest < Duration::from_secs(1), "the other terminal's echo took {slowest:?}");
    reading.join().unwrap();
    let grown = bench.server.resident_kib().saturating_sub(before);
    assert!(grown < 128 * 1024, "the server grew by {grown} KiB");
    // Who did not read has a right screen in the end.
    frozen.expect_text("end\r\n");
}

#[test]
fn lists_of_sessions_are_whole_and_in_order() {
    let bench = Bench::new();
    let upgrade = Upgrade::to(format!("/ws/app?token={}", bench.server.operator()));
    let mut app = upgrade.send(bench.server.address()).expect("the token is good");
    let sync = app.expect_that(|message| message["type"] == "sessions-sync");
    assert_eq!(sync["sessions"][0]["id"], bench.session);
    assert_eq!(sync["sessions"][0]["status"], "active");
    let worker = bench.shell();
    let updated = app.expect_that(|message| message["type"] == "session-updated");
    assert_eq!(updated["session"]["workers"][0]["id"], worker);
    let made = session(&bench.server, "/tmp");
    let created = app.expect_that(|message| message["type"] == "session-created");
    assert_eq!(created["session"]["id"], made);
    let path = format!("/api/sessions/{made}");
    assert_eq!(rest(&bench.server, "DELETE", &path, None).0, 200);
    let deleted = app.expect_that(|message| message["type"] == "session-deleted");
    assert_eq!(deleted["sessionId"], made);
    app.send(&json!({ "type": "request-sync" }));
    let again = app.expect_that(|message| message["type"] == "sessions-sync");
    assert_eq!(again["sessions"].as_array().map(Vec::len), Some(1));
}
