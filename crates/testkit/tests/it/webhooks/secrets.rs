//! Who may, on which way, and that secrets are shown once and told nowhere.

use std::{
    fs::{self, File},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pilothouse_core::{Role, time::Timestamp};
use pilothouse_server::auth::{Grant, Signer, secret::Secret};
use pilothouse_testkit::{
    http,
    program::{self, PATIENCE, Server},
};
use serde_json::{Value, json};

use super::{Hook, LINE, admin, ask, expect, fields, next, receiver, says, url, verified};

#[test]
fn only_administrators_see_and_change_webhooks() {
    let server = Server::start(&[]);
    let receiver = receiver();
    let hook = Hook::add(&server, &url(&receiver), &["failed"]);
    let body = json!({"name": "own", "url": "http://127.0.0.1:1/", "events": ["failed"]});
    for role in [Role::Viewer, Role::Operator] {
        let token = server.token(&Grant::Person { user: "eve".into(), role });
        for (request, body) in [
            ("GET /api/v1/webhooks".to_owned(), &Value::Null),
            ("POST /api/v1/webhooks".to_owned(), &body),
            (format!("GET {}", hook.path), &Value::Null),
            (format!("PATCH {}", hook.path), &json!({"name": "mine"})),
            (format!("DELETE {}", hook.path), &Value::Null),
            (format!("POST {}/test", hook.path), &json!({})),
            (format!("POST {}/rotate", hook.path), &json!({})),
            (format!("GET {}/deliveries", hook.path), &Value::Null),
            (format!("POST {}/deliveries/del-1/redeliver", hook.path), &json!({})),
        ] {
            let answer = http::send_json(server.address(), &request, &token, body);
            assert_eq!(answer.status, 403, "{request} as {role:?}: {answer:?}");
        }
    }
    assert_eq!(http::send(server.address(), "GET /api/v1/webhooks", &[]).status, 401);
    assert_eq!((hook.deliveries(&server).len(), receiver.count()), (0, 0));
}

/// A server whose log is in a file. Killed when dropped.
struct Logged(Child);

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_secret_is_shown_once_and_told_nowhere_and_can_be_replaced() {
    let server = Server::start(&[]);
    let receiver = receiver();
    let hook = Hook::add(&server, &url(&receiver), &["failed"]);
    hook.test(&server);
    verified(&hook.secret, &next(&receiver, 0, "webhook.test"));
    let rotated = expect(200, &ask(&server, &format!("POST {}/rotate", hook.path), &json!({})));
    let new = rotated["secret"].as_str().unwrap().to_owned();
    assert!(rotated["oldSecretUntil"].is_string() && new != hook.secret);
    let from = receiver.count();
    hook.test(&server);
    let asked = next(&receiver, from, "webhook.test");
    assert_eq!(fields(&asked)["webhook-signature"].split(' ').count(), 2);
    for secret in [&new, &hook.secret] {
        assert_eq!(
            (says("node", secret, &asked), says("python3", secret, &asked)),
            ("good".into(), "good".into())
        );
    }
    let export = "GET /api/v1/audit/export?format=json";
    let audit = ask(&server, export, &Value::Null).body;
    assert!(audit.contains("webhook.rotate") && audit.contains(&receiver.url()), "{audit}");
    let shown = [
        audit,
        hook.show(&server).to_string(),
        ask(&server, "GET /api/v1/webhooks", &Value::Null).body,
        json!(hook.deliveries(&server)).to_string(),
        server.get("/metrics").1,
        server.get("/health").1,
    ];
    for text in &shown {
        assert!(!text.contains("whsec_") && !text.contains(&hook.secret[6..]), "{text}");
    }
    assert!(!shown[0].contains("canary-in-url"), "the audit has the host alone");
}

#[test]
fn the_log_has_neither_secrets_nor_urls_at_its_highest_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let data = folder.path().join("data");
    let file = File::create(&log).unwrap();
    let child = Command::new(program::program())
        .args(["--log", "trace", "serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let server = Logged(child);
    let said = || fs::read_to_string(&log).unwrap();
    let wait = |words: &str| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((_, rest)) = said().split_once(words) {
                return rest.lines().next().unwrap_or_default().trim().to_owned();
            }
            assert!(Instant::now() < deadline, "`{words}` was not said: {}", said());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let address = wait("listening on http://").parse().unwrap();
    let grant = Grant::Person { user: "root".into(), role: Role::Admin };
    let signer = Signer::new(&Secret::read(&data).unwrap());
    let now = Timestamp(crate::odd_tokens::signing::now() * 1000);
    let token = signer.sign(&grant, now, Duration::from_secs(600));
    let receiver = receiver();
    let body = json!({"name": "chat", "url": url(&receiver), "events": ["failed"]});
    let made = http::send_json(address, "POST /api/v1/webhooks", &token, &body);
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/api/v1/webhooks/{}", made.json()["id"].as_str().unwrap());
    http::send_json(address, &format!("POST {path}/test"), &token, &json!({}));
    next(&receiver, 0, "webhook.test");
    wait("told a webhook");
    drop(server);
    let said = said();
    for secret in ["whsec_", "canary-in-url", &made.json()["secret"].as_str().unwrap()[6..]] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn the_command_line_does_it_all() {
    let server = Server::start(&[]);
    let receiver = receiver();
    let run = |arguments: &[&str]| {
        let mut command = server.command(server.address(), arguments);
        let output = command.env("PILOTHOUSE_TOKEN", admin(&server)).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(output.stderr));
        text(output.stdout)
    };
    let target = url(&receiver);
    let secret = run(&["webhooks", "add", "chat", &target, "--events", "failed,completed"]);
    let listed: Value = serde_json::from_str(&run(&["webhooks", "--json"])).unwrap();
    assert_eq!(listed[0]["events"], json!(["failed", "completed"]));
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let table = run(&["webhooks"]);
    assert!(table.contains(&id) && table.contains("chat") && table.contains(" on "), "{table}");
    run(&["webhooks", "test", &id]);
    let asked = next(&receiver, 0, "webhook.test");
    assert_eq!(asked.line, LINE);
    verified(secret.trim(), &asked);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let deliveries = run(&["webhooks", "deliveries", &id]);
        if deliveries.contains("delivered") {
            assert!(
                deliveries.contains("webhook.test") && deliveries.contains("200"),
                "{deliveries}"
            );
            break;
        }
        assert!(Instant::now() < deadline, "{deliveries}");
    }
    run(&["webhooks", "remove", &id]);
    assert_eq!(run(&["webhooks", "list", "--json"]).trim(), "[]");
}
