//! The conformance suite: each function is one promise of the port.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use pilothouse_core::{
    commands::{Command, Ended, Outcome, Priority, State},
    ids::{AgentId, CommandId, WorkerId},
    ports::{Store, StoreError, Stored, Write},
    streams::{Source, StoredExtent, StreamKey},
    time::Timestamp,
};

use pilothouse_server::storage::RevokedCredential;

use super::{
    places::Place,
    samples::{
        agent, command, command_write, ended_at, filled, group, output, refused, stored, stream,
        text_of,
    },
};

const ALL: u64 = u64::MAX;

pub(super) async fn a_new_store_is_empty(place: &Place) -> Result<()> {
    let store = place.open().await?;
    assert_eq!(store.load(10).await?, Stored::default());
    assert_eq!(store.read_output(&stream("c-1"), 0, 100).await?, Vec::new());
    assert_eq!(store.command(&CommandId::new("c-1")?).await?, None);
    assert_eq!(store.prune(0, 0).await?, 0);
    store.commit(&[]).await?;
    Ok(())
}

pub(super) async fn agents_come_back_offline_and_by_id(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let mut linked = agent("b-2");
    linked.status = pilothouse_core::agents::Status::Busy;
    let agents =
        [agent("a_1"), agent("B-3"), agent("a-1")].map(|agent| Write::Agent(Arc::new(agent)));
    store.commit(&agents).await?;
    store.commit(&[Write::Agent(Arc::new(linked))]).await?;
    let ids: Vec<String> =
        store.load(0).await?.agents.iter().map(|agent| agent.id.to_string()).collect();
    assert_eq!(ids, ["B-3", "a-1", "a_1", "b-2"]);
    assert_eq!(store.load(0).await?.agents[3], agent("b-2"));
    Ok(())
}

pub(super) async fn a_command_comes_back_in_every_state(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let outcomes = [
        Outcome::Exited { code: -1, signal: None },
        Outcome::Exited { code: 139, signal: Some("SIGSEGV".into()) },
        Outcome::Interrupted { code: None },
        Outcome::Interrupted { code: Some(130) },
        Outcome::TimedOut { code: Some(137) },
        Outcome::NotStarted { reason: "no such directory".into() },
        Outcome::AgentLost,
    ];
    let ended = outcomes.map(|outcome| {
        State::Ended(Ended { outcome, at: Timestamp(99), ran_for: Duration::from_millis(5) })
    });
    let running = State::Running { since: Timestamp(7) };
    for state in ended.into_iter().chain([running, State::Queued]) {
        let stored = command("c-1", state);
        store.commit(&[command_write(&stored)]).await?;
        assert_eq!(store.command(&stored.id).await?, Some(stored));
    }
    let plain = Command {
        request_id: None,
        directory: None,
        environment: Vec::new(),
        ..command("c-2", State::Queued)
    };
    store.commit(&[command_write(&plain)]).await?;
    assert_eq!(store.command(&plain.id).await?, Some(plain));
    Ok(())
}

pub(super) async fn the_last_state_of_a_batch_counts(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let states = [State::Queued, State::Running { since: Timestamp(1) }, ended_at(2)];
    let batch = states.map(|state| command_write(&command("c-1", state)));
    store.commit(&batch).await?;
    assert_eq!(store.load(9).await?.ended, [Arc::new(command("c-1", ended_at(2)))]);
    Ok(())
}

pub(super) async fn live_commands_come_in_queue_order(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let queued = |id, agent, priority| Command {
        agent: AgentId::new(agent).unwrap(),
        priority,
        ..command(id, State::Queued)
    };
    let live = [
        stored(
            &Command {
                priority: Priority::Low,
                ..command("running", State::Running { since: Timestamp(1) })
            },
            9,
        ),
        stored(&queued("first", "agent-1", Priority::High), 8),
        stored(&queued("second", "agent-1", Priority::Normal), -3),
        stored(&queued("third", "agent-1", Priority::Normal), 2),
        stored(&queued("last", "agent-1", Priority::Low), 1),
        stored(&queued("other", "agent-2", Priority::High), 0),
    ];
    let mut batch: Vec<Write> = live.iter().rev().cloned().map(Write::Command).collect();
    batch.push(command_write(&command("over", ended_at(5))));
    store.commit(&batch).await?;
    assert_eq!(store.load(0).await?.live, live);
    Ok(())
}

