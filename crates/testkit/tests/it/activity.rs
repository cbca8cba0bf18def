//! What a command line agent does, from its screen to those who watch and those it waits for.
//!
//! The agent is a stand-in that paints screens of the real one.

use std::{
    fs,
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use pilothouse_testkit::{
    program::{Agent, PATIENCE, Server},
    terminal::{Terminal, rest},
    viewer::{Received, Upgrade},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How late a state may be on a machine that has other things to do. The bound that people are promised is 1 s.
const LATEST: u64 = 5_000;

/// How long a screen has to rest until the agent counts as idle.
const REST: u64 = 2_000;

/// A server and an agent on whose machine `claude` is the stand-in.
pub(crate) struct Bench {
    pub(crate) server: Server,
    _agent: Agent,
    home: TempDir,
}

/// A session with the stand-in in it.
pub(crate) struct Worker {
    pub(crate) session: String,
    pub(crate) id: String,
}

impl Bench {
    pub(crate) fn start() -> Self {
        let server = Server::start(&[]);
        let home = tempfile::tempdir().unwrap();
        let testkit = env!("CARGO_MANIFEST_DIR");
        let claude = format!(
            "#!/bin/sh\nexec node {testkit}/node/stand_in_claude.mjs \
             {testkit}/../agent/src/activity/fixtures {}/painted\n",
            home.path().display()
        );
        fs::write(home.path().join("claude"), claude).unwrap();
        // A login shell has a PATH of its own.
        fs::write(home.path().join(".profile"), "PATH=$HOME:$PATH\nchmod +x $HOME/claude\n")
            .unwrap();
        let home_path = home.path().display().to_string();
        let variables = [("HOME", home_path.as_str()), ("SHELL", "/bin/sh")];
        let agent = server.agent_with("box", server.address(), &variables);
        server.wait_until_online("box");
        Self { server, _agent: agent, home }
    }

    pub(crate) fn claude(&self) -> Worker {
        let folder = self.home.path().display().to_string();
        let body = json!({ "type": "quick", "locationPath": folder, "agentType": "claude" });
        let (status, made) = rest(&self.server, "POST", "/api/sessions", Some(&body));
        assert_eq!(status, 201, "{made}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let session = &made["session"];
        Worker { session: text(&session["id"]), id: text(&session["workers"][0]["id"]) }
    }

    pub(crate) fn attach(&self, worker: &Worker) -> Terminal {
        Terminal::attach(&self.server, &worker.session, &worker.id, "")
    }

    fn attention(&self) -> Vec<Value> {
        let (status, answer) = rest(&self.server, "GET", "/api/v1/attention", None);
        assert_eq!(status, 200, "{answer}");
        answer["items"].as_array().unwrap().clone()
    }

    fn expect_attention(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let items = self.attention();
            if wanted(&items) {
                return items;
            }
            assert!(Instant::now() < deadline, "{items:?}");
            // Nobody tells when it changes.
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// When the stand-in painted what it called so last, in milliseconds since 1970.
    fn painted(&self, what: &str) -> u64 {
        let log = fs::read_to_string(self.home.path().join("painted")).unwrap();
        let line = log.lines().rev().find(|line| line.ends_with(what));
        line.and_then(|line| line.split(' ').next()).unwrap().parse().unwrap()
    }
}

/// What `/ws/app` tells, with the moment at which it came.
struct App(Receiver<(u64, Value)>);

impl App {
    fn connect(server: &Server) -> Self {
        let upgrade = Upgrade::to(format!("/ws/app?token={}", server.operator()));
        let mut viewer = upgrade.send(server.address()).expect("the token is good");
        let (told, messages) = channel();
        thread::spawn(move || {
            while let Received::Text(text) = viewer.receive_within(PATIENCE * 4) {
                let message = serde_json::from_str(&text).expect("messages are JSON");
                if told.send((now(), message)).is_err() {
                    return;
                }
            }
        });
        Self(messages)
    }

    /// The next thing that the worker is said to do, and when it came.
    fn next(&self, worker: &Worker) -> (u64, String) {
        loop {
            let (at, message) = self.0.recv_timeout(PATIENCE).expect("it does something else");
            if message["type"] == "worker-activity" {
                assert_eq!(
                    (&message["sessionId"], &message["workerId"]),
                    (&json!(worker.session), &json!(worker.id))
                );
                return (at, message["activityState"].as_str().unwrap().to_owned());
            }
        }
    }

    fn expect(&self, worker: &Worker, state: &str) -> u64 {
        let (at, next) = self.next(worker);
        assert_eq!(next, state);
        at
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the stand-in writes down by this clock when it painted"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

#[test]
fn a_session_shows_what_its_agent_does_and_when_it_waits_for_a_person() {
    let bench = Bench::start();
    let app = App::connect(&bench.server);
    let claude = bench.claude();
    let mut screen = bench.attach(&claude);
    app.expect(&claude, "active");
    let idle = app.expect(&claude, "idle");
    let first_idle = idle.saturating_sub(bench.painted("idle") + REST);
    // As fast as people type, for longer than work needs to be seen as work.
    for end in 1..="make the tests pass".len() {
        let text = &"make the tests pass"[..end];
        screen.input(&text[end - 1..]);
        screen.expect_text(&format!("❯ {text}"));
        thread::sleep(Duration::from_millis(150));
    }
    assert!(bench.attention().is_empty());
    screen.input("\r");
    let active = app.expect(&claude, "active");
    assert!(active >= bench.painted("active"), "typing is no work");
    let asking = app.expect(&claude, "asking");
    let painted = bench.painted("asking");
    let waiting = bench.attention();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let item = &waiting[0];
    assert_eq!(
        (&item["sessionId"], &item["subjectId"]),
        (&json!(claude.session), &json!(claude.id))
    );
    assert_eq!((&item["reason"], &item["answer"]), (&json!("workerAsks"), &json!("type")));
    assert_eq!(item["text"], "Do you want to proceed?");
    screen.input("1");
    app.expect(&claude, "active");
    assert!(bench.attention().is_empty(), "{:?}", bench.attention());
    let idle = app.expect(&claude, "idle");
    let last_idle = idle.saturating_sub(bench.painted("idle") + REST);
    let late = [first_idle, asking.saturating_sub(painted), last_idle];
    eprintln!("idle, asking and idle came {late:?} ms after they were certain or painted");
    assert!(late.iter().all(|&late| late < LATEST), "{late:?} ms");
    // Whoever looks at the terminal is told the same, from the state on in which it was attached.
    let mut told = Vec::new();
    while !told.ends_with(&["active", "asking", "active", "idle"].map(|state| json!(state))) {
        told.push(screen.expect("activity")["state"].take());
        assert!(told.len() <= 6, "{told:?}");
    }
}

#[test]
fn a_question_outlives_the_server_and_a_failure_that_nobody_sees_waits_for_a_person() {
    let mut bench = Bench::start();
    let claude = bench.claude();
    let mut screen = bench.attach(&claude);
    screen.expect_text("Baked");
    screen.input("go on\r");
    let asked = bench.expect_attention(|items| items.len() == 1)[0].clone();
    bench.server.kill_and_restart();
    bench.server.wait_until_online("box");
    let still =
        bench.expect_attention(|items| items.first().is_some_and(|it| it["text"] == asked["text"]));
    assert_eq!(still.len(), 1);
    // Two clocks that count in milliseconds tell it.
    let millis = |item: &Value| {
        item["since"].as_str().unwrap()[17..23].replace('.', "").parse::<u32>().unwrap()
    };
    let differ = millis(&still[0]).abs_diff(millis(&asked));
    assert!(differ.min(60_000 - differ) < 500, "{still:?} {asked:?}");
    let mut screen = bench.attach(&claude);
    screen.input("1");
    bench.expect_attention(<[Value]>::is_empty);
    while screen.expect("activity")["state"] != "idle" {}
    screen.input("fail\r");
    screen.expect_text("❯ fail");
    drop(screen);
    let failed = bench.expect_attention(|items| !items.is_empty())[0].clone();
    assert_eq!((&failed["reason"], &failed["answer"]), (&json!("workerFailed"), &json!("dismiss")));
    assert_eq!(failed["text"], "Claude Code ended with exit code 3");
    let path = format!("/api/v1/attention/worker/{}", claude.id);
    assert_eq!(rest(&bench.server, "DELETE", &path, None).0, 204);
    assert!(bench.attention().is_empty());
}
