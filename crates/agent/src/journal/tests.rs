//! What the next life reads.

use std::time::Duration;

use pilothouse_core::{
    commands::{Ended, Outcome},
    ids::{CommandId, WorkerId},
    streams::Source,
};

use super::*;

fn id(text: &str) -> StreamKey {
    StreamKey::command(CommandId::new(text).unwrap())
}

fn ended() -> End {
    End::Command(Ended {
        outcome: Outcome::Exited { code: 3, signal: None },
        at: Timestamp(9),
        ran_for: Duration::from_millis(4),
    })
}

#[test]
fn the_next_life_knows_what_was_begun_and_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path).unwrap();
    assert!(journal.begin(&id("a"), Timestamp(5), None).unwrap());
    assert!(!journal.begin(&id("a"), Timestamp(6), None).unwrap());
    journal.running(&id("a"), Process { pid: 10, born: 20 }).unwrap();
    journal.end(&id("a"), &ended()).unwrap();
    journal.begin(&id("b"), Timestamp(7), None).unwrap();
    journal.begin(&id("c"), Timestamp(8), None).unwrap();
    journal.forget(&id("c")).unwrap();
    for _ in 0..2 {
        let mut next = Journal::open(&path).unwrap();
        assert_eq!(next.entries(), journal.entries());
        assert_eq!(next.entries()[&id("a")].end, Some(ended()));
        assert!(!next.begin(&id("b"), Timestamp(9), None).unwrap());
    }
}

#[test]
fn a_torn_line_costs_nothing_but_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path).unwrap();
    journal.begin(&id("a"), Timestamp(5), None).unwrap();
    journal.file.write_all(b"{\"fact\":\"ended\",\"comm").unwrap();
    journal.begin(&id("b"), Timestamp(6), None).unwrap();
    let next = Journal::open(&path).unwrap();
    assert_eq!(next.entries().keys().cloned().collect::<Vec<_>>(), [id("a"), id("b")]);
}

#[test]
fn the_file_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path).unwrap();
    for number in 0..MOST_DEAD_LINES {
        let command = id(&format!("c{number}"));
        journal.begin(&command, Timestamp(1), None).unwrap();
        journal.forget(&command).unwrap();
    }
    assert!(fs::metadata(&path).unwrap().len() < 80 * MOST_DEAD_LINES as u64);
    assert!(Journal::open(&path).unwrap().entries().is_empty());
}

#[test]
fn each_life_of_a_worker_is_remembered_with_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path).unwrap();
    let life = |epoch| StreamKey { source: Source::Worker(WorkerId::new("a").unwrap()), epoch };
    let exit = Exit { code: 129, signal: Some("SIGHUP".into()), reason: None, at: Timestamp(9) };
    assert!(journal.begin(&life(1), Timestamp(5), Some(Size::clamped(80, 24))).unwrap());
    assert!(journal.begin(&life(2), Timestamp(6), Some(Size::clamped(81, 25))).unwrap());
    journal.begin(&id("a"), Timestamp(7), None).unwrap();
    journal.resized(&life(1), Size::clamped(100, 40)).unwrap();
    journal.end(&life(1), &End::Worker(exit.clone())).unwrap();
    let mut next = Journal::open(&path).unwrap();
    assert_eq!(next.entries(), journal.entries());
    assert_eq!(next.entries()[&life(1)].end, Some(End::Worker(exit)));
    assert_eq!(next.entries()[&life(1)].size, Some(Size::clamped(100, 40)));
    assert_eq!(next.entries()[&life(2)].size, Some(Size::clamped(81, 25)));
    assert!(!next.begin(&life(2), Timestamp(8), None).unwrap());
}

#[test]
fn what_an_earlier_release_wrote_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let line = r#"{"fact":"begun","command":"a","at":5}
{"fact":"running","command":"a","process":{"pid":10,"born":20}}
{"fact":"ended","command":"a","ended":{"outcome":"exited","code":3,"endedAt":9,"ranFor":4}}
"#;
    fs::write(&path, line).unwrap();
    let journal = Journal::open(&path).unwrap();
    let entry = &journal.entries()[&id("a")];
    assert_eq!(
        (entry.started_at, entry.process),
        (Timestamp(5), Some(Process { pid: 10, born: 20 }))
    );
    assert_eq!(entry.end, Some(ended()));
}
