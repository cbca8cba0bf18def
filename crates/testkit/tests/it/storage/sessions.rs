//! What every store promises about sessions, workers, repositories and checkpoints.

use std::sync::Arc;

use anyhow::Result;
use pilothouse_core::{
    AgentType,
    ids::RepositoryId,
    ports::{Store, Write},
    sessions::{
        Activity, Exit, Kind, Launch, Repository, Session, Worker, WorkerKind, WorkerState,
    },
    streams::{StoredExtent, StreamKey},
    time::Timestamp,
};

use super::{
    places::Place,
    samples::{checkpoint, filled, group, output, session, session_write, text_of, worker},
};

const ALL: u64 = u64::MAX;

/// A worker in another life.
fn in_life(id: &str, epoch: u32) -> Worker {
    Worker { epoch, ..worker(id) }
}

fn plain(id: &str) -> Worker {
    Worker {
        kind: WorkerKind::Terminal,
        state: WorkerState::Starting,
        activity: Activity::Unknown,
        launch: Launch::default(),
        ..worker(id)
    }
}

pub(super) async fn sessions_come_back_with_their_workers(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let exit = Exit {
        code: 137,
        signal: Some("SIGKILL".into()),
        reason: Some("lost".into()),
        at: Timestamp(9),
    };
    let ended = Worker { state: WorkerState::Ended(exit.clone()), ..worker("w-0") };
    let quiet = Exit { code: -1, signal: None, reason: None, ..exit };
    let over = Worker { state: WorkerState::Ended(quiet), ..in_life("w-9", 7) };
    // Not in the order of their ids: a session's list has its own.
    let full = session("s-1", &[worker("w-5"), ended, plain("w-7"), over]);
    let bare = Session {
        kind: Kind::Quick,
        title: None,
        initial_prompt: None,
        created_at: Timestamp(1),
        ..session("s-2", &[])
    };
    let active = Session { is_active: true, ..full.clone() };
    store.commit(&[session_write(&active), session_write(&bare)]).await?;
    assert_eq!(store.load(0).await?.sessions, [bare.clone(), full.clone()], "oldest first");
    let renamed = Session { title: None, path: "/b".into(), ..full };
    store.commit(&[session_write(&active), session_write(&renamed)]).await?;
    store.close().await;
    assert_eq!(place.open().await?.load(0).await?.sessions, [bare, renamed]);
    Ok(())
}

pub(super) async fn a_session_keeps_only_the_workers_it_has_now(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let before = session("s-1", &[worker("w-1"), worker("w-2"), worker("w-3")]);
    let mut other = session("s-2", &[Worker { session: "s-2".parse()?, ..worker("w-9") }]);
    other.created_at = Timestamp(u64::MAX >> 1);
    store.commit(&[session_write(&before), session_write(&other)]).await?;
    let after = session("s-1", &[worker("w-3"), plain("w-4")]);
    store.commit(&[session_write(&after)]).await?;
    assert_eq!(store.load(0).await?.sessions, [after, other]);
    Ok(())
}

pub(super) async fn a_restarted_worker_goes_on_with_another_log(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (first, second) = (in_life("w-1", 1), in_life("w-1", 2));
    let mut batch = output(&[group(&first.stream(), 0, 1, &["before"])]);
    batch.push(session_write(&session("s-1", std::slice::from_ref(&first))));
    store.commit(&batch).await?;
    let extent = |worker: &Worker, next_position, next_sequence| StoredExtent {
        stream: worker.stream(),
        first_position: 0,
        next_position,
        next_sequence,
    };
    assert_eq!(store.load(0).await?.extents, [extent(&first, 6, 2)]);
    store.commit(&[session_write(&session("s-1", std::slice::from_ref(&second)))]).await?;
    assert_eq!(store.load(0).await?.extents, [], "it has written nothing yet");
    store.commit(&output(&[group(&second.stream(), 0, 1, &["a", "b"])])).await?;
    assert_eq!(store.load(0).await?.extents, [extent(&second, 2, 3)]);
    assert_eq!(text_of(&store.read_output(&first.stream(), 0, 100).await?), "before");
    assert_eq!(text_of(&store.read_output(&second.stream(), 0, 100).await?), "ab");
    Ok(())
}

