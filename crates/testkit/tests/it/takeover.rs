//! Who steers a browser, through a real server: at its door for viewers, over the agent's link, and in the audit.

use std::time::Instant;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    http,
    program::{PATIENCE, Server},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A server, an agent, and a session whose browser it says it runs.
struct Front {
    server: Server,
    agent: FakeAgent,
    session: String,
}

fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

impl Front {
    fn with(settings: &[(&str, &str)]) -> Self {
        let server = Server::start(settings);
        let agent = FakeAgent::link(&server, "a-1", Manner::default());
        let body = json!({"type": "quick", "locationPath": server.folder(), "agentId": "a-1"});
        let made =
            http::send_json(server.address(), "POST /api/sessions", &server.operator(), &body);
        let session = made.json()["session"]["id"].as_str().expect("a session").to_owned();
        agent.say(&json!({
            "type": "browser", "session": session, "state": "open", "url": "about:blank", "title": "",
            "tabs": [], "viewport": {"width": 1280, "height": 720},
        }));
        Self { server, agent, session }
    }

    fn watches(&self, token: &str) -> Viewer {
        let target = format!("/ws/view/{}?token={token}&events=1", self.session);
        let mut viewer = Upgrade::to(target).send(self.server.address()).unwrap();
        viewer.expect("control");
        viewer
    }

    fn comes(&self, user: &str, role: Role) -> Viewer {
        self.watches(&self.server.token(&person(user, role)))
    }

    /// Somebody who steers. The agent's browser may not be known yet, so it is asked for until it is granted.
    fn steers(&self, user: &str) -> Viewer {
        let mut viewer = self.comes(user, Role::Operator);
        loop {
            viewer.send(&json!({"type": "control", "action": "request"}));
            let answer = viewer.expect_that(|it| it["type"] == "control" || it["type"] == "error");
            if answer["you"] == json!(true) {
                self.expect_held(true);
                return viewer;
            }
            // Until the agent's word of its browser has come.
            assert_ne!(answer["code"], "FORBIDDEN", "{answer}");
        }
    }

    fn expect_held(&self, held: bool) -> Value {
        let told = self.agent.expect("browserHeld");
        assert_eq!(told["held"], json!(held), "{told}");
        told
    }

    /// What of steering the audit has, oldest first: who did what.
    fn audit(&self) -> Vec<String> {
        let token = self.server.token(&person("root", Role::Admin));
        let bearer = format!("Bearer {token}");
        let request = "GET /api/v1/audit?limit=100";
        let answer =
            http::send(self.server.address(), request, &[("Authorization", &bearer)]).json();
        let records = answer["records"].as_array().cloned().unwrap_or_else(|| panic!("{answer}"));
        let mut words: Vec<_> = records
            .iter()
            .filter(|record| record["action"].as_str().unwrap().starts_with("control."))
            .map(|record| {
                format!(
                    "{} {}",
                    record["userId"].as_str().unwrap(),
                    record["action"].as_str().unwrap()
                )
            })
            .collect();
        words.reverse();
        words
    }

    /// The same as soon as it ends with these: what is told and what is recorded are stored one after the other.
    fn audit_with(&self, last: &[&str]) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let audit = self.audit();
            if audit.iter().map(String::as_str).collect::<Vec<_>>().ends_with(last) {
                return audit;
            }
            assert!(Instant::now() < deadline, "{audit:?}");
        }
    }
}

fn asks(viewer: &mut Viewer, action: &str) {
    viewer.send(&json!({"type": "control", "action": action}));
}

fn click(x: u32) -> Value {
    json!({"type": "input_mouse", "eventType": "mousePressed", "x": x, "y": 1, "button": "left", "seq": 3})
}

fn holder(viewer: &mut Viewer, name: Option<&str>) -> Value {
    let wanted = name.map_or(Value::Null, Value::from);
    viewer.expect_that(|it| it["type"] == "control" && it["holder"]["name"] == wanted)
}

