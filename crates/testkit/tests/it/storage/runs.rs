//! What is promised of runs and their steps.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use bytes::Bytes;
use pilothouse_core::{
    ids::{AgentId, RunId, SessionId},
    ports::{RunHistory, Store, Write},
    runs::{
        Ended, Idle, Outcome, PageRequest, Run, RunFilter, RunLimits, RunPage, RunPlace,
        Screenshot, Standing, State, Step, StoredStep, Wait, WaitKind,
    },
    time::Timestamp,
};

use super::places::Place;

/// A run with every field in use.
fn run(number: u64, state: State) -> Run {
    Run {
        id: RunId::new(&format!("run-{number}")).unwrap(),
        user: "usr-ann".into(),
        requested_by: "Änn".into(),
        requested_at: Timestamp(1_000 + number),
        agent: AgentId::new("agent-1").unwrap(),
        session: Some(SessionId::new("ses-1").unwrap()),
        task: Some("find 'red' shoes\n🥾".into()),
        script: Some(r#"[{"type":"navigate"}]"#.into()),
        limits: RunLimits { steps: 100, time: Duration::from_mins(30) },
        steps: 2,
        stage: Some("clicking".into()),
        state,
        approval: true,
        allowed: Arc::new(["shop.example".into(), "*.bücher.example:8443".into()]),
        heals: true,
        paused: true,
        waits: Some(Wait {
            id: "w-1".into(),
            kind: WaitKind::Approval,
            text: "POST 'the order'\nwith 3 fields 🥾".into(),
            since: Timestamp(1_700),
            until: Some(Timestamp(9_700)),
            request: Some(PageRequest {
                method: "POST".into(),
                url: "https://shop.example/ö?a=1".into(),
            }),
        }),
        idle: Idle { past: Duration::from_millis(1_234), since: Some(Timestamp(1_700)) },
    }
}

/// The same before anybody was asked anything, where neither its hosts nor what it needs ever changes.
fn plain(run: &Run) -> Run {
    Run { paused: false, waits: None, idle: Idle::default(), ..run.clone() }
}

fn ended(outcome: Outcome, at: u64) -> State {
    State::Ended(Ended {
        outcome,
        began: Some(Timestamp(1_500)),
        at: Timestamp(at),
        answer: Some("they cost 7 €".into()),
        commands: Some(r##"[{"type":"click","selector":"#a"}]"##.into()),
    })
}

fn written(run: Run) -> Write {
    Write::Run(Arc::new(run))
}

fn jpeg(bytes: usize) -> Screenshot {
    let bytes = [&[0xff, 0xd8, 0xff][..], &vec![7; bytes - 3]].concat();
    Screenshot::of(bytes.into()).unwrap()
}

fn step(run: u64, number: u32, screenshot: Option<Screenshot>) -> Write {
    let step = Step {
        run: RunId::new(&format!("run-{run}")).unwrap(),
        number,
        action: r##"{"type":"click","selector":"#a"}"##.into(),
        explanation: format!("step {number}, 'ü'").into(),
        at: Timestamp(2_000 + u64::from(number)),
    };
    Write::RunStep { step: Arc::new(step), screenshot }
}

fn id(number: u64) -> RunId {
    RunId::new(&format!("run-{number}")).unwrap()
}

pub(super) async fn runs_come_back_in_every_state(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let failed = Outcome::Failed { error: "the page said 'no'".into() };
    let never_began = State::Ended(Ended {
        outcome: Outcome::Cancelled,
        began: None,
        at: Timestamp(9),
        answer: None,
        commands: None,
    });
    let states = [
        State::Pending,
        State::InProgress { since: Timestamp(1_500) },
        ended(Outcome::Completed, 3_000),
        ended(failed, 3_000),
        never_began,
    ];
    let mut runs: Vec<_> = states.into_iter().zip(1..).map(|(state, n)| run(n, state)).collect();
    runs[0] = Run { session: None, task: None, script: None, stage: None, ..plain(&runs[0]) };
    let question = Wait {
        id: "w-2".into(),
        kind: WaitKind::Question,
        text: "which size?".into(),
        since: Timestamp(7),
        until: None,
        request: None,
    };
    runs[2].waits = Some(question);
    // Each was waiting before, and the last state counts.
    store
        .commit(
            &runs
                .iter()
                .map(|it| written(Run { state: State::Pending, steps: 0, ..plain(it) }))
                .collect::<Vec<_>>(),
        )
        .await?;
    store.commit(&runs.iter().cloned().map(written).collect::<Vec<_>>()).await?;
    store.close().await;
    let store = place.open().await?;
    for run in &runs {
        assert_eq!(store.run(&run.id).await?.as_ref(), Some(run));
    }
    assert_eq!(store.run(&id(99)).await?, None);
    assert_eq!(store.load(100).await?.runs, runs[..2], "those that live, oldest first");
    Ok(())
}

pub(super) async fn steps_come_back_in_order_with_their_pictures(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let png = Screenshot::of(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\xff")).unwrap();
    let live = || run(1, State::InProgress { since: Timestamp(1_500) });
    store.commit(&[written(live()), step(1, 1, Some(jpeg(300_000))), step(1, 2, None)]).await?;
    // What is stored stays as it is, also if it is told again in the same batch as something new.
    store.commit(&[step(1, 2, Some(jpeg(10))), step(1, 3, Some(png.clone()))]).await?;
    let steps = store.steps(&id(1), 0, 100).await?;
    let seen: Vec<_> = steps.iter().map(|it| (it.step.number, it.has_screenshot)).collect();
    assert_eq!(seen, [(1, true), (2, false), (3, true)]);
    let Write::RunStep { step: first, .. } = step(1, 1, None) else { unreachable!() };
    assert_eq!(steps[0], StoredStep { step: (*first).clone(), has_screenshot: true });
    let numbers =
        |steps: Vec<StoredStep>| steps.iter().map(|it| it.step.number).collect::<Vec<_>>();
    assert_eq!(numbers(store.steps(&id(1), 1, 1).await?), [2]);
    assert_eq!(numbers(store.steps(&id(2), 0, 100).await?), [0; 0]);
    assert_eq!(store.screenshot(&id(1), 1).await?, Some(jpeg(300_000)));
    assert_eq!(store.screenshot(&id(1), 2).await?, None);
    assert_eq!(store.screenshot(&id(1), 3).await?, Some(png));
    assert_eq!(store.screenshot(&id(1), 4).await?, None);
    Ok(())
}

pub(super) async fn runs_are_found_and_come_in_pages(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let mut other = run(4, State::InProgress { since: Timestamp(1_500) });
    other.agent = AgentId::new("agent-2")?;
    other.user = "usr-ben".into();
    let failed = Outcome::Failed { error: "x".into() };
    let mut same_moment = run(3, ended(failed, 3_000));
    same_moment.requested_at = other.requested_at;
    let all =
        [run(1, State::Pending), run(2, ended(Outcome::Completed, 3_000)), same_moment, other];
    store.commit(&all.clone().map(written)).await?;
    let none = RunFilter::default();
    let standing =
        |standings: &[Standing]| RunFilter { standings: standings.to_vec(), ..none.clone() };
    for (filter, expected) in [
        (none.clone(), &[4, 3, 2, 1][..]),
        (standing(&[Standing::Pending]), &[1]),
        (standing(&[Standing::Failed, Standing::Completed]), &[3, 2]),
        (standing(&[Standing::Cancelled]), &[]),
        (RunFilter { agent: Some(AgentId::new("agent-2")?), ..none.clone() }, &[4]),
        (RunFilter { user: Some("usr-ann".into()), ..none.clone() }, &[3, 2, 1]),
        (RunFilter { user: Some("' OR 1=1 --".into()), ..none.clone() }, &[]),
    ] {
        // One at a time is the same as all at once.
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let page = store.runs(&filter, &RunPage { before, limit: 1 }).await?;
            let Some(run) = page.into_iter().next() else { break };
            before = Some(RunPlace::of(&run));
            found.push(run);
        }
        let ids: Vec<_> = found.iter().map(|run| run.id.clone()).collect();
        assert_eq!(ids, expected.iter().map(|n| id(*n)).collect::<Vec<_>>(), "{filter:?}");
        let at_once = store.runs(&filter, &RunPage { before: None, limit: 100 }).await?;
        assert_eq!(at_once, found);
    }
    Ok(())
}

pub(super) async fn the_oldest_runs_and_pictures_are_forgotten_in_pieces(
    place: &Place,
) -> Result<()> {
    let store = place.open().await?;
    let mut batch = vec![written(run(999, State::InProgress { since: Timestamp(1_500) }))];
    for number in 0..200 {
        batch.push(written(run(number, ended(Outcome::Completed, 3_000 + number))));
        batch.push(step(number, 1, Some(jpeg(100))));
    }
    batch.extend((2..102).map(|number| step(999, number, Some(jpeg(1_000)))));
    store.commit(&batch).await?;
    let mut pieces = Vec::new();
    loop {
        match store.forget(50, u64::MAX).await? {
            0 => break,
            count => pieces.push(count),
        }
    }
    assert_eq!(pieces.iter().sum::<u64>(), 150);
    assert!(pieces.len() > 1, "in pieces: {pieces:?}");
    for (number, is_kept) in [(0, false), (149, false), (150, true), (199, true), (999, true)] {
        assert_eq!(store.run(&id(number)).await?.is_some(), is_kept, "{number}");
        assert_eq!(!store.steps(&id(number), 0, 1).await?.is_empty(), is_kept, "{number}");
    }
    // 5,000 bytes of the ended ones and 100,000 of the live one are left; of these the oldest go.
    let mut deleted = 0;
    loop {
        match store.forget(50, 20_500).await? {
            0 => break,
            count => deleted += count,
        }
    }
    assert_eq!(deleted, 50 + 80);
    assert_eq!(store.screenshot(&id(999), 81).await?, None);
    assert_eq!(store.screenshot(&id(999), 82).await?, Some(jpeg(1_000)));
    let steps = store.steps(&id(999), 0, 1_000).await?;
    let with_pictures = steps.iter().filter(|step| step.has_screenshot).count();
    assert_eq!((steps.len(), with_pictures), (100, 20), "a step stays without its picture");
    Ok(())
}