pub(super) async fn a_session_that_is_gone_takes_everything_with_it(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (one, two) = (session("s-1", &[in_life("w-1", 2), worker("w-2")]), session("s-2", &[]));
    let other = Worker { session: "s-2".parse()?, ..worker("w-3") };
    let two = Session { workers: [Arc::new(other.clone())].into(), ..two };
    let keys = [in_life("w-1", 1), in_life("w-1", 2), worker("w-2"), other.clone()]
        .map(|worker| worker.stream());
    let mut batch = vec![session_write(&one), session_write(&two)];
    for key in &keys {
        batch.extend(output(&[filled(key, 0, 10, 1)]));
        batch.push(Write::Checkpoint(checkpoint(key, 10, "screen")));
    }
    store.commit(&batch).await?;
    let last = output(&[filled(&keys[1], 10, 10, 1)]);
    let gone = Write::SessionGone(Arc::new(one.clone()));
    store.commit(&[last, vec![session_write(&one), gone.clone()]].concat()).await?;
    store.commit(&[gone]).await?;
    let stored = store.load(0).await?;
    assert_eq!(stored.sessions, [two]);
    assert_eq!(stored.extents.len(), 1);
    for key in &keys[..3] {
        assert_eq!(store.read_output(key, 0, 100).await?, [], "{key}");
        assert_eq!(store.checkpoint(key, ALL).await?, None, "{key}");
    }
    assert_eq!(store.prune(ALL, ALL).await?, 40, "the room is free again");
    assert_eq!(store.prune(ALL, ALL).await?, 0);
    assert_eq!(text_of(&store.read_output(&keys[3], 0, 100).await?), "xxxxxxxxxx");
    assert!(store.checkpoint(&keys[3], ALL).await?.is_some());
    let names = place.texts("SELECT source FROM streams").await?;
    assert_eq!(names, ["w-3"], "nothing remembers what is gone");
    Ok(())
}

pub(super) async fn a_removed_worker_takes_the_logs_of_all_its_lives(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let lives = [1, 2, 3].map(|epoch| in_life("w-1", epoch).stream());
    let command = super::samples::stream("w-1");
    let mut groups: Vec<_> = lives.iter().map(|key| filled(key, 0, 10, 1)).collect();
    groups.push(filled(&command, 0, 10, 1));
    store.commit(&output(&groups)).await?;
    for (life, key) in lives.iter().enumerate().take(2) {
        store.commit(&[Write::WorkerGone(key.clone())]).await?;
        let left = [store.read_output(key, 0, 9).await?, store.read_output(&lives[2], 0, 9).await?];
        assert_eq!((left[0].len(), left[1].len()), (0, 1), "later lives than {life} stay");
    }
    // What comes once more is stored and forgotten once more.
    store.commit(&output(&groups[..1])).await?;
    store.commit(&[Write::WorkerGone(lives[0].clone())]).await?;
    assert_eq!(store.read_output(&lives[0], 0, 9).await?, []);
    assert_eq!(store.prune(ALL, ALL).await?, 30);
    assert_eq!(store.read_output(&command, 0, 9).await?.len(), 1, "ids of other kinds are others");
    Ok(())
}

pub(super) async fn forgotten_output_is_deleted_in_pieces(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = worker("w-1").stream();
    let groups: Vec<_> = (0..1500).map(|n| filled(&key, n * 10, 10, n)).collect();
    store.commit(&output(&groups)).await?;
    store.commit(&[Write::WorkerGone(key.clone())]).await?;
    assert_eq!(store.prune(ALL, ALL).await?, 10_240);
    assert_eq!(store.prune(ALL, ALL).await?, 4_760);
    assert_eq!(store.prune(ALL, ALL).await?, 0);
    Ok(())
}

pub(super) async fn repositories_come_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let repository = |id: &str, at| Repository {
        id: RepositoryId::new(id).unwrap(),
        agent: "agent-1".parse().unwrap(),
        name: "näme".into(),
        path: "/home/ann/näme".into(),
        created_at: Timestamp(at),
    };
    let write = |repository: &Repository| Write::Repository(Arc::new(repository.clone()));
    let (old, young) = (repository("r-2", 1), repository("r-1", 2));
    store.commit(&[write(&young), write(&old)]).await?;
    let moved = Repository { path: "/elsewhere".into(), ..young };
    store.commit(&[write(&moved)]).await?;
    assert_eq!(store.load(0).await?.repositories, [old.clone(), moved.clone()]);
    let gone = Write::RepositoryGone(moved.id.clone());
    store.commit(&[write(&repository("r-3", 3)), gone]).await?;
    store.commit(&[write(&moved), Write::RepositoryGone(moved.id.clone())]).await?;
    assert_eq!(store.load(0).await?.repositories, [old, repository("r-3", 3)]);
    Ok(())
}

