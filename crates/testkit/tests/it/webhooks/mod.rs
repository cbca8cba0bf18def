//! Webhooks with the real program, real agents and a receiver that checks what it gets with the examples of the document.

mod receivers;
mod secrets;
mod told;

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    process::{Command, Stdio},
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    http_gateway::{Asked, HttpGateway, Reply},
    program::{PATIENCE, Server, request},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Settings under which nothing takes long.
const QUICK: &[(&str, &str)] =
    &[("webhooks.offline_after", "1s"), ("webhooks.retry_after", "200ms")];

fn admin(server: &Server) -> String {
    server.token(&Grant::Person { user: "root".into(), role: Role::Admin })
}

fn ask(server: &Server, request: &str, body: &Value) -> Answer {
    http::send_json(server.address(), request, &admin(server), body)
}

/// A server's answer of that status.
fn expect(status: u16, answer: &Answer) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    answer.json()
}

/// A webhook that was made, with what only its maker knows.
struct Hook {
    path: String,
    secret: String,
}

impl Hook {
    fn add(server: &Server, url: &str, events: &[&str]) -> Self {
        let body = json!({"name": "chat", "url": url, "events": events});
        let made = expect(201, &ask(server, "POST /api/v1/webhooks", &body));
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { path: format!("/api/v1/webhooks/{}", text("id")), secret: text("secret") }
    }

    fn show(&self, server: &Server) -> Value {
        expect(200, &ask(server, &format!("GET {}", self.path), &Value::Null))
    }

    /// Its deliveries, newest first.
    fn deliveries(&self, server: &Server) -> Vec<Value> {
        let path = format!("GET {}/deliveries", self.path);
        let page = expect(200, &ask(server, &path, &Value::Null));
        page["deliveries"].as_array().unwrap().clone()
    }

    /// Its newest delivery, once it is so.
    fn wait_for(&self, server: &Server, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let deliveries = self.deliveries(server);
            if let Some(newest) = deliveries.first().filter(|newest| is_so(newest)) {
                return newest.clone();
            }
            assert!(Instant::now() < deadline, "no delivery is {what}: {deliveries:?}");
            // Nobody tells how a delivery goes on.
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn test(&self, server: &Server) -> String {
        let made = expect(202, &ask(server, &format!("POST {}/test", self.path), &json!({})));
        made["id"].as_str().unwrap().to_owned()
    }
}

/// A receiver that takes whatever comes.
fn receiver() -> HttpGateway {
    let receiver = HttpGateway::start();
    receiver.answer("/hook?key=canary-in-url", status("200 OK"));
    receiver
}

fn status(line: &str) -> Reply {
    Reply::Raw(format!("HTTP/1.1 {line}\r\ncontent-length: 2\r\n\r\nok").into_bytes())
}

fn url(receiver: &HttpGateway) -> String {
    format!("{}/hook?key=canary-in-url", receiver.url())
}

const LINE: &str = "POST /hook?key=canary-in-url";

/// The fields of a request's head.
fn fields(asked: &Asked) -> BTreeMap<String, String> {
    let lines = asked.head.lines().filter_map(|line| line.split_once(": "));
    lines.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect()
}

/// The programs of the document, written to files: they say whether a signature is good.
static VERIFIERS: LazyLock<TempDir> = LazyLock::new(|| {
    let document = include_str!("../../../../../docs/webhooks.md");
    let folder = TempDir::new().unwrap();
    for (language, file) in [("js", "verify.mjs"), ("python", "verify.py")] {
        let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
        let (program, _) = rest.split_once("```").unwrap();
        fs::write(folder.path().join(file), program).unwrap();
    }
    folder
});

fn says(program: &str, secret: &str, asked: &Asked) -> String {
    let name = if program == "node" { "verify.mjs" } else { "verify.py" };
    let fields = fields(asked);
    let mut child = Command::new(program)
        .arg(VERIFIERS.path().join(name))
        .env("SECRET", secret)
        .env("ID", &fields["webhook-id"])
        .env("TIMESTAMP", &fields["webhook-timestamp"])
        .env("SIGNATURE", &fields["webhook-signature"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node and python3 are installed");
    child.stdin.take().unwrap().write_all(&asked.body).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The body of a delivery whose signature is good, and whose id is that of its body.
fn verified(secret: &str, asked: &Asked) -> Value {
    assert_eq!(says("node", secret, asked), "good", "{asked:?}");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["id"], fields(asked)["webhook-id"].as_str());
    assert_eq!(fields(asked)["content-type"], "application/json");
    body
}

/// The next delivery of that type, from the `from`th request on.
fn next(receiver: &HttpGateway, from: usize, kind: &str) -> Asked {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let is_it = |asked: &&Asked| {
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            body["type"] == kind
        };
        let asked = receiver.asked();
        if let Some(found) = asked.iter().skip(from).find(is_it) {
            return found.clone();
        }
        assert!(Instant::now() < deadline, "nobody told of {kind}: {asked:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a command line to its end.
fn run(server: &Server, agent: &str, line: &str) {
    let mut viewer = server.dashboard();
    viewer.send(&request(agent, line));
    viewer.expect_that(|message| {
        message["type"] == "command:status"
            && ["completed", "failed"].iter().any(|it| message["payload"]["status"] == *it)
    });
}
