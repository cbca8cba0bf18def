//! What waits for a person, told live to the dashboards that asked for it.

use std::cell::RefCell;

use pilothouse_testkit::{
    program::{Server, request},
    terminal::rest,
    viewer::{Upgrade, Viewer},
};

fn dashboard(server: &Server, query: &str) -> Viewer {
    let token = format!("Bearer {}", server.operator());
    let upgrade = Upgrade::to(format!("/ws/dashboard{query}")).with("Authorization", &token);
    let mut viewer = upgrade.send(server.address()).expect("the token is good");
    viewer.expect("agent:list");
    viewer
}

#[test]
fn who_asked_learns_that_something_waits_and_that_somebody_else_dismissed_it() {
    let server = Server::start(&[]);
    let _agent = server.agent("box");
    server.wait_until_online("box");
    let mut asked = dashboard(&server, "?attention=1");
    let mut other = dashboard(&server, "");
    other.send(&request("box", "echo no; exit 3"));
    let raised = asked.expect("attention:changed");
    assert_eq!(
        (&raised["subjectType"], &raised["reason"]),
        (&"command".into(), &"commandFailed".into())
    );
    assert_eq!((&raised["waits"], &raised["agentId"]), (&true.into(), &"box".into()));
    let id = raised["subjectId"].as_str().unwrap();
    let (_, waiting) = rest(&server, "GET", "/api/v1/attention", None);
    assert_eq!(waiting["items"][0]["subjectId"], id);

    let (status, _) = rest(&server, "DELETE", &format!("/api/v1/attention/command/{id}"), None);
    assert_eq!(status, 204);
    let cleared = asked.expect("attention:changed");
    assert_eq!((&cleared["subjectId"], &cleared["waits"]), (&id.into(), &false.into()));
    // Whatever the other one was told before this comes first.
    other.send(&request("box", "true"));
    let was_told = RefCell::new(Vec::new());
    other.expect_that(|message| {
        was_told.borrow_mut().push(message["type"].as_str().unwrap_or_default().to_owned());
        message["payload"]["status"] == "completed"
    });
    let was_told = was_told.into_inner();
    assert!(!was_told.contains(&"attention:changed".to_owned()), "{was_told:?}");
}