pub(super) async fn ended_commands_come_newest_first(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let commands: Vec<Command> =
        (0..100).map(|n| command(&format!("c-{n}"), ended_at(1000 + n))).collect();
    store.commit(&commands.iter().map(command_write).collect::<Vec<_>>()).await?;
    let newest: Vec<_> = commands.iter().rev().take(3).cloned().map(Arc::new).collect();
    assert_eq!(store.load(3).await?.ended, newest);
    assert_eq!(store.load(0).await?.ended, []);
    assert_eq!(store.load(usize::MAX).await?.ended.len(), 100);
    Ok(())
}

pub(super) async fn a_text_with_nul_is_stored_readably(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let named = Command { requested_by: "a\0b".into(), ..command("c-1", State::Queued) };
    store.commit(&[refused("a\0b"), command_write(&named)]).await?;
    let read = store.command(&named.id).await?.unwrap();
    assert_eq!(&*read.requested_by, "a\u{fffd}b");
    assert_eq!(place.texts("SELECT detail FROM audit").await?, ["a\u{fffd}b"]);
    Ok(())
}

pub(super) async fn output_is_read_from_any_position(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups = [
        group(&key, 0, 1, &["abc", "de"]),
        group(&key, 5, 3, &["fghij"]),
        group(&key, 10, 4, &["k", "lm"]),
    ];
    store.commit(&output(&groups)).await?;
    let read = async |position, max_bytes| store.read_output(&key, position, max_bytes).await;
    assert_eq!(read(0, 1000).await?, groups);
    assert_eq!(read(0, usize::MAX).await?, groups);
    assert_eq!(read(0, 5).await?, groups[..1]);
    assert_eq!(read(0, 0).await?[0].records, groups[0].records[..1], "at least one record");
    assert_eq!(text_of(&read(4, 100).await?), "defghijklm", "records are whole");
    assert_eq!((read(4, 100).await?[0].position, read(4, 100).await?[0].sequence), (3, 2));
    assert_eq!(text_of(&read(3, 100).await?), "defghijklm", "a record's end is not its own");
    assert_eq!(text_of(&read(5, 6).await?), "fghijk");
    assert_eq!(text_of(&read(7, 1).await?), "fghij");
    assert_eq!(read(13, 100).await?, []);
    assert_eq!(read(ALL, 100).await?, []);
    let worker = StreamKey { source: Source::Worker(WorkerId::new("c-1")?), epoch: 3 };
    assert_eq!(store.read_output(&worker, 0, 100).await?, []);
    store.commit(&output(&[group(&worker, 0, 1, &["other"])])).await?;
    assert_eq!(text_of(&store.read_output(&worker, 0, 100).await?), "other");
    assert_eq!(read(0, 1000).await?, groups);
    Ok(())
}

pub(super) async fn output_is_read_from_the_record_behind_a_number(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups = [
        group(&key, 0, 1, &["abc", "de"]),
        group(&key, 5, 3, &["fghij"]),
        group(&key, 20, 7, &["k", "lm"]),
    ];
    store.commit(&output(&groups)).await?;
    let read = async |sequence, max| store.read_output_after(&key, sequence, max).await;
    assert_eq!(read(0, 1000).await?, groups);
    assert_eq!(text_of(&read(1, 1000).await?), "defghijklm");
    assert_eq!(read(1, 1000).await?[0].sequence, 2, "numbers stay");
    assert_eq!(read(2, 1000).await?, groups[1..]);
    for lost in 3..=6 {
        assert_eq!(read(lost, 1000).await?, groups[2..], "behind the gap, after {lost}");
    }
    assert_eq!(text_of(&read(7, 0).await?), "lm", "at least one record");
    assert_eq!(read(8, 1000).await?, []);
    assert_eq!(read(ALL, 1000).await?, []);
    assert_eq!(store.prune(8, ALL).await?, 5);
    assert_eq!(read(0, 1000).await?, groups[1..], "the oldest that is kept");
    assert_eq!(store.read_output_after(&stream("c-2"), 0, 10).await?, []);
    Ok(())
}

