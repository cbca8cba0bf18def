//! How fast output is stored. Not a test: `cargo test -p pilothouse-testkit --release storage::throughput -- --ignored --nocapture`.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Result;
use bytes::Bytes;
use pilothouse_core::{
    ports::{Store, Write},
    streams::{Channel, StoredGroup, StoredRecord},
    time::Timestamp,
};
use pilothouse_server::storage::SqlStore;

use super::{
    places::Place,
    samples::{group, stream},
};

#[tokio::test]
#[ignore = "a measurement"]
async fn sqlite() -> Result<()> {
    measure("sqlite", &Place::sqlite()?).await
}

#[tokio::test]
#[ignore = "a measurement"]
async fn postgres() -> Result<()> {
    measure("postgres", &Place::postgres()?).await
}

async fn measure(name: &str, place: &Place) -> Result<()> {
    let store = place.open().await?;
    for (label, record, records, batch) in [
        ("10 KB groups, 1000 a batch", 200, 50, 1000),
        ("200 B groups, 1000 a batch", 200, 1, 1000),
        ("200 B groups, 10 a batch", 200, 1, 10),
        ("200 B group, alone", 200, 1, 1),
    ] {
        let size = (record * records) as u64;
        let began = Instant::now();
        let mut stored = 0_u64;
        while began.elapsed().as_secs() < 3 {
            let writes: Vec<Write> = (0..batch)
                .map(|n| {
                    let place = stored + n;
                    Write::Output(StoredGroup {
                        stream: stream(&format!("{size}-{batch}-{}", place % 20)),
                        position: place / 20 * size,
                        sequence: place / 20 * records as u64 + 1,
                        records: vec![
                            StoredRecord {
                                channel: Channel::Stdout,
                                bytes: Bytes::from(vec![b'y'; record])
                            };
                            records
                        ],
                        at: Timestamp(place),
                    })
                })
                .collect();
            store.commit(&writes).await?;
            stored += batch;
        }
        tell(name, label, stored, stored * size, began.elapsed())?;
    }
    prune_all(name, &store).await?;
    store.close().await;
    index_all(name, place).await
}

/// 20 MB of lines in 10 KB groups: stored, then made searchable.
async fn index_all(name: &str, place: &Place) -> Result<()> {
    let store = place.open().await?;
    let lines = "\u{1b}[32mINFO\u{1b}[0m request 4711 took 12 ms in src/handler.rs\r\n".repeat(180);
    let size = lines.len() as u64;
    let began = Instant::now();
    for batch in 0..20_u64 {
        let groups = (batch * 100..batch * 100 + 100)
            .map(|n| Write::Output(group(&stream("indexed"), n * size, n + 1, &[&lines])));
        store.commit(&groups.collect::<Vec<_>>()).await?;
    }
    tell(name, "lines stored", 20, 2000 * size, began.elapsed())?;
    let (mut turns, mut longest, began) = (0, Duration::ZERO, Instant::now());
    loop {
        let turn = Instant::now();
        if !store.index().await? {
            break;
        }
        turns += 1;
        longest = longest.max(turn.elapsed());
    }
    let what = format!("made searchable in turns of at most {longest:?}");
    tell(name, &what, turns, 2000 * size, began.elapsed())
}

async fn prune_all(name: &str, store: &SqlStore) -> Result<()> {
    let (mut bytes, mut calls, mut longest) = (0, 0, Duration::ZERO);
    let began = Instant::now();
    loop {
        let call = Instant::now();
        match store.prune(u64::MAX, 0).await? {
            0 => break,
            deleted => bytes += deleted,
        }
        calls += 1;
        longest = longest.max(call.elapsed());
    }
    tell(name, &format!("pruned by calls of at most {longest:?}"), calls, bytes, began.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn tell(name: &str, what: &str, count: u64, bytes: u64, took: Duration) -> Result<()> {
    let (rate, megabytes) =
        (count as f64 / took.as_secs_f64(), bytes as f64 / 1e6 / took.as_secs_f64());
    writeln!(std::io::stdout(), "{name}: {what}: {rate:.0}/s, {megabytes:.1} MB/s")?;
    Ok(())
}
