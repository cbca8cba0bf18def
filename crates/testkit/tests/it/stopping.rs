//! A server that stops: everybody is told to come back, newcomers are sent away, and it is over in time.

use std::time::{Duration, Instant};

use pilothouse_testkit::{
    http,
    program::{PATIENCE, Server, request, signal},
    viewer::{Received, Upgrade, Viewer},
};
use sqlx::{AnyConnection, Connection};

/// What a stop may take in all.
const AT_MOST: Duration = Duration::from_secs(15);
/// Dashboards that answer a close, and such that never do.
const POLITE: usize = 300;
const STUBBORN: usize = 60;

fn dashboards(server: &Server, count: usize) -> Vec<Viewer> {
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let mut all: Vec<_> = (0..count).map(|_| upgrade.send(server.address()).unwrap()).collect();
    for viewer in &mut all {
        viewer.expect("agent:list");
    }
    all
}

fn ask(server: &Server, path: &str) -> (u16, String) {
    let answer = http::send(server.address(), &format!("GET {path}"), &[]);
    (answer.status, answer.body)
}

#[test]
fn everybody_is_told_1001_newcomers_get_503_and_stubborn_peers_are_cut() {
    let server = Server::start(&[]);
    let agent = server.agent("agent-1");
    let mut polite = dashboards(&server, POLITE);
    let stubborn = dashboards(&server, STUBBORN);
    let began = Instant::now();
    signal(server.id(), "TERM");
    // The stubborn ones keep the server for a moment, in which it still answers.
    let health = loop {
        let (status, body) = ask(&server, "/health");
        if status == 503 {
            break body;
        }
        assert!(began.elapsed() < PATIENCE, "it does not stop");
    };
    assert!(health.contains("\"status\":\"stopping\""), "{health}");
    let (status, body) = ask(&server, "/");
    assert!(status == 503 && body.contains("stopping"), "{status} {body}");
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    assert_eq!(upgrade.send(server.address()).err().map(|(status, _)| status), Some(503));
    for viewer in &mut polite {
        assert_eq!(viewer.expect_close(), 1001);
        viewer.send_raw(pilothouse_websocket::frame::Opcode::Close, &1001u16.to_be_bytes());
    }
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    for mut viewer in stubborn {
        assert_eq!(viewer.expect_close(), 1001, "those who read late find it too");
        assert_eq!(viewer.receive(), Received::Ended, "and then the end");
    }
    drop(agent);
}

#[test]
fn a_peer_that_reads_nothing_does_not_hold_the_stop_up() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut reader = server.dashboard();
    let deaf = dashboards(&server, 5);
    reader.send(&request("agent-1", "seq 1 3000000"));
    // By its end, far more was sent than the kernel keeps for the deaf.
    reader.expect_status("completed");
    let began = Instant::now();
    signal(server.id(), "TERM");
    assert_eq!(reader.expect_close(), 1001);
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    drop(deaf);
}

#[test]
fn storage_that_does_not_answer_does_not_hold_the_stop_up() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut dashboard = server.dashboard();
    sqlx::any::install_default_drivers();
    let database = format!("sqlite://{}", server.folder().join("pilothouse.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut lock = runtime.block_on(AnyConnection::connect(&database)).unwrap();
    dashboard.send(&request("agent-1", "echo first; sleep 2; echo second; sleep 60"));
    dashboard.expect("terminal:output");
    runtime.block_on(sqlx::query("BEGIN IMMEDIATE").execute(&mut lock)).unwrap();
    // From now on storage is busy with somebody else, and this output waits for it.
    dashboard.expect("terminal:output");
    let began = Instant::now();
    signal(server.id(), "TERM");
    assert_eq!(dashboard.expect_close(), 1001);
    assert_eq!(server.wait(), Some(0));
    // SQLite itself would wait for the lock twice, 5 s each time.
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    drop(lock);
}
