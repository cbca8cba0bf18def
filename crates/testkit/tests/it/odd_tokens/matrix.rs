//! Each kind of token opens its own doors and no other.

use jsonwebtoken::Algorithm;
use pilothouse_core::Role;
use pilothouse_protocols::ALL;
use pilothouse_server::auth::{Grant, Signer, secret::Secret};
use pilothouse_testkit::viewer::Upgrade;
use serde_json::json;

use super::{
    authenticates_by_message, connects_by_message, rest_status, server,
    signing::{SECRET, issued, issuer, now},
    statuses_at,
};

/// A kind of token, the doors it opens by name, and what the administrators' routes answer.
type Row = (&'static str, String, &'static [&'static str], u16);

/// What sessions' tokens open. At `/ws`, which two protocols share, the first message decides which is meant.
const OF_SESSION: &[&str] =
    &["control_and_stream", "live_pictures_stream", "live_pictures_view", "runs"];

fn rows() -> Vec<Row> {
    let person = |role| Grant::Person { user: "ann".into(), role };
    let session = || "s-1".parse().unwrap();
    let agent = || "a-1".parse().unwrap();
    let signer = Signer::new(&Secret::new(SECRET).unwrap());
    let own = |grant: &Grant| {
        let at = pilothouse_core::time::Timestamp(now() * 1000);
        signer.sign(grant, at, std::time::Duration::from_secs(600))
    };
    let issued = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut claims = issued();
        change(&mut claims);
        issuer(&claims, "RS256", Algorithm::RS256)
    };
    let all: &[_] = &[
        "agent_link",
        "control_and_stream",
        "dashboard",
        "live_pictures_stream",
        "live_pictures_view",
        "runs",
        "sessions_app",
        "sessions_worker",
        "mission_control",
    ];
    let every: &[_] = &[
        "agent_link",
        "control_and_stream",
        "dashboard",
        "live_pictures_stream",
        "live_pictures_view",
        "runs",
        "sessions_app",
        "sessions_worker",
        "mission_control_audit",
        "mission_control",
    ];
    let seen: &[_] = &[
        "control_and_stream",
        "dashboard",
        "live_pictures_view",
        "runs",
        "sessions_app",
        "sessions_worker",
        "mission_control",
    ];
    vec![
        ("an administrator", own(&person(Role::Admin)), every, 200),
        ("an operator", own(&person(Role::Operator)), all, 403),
        ("a viewer", own(&person(Role::Viewer)), seen, 403),
        ("an agent", own(&Grant::Agent(agent())), &["agent_link"], 403),
        (
            "a view",
            own(&Grant::Viewer { user: "ann".into(), session: session() }),
            &["live_pictures_view"],
            403,
        ),
        ("a session", own(&Grant::Session { session: session(), agent: agent() }), OF_SESSION, 403),
        ("an issuer's administrator", issued(&|_| {}), every, 200),
        ("an issuer's user", issued(&|claims| claims["role"] = json!(null)), seen, 403),
        (
            "an issuer's agent",
            issued(&|claims| {
                claims["sub"] = json!("a-1");
                claims["scope"] = json!("agent");
            }),
            &["agent_link"],
            403,
        ),
    ]
}

#[test]
fn each_kind_of_token_opens_its_own_doors_only() {
    let server = server();
    for (kind, token, opens, rest) in rows() {
        for door in ALL {
            // To administrators' doors other people come too low, and everybody else with the wrong token.
            let is_person = opens.contains(&"dashboard");
            let expected = match opens.contains(&door.name) {
                true => 101,
                false if is_person && door.name == "mission_control_audit" => 403,
                false => 401,
            };
            let statuses = statuses_at(&server, door.path, &token);
            assert_eq!(statuses, [expected; 3], "{kind} at {}", door.name);
        }
        assert_eq!(connects_by_message(&server, &token), opens.contains(&"dashboard"), "{kind}");
        // To people only, whatever else opens the path.
        assert_eq!(
            authenticates_by_message(&server, &token),
            opens.contains(&"dashboard"),
            "{kind}"
        );
        assert_eq!(rest_status(&server, &token), rest, "{kind}");
    }
}

#[test]
fn an_agents_token_links_that_agent_only() {
    let server = server();
    let token = &rows().into_iter().find(|(kind, ..)| *kind == "an agent").unwrap().1;
    for (agent, said) in [("a-2", "refused"), ("a-1", "welcome")] {
        let upgrade = Upgrade::to(format!("/ws/agent?token={token}"));
        let mut link = upgrade.send(server.address()).unwrap();
        link.send(&json!({"type": "hello", "version": 1, "agent": agent, "incarnation": "i-1",
                          "profile": {"agentType": "shell"}}));
        let first: serde_json::Value = serde_json::from_str(&link.text()).unwrap();
        assert_eq!(first["type"], said, "{agent}: {first}");
    }
}
