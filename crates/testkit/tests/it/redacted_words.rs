//! Secrets that people put into words of their own, commands, reasons, messages and presets, and those of gateways and
//! cookies: told to nobody in logs, metrics, the audit and refusals. What is asked for is of course kept as it is.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    confidential, http,
    http_gateway::HttpGateway,
    program::{Server, request},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A word that occurs nowhere else.
fn canary(name: &str) -> String {
    let secret = format!("canary{name}0123456789");
    confidential::keep(&secret);
    secret
}

/// Everything that was answered, and where it must not be.
struct Search {
    server: Server,
    token: String,
    secrets: Vec<String>,
    said: Vec<(String, String)>,
}

impl Search {
    fn secret(&mut self, name: &str) -> String {
        let secret = canary(name);
        self.secrets.push(secret.clone());
        secret
    }

    /// Asks, and notes the answer if it is a refusal: others are told what they themselves asked for.
    fn ask(&mut self, request: &str, body: &Value) -> http::Answer {
        let answer = http::send_json(self.server.address(), request, &self.token, body);
        if answer.status >= 400 {
            self.said
                .push((format!("the answer to {request}"), answer.head.clone() + &answer.body));
        }
        answer
    }

    /// What anybody can read later.
    fn look(&mut self) {
        for path in [
            "/metrics",
            "/health",
            "/api/v1/audit?limit=1000",
            "/api/v1/audit/export?format=csv",
            "/api/v1/audit/export?format=json",
            "/api/audit-logs?limit=1000",
            "/api/v1/attention",
        ] {
            let answer = http::send_json(
                self.server.address(),
                &format!("GET {path}"),
                &self.token,
                &Value::Null,
            );
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            self.said.push((path.to_owned(), answer.head + &answer.body));
        }
    }

    fn assert_nothing_is_told(&self) {
        for (place, text) in &self.said {
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "{place} tells {secret}: {text}");
            }
        }
    }
}

#[test]
fn secrets_in_what_people_write_are_told_to_nobody_else() {
    let gateway = HttpGateway::start();
    let (url, token) = (gateway.url(), canary("GatewayToken"));
    let settings =
        [("gateway.url", url.as_str()), ("gateway.token", &token), ("gateway.interval", "1s")];
    let server = Server::start(&settings);
    let root = server.token(&Grant::Person { user: "root".into(), role: Role::Admin });
    let agent = server.agent("a-1");
    gateway.wait_for_looks(1);
    let mut search = Search { server, token: root, secrets: vec![token], said: Vec::new() };
    commands(&mut search);
    routes(&mut search);
    bodies(&mut search);
    cookies(&mut search);
    search.look();
    let audit =
        &search.said.iter().find(|(place, _)| place.starts_with("/api/v1/audit?")).unwrap().1;
    assert!(audit.contains("[redacted]"), "{audit}");
    assert!(audit.contains("preset.add") && audit.contains("command.enqueue"), "{audit}");
    search.assert_nothing_is_told();
    drop(agent);
}

/// On the dashboard protocol: lines that name their secrets, those that the core refuses too.
fn commands(search: &mut Search) {
    let option = search.secret("Option");
    let header = search.secret("Header");
    let variable = search.secret("Variable");
    let line = format!(
        "true --token={option} -H 'Authorization: Bearer {header}' && API_TOKEN={variable} true"
    );
    let mut viewer = Viewer::dashboard(search.server.address(), &search.token);
    viewer.expect("agent:list");
    viewer.send(&request("a-1", &line));
    viewer.expect_status("completed");
    viewer.send(&request("no-such-agent", &line));
    search.said.push(("an error".into(), viewer.expect("error").to_string()));
    let reason = search.secret("Reason");
    viewer.send(&json!({"type": "command:interrupt", "payload":
        {"commandId": "cmd-none", "reason": format!("password={reason}")}}));
    search.said.push(("an error".into(), viewer.expect("error").to_string()));
}

fn routes(search: &mut Search) {
    let preset = search.secret("Preset");
    let body = json!({"name": "deploy", "command": format!("deploy --password={preset}")});
    assert_eq!(search.ask("POST /api/v1/presets", &body).status, 201);
    let message = search.secret("Message");
    let body = json!({"message": format!("use the token={message}")});
    search.ask("POST /api/v1/agents/a-1/message", &body);
    search.ask("POST /api/agents/a-1/message", &body);
    search.ask("POST /api/agents/no-such/message", &body);
    let activity = search.secret("Activity");
    let message = format!("exported API_KEY={activity}");
    search.ask(
        "POST /api/activity",
        &json!({"agentId": "a-2", "sessionId": "s-1", "message": message}),
    );
    let template = search.secret("Template");
    let template = format!("own --api-key={template} {{{{prompt}}}}");
    search.ask("POST /api/agent-types", &json!({"name": "Own", "commandTemplate": template}));
    let code = search.secret("UserCode");
    search.ask("POST /api/auth/device/confirm", &json!({"user_code": code}));
    search.ask("POST /api/auth/device/token", &json!({"grant_type": code, "device_code": code}));
    let stop = search.secret("Stop");
    search.ask("POST /api/v1/emergency-stop", &json!({"reason": format!("secret={stop} is out")}));
}

/// Bodies of a wrong shape: what says so must not repeat what was sent as a secret.
fn bodies(search: &mut Search) {
    let word = search.secret("WrongShape");
    for route in [
        "POST /api/auth/login",
        "POST /api/auth/register",
        "POST /api/auth/refresh",
        "POST /api/auth/exchange",
        "POST /api/auth/device/token",
        "POST /api/users",
        "POST /api/v1/users",
        "PUT /api/users/root/password",
        "PUT /api/v1/users/root/password",
        "POST /api/v1/keys",
    ] {
        for body in [
            json!({"password": [word], "newPassword": [word], "code": [word], "refreshToken": [word]}),
            json!({"password": {"a": word}, "newPassword": {"a": word}, "code": {"a": word}}),
            json!({"password": word, "newPassword": word, "username": 7, "name": 7, "code": word}),
            json!({"username": "ann", "password": word, "refreshToken": word, "device_code": word}),
            json!([word]),
            json!(word),
        ] {
            search.ask(route, &body);
        }
    }
}

/// A sign-in that comes back as a cookie, good and spoiled.
fn cookies(search: &mut Search) {
    let address = search.server.address();
    let password = search.secret("Password");
    let body = json!({"username": "carl", "password": password, "role": "operator"});
    assert_eq!(search.ask("POST /api/v1/users", &body).status, 201);
    let body = json!({"username": "carl", "password": password});
    let entry = search.ask("POST /api/auth/login", &body);
    assert_eq!(entry.status, 200, "{entry:?}");
    let cookie = entry.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie =
        cookie.and_then(|cookie| cookie.split(';').next()).expect("a sign-in sets a cookie");
    let (name, token) = cookie.split_once('=').unwrap();
    search.secrets.extend(token.split('.').skip(1).map(str::to_owned));
    let spoiled = search.secret("Cookie");
    for value in [token, &spoiled, &format!("{token}{spoiled}")] {
        let cookie = format!("{name}={value}");
        for path in ["/api/auth/me", "/api/v1/audit", "/nothing"] {
            let fields = [("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
            let answer = http::send(address, &format!("GET {path}"), &fields);
            search.said.push((format!("{path} with a cookie"), answer.head + &answer.body));
        }
        for path in ["/", "/ws/dashboard"] {
            let upgrade = Upgrade::to(path).with("Cookie", &cookie);
            if let Err((_, body)) = upgrade.send(address) {
                search.said.push((format!("{path} with a cookie"), body));
            }
        }
    }
}
