//! A worker's log as a recording, from either database.

use std::sync::Arc;

use anyhow::{Context, Result};
use pilothouse_core::{
    ports::{Store, Write},
    sessions::{Checkpoint, Exit, Size, Worker, WorkerState},
    time::Timestamp,
};
use pilothouse_server::recording::Recording;

use super::{
    places::Place,
    samples::{checkpoint, filled, group, output, worker},
};

async fn recorded(recording: &mut Recording) -> Result<(Vec<serde_json::Value>, usize)> {
    let (mut text, mut longest) = (Vec::new(), 0);
    while let Some(piece) = recording.next().await? {
        longest = longest.max(piece.len());
        text.extend_from_slice(&piece);
    }
    let lines = String::from_utf8(text)?;
    let lines = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    Ok((lines, longest))
}

pub(super) async fn a_worker_is_recorded_from_its_first_byte_to_its_exit(
    place: &Place,
) -> Result<()> {
    let store = place.open().await?;
    let exit = Exit { code: 3, signal: None, reason: None, at: Timestamp(9_004) };
    let ended = Worker { state: WorkerState::Ended(exit), ..worker("w-1") };
    let key = ended.stream();
    // These groups came at 1 and 8 milliseconds.
    let groups = [group(&key, 0, 1, &["ls\r\n", "€"]), group(&key, 7, 3, &["$ "])];
    let small = Size { columns: 80, rows: 24 };
    let first = Checkpoint { size: small, ..checkpoint(&key, 0, "") };
    let wide = checkpoint(&key, 7, "wide");
    let mut batch = output(&groups);
    batch.extend([Write::Checkpoint(first), Write::Checkpoint(wide)]);
    store.commit(&batch).await?;
    let mut recording = Recording::of(Arc::new(store.clone()), &ended, Timestamp(u64::MAX));
    let (lines, _) = recorded(&mut recording).await?;
    let (header, events) = lines.split_first().context("a header")?;
    assert_eq!(header["term"]["cols"], 80);
    assert_eq!(header["title"], "claude 2");
    assert_eq!(
        serde_json::json!(events),
        serde_json::json!([
            [0.0, "o", "ls\r\n"],
            [0.0, "o", "€"],
            [0.007, "r", "100x40"],
            [0.0, "o", "$ "],
            [8.996, "x", "3"],
        ])
    );
    let running = worker("w-1");
    let mut early = Recording::of(Arc::new(store), &running, Timestamp(7));
    assert_eq!(recorded(&mut early).await?.0.len(), 3, "what came later is left out");
    Ok(())
}

pub(super) async fn a_long_recording_comes_in_pieces(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let long = worker("w-1");
    let groups: Vec<_> = (0..200).map(|n| filled(&long.stream(), n * 10_000, 10_000, n)).collect();
    store.commit(&output(&groups)).await?;
    store.prune(1_500_000, u64::MAX).await?;
    let mut recording = Recording::of(Arc::new(store), &long, Timestamp(u64::MAX));
    let (lines, longest) = recorded(&mut recording).await?;
    assert_eq!(lines.len(), 151, "what is kept, and a header");
    assert!(longest < 512 * 1024, "a piece has {longest} bytes");
    Ok(())
}
