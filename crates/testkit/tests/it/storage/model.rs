//! Random writes, prunings and reopenings, compared with a model that fits on one page.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use bytes::Bytes;
use pilothouse_core::{
    commands::{Command, State},
    ports::{Store, StoredCommand, Write},
    streams::{Channel, StoredGroup, StoredRecord, StreamKey},
    time::Timestamp,
};
use proptest::{
    prelude::{Strategy, any},
    prop_oneof,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::{
    places::Place,
    samples::{command, ended_at, stream},
};

/// Pruning tells ages apart by minutes.
const MINUTE: u64 = 60_000;

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<Change>),
    Prune { keep_stream: u64, keep_total: u64 },
    Reopen,
}

#[derive(Debug, Clone)]
enum Change {
    /// Appends records that begin `back` bytes before the stream's end, or `gap` bytes after it.
    Output {
        stream: u8,
        back: u64,
        gap: u64,
        sizes: Vec<u8>,
    },
    Command {
        id: u8,
        state: u8,
        rank: i64,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let distance = prop_oneof![8 => 0..1_u64, 2 => 1..60_u64];
    let output = (0..3_u8, distance.clone(), distance, proptest::collection::vec(1..50_u8, 1..5))
        .prop_map(|(stream, back, gap, sizes)| Change::Output { stream, back, gap, sizes });
    let command = (0..4_u8, 0..3_u8, any::<i64>()).prop_map(|(id, state, rank)| Change::Command {
        id,
        state,
        rank,
    });
    prop_oneof![3 => output, 1 => command]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => proptest::collection::vec(change(), 1..12).prop_map(Step::Commit),
        2 => (0..400_u64, 0..800_u64)
            .prop_map(|(keep_stream, keep_total)| Step::Prune { keep_stream, keep_total }),
        1 => (0..1_u8).prop_map(|_| Step::Reopen),
    ]
}

/// What a store has to hold.
#[derive(Default)]
struct Model {
    streams: BTreeMap<StreamKey, Log>,
    commands: BTreeMap<String, StoredCommand>,
    time: u64,
}

#[derive(Default, Clone)]
struct Log {
    end: u64,
    /// Position, content and time of each kept piece.
    pieces: Vec<(u64, Vec<u8>, u64)>,
}

impl Log {
    fn kept(&self) -> u64 {
        self.pieces.iter().map(|(_, bytes, _)| bytes.len() as u64).sum()
    }
}

impl Model {
    fn write(&mut self, change: &Change) -> Write {
        match change {
            Change::Output { stream: number, back, gap, sizes } => {
                let key = stream(&format!("c-{number}"));
                let log = self.streams.entry(key.clone()).or_default();
                self.time += MINUTE;
                let position = (log.end + gap).saturating_sub(*back);
                let group = group(key, position, sizes, self.time);
                let content: Vec<u8> =
                    group.records.iter().flat_map(|record| record.bytes.to_vec()).collect();
                let known = usize::try_from(log.end.saturating_sub(position)).unwrap();
                if known < content.len() {
                    log.pieces.push((
                        position + known as u64,
                        content[known..].to_vec(),
                        self.time,
                    ));
                    log.end = position + content.len() as u64;
                }
                Write::Output(group)
            }
            Change::Command { id, state, rank } => {
                self.time += MINUTE;
                let state = match state {
                    0 => State::Queued,
                    1 => State::Running { since: Timestamp(self.time) },
                    _ => ended_at(self.time),
                };
                let stored = StoredCommand {
                    command: Arc::new(command(&format!("c-{id}"), state)),
                    rank: *rank,
                };
                self.commands.insert(stored.command.id.to_string(), stored.clone());
                Write::Command(stored)
            }
        }
    }

    fn prune(&mut self, keep_stream: u64, keep_total: u64) {
        for log in self.streams.values_mut() {
            while log.kept() > keep_stream && log.pieces.len() > 1 {
                log.pieces.remove(0);
            }
        }
        while self.streams.values().map(Log::kept).sum::<u64>() > keep_total {
            let oldest = self.streams.values_mut().filter(|log| !log.pieces.is_empty());
            let log = oldest.min_by_key(|log| log.pieces[0].2).expect("something is kept");
            log.pieces.remove(0);
        }
    }
}

/// The byte at a position is always the same, so that overlaps agree as they do in life.
fn group(stream: StreamKey, position: u64, sizes: &[u8], at: u64) -> StoredGroup {
    let mut end = position;
    let records = sizes
        .iter()
        .map(|size| {
            let bytes: Bytes =
                (end..end + u64::from(*size)).map(|byte| (byte % 251) as u8).collect();
            end += u64::from(*size);
            StoredRecord { channel: Channel::Stderr, bytes }
        })
        .collect();
    StoredGroup { stream, position, sequence: position + 1, records, at: Timestamp(at) }
}

async fn compare(store: &impl Store, model: &Model) -> Result<()> {
    for (key, log) in &model.streams {
        let read = store.read_output(key, 0, usize::MAX).await?;
        let read: Vec<(u64, Vec<u8>, u64)> = read
            .into_iter()
            .map(|group| {
                let bytes = group.records.iter().flat_map(|record| record.bytes.to_vec()).collect();
                (group.position, bytes, group.at.0)
            })
            .collect();
        anyhow::ensure!(read == log.pieces, "{key}: {read:?} instead of {:?}", log.pieces);
    }
    let stored = store.load(usize::MAX).await?;
    for extent in &stored.extents {
        let Some(log) = model.streams.get(&extent.stream) else { continue };
        let first = log.pieces.first().map_or(log.end, |(position, _, _)| *position);
        anyhow::ensure!(
            (extent.first_position, extent.next_position) == (first, log.end),
            "{extent:?}"
        );
    }
    let is_over = |command: &Command| matches!(command.state, State::Ended(_));
    let (ended, live): (Vec<_>, Vec<_>) =
        model.commands.values().cloned().partition(|stored| is_over(&stored.command));
    anyhow::ensure!(
        stored.live.len() == live.len() && live.iter().all(|one| stored.live.contains(one))
    );
    anyhow::ensure!(
        stored.ended.len() == ended.len()
            && ended.iter().all(|one| stored.ended.contains(&one.command))
    );
    Ok(())
}

async fn play(place: &Place, steps: &[Step]) -> Result<()> {
    let mut store = place.open().await?;
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Commit(changes) => {
                let batch: Vec<Write> = changes.iter().map(|change| model.write(change)).collect();
                store.commit(&batch).await?;
            }
            Step::Prune { keep_stream, keep_total } => {
                model.prune(*keep_stream, *keep_total);
                while store.prune(*keep_stream, *keep_total).await? > 0 {}
            }
            Step::Reopen => {
                store.close().await;
                store = place.open().await?;
            }
        }
        compare(&store, &model).await?;
    }
    store.close().await;
    Ok(())
}

fn check(cases: u32, place: impl Fn() -> Result<Place>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner.run(&proptest::collection::vec(step(), 1..12), |steps| {
        let played = place().and_then(|place| runtime.block_on(play(&place, &steps)));
        played.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    })?;
    Ok(())
}

#[test]
fn random_writes_are_kept_like_in_the_model_on_sqlite() -> Result<()> {
    check(64, Place::sqlite)
}

#[test]
fn random_writes_are_kept_like_in_the_model_on_postgres() -> Result<()> {
    check(12, Place::postgres)
}
