//! What holds, budgets and presets promise: they come back as they were, and so does what counts for budgets.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use pilothouse_core::{
    agents::Agent,
    commands::{Command, Ended, Outcome, Priority, State},
    control::{Budget, Excess, Hold, HoldCause, Spent},
    ids::AgentId,
    ports::{Store, StoreError, Write},
    presets::Preset,
    time::Timestamp,
};

use super::{
    places::Place,
    samples::{command, command_write},
};

fn agent(id: &str) -> AgentId {
    id.parse().unwrap()
}

fn hold(cause: HoldCause, text: &str) -> Hold {
    Hold {
        cause,
        by: "änn".into(),
        since: Timestamp(1_700_000_000_001),
        until: None,
        text: text.into(),
    }
}

fn held(id: &str, hold: Option<&Hold>) -> Write {
    Write::Hold { agent: agent(id), hold: hold.cloned().map(Arc::new) }
}

pub(super) async fn holds_come_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let paused = hold(HoldCause::Paused, "änn paused this agent");
    let stopped = hold(HoldCause::EmergencyStopped, "änn stopped all agents: it's \"odd\"\n");
    store.commit(&[held("a-1", Some(&paused)), held("B-2", Some(&paused))]).await?;
    // Of one batch the last word counts, whichever it is.
    store
        .commit(&[held("a-1", None), held("a-1", Some(&stopped)), held("c", Some(&paused))])
        .await?;
    store.commit(&[held("c", Some(&stopped)), held("c", None)]).await?;
    drop(store);
    let store = place.open().await?;
    let expected = [(agent("B-2"), paused), (agent("a-1"), stopped)];
    assert_eq!(store.load(0).await?.control.holds, expected);
    place.tamper("UPDATE holds SET cause = 'because'").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}

pub(super) async fn budgets_come_change_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let counted =
        Budget { commands_per_hour: Some(4096), time_per_hour: None, excess: Excess::Hold };
    let timed = Budget {
        commands_per_hour: None,
        time_per_hour: Some(Duration::from_secs(3600)),
        excess: Excess::Refuse,
    };
    let write = |id: &str, budget: Option<Budget>| Write::Budget { agent: agent(id), budget };
    store
        .commit(&[write("a", Some(counted)), write("b", Some(timed)), write("c", Some(timed))])
        .await?;
    let both = Budget { commands_per_hour: Some(1), ..timed };
    store.commit(&[write("a", Some(both)), write("c", None)]).await?;
    drop(store);
    let store = place.open().await?;
    let expected = [(agent("a"), both), (agent("b"), timed)];
    assert_eq!(store.load(0).await?.control.budgets, expected);
    place.tamper("UPDATE budgets SET time_per_hour = -1").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}

pub(super) async fn presets_come_change_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let full = Preset {
        id: "pre-a".parse()?,
        name: "Tests für 'alle'".into(),
        line: "make test 2>&1 | tail -20\necho \"$HOME\"".into(),
        agent: Some(agent("a-1")),
        directory: Some("/srv/a b".into()),
        priority: Priority::High,
        timeout: Some(Duration::from_millis(90_001)),
        made_by: "ann".into(),
        changed_at: Timestamp(1_700_000_000_002),
    };
    let plain = Preset {
        id: "pre-B".parse()?,
        agent: None,
        directory: None,
        priority: Priority::Low,
        timeout: None,
        ..full.clone()
    };
    let write = |preset: &Preset| Write::Preset(Arc::new(preset.clone()));
    let gone = Preset { id: "pre-c".parse()?, ..plain.clone() };
    store.commit(&[write(&plain), write(&gone), write(&full)]).await?;
    let changed = Preset { name: "other".into(), timeout: None, ..full };
    store.commit(&[write(&changed), Write::PresetGone(gone.id.clone())]).await?;
    drop(store);
    assert_eq!(place.open().await?.load(0).await?.presets, [plain, changed]);
    Ok(())
}

/// Commands count from when they began to when they ended; those that never began do not.
pub(super) async fn what_ran_since_a_moment_is_found(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let ended = |at: u64, ran_for: u64| {
        let outcome = Outcome::Exited { code: 0, signal: None };
        let ran_for = Duration::from_millis(ran_for);
        State::Ended(Ended { outcome, at: Timestamp(at), ran_for })
    };
    let of = |id: &str, at: &str, state: State| Command { agent: agent(at), ..command(id, state) };
    let known: Vec<Agent> = ["a", "b"].map(super::samples::agent).into();
    let agents = known.into_iter().map(|agent| Write::Agent(Arc::new(agent)));
    let commands = [
        of("c-old", "a", ended(999, 500)),
        of("c-long", "a", ended(1_001, 900)),
        of("c-new", "b", ended(2_000, 1)),
        of("c-never", "a", ended(2_000, 0)),
        of("c-runs", "a", State::Running { since: Timestamp(1_500) }),
        of("c-runs-long", "b", State::Running { since: Timestamp(5) }),
        of("c-waits", "a", State::Queued),
        // A clock that was set back: it has not ended yet by this one.
        of("c-future", "b", ended(900_000, 10)),
    ];
    let writes: Vec<_> = agents.chain(commands.iter().map(command_write)).collect();
    store.commit(&writes).await?;
    let spent = |id: &str, began: u64, ran_for: Option<u64>| Spent {
        agent: agent(id),
        began: Timestamp(began),
        ran_for: ran_for.map(Duration::from_millis),
    };
    let expected = [
        spent("b", 5, None),
        spent("a", 101, Some(900)),
        spent("a", 1_500, None),
        spent("b", 1_999, Some(1)),
        spent("b", 899_990, Some(10)),
    ];
    assert_eq!(store.spent(Timestamp(1_000)).await?, expected);
    Ok(())
}
