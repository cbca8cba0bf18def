//! Servers and agents that are killed in the middle of a run.

use pilothouse_testkit::waiting::wait_until;
use serde_json::{Value, json};

use super::{Front, browsers_in, completion, numbers, stored};

#[test]
fn a_run_goes_on_while_its_server_is_dead_and_is_whole_afterwards() {
    let mut front = Front::start();
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    let mut client = front.client_with(&run, "4");
    client.expect("step_update");
    front.shop.expect("GET /gate");
    front.server.kill();
    // All of the rest is done while there is nobody to tell.
    front.shop.open_gate();
    front.shop.expect("POST /orders");
    front.server.start_again();
    let told = front.over(&run);
    assert_eq!(told["run"]["status"], "COMPLETED", "{told}");
    assert_eq!(told["run"]["answer"], "ordered for Ann");
    assert_eq!(stored(&told), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(front.shop.orders(), ["name=Ann"], "nothing was done twice");
    // The document's client comes back by itself. It is told all from the beginning, and the end.
    let over = completion(&mut client);
    assert_eq!(over["status"], "success", "{over}");
    assert_eq!(numbers(&client), [1, 1, 2, 3, 4, 5, 6, 7]);
    front.wait_until_clean();
}

#[test]
fn a_server_that_is_killed_and_back_at_once_finds_the_run_under_way() {
    let mut front = Front::start();
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    front.shop.expect("GET /gate");
    for _ in 0..2 {
        front.server.kill_and_restart();
        front.server.wait_until_online("a-1");
        assert_eq!(front.told(&run)["run"]["status"], "INPROGRESS");
    }
    let mut client = front.client(&run);
    assert_eq!(client.expect("step_update")["message"]["stepNumber"], 1);
    front.shop.open_gate();
    assert_eq!(completion(&mut client)["status"], "success");
    assert_eq!(numbers(&client), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(front.shop.orders(), ["name=Ann"]);
}

#[test]
fn a_run_whose_agent_is_killed_says_so_and_leaves_nothing() {
    let mut front = Front::start();
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    let mut client = front.client(&run);
    client.expect("step_update");
    front.shop.expect("GET /gate");
    front.agent.kill();
    wait_until("its browser ends without it", || browsers_in(&front.agent) == 0);
    front.agent.start_again();
    let over = completion(&mut client);
    assert_eq!(
        (&over["status"], &over["error"]),
        (&json!("failed"), &json!("its agent was started anew and lost it"))
    );
    assert_eq!(stored(&front.over(&run)), [1]);
    front.wait_until_clean();
    // It does others as if nothing had been.
    let next = front.make(&json!({"script": front.shop.script("Ben")}));
    assert_eq!(front.over(&next)["run"]["status"], "COMPLETED");
    assert_eq!(front.shop.orders(), ["name=Ben"]);
}

#[test]
fn a_run_whose_agent_stays_away_is_not_waited_for_for_ever() {
    let mut front = Front::start_with(&[("agents.lost_after", "2s")], &[]);
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    front.shop.expect("GET /gate");
    front.agent.kill();
    let mut client = front.client(&run);
    let over = completion(&mut client);
    assert_eq!(over["status"], "failed", "{over}");
    assert!(!over["error"].as_str().unwrap().is_empty());
    // It comes back with nothing, and nothing of it changes.
    front.agent.start_again();
    front.server.wait_until_online("a-1");
    let told = front.told(&run);
    assert_eq!((&told["run"]["status"], &told["run"]["error"]), (&json!("FAILED"), &over["error"]));
}

#[test]
fn an_agent_that_is_stopped_ends_its_runs_and_its_browsers() {
    let mut front = Front::start();
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    front.shop.expect("GET /gate");
    pilothouse_testkit::program::signal(front.agent.id(), "TERM");
    let told = front.over(&run);
    assert_eq!(told["run"]["status"], "FAILED");
    assert_eq!(told["run"]["error"], "its agent was stopped");
    front.wait_until_clean();
    front.agent.start_again();
    front.server.wait_until_online("a-1");
    let again = front.ask("GET /api/v1/browsers", &Value::Null).json();
    assert_eq!(again["browsers"], json!([]));
}
