//! How fast output is stored. Not a test: `cargo test -p pilothouse-testkit --release storage::throughput -- --ignored --nocapture`.

use std::{io::Write as _, time::Instant};

use anyhow::Result;
use bytes::Bytes;
use pilothouse_core::{
    ports::{Store, Write},
    streams::{Channel, StoredGroup, StoredRecord},
    time::Timestamp,
};

use super::{places::Place, samples::stream};

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
    let mut told = std::io::stdout();
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
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = stored as f64 / began.elapsed().as_secs_f64();
        writeln!(
            told,
            "{name}: {label}: {rate:.0} groups/s, {:.1} MB/s",
            rate * size as f64 / 1e6
        )?;
    }
    Ok(())
}
