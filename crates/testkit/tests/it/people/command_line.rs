//! `pilothouse login`, `logout` and `user`, as people type them.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

use pilothouse_testkit::program::{Server, program};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PASSWORD, add, ask, login, sign_in};

/// Somebody's own machine: no data directory of a server, and a configuration folder of its own.
pub(super) struct Machine(pub(super) TempDir);

impl Machine {
    pub(super) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(super) fn command(&self, server: &Server, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.0.path()).env("XDG_DATA_HOME", self.0.path());
        command.env("PILOTHOUSE_SERVER", format!("http://{}", server.address()));
        command.env("PILOTHOUSE_CONFIG", "/dev/null").env_remove("PILOTHOUSE_TOKEN");
        command
    }

    pub(super) fn run(&self, server: &Server, arguments: &[&str]) -> Output {
        self.command(server, arguments).output().unwrap()
    }
}

pub(super) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_program_is_let_in_by_whoever_types_its_code() {
    let server = Server::start(&[]);
    add(&server, "ann", "operator");
    let machine = Machine::new();
    let before = machine.run(&server, &["status"]);
    assert_eq!(before.status.code(), Some(77), "{}", said(&before));
    assert!(said(&before).contains("pilothouse login"), "{}", said(&before));

    let mut child = machine
        .command(&server, &["login"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let link =
        lines.map(|line| line.trim().to_owned()).find(|line| line.contains("#code=")).unwrap();
    let (page, user_code) = link.split_once("#code=").unwrap();
    assert_eq!(page, format!("http://{}/device", server.address()));
    let (token, _) = sign_in(&server, "ann");
    let confirm = |code: &str| {
        ask(&server, "POST /api/auth/device/confirm", &token, &json!({ "user_code": code }))
    };
    assert_eq!(super::code(&confirm("ZZZZ-ZZZZ")), (400, "INVALID_CODE".into()));
    assert_eq!(confirm(&user_code.to_lowercase()).status, 200);
    assert_eq!(super::code(&confirm(user_code)), (400, "ALREADY_AUTHORIZED".into()));
    assert!(child.wait().unwrap().success());

    let file = machine.0.path().join("pilothouse/login.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let status = machine.run(&server, &["status"]);
    assert_eq!(status.status.code(), Some(0), "{}", said(&status));
    // An expired one is renewed, and what renews it is replaced.
    let saved: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let mut old = saved.clone();
    let key = format!("http://{}", server.address());
    old["servers"][&key]["expiresAt"] = json!(0);
    fs::write(&file, old.to_string()).unwrap();
    let status = machine.run(&server, &["status"]);
    assert_eq!(status.status.code(), Some(0), "{}", said(&status));
    let renewed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_ne!(saved["servers"][&key]["refreshToken"], renewed["servers"][&key]["refreshToken"]);

    let out = machine.run(&server, &["logout"]);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert!(!fs::read_to_string(&file).unwrap().contains("phr_"));
    assert_eq!(machine.run(&server, &["status"]).status.code(), Some(77));
    let token = renewed["servers"][&key]["token"].as_str().unwrap();
    assert_eq!(super::me(&server, token), 401, "the server was told as well");
}

#[test]
fn a_device_asks_in_the_words_of_oauth() {
    let server = Server::start(&[]);
    let begun = ask(&server, "POST /api/auth/device/authorize", "", &Value::Null).json();
    let names = ["device_code", "user_code", "verification_uri", "verification_uri_complete"];
    assert!(names.iter().all(|name| begun[name].is_string()), "{begun}");
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(600), &json!(5)));
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let token = |body: Value| {
        let answer = ask(&server, "POST /api/auth/device/token", "", &body);
        (answer.status, answer.json()["error"].clone())
    };
    let code = &begun["device_code"];
    for (body, error) in [
        (json!({ "grant_type": grant }), "invalid_request"),
        (json!({ "grant_type": "password", "device_code": code }), "unsupported_grant_type"),
        (json!({ "grant_type": grant, "device_code": "guess" }), "invalid_grant"),
        (json!({ "grant_type": grant, "device_code": code }), "authorization_pending"),
        (json!({ "grant_type": grant, "device_code": code }), "slow_down"),
    ] {
        assert_eq!(token(body), (400, json!(error)));
    }
    let form = format!("grant_type={}&device_code=guess", grant.replace(':', "%3A"));
    let request = format!(
        "POST /api/auth/device/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = pilothouse_testkit::http::raw(server.address(), request.as_bytes());
    assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body);
}

#[test]
fn people_are_administered_from_the_servers_machine_without_a_token() {
    let server = Server::start(&[]);
    let user = |arguments: &[&str], input: &str| {
        let mut command = Command::new(program());
        command.arg("user").args(arguments).arg("--data-dir").arg(server.folder());
        command.env("PILOTHOUSE_CONFIG", "/dev/null").env_remove("PILOTHOUSE_TOKEN");
        command.env_remove("PILOTHOUSE_SERVER");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let line = format!("{PASSWORD}\n");
    let added = user(&["add", "ann", "--role", "operator", "--email", "ann@example.org"], &line);
    assert_eq!(added.status.code(), Some(0), "{}", said(&added));
    assert_eq!(login(&server, "ann", PASSWORD).json()["user"]["role"], "operator");
    let refused = user(&["add", "ann"], &line);
    assert!(!refused.status.success() && said(&refused).contains("taken"), "{}", said(&refused));
    let refused = user(&["add", "ben"], "");
    assert_eq!(refused.status.code(), Some(64), "{}", said(&refused));
    assert_eq!(user(&["role", "ann", "viewer"], "").status.code(), Some(0));
    let list = said(&user(&["list"], ""));
    assert!(list.contains("USERNAME") && list.contains("viewer"), "{list}");
    assert_eq!(user(&["password", "ann"], "a better horse\n").status.code(), Some(0));
    assert_eq!(login(&server, "ann", "a better horse").status, 200);
    assert_eq!(user(&["remove", "ann"], "").status.code(), Some(0));
    assert_eq!(login(&server, "ann", "a better horse").status, 401);
}
