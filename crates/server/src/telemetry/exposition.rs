//! `/metrics`: everything as OpenMetrics has it. Labels only take values from closed lists.

use std::fmt;

use pilothouse_core::{Totals, agents::Status};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text::encode},
    metrics::MetricType,
    registry::Registry,
};

use super::{
    Held, PictureTally,
    doors::of_doors,
    tally::{BOUNDS, Count, Histogram, Tally},
};
use crate::{descriptors, gateway::Shared};

/// Everything as Prometheus and OpenMetrics read it. `used_descriptors` takes a while to count, so
/// it is left to the caller.
pub(crate) fn exposition(shared: &Shared, used_descriptors: Option<u32>) -> String {
    let mut registry = Registry::with_prefix("pilothouse");
    registry.register_collector(Box::new(Snapshot::take(shared, used_descriptors)));
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = encode(&mut text, &registry);
    text
}

/// A family of gauges or counters: one value for each set of labels.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) kind: MetricType,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) values: Vec<(Labels, u64)>,
}

/// Where in a tally of pictures a count is.
type CountOf = fn(&PictureTally) -> &Count;

/// Names and values, in their order.
pub(super) type Labels = Vec<(&'static str, String)>;

/// A histogram over all loops.
#[derive(Debug)]
struct Spread {
    name: &'static str,
    help: &'static str,
    buckets: [u64; BOUNDS.len() + 1],
    microseconds: u64,
}

/// What there is to tell at one moment.
#[derive(Debug)]
struct Snapshot {
    families: Vec<Family>,
    spreads: [Spread; 3],
}

impl Snapshot {
    fn take(shared: &Shared, used_descriptors: Option<u32>) -> Self {
        let metrics = &shared.metrics;
        let mut families = Vec::new();
        of_the_core(shared, &mut families);
        of_doors(shared, &mut families);
        of_fanout(shared, &mut families);
        of_pictures(shared, &mut families);
        of_the_process(shared, used_descriptors, &mut families);
        let lags: Vec<_> = metrics.loops.iter().map(|tally| &tally.lag).collect();
        let forwards: Vec<_> = metrics.loops.iter().map(|tally| &tally.pictures.latency).collect();
        let spreads = [
            spread(
                "pictures_forward_seconds",
                "From a picture's arrival until a viewer's socket had it",
                &forwards,
            ),
            spread("event_loop_lag_seconds", "How late event loops were", &lags),
            spread("commit_duration_seconds", "How long storing took", &[&metrics.commits]),
        ];
        Self { families, spreads }
    }
}

fn gauge(name: &'static str, help: &'static str, value: u64) -> Family {
    Family { kind: MetricType::Gauge, name, help, values: vec![(Labels::new(), value)] }
}

fn counter(name: &'static str, help: &'static str, value: u64) -> Family {
    Family { kind: MetricType::Counter, ..gauge(name, help, value) }
}

fn of_the_core(shared: &Shared, families: &mut Vec<Family>) {
    let (totals, statuses) = shared.hub.look(|core, _| {
        let agents = core.fleet().view().agents().iter();
        let statuses: Vec<_> = agents.map(|agent| agent.status).collect();
        (core.totals(), statuses)
    });
    let Totals { agents_known, agents_linked, commands_queued, commands_running, .. } = totals;
    let Totals { runs_waiting, runs_under_way, runs_asking, runs_paused, .. } = totals;
    let Totals { output_bytes, output_records, unstored_bytes, unstored_writes, .. } = totals;
    families.extend([
        gauge("agents_known", "Agents that were ever here", agents_known as u64),
        gauge("agents_linked", "Agents that have a link", agents_linked as u64),
        gauge("commands_queued", "Commands that wait", commands_queued as u64),
        gauge("commands_running", "Commands that run", commands_running as u64),
        gauge("runs_waiting", "Runs that wait", runs_waiting as u64),
        gauge("runs_under_way", "Runs that are under way", runs_under_way as u64),
        gauge("runs_asking", "Runs that wait for a person", runs_asking as u64),
        gauge("runs_paused", "Runs that hold still", runs_paused as u64),
        gauge("storage_degraded", "1 while storage is away", u64::from(totals.is_degraded)),
        gauge("unstored_bytes", "Output that waits to be stored", unstored_bytes as u64),
        gauge("unstored_writes", "Changes that wait to be stored", unstored_writes as u64),
        counter("output_bytes", "Output received from agents", output_bytes),
        counter("output_records", "Pieces of output received from agents", output_records),
        counter("audit_dropped", "Audit records lost without storage", totals.dropped_audit),
    ]);
    let webhooks = totals.webhooks;
    families.push(gauge(
        "webhook_deliveries_pending",
        "Deliveries to webhooks that wait",
        webhooks.pending as u64,
    ));
    let ends = [
        ("delivered", webhooks.delivered),
        ("failed", webhooks.failed),
        ("dropped", webhooks.dropped),
    ];
    families.push(Family {
        kind: MetricType::Counter,
        name: "webhook_deliveries",
        help: "Deliveries to webhooks that ended, by how; dropped ones gave way to newer ones",
        values: ends.map(|(name, count)| (vec![("state", name.to_owned())], count)).into(),
    });
    let kinds = [
        (Status::Online, "online"),
        (Status::Busy, "busy"),
        (Status::Offline, "offline"),
        (Status::Error, "error"),
    ];
    let count = |kind: Status| statuses.iter().filter(|status| **status == kind).count() as u64;
    families.push(Family {
        kind: MetricType::Gauge,
        name: "agents",
        help: "Agents by status",
        values: kinds.map(|(kind, name)| (vec![("status", name.to_owned())], count(kind))).into(),
    });
    let ends = totals.commands_ended;
    let ends = [
        ("completed", ends.completed),
        ("failed", ends.failed),
        ("interrupted", ends.interrupted),
        ("timed_out", ends.timed_out),
        ("agent_lost", ends.agent_lost),
    ];
    families.push(Family {
        kind: MetricType::Counter,
        name: "commands_ended",
        help: "Commands that ended, by how",
        values: ends.map(|(name, count)| (vec![("state", name.to_owned())], count)).into(),
    });
}

fn of_fanout(shared: &Shared, families: &mut Vec<Family>) {
    let (events, snapshots, gaps) = shared.hub.look(|core, _| {
        let fleet = core.fleet();
        (fleet.next() - 1, fleet.snapshots_encoded(), fleet.gaps_told())
    });
    let (shapes, terminals) =
        shared.hub.look(|core, _| (core.topics().counts(), core.topics().watched_workers()));
    let all = |count: fn(&Tally) -> &Count| {
        shared.metrics.loops.iter().map(|tally| count(tally).get()).sum()
    };
    let resyncs = all(|tally| &tally.resyncs);
    families.extend([
        gauge("terminals_watched", "Terminals that somebody watches", terminals as u64),
        counter(
            "terminals_attached",
            "Viewers that were attached to a terminal",
            all(|tally| &tally.terminals_attached),
        ),
        counter(
            "terminals_reattached",
            "Viewers of a terminal that fell behind and began anew",
            all(|tally| &tally.terminals_anew),
        ),
        counter(
            "terminals_history_bytes",
            "Stored output and checkpoints that such viewers began with",
            all(|tally| &tally.history_bytes),
        ),
        counter(
            "terminals_histories_read",
            "Histories read and encoded for them; who came together shared one",
            all(|tally| &tally.pasts_read),
        ),
        counter("run_steps_told", "Steps of runs told to viewers", all(|tally| &tally.steps_told)),
        counter(
            "run_steps_read",
            "Steps read and encoded for them; who came together shared one",
            all(|tally| &tally.steps_read),
        ),
    ]);
    families.extend([
        counter("fanout_events", "Events told to the fleet's viewers", events),
        counter("fanout_snapshots", "Snapshots encoded; others were shared", snapshots),
        counter("fanout_resyncs", "Viewers that fell behind and were resynced", resyncs),
        counter("fanout_gaps", "Gaps that such viewers were told of", gaps),
    ]);
    let shapes: Vec<_> = shapes
        .into_iter()
        .map(|(shape, counts)| {
            let framing = match shape.framing {
                0 => "plain".to_owned(),
                bits => format!("deflate-{bits}"),
            };
            (vec![("shape", format!("{}/{framing}", shape.language))], counts)
        })
        .collect();
    let mut family = |kind, name, help, value: fn(&pilothouse_core::fanout::ShapeCounts) -> u64| {
        let values = shapes.iter().map(|(labels, counts)| (labels.clone(), value(counts)));
        families.push(Family { kind, name, help, values: values.collect() });
    };
    let (gauge, counter) = (MetricType::Gauge, MetricType::Counter);
    family(gauge, "fanout_viewers", "Viewers by shape", |counts| counts.viewers as u64);
    family(counter, "fanout_encodes", "Events encoded, by shape", |counts| counts.encodes);
    family(counter, "fanout_deflates", "Messages deflated, by shape", |counts| counts.deflates);
}

fn of_pictures(shared: &Shared, families: &mut Vec<Family>) {
    let all = |count: CountOf| {
        shared.metrics.loops.iter().map(|tally| count(&tally.pictures).get()).sum()
    };
    let (streams, producers, viewers) = shared.relay.counts();
    let (kept_bytes, recordings, lost) = shared.keeper.totals();
    families.extend([
        gauge("picture_streams", "Streams of pictures that are known", streams as u64),
        gauge("picture_producers", "Producers of pictures", producers as u64),
        gauge("picture_viewers", "Viewers of pictures", viewers as u64),
        counter("pictures_received", "Pictures from producers", all(|all| &all.received)),
        counter("pictures_received_bytes", "As they were packed", all(|all| &all.received_bytes)),
        counter("pictures_forwarded", "Pictures handed to viewers", all(|all| &all.forwarded)),
        counter("pictures_forwarded_bytes", "The same", all(|all| &all.forwarded_bytes)),
        counter(
            "pictures_lightened",
            "Of those, made lighter for narrow lines",
            all(|all| &all.lightened),
        ),
        gauge("recordings", "Recordings of pictures that are kept", recordings as u64),
        gauge("recordings_bytes", "What they take on disk", kept_bytes),
        gauge("recordings_lost", "Pictures they left out for want of time", lost),
    ]);
    let reasons = Held::ALL.map(|(held, name)| {
        let tallies = shared.metrics.loops.iter();
        let count = tallies.map(|one| one.pictures.dropped(held).get()).sum();
        (vec![("reason", name.to_owned())], count)
    });
    families.push(Family {
        kind: MetricType::Counter,
        name: "pictures_dropped",
        help: "Pictures that gave way to newer ones before a viewer took them, by what held it up",
        values: reasons.into(),
    });
    let kinds: [(&str, CountOf); 3] = [
        ("other_type", |all| &all.other_types),
        ("malformed", |all| &all.malformed),
        ("superseded", |all| &all.late),
    ];
    families.push(Family {
        kind: MetricType::Counter,
        name: "pictures_ignored",
        help: "Messages of producers that nobody was shown, by what they were",
        values: kinds.map(|(name, of)| (vec![("kind", name.to_owned())], all(of))).into(),
    });
}

fn of_the_process(shared: &Shared, used: Option<u32>, families: &mut Vec<Family>) {
    let limits = shared.admission.limits();
    families.extend([
        gauge("connections_limit", "limits.connections as it counts", limits.connections.into()),
        gauge(
            "connections_pending",
            "Connections that have not said who they are",
            shared.admission.pending().into(),
        ),
        gauge("descriptors_limit", "File descriptors there may be", descriptors::limit().into()),
        counter(
            "commits_failed",
            "Attempts to store that failed",
            shared.metrics.failed_commits.get(),
        ),
        Family {
            values: vec![(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1)],
            ..gauge("build_info", "1, with the version", 1)
        },
    ]);
    families
        .extend(used.map(|used| gauge("descriptors_used", "File descriptors in use", used.into())));
}

fn spread(name: &'static str, help: &'static str, parts: &[&Histogram]) -> Spread {
    let mut spread = Spread { name, help, buckets: [0; BOUNDS.len() + 1], microseconds: 0 };
    for (buckets, microseconds) in parts.iter().map(|part| part.counts()) {
        for (sum, count) in spread.buckets.iter_mut().zip(buckets) {
            *sum += count;
        }
        spread.microseconds += microseconds;
    }
    spread
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.families {
            let mut metric =
                encoder.encode_descriptor(family.name, family.help, None, family.kind)?;
            for (labels, value) in &family.values {
                let labels: Vec<_> = labels.iter().map(|(n, v)| (*n, v.as_str())).collect();
                if labels.is_empty() {
                    put(&mut metric, family.kind, *value)?;
                } else {
                    put(&mut metric.encode_family(&labels)?, family.kind, *value)?;
                }
            }
        }
        for spread in &self.spreads {
            let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
            let buckets: Vec<_> = bounds.zip(spread.buckets).collect();
            let count = spread.buckets.iter().sum();
            #[expect(clippy::cast_precision_loss, reason = "2⁵³ microseconds are 285 years")]
            let sum = spread.microseconds as f64 / 1e6;
            encoder
                .encode_descriptor(spread.name, spread.help, None, MetricType::Histogram)?
                .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
        Ok(())
    }
}

fn put(metric: &mut MetricEncoder<'_>, kind: MetricType, value: u64) -> fmt::Result {
    match kind {
        MetricType::Counter => metric.encode_counter::<NoLabelSet, _, u64>(&value, None),
        _ => metric.encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX)),
    }
}
