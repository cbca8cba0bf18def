//! Servers and agents come and go; queues, commands and their output stay.

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    program::{Server, Surroundings, request, signal},
    proxy::Proxy,
};
use serde_json::json;

#[test]
fn queues_have_positions_priorities_overtake_and_a_full_queue_refuses() {
    let server = Server::start(&[("commands.queue_capacity", "3")]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    viewer.send(&request("agent-1", "sleep 60"));
    viewer.expect_status("running");
    for (line, priority) in [("n", "normal"), ("l", "low"), ("h", "high"), ("x", "high")] {
        let mut message = request("agent-1", line);
        message["payload"]["priority"] = json!(priority);
        viewer.send(&message);
    }
    let full = viewer.expect_that(|message| {
        message["type"] == "command:queue"
            && message["payload"]["queue"].as_array().is_some_and(|queue| queue.len() == 3)
    });
    let queue = full["payload"]["queue"].as_array().unwrap();
    let order: Vec<_> = queue
        .iter()
        .map(|one| (one["position"].as_u64().unwrap(), one["command"].as_str().unwrap()))
        .collect();
    assert_eq!(order, [(1, "h"), (2, "n"), (3, "l")]);
    assert_eq!(viewer.expect("error")["code"], "QUEUE_FULL");

    let mut late = server.dashboard();
    let seen = late.expect("command:queue");
    assert_eq!(seen["queue"].as_array().unwrap().len(), 3);
    let running = late.expect_status("running");
    assert_eq!(running["command"], "sleep 60");

    late.send(
        &json!({"type": "command:interrupt", "payload": {"commandId": queue[0]["commandId"]}}),
    );
    assert_eq!(viewer.expect_status("interrupted")["commandId"], queue[0]["commandId"]);
    late.send(
        &json!({"type": "command:interrupt", "payload": {"commandId": running["commandId"]}}),
    );
    assert_eq!(viewer.expect_status("interrupted")["commandId"], running["commandId"]);
    late.send(
        &json!({"type": "command:interrupt", "payload": {"commandId": running["commandId"]}}),
    );
    let again = late.expect_that(|message| {
        message["payload"]["commandId"] == running["commandId"]
            && message["payload"]["status"] == "interrupted"
    });
    assert_eq!(again["type"], "command:status");
}

#[test]
fn an_agent_that_leaves_is_offline_at_once_and_takes_no_commands() {
    let server = Server::start(&[]);
    let agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    drop(agent);
    let status = viewer.expect_that(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "offline"
    });
    assert_eq!(status["payload"]["agentId"], "agent-1");
    viewer.send(&request("agent-1", "true"));
    assert_eq!(viewer.expect("error")["code"], "AGENT_OFFLINE");
}

#[test]
fn a_command_survives_a_crash_of_the_server_and_ends_once() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    let gate = tempfile::NamedTempFile::new().unwrap();
    let path = gate.path().display();
    viewer.send(&request(
        "agent-1",
        &format!("echo before; while [ -e {path} ]; do sleep 0.05; done; echo after"),
    ));
    viewer.send(&request("agent-1", "echo second"));
    let id = viewer.expect_status("running")["commandId"].clone();
    viewer.expect("terminal:output");
    server.kill_and_restart();
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    assert_eq!(viewer.expect_status("running")["commandId"], id);
    drop(gate);
    // What the dead server had shown but not stored may be shown again; its number is the same.
    let output = viewer.expect_that(|message| message["payload"]["data"] == "after\n");
    assert_eq!(output["payload"]["sequence"], json!(2));
    let completed = viewer.expect_status("completed");
    assert_eq!((&completed["commandId"], &completed["exitCode"]), (&id, &json!(0)));
    // What was queued goes on by itself, and the first one does not end twice.
    let second = viewer.expect_status("completed");
    assert_ne!(second["commandId"], id);
}

#[test]
fn a_command_survives_an_orderly_restart_of_the_server() {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    let gate = tempfile::NamedTempFile::new().unwrap();
    let path = gate.path().display();
    viewer.send(&request("agent-1", &format!("while [ -e {path} ]; do sleep 0.05; done; exit 6")));
    let id = viewer.expect_status("running")["commandId"].clone();
    server.restart();
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    assert_eq!(viewer.expect_status("running")["commandId"], id);
    drop(gate);
    let failed = viewer.expect_status("failed");
    assert_eq!((&failed["commandId"], &failed["exitCode"]), (&id, &json!(6)));
}

