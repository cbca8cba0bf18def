//! The same routes with the real agent: its paths, its git and its processes.

use std::{fs, path::Path};

use pilothouse_testkit::{http, program::Server, viewer::Upgrade, waiting::wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{commit, git, id};

/// Whether a process works in that directory.
fn is_worked_in(folder: &Path) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| fs::read_link(process.path().join("cwd")).ok())
        .any(|at| at == folder)
}

#[test]
fn what_a_terminal_showed_is_downloaded_as_a_recording() {
    let server = Server::start(&[]);
    let _agent = server.agent("a-1");
    let folder = TempDir::new().unwrap();
    let token = server.operator();
    let ask =
        |request: &str, body: Value| http::send_json(server.address(), request, &token, &body);
    let body = json!({"type": "quick", "locationPath": folder.path()});
    let session = ask("POST /api/sessions", body).json()["session"].take();
    let workers = format!("/api/sessions/{}/workers", id(&session));
    let worker = ask(&format!("POST {workers}"), json!({"type": "terminal"})).json();
    let worker = id(&worker["worker"]).to_owned();
    let door = format!("/ws/session/{}/worker/{worker}?token={token}", id(&session));
    let mut terminal = Upgrade::to(door).send(server.address()).unwrap();
    terminal.send(&json!({"type": "input", "data": "echo re$((1))corded; exit 3\r"}));
    terminal.expect_that(|message| message["type"] == "exit");
    let path = format!("/api/v1/sessions/{}/workers/{worker}/recording", id(&session));
    let answer = ask(&format!("GET {path}"), Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.head.contains("content-type: application/x-asciicast"), "{answer:?}");
    // In chunks, since nobody knows before how long it is.
    let lines: Vec<Value> =
        answer.body.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.iter().any(|line| line["version"] == 3), "{answer:?}");
    let printed: String = lines.iter().filter_map(|line| line[2].as_str()).collect();
    assert!(printed.contains("re1corded"), "{printed}");
    assert!(lines.iter().any(|line| line[1] == "x" && line[2] == "3"), "{answer:?}");
    let found = |query: &str| ask(&format!("GET /api/v1/search?{query}"), Value::Null);
    // The index follows what is stored.
    wait_until("output is found", || {
        found("q=re1corded").json()["hits"].as_array().is_some_and(|it| !it.is_empty())
    });
    let hits = found("q=re1corded&sessionId=").status;
    assert_eq!(hits, 400);
    let hit = found(&format!("q=RE1CORDED&limit=1&workerId={worker}")).json();
    assert_eq!(
        (&hit["hits"][0]["workerId"], &hit["hits"][0]["sessionId"]),
        (&json!(worker), &session["id"])
    );
    assert!(hit["hits"][0]["excerpt"].as_str().unwrap().contains("re1corded"), "{hit}");
    let rest = found(&format!("q=re1corded&limit=1&before={}", hit["next"])).json();
    assert_ne!(rest["hits"], hit["hits"]);
    assert_eq!(found("q=re1corded&agentId=b-2").json(), json!({"hits": []}));
    assert_eq!((found("").status, found("q=x&limit=none").status), (400, 400));
    for unknown in [path.replace(&worker, "w-unknown"), path.replace(id(&session), "s-unknown")] {
        let answer = ask(&format!("GET {unknown}"), Value::Null);
        assert_eq!(answer.status, 404, "{unknown}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
    }
    assert_eq!(http::send(server.address(), &format!("GET {path}"), &[]).status, 401);
}

#[test]
fn a_worktree_is_worked_in_by_a_real_shell_that_ends_before_it_goes() {
    let server = Server::start(&[]);
    let home = TempDir::new().unwrap();
    let home_path = home.path().canonicalize().unwrap();
    let repository = home_path.join("repo");
    fs::create_dir(&repository).unwrap();
    git(&repository, &["init", "--quiet", "--initial-branch=main"]);
    commit(&repository, "first");
    let variables = [("HOME", home_path.to_str().unwrap())];
    let _agent = server.agent_with("a-1", server.address(), &variables);
    server.wait_until_online("a-1");
    let token = server.operator();
    let ask = |status: u16, request: &str, body: Value| {
        let answer = http::send_json(server.address(), request, &token, &body);
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        answer.json()
    };
    assert_eq!(ask(200, "GET /api/config", Value::Null)["homeDir"], json!(home_path));
    for (status, path) in
        [(400, "/etc"), (400, "~/nothing"), (400, "~/repo/file"), (400, "/tmp/../etc")]
    {
        ask(status, "POST /api/sessions", json!({"type": "quick", "locationPath": path}));
    }
    ask(400, "POST /api/repositories", json!({"path": "~/"}));
    let registered = ask(201, "POST /api/repositories", json!({"path": "~/repo"}));
    let path = format!("/api/repositories/{}/worktrees", id(&registered["repository"]));
    let body = json!({"mode": "custom", "branch": "x", "autoStartSession": true});
    let made = ask(201, &format!("POST {path}"), body);
    let folder = made["worktree"]["path"].as_str().unwrap().to_owned();
    let session = format!("/api/sessions/{}", id(&made["session"]));
    ask(201, &format!("POST {session}/workers"), json!({"type": "terminal"}));
    wait_until("a shell is there", || is_worked_in(Path::new(&folder)));
    ask(200, &format!("PATCH {session}"), json!({"branch": "y"}));
    let branches = ask(200, &format!("GET {session}/branches"), Value::Null);
    assert_eq!(branches["local"], json!(["main", "y"]));
    assert_eq!(ask(200, "GET /api/sessions/validate", Value::Null)["hasIssues"], false);
    let remove = format!("DELETE {path}/{}", folder.replace('/', "%2F"));
    fs::write(Path::new(&folder).join("file"), "changed").unwrap();
    ask(409, &remove, Value::Null);
    assert!(is_worked_in(Path::new(&folder)), "what is refused ends nothing");
    ask(200, &format!("{remove}?force=true"), Value::Null);
    assert!(!is_worked_in(Path::new(&folder)) && !Path::new(&folder).exists());
    assert_eq!(ask(200, "GET /api/sessions", Value::Null)["sessions"], json!([]));
    let listed = ask(200, &format!("GET {path}"), Value::Null);
    assert_eq!(listed["worktrees"].as_array().unwrap().len(), 1);
}