pub(super) async fn the_same_output_twice_changes_nothing(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups = [group(&key, 0, 1, &["abc", "de"]), group(&key, 5, 3, &["fgh"])];
    store.commit(&output(&groups)).await?;
    store.commit(&output(&groups)).await?;
    store.commit(&output(&groups[1..])).await?;
    let regrouped = [group(&key, 3, 2, &["de", "fgh", "ij"]), group(&key, 8, 4, &["ij"])];
    store.commit(&output(&regrouped)).await?;
    let read = store.read_output(&key, 0, 100).await?;
    assert_eq!(read[..2], groups);
    assert_eq!(text_of(&read), "abcdefghij");
    assert_eq!((read[2].position, read[2].sequence, read[2].next_sequence()), (8, 4, 5));
    assert_eq!(store.prune(ALL, 9).await?, 5, "sums count every byte once");
    Ok(())
}

pub(super) async fn lost_output_leaves_a_gap_that_is_told(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups = [group(&key, 0, 1, &["abc"]), group(&key, 1_000_000, 50, &["xyz"])];
    store
        .commit(&[vec![command_write(&command("c-1", State::Queued))], output(&groups)].concat())
        .await?;
    assert_eq!(store.read_output(&key, 0, usize::MAX).await?, groups);
    assert_eq!(
        store.read_output(&key, 3, 10).await?,
        groups[1..],
        "reading goes on behind the gap"
    );
    assert_eq!(store.read_output(&key, 500, 10).await?, groups[1..]);
    let extent = StoredExtent {
        stream: key.clone(),
        first_position: 0,
        next_position: 1_000_003,
        next_sequence: 51,
    };
    assert_eq!(store.load(0).await?.extents, [extent]);
    store.commit(&output(&[group(&key, 10, 3, &["late"])])).await?;
    assert_eq!(
        store.read_output(&key, 0, usize::MAX).await?,
        groups,
        "what was given up stays lost"
    );
    Ok(())
}

pub(super) async fn a_large_batch_of_output_is_stored_whole(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let groups: Vec<_> = (0..1000_u64)
        .map(|n| filled(&stream(&format!("c-{}", n % 70)), n / 70 * 10_000, 10_000, n))
        .collect();
    store.commit(&output(&groups)).await?;
    for n in 0..70_usize {
        let read = store.read_output(&stream(&format!("c-{n}")), 0, usize::MAX).await?;
        let wanted: Vec<_> = groups.iter().skip(n).step_by(70).cloned().collect();
        assert!(read == wanted, "stream {n}");
    }
    Ok(())
}

pub(super) async fn extents_are_those_of_live_commands_and_the_newest_ends(
    place: &Place,
) -> Result<()> {
    let store = place.open().await?;
    let (live, over, older) = (stream("live"), stream("over"), stream("older"));
    let mut batch = output(&[
        group(&older, 0, 1, &["old"]),
        group(&over, 0, 1, &["x"]),
        group(&live, 0, 1, &["ab", "c"]),
    ]);
    batch.push(command_write(&command("live", State::Running { since: Timestamp(1) })));
    batch.push(command_write(&command("over", ended_at(2))));
    batch.push(command_write(&command("older", ended_at(1))));
    batch.push(command_write(&command("silent", State::Queued)));
    store.commit(&batch).await?;
    let extent = |stream, next_position, next_sequence| StoredExtent {
        stream,
        first_position: 0,
        next_position,
        next_sequence,
    };
    let live = extent(live, 3, 3);
    assert_eq!(store.load(1).await?.extents, [live.clone(), extent(over, 1, 2)]);
    assert_eq!(store.load(0).await?.extents, [live]);
    Ok(())
}