#[test]
fn every_byte_comes_once_over_a_link_that_is_cut_again_and_again() {
    let server = Server::start(&[]);
    let proxy = Proxy::before(server.address());
    let _agent = server.agent_at("agent-1", proxy.address());
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    let line = "for i in 1 2 3 4 5 6; do seq -f \"$i %012.0f\" 1 60000; sleep 0.1; done";
    viewer.send(&request("agent-1", line));
    let (mut output, mut sequence, mut cuts) = (String::new(), 0, 0);
    loop {
        let message = viewer.expect_that(|_| true);
        let payload = &message["payload"];
        if let Some(data) = payload["data"].as_str() {
            sequence += 1;
            assert_eq!(payload["sequence"], json!(sequence), "numbers go on over cuts");
            output += data;
            if output.len() > (cuts + 1) * 700_000 && cuts < 6 {
                assert!(proxy.cut() > 0);
                cuts += 1;
            }
        }
        if payload["status"] == "completed" {
            break;
        }
    }
    assert_eq!(cuts, 6);
    let expected = (1..=6).flat_map(|i| (1..=60_000).map(move |n| format!("{i} {n:012}\n")));
    assert!(output == expected.collect::<String>(), "{} bytes", output.len());
}

#[test]
fn an_agent_id_belongs_to_its_key_until_an_admin_gives_it_to_another() {
    let server = Server::start(&[]);
    let first = server.agent("agent-1");
    let mut viewer = server.dashboard();
    viewer.send(&request("agent-1", "echo first"));
    viewer.expect_status("completed");
    let is_online = |message: &serde_json::Value| {
        message["type"] == "agent:status" && message["payload"]["status"] == "online"
    };
    viewer.expect_that(is_online);
    // The same id with the same kind of token, but from another folder.
    let _other = server.agent_at("agent-1", server.address());
    let admin = Grant::Person { user: "root".into(), role: Role::Admin };
    let _heir = server.agent_as(&admin, &Surroundings::default(), "agent-1", server.address());
    // The new link is told as the agent's state anew; the old one is closed and does not come back.
    viewer.expect_that(|message| {
        assert_ne!(
            message["payload"]["status"], "offline",
            "the first was pushed aside: {message}"
        );
        message["type"] == "agent:status" && message["payload"]["status"] == "online"
    });
    viewer.send(&request("agent-1", "echo $PPID"));
    let parent = viewer.expect("terminal:output")["data"].as_str().unwrap().trim().to_owned();
    assert_ne!(parent, first.id().to_string());
    server.wait_for_metric("pilothouse_connections_open{door=\"agent_link\"}", 1);
}

#[test]
fn an_agent_that_enrolled_needs_no_token_any_more() {
    let server = Server::start(&[]);
    let mut agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    // The answer to a command comes after the answer to the hello.
    viewer.send(&request("agent-1", "true"));
    viewer.expect_status("completed");
    agent.kill();
    // Or it would be the dead agent that is online, and is sent the next command.
    viewer.expect_that(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "offline"
    });
    agent.spoil_token();
    agent.start_again();
    server.wait_until_online("agent-1");
    viewer.send(&request("agent-1", "echo by key"));
    assert_eq!(viewer.expect("terminal:output")["data"], "by key\n");
}

#[test]
fn a_server_that_is_asked_to_stop_says_so_and_exits_with_0() {
    let server = Server::start(&[]);
    let mut viewer = server.dashboard();
    let reader = std::thread::spawn(move || viewer.expect_close());
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(reader.join().unwrap(), 1001);
}

#[test]
fn a_frozen_agent_is_dead_after_a_while_and_back_when_it_thaws() {
    let server = Server::start(&[("timing.heartbeat_timeout", "1s")]);
    let agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    signal(agent.id(), "STOP");
    let status = |wanted: &str| {
        let wanted = wanted.to_owned();
        move |message: &serde_json::Value| {
            message["type"] == "agent:status" && message["payload"]["status"] == wanted
        }
    };
    let beat = std::thread::spawn({
        let stream = viewer.stream().try_clone().unwrap();
        move || keep_alive(stream)
    });
    viewer.expect_that(status("offline"));
    signal(agent.id(), "CONT");
    viewer.expect_that(status("online"));
    let _ = viewer.stream().shutdown(std::net::Shutdown::Both);
    drop(agent);
    let _ = beat.join();
}

/// Heartbeats of a dashboard, until its socket is closed.
fn keep_alive(mut stream: std::net::TcpStream) {
    use std::io::Write;
    let mut frame = bytes::BytesMut::new();
    let beat = json!({"type": "heartbeat", "payload": {"sequence": 1}}).to_string();
    let opcode = pilothouse_websocket::frame::Opcode::Text;
    pilothouse_websocket::frame::put_masked(&mut frame, opcode, beat.as_bytes(), [0; 4]);
    for _ in 0..60 {
        if stream.write_all(&frame).is_err() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
}
