//! Who is in front of a terminal and whose size it has, as those who are there see it.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    program::{Agent, PATIENCE, Server},
    terminal::{Terminal, session, shell},
};
use serde_json::{Value, json};

struct Bench {
    server: Server,
    _agent: Agent,
    session: String,
    worker: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("box");
        let session = session(&server, "/tmp");
        let worker = shell(&server, &session);
        Self { server, _agent: agent, session, worker }
    }

    fn attach(&self, name: &str, role: Role, query: &str) -> Terminal {
        let token = self.server.token(&Grant::Person { user: name.into(), role });
        Terminal::attach_at(self.server.address(), &token, (&self.session, &self.worker), query)
    }
}

/// Waits until somebody is told that these are there, and returns them.
fn expect_viewers(terminal: &mut Terminal, wanted: &[(&str, bool, bool)]) -> Vec<Value> {
    let is_it = |told: &Value| {
        let viewers = told["viewers"].as_array().unwrap().iter();
        let seen = viewers.map(|viewer| {
            let name = viewer["user"].as_str().unwrap();
            (name, viewer["mayType"] == true, viewer["ownsSize"] == true)
        });
        seen.eq(wanted.iter().copied()) && told["total"] == wanted.len()
    };
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let told = terminal.expect("viewers");
        if is_it(&told) {
            return told["viewers"].as_array().unwrap().clone();
        }
        assert!(std::time::Instant::now() < deadline, "{told} instead of {wanted:?}");
    }
}

#[test]
fn everybody_sees_who_is_there_who_types_and_whose_size_it_is() {
    let bench = Bench::new();
    let mut ann = bench.attach("ann", Role::Operator, "?fromOffset=0");
    expect_viewers(&mut ann, &[("ann", true, false)]);
    ann.resize(100, 30);
    expect_viewers(&mut ann, &[("ann", true, true)]);
    let mut eve = bench.attach("eve", Role::Viewer, "?fromOffset=0");
    let mut bob = bench.attach("bob", Role::Operator, "?fromOffset=0");
    let all = [("ann", true, true), ("eve", false, false), ("bob", true, false)];
    for terminal in [&mut ann, &mut eve, &mut bob] {
        let viewers = expect_viewers(terminal, &all);
        let since: Vec<_> =
            viewers.iter().map(|viewer| viewer["since"].as_str().unwrap()).collect();
        assert!(since.is_sorted(), "{since:?}");
    }
    let own = bob.expect("worker")["viewerId"].clone();
    let viewers = {
        bob.resize(60, 20);
        ann.resize(101, 31);
        bob.expect("resized");
        drop(ann);
        expect_viewers(&mut bob, &[("eve", false, false), ("bob", true, false)])
    };
    assert_eq!(viewers[1]["id"], own);
    // Nobody owns it now, so it is whoever types.
    bob.input("echo he''re\r");
    bob.expect_text("here");
    assert_eq!(bob.expect("resized")["cols"], 60);
    expect_viewers(&mut eve, &[("eve", false, false), ("bob", true, true)]);
}

#[test]
fn who_asked_for_no_offsets_is_seen_and_sees_nothing_of_it() {
    let bench = Bench::new();
    let mut ann = bench.attach("ann", Role::Operator, "?fromOffset=0");
    let mut seed = bench.attach("bob", Role::Operator, "");
    expect_viewers(&mut ann, &[("ann", true, false), ("bob", true, false)]);
    seed.resize(70, 20);
    expect_viewers(&mut ann, &[("ann", true, false), ("bob", true, true)]);
    seed.input("echo he''re\r");
    seed.expect_text("here");
    assert_eq!(seed.told, Vec::<Value>::new());
}

#[test]
fn a_server_that_was_killed_tells_anew_and_whoever_comes_back_gets_the_size() {
    let mut bench = Bench::new();
    let mut ann = bench.attach("ann", Role::Operator, "?fromOffset=0");
    ann.resize(100, 30);
    expect_viewers(&mut ann, &[("ann", true, true)]);
    bench.server.kill_and_restart();
    bench.server.wait_until_online("box");
    let mut bob = bench.attach("bob", Role::Operator, "?fromOffset=0");
    // Others are called now what the lost ones were called before.
    let mut ann = bench.attach("ann", Role::Operator, "?fromOffset=0");
    ann.resize(90, 25);
    expect_viewers(&mut ann, &[("bob", true, false), ("ann", true, true)]);
    assert_eq!(ann.expect("resized")["cols"], 90, "nobody has to type for it");
    drop(ann);
    expect_viewers(&mut bob, &[("bob", true, false)]);
    assert_eq!(bob.expect("worker")["cols"], json!(100));
}
