//! What an agent finds when an earlier life of it died without a word.

use std::{process::Command, sync::Arc};

use pilothouse_core::{
    commands::{Ended, Outcome},
    ids::{AgentId, CommandId},
    streams::StreamKey,
    time::Timestamp,
};

use crate::{
    AgentConfig,
    books::Books,
    journal::{Journal, Process},
    processes::{Mark, tree},
};

fn config(folder: &tempfile::TempDir) -> Arc<AgentConfig> {
    let id = AgentId::new("a-1").unwrap();
    std::fs::create_dir_all(folder.path().join("spool/d-2")).unwrap();
    Arc::new(AgentConfig::new("ws://127.0.0.1:1", id, Some("secret".into()), folder.path()))
}

#[tokio::test]
async fn what_ran_when_the_agent_died_is_ended_and_reported_as_lost() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder);
    let command = StreamKey::command(CommandId::new("d-1").unwrap());
    let mark = Mark::of(&command);
    let shell = Command::new("sh")
        .args(["-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!"])
        .env(mark.name(), mark.value())
        .output()
        .unwrap();
    let left: i32 = String::from_utf8(shell.stdout).unwrap().trim().parse().unwrap();
    let born = tree::born(left).unwrap();
    let mut journal = Journal::open(&folder.path().join("journal")).unwrap();
    journal.begin(&command, Timestamp(5), None).unwrap();
    // The shell of that time is gone; its number belongs to somebody who must not be harmed.
    let somebody = i32::try_from(std::process::id()).unwrap();
    journal.running(&command, Process { pid: somebody, born: 1 }).unwrap();
    drop(journal);

    let books = Books::open(config).await.unwrap();
    assert_ne!(tree::born(left), Some(born));
    let held = books.outbox().held().0;
    assert_eq!((held.len(), held[0].started_at), (1, 5));
    let ended = held[0].ended.as_ref().map(Ended::from).unwrap();
    assert_eq!(ended.outcome, Outcome::AgentLost);
    assert!(!folder.path().join("spool/d-2").exists(), "spools nobody knows are deleted");
}
