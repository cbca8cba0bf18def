//! A real HTTP gateway: its sessions are agents, messages for them reach it byte for byte, and nothing it answers
//! does harm.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http,
    http_gateway::{HttpGateway, Reply},
    program::Server,
    terminal::rest,
};
use serde_json::{Value, json};

use super::{expect_status, feed};

fn follower(gateway: &HttpGateway) -> Server {
    Server::start(&[
        ("gateway.url", &gateway.url()),
        ("gateway.token", "gateway-secret"),
        ("gateway.interval", "100ms"),
        ("gateway.timeout", "500ms"),
    ])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server compares the gateway's times with its clock"
)]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

fn session(agent: &str, age: u64, tokens: u64) -> Value {
    json!({
        "agentId": agent, "key": format!("agent:{agent}:telegram"), "kind": "direct",
        "sessionId": format!("{agent}-session"), "age": age, "outputTokens": tokens,
        "totalTokens": 2400, "percentUsed": 12, "model": "opus", "contextTokens": 200_000,
    })
}

fn agent(server: &Server, id: &str) -> Value {
    rest(server, "GET", &format!("/api/agents/{id}"), None).1["data"].clone()
}

#[test]
fn sessions_become_agents_whose_statuses_do_not_flap() {
    let gateway = HttpGateway::start();
    let server = follower(&gateway);
    let mut feed = feed(&server);
    let sessions = |age| json!({"recent": [session("main", age, 7)], "count": 1});
    gateway.has(&sessions(1000));
    expect_status(&mut feed, "main", "online");
    let health = server.wait_for_health(|health| health["gateway"] == "connected");
    assert_eq!(health["config"]["gatewayUrl"], json!(gateway.url()));
    let main = agent(&server, "main");
    assert_eq!((&main["status"], &main["name"]), (&json!("busy"), &json!("Main Agent")));
    assert_eq!(main["session_id"], "main-session");
    assert_eq!(main["current_task"], "Processing (7 tokens output)");
    assert_eq!(
        (&main["metadata"]["source"], &main["metadata"]["channel"]),
        (&json!("gateway"), &json!("telegram"))
    );
    let (_, settings) = rest(&server, "GET", "/api/agents/main-session/settings", None);
    assert_eq!(settings["data"]["settings"]["session"]["totalTokens"], 2400, "{settings}");
    assert_eq!(settings["data"]["settings"]["model"], "opus");
    assert!(
        gateway.expect(0, "GET /sessions").head.contains("authorization: Bearer gateway-secret")
    );

    // A gap of one look is none: no offline may come before the error.
    gateway.has(&json!([]));
    gateway.wait_for_looks(1);
    gateway.has(&sessions(2000));
    gateway.wait_for_looks(3);
    let mut aborted = session("main", 1000, 7);
    aborted["abortedLastRun"] = json!(true);
    gateway.has(&json!({"recent": [aborted]}));
    let next = feed.expect_that(|message| message["type"] == "agent:status");
    assert_eq!(next["payload"]["status"], "error");
    gateway.has(&sessions(900_000));
    expect_status(&mut feed, "main", "offline");
}

#[test]
fn the_older_shape_tells_what_sessions_say() {
    let gateway = HttpGateway::start();
    let server = follower(&gateway);
    let mut feed = feed(&server);
    let now = now();
    gateway.has(&json!([{
        "session": "agent:backend-dev:slack:7", "type": "agent", "label": "Backend", "channel": "slack",
        "created_at": now - 600, "last_activity": now,
        "current_message": {"content": "Thinking\nFixing \u{1b}[31mthe tests", "timestamp": now},
    }]));
    let said = feed.expect_that(|message| message["type"] == "session:activity");
    assert_eq!(said["payload"]["agentId"], "backend-dev");
    assert_eq!(said["payload"]["sessionId"], "agent:backend-dev:slack:7");
    assert_eq!(said["payload"]["lastMessage"], "Fixing [31mthe tests");
    assert_eq!(agent(&server, "backend-dev")["name"], "Backend");
}

