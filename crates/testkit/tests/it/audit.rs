//! The audit as administrators see it: by REST with every set of parameters, as files, and live.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    program::{Server, request},
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::{Value, json};

fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

fn get(server: &Server, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let fields = [("Authorization", &*bearer), ("User-Agent", "test/1")];
    http::send(server.address(), &format!("GET {path}"), &fields)
}

fn listen(server: &Server, token: &str) -> Result<Viewer, (u16, String)> {
    Upgrade::to("/api/ws/audit")
        .with("Authorization", &format!("Bearer {token}"))
        .send(server.address())
}

/// Asks for a command that is refused.
fn refused(viewer: &mut Viewer, agent: &str, line: &str) {
    viewer.send(&request(agent, line));
    viewer.expect("error");
}

#[test]
fn administrators_see_who_did_what_with_every_set_of_parameters() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let _agent = server.agent("a-1");
    server.wait_until_online("a-1");
    let mut live = listen(&server, &admin).unwrap();
    let mut ann =
        Viewer::dashboard(server.address(), &server.token(&person("ann", Role::Operator)));
    ann.expect("agent:list");
    let mut eve = Viewer::dashboard(server.address(), &server.token(&person("eve", Role::Viewer)));
    eve.expect("agent:list");
    ann.send(&request("a-1", "true --password hunter2"));
    ann.expect_status("completed");
    refused(&mut eve, "a-1", "ls");
    refused(&mut ann, "no-such", "ls");
    let mut next = || loop {
        let told = live.expect("audit.new");
        if told["action"] == "command.enqueue" {
            break told;
        }
    };
    let told: Vec<Value> = (0..3).map(|_| next()).collect();
    let words: Vec<_> = told.iter().map(|entry| (&entry["userId"], &entry["result"])).collect();
    assert_eq!(
        format!("{words:?}").replace("String(", "").replace(')', ""),
        "[(\"ann\", \"success\", (\"eve\", \"denied\", (\"ann\", \"failure\"]",
    );
    assert_eq!(told[0]["details"], "true --password [redacted]");
    assert_eq!(
        (&told[0]["agentId"], &told[0]["action"]),
        (&json!("a-1"), &json!("command.enqueue"))
    );

    let list = |query: &str| get(&server, &format!("/api/audit-logs?{query}"), &admin).json();
    let ids = |answer: &Value| -> Vec<String> {
        let logs = answer["data"]["logs"].as_array().unwrap();
        logs.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let id = |place: usize| told[place]["id"].as_str().unwrap().to_owned();
    let all = list("action=command.enqueue");
    assert_eq!((all["success"].clone(), ids(&all)), (json!(true), vec![id(2), id(1), id(0)]));
    assert_eq!(all["data"]["logs"][2], told[0], "live and by REST it is the same entry");
    let first = list("action=command.enqueue,agent.stop&limit=2");
    assert_eq!((ids(&first), &first["data"]["hasMore"]), (vec![id(2), id(1)], &json!(true)));
    let rest = list("action=command.enqueue&limit=2&offset=2");
    assert_eq!((ids(&rest), &rest["data"]["hasMore"]), (vec![id(0)], &json!(false)));
    assert_eq!((&rest["data"]["total"], &rest["data"]["count"]), (&json!(3), &json!(1)));
    assert_eq!(ids(&list("action=agent.task.start&page=2&pageSize=2")), [id(0)]);
    assert_eq!(ids(&list("userId=eve")), [id(1)]);
    assert_eq!(ids(&list("result=denied&search=LS")), [id(1)]);
    assert_eq!(ids(&list("agent=no-such")), [id(2)]);
    assert_eq!(ids(&list("search=hunter2")), [""; 0]);
    assert_eq!(ids(&list("userId=eve&from=2020-01-01&to=2020-01-02")), [""; 0]);
    assert_eq!(ids(&list("userId=eve&startDate=2020-01-01T00:00:00Z&endDate=2199-01-01")), [id(1)]);
    assert_eq!(ids(&list("action=agent.connected&agent=a-1")).len(), 1);
    let odd = get(&server, "/api/audit-logs?result=maybe", &admin);
    assert_eq!((odd.status, &odd.json()["error"]["code"]), (400, &json!("VALIDATION_ERROR")));

    counts(&server, &admin);

    let own = |query: &str| get(&server, &format!("/api/v1/audit?{query}"), &admin).json();
    let first = own("action=command.enqueue&limit=2");
    assert_eq!(
        (&first["records"][0]["id"], &first["records"][1]["id"]),
        (&json!(id(2)), &json!(id(1)))
    );
    let rest = own(&format!("action=command.enqueue&limit=2&before={}", first["next"]));
    assert_eq!((&rest["records"][0]["id"], &rest["next"]), (&json!(id(0)), &Value::Null));
    let before = all["data"]["total"].clone();
    assert_eq!(list("action=command.enqueue")["data"]["total"], before, "reading leaves no record");
}

