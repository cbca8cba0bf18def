//! Budgets of real agents over restarts of the server, and with its clock set back.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    program::{Server, request},
    set_clock::SetClock,
    viewer::Viewer,
    waiting::wait_until,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const HOUR: i64 = 3600;

fn ask(server: &Server, route: &str, body: &Value) -> Value {
    let admin = server.token(&Grant::Person { user: "ada".into(), role: Role::Admin });
    let answer = http::send_json(server.address(), route, &admin, body);
    assert_eq!(answer.status, 200, "{route}: {answer:?}");
    answer.json()
}

fn is_over_budget(message: &Value) -> bool {
    message["payload"]["held"]["cause"] == "over-budget"
}

#[test]
fn what_ran_counts_after_a_restart_with_the_clock_set_back_and_for_an_hour_at_most() {
    let Some(clock) = SetClock::or_skip(HOUR + HOUR / 2) else { return };
    let mut server = Server::start_in(clock.surroundings(), &[]);
    let _agent = server.agent("a-1");
    let folder = TempDir::new().unwrap();
    ask(&server, "PUT /api/v1/agents/a-1/budget", &json!({"commandsPerHour": 1}));
    let mut viewer = server.dashboard();
    viewer.send(&request("a-1", "echo one"));
    viewer.expect_status("completed");

    // What it did lies an hour and a half ahead now.
    clock.set(0);
    server.kill_and_restart();
    server.wait_until_online("a-1");
    let used = ask(&server, "GET /api/v1/agents/a-1/budget", &Value::Null);
    assert_eq!(used["commands"], 1, "{used}");
    let mut viewer: Viewer = server.dashboard();
    let ran = folder.path().join("ran");
    viewer.send(&request("a-1", &format!("touch {}", ran.display())));
    let queue = viewer.expect_that(is_over_budget);
    let until = queue["payload"]["held"]["until"].as_i64().unwrap();
    let wait = until - queue["timestamp"].as_i64().unwrap();
    assert!((0..=HOUR * 1000).contains(&wait), "{wait} ms to wait: {queue}");
    assert!(!ran.exists());

    // An hour later there is room for one, which is the one that waited.
    clock.set(HOUR + 60);
    viewer.send(&request("a-1", "echo three"));
    wait_until("the command that waited has run", || ran.exists());
    viewer.expect_that(is_over_budget);
}

#[test]
fn a_command_that_outlives_its_server_is_counted_once_and_for_all_the_time_it_ran() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("a-1");
    let folder = TempDir::new().unwrap();
    let (gate, began) = (folder.path().join("gate"), folder.path().join("began"));
    let line = format!(
        "touch {}; while ! test -e {}; do sleep 0.05; done",
        began.display(),
        gate.display()
    );
    server.dashboard().send(&request("a-1", &line));
    wait_until("it runs", || began.exists());
    let seconds = |server: &Server| {
        let used = ask(server, "GET /api/v1/agents/a-1/budget", &Value::Null);
        assert_eq!(used["commands"], 1, "{used}");
        used["seconds"].as_u64().unwrap()
    };
    wait_until("it has run for two seconds", || seconds(&server) >= 2);
    let before = seconds(&server);
    server.kill_and_restart();
    server.wait_until_online("a-1");
    assert!(seconds(&server) >= before);
    let mut viewer = server.dashboard();
    std::fs::write(&gate, "").unwrap();
    viewer.expect_status("completed");
    let ended = seconds(&server);
    assert!(ended >= before, "{ended} s after {before} s");
    server.kill_and_restart();
    let stored = seconds(&server);
    assert!(stored == ended || stored + 1 == ended, "{stored} s are stored of {ended} s");
}