#[test]
fn one_person_steers_and_the_next_is_handed_it() {
    let front = Front::with(&[]);
    let mut ann = front.steers("ann");
    let mut ben = front.comes("ben", Role::Operator);
    ben.send(&click(1));
    assert_eq!(ben.expect_that(|it| it["type"] == "error")["code"], "NOT_IN_CONTROL");
    ann.send(&click(2));
    let input = front.agent.expect("browserInput");
    assert_eq!((&input["inputs"][0]["x"], &input["inputs"][0]["seq"]), (&json!(2.0), &json!(3)));
    asks(&mut ben, "request");
    let asked = ann.expect_that(|it| it["waiting"][0]["name"] == "ben");
    ann.send(&json!({"type": "control", "action": "grant", "id": asked["waiting"][0]["id"]}));
    let mine = holder(&mut ben, Some("ben"));
    assert_eq!(mine["you"], json!(true));
    let epoch = mine["epoch"].as_u64().unwrap();
    assert_eq!(Some(epoch), front.expect_held(true)["epoch"].as_u64());
    assert_eq!(epoch, asked["epoch"].as_u64().unwrap() + 1);
    ann.send(&click(3));
    assert_eq!(ann.expect_that(|it| it["type"] == "error")["code"], "NOT_IN_CONTROL");
    ben.send(&click(4));
    assert_eq!(front.agent.expect("browserInput")["inputs"][0]["x"], json!(4.0));
    front.agent.say(&json!({"type": "browserClipboard", "session": front.session, "epoch": epoch, "text": "words"}));
    assert_eq!(ben.expect_that(|it| it["type"] == "clipboard")["text"], "words");
    // Whoever only watches learns who steers, and may not ask for it.
    let mut vera = front.comes("vera", Role::Viewer);
    asks(&mut vera, "request");
    assert_eq!(vera.expect_that(|it| it["type"] == "error")["code"], "FORBIDDEN");
    asks(&mut ben, "take");
    assert_eq!(ben.expect_that(|it| it["type"] == "error")["code"], "FORBIDDEN");
    let mut root = front.comes("root", Role::Admin);
    asks(&mut root, "take");
    holder(&mut ben, Some("root"));
    asks(&mut root, "release");
    holder(&mut ben, None);
    front.expect_held(true);
    front.expect_held(false);
    let expected = [
        "ann control.request",
        "system control.grant",
        "ben control.request",
        "ann control.grant",
        "vera control.request",
        "ben control.take",
        "root control.take",
        "root control.release",
    ];
    let mut audit = front.audit_with(&["root control.release"]);
    // The grant and the request that led to it are of one moment.
    audit.retain(|word| word != "system control.grant");
    assert_eq!(
        audit,
        expected.iter().filter(|word| !word.starts_with("system")).copied().collect::<Vec<_>>()
    );
}

#[test]
fn whoever_watches_hears_of_the_browser_first_of_all_and_when_it_changes() {
    let front = Front::with(&[]);
    let browser = |tabs: Value, incident: Option<&str>| {
        json!({
            "type": "browser", "session": front.session, "state": "open", "url": "https://shop.example/",
            "title": "Shop", "tabs": tabs, "viewport": {"width": 1024, "height": 768}, "incident": incident,
        })
    };
    let tab = |id: &str, active| json!({"id": id, "title": "Shop", "url": "https://shop.example/", "active": active});
    let mut early = front.comes("ann", Role::Viewer);
    front.agent.say(&browser(json!([tab("t1", true)]), None));
    early.expect_that(|it| it["type"] == "tabs" && it["tabs"] == json!([tab("t1", true)]));
    let target = format!("/ws/view/{}?token={}&events=1", front.session, front.server.operator());
    let mut late = Upgrade::to(target).send(front.server.address()).unwrap();
    // `control` comes by another way; of the rest this is the order.
    let mut told = || late.expect_that(|it| it["type"] != "control");
    let status = told();
    assert_eq!(
        (&status["type"], &status["url"]),
        (&json!("status"), &json!("https://shop.example/"))
    );
    assert_eq!(status["title"], "Shop");
    assert_eq!(
        (&status["viewportWidth"], &status["viewportHeight"]),
        (&json!(1024.0), &json!(768.0))
    );
    assert_eq!(told(), json!({"type": "tabs", "tabs": [tab("t1", true)]}));
    assert_eq!(told()["type"], "watchers");
    front.agent.say(&browser(json!([tab("t1", false), tab("t2", true)]), None));
    let both = json!([tab("t1", false), tab("t2", true)]);
    assert_eq!(late.expect_that(|it| it["type"] == "tabs")["tabs"], both);
    let mut failed = browser(both, Some("the program crashed too often"));
    failed["state"] = json!("failed");
    front.agent.say(&failed);
    late.expect_that(|it| {
        it["type"] == "status" && it["reason"] == "the program crashed too often"
    });
    front.agent.say(&json!({"type": "browserGone", "session": front.session}));
    assert_eq!(
        late.expect_that(|it| it["type"] == "tabs")["tabs"],
        json!([]),
        "nor are they told again while they stay"
    );
}

#[test]
fn programs_learn_who_steers_a_browser() {
    let front = Front::with(&[]);
    let ask = |path: &str| {
        let bearer = format!("Bearer {}", front.server.operator());
        let headers = [("Authorization", bearer.as_str())];
        http::send(front.server.address(), &format!("GET /api/v1/{path}"), &headers).json()
    };
    let of_session = format!("sessions/{}/browser", front.session);
    let mut ann = front.steers("ann");
    let steered = ask(&of_session)["browser"]["control"].clone();
    assert_eq!(steered["holder"], json!({"name": "ann", "user": "ann"}));
    assert!(steered["epoch"].as_u64() > Some(0) && steered["until"].is_string(), "{steered}");
    let all = ask("browsers");
    assert_eq!(all["browsers"][0]["control"], steered, "{all}");
    assert_eq!(all["browsers"][0]["watchers"], json!(1));
    assert_eq!(all["browsers"][0]["live"], json!(false));
    asks(&mut ann, "release");
    front.expect_held(false);
    let free = ask(&of_session)["browser"]["control"].clone();
    assert_eq!((&free["holder"], &free["until"]), (&Value::Null, &Value::Null), "{free}");
}

