//! A server that is asked to stop: everybody is told, it is gone in time, and work at the agents goes on.

use std::{
    io::Write,
    net::TcpStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use pilothouse_core::{ids::CommandId, ports::Store as _, streams::StreamKey};
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::{
    program::{Server, request},
    viewer::{Upgrade, Viewer},
    watcher::Watcher,
};
use serde_json::{Value, json};

use crate::storage::{places::sqlite_url, samples::text_of};

/// How many sockets of each kind there are.
const EACH: usize = 200;
/// The longest a stop may take.
const STOPS_WITHIN: Duration = Duration::from_secs(15);
/// Close code 1001 (RFC 6455 7.4.1).
const GOING_AWAY: u16 = 1001;

fn unnamed_dashboard(server: &Server) -> Viewer {
    Upgrade::to("/ws/dashboard").send(server.address()).unwrap()
}

fn agent_socket(server: &Server, id: &str) -> Viewer {
    let token = server.agent_token(id);
    let upgrade = Upgrade::to("/ws/agent").with("Authorization", &format!("Bearer {token}"));
    upgrade.send(server.address()).unwrap()
}

/// A program at the agents' door that has been welcomed.
fn linked(server: &Server, id: &str) -> Viewer {
    let mut socket = agent_socket(server, id);
    socket.send(&json!({"type": "hello", "version": 2, "agent": id, "incarnation": "i-1",
                        "profile": {"agentType": "shell"}}));
    let welcome = socket.text();
    assert!(welcome.contains("welcome"), "{welcome}");
    socket
}

/// What each of the sockets was closed with; they are read on several threads, as peers would.
fn close_codes(sockets: Vec<Viewer>) -> Vec<thread::JoinHandle<Vec<u16>>> {
    let mut waiting = sockets;
    let mut threads = Vec::new();
    while !waiting.is_empty() {
        let mut some = waiting.split_off(waiting.len().saturating_sub(EACH / 2));
        threads.push(thread::spawn(move || some.iter_mut().map(Viewer::expect_close).collect()));
    }
    threads
}

/// A command of an agent that prints numbered lines until a file is gone, and then how many.
fn count_until_gone(gate: &Path) -> String {
    let gate = gate.display();
    format!("i=0; while [ -e {gate} ]; do i=$((i+1)); echo $i; sleep 0.02; done; echo end $i")
}

/// Everything that is stored of a command's output.
async fn stored(store: &SqlStore, command: &Value) -> Result<String> {
    let stream = StreamKey::command(CommandId::new(command.as_str().unwrap())?);
    Ok(text_of(&store.read_output(&stream, 0, usize::MAX).await?))
}

#[tokio::test]
async fn everybody_is_told_of_a_stop_it_is_over_in_time_and_commands_go_on() -> Result<()> {
    let mut server = Server::start(&[]);
    let agents: Vec<_> = (0..3).map(|n| server.agent(&format!("real-{n}"))).collect();
    let gate = tempfile::NamedTempFile::new().unwrap();
    let mut watcher = Watcher::of(server.dashboard());
    let mut commands = Vec::new();
    for n in 0..agents.len() {
        watcher.send(&request(&format!("real-{n}"), &count_until_gone(gate.path())));
        let command = watcher.expect_status(None, "running")["commandId"].clone();
        watcher.expect_output(&command, "\n");
        commands.push(command);
    }

    let mut sockets: Vec<_> = (0..EACH).map(|_| server.dashboard()).collect();
    sockets.extend((0..EACH).map(|_| unnamed_dashboard(&server)));
    sockets.extend((0..EACH).map(|n| linked(&server, &format!("linked-{n}"))));
    sockets.extend((0..EACH).map(|n| agent_socket(&server, &format!("silent-{n}"))));
    // Some say nothing, or half of something, and never close their end.
    let mut stuck: Vec<_> =
        (0..20).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    for stream in stuck.iter_mut().skip(10) {
        stream.write_all(b"GET /ws/dashboard HTTP/1.1\r\nHost: loc").unwrap();
    }
    let frozen: Vec<_> = (0..20).map(|_| server.dashboard()).collect();

    let readers = close_codes(sockets);
    let asked_at = Instant::now();
    assert_eq!(server.stop(), Some(0));
    let took = asked_at.elapsed();
    assert!(took < STOPS_WITHIN, "{took:?}");
    let codes: Vec<u16> = readers.into_iter().flat_map(|r| r.join().unwrap()).collect();
    assert_eq!(codes.len(), 4 * EACH);
    assert!(codes.iter().all(|code| *code == GOING_AWAY), "{codes:?}");
    for mut viewer in frozen {
        assert_eq!(viewer.expect_close(), GOING_AWAY);
    }

    let before: Vec<String> = commands.iter().map(|id| watcher.output_of(id)).collect();
    server.start_again();
    for n in 0..agents.len() {
        server.wait_until_online(&format!("real-{n}"));
    }
    let mut after = Watcher::of(server.dashboard());
    drop(gate);
    for _ in &commands {
        assert_eq!(after.expect_status(None, "completed")["exitCode"], 0);
    }
    let store = SqlStore::open(&sqlite_url(&server.folder().join("pilothouse.db"))).await?;
    for (command, shown) in commands.iter().zip(before) {
        let stored = stored(&store, command).await?;
        let count = stored.lines().count() - 1;
        let numbers: String = (1..=count).map(|n| format!("{n}\n")).collect();
        assert!(stored == format!("{numbers}end {count}\n"), "{stored}");
        assert!(stored.starts_with(&shown) && stored.len() > shown.len());
        assert_eq!(watcher.states_of(command).last().unwrap(), "running");
    }
    store.close().await;
    Ok(())
}