#[test]
fn a_message_reaches_the_gateway_byte_for_byte_and_no_shell() {
    let gateway = HttpGateway::start();
    let server = follower(&gateway);
    let mut feed = feed(&server);
    gateway.has(&json!({"recent": [session("main", 1000, 1)]}));
    gateway.answer("/message", Reply::Json(json!({"reply": "done"})));
    expect_status(&mut feed, "main", "online");
    let text =
        "$(touch /tmp/owned) `id` \"quoted\" 'single' \\back\\\nnew line\u{0}\u{1f600} & ; | > %00";
    let send = |token: &str, agent: &str, body: Value| {
        http::send_json(
            server.address(),
            &format!("POST /api/agents/{agent}/message"),
            token,
            &body,
        )
    };
    let operator = server.operator();
    let sent = send(&operator, "main", json!({"message": text})).json();
    assert_eq!(sent["data"]["result"], json!({"reply": "done"}), "{sent}");
    assert_eq!(
        (&sent["data"]["sessionId"], &sent["data"]["action"]),
        (&json!("main-session"), &json!("message"))
    );
    let asked = gateway.expect(0, "POST /message");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body, json!({"sessionId": "main-session", "agentId": "main", "message": text}));

    let viewer = server.token(&Grant::Person { user: "eve".into(), role: Role::Viewer });
    for (token, agent, body, status, code) in [
        (&viewer, "main", json!({"message": "x"}), 403, "FORBIDDEN"),
        (&operator, "nobody", json!({"message": "x"}), 404, "AGENT_NOT_FOUND"),
        (&operator, "main", json!({"message": ""}), 400, "INVALID_MESSAGE"),
        (&operator, "main", json!({}), 400, "INVALID_MESSAGE"),
    ] {
        let answer = send(token, agent, body);
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (status, &json!(code)),
            "{answer:?}"
        );
    }
    gateway.answer(
        "/message",
        Reply::Raw(b"HTTP/1.1 500 No\r\ncontent-length: 3\r\n\r\nno!".to_vec()),
    );
    let failed = send(&operator, "main", json!({"message": "x"}));
    assert_eq!(
        (failed.status, &failed.json()["error"]["code"]),
        (502, &json!("MESSAGE_FAILED")),
        "{failed:?}"
    );
    assert!(!failed.body.contains("gateway-secret"), "{failed:?}");
}

#[test]
fn nothing_that_a_gateway_answers_does_harm() {
    let gateway = HttpGateway::start();
    let server = follower(&gateway);
    let well = json!({"recent": [session("main", 1000, 1)]});
    for broken in [
        Reply::Silence,
        Reply::Flood,
        Reply::Json(json!({"sessions": 7})),
        Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnot JSON!".to_vec()),
        Reply::Raw(
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
        ),
        Reply::Raw(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".to_vec()),
        Reply::Raw(b"no HTTP at all".to_vec()),
        Reply::Raw(
            format!("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{}", "[".repeat(100_000))
                .into_bytes(),
        ),
    ] {
        gateway.has(&well);
        server.wait_for_health(|health| health["gateway"] == "connected");
        gateway.answer("/sessions", broken.clone());
        let health = server.wait_for_health(|health| health["gateway"] == "disconnected");
        assert_eq!(health["status"], "ok", "a gateway's trouble is not ours: {broken:?}");
        // What it said last still counts, for as long as reports do.
        assert_ne!(agent(&server, "main")["status"], "offline", "{broken:?}");
    }
    gateway.has(&well);
    gateway.answer("/health", Reply::Json(json!({"healthy": false})));
    server.wait_for_health(|health| health["gateway"] == "disconnected");
}

#[test]
fn a_demonstration_says_that_it_is_one() {
    let server = Server::start(&[("gateway.mock", "true"), ("gateway.interval", "100ms")]);
    let mut feed = feed(&server);
    let health = server.wait_for_health(|health| health["agents"]["known"] == 5);
    assert_eq!(
        (&health["gateway"], &health["config"]["useMockData"]),
        (&json!("mock"), &json!(true))
    );
    let (_, answer) = rest(&server, "GET", "/api/agents", None);
    assert_eq!(answer["data"]["count"], 5);
    assert_eq!(answer["agents"], answer["data"]["agents"]);
    for agent in answer["data"]["agents"].as_array().unwrap() {
        assert_eq!(
            (&agent["metadata"]["demo"], &agent["metadata"]["source"]),
            (&json!(true), &json!("demo"))
        );
        assert!(agent["name"].as_str().unwrap().ends_with("(demo)"), "{agent}");
    }
    assert_eq!(agent(&server, "error-test")["status"], "error");
    let body = json!({"message": "x"});
    let (status, refused) = rest(&server, "POST", "/api/agents/main/message", Some(&body));
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("DEMONSTRATION")), "{refused}");
    feed.expect_that(|message| message["type"] == "session:activity");
}
