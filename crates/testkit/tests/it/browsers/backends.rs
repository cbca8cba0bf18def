//! Pictures that go to the server of another system, as its own workers send them.

use std::time::{SystemTime, UNIX_EPOCH};

use pilothouse_testkit::node::NodeProgram;
use serde_json::{Value, json};

use super::{Front, site};

/// A server on npm's `ws`, and where it listens.
fn backend() -> (NodeProgram, String) {
    let mut backend =
        NodeProgram::start("picture_backend.mjs", &["https://backend.example", "t.o+k"]);
    let port = backend.expect("listens")["port"].as_u64().unwrap();
    (backend, format!("ws://127.0.0.1:{port}/ws/stream/"))
}

fn sends_to(url: &str, origin: &str, token: &str) -> Front {
    let variables = [("BACKEND_WS_URL", url), ("BACKEND_ORIGIN", origin), ("BACKEND_TOKEN", token)];
    Front::start_at(site::open(), &[], &variables)
}

#[test]
fn a_backend_on_npms_ws_gets_the_pictures_it_knows_and_again_after_it_was_away() {
    let (mut backend, url) = backend();
    let front = sends_to(&url, "https://backend.example", "t.o+k");
    front.open("busy");
    let knock = backend.expect("knock");
    assert_eq!(knock["refused"], "503 Service Unavailable", "{knock}");
    let target = format!("/ws/stream/{}?token=t.o%2Bk", front.session);
    assert_eq!(
        (&knock["target"], &knock["origin"]),
        (&json!(target), &json!("https://backend.example"))
    );
    assert_eq!(knock["authorization"], Value::Null, "what opens its own server is nobody's else");
    // Refused once, and three pictures later cut off without a word: it comes again either time.
    for _ in 0..2 {
        assert_eq!(backend.expect("knock")["refused"], Value::Null);
        for count in 1..=3 {
            let picture = backend.expect("picture");
            assert_eq!((&picture["count"], &picture["isBinary"]), (&json!(count), &json!(false)));
            assert_eq!(
                (&picture["type"], &picture["sessionId"]),
                (&json!("frame"), &json!(front.session))
            );
            assert_eq!(picture["begin"], "ffd8ff", "a JPEG: {picture}");
            assert!(picture["bytes"].as_u64().unwrap() > 1_000, "{picture}");
            #[expect(clippy::disallowed_methods, reason = "pictures say when they were taken")]
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
            let age = now - picture["timestamp"].as_f64().unwrap();
            assert!((-5.0..60.0).contains(&age), "in seconds: {picture}");
        }
    }
    assert!(backend.finish());
}

#[test]
fn a_backend_that_wants_another_origin_or_token_gets_nothing() {
    for (origin, token, status) in [
        ("https://other.example", "t.o+k", "403 Forbidden"),
        ("https://backend.example", "worthless", "401 Unauthorized"),
    ] {
        let (mut backend, url) = backend();
        let front = sends_to(&url, origin, token);
        front.open("still");
        for _ in 0..2 {
            assert_eq!(backend.expect("knock")["refused"], status);
        }
        // The browser is none the worse for it.
        super::expect_title(&mut front.watches(), "still");
        assert!(backend.seen.iter().all(|line| line["what"] != "picture"), "{:?}", backend.seen);
        assert!(backend.finish());
    }
}