#[test]
fn whoever_closes_has_left_and_whoever_is_cut_off_may_come_back() {
    let front = Front::with(&[("control.grace", "1s")]);
    let mut other = front.comes("ben", Role::Operator);
    for code in [1000u16, 1001] {
        let mut ann = front.steers("ann");
        holder(&mut other, Some("ann"));
        ann.send_raw(pilothouse_websocket::frame::Opcode::Close, &code.to_be_bytes());
        assert_eq!(ann.expect_close(), code);
        holder(&mut other, None);
        front.expect_held(false);
    }
    let ann = front.steers("ann");
    holder(&mut other, Some("ann"));
    drop(ann);
    let away = other.expect_that(|it| it["holder"]["away"] == json!(true));
    let mut ann = front.comes("ann", Role::Operator);
    let back = other.expect_that(|it| it["type"] == "control" && it["holder"]["away"].is_null());
    assert_eq!(back["epoch"], away["epoch"]);
    ann.send(&click(5));
    assert_eq!(front.agent.expect("browserInput")["inputs"][0]["x"], json!(5.0));
    drop(ann);
    other.expect_that(|it| it["holder"]["away"] == json!(true));
    holder(&mut other, None);
    front.audit_with(&["system control.expire"]);
}

#[test]
fn an_idle_holder_is_warned_and_then_steers_no_longer() {
    let settings = [
        ("control.idle", "1s"),
        ("control.warning", "600ms"),
        ("control.request_timeout", "300ms"),
    ];
    let front = Front::with(&settings);
    let mut ann = front.steers("ann");
    let mut ben = front.comes("ben", Role::Operator);
    asks(&mut ben, "request");
    ben.expect_that(|it| it["asked"] == json!(true));
    ben.expect_that(|it| it["type"] == "control" && it["asked"] == json!(false));
    ann.expect_that(|it| it["warning"] == json!(true));
    holder(&mut ann, None);
    front.expect_held(false);
    front.audit_with(&["system control.decline", "system control.expire"]);
}

#[test]
fn a_revoked_token_and_a_deleted_session_end_it_at_once() {
    let front = Front::with(&[("control.grace", "10m")]);
    let token = front.server.token(&person("ann", Role::Operator));
    let mut other = front.comes("ben", Role::Operator);
    let mut ann = front.watches(&token);
    loop {
        asks(&mut ann, "request");
        let answer = ann.expect_that(|it| it["type"] == "control" || it["type"] == "error");
        if answer["you"] == json!(true) {
            break;
        }
    }
    holder(&mut other, Some("ann"));
    let root = front.server.token(&person("root", Role::Admin));
    let bearer = format!("Bearer {root}");
    let revoke = format!("DELETE /api/v1/credentials/{}", super::revocation::sha256(&token));
    let revoked = http::send(front.server.address(), &revoke, &[("Authorization", &bearer)]);
    assert_eq!(revoked.json(), json!({"closed": 1}));
    holder(&mut other, None);
    asks(&mut other, "request");
    holder(&mut other, Some("ben"));
    let gone = format!("DELETE /api/sessions/{}", front.session);
    http::send(front.server.address(), &gone, &[("Authorization", &bearer)]);
    holder(&mut other, None);
    front.audit_with(&["system control.expire"]);
}

#[test]
fn a_click_behind_a_flood_of_moves_reaches_the_agent_soon() {
    let front = Front::with(&[("limits.messages_per_second", "100")]);
    let mut ann = front.steers("ann");
    let began = std::time::Instant::now();
    for x in 0..3_000 {
        ann.send(&json!({"type": "input_mouse", "eventType": "mouseMoved", "x": x % 1000, "y": 1}));
    }
    ann.send(&click(7));
    let mut sent = 0;
    loop {
        let message = front.agent.expect("browserInput");
        let inputs = message["inputs"].as_array().unwrap();
        sent += inputs.len();
        front.agent.say(&json!({
            "type": "browserTook", "session": front.session, "epoch": message["epoch"], "inputs": inputs.len(),
        }));
        if inputs.iter().any(|input| input["eventType"] == "mousePressed") {
            break;
        }
    }
    eprintln!(
        "a click behind 3,000 moves took {:?}; {sent} inputs reached the agent",
        began.elapsed()
    );
    assert!(began.elapsed() < PATIENCE);
}
