//! Repositories and worktrees, with a real git behind the agent.

use std::{fs, path::Path};

use pilothouse_testkit::fake_agent::Manner;
use serde_json::{Value, json};

use super::{Bench, commit, git, id};

/// A path as one part of another.
fn encoded(path: &str) -> String {
    path.replace('/', "%2F")
}

#[test]
fn a_repository_is_registered_once_and_tells_its_branches() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    assert_eq!(
        (&repository["name"], &repository["path"]),
        (&json!("repo"), &json!(bench.path("repo")))
    );
    assert_eq!(bench.get("/api/repositories")["repositories"], json!([repository]));
    fs::create_dir(bench.home.path().join("repo/deep")).unwrap();
    let again = bench.refused(409, "POST /api/repositories", json!({"path": "~/repo/deep"}));
    assert!(again.contains("registered already"), "{again}");
    let none = bench.refused(400, "POST /api/repositories", json!({"path": "~/work"}));
    assert!(none.contains("not a git repository"), "{none}");
    bench.refused(400, "POST /api/repositories", json!({"path": "~/nothing"}));
    git(&bench.home.path().join("repo"), &["branch", "feature/x"]);
    let path = format!("/api/repositories/{}", id(&repository));
    let branches = bench.get(&format!("{path}/branches"));
    let expected = json!({"local": ["feature/x", "main"], "remote": [], "defaultBranch": "main"});
    assert_eq!(branches, expected);
    bench.expect(200, &format!("DELETE {path}"), Value::Null);
    assert!(bench.home.path().join("repo/file").exists());
    bench.refused(404, &format!("DELETE {path}"), Value::Null);
    bench.refused(404, &format!("GET {path}/branches"), Value::Null);
    bench.refused(404, &format!("GET {path}/worktrees"), Value::Null);
}

#[test]
fn a_worktree_is_made_worked_in_renamed_and_removed_in_that_order() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    let path = format!("/api/repositories/{}/worktrees", id(&repository));
    let body = json!({"mode": "custom", "branch": "feature/x", "autoStartSession": true,
                      "agentType": "claude", "title": "X"});
    let made = bench.expect(201, &format!("POST {path}"), body);
    let (worktree, session) = (&made["worktree"], &made["session"]);
    let folder = worktree["path"].as_str().unwrap();
    let parent = bench.path(".local/share/pilothouse/worktrees/repo/wt-001-");
    assert!(folder.starts_with(&parent), "{folder}");
    assert_eq!((&worktree["branch"], &worktree["index"]), (&json!("feature/x"), &json!(1)));
    assert_eq!(
        (&session["type"], &session["worktreeId"]),
        (&json!("worktree"), &json!("feature/x"))
    );
    assert_eq!((&session["locationPath"], &session["title"]), (&json!(folder), &json!("X")));
    assert_eq!(git(Path::new(folder), &["branch", "--show-current"]), "feature/x\n");
    let listed = bench.get(&path);
    assert_eq!(listed["worktrees"][0]["isMain"], true);
    assert_eq!(listed["worktrees"][1], *worktree);

    let session_path = format!("/api/sessions/{}", id(session));
    let renamed =
        bench.expect(200, &format!("PATCH {session_path}"), json!({"branch": "feature/y"}));
    assert_eq!(renamed, json!({"success": true, "branch": "feature/y"}));
    assert_eq!(git(Path::new(folder), &["branch", "--show-current"]), "feature/y\n");
    assert_eq!(bench.get(&session_path)["session"]["worktreeId"], "feature/y");
    let taken = bench.refused(409, &format!("PATCH {session_path}"), json!({"branch": "main"}));
    assert!(taken.contains("already exists"), "{taken}");
    assert_eq!(bench.get(&session_path)["session"]["worktreeId"], "feature/y");
    let second =
        json!({"type": "worktree", "repositoryId": id(&repository), "locationPath": folder});
    let second = bench.expect(201, "POST /api/sessions", second)["session"].take();
    assert_eq!(second["worktreeId"], "feature/y");

    // With changes it stays, and its processes live on.
    fs::write(Path::new(folder).join("file"), "changed").unwrap();
    let remove = format!("DELETE {path}/{}", encoded(folder));
    let dirty = bench.refused(409, &remove, Value::Null);
    assert!(dirty.contains("force"), "{dirty}");
    bench.agent.expect("spawn");
    bench.expect(200, &format!("{remove}?force=true"), Value::Null);
    bench.agent.expect("endWorker");
    assert!(!Path::new(folder).exists());
    assert_eq!(bench.get("/api/sessions")["sessions"], json!([]));
    assert_eq!(bench.get(&path)["worktrees"].as_array().unwrap().len(), 1);
    bench.refused(404, &remove, Value::Null);
}

