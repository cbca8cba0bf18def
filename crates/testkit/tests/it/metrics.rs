//! `/metrics`: valid, documented, and right about what just happened.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use pilothouse_testkit::{
    openmetrics::{self, Family},
    program::{PATIENCE, Server, request},
    viewer::Upgrade,
};
use serde_json::json;

fn scrape(server: &Server) -> BTreeMap<String, Family> {
    let (status, text) = server.get("/metrics");
    assert_eq!(status, 200);
    openmetrics::read(&text).unwrap()
}

/// All samples, in one map.
fn samples(server: &Server) -> BTreeMap<String, f64> {
    scrape(server).into_values().flat_map(|family| family.samples).collect()
}

/// Waits until the samples are as wanted, since a connection's end is counted a moment after it is seen.
fn wait_for(server: &Server, wanted: impl Fn(&BTreeMap<String, f64>) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let samples = samples(server);
        if wanted(&samples) {
            return;
        }
        assert!(Instant::now() < deadline, "{samples:#?}");
    }
}

#[test]
fn every_family_is_valid_and_documented_and_nothing_else_is() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut dashboard = server.dashboard();
    dashboard.send(&request("agent-1", "echo hello"));
    dashboard.expect_status("completed");
    let families = scrape(&server);
    assert!(families.values().all(|family| !family.help.is_empty()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = fs::read_to_string(path).unwrap();
    let documented: Vec<_> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `pilothouse_")?.split_once('`')?.0))
        .collect();
    for name in families.keys() {
        let name = name.strip_prefix("pilothouse_").unwrap();
        assert!(documented.contains(&name), "docs/operations.md does not describe {name}");
    }
    for name in documented {
        let is_there = families.contains_key(&format!("pilothouse_{name}"));
        assert!(is_there, "docs/operations.md describes {name}, which there is not");
    }
}

#[test]
fn what_happened_is_counted() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    // The one that saw the agent come is gone.
    server.wait_for_metric("pilothouse_connections_open{door=\"dashboard\"}", 0);
    let before = samples(&server);
    let mut dashboard = server.dashboard();
    let mut leaver = server.dashboard();
    dashboard.send(&request("agent-1", "exit 3"));
    dashboard.expect_status("failed");
    dashboard.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    dashboard.expect("heartbeat");
    assert_eq!(Upgrade::to("/ws/dashboard?token=bad").send(server.address()).err().unwrap().0, 401);
    leaver.send_raw(pilothouse_websocket::frame::Opcode::Close, &1000u16.to_be_bytes());
    leaver.expect_close();
    wait_for(&server, |after| {
        let grown = |name: &str| {
            let of = |samples: &BTreeMap<String, f64>| {
                samples.get(&format!("pilothouse_{name}")).copied().unwrap_or(0.0)
            };
            of(after) - of(&before)
        };
        grown("connections_open{door=\"dashboard\"}") == 1.0
            && grown("connections_opened_total{door=\"dashboard\"}") == 2.0
            && grown("connections_closed_total{door=\"dashboard\",by=\"peer\",code=\"1000\"}")
                == 1.0
            && grown("connections_refused_total{cause=\"token\",status=\"401\"}") == 1.0
            && grown("messages_received_total{door=\"dashboard\"}") == 2.0
            && grown("messages_sent_total{door=\"dashboard\"}") >= 6.0
            && grown("sent_bytes_total{door=\"dashboard\"}") > 500.0
            && grown("received_bytes_total{door=\"dashboard\"}") > 100.0
            && grown("commands_ended_total{state=\"failed\"}") == 1.0
            && grown("commit_duration_seconds_count") >= 2.0
            && after["pilothouse_agents{status=\"online\"}"] == 1.0
            && after["pilothouse_descriptors_used"] > 10.0
            && after["pilothouse_event_loop_lag_seconds_count"] >= 1.0
    });
}