fn counts(server: &Server, admin: &str) {
    let stats = get(server, "/api/audit-logs/stats", admin).json();
    let day = &stats["data"]["last24Hours"];
    assert_eq!(day["byAction"]["command.enqueue"], 3);
    assert_eq!((&day["byResult"]["denied"], &day["byResult"]["failure"]), (&json!(1), &json!(1)));
    let agents = get(server, "/api/audit-logs/agents", admin).json();
    assert_eq!(agents["agents"], json!(["a-1", "no-such"]));
    assert_eq!(agents["agents"], agents["data"]["agents"]);
}

#[test]
fn the_audit_is_exported_whole_and_safe_for_spreadsheets() {
    let server = Server::start(&[
        ("limits.messages_per_second", "100000"),
        ("commands.per_minute", "100000"),
    ]);
    let admin = server.token(&person("root", Role::Admin));
    let operator = server.token(&person("=cmd|' /C calc'!A0", Role::Operator));
    let mut viewer = Viewer::dashboard(server.address(), &operator);
    viewer.expect("agent:list");
    for number in 0..1_203 {
        refused(&mut viewer, "no-such", &format!("=1+1, \"{number}\""));
    }
    let csv = get(&server, "/api/v1/audit/export?format=csv&action=command.enqueue", &admin);
    assert_eq!(csv.status, 200, "{}", csv.body);
    assert!(csv.head.contains("content-type: text/csv; charset=utf-8"), "{}", csv.head);
    let body = unchunked(&csv);
    let rows: Vec<&str> = body.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 1 + 1_203);
    assert!(rows[0].starts_with("id,at,userId,"), "{}", rows[0]);
    assert!(rows[1].contains(",'=cmd|' /C calc'!A0,"), "{}", rows[1]);
    assert!(rows[1].contains(",\"'=1+1, \"\"1202\"\"\",failure,"), "{}", rows[1]);
    let json = get(&server, "/api/v1/audit/export?format=json&action=command.enqueue", &admin);
    let records: Vec<Value> = serde_json::from_str(&unchunked(&json)).unwrap();
    assert_eq!(records.len(), 1_203);
    assert_eq!(records[1_202]["detail"], "=1+1, \"0\"");
    let exports = get(&server, "/api/v1/audit?action=audit.export", &admin).json();
    assert_eq!(exports["records"].as_array().unwrap().len(), 2, "an export leaves one record");
    assert_eq!(exports["records"][1]["detail"], "csv");
    let odd = get(&server, "/api/v1/audit/export?format=xml", &admin);
    assert_eq!(odd.status, 400);
}

/// The body without the lengths of its pieces.
fn unchunked(answer: &Answer) -> String {
    assert!(answer.head.contains("transfer-encoding: chunked"), "{}", answer.head);
    let (mut rest, mut body) = (answer.body.as_bytes(), Vec::new());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return String::from_utf8(body).unwrap();
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 2 + length + 2..];
    }
}

