//! What happens to a store when its process is killed, its disk is full or its database is gone.

use std::{
    io::{BufRead, BufReader, Write as _},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use pilothouse_core::{
    commands::State,
    ports::{Store, StoreError, Write},
};
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::{postgres::Postgres, small_disk::SmallDisk};

use super::{
    places::{Place, sqlite_url},
    samples::{
        checkpoint, command, command_write, filled, output, session, session_write, stream,
        text_of, worker,
    },
};

/// Tells a child of this binary which store to fill.
const STORE_OF_CHILD: &str = "PILOTHOUSE_TEST_STORE";

/// What one group of these tests holds.
const GROUP: usize = 1000;

#[tokio::test]
async fn a_killed_process_loses_nothing_it_committed_on_sqlite() -> Result<()> {
    a_killed_process_loses_nothing_it_committed(&Place::sqlite()?).await
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_committed_on_postgres() -> Result<()> {
    a_killed_process_loses_nothing_it_committed(&Place::postgres()?).await
}

async fn a_killed_process_loses_nothing_it_committed(place: &Place) -> Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "storage::failures::child_that_commits_until_it_is_killed"])
        .args(["--ignored", "--nocapture"])
        .env(STORE_OF_CHILD, &place.url)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut committed = 0;
    for line in BufReader::new(child.stdout.take().context("stdout is piped")?).lines() {
        let Some(count) = line?.strip_prefix("committed ").and_then(|count| count.parse().ok())
        else {
            continue;
        };
        committed = count;
        if committed == 50 {
            child.kill()?;
        }
    }
    child.wait()?;
    assert!(committed >= 50);
    let (store, key) = (place.open().await?, worker("w-1").stream());
    let read = store.read_output(&key, 0, usize::MAX).await?;
    assert!(read.len() >= committed, "{} of {committed} groups", read.len());
    assert_eq!(text_of(&read), "x".repeat(read.len() * GROUP));
    let titled = store.load(0).await?.sessions.remove(0);
    assert_eq!(titled.title.as_deref(), Some(&*read.len().to_string()), "a batch is one");
    let screen = store.checkpoint(&key, u64::MAX).await?.context("a checkpoint")?;
    assert_eq!(screen.position, (read.len() * GROUP) as u64);
    Ok(())
}

#[tokio::test]
#[ignore = "runs as a child of other tests"]
#[expect(clippy::disallowed_methods, reason = "a child of a test has no other parameters")]
async fn child_that_commits_until_it_is_killed() -> Result<()> {
    let Ok(url) = std::env::var(STORE_OF_CHILD) else { return Ok(()) };
    let store = SqlStore::open(&url).await?;
    for count in 1_u64.. {
        let key = worker("w-1").stream();
        let group = filled(&key, (count - 1) * GROUP as u64, GROUP, count);
        let screen = checkpoint(&key, group.end(), "screen");
        let mut titled = session("s-1", &[worker("w-1")]);
        titled.title = Some(count.to_string().into());
        let output = Write::Output(group);
        store.commit(&[session_write(&titled), output, Write::Checkpoint(screen)]).await?;
        writeln!(std::io::stdout(), "\ncommitted {count}")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_told_and_recovers() -> Result<()> {
    let Some(disk) = SmallDisk::mount_or_skip(8) else { return Ok(()) };
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![0; 4 << 20])?;
    let store = SqlStore::open(&sqlite_url(&disk.path().join("store.db"))).await?;
    let key = stream("c-1");
    let write = async |count: u64| {
        let mut batch = output(&[filled(&key, count * 100_000, 100_000, count)]);
        batch.insert(0, command_write(&command(&format!("c-{count}"), State::Queued)));
        batch.insert(0, session_write(&session(&format!("s-{count}"), &[])));
        store.commit(&batch).await
    };
    let mut count = 0;
    let refusal = loop {
        match write(count).await {
            Ok(()) => count += 1,
            Err(refusal) => break refusal,
        }
        assert!(count < 1000, "the disk is never full");
    };
    assert_eq!(refusal, StoreError::Unavailable("the disk is full".to_owned()));
    assert!(matches!(write(count).await, Err(StoreError::Unavailable(_))), "still full");
    let before = store.read_output(&key, 0, usize::MAX).await?;
    assert_eq!(before.len() as u64, count, "what was committed can be read");
    let stored = store.load(0).await?;
    let found = (stored.live.len() as u64, stored.sessions.len() as u64);
    assert_eq!(found, (count, count), "of the refused batch nothing is stored");
    std::fs::remove_file(filler)?;
    write(count).await?;
    assert_eq!(store.read_output(&key, 0, usize::MAX).await?.len() as u64, count + 1);
    store.close().await;
    Ok(())
}

#[tokio::test]
async fn a_lost_server_is_told_and_recovers() -> Result<()> {
    let mut server = Postgres::start()?;
    let store = SqlStore::open(&server.database("store")?).await?;
    let key = stream("c-1");
    store.commit(&output(&[filled(&key, 0, GROUP, 1)])).await?;
    server.halt();
    let next = output(&[filled(&key, GROUP as u64, GROUP, 2)]);
    let Err(StoreError::Unavailable(sentence)) = store.commit(&next).await else {
        panic!("stored")
    };
    assert!(!sentence.contains("INSERT") && !sentence.contains("pilothouse@"), "{sentence}");
    assert!(matches!(store.load(0).await, Err(StoreError::Unavailable(_))));
    server.resume()?;
    store.commit(&next).await?;
    assert_eq!(text_of(&store.read_output(&key, 0, usize::MAX).await?).len(), 2 * GROUP);
    Ok(())
}

#[tokio::test]
async fn a_new_file_is_private() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("store.db");
    let store = SqlStore::open(&sqlite_url(&path)).await?;
    store.commit(&output(&[filled(&stream("c-1"), 0, GROUP, 1)])).await?;
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = std::fs::metadata(path.with_file_name(name))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_names_no_database_is_refused_without_its_secrets() {
    for (url, reason) in [
        ("mysql://ann:secret@localhost/x", "the database address is not valid"),
        ("postgres://ann:secret@localhost/x?host=/nowhere", "the database cannot be reached"),
        ("sqlite::memory:", "the database address is not valid"),
        ("sqlite:///nowhere/at/all/secret.db?mode=rwc", "the database file cannot be opened"),
        ("nonsense", "the database address is not valid"),
    ] {
        let Err(StoreError::Unavailable(sentence)) = SqlStore::open(url).await else {
            panic!("{url}")
        };
        assert!(sentence.starts_with(reason) && !sentence.contains("secret"), "{url}: {sentence}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("store.db");
    std::fs::write(&path, "this is a letter to my mother, ".repeat(1000))?;
    let opened = SqlStore::open(&sqlite_url(&path)).await;
    assert!(matches!(opened, Err(StoreError::Corrupt(_))), "{opened:?}");
    Ok(())
}
