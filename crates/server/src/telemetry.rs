//! Counts of what happens, for `/metrics` and `/health`.

use std::sync::atomic::{AtomicU64, Ordering};

use pilothouse_protocols::{ALL, Door};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};

use crate::hub::Hub;

/// What the gateway counts itself; the rest is asked of the core when somebody looks.
pub(crate) struct Metrics {
    open: Vec<AtomicU64>,
    opened: Vec<AtomicU64>,
    refused: AtomicU64,
    resyncs: AtomicU64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let zeros = || ALL.iter().map(|_| AtomicU64::new(0)).collect();
        Self {
            open: zeros(),
            opened: zeros(),
            refused: AtomicU64::new(0),
            resyncs: AtomicU64::new(0),
        }
    }

    pub(crate) fn opened(&self, door: &Door) {
        if let Some(place) = place(door) {
            self.open[place].fetch_add(1, Ordering::Relaxed);
            self.opened[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn closed(&self, door: &Door) {
        if let Some(place) = place(door) {
            self.open[place].fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn refused(&self, _status: u16) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn resynced(&self) {
        self.resyncs.fetch_add(1, Ordering::Relaxed);
    }

    /// Open connections per door.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (&'static str, u64)> {
        ALL.iter().zip(&self.open).map(|(door, open)| (door.name, open.load(Ordering::Relaxed)))
    }
}

fn place(door: &Door) -> Option<usize> {
    ALL.iter().position(|known| known.name == door.name)
}

/// Everything as Prometheus and OpenMetrics read it.
pub(crate) fn exposition(hub: &Hub, metrics: &Metrics) -> String {
    let mut registry = Registry::with_prefix("pilothouse");
    let (totals, shapes, events, snapshots) = hub.look(|core, _| {
        let totals = core.totals();
        let fleet = core.fleet();
        (totals, fleet.counts(), fleet.next() - 1, fleet.snapshots_encoded())
    });
    let gauges: [(&str, &str, u64); 5] = [
        ("agents_known", "Agents that were ever here", totals.agents_known as u64),
        ("agents_linked", "Agents that have a link", totals.agents_linked as u64),
        ("commands_queued", "Commands that wait", totals.commands_queued as u64),
        ("commands_running", "Commands that run", totals.commands_running as u64),
        ("storage_degraded", "1 while storage is away", u64::from(totals.is_degraded)),
    ];
    for (name, help, value) in gauges {
        registry.register(name, help, ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)));
    }
    let counters: [(&str, &str, u64); 7] = [
        ("output_bytes", "Output received from agents", totals.output_bytes),
        ("output_records", "Pieces of output received from agents", totals.output_records),
        ("audit_dropped", "Audit records lost while storage was away", totals.dropped_audit),
        ("fanout_events", "Events told to the fleet's viewers", events),
        ("fanout_snapshots", "Snapshots encoded; others were shared", snapshots),
        (
            "fanout_resyncs",
            "Viewers that fell behind and were resynced",
            metrics.resyncs.load(Ordering::Relaxed),
        ),
        ("upgrades_refused", "WebSocket upgrades refused", metrics.refused.load(Ordering::Relaxed)),
    ];
    for (name, help, value) in counters {
        registry.register(name, help, ConstCounter::new(value));
    }
    for (door, open) in metrics.connections() {
        let labelled = registry.sub_registry_with_label(("door".into(), door.into()));
        labelled.register(
            "connections_open",
            "Open connections",
            ConstGauge::new(i64::try_from(open).unwrap_or(i64::MAX)),
        );
    }
    for (shape, counts) in shapes {
        let framing = if shape.framing == 0 {
            "plain".to_owned()
        } else {
            format!("deflate-{}", shape.framing)
        };
        let name = format!("{}/{framing}", shape.language);
        let labelled = registry.sub_registry_with_label(("shape".into(), name.into()));
        labelled.register(
            "fanout_viewers",
            "Viewers that watch in this shape",
            ConstGauge::new(i64::try_from(counts.viewers).unwrap_or(i64::MAX)),
        );
        labelled.register(
            "fanout_encodes",
            "Events encoded for this shape",
            ConstCounter::new(counts.encodes),
        );
        labelled.register(
            "fanout_deflates",
            "Messages deflated for this shape",
            ConstCounter::new(counts.deflates),
        );
    }
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = encode(&mut text, &registry);
    text
}
