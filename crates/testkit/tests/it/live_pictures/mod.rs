//! Pictures through a real server: who brings them, who sees them, and what is kept.

mod crowds;
mod hostile;
mod narrow;
mod origins;
mod pace;
mod producers;
mod programs;
mod recordings;
mod views;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A person of that role.
fn person(user: &str, role: Role) -> Grant {
    Grant::Person { user: user.into(), role }
}

/// A token of somebody who may only watch.
fn watching(server: &Server) -> String {
    server.token(&person("wim", Role::Viewer))
}

/// A token that shows one session and nothing else.
fn view_of(session: &str) -> Grant {
    Grant::Viewer { user: "guest".into(), session: session.parse().unwrap() }
}

/// A worker's token of that session.
fn worker_of(session: &str) -> Grant {
    Grant::Session { session: session.parse().unwrap(), agent: "a-1".parse().unwrap() }
}

/// A producer without a token.
fn producer(server: &Server, stream: &str) -> Viewer {
    Upgrade::to(format!("/ws/stream/{stream}")).send(server.address()).unwrap()
}

/// A producer with that token.
fn producer_with(server: &Server, stream: &str, token: &str) -> Viewer {
    Upgrade::to(format!("/ws/stream/{stream}?token={token}")).send(server.address()).unwrap()
}

/// Somebody who watches, with a query besides the token.
fn viewer(server: &Server, stream: &str, query: &str) -> Viewer {
    let token = watching(server);
    Upgrade::to(format!("/ws/view/{stream}?token={token}{query}")).send(server.address()).unwrap()
}

/// A picture, recognisable by its number.
fn frame(number: u64) -> Value {
    // A whole number of three bytes, so that base64 has no padding.
    let number = u32::try_from(number).unwrap().to_be_bytes();
    let bytes = [&[0xff, 0xd8, 0xff, 0xe0, 0][..], &number].concat();
    json!({"type": "frame", "sessionId": "x", "data": base64(&bytes), "timestamp": 1.5})
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert!(bytes.len().is_multiple_of(3));
    let digits = bytes.chunks(3).flat_map(|three| {
        let number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[(number >> shift & 63) as usize]))
    });
    digits.collect()
}

/// What a viewer of old sees of a picture.
fn shown(stream: &str, frame: &Value) -> Value {
    json!({
        "type": "frame", "sessionId": stream, "data": frame["data"],
        "timestamp": frame["timestamp"],
    })
}

fn next(viewer: &mut Viewer) -> Value {
    serde_json::from_str(&viewer.text()).unwrap()
}

/// The next status for which that holds.
fn status(viewer: &mut Viewer, wanted: impl Fn(&Value) -> bool) -> Value {
    viewer.expect_that(|message| message["type"] == "status" && wanted(message))
}
