//! Whoever follows a run, whenever and however fast, is told every step once, and the run depends on nobody.

use pilothouse_core::Role;
use pilothouse_testkit::{program::Server, viewer::Viewer, waiting::wait_until};
use serde_json::json;

use super::{
    agent, client, complete, connect, follower, made, made_by, next, numbers, person, picture,
    start, step, take,
};

#[test]
fn a_second_client_in_the_middle_is_told_everything_and_the_first_may_leave() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut starter = follower(&server, &run);
    take(&agent, &run, 1);
    assert_eq!(next(&mut starter)["stepNumber"], 1);
    take(&agent, &run, 2);
    assert_eq!(next(&mut starter)["stepNumber"], 2);
    let mut second = follower(&server, &run);
    drop(starter);
    take(&agent, &run, 3);
    // Nobody at all is there for a moment.
    assert_eq!(next(&mut second)["stepNumber"], 1);
    drop(second);
    take(&agent, &run, 4);
    let mut third = follower(&server, &run);
    complete(&agent, &run);
    assert_eq!(numbers(&mut third), [1, 2, 3, 4, 0]);
    // And once more when it is over, from a place of one's own.
    third.send(&json!({"type": "start_agent", "runId": run, "afterStep": 2}));
    assert_eq!(numbers(&mut third), [3, 4, 0]);
}

#[test]
fn steps_that_are_taken_while_earlier_ones_are_told_come_once_and_in_order() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let last = 40;
    // Each comes at another place of the run, and is told the beginning while it goes on.
    let told = std::thread::scope(|scope| {
        let (server, run) = (&server, &run);
        let mut clients = Vec::new();
        for number in 1..=last {
            agent.say(&step(run, number, &picture(100_000)));
            if number % 5 == 0 {
                clients.push(scope.spawn(move || numbers(&mut follower(server, run))));
            }
        }
        complete(&agent, run);
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    let expected: Vec<u64> = (1..=u64::from(last)).chain([0]).collect();
    assert_eq!(told.len(), 8);
    for numbers in told {
        assert_eq!(numbers, expected);
    }
}

#[test]
fn a_client_that_does_not_read_misses_nothing_and_delays_nobody() {
    // However long this takes here, it is not dead.
    let patient = [("timing.ping_interval", "5m"), ("timing.heartbeat_timeout", "10m")];
    let server = Server::start(&patient);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let (mut slow, mut fast) = (follower(&server, &run), follower(&server, &run));
    for number in 1..=30 {
        agent.say(&step(&run, number, &picture(2 << 20)));
        assert_eq!(next(&mut fast)["stepNumber"], number);
    }
    complete(&agent, &run);
    assert_eq!(next(&mut fast)["type"], "completion");
    // 80 MB of text, ten times what may wait for one connection: it was not kept for it.
    let expected: Vec<u64> = (1..=30).chain([0]).collect();
    assert_eq!(numbers(&mut slow), expected);
}

#[test]
fn who_comes_back_after_a_restart_goes_on_behind_the_last_step_that_it_has() {
    let mut server = Server::start(&[]);
    let first = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut client = follower(&server, &run);
    first.say(&json!({"type": "runBegan", "run": run}));
    take(&first, &run, 1);
    take(&first, &run, 2);
    assert_eq!(next(&mut client)["stepNumber"], 1);
    assert_eq!(next(&mut client)["stepNumber"], 2);
    server.restart();
    assert_eq!(client.expect_close(), 1001);
    let mut client = super::client(&server);
    client.send(&json!({"type": "start_agent", "runId": run, "afterStep": 2}));
    let second = agent(&server, "a-1", &[&run]);
    take(&second, &run, 3);
    complete(&second, &run);
    assert_eq!(numbers(&mut client), [3, 0]);
}

#[test]
fn two_runs_on_one_connection_stay_apart() {
    let server = Server::start(&[]);
    let (one, two) = (agent(&server, "a-1", &[]), agent(&server, "a-2", &[]));
    let runs = [made_by(&server, "ann", "a-1"), made_by(&server, "ann", "a-2")];
    let mut client = client(&server);
    for run in &runs {
        client.send(&start(run));
    }
    take(&two, &runs[1], 1);
    assert_eq!(next(&mut client)["runId"], json!(runs[1]));
    take(&one, &runs[0], 1);
    assert_eq!(next(&mut client)["runId"], json!(runs[0]));
    complete(&two, &runs[1]);
    let over = next(&mut client);
    assert_eq!((&over["type"], &over["runId"]), (&json!("completion"), &json!(runs[1])));
    take(&one, &runs[0], 2);
    assert_eq!(next(&mut client)["stepNumber"], 2);
}

#[test]
fn many_clients_are_told_the_same_and_a_step_is_not_put_into_words_for_each() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    let mut clients: Vec<_> = (0..50).map(|_| follower(&server, &run)).collect();
    for number in 1..=10 {
        agent.say(&step(&run, number, &picture(300_000)));
        let told = clients.iter_mut().map(Viewer::text);
        let told: Vec<_> = told.collect();
        assert!(told.iter().all(|text| *text == told[0]), "step {number}");
    }
    let count = |name: &str| server.metrics()[&format!("pilothouse_{name}_total")];
    wait_until("all are counted", || count("run_steps_told") == 500);
    let read = count("run_steps_read");
    assert!((10..=250).contains(&read), "{read} times for 10 steps and 50 clients");
}

#[test]
fn whoever_may_read_runs_may_follow_them_and_nobody_else() {
    let server = Server::start(&[]);
    let agent = agent(&server, "a-1", &[]);
    let run = made(&server);
    take(&agent, &run, 1);
    let mut viewer = connect(&server);
    let token = person(&server, "eve", Role::Viewer);
    viewer.send(&json!({"type": "authenticate", "token": token}));
    assert_eq!(next(&mut viewer)["status"], "success");
    viewer.send(&start(&run));
    assert_eq!(next(&mut viewer)["stepNumber"], 1);
    viewer.send(&json!({"type": "cancel_run", "runId": run}));
    let refused = next(&mut viewer);
    assert_eq!((&refused["error"], &refused["runId"]), (&json!("Request refused"), &json!(run)));
    viewer.send(&start("run-that-nobody-made"));
    let unknown = next(&mut viewer);
    assert_eq!(unknown["error"], "Failed to start agent");
    assert_eq!(unknown["reason"], "there is no such run, or it is not yours to see");
    // Commands are no runs, though they are tasks.
    viewer.send(&start("cmd-1"));
    assert_eq!(next(&mut viewer)["reason"], unknown["reason"]);
}
