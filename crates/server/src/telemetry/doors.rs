//! What is counted at each door: connections, messages, and how they ended.

use pilothouse_protocols::ALL;
use prometheus_client::metrics::MetricType;

use super::{
    Metrics,
    exposition::{Family, Labels},
    tally::{Count, DoorTally, OURS, SharedCount, THEIRS, Tally},
};
use crate::{
    gateway::{Cause, Shared},
    socket_io,
};

/// How many connections are open at each door, Socket.IO's among them, which are on no event loop.
pub(crate) fn connections(shared: &Shared) -> impl Iterator<Item = (&'static str, u64)> {
    let beside = (socket_io::DOOR_NAME, shared.hub.beside.len() as u64);
    shared.metrics.connections().chain([beside])
}

/// The families of connections: those that have a door for a label, and what was refused before it was at one.
pub(super) fn of_doors(shared: &Shared, families: &mut Vec<Family>) {
    let metrics = &shared.metrics;
    let by_door = |name, help, count: fn(&DoorTally) -> &Count| Family {
        kind: MetricType::Counter,
        name,
        help,
        values: each_door(metrics, |door| count(door).get()),
    };
    let with_beside = |mut family: Family, count: &SharedCount| {
        family.values.push((vec![("door", socket_io::DOOR_NAME.to_owned())], count.get()));
        family
    };
    let beside = &metrics.beside;
    let open = connections(shared);
    families.push(Family {
        kind: MetricType::Gauge,
        name: "connections_open",
        help: "Open connections",
        values: open.map(|(door, open)| (vec![("door", door.to_owned())], open)).collect(),
    });
    families.extend([
        with_beside(
            by_door("connections_opened", "Connections that were let in", |door| &door.opened),
            &beside.opened,
        ),
        with_beside(
            by_door("messages_received", "Messages from peers", |door| &door.messages_in),
            &beside.messages_in,
        ),
        by_door("received_bytes", "Bytes from peers, framing included", |door| &door.bytes_in),
        with_beside(
            by_door("messages_sent", "Messages to peers, shared events included", |door| {
                &door.messages_out
            }),
            &beside.messages_out,
        ),
        by_door("sent_bytes", "Bytes to peers, framing included", |door| &door.bytes_out),
        by_door("tokens_expired", "Tokens that ran out under an open connection", |door| {
            &door.expired
        }),
    ]);
    families.push(closed(metrics));
    let refused = |cause: &Cause| {
        let count = metrics.loops.iter().map(|tally| tally.refusals(*cause)).sum();
        let status = ("status", cause.status().to_string());
        (vec![("cause", cause.name().to_owned()), status], count)
    };
    families.push(Family {
        kind: MetricType::Counter,
        name: "connections_refused",
        help: "Connections, upgrades and requests without a good token that were refused",
        values: Cause::ALL.iter().map(refused).collect(),
    });
}

fn closed(metrics: &Metrics) -> Family {
    let mut closes = Vec::new();
    for (by, codes) in [("server", &OURS[..]), ("peer", &THEIRS[..])] {
        for (place, code) in codes.iter().enumerate() {
            let count = |door: &DoorTally| match by {
                "server" => door.ours[place].get(),
                _ => door.theirs[place].get(),
            };
            // Most never happen; those are left out.
            let happened = each_door(metrics, count).into_iter().filter(|(_, count)| *count > 0);
            closes.extend(happened.map(|(mut labels, count)| {
                labels.extend([("by", by.to_owned()), ("code", (*code).to_owned())]);
                (labels, count)
            }));
        }
    }
    Family {
        kind: MetricType::Counter,
        name: "connections_closed",
        help: "Connections that ended, by whom and with which close code; 1006 is none at all",
        values: closes,
    }
}

fn each_door(metrics: &Metrics, count: impl Fn(&DoorTally) -> u64) -> Vec<(Labels, u64)> {
    let doors = ALL.iter().enumerate();
    let sum = |place| {
        metrics.loops.iter().map(|tally: &std::sync::Arc<Tally>| count(tally.door(place))).sum()
    };
    doors.map(|(place, door)| (vec![("door", door.name.to_owned())], sum(place))).collect()
}
