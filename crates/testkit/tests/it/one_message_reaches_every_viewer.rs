//! One event, a thousand viewers, three shapes: encoded once per shape, read from outside.

use std::collections::BTreeMap;

use pilothouse_testkit::{
    program::{Server, request},
    viewer::{Upgrade, Viewer},
};

/// How many viewers watch in each shape; a thousand in all.
const EACH: usize = 333;

fn viewer(server: &Server, token: &str, extension: Option<&str>) -> Viewer {
    let mut upgrade =
        Upgrade::to("/ws/dashboard").with("Authorization", &format!("Bearer {token}"));
    if let Some(extension) = extension {
        upgrade = upgrade.with("Sec-WebSocket-Extensions", extension);
    }
    upgrade.send(server.address()).unwrap()
}

fn grown(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>, name: &str) -> u64 {
    let of = |metrics: &BTreeMap<String, u64>| metrics.get(name).copied().unwrap_or(0);
    of(after) - of(before)
}

#[test]
fn an_event_is_encoded_once_for_every_shape_however_many_watch() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let token = server.operator();
    let offers = [
        (None, "dashboard/plain"),
        (Some("permessage-deflate"), "dashboard/deflate-15"),
        (Some("permessage-deflate; server_max_window_bits=10"), "dashboard/deflate-10"),
    ];
    let mut viewers: Vec<Viewer> = Vec::new();
    for (extension, _) in offers {
        viewers.extend((0..EACH).map(|_| viewer(&server, &token, extension)));
    }
    viewers.push(viewer(&server, &token, None));
    for viewer in &mut viewers {
        viewer.expect("agent:list");
    }
    // The list is sent again a moment after the agent first came; it is waited for, so that it is not counted.
    let before = server.metrics();
    assert_eq!(before["pilothouse_connections_open{door=\"dashboard\"}"], 1000);

    viewers[0].send(&request("agent-1", "seq 1 30000"));
    let mut long = 0;
    for (place, viewer) in viewers.iter_mut().enumerate() {
        loop {
            let text = viewer.text();
            if place == 0 && text.len() > 10 * 1024 {
                long += 1;
            }
            // The very last event of the command: its agent is free again.
            if text.contains("\"agent:status\"") && text.contains("\"online\"") {
                break;
            }
        }
    }
    assert!(long > 5, "some messages are long enough to be deflated: {long}");

    let after = server.metrics();
    let events = grown(&before, &after, "pilothouse_fanout_events_total");
    assert!(events > 10, "{events}");
    for (_, shape) in offers {
        let encodes = format!("pilothouse_fanout_encodes_total{{shape=\"{shape}\"}}");
        let deflates = format!("pilothouse_fanout_deflates_total{{shape=\"{shape}\"}}");
        assert_eq!(grown(&before, &after, &encodes), events, "{shape}");
        let expected = if shape.ends_with("plain") { 0 } else { long };
        assert_eq!(grown(&before, &after, &deflates), expected, "{shape}");
    }
}