pub(super) async fn pruning_keeps_the_newest_of_each_stream(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (long, short) = (stream("long"), stream("short"));
    let mut groups: Vec<_> = (0..10).map(|n| filled(&long, n * 100, 100, n)).collect();
    groups.push(filled(&short, 0, 100, 0));
    store.commit(&output(&groups)).await?;
    assert_eq!(store.prune(350, ALL).await?, 700, "whole groups only");
    assert_eq!(store.prune(350, ALL).await?, 0);
    assert_eq!(store.read_output(&long, 0, usize::MAX).await?, groups[7..10]);
    assert_eq!(store.read_output(&short, 0, usize::MAX).await?, groups[10..]);
    assert_eq!(store.prune(50, ALL).await?, 200, "but never all of a stream");
    assert_eq!(store.prune(50, ALL).await?, 0);
    assert_eq!(store.read_output(&long, 0, usize::MAX).await?, groups[9..10]);
    Ok(())
}

pub(super) async fn pruning_in_all_deletes_the_oldest_first(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let keys = [stream("a"), stream("b"), stream("c")];
    let groups: Vec<_> =
        (0..9_u64).map(|n| filled(&keys[(n % 3) as usize], n / 3 * 10, 10, 60_000 * n)).collect();
    store.commit(&output(&groups)).await?;
    assert_eq!(store.prune(ALL, 50).await?, 40);
    let left = async |key| store.read_output(key, 0, usize::MAX).await.map(|read| read.len());
    assert_eq!((left(&keys[0]).await?, left(&keys[1]).await?, left(&keys[2]).await?), (1, 2, 2));
    assert_eq!(store.prune(ALL, 0).await?, 50);
    assert_eq!(left(&keys[2]).await?, 0);
    Ok(())
}

pub(super) async fn pruning_is_done_in_pieces(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups: Vec<_> = (0..3000).map(|n| filled(&key, n, 1, n)).collect();
    store.commit(&output(&groups)).await?;
    let mut pieces = Vec::new();
    loop {
        match store.prune(500, ALL).await? {
            0 => break,
            bytes => pieces.push(bytes),
        }
    }
    assert_eq!(pieces.iter().sum::<u64>(), 2500);
    assert!(pieces.len() > 1, "one call is bounded");
    assert_eq!(store.read_output(&key, 0, usize::MAX).await?, groups[2500..]);
    Ok(())
}

pub(super) async fn a_pruned_stream_goes_on(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    store.commit(&[command_write(&command("c-1", State::Queued))]).await?;
    store.commit(&output(&[group(&key, 0, 1, &["abc"])])).await?;
    assert_eq!(store.prune(ALL, 0).await?, 3);
    let extent =
        StoredExtent { stream: key.clone(), first_position: 3, next_position: 3, next_sequence: 2 };
    assert_eq!(store.load(0).await?.extents, std::slice::from_ref(&extent));
    store.commit(&output(&[group(&key, 0, 1, &["abc"])])).await?;
    assert_eq!(store.read_output(&key, 0, 100).await?, [], "what was pruned does not come back");
    let next = group(&key, 3, 2, &["def"]);
    store.commit(&output(std::slice::from_ref(&next))).await?;
    assert_eq!(store.read_output(&key, 0, 100).await?, [next]);
    let extent = StoredExtent { next_position: 6, next_sequence: 3, ..extent };
    assert_eq!(store.load(0).await?.extents, [extent]);
    Ok(())
}

pub(super) async fn everything_survives_reopening(place: &Place) -> Result<()> {
    let key = stream("c-1");
    let mut batch = output(&[group(&key, 0, 1, &["abc"])]);
    batch.push(Write::Agent(Arc::new(agent("agent-1"))));
    batch.push(command_write(&command("c-1", State::Queued)));
    batch.push(command_write(&command("c-2", ended_at(5))));
    let store = place.open().await?;
    store.commit(&batch).await?;
    let before = store.load(9).await?;
    store.close().await;
    assert!(matches!(store.load(9).await, Err(StoreError::Unavailable(_))));
    let reopened = place.open().await?;
    assert_eq!(reopened.load(9).await?, before);
    assert_eq!(text_of(&reopened.read_output(&key, 0, 100).await?), "abc");
    Ok(())
}

pub(super) async fn a_newer_schema_is_refused(place: &Place) -> Result<()> {
    place.open().await?.close().await;
    place
        .tamper(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 999, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
        )
        .await?;
    let Err(StoreError::Unavailable(sentence)) =
        pilothouse_server::storage::SqlStore::open(&place.url).await
    else {
        panic!("opened")
    };
    assert!(sentence.contains("newer pilothouse"), "{sentence}");
    Ok(())
}

