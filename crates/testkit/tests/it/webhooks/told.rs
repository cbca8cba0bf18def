//! What is told: commands, agents and workers, and what of it somebody may see.

use std::time::Duration;

use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http_gateway::Reply,
    program::{Server, request},
};
use serde_json::{Value, json};

use super::{Hook, LINE, QUICK, ask, expect, fields, next, receiver, run, says, url, verified};
use crate::activity;

#[test]
fn commands_and_agents_are_told_with_signatures_that_anybody_can_verify() {
    let settings = [QUICK, &[("public_url", "https://pilot.example")]].concat();
    let server = Server::start(&settings);
    let mut agent = server.agent("a-1");
    let receiver = receiver();
    let all = ["attention", "failed", "offline", "completed"];
    let hook = Hook::add(&server, &url(&receiver), &all);
    run(&server, "a-1", "echo first; echo TOKEN=hunter2 almost; exit 3");
    let asked = next(&receiver, 0, "command.failed");
    assert_eq!(asked.line, LINE);
    let body = verified(&hook.secret, &asked);
    assert_eq!(says("python3", &hook.secret, &asked), "good");
    assert_eq!(says("node", "whsec_b3RoZXI=", &asked), "bad");
    assert_eq!(says("python3", "whsec_b3RoZXI=", &asked), "bad");
    assert_eq!(body["agent"], json!({"id": "a-1", "name": "a-1"}));
    assert_eq!((&body["text"], &body["command"]["exitCode"]), (&json!("exit code 3"), &json!(3)));
    assert_eq!(body["lastLine"], "TOKEN=[redacted] almost");
    assert_eq!(body["command"]["line"], "echo first; echo TOKEN=[redacted] almost; exit 3");
    assert_eq!(
        (&body["command"]["requestedBy"], &body["url"]),
        (&json!("ann"), &json!("https://pilot.example"))
    );
    let raised = verified(&hook.secret, &next(&receiver, 0, "attention.raised"));
    assert_eq!(
        (&raised["reason"], &raised["command"]["id"]),
        (&json!("commandFailed"), &body["command"]["id"])
    );
    run(&server, "a-1", "true");
    let body = verified(&hook.secret, &next(&receiver, 0, "command.completed"));
    assert_eq!((&body["command"]["exitCode"], body.get("reason")), (&json!(0), None));
    agent.kill();
    let body = verified(&hook.secret, &next(&receiver, 0, "agent.offline"));
    assert_eq!(body["agent"]["id"], "a-1");
    assert_eq!(receiver.count(), 4, "each is told once: {:?}", receiver.asked());
    let listed = hook.deliveries(&server);
    let kinds: Vec<_> = listed.iter().map(|delivery| delivery["type"].as_str().unwrap()).collect();
    let told = ["agent.offline", "command.completed", "attention.raised", "command.failed"];
    assert_eq!(kinds, told);
    assert!(
        listed.iter().all(|it| it["state"] == "delivered" && it["lastStatus"] == 200),
        "{listed:?}"
    );
    let path = format!(
        "GET {}/deliveries?limit=1&before={}",
        hook.path,
        listed[1]["id"].as_str().unwrap()
    );
    let page = expect(200, &ask(&server, &path, &Value::Null));
    assert_eq!((&page["deliveries"][0]["id"], &page["next"]), (&listed[2]["id"], &listed[2]["id"]));
    server.wait_for_metric(r#"pilothouse_webhook_deliveries_total{state="delivered"}"#, 4);
}

#[test]
fn a_worker_that_asks_and_one_whose_turn_is_over_are_told() {
    let bench = activity::Bench::start();
    let receiver = receiver();
    let hook = Hook::add(&bench.server, &url(&receiver), &["attention", "completed", "failed"]);
    let claude = bench.claude();
    let mut screen = bench.attach(&claude);
    screen.expect_text("Baked");
    // It painted its first screen.
    let from = receiver.count();
    screen.input("go on\r");
    let body = verified(&hook.secret, &next(&receiver, from, "attention.raised"));
    assert_eq!(
        (&body["reason"], &body["text"]),
        (&json!("workerAsks"), &json!("Do you want to proceed?"))
    );
    assert_eq!(
        (&body["worker"]["id"], &body["worker"]["sessionId"]),
        (&json!(claude.id), &json!(claude.session))
    );
    let from = receiver.count();
    screen.input("1");
    let body = verified(&hook.secret, &next(&receiver, from, "worker.idle"));
    assert_eq!(body["worker"]["id"], json!(claude.id));
    let from = receiver.count();
    screen.input("fail\r");
    screen.expect_text("❯ fail");
    // Somebody who looks at it sees it: that is told all the same, and nobody is waited for.
    let body = verified(&hook.secret, &next(&receiver, from, "worker.failed"));
    assert_eq!(body["worker"]["exitCode"], 3);
    assert_eq!(body["agent"]["id"], "box");
}

#[test]
fn a_run_that_wants_leave_is_told_with_what_an_answer_has_to_name() {
    let server = Server::start(QUICK);
    let manner = Manner { runs: Some(Vec::new()), ..Manner::default() };
    let agent = FakeAgent::link(&server, "a-1", manner);
    let receiver = receiver();
    let hook = Hook::add(&server, &url(&receiver), &["attention"]);
    let body = json!({"task": "buy shoes", "approval": true});
    let made = expect(201, &ask(&server, "POST /api/runs", &body));
    let run = &made["run"]["id"];
    agent.say(&json!({"type": "runWaits", "run": run, "wait": "w-1", "kind": "approval",
                      "text": "POST to shop.example, password=hunter2"}));
    let body = verified(&hook.secret, &next(&receiver, 0, "attention.raised"));
    assert_eq!(
        (&body["reason"], &body["run"]),
        (&json!("runWantsApproval"), &json!({"id": run, "waitId": "w-1"}))
    );
    assert_eq!(body["text"], "POST to shop.example, password=[redacted]");
    let from = receiver.count();
    agent.say(&json!({"type": "runEnded", "run": run, "outcome": "failed", "error": "sold out"}));
    let body = verified(&hook.secret, &next(&receiver, from, "attention.raised"));
    assert_eq!((&body["reason"], &body["run"]), (&json!("runFailed"), &json!({"id": run})));
}

#[test]
fn what_happened_before_a_kill_is_told_by_the_next_life() {
    let mut server = Server::start(&[("webhooks.offline_after", "2s"), ("webhooks.timeout", "2m")]);
    let mut agent = server.agent("a-1");
    let receiver = receiver();
    receiver.answer("/hook?key=canary-in-url", Reply::Silence);
    let hook = Hook::add(&server, &url(&receiver), &["failed", "offline"]);
    run(&server, "a-1", "exit 3");
    let before = next(&receiver, 0, "command.failed");
    server.kill();
    agent.kill();
    receiver.answer("/hook?key=canary-in-url", super::status("204 No Content"));
    let from = receiver.count();
    server.start_again();
    let after = next(&receiver, from, "command.failed");
    assert_eq!(after.body, before.body);
    assert_eq!(fields(&after)["webhook-id"], fields(&before)["webhook-id"]);
    verified(&hook.secret, &after);
    // It went while nobody was there to see it.
    let body = verified(&hook.secret, &next(&receiver, from, "agent.offline"));
    assert_eq!(body["agent"]["id"], "a-1");
    let newest = hook.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
    assert_eq!((&newest["type"], hook.deliveries(&server).len()), (&json!("agent.offline"), 2));
}

#[test]
fn an_interrupted_command_and_a_blip_are_nothing_to_tell() {
    let server = Server::start(&[("webhooks.offline_after", "1m")]);
    let mut agent = server.agent("a-1");
    let receiver = receiver();
    let hook =
        Hook::add(&server, &url(&receiver), &["attention", "failed", "offline", "completed"]);
    let mut viewer = server.dashboard();
    viewer.send(&request("a-1", "sleep 100"));
    let running = viewer.expect_status("running");
    let interrupt = json!({"commandId": running["commandId"]});
    viewer.send(&json!({"type": "command:interrupt", "payload": interrupt}));
    viewer.expect_status("interrupted");
    agent.kill();
    viewer.expect_that(|message| message["payload"]["status"] == "offline");
    agent.start_again();
    server.wait_until_online("a-1");
    run(&server, "a-1", "true");
    let body = verified(&hook.secret, &next(&receiver, 0, "command.completed"));
    assert_eq!(body["command"]["line"], "true");
    assert_eq!(hook.deliveries(&server).len(), 1, "{:?}", receiver.asked());
    assert!(
        Duration::from_millis(body["command"]["ranForMs"].as_u64().unwrap())
            < Duration::from_secs(60)
    );
}
