//! What agents' machines have left, as REST tells it.

use pilothouse_testkit::{
    processes::tagged,
    program::Server,
    terminal::{rest, session, shell},
    waiting::wait_until,
};
use serde_json::{Value, json};

fn agent(server: &Server, id: &str) -> Value {
    let (status, answer) = rest(server, "GET", &format!("/api/v1/agents/{id}"), None);
    assert_eq!(status, 200, "{answer}");
    answer
}

fn series(server: &Server, id: &str) -> Vec<Value> {
    let path = format!("/api/v1/agents/{id}/resources");
    let (status, answer) = rest(server, "GET", &path, None);
    assert_eq!(status, 200, "{answer}");
    answer["resources"].as_array().unwrap().clone()
}

#[test]
fn an_agent_tells_what_its_machine_has_left_and_what_runs_takes_of_it() {
    let server = Server::start(&[("resources.interval", "1s")]);
    let mut box_agent = server.agent("box");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let busy = format!("while :; do : busy-{}; done", std::process::id());
    let line = json!({ "agentId": "box", "command": busy });
    let (status, command) = rest(&server, "POST", "/api/v1/commands", Some(&line));
    assert_eq!(status, 201, "{command}");
    let taken_by = |field: &str, id: &Value| {
        let found = agent(&server, "box")["resources"]["processes"].clone();
        let all = found.as_array().cloned().unwrap_or_default();
        all.into_iter().find(|taken| taken[field] == *id)
    };
    wait_until("the command is seen to take something", || {
        taken_by("commandId", &command["id"]).is_some_and(|it| it["cpu"].as_f64() > Some(0.0))
    });
    wait_until("the shell is seen", || taken_by("workerId", &json!(worker)).is_some());
    let told = agent(&server, "box")["resources"].clone();
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64).unwrap_or_default();
    assert!((0.0..=100.0).contains(&number("/cpu")) && number("/processors") >= 1.0, "{told}");
    assert!(number("/memory/used") > 0.0 && number("/memory/used") < number("/memory/total"));
    assert!(number("/disk/used") > 0.0 && number("/disk/used") < number("/disk/total"));
    assert_eq!((&told["commands"], &told["workers"]), (&json!(1), &json!(1)));

    wait_until("there is a curve", || series(&server, "box").len() >= 3);
    let curve = series(&server, "box");
    let moments: Vec<_> = curve.iter().map(|it| it["at"].as_str().unwrap().to_owned()).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    assert!(curve[0].get("processes").is_none(), "{}", curve[0]);
    let (_, list) = rest(&server, "GET", "/api/v1/agents", None);
    assert!(list["agents"][0]["resources"]["cpu"].is_number(), "{list}");
    assert!(list["agents"][0]["resources"].get("processes").is_none());

    box_agent.kill();
    // Its folder goes with this test, and nobody else knows of what it ran.
    wait_until("its witness has ended what it ran", || tagged(&busy).is_empty());
    wait_until("it is away", || agent(&server, "box")["status"] == "offline");
    let last = agent(&server, "box")["resources"]["at"].clone();
    assert!(last.as_str() >= Some(moments.last().unwrap()), "what it told last is kept");
    let (_, audit) = rest(&server, "GET", "/api/v1/agents/nobody/resources", None);
    assert_eq!(audit["status"], 404);
}

#[test]
fn agents_are_not_asked_where_that_is_turned_off() {
    let server = Server::start(&[("resources.interval", "0s")]);
    let _agent = server.agent("box");
    let line = json!({ "agentId": "box", "command": "sleep 2" });
    let (_, command) = rest(&server, "POST", "/api/v1/commands", Some(&line));
    let path = format!("/api/v1/commands/{}", command["id"].as_str().unwrap());
    wait_until("it has ended, later than a first report would come", || {
        rest(&server, "GET", &path, None).1["status"] == "completed"
    });
    assert!(agent(&server, "box").get("resources").is_none());
    assert_eq!(series(&server, "box"), Vec::<Value>::new());
}
