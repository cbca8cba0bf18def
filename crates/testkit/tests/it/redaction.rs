//! Nothing that is secret is told: not in logs at the highest level, not in answers, not in the database,
//! not in the list of processes, and not to commands.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pilothouse_core::{Role, time::Timestamp};
use pilothouse_server::auth::{Grant, Signer, secret::Secret};
use pilothouse_testkit::{
    http,
    postgres::Postgres,
    program::{self, PATIENCE, request},
    viewer::{Received, Upgrade, Viewer},
};
use pilothouse_websocket::frame::Opcode;
use serde_json::json;
use tempfile::TempDir;

const SECRET: &str = "canary-secret-0123456789-0123456789";
const PASSWORD: &str = "canary-password";

/// A server or an agent whose log is in a file. Killed when dropped.
struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    fn start(folder: &Path, name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).unwrap();
        let child = Command::new(program::program())
            .args(["--log", "trace"])
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until something is in the log, and returns the rest of that line.
    fn said_after(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if let Some((_, rest)) = said.split_once(words) {
                return rest.lines().next().unwrap_or_default().to_owned();
            }
            assert!(Instant::now() < deadline, "`{words}` was not said: {said}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn process_file(&self, name: &str) -> String {
        let bytes = fs::read(format!("/proc/{}/{name}", self.child.id())).unwrap();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        program::signal(self.child.id(), "TERM");
        let _ = self.child.wait();
    }
}

/// Everything that must not be found, and everything that was said.
#[derive(Default)]
struct Search {
    secrets: Vec<String>,
    said: Vec<(String, String)>,
}

impl Search {
    /// Of a token both the claims and the signature are to stay secret, each alone too.
    fn token(&mut self, token: String) -> String {
        let parts = token.split('.').skip(1).filter(|part| part.len() > 20);
        self.secrets.extend(parts.map(str::to_owned));
        token
    }

    fn said(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.said.push((place.into(), text.into()));
    }

    fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                self.files(&path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                self.said(path.display().to_string(), String::from_utf8_lossy(&bytes));
            }
        }
    }

    fn assert_nothing_is_told(&self) {
        assert!(self.secrets.len() > 5);
        for (place, text) in &self.said {
            for secret in &self.secrets {
                if let Some(found) = text.find(secret) {
                    let from = text.floor_char_boundary(found.saturating_sub(300));
                    panic!("{place} tells a secret: {}", &text[from..found + secret.len()]);
                }
            }
        }
    }
}

fn sign(search: &mut Search, grant: &Grant) -> String {
    let at = Timestamp(super::odd_tokens::signing::now() * 1000);
    let signer = Signer::new(&Secret::new(SECRET).unwrap());
    search.token(signer.sign(grant, at, Duration::from_secs(600)))
}

/// Sends tokens, good and bad, in every way, and keeps what was answered.
fn provoke(search: &mut Search, address: std::net::SocketAddr, good: &str) {
    let broken = search.token(format!("{}x{}", &good[..good.len() - 9], "brokenSignatureCanary"));
    let unknown = search.token("e30.canaryCanaryCanaryCanary.canaryCanaryCanaryC".to_owned());
    for token in [good, &broken, &unknown] {
        let bearer = format!("Bearer {token}");
        for path in ["/ws/dashboard", "/ws/agent", "/ws/nothing", "/health", "/nothing"] {
            for upgrade in [
                Upgrade::to(path).with("Authorization", &bearer),
                Upgrade::to(format!("{path}?token={token}")),
                Upgrade::to(format!("{path}?token={token}&token={token}")),
                Upgrade::to(path).with("Sec-WebSocket-Protocol", &format!("bearer.{token}")),
                Upgrade::to(format!("{path}?token={token}")).with("Origin", "null"),
                Upgrade::to(path).with("Authorization", &format!("Basic {token}")),
            ] {
                let answer = match upgrade.send(address) {
                    Ok(mut viewer) if path == "/ws/dashboard" => viewer.text(),
                    Ok(_) => String::new(),
                    Err((_, body)) => body,
                };
                search.said(format!("the answer to {path}"), answer);
            }
            let route = format!("GET {path}?token={token}");
            let answer = http::send(address, &route, &[("Authorization", &bearer)]);
            search.said(format!("the page {path}"), answer.head + &answer.body);
        }
        for path in ["/api/v1/users/ann/sockets", "/api/v1/credentials/x"] {
            let fields = [("Authorization", bearer.as_str()), ("Cookie", bearer.as_str())];
            let answer = http::send(address, &format!("DELETE {path}?token={token}"), &fields);
            search.said(path, answer.head + &answer.body);
        }
        let malformed = format!("GET /{token} HTTP/9\r\nAuthorization: {bearer}\r\nbroken\r\n\r\n");
        search.said("a broken request", http::raw(address, malformed.as_bytes()).body);
        provoke_by_message(search, address, token);
    }
}

