//! What a real page wants to send, held back in a real Chromium until somebody decides, and told at every door.

use pilothouse_core::Role;
use pilothouse_testkit::viewer::{Upgrade, Viewer};
use serde_json::{Value, json};

use super::{Front, Model, browsers_in};

impl Front {
    /// A run that may open pages of the shop, and send nothing without leave.
    fn make_guarded(&self, mut body: Value) -> String {
        body["approval"] = json!(true);
        body["allowedHosts"] = json!([self.shop.host()]);
        self.make(&body)
    }

    fn decide(&self, run: &str, decision: &Value) -> u16 {
        let route = format!("POST /api/runs/{run}/decision");
        self.ask_as("bob", Role::Operator, &route, decision).status
    }

    /// Connects somebody who shows an operator's token.
    fn visits(&self, door: &str) -> Viewer {
        let token = format!("Bearer {}", self.server.operator());
        let upgrade = Upgrade::to(door).with("Authorization", &token);
        upgrade.send(self.server.address()).expect("the token is good")
    }
}

#[test]
fn a_page_sends_nothing_until_somebody_at_any_door_has_seen_and_granted_it() {
    let front = Front::start();
    let mut dashboard = front.visits("/ws/dashboard?attention=1");
    dashboard.expect("agent:list");
    let mut plane = front.visits("/ws");
    let token = front.server.operator();
    plane.send(&json!({"type": "AUTHENTICATE", "sessionToken": token, "agentId": "a-1"}));
    plane.send(&json!({"type": "SUBSCRIBE", "subscriptionType": "AGENT", "targetId": "a-1"}));
    plane.expect_that(|it| it["type"] == "SUBSCRIBED");
    let run = front.make_guarded(json!({"script": front.shop.script("Ann")}));
    let mut client = front.visits("/ws");
    client.send(&json!({"type": "start_agent", "runId": run, "extended": true}));

    let raised = dashboard.expect("attention:changed");
    assert_eq!(
        (&raised["subjectType"], &raised["subjectId"], &raised["waits"]),
        (&json!("run"), &json!(run), &json!(true))
    );
    assert_eq!(
        (&raised["reason"], &raised["agentId"]),
        (&json!("runWantsApproval"), &json!("a-1"))
    );
    let url = front.shop.url("orders");
    let said = format!("POST {url} (form, 1 field: name)");
    assert_eq!(raised["text"], said);
    let told = client.expect_that(|it| it["type"] == "run_status" && it["waiting"].is_object());
    let waiting = &told["waiting"];
    assert_eq!((&waiting["kind"], &waiting["text"]), (&json!("approval"), &json!(said)));
    assert_eq!(waiting["request"], json!({"method": "POST", "url": url}));
    let task = plane.expect_that(|it| {
        it["type"] == "TASK_STATUS" && it["taskId"] == *run && it["metadata"]["waiting"].is_object()
    });
    assert_eq!(task["status"], "PROCESSING");
    assert_eq!(task["metadata"]["waiting"]["waitId"], waiting["id"]);
    let item = front.ask("GET /api/v1/attention", &Value::Null).json()["items"][0].clone();
    assert_eq!((&item["subjectId"], &item["answer"]), (&json!(run), &json!("decide")));
    let shown = front.waits(&run);
    assert_eq!(
        (&shown["id"], &shown["method"], &shown["url"]),
        (&waiting["id"], &json!("POST"), &json!(url))
    );
    front.server.wait_for_metric("pilothouse_runs_asking", 1);

    // Whoever may only look cannot grant it.
    let granted = json!({"waitId": waiting["id"], "granted": true, "reason": "we are out of tea"});
    let route = format!("POST /api/runs/{run}/decision");
    assert_eq!(front.ask_as("eve", Role::Viewer, &route, &granted).status, 403);
    assert_eq!(front.shop.orders(), [""; 0], "nothing was sent yet");
    assert_eq!(front.decide(&run, &granted), 200);
    front.shop.expect("POST /orders");
    dashboard.expect_that(|it| {
        it["type"] == "attention:changed"
            && it["payload"]["subjectId"] == *run
            && it["payload"]["waits"] == json!(false)
    });
    client.expect_that(|it| it["type"] == "run_status" && it["waiting"].is_null());
    let over = client.expect_that(|it| it["type"] == "completion");
    assert_eq!(over["status"], "success", "{over}");
    assert_eq!(front.shop.orders(), ["name=Ann"], "as it was, and once");
    let records = front
        .ask_as("root", Role::Admin, "GET /api/audit-logs?action=run.decide", &Value::Null)
        .body;
    assert!(records.contains("\"bob\"") && records.contains("we are out of tea"), "{records}");
    assert!(records.contains("\"eve\""), "{records}");
}

#[test]
fn what_is_denied_is_never_sent_and_the_run_hears_why() {
    let front = Front::start();
    let Value::Array(mut script) = front.shop.script("Ann") else { unreachable!("it is a list") };
    script.truncate(4);
    let run = front.make_guarded(json!({"script": script}));
    let waits = front.waits(&run);
    let denied = json!({"waitId": waits["id"], "granted": false, "reason": "we have enough tea"});
    assert_eq!(front.decide(&run, &denied), 200);
    assert_eq!(front.decide(&run, &denied), 200, "the same again");
    let granted = json!({"waitId": waits["id"], "granted": true});
    assert_eq!(front.decide(&run, &granted), 409);
    let told = front.over(&run);
    // What a script looks for next is its own affair; what did not go out is told with the step that wanted it.
    assert_eq!(told["run"]["status"], "COMPLETED", "{told}");
    let url = front.shop.url("orders");
    let why = format!("POST {url} (form, 1 field: name) was denied: we have enough tea");
    let step = told["steps"][3]["explanation"].as_str().unwrap();
    assert_eq!(step, format!("click button \"Order\" — {why}"));
    assert_eq!(front.shop.orders(), [""; 0]);
    assert_eq!(told["run"].get("waiting"), None);
    front.wait_until_clean();
}

