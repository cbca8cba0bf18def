//! What happens to open sockets when somebody's role changes, or when they are removed.

use pilothouse_testkit::{
    program::{Server, request},
    terminal::{Terminal, session, shell},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{add, ask, me, root, sign_in};

struct Bench {
    server: Server,
    _agent: pilothouse_testkit::program::Agent,
    _folder: tempfile::TempDir,
    session: String,
    worker: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[("server.loops", "2")]);
        let agent = server.agent("box");
        let folder = tempfile::tempdir().unwrap();
        let session = session(&server, &folder.path().display().to_string());
        let worker = shell(&server, &session);
        Self { server, _agent: agent, _folder: folder, session, worker }
    }

    fn dashboard(&self, token: &str) -> Viewer {
        let mut viewer = Viewer::dashboard(self.server.address(), token);
        viewer.expect("agent:list");
        viewer
    }

    fn terminal(&self, token: &str) -> Terminal {
        let path = format!("/ws/session/{}/worker/{}?token={token}", self.session, self.worker);
        Terminal::of(Upgrade::to(path).send(self.server.address()).unwrap())
    }

    fn app(&self, token: &str) -> Viewer {
        let path = format!("/ws/app?token={token}");
        Upgrade::to(path).send(self.server.address()).unwrap()
    }

    fn role(&self, user: &str, role: &str) {
        let path = format!("PUT /api/users/{user}/role");
        let answer = ask(&self.server, &path, &root(&self.server), &json!({ "role": role }));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[test]
fn a_role_change_counts_on_open_sockets_with_the_next_key_and_command() {
    let bench = Bench::new();
    let amy = add(&bench.server, "amy", "operator");
    let (token, _) = sign_in(&bench.server, "amy");
    let (mut dashboard, mut terminal) = (bench.dashboard(&token), bench.terminal(&token));
    let mut watcher = bench.terminal(&bench.server.operator());
    terminal.input("echo $((40 + 2))!\r");
    terminal.expect_text("42!");

    bench.role(&amy, "viewer");
    terminal.input("echo $((50 + 3))!\r");
    assert_eq!(terminal.expect("error")["code"], "FORBIDDEN");
    dashboard.send(&request("box", "touch made-by-a-viewer"));
    assert_eq!(dashboard.expect("error")["code"], "FORBIDDEN");
    let made = ask(
        &bench.server,
        "POST /api/sessions",
        &token,
        &json!({ "type": "quick", "locationPath": "/tmp" }),
    );
    assert_eq!(made.status, 403, "{}", made.body);
    watcher.input("echo $((60 + 4))!\r");
    terminal.expect_text("64!");
    assert!(!terminal.text.contains("53!"), "what was typed did not arrive: {}", terminal.text);

    bench.role(&amy, "operator");
    terminal.input("echo $((70 + 5))!\r");
    terminal.expect_text("75!");
    dashboard.send(&request("box", "true"));
    dashboard.expect_that(|message| message["payload"]["status"] == "completed");
}

#[test]
fn viewers_watch_everything_and_send_nothing() {
    let bench = Bench::new();
    add(&bench.server, "ben", "viewer");
    let (token, _) = sign_in(&bench.server, "ben");
    let (mut dashboard, mut terminal) = (bench.dashboard(&token), bench.terminal(&token));
    terminal.input("echo $((50 + 3))!\r");
    assert_eq!(terminal.expect("error")["code"], "FORBIDDEN");
    dashboard.send(&request("box", "true"));
    assert_eq!(dashboard.expect("error")["code"], "FORBIDDEN");
    let link = Upgrade::to(format!("/ws/agent?token={token}")).send(bench.server.address());
    assert_eq!(link.err().map(|(status, _)| status), Some(401));
    let mut watcher = bench.terminal(&bench.server.operator());
    watcher.input("echo $((60 + 4))!\r");
    terminal.expect_text("64!");
}

#[test]
fn whoever_is_removed_is_out_everywhere_at_once_and_for_good() {
    let mut bench = Bench::new();
    let amy = add(&bench.server, "amy", "operator");
    let (token, refresh) = sign_in(&bench.server, "amy");
    let (mut dashboard, mut terminal) = (bench.dashboard(&token), bench.terminal(&token));
    let mut app = bench.app(&token);
    let mut bystander = bench.dashboard(&bench.server.operator());
    let deleted =
        ask(&bench.server, &format!("DELETE /api/users/{amy}"), &root(&bench.server), &Value::Null);
    assert_eq!(deleted.status, 200, "{}", deleted.body);
    assert_eq!(dashboard.expect("error")["code"], "AUTH_FAILED");
    assert_eq!(dashboard.expect_close(), 1008);
    assert_eq!(terminal.expect("error")["code"], "TOKEN_REVOKED");
    assert_eq!(terminal.expect_close(), 4001);
    assert_eq!(app.expect_close(), 4001);
    bystander.send(&request("box", "true"));
    bystander.expect_that(|message| message["payload"]["status"] == "completed");
    for _ in 0..2 {
        assert_eq!(me(&bench.server, &token), 401);
        for door in ["/ws/dashboard", "/ws/app"] {
            let upgrade = Upgrade::to(format!("{door}?token={token}")).send(bench.server.address());
            assert_eq!(upgrade.err().map(|(status, _)| status), Some(401), "{door}");
        }
        let body = json!({ "refreshToken": refresh });
        assert_eq!(ask(&bench.server, "POST /api/auth/refresh", "", &body).status, 401);
        assert_eq!(super::login(&bench.server, "amy", super::PASSWORD).status, 401);
        bench.server.kill_and_restart();
    }
}

#[test]
fn signing_out_closes_the_sockets_of_that_sign_in() {
    let bench = Bench::new();
    add(&bench.server, "amy", "operator");
    let (token, other) = (sign_in(&bench.server, "amy").0, sign_in(&bench.server, "amy").0);
    let (mut first, mut second) = (bench.dashboard(&token), bench.dashboard(&other));
    ask(&bench.server, "POST /api/auth/logout", &token, &Value::Null);
    assert_eq!(first.expect("error")["code"], "AUTH_FAILED");
    assert_eq!(first.expect_close(), 1008);
    second.send(&request("box", "true"));
    second.expect_that(|message| message["payload"]["status"] == "completed");
}