#[test]
fn branches_are_new_or_there_or_made_up() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    let folder = bench.home.path().join("repo");
    git(&folder, &["branch", "there"]);
    commit(&folder, "second");
    let path = format!("/api/repositories/{}/worktrees", id(&repository));
    let make = |body: Value| bench.expect(201, &format!("POST {path}"), body);
    let made = make(json!({"mode": "existing", "branch": "there"}));
    assert_eq!((&made["worktree"]["branch"], &made["session"]), (&json!("there"), &Value::Null));
    let based = make(json!({"mode": "custom", "branch": "based", "baseBranch": "there"}));
    let based = based["worktree"]["path"].as_str().unwrap();
    assert_eq!(fs::read_to_string(Path::new(based).join("file")).unwrap(), "first");
    let told =
        make(json!({"mode": "prompt", "initialPrompt": "mend it", "autoStartSession": true}));
    let name = told["worktree"]["branch"].as_str().unwrap();
    assert!(name.strip_prefix("task-").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(told["branchNameFallback"]["usedBranch"], name);
    assert_eq!(told["session"]["workers"][0]["agentId"], "claude");
    assert_eq!(told["worktree"]["index"], 3);
    for (status, body) in [
        (409, json!({"mode": "existing", "branch": "there"})),
        (409, json!({"mode": "existing", "branch": "nowhere"})),
        (409, json!({"mode": "custom", "branch": "there"})),
        (409, json!({"mode": "custom", "branch": "y", "baseBranch": "nowhere"})),
        (400, json!({"mode": "custom"})),
        (400, json!({"mode": "custom", "branch": "-b"})),
        (400, json!({"mode": "custom", "branch": "a b"})),
        (400, json!({"mode": "custom", "branch": "$(id)"})),
        (400, json!({"mode": "custom", "branch": "z", "baseBranch": "--detach"})),
        (400, json!({"mode": "prompt", "initialPrompt": " "})),
        (400, json!({"mode": "wish"})),
        (400, json!({"mode": "custom", "branch": "z", "agentType": "nobody"})),
        (400, json!({"mode": "custom", "branch": "z", "agentId": "other"})),
    ] {
        bench.refused(status, &format!("POST {path}"), body);
    }
    assert_eq!(bench.get(&path)["worktrees"].as_array().unwrap().len(), 4);
}

#[test]
fn a_worktree_that_somebody_else_works_in_stays() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    let path = format!("/api/repositories/{}/worktrees", id(&repository));
    let body = json!({"mode": "custom", "branch": "x"});
    let made = bench.expect(201, &format!("POST {path}"), body);
    let folder = made["worktree"]["path"].as_str().unwrap();
    let quick = json!({"type": "quick", "locationPath": folder});
    let other = bench.expect(201, "POST /api/sessions", quick)["session"].take();
    let workers = format!("/api/sessions/{}/workers", id(&other));
    let worker = bench.expect(201, &format!("POST {workers}"), json!({"type": "terminal"}));
    let remove = format!("DELETE {path}/{}?force=true", encoded(folder));
    let used = bench.refused(409, &remove, Value::Null);
    assert!(used.contains(id(&other)), "{used}");
    assert!(Path::new(folder).exists());
    bench.expect(200, &format!("DELETE {workers}/{}", id(&worker["worker"])), Value::Null);
    bench.expect(200, &remove, Value::Null);
    assert!(!Path::new(folder).exists());
    let main = format!("DELETE {path}/{}", encoded(&bench.path("repo")));
    bench.refused(400, &main, Value::Null);
    bench.refused(404, &format!("DELETE {path}/{}", encoded(&bench.path("work"))), Value::Null);
    bench.refused(404, &format!("DELETE {path}/..%2F..%2Fetc"), Value::Null);
}