#[test]
fn a_page_that_is_denied_fails_the_action_that_goes_there() {
    let front = Front::start();
    let script = json!([{"type": "navigate", "url": front.shop.url("")}]);
    let body = json!({"script": script, "approval": true, "allowedHosts": ["elsewhere.test"]});
    let run = front.make(&body);
    let waits = front.waits(&run);
    let denied = json!({"waitId": waits["id"], "granted": false, "reason": "not there"});
    assert_eq!(front.decide(&run, &denied), 200);
    let told = front.over(&run);
    assert_eq!(told["run"]["status"], "FAILED", "{told}");
    let error = told["run"]["error"].as_str().unwrap();
    assert!(error.starts_with("action 1 (") && error.ends_with("was denied: not there"), "{error}");
}

#[test]
fn a_model_that_is_denied_something_is_told_why_and_ends() {
    let front = Front::deciding(|shop| Model::that_orders(shop.url("")));
    let run = front.make_guarded(json!({"task": "Order green tea for Ann"}));
    let waits = front.waits(&run);
    let denied = json!({"waitId": waits["id"], "granted": false, "reason": "we have enough tea"});
    assert_eq!(front.decide(&run, &denied), 200);
    let told = front.over(&run);
    assert_eq!(
        (&told["run"]["status"], &told["run"]["answer"]),
        (&json!("COMPLETED"), &json!("I was not allowed to order.")),
        "{told}"
    );
    let asked = front.model.as_ref().unwrap().heard();
    let last = asked.last().unwrap().to_string();
    assert!(last.contains("was denied: we have enough tea"), "{last}");
    assert_eq!(front.shop.orders(), [""; 0]);
}

#[test]
fn leave_for_a_host_holds_for_the_run_and_for_no_other() {
    let front = Front::start();
    let Value::Array(script) = front.shop.script("Ann") else { unreachable!("it is a list") };
    let once = &script[..5];
    let twice = [once, once].concat();
    let run = front.make_guarded(json!({"script": twice}));
    let waits = front.waits(&run);
    let always = json!({"waitId": waits["id"], "granted": true, "always": true});
    assert_eq!(front.decide(&run, &always), 200);
    assert_eq!(front.over(&run)["run"]["status"], "COMPLETED");
    assert_eq!(front.shop.orders().len(), 2);
    let next = front.make_guarded(json!({"script": front.shop.script("Ben")}));
    front.waits(&next);
    assert_eq!(front.shop.orders().len(), 2);
    assert_eq!(front.ask(&format!("POST /api/runs/{next}/cancel"), &json!({})).status, 200);
    assert_eq!(front.over(&next)["run"]["status"], "CANCELLED");
    assert_eq!(front.shop.orders().len(), 2);
    front.wait_until_clean();
}

#[test]
fn a_page_of_another_host_waits_and_a_killed_server_forgets_no_question() {
    let mut front = Front::start();
    let script = json!([{"type": "navigate", "url": front.shop.url("")}]);
    let body = json!({"script": script, "approval": true, "allowedHosts": ["elsewhere.test"]});
    let run = front.make(&body);
    let before = front.waits(&run);
    assert_eq!((&before["method"], &before["url"]), (&json!("GET"), &json!(front.shop.url(""))));
    front.server.kill_and_restart();
    front.server.wait_until_online("a-1");
    let after = front.waits(&run);
    assert_eq!((&after["id"], &after["text"]), (&before["id"], &before["text"]));
    assert!(browsers_in(&front.agent) > 0);
    let granted = json!({"waitId": after["id"], "granted": true});
    assert_eq!(front.decide(&run, &granted), 200);
    front.shop.expect("GET /");
    assert_eq!(front.over(&run)["run"]["status"], "COMPLETED");
}

#[test]
fn what_nobody_decides_in_time_is_never_sent() {
    let front = Front::start_with(&[], &[("PILOTHOUSE_APPROVAL_TIMEOUT", "3s")]);
    let Value::Array(mut script) = front.shop.script("Ann") else { unreachable!("it is a list") };
    script.truncate(4);
    let run = front.make_guarded(json!({"script": script}));
    let waits = front.waits(&run);
    assert!(waits["until"].as_str() > waits["since"].as_str(), "{waits}");
    let told = front.over(&run);
    let step = told["steps"][3]["explanation"].as_str().unwrap();
    assert!(step.ends_with(" was denied: nobody answered in time"), "{step}");
    assert_eq!(front.shop.orders(), [""; 0]);
    let late = json!({"waitId": waits["id"], "granted": true});
    assert_eq!(front.decide(&run, &late), 409);
    let items = front.ask("GET /api/v1/attention", &Value::Null).json()["items"].clone();
    assert_eq!(items, json!([]), "nobody is asked any more");
    assert_eq!(front.shop.orders(), [""; 0]);
    front.wait_until_clean();
}