pub(super) async fn an_altered_schema_is_refused(place: &Place) -> Result<()> {
    let store = place.open().await?;
    store.commit(&output(&[group(&stream("c-1"), 0, 1, &["abc"])])).await?;
    store.close().await;
    place.tamper("UPDATE _sqlx_migrations SET checksum = (SELECT records FROM output)").await?;
    let opened = pilothouse_server::storage::SqlStore::open(&place.url).await;
    assert!(matches!(opened, Err(StoreError::Corrupt(_))), "{opened:?}");
    Ok(())
}

pub(super) async fn revoked_credentials_stay_until_they_expire(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let revoked = |credential: &str, expires_at: Option<u64>| RevokedCredential {
        credential: credential.into(),
        expires_at: expires_at.map(Timestamp),
    };
    for one in [revoked("b", Some(50)), revoked("a", None), revoked("b", None)] {
        store.revoke(&one, Timestamp(7), Timestamp(0)).await?;
    }
    drop(store);
    let store = place.open().await?;
    let all = [revoked("a", None), revoked("b", Some(50))];
    assert_eq!(store.revoked(Timestamp(50)).await?, all);
    store.revoke(&revoked("c", Some(90)), Timestamp(7), Timestamp(51)).await?;
    assert_eq!(place.texts("SELECT credential FROM revoked ORDER BY 1").await?, ["a", "c"]);
    assert_eq!(store.revoked(Timestamp(91)).await?, all[..1]);
    Ok(())
}

pub(super) async fn a_row_that_makes_no_sense_is_corrupt(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let damaged = command("c-1", State::Queued);
    store
        .commit(
            &[vec![command_write(&damaged)], output(&[group(&stream("c-1"), 0, 1, &["abc"])])]
                .concat(),
        )
        .await?;
    place.tamper("UPDATE commands SET state = 'dancing'").await?;
    assert!(matches!(store.load(9).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.command(&damaged.id).await, Err(StoreError::Corrupt(_))));
    place.tamper("UPDATE output SET position = -5").await?;
    let read = store.read_output(&stream("c-1"), 0, 9).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    Ok(())
}

pub(super) async fn many_tasks_use_one_store(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..30_u64 {
        let store = store.clone();
        tasks.spawn(async move {
            let (own, shared) = (stream(&format!("c-{task}")), stream("shared"));
            for n in 0..10 {
                let groups = [filled(&own, n * 10, 10, n), filled(&shared, n * 10, 10, n)];
                store.commit(&output(&groups)).await?;
                let read = store.read_output(&own, 0, usize::MAX).await?;
                assert_eq!(
                    text_of(&read).len() as u64,
                    (n + 1) * 10,
                    "a commit is visible at once"
                );
                store.prune(ALL, ALL).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    assert_eq!(text_of(&store.read_output(&stream("shared"), 0, usize::MAX).await?).len(), 100);
    assert_eq!(store.prune(ALL, 0).await?, 31 * 100);
    Ok(())
}

pub(super) async fn a_call_that_is_given_up_leaves_the_store_usable(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = stream("c-1");
    let groups: Vec<_> = (0..50).map(|n| filled(&key, n * 10, 10, n)).collect();
    for (patience, group) in groups.iter().enumerate() {
        let batch = output(std::slice::from_ref(group));
        let patience = Duration::from_micros(patience as u64 * 20);
        let _ = tokio::time::timeout(patience, store.commit(&batch)).await;
        store.commit(&batch).await?;
    }
    assert_eq!(store.read_output(&key, 0, usize::MAX).await?, groups);
    Ok(())
}

pub(super) async fn pruning_is_quick_where_many_write_side_by_side(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let groups: Vec<_> = (0..3000_u64)
        .map(|n| filled(&stream(&format!("c-{}", n % 10)), n / 10 * 10, 10, 1_700_000_000_000 + n))
        .collect();
    store.commit(&output(&groups)).await?;
    assert_eq!(store.prune(ALL, 25_000).await?, 5_000, "one call is enough");
    assert_eq!(store.prune(ALL, 0).await?, 10_240, "a full piece of 1024 groups");
    Ok(())
}