#[test]
fn a_worktree_whose_processes_do_not_end_stays() {
    let bench = Bench::with(Manner { keeps_workers: true, ..Manner::default() });
    let repository = bench.repository("repo");
    let path = format!("/api/repositories/{}/worktrees", id(&repository));
    let body =
        json!({"mode": "custom", "branch": "x", "autoStartSession": true, "agentType": "codex"});
    let made = bench.expect(201, &format!("POST {path}"), body);
    let folder = made["worktree"]["path"].as_str().unwrap();
    let remove = format!("DELETE {path}/{}", encoded(folder));
    bench.refused(503, &remove, Value::Null);
    assert!(Path::new(folder).exists());
    assert_eq!(bench.get("/api/sessions")["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn a_session_in_a_worktree_needs_one() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    let session = |more: Value| {
        let mut body = json!({"type": "worktree", "repositoryId": id(&repository),
                              "locationPath": "~/repo"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let made = bench.expect(201, "POST /api/sessions", session(json!({})));
    assert_eq!(made["session"]["worktreeId"], "main");
    for (status, more) in [
        (400, json!({"repositoryId": null})),
        (404, json!({"repositoryId": "r-unknown"})),
        (400, json!({"locationPath": "~/work"})),
        (409, json!({"worktreeId": "other"})),
        (400, json!({"agentId": "other"})),
    ] {
        bench.refused(status, "POST /api/sessions", session(more));
    }
}

#[test]
fn sessions_that_lost_their_place_are_found_and_dropped() {
    let bench = Bench::start();
    let repository = bench.repository("repo");
    let quick = bench.quick("work");
    let path = format!("/api/repositories/{}/worktrees", id(&repository));
    let make = |branch: &str| {
        let body = json!({"mode": "custom", "branch": branch, "autoStartSession": true});
        bench.expect(201, &format!("POST {path}"), body)["session"].take()
    };
    let (gone, branchless, fine) = (make("gone"), make("branchless"), make("fine"));
    let fresh = bench.get("/api/sessions/validate");
    assert_eq!(fresh["hasIssues"], false, "{fresh}");
    fs::remove_dir_all(gone["locationPath"].as_str().unwrap()).unwrap();
    fs::remove_dir(bench.home.path().join("work")).unwrap();
    let folder = Path::new(branchless["locationPath"].as_str().unwrap());
    git(folder, &["branch", "-m", "renamed"]);
    let found = bench.get("/api/sessions/validate");
    assert_eq!(found["hasIssues"], true);
    let of = |session: &Value| {
        let results = found["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["sessionId"] == session["id"]).unwrap();
        (result["valid"].clone(), result["issues"][0]["type"].clone())
    };
    assert_eq!(of(&gone), (json!(false), json!("directory_not_found")));
    assert_eq!(of(&quick), (json!(false), json!("directory_not_found")));
    assert_eq!(of(&branchless), (json!(false), json!("branch_not_found")));
    assert_eq!(of(&fine), (json!(true), Value::Null));
    bench.expect(200, &format!("DELETE /api/sessions/{}/invalid", id(&quick)), Value::Null);
    let remove = encoded(gone["locationPath"].as_str().unwrap());
    bench.expect(200, &format!("DELETE {path}/{remove}"), Value::Null);
    assert_eq!(bench.get("/api/sessions")["sessions"].as_array().unwrap().len(), 2);
}