pub(super) async fn agent_types_come_change_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let full = |id: &str| AgentType {
        id: id.parse().unwrap(),
        name: "Änn's".into(),
        description: Some("says 'hi'".into()),
        is_built_in: false,
        command_template: "ann --in {{cwd}} {{prompt}}".into(),
        continue_template: Some("ann -c".into()),
        headless_template: Some("ann -p {{prompt}}".into()),
        asking_patterns: vec![r"^Proceed\?\s*\z".into(), "[\"'ä]".into()],
        created_at: Timestamp(7),
    };
    let bare = AgentType {
        description: None,
        continue_template: None,
        headless_template: None,
        asking_patterns: Vec::new(),
        ..full("a_1")
    };
    let write = |agent_type: &AgentType| Write::AgentType(Arc::new(agent_type.clone()));
    store.commit(&[write(&full("b-2")), write(&bare), write(&full("B-3"))]).await?;
    assert_eq!(store.load(0).await?.agent_types, [full("B-3"), bare.clone(), full("b-2")]);
    let changed = AgentType { name: "other".into(), ..bare };
    let changed = AgentType { id: full("b-2").id, ..changed };
    store.commit(&[write(&full("b-2")), write(&changed)]).await?;
    let gone = |id: &str| Write::AgentTypeGone(id.parse().unwrap());
    store.commit(&[gone("a_1"), write(&full("c-4")), gone("c-4"), gone("nobody")]).await?;
    store.close().await;
    let reopened = place.open().await?;
    assert_eq!(reopened.load(0).await?.agent_types, [full("B-3"), changed]);
    // What was removed in one batch may come back in it.
    reopened.commit(&[gone("B-3"), write(&full("B-3"))]).await?;
    assert_eq!(reopened.load(0).await?.agent_types.len(), 2);
    Ok(())
}

async fn positions(store: &impl Store, key: &StreamKey, bounds: &[u64]) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for bound in bounds {
        let checkpoint = store.checkpoint(key, *bound).await?;
        found.push(checkpoint.map_or(ALL, |checkpoint| checkpoint.position));
    }
    Ok(found)
}

pub(super) async fn the_two_newest_checkpoints_of_a_log_are_kept(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (first, second) = (in_life("w-1", 1).stream(), in_life("w-1", 2).stream());
    assert_eq!(store.checkpoint(&first, ALL).await?, None);
    let write = |key, position| Write::Checkpoint(checkpoint(key, position, "screen"));
    store.commit(&[write(&first, 0)]).await?;
    assert_eq!(positions(&store, &first, &[0, ALL]).await?, [0, 0], "one before any output");
    store.commit(&[write(&first, 10)]).await?;
    store.commit(&[write(&first, 20), write(&second, 5)]).await?;
    assert_eq!(positions(&store, &first, &[9, 10, 19, 20, ALL]).await?, [ALL, 10, 10, 20, 20]);
    store.commit(&[write(&first, 30), write(&first, 40), write(&first, 50)]).await?;
    assert_eq!(positions(&store, &first, &[39, 40, 49, 50]).await?, [ALL, 40, 40, 50]);
    assert_eq!(positions(&store, &second, &[4, ALL]).await?, [ALL, 5], "each life has its own");
    let again = checkpoint(&first, 50, "resized");
    store.commit(&[Write::Checkpoint(again.clone())]).await?;
    assert_eq!(store.checkpoint(&first, ALL).await?, Some(again));
    assert_eq!(positions(&store, &first, &[49]).await?, [40]);
    Ok(())
}

pub(super) async fn a_long_screen_comes_back_as_it_was(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let lines = (0..20_000).map(|n| format!("\u{1b}[3{}mline {n} ä\u{1b}[0m\r\n", n % 8));
    let long = checkpoint(&worker("w-1").stream(), 7, &lines.collect::<String>());
    store.commit(&[Write::Checkpoint(long.clone())]).await?;
    assert_eq!(store.checkpoint(&long.stream, 7).await?, Some(long));
    Ok(())
}

pub(super) async fn pruning_spares_what_a_viewer_begins_from(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = worker("w-1").stream();
    let groups: Vec<_> = (0..10).map(|n| filled(&key, n * 100, 100, n)).collect();
    store.commit(&output(&groups)).await?;
    let write = |position| Write::Checkpoint(checkpoint(&key, position, "screen"));
    store.commit(&[write(450), write(950)]).await?;
    assert_eq!(store.prune(350, ALL).await?, 400, "the group of the older checkpoint stays");
    assert_eq!(store.prune(350, ALL).await?, 0);
    assert_eq!(store.read_output(&key, 450, usize::MAX).await?[0].position, 400);
    assert_eq!(store.prune(250, ALL).await?, 100, "but never more than twice the limit");
    store.commit(&[write(980)]).await?;
    assert_eq!(store.prune(250, ALL).await?, 300, "the newer checkpoints free the rest");
    assert_eq!(store.prune(ALL, 0).await?, 200, "the limit on all output spares nothing");
    assert_eq!(store.checkpoint(&key, ALL).await?.map(|known| known.position), Some(980));
    Ok(())
}