fn provoke_by_message(search: &mut Search, address: std::net::SocketAddr, token: &str) {
    let info = json!({"userAgent": "test", "timezone": "UTC"});
    for message in [
        json!({"type": "dashboard:connect", "payload": {"token": token, "clientInfo": info}}),
        json!({"type": "dashboard:connect", "payload": {"token": [token]}}),
        json!({"type": "dashboard:connect", "payload": token}),
        json!({"type": token, "payload": {"token": token}}),
        json!({"type": "token:refresh", "payload": {"token": token}}),
        json!({"version": token, "type": "dashboard:connect", "payload": {"token": token}}),
    ] {
        // Whoever sends a token in the wrong field may see it again; only others must not.
        let is_wrong_field = message["type"] == token || message["version"] == token;
        let mut viewer = Upgrade::to("/ws/dashboard").send(address).unwrap();
        viewer.send(&message);
        if let (Received::Text(text), false) = (viewer.receive(), is_wrong_field) {
            search.said("the answer to a message", text);
        }
    }
    let mut viewer = Upgrade::to("/ws/dashboard").send(address).unwrap();
    let broken = format!("{{\"type\":\"dashboard:connect\",\"payload\":{{\"token\":\"{token}\"");
    viewer.send_raw(Opcode::Text, broken.as_bytes());
    if let Received::Text(text) = viewer.receive() {
        search.said("the answer to broken JSON", text);
    }
}

