//! Which directories a session may be in, and bodies that make no sense.

use std::{fs, os::unix::fs::symlink};

use serde_json::{Value, json};

use super::Bench;

#[test]
fn tricks_with_paths_lead_nowhere() {
    let bench = Bench::start();
    fs::write(bench.home.path().join("file"), "").unwrap();
    symlink("/etc", bench.home.path().join("innocent")).unwrap();
    symlink("work", bench.home.path().join("fine")).unwrap();
    let quick = |path: &str| json!({"type": "quick", "locationPath": path});
    let long = format!("/{}", "x".repeat(5000));
    for (path, why) in [
        ("/nowhere/at/all", "nothing at"),
        ("", "absolute"),
        ("work", "absolute"),
        ("../work", "absolute"),
        ("~ann/work", "absolute"),
        ("/tmp\u{0}/x", "NUL"),
        (long.as_str(), "4096"),
        ("/etc", "system"),
        ("/etc/ssl", "system"),
        ("/tmp/../etc", "system"),
        ("/proc/self", "system"),
        ("/usr/bin", "system"),
        ("/bin", "system"),
        ("/root", "system"),
        ("~/innocent", "leads to /etc"),
        ("~/innocent/ssl", "system"),
        ("~/file", "not a directory"),
    ] {
        let error = bench.refused(400, "POST /api/sessions", quick(path));
        assert!(error.contains(why), "{path}: {error}");
    }
    for path in [bench.path("fine"), "~/fine".into(), bench.path("fine/."), "~/fine/../work".into()]
    {
        let answer = bench.expect(201, "POST /api/sessions", quick(&path));
        assert_eq!(answer["session"]["locationPath"], bench.path("work"));
    }
}

#[test]
fn bodies_and_fields_that_make_no_sense_are_refused() {
    let bench = Bench::start();
    let session = bench.quick("work");
    let path = format!("/api/sessions/{}", super::id(&session));
    let huge = "x".repeat(70_000);
    for (status, request, body) in [
        (400, "POST /api/sessions".to_owned(), Value::Null),
        (400, "POST /api/sessions".to_owned(), json!([])),
        (400, "POST /api/sessions".to_owned(), json!({"type": "x", "locationPath": "~/work"})),
        (400, "POST /api/sessions".to_owned(), json!({"type": "quick", "locationPath": 1})),
        (
            400,
            "POST /api/sessions".to_owned(),
            json!({"type": "quick", "locationPath": "~/work", "initialPrompt": huge}),
        ),
        (
            400,
            "POST /api/sessions".to_owned(),
            json!({"type": "quick", "locationPath": "~/work", "initialPrompt": "a\u{0}"}),
        ),
        (413, "POST /api/sessions".to_owned(), json!("x".repeat(600_000))),
        (400, format!("PATCH {path}"), json!({})),
        (400, format!("PATCH {path}"), json!({"title": "x".repeat(5000)})),
        (400, format!("PATCH {path}"), json!({"title": "a\u{0}"})),
        (400, format!("PATCH {path}"), json!({"branch": "x"})),
        (400, format!("PATCH {path}"), json!({"branch": "--force"})),
        (404, "PATCH /api/sessions/unknown".to_owned(), json!({"title": "x"})),
        (404, "GET /api/sessions/..%2F..%2Fetc".to_owned(), Value::Null),
        (404, "GET /api/sessions/%00".to_owned(), Value::Null),
        (409, format!("GET {path}/branches"), Value::Null),
    ] {
        bench.refused(status, &request, body);
    }
    assert_eq!(bench.get(&path)["session"], session);
}
