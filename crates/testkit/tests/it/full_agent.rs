//! The disk of an agent is full: what runs goes on from memory, nothing new is begun, everybody can
//! see why, and it passes by itself.

use pilothouse_testkit::{
    numbered::{lines, print},
    program::{Server, Surroundings, request},
    small_disk::SmallDisk,
    viewer::Viewer,
    watcher::Watcher,
};
use serde_json::Value;
use tempfile::NamedTempFile;

#[test]
fn an_agent_with_a_full_disk_relays_on_says_so_and_recovers() {
    let Some(disk) = SmallDisk::mount_or_skip(8) else { return };
    let parent = Some(disk.path().to_owned());
    let server = Server::start(&[("commands.per_minute", "10000")]);
    let surroundings = Surroundings { parent, ..Surroundings::default() };
    let _agent = server.agent_in(&surroundings, "agent-1", server.address());
    server.wait_until_online("agent-1");
    let mut watcher = Watcher::of(server.dashboard());
    let gates = [NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap()];
    let wait =
        |gate: usize| format!("while [ -e {} ]; do sleep 0.05; done", gates[gate].path().display());
    let line = format!(
        "{}; {}; {}; {}; {}; exit 4",
        print('a', 1000),
        wait(0),
        print('b', 1_000_000),
        wait(1),
        print('c', 1000)
    );
    watcher.send(&request("agent-1", &line));
    let id = watcher.expect_status(None, "running")["commandId"].take();
    watcher.expect_output(&id, "a000001000\n");

    disk.fill();
    let [first, second] = gates;
    drop(first);
    watcher.expect_agent("agent-1", "error");
    watcher.expect_output(&id, "b001000000\n");
    drop(second);
    assert_eq!(watcher.expect_status(Some(&id), "failed")["exitCode"], 4);
    let output = lines('a', 1000) + &lines('b', 1_000_000) + &lines('c', 1000);
    assert!(watcher.output_of(&id) == output, "each line once, in order");

    let refused = refused_command(&disk, &mut watcher);
    let mut late = Viewer::dashboard(server.address(), &server.operator());
    let is_in_trouble = late.expect("agent:list")["agents"][0]["status"] == "error";
    if !is_in_trouble {
        watcher.expect_agent("agent-1", "error");
    }
    disk.make_room();
    watcher.expect_agent("agent-1", "online");
    watcher.send(&request("agent-1", "echo again"));
    let again = watcher.expect_status(None, "completed")["commandId"].take();
    assert_eq!(watcher.output_of(&again), "again\n");
    for command in [&id, &refused] {
        let states = watcher.states_of(command);
        assert_eq!(states.iter().filter(|state| *state == "failed").count(), 1, "{states:?}");
    }
}

/// Asks for commands until there is no room to write one down; those before it work.
fn refused_command(disk: &SmallDisk, watcher: &mut Watcher) -> Value {
    for number in 0..200 {
        // What an agent gives back when a command is done is taken too.
        disk.fill();
        watcher.send(&request("agent-1", &format!("echo {number}")));
        let ended = watcher.expect_that(|message| {
            let status = &message["payload"]["status"];
            message["type"] == "command:status" && (status == "completed" || status == "failed")
        });
        let payload = &ended["payload"];
        let id = payload["commandId"].clone();
        if payload["status"] == "failed" {
            let reason = payload["error"].as_str().unwrap_or_default();
            assert!(reason.contains("check its disk"), "{payload}");
            assert_eq!(watcher.output_of(&id), "", "what cannot be written down is not started");
            return id;
        }
        assert_eq!(watcher.output_of(&id), format!("{number}\n"));
    }
    panic!("the journal is never full");
}
