//! Viewers of the two doors without a heartbeat that are not heard of any more: found by pings, closed, and counted.

use std::thread;

use pilothouse_testkit::{
    program::{PATIENCE, Server},
    proxy::Proxy,
    terminal::{Terminal, session, shell},
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::json;

/// Dead is who leaves a ping unanswered for half an interval, so after 3 s of silence: short enough to wait for,
/// long enough for a peer that answers on a busy machine.
const SETTINGS: [(&str, &str); 2] =
    [("timing.ping_interval", "2s"), ("timing.heartbeat_timeout", "6s")];
const OPEN: [&str; 2] = [
    r#"pilothouse_connections_open{door="sessions_app"}"#,
    r#"pilothouse_connections_open{door="sessions_worker"}"#,
];
const DEAD: [&str; 2] = [
    r#"pilothouse_connections_closed_total{door="sessions_app",by="server",code="4000"}"#,
    r#"pilothouse_connections_closed_total{door="sessions_worker",by="server",code="4000"}"#,
];

fn at(server: &Server, address: std::net::SocketAddr, path: &str) -> Viewer {
    let upgrade = Upgrade::to(path).with("Authorization", &format!("Bearer {}", server.operator()));
    upgrade.send(address).expect("the token is good")
}

/// How the connection ends; what is said before is skipped.
fn ending(viewer: &mut Viewer) -> Received {
    loop {
        match viewer.receive_within(PATIENCE) {
            Received::Text(_) => {}
            ending => return ending,
        }
    }
}

fn assert_dead(ended: &Received) {
    assert!(matches!(ended, Received::Closed(4000, _)), "{ended:?}");
}

#[test]
fn a_viewer_that_leaves_pings_unanswered_is_closed_and_its_neighbour_is_not() {
    let server = Server::start(&SETTINGS);
    let _agent = server.agent("box");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let path = format!("/ws/session/{session}/worker/{worker}");
    let mut mute = [at(&server, server.address(), "/ws/app"), at(&server, server.address(), &path)];
    mute.iter_mut().for_each(Viewer::be_mute);
    // These two say nothing of their own either; they answer pings while the mute ones are waited for.
    let living = ["/ws/app", &path].map(|path| at(&server, server.address(), path));
    let living = living.map(|mut viewer| {
        thread::spawn(move || {
            // A session and a shell that print nothing: only pings come until somebody acts.
            let ended = viewer.receive_that(|text| text.contains("the last words"));
            (viewer, ended)
        })
    });
    for viewer in &mut mute {
        assert_dead(&ending(viewer));
    }
    for (dead, open) in DEAD.iter().zip(OPEN) {
        server.wait_for_metric(dead, 1);
        server.wait_for_metric(open, 1);
    }
    let rename = json!({ "title": "the last words" });
    let path = format!("/api/sessions/{session}");
    let (status, _) = pilothouse_testkit::terminal::rest(&server, "PATCH", &path, Some(&rename));
    assert_eq!(status, 200);
    let mut typist = Terminal::attach(&server, &session, &worker, "");
    typist.input("echo the last 'words'\r");
    for reader in living {
        let (_viewer, heard) = reader.join().unwrap();
        assert!(heard, "it was closed though it answered");
    }
}

#[test]
fn a_connection_that_is_half_open_is_found_and_not_counted_any_more() {
    let server = Server::start(&SETTINGS);
    let _agent = server.agent("box");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let path = format!("/ws/session/{session}/worker/{worker}");
    let proxy = Proxy::before(server.address());
    let mut far: Vec<_> =
        ["/ws/app", &path, &path].iter().map(|path| at(&server, proxy.address(), path)).collect();
    server.wait_for_metric(OPEN[0], 1);
    server.wait_for_metric(OPEN[1], 2);
    proxy.silence(true);
    for ((open, dead), count) in OPEN.iter().zip(DEAD).zip([1, 2]) {
        server.wait_for_metric(open, 0);
        server.wait_for_metric(dead, count);
    }
    // Who is back says so to nobody else's cost: what the network still held is of no effect.
    proxy.silence(false);
    let mut back = Terminal::of(at(&server, proxy.address(), &path));
    back.input("echo he''re\r");
    back.expect_text("here");
    for viewer in &mut far {
        assert!(matches!(ending(viewer), Received::Closed(4000, _) | Received::Ended));
    }
}

#[test]
fn a_slow_reader_is_not_taken_for_a_dead_one() {
    let server = Server::start(&SETTINGS);
    let _agent = server.agent("box");
    let session = session(&server, "/tmp");
    let worker = shell(&server, &session);
    let path = format!("/ws/session/{session}/worker/{worker}");
    let mut typist = Terminal::attach(&server, &session, &worker, "");
    typist.input("stty -echo; PS1=; echo rea''dy\r");
    typist.expect_text("ready\r\n");
    let proxy = Proxy::before(server.address());
    let mut slow = at(&server, proxy.address(), &path);
    assert!(slow.receive_that(|text| text.contains("ready")));
    // Five times as long as silence is borne: pings wait behind what came before them.
    proxy.throttle(Some(200 << 10));
    typist.input("yes 01234567890123456789012345678 | head -c 3000000; echo en''d\r");
    assert!(slow.receive_that(|text| text.contains("end\\r\\n")), "it was closed while it read");
}