#[test]
fn nobody_else_reads_exports_or_listens() {
    let server = Server::start(&[]);
    let operator = server.token(&person("ann", Role::Operator));
    let agent = server.agent_token("a-1");
    for path in ["/api/audit-logs", "/api/audit-logs/stats", "/api/audit-logs/agents"] {
        let answer = get(&server, path, &operator);
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (403, &json!("FORBIDDEN")),
            "{path}"
        );
        assert_eq!(answer.json()["success"], false);
        assert_eq!(get(&server, path, "nonsense").status, 401, "{path}");
        assert_eq!(get(&server, path, &agent).status, 403, "{path}");
        let none = http::send(server.address(), &format!("GET {path}"), &[]);
        assert_eq!((none.status, &none.json()["error"]["code"]), (401, &json!("NO_TOKEN")));
    }
    for path in ["/api/v1/audit", "/api/v1/audit/export?format=csv"] {
        let answer = get(&server, path, &operator);
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.head.contains("application/problem+json"), "{path}");
        assert_eq!(get(&server, path, "nonsense").status, 401, "{path}");
    }
    let status = |token: &str| listen(&server, token).map_or_else(|(status, _)| status, |_| 101);
    assert_eq!(status(&operator), 403);
    assert_eq!(status(&server.token(&person("eve", Role::Viewer))), 403);
    assert_eq!(status(&agent), 401);
    assert_eq!(status("nonsense"), 401);
    let none = Upgrade::to("/api/ws/audit").send(server.address()).err().unwrap();
    assert_eq!(none.0, 401);
    assert_eq!(get(&server, "/api/ws/audit", &operator).status, 426);
}

#[test]
fn a_listener_who_is_no_administrator_any_more_hears_nothing_more() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let ask = |route: &str, body: Value| {
        let answer = http::send_json(server.address(), route, &admin, &body);
        assert!(answer.status < 300, "{route} {answer:?}");
        answer.json()
    };
    let account = json!({"username": "ann", "password": "correct-horse-9", "role": "admin"});
    let made = ask("POST /api/users", account);
    let id = [&made["id"], &made["user"]["id"], &made["data"]["user"]["id"]];
    let id = id.into_iter().find_map(Value::as_str).unwrap();
    let ann = server.token(&person("ann", Role::Admin));
    let mut live = listen(&server, &ann).unwrap();
    let mut dashboard = Viewer::dashboard(server.address(), &ann);
    dashboard.expect("agent:list");
    ask(&format!("PUT /api/users/{id}/role"), json!({"role": "operator"}));
    assert_eq!(live.expect_close(), 4001);
    assert_eq!(listen(&server, &ann).err().unwrap().0, 403);
    dashboard.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    dashboard.expect("heartbeat");
}

#[test]
fn a_listener_comes_in_three_ways_and_leaves_when_its_token_is_revoked() {
    let server = Server::start(&[]);
    let admin = server.token(&person("root", Role::Admin));
    let other = server.token(&person("boss", Role::Admin));
    let address = server.address();
    let mut header = listen(&server, &admin).unwrap();
    let mut query = Upgrade::to(format!("/api/ws/audit?token={admin}")).send(address).unwrap();
    let offered = format!("pilothouse.v1, bearer.{admin}");
    let subprotocol = Upgrade::to("/api/ws/audit").with("Sec-WebSocket-Protocol", &offered);
    let mut subprotocol = subprotocol.send(address).unwrap();
    let mut stays = listen(&server, &other).unwrap();
    query.send(&json!({"type": "subscribe"}));
    let bearer = format!("Bearer {other}");
    let end = |user: &str| {
        http::send(
            address,
            &format!("DELETE /api/v1/users/{user}/sockets"),
            &[("Authorization", &bearer)],
        )
    };
    assert_eq!(end("nobody").status, 200);
    for listener in [&mut header, &mut query, &mut subprotocol, &mut stays] {
        // Beside it the server's own start may be told.
        let told = loop {
            let told = listener.expect("audit.new");
            if told["action"] != "code.make" {
                break told;
            }
        };
        assert_eq!(told["action"], "access.end_sockets");
        assert_eq!(told["ipAddress"], "127.0.0.1");
    }
    assert_eq!(end("root").json(), json!({"closed": 3}));
    for listener in [&mut header, &mut query, &mut subprotocol] {
        let closed = loop {
            match listener.receive() {
                Received::Closed(code, _) => break code,
                Received::Text(_) => {}
                Received::Ended => panic!("there is no close frame"),
            }
        };
        assert_eq!(closed, 4001);
    }
    assert_eq!(stays.expect("audit.new")["resource"], "root");
}
