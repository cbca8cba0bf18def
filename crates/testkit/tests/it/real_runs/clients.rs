//! The client of the protocol's own document, told what a real browser does.

use base64::Engine as _;
use pilothouse_testkit::{
    node::NodeProgram,
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{Front, completion, kinds, numbers, stored};

/// The width and height in the head of a JPEG.
fn size(jpeg: &[u8]) -> Option<(u16, u16)> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, kind, high, low, ..] = *rest else { return None };
        if let (0xc0..=0xc2, Some([h, l, v, w])) = (kind, rest.get(5..9)) {
            return Some((u16::from_be_bytes([*v, *w]), u16::from_be_bytes([*h, *l])));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}

/// Whether these are steps as the document has them, each with a picture of a page.
fn check_steps(client: &NodeProgram, run: &str) {
    let steps = client.seen.iter().filter(|line| line["what"] == "step_update");
    for step in steps.map(|line| &line["message"]) {
        let picture = step["screenshot"].as_str().unwrap();
        let picture = base64::engine::general_purpose::STANDARD.decode(picture).unwrap();
        let (width, height) = size(&picture).expect("a JPEG");
        assert!(width >= 800 && height >= 500, "{width}×{height}");
        assert!(step["action"]["type"].is_string(), "{}", step["action"]);
        assert!(!step["explanation"].as_str().unwrap().is_empty());
        assert_eq!(step["runId"], *run);
    }
}

fn complaints(client: &NodeProgram) -> usize {
    client.seen.iter().filter(|line| line["what"] == "error").count()
}

#[test]
fn a_script_in_a_real_browser_ends_in_completion() {
    let front = Front::start();
    let run = front.make(&json!({"script": front.shop.script("Ann")}));
    let mut client = front.client(&run);
    let over = completion(&mut client);
    assert_eq!((&over["status"], &over["runId"]), (&json!("success"), &json!(run)), "{over}");
    assert_eq!(over["finalAnswer"], "ordered for Ann");
    assert_eq!(over.get("error"), None);
    assert_eq!(kinds(&over["commands"]), ["navigate", "click", "type", "click", "wait"]);
    assert_eq!(numbers(&client), [1, 2, 3, 4, 5, 6]);
    check_steps(&client, &run);
    assert_eq!(complaints(&client), 0);
    assert_eq!(front.shop.orders(), ["name=Ann"]);
    assert!(client.finish());
    // Told again when it is long over, and by REST.
    let mut late = front.client(&run);
    assert_eq!(completion(&mut late), over);
    assert_eq!(numbers(&late), [1, 2, 3, 4, 5, 6]);
    assert_eq!(stored(&front.told(&run)), [1, 2, 3, 4, 5, 6]);
    front.wait_until_clean();
}

#[test]
fn a_run_that_fails_says_at_which_action_and_why() {
    let front = Front::start();
    let Value::Array(mut script) = front.shop.script("Ann") else { unreachable!("it is a list") };
    script[3] = json!({"type": "click", "role": "button", "name": "Order at once"});
    let run = front.make(&json!({"script": script}));
    let mut client = front.client(&run);
    let over = completion(&mut client);
    assert_eq!(over["status"], "failed", "{over}");
    let error = over["error"].as_str().unwrap();
    assert!(error.starts_with("action 4 (click button \"Order at once\"): "), "{error}");
    assert_eq!(numbers(&client), [1, 2, 3, 4]);
    check_steps(&client, &run);
    assert_eq!(front.shop.orders(), [""; 0]);
    let told = front.told(&run);
    assert_eq!((&told["run"]["status"], &told["run"]["error"]), (&json!("FAILED"), &over["error"]));
    let waits = front.ask("GET /api/v1/attention", &Value::Null).json()["items"][0].clone();
    assert_eq!((&waits["reason"], &waits["subjectId"]), (&json!("runFailed"), &json!(run)));
    front.wait_until_clean();
}

#[test]
fn a_run_that_nobody_made_is_an_error_and_the_client_may_ask_for_another() {
    let front = Front::start();
    let mut client = front.client("run-123");
    let error = client.expect("error")["message"].clone();
    assert_eq!(error["error"], "Failed to start agent", "{error}");
    assert_eq!(error["runId"], "run-123");
    assert!(client.finish(), "the connection is open still");
}

#[test]
fn a_second_client_in_the_middle_is_told_all_and_nobody_has_to_stay() {
    let front = Front::start();
    let run = front.make(&json!({"script": front.shop.script_through_the_gate("Ann")}));
    let mut starter = front.client(&run);
    starter.expect("step_update");
    front.shop.expect("GET /gate");
    let mut second = front.client(&run);
    second.expect("step_update");
    // Whoever started it leaves without a word, and so does the other one: nobody watches.
    drop(starter);
    drop(second);
    front.shop.open_gate();
    front.shop.expect("POST /orders");
    let mut third = front.client(&run);
    assert_eq!(completion(&mut third)["status"], "success");
    assert_eq!(numbers(&third), [1, 2, 3, 4, 5, 6, 7]);
    check_steps(&third, &run);
    assert_eq!(front.shop.orders(), ["name=Ann"]);
}

/// A client that says more than the document's: it is told how the run stands.
fn extended(server: &Server, run: &str) -> Viewer {
    let mut viewer = Upgrade::to("/ws").send(server.address()).unwrap();
    viewer.send(&json!({"type": "authenticate", "token": server.operator()}));
    viewer.send(&json!({"type": "start_agent", "runId": run, "extended": true}));
    viewer
}

#[test]
fn a_question_is_answered_a_run_held_and_cancelled_on_the_socket() {
    let front = Front::start();
    let script = json!([
        {"type": "navigate", "url": front.shop.url("")},
        {"type": "ask", "question": "Which tea is it to be?"},
        {"type": "navigate", "url": front.shop.url("gate")},
        {"type": "done"},
    ]);
    let run = front.make(&json!({"script": script}));
    let mut client = extended(&front.server, &run);
    let asked = client.expect_that(|it| it["type"] == "run_status" && it["waiting"].is_object());
    let waiting = &asked["waiting"];
    assert_eq!(
        (&waiting["kind"], &waiting["text"]),
        (&json!("question"), &json!("Which tea is it to be?"))
    );
    client.send(&json!({"type": "pause_run", "runId": run}));
    client.expect_that(|it| it["type"] == "run_status" && it["paused"] == json!(true));
    let reply = json!({"type": "reply", "runId": run, "wait": waiting["id"], "text": "green"});
    client.send(&reply);
    client.expect_that(|it| it["type"] == "run_status" && it["waiting"].is_null());
    client.send(&json!({"type": "resume_run", "runId": run}));
    client.expect_that(|it| it["type"] == "run_status" && it["paused"] == json!(false));
    front.shop.expect("GET /gate");
    client.send(&json!({"type": "cancel_run", "runId": run}));
    let over = client.expect_that(|it| it["type"] == "completion");
    assert_eq!(over["status"], "failed", "the document knows no other end: {over}");
    assert_eq!(front.told(&run)["run"]["status"], "CANCELLED");
    front.wait_until_clean();
}
