//! The protocol's React hook in a real browser.

use pilothouse_testkit::{node::NodeProgram, program::Server};
use serde_json::json;

use super::door;

#[test]
fn the_react_hook_lives_in_a_real_browser() {
    let mut server = Server::start(&[]);
    let arguments = [&*door(&server), &*server.operator()];
    let mut browser = NodeProgram::start("mission_control/browser.mjs", &arguments);
    // No token, an empty one, two bad ones, and a page of somebody else.
    for _ in 0..5 {
        let refused = browser.expect("refused");
        assert_eq!((&refused["code"], &refused["seen"]), (&json!(1006), &json!(["error"])));
    }
    browser.expect("ready");
    assert!(browser.seen.iter().any(|line| line["isConnected"] == true), "{:?}", browser.seen);
    let mut agent = server.agent("agent-1");
    let fields = |line: &serde_json::Value| line["agentStatuses"]["agent-1"].clone();
    let online = browser.expect_that(|line| fields(line)["status"] == "online");
    let mut names: Vec<_> = fields(&online).as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["agentId", "status", "timestamp"]);
    agent.kill();
    browser.expect_that(|line| fields(line)["status"] == "offline");
    server.restart();
    assert_eq!(browser.expect("close")["code"], 1001);
    browser.expect_that(|line| line["isConnected"] == false);
    browser.expect_that(|line| line["isConnected"] == true);
    server.wait_for_health(|health| health["websocket"]["connections"] == 1);
    assert!(browser.finish());
    server.wait_for_health(|health| health["websocket"]["connections"] == 0);
}