/// Signs in, well and badly, in every way; what may be told to nobody else is looked for afterwards.
fn sign_in(search: &mut Search, address: std::net::SocketAddr, admin: &str) {
    let secret = |search: &mut Search, text: &serde_json::Value| {
        let text = text.as_str().expect("the answer has a secret").to_owned();
        // Of what renews a sign-in, only the second half is secret; the first names it in the audit.
        search.secrets.push(text.rsplit('.').next().unwrap().to_owned());
        text
    };
    let post = |route: &str, token: &str, body: &serde_json::Value| {
        http::send_json(address, &format!("POST /api/{route}"), token, body)
    };
    let [right, wrong, new] = ["canary-right-word", "canary-wrong-word", "canary-newer-word"];
    search.secrets.extend([right, wrong, new].map(str::to_owned));
    let ann = json!({"username": "ann", "password": right, "role": "admin"});
    for body in [&ann, &ann, &json!({"username": "x", "password": right}), &json!([right])] {
        let answer = post("users", admin, body);
        search.said("the answer to a new account", answer.head + &answer.body);
    }
    for (username, password) in [("ann", wrong), ("nobody", wrong)] {
        let answer = post("auth/login", "", &json!({"username": username, "password": password}));
        search.said("the answer to a wrong password", answer.head + &answer.body);
    }
    let raw = format!("{{\"username\":\"ann\",\"password\":\"{right}\"");
    let head =
        "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length";
    let answer = http::raw(address, format!("{head}: {}\r\n\r\n{raw}", raw.len()).as_bytes());
    search.said("the answer to half a body", answer.body);
    let entry = post("auth/login", "", &json!({"username": "ann", "password": right})).json();
    let token = search.token(entry["token"].as_str().unwrap().to_owned());
    let mut refresh = secret(search, &entry["refreshToken"]);
    for _ in 0..2 {
        let entry = post("auth/refresh", "", &json!({"refreshToken": refresh})).json();
        search.token(entry["token"].as_str().unwrap().to_owned());
        refresh = secret(search, &entry["refreshToken"]);
    }
    let code = secret(search, &post("auth/codes", &token, &json!({})).json()["code"]);
    for _ in 0..2 {
        let answer = post("auth/exchange", "", &json!({"code": code}));
        if answer.status != 200 {
            search.said("the answer to a used code", answer.head + &answer.body);
        }
    }
    let device =
        secret(search, &post("auth/device/authorize", "", &json!({})).json()["device_code"]);
    let answer = post("auth/device/token", "", &json!({"grant_type": "x", "device_code": device}));
    search.said("the answer to a device", answer.head + &answer.body);
    let body = json!({"currentPassword": right, "newPassword": new});
    let answer = http::send_json(address, "PUT /api/users/ann/password", &token, &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    search.said("the answer to a new password", answer.head + &answer.body);
}

/// Runs a command, and returns its output and what is to be seen of its process while it runs.
fn run(search: &mut Search, viewer: &mut Viewer, line: &str) {
    viewer.send(&request("agent-1", line));
    let mut output = String::new();
    loop {
        let message = viewer.expect_that(|message| {
            let kind = &message["type"];
            kind == "terminal:output" || kind == "command:output" || kind == "command:status"
        });
        if message["type"] == "command:status" {
            let status = message["payload"]["status"].as_str().unwrap();
            if ["completed", "failed"].contains(&status) {
                break;
            }
        } else {
            output.push_str(&message.to_string());
        }
    }
    assert!(output.contains("done-and-seen"), "{output}");
    search.said(format!("the output of {line}"), output);
}

#[test]
fn no_secret_is_told_by_server_agent_or_commands() {
    let folder = TempDir::new().unwrap();
    let mut search = Search { secrets: vec![SECRET.to_owned()], ..Search::default() };
    let data = folder.path().join("server");
    let server = Program::start(
        folder.path(),
        "server",
        &["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()],
        &[("PILOTHOUSE_AUTH_SECRET", SECRET)],
    );
    let address = server.said_after("listening on http://").trim().parse().unwrap();
    let agent_token = sign(&mut search, &Grant::Agent("agent-1".parse().unwrap()));
    let agent = Program::start(
        folder.path(),
        "agent",
        &[
            "agent",
            "--id",
            "agent-1",
            "--server",
            &format!("ws://{address}"),
            "--token",
            &agent_token,
            "--data-dir",
            folder.path().join("agent").to_str().unwrap(),
        ],
        // Of no use to an agent, but somebody may have it in the environment of everything.
        &[("PILOTHOUSE_AUTH_SECRET", SECRET)],
    );
    agent.said_after("linked");
    let admin = Grant::Person { user: "root".into(), role: Role::Admin };
    let token = sign(&mut search, &admin);
    provoke(&mut search, address, &token);
    sign_in(&mut search, address, &token);
    let mut viewer = Viewer::dashboard(address, &token);
    viewer.expect("agent:list");
    run(&mut search, &mut viewer, "env; cat /proc/$$/cmdline; echo done-and-seen");
    run(&mut search, &mut viewer, "cat /proc/$PPID/cmdline | tr '\\0' ' '; echo done-and-seen");
    run(
        &mut search,
        &mut viewer,
        "cat /proc/[0-9]*/cmdline 2>&1 | grep -a canary; echo done-and-seen",
    );
    let refreshed = sign(&mut search, &admin);
    viewer.send(&json!({"type": "token:refresh", "payload": {"token": refreshed}}));
    viewer.expect("token:refreshed");
    for path in ["/metrics", "/health"] {
        let answer = http::send(address, &format!("GET {path}"), &[]);
        assert_eq!(answer.status, 200);
        search.said(path, answer.body);
    }
    search.said("the server's arguments", server.process_file("cmdline"));
    search.said("the agent's arguments", agent.process_file("cmdline"));
    drop(viewer);
    drop((server, agent));
    search.files(folder.path());
    search.assert_nothing_is_told();
}

#[test]
fn the_password_of_a_database_is_not_told() {
    let postgres = Postgres::shared().unwrap();
    let url = postgres.database("redaction").unwrap();
    let folder = TempDir::new().unwrap();
    let with_password = url.replacen('@', &format!(":{PASSWORD}@"), 1);
    assert!(with_password.contains(PASSWORD));
    let mut search = Search { secrets: vec![PASSWORD.to_owned(); 9], ..Search::default() };
    for (name, url) in [
        ("good", with_password.clone()),
        ("nobody", format!("postgres://ann:{PASSWORD}@127.0.0.1:1/none")),
        ("no-database", with_password.replace("/redaction", "/no-such-database")),
        ("no-port", format!("postgres://ann:{PASSWORD}@localhost:port/none")),
        ("no-kind", format!("mysql://ann:{PASSWORD}@localhost/none")),
        ("no-address", format!("postgres:ann {PASSWORD} \u{1}@@")),
    ] {
        let data = folder.path().join(name);
        let mut server = Program::start(
            folder.path(),
            name,
            &["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()],
            &[("PILOTHOUSE_DATABASE_URL", &url)],
        );
        if name == "good" {
            let address = server.said_after("listening on http://").trim().parse().unwrap();
            for path in ["/metrics", "/health"] {
                search.said(path, http::send(address, &format!("GET {path}"), &[]).body);
            }
            search.said("arguments", server.process_file("cmdline"));
        } else {
            assert!(!server.child.wait().unwrap().success(), "{name}");
            assert!(!server.said().is_empty(), "{name}");
        }
    }
    search.files(folder.path());
    search.assert_nothing_is_told();
}
