//! Programs that others wrote: the seed's viewer in a real browser, and producers as they are in npm and Python.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    process::{Command, Stdio},
    thread,
};

use pilothouse_testkit::{node::NodeProgram, program::Server};
use serde_json::json;

use super::{frame, next, producer, shown, view_of, viewer};

/// A real picture: two by one pixels, red and blue.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8DAwPAfAAcAAf/R3zYPAAAAAElFTkSuQmCC";

/// A page of another origin.
fn page() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<!doctype html>",
            );
        }
    });
    address
}

#[test]
fn the_viewer_of_the_seed_draws_what_it_is_sent_from_an_allowed_page() {
    let origin = format!("http://{}", page());
    let server = Server::start(&[("origins.allowed", &origin)]);
    let token = server.token(&view_of("s-1"));
    let url = format!("ws://{}/ws/view/s-1?token={token}", server.address());
    let mut browser = NodeProgram::start("seed_viewer.mjs", &[&origin, &url]);
    browser.expect("open");
    let mut worker = producer(&server, "s-1");
    worker.send(&json!({"type": "frame", "sessionId": "s-1", "data": PNG, "timestamp": 1.5}));
    let drawn = browser.expect("drawn");
    assert_eq!(drawn["fields"], json!(["data", "sessionId", "timestamp", "type"]));
    assert_eq!((&drawn["width"], &drawn["height"]), (&json!(2), &json!(1)));
    assert_eq!(drawn["image"], json!([2, 1]));
    worker.send(&json!({"type": "AUTHENTICATE", "sessionToken": "x", "agentId": "y"}));
    worker.send(&json!({"type": "frame", "sessionId": "s-1", "data": PNG, "timestamp": 2.5}));
    browser.expect("drawn");
    assert!(browser.seen.iter().all(|seen| seen["what"] != "error"), "{:?}", browser.seen);
    assert!(browser.finish());
}

#[test]
fn producers_of_npm_send_text_and_binary() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "");
    let url = format!("ws://{}/ws/stream/s-1", server.address());
    let data = frame(1)["data"].as_str().unwrap().to_owned();
    let mut node = NodeProgram::start("picture_producer.mjs", &[&url, &data]);
    for _ in ["text", "binary JSON", "head and bytes"] {
        assert_eq!(next(&mut watched), shown("s-1", &frame(1)));
    }
    node.expect("sent");
    assert!(node.finish());
}

/// As `worker/live_stream.py` of the seed's project sends, with nothing but the standard library.
#[test]
fn a_worker_in_python_sends_frames_as_bytes() {
    let server = Server::start(&[]);
    let mut watched = viewer(&server, "s-1", "");
    let mut python = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/picture_producer.py"))
        .args([server.address().port().to_string(), frame(1)["data"].as_str().unwrap().to_owned()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..2 {
        assert_eq!(next(&mut watched), shown("s-1", &frame(1)));
    }
    drop(python.stdin.take());
    assert!(python.wait().unwrap().success());
}
