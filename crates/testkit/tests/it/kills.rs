//! The server is killed again and again: nothing runs twice, nothing that was told is taken back.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use pilothouse_core::{ids::CommandId, ports::Store as _, streams::StreamKey};
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::{
    program::{Server, request},
    watcher::Watcher,
};
use serde_json::{Value, json};

use crate::{
    cuts::Numbers,
    storage::{places::sqlite_url, samples::text_of},
};

const AGENTS: usize = 4;
const COMMANDS: usize = 20;
const KILLS: usize = 20;
const LINES: usize = 100;

/// How long nothing at all may be told of any command. An agent that found no server, or one that was gone again before
/// it was welcomed, for a dozen times in a row waits half a minute before it tries again.
const SILENCE: Duration = Duration::from_secs(50);

/// A record's number that no command comes to.
const BEYOND_ALL: u64 = (1 << 53) - 1;

/// The line of a command: says in a file that it ran, and takes a second or two to print its lines.
fn line(folder: &Path, number: usize) -> String {
    format!(
        "echo ran >> {}; for i in $(seq 1 {LINES}); do echo {number} $i; sleep 0.01; done; exit {}",
        folder.join(number.to_string()).display(),
        number % 3
    )
}

fn expected(number: usize) -> String {
    (1..=LINES).map(|line| format!("{number} {line}\n")).collect()
}

/// What one life of the server told of the commands' states, and their output.
#[derive(Default)]
struct Known {
    /// Each command's number, by id.
    numbers: BTreeMap<String, usize>,
    finals: BTreeMap<String, (String, Value)>,
    /// Each record's text, by command and sequence.
    shown: BTreeMap<(String, u64), String>,
}

impl Known {
    fn take(&mut self, told: &[Value]) {
        for message in told {
            let payload = &message["payload"];
            let Some(id) = payload["commandId"].as_str() else { continue };
            match message["type"].as_str() {
                Some("command:status") => self.take_status(id, payload),
                Some("terminal:output") => {
                    let sequence = payload["sequence"].as_u64().unwrap();
                    let data = payload["data"].as_str().unwrap().to_owned();
                    let known = self.shown.entry((id.to_owned(), sequence)).or_insert(data.clone());
                    assert_eq!(*known, data, "record {sequence} of {id} is another one now");
                }
                _ => {}
            }
        }
    }

    fn take_status(&mut self, id: &str, payload: &Value) {
        let status = payload["status"].as_str().unwrap();
        if let Some(request) = payload["requestId"].as_str() {
            self.numbers.insert(id.to_owned(), request.parse().unwrap());
        }
        let is_final = matches!(status, "completed" | "failed" | "interrupted");
        if let Some(known) = self.finals.get(id) {
            assert_eq!(known.0, status, "a final state was undone: {payload}");
        }
        if is_final {
            let end = (status.to_owned(), payload["exitCode"].clone());
            let known = self.finals.entry(id.to_owned()).or_insert_with(|| end.clone());
            assert_eq!(*known, end, "a command ended in two ways");
        }
    }
}

#[tokio::test]
async fn twenty_kills_amid_twenty_commands_lose_and_repeat_nothing() -> Result<()> {
    let mut server = Server::start(&[("commands.per_minute", "1000")]);
    let folder = tempfile::tempdir()?;
    let _agents: Vec<_> = (0..AGENTS).map(|agent| server.agent(&format!("kill-{agent}"))).collect();
    let mut watcher = Watcher::of(server.dashboard());
    for number in 0..COMMANDS {
        let mut message =
            request(&format!("kill-{}", number % AGENTS), &line(folder.path(), number));
        message["payload"]["requestId"] = number.to_string().into();
        watcher.send(&message);
        let own = Value::from(number.to_string());
        watcher.expect_that(|message| message["payload"]["requestId"] == own);
    }
    let mut known = Known::default();
    let mut numbers = Numbers::new();
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(50 + numbers.below(400)));
        let killed = Instant::now();
        server.kill_and_restart();
        let viewer = server.dashboard();
        assert!(killed.elapsed() < Duration::from_secs(3), "up after {:?}", killed.elapsed());
        known.take(&watcher.told());
        watcher = Watcher::of(viewer);
    }
    // An end may have been stored right before a kill and told to nobody: who was away asks.
    for id in known.numbers.keys().filter(|id| !known.finals.contains_key(*id)) {
        let payload = json!({"commandId": id, "afterSequence": BEYOND_ALL});
        watcher.send(&json!({"type": "output:resume", "payload": payload}));
    }
    let (mut taken, mut heard) = (0, Instant::now());
    while known.finals.len() < COMMANDS {
        assert!(heard.elapsed() < SILENCE, "{} commands have ended", known.finals.len());
        std::thread::sleep(Duration::from_millis(50));
        let told = watcher.told_after(taken);
        if told.iter().any(|message| message["payload"]["commandId"].is_string()) {
            heard = Instant::now();
        }
        known.take(&told);
        taken += told.len();
    }
    let database = server.folder().join("pilothouse.db");
    check(&known, folder.path());
    check_stored(&known, &sqlite_url(&database)).await
}

/// What was ever shown is stored, and all of the rest of it.
async fn check_stored(known: &Known, url: &str) -> Result<()> {
    let store = SqlStore::open(url).await?;
    for (id, number) in &known.numbers {
        let stream = StreamKey::command(CommandId::new(id)?);
        let groups = store.read_output(&stream, 0, usize::MAX).await?;
        assert_eq!(text_of(&groups), expected(*number), "command {number}");
        let records = groups.iter().flat_map(|group| (group.sequence..).zip(&group.records));
        let stored: BTreeMap<_, _> = records
            .map(|(sequence, record)| (sequence, String::from_utf8_lossy(&record.bytes)))
            .collect();
        for ((_, sequence), text) in known.shown.iter().filter(|((own, _), _)| own == id) {
            assert_eq!(stored[sequence], *text, "record {sequence} of command {number}");
        }
    }
    store.close().await;
    Ok(())
}

fn check(known: &Known, folder: &Path) {
    assert_eq!(known.numbers.len(), COMMANDS);
    for (id, number) in &known.numbers {
        let runs = std::fs::read_to_string(folder.join(number.to_string())).unwrap();
        assert_eq!(runs, "ran\n", "command {number} ran once");
        let (status, code) = &known.finals[id];
        let expect = if number % 3 == 0 { "completed" } else { "failed" };
        assert_eq!((status.as_str(), code), (expect, &Value::from(number % 3)), "{number}");
    }
}
