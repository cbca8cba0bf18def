//! What is kept, and what is said of it over which link.

use pilothouse_protocols::agent_link::runs::{RunOutcome, RunWaitKind};
use serde_json::json;

use super::*;

fn run(id: &str) -> RunId {
    RunId::new(id).unwrap()
}

fn step(number: u32, picture: usize) -> Step {
    let picture = (picture > 0).then(|| vec![7; picture].into());
    Step { number, action: json!({"type": "back"}), explanation: String::new(), picture, place: 0 }
}

fn ended(id: &str) -> RunEnded {
    RunEnded {
        run: id.to_owned(),
        outcome: RunOutcome::Completed,
        error: None,
        answer: None,
        commands: None,
    }
}

fn wait(id: &str, wait: &str) -> RunWaits {
    RunWaits {
        run: id.to_owned(),
        wait: wait.to_owned(),
        kind: RunWaitKind::Question,
        text: "Which?".to_owned(),
        timeout: None,
        method: None,
        url: None,
    }
}

/// All that is said, in few words.
fn said(shelf: &Shelf) -> Vec<String> {
    let mut words = Vec::new();
    loop {
        let news = shelf.take(Instant::now());
        if news.is_empty() {
            return words;
        }
        words.extend(news.into_iter().map(|message| match message {
            FromAgent::RunBegan { run } => format!("{run} began"),
            FromAgent::RunStep(step) => {
                let sign = if step.screenshot.is_some() { "+" } else { "" };
                format!("{} {}{sign}", step.run, step.number)
            }
            FromAgent::RunWaits(wait) => format!("{} waits {}", wait.run, wait.wait),
            FromAgent::RunGoesOn { run, wait } => format!("{run} goes on {wait}"),
            FromAgent::RunPaused { run, paused } => format!("{run} paused {paused}"),
            FromAgent::RunEnded(ended) => format!("{} ended", ended.run),
            other => panic!("{other:?}"),
        }));
    }
}

fn stored(id: &str, steps: u32) -> RunStored {
    RunStored { run: id.to_owned(), steps }
}

#[test]
fn what_is_not_stored_is_said_again_over_each_link() {
    let shelf = Shelf::default();
    let a = run("a");
    assert!(shelf.begin(&a) && !shelf.begin(&a), "a run begins once");
    for number in 1..=3 {
        shelf.step(&a, step(number, 10));
    }
    assert_eq!(said(&shelf), ["a began", "a 1+", "a 2+", "a 3+"]);
    shelf.stored(&stored("a", 1));
    shelf.wait(&a, wait("a", "ask-1"), None);
    shelf.pause(&a, true);
    assert_eq!(said(&shelf), ["a paused true", "a waits ask-1"]);
    assert_eq!(shelf.held()[0].run, "a");
    shelf.welcomed(&[stored("a", 2)]);
    assert_eq!(said(&shelf), ["a began", "a 3+", "a paused true", "a waits ask-1"]);
    shelf.go_on(&a);
    shelf.pause(&a, false);
    shelf.end(&a, ended("a"));
    assert_eq!(said(&shelf), ["a paused false", "a goes on ask-1", "a ended"]);
    shelf.welcomed(&[stored("a", 3)]);
    assert_eq!(said(&shelf), ["a began", "a ended"]);
    assert!(!shelf.is_empty());
    shelf.forget(&a);
    shelf.step(&a, step(4, 1));
    assert!(shelf.is_empty() && said(&shelf).is_empty());
    assert_eq!(shelf.state.lock().pictures, 0);
}

#[test]
fn what_happens_while_nobody_listens_is_said_in_order() {
    let shelf = Shelf::default();
    let a = run("a");
    shelf.begin(&a);
    shelf.step(&a, step(1, 0));
    shelf.wait(&a, wait("a", "ask-1"), None);
    shelf.step(&a, step(2, 0));
    shelf.go_on(&a);
    shelf.wait(&a, wait("a", "ask-2"), None);
    shelf.welcomed(&[]);
    assert_eq!(said(&shelf), ["a began", "a 1", "a 2", "a waits ask-2"]);
    shelf.end(&a, ended("a"));
    assert_eq!(said(&shelf), ["a ended"], "the end is the end of a wait, too");
}

#[test]
fn who_pauses_is_answered_and_a_person_who_steers_pauses_too() {
    let shelf = Shelf::default();
    let a = run("a");
    shelf.begin(&a);
    said(&shelf);
    shelf.hold(&a, true);
    assert_eq!(said(&shelf), ["a paused true"]);
    shelf.pause(&a, false);
    assert_eq!(said(&shelf), ["a paused true"], "somebody steers still");
    shelf.hold(&a, false);
    assert_eq!(said(&shelf), ["a paused false"]);
    shelf.pause(&a, false);
    assert_eq!(said(&shelf), ["a paused false"], "every order is answered");
    shelf.hold(&a, false);
    assert!(said(&shelf).is_empty());
}

#[test]
fn the_oldest_pictures_go_first_and_their_steps_stay() {
    let shelf = Shelf::default();
    shelf.state.lock().most_pictures = Some(100);
    for id in ["a", "b"] {
        shelf.begin(&run(id));
        shelf.step(&run(id), step(1, 40));
    }
    shelf.step(&run("b"), step(2, 40));
    assert_eq!(said(&shelf), ["a began", "a 1", "b began", "b 1+", "b 2+"]);
    shelf.step(&run("b"), step(3, 1000));
    assert_eq!(shelf.state.lock().pictures, 0);
    assert_eq!(said(&shelf), ["b 3"]);
}

#[test]
fn there_is_room_for_so_many_runs() {
    let shelf = Shelf::default();
    for number in 0..MOST_RUNS {
        assert!(shelf.begin(&run(&format!("r-{number}"))));
    }
    assert!(!shelf.begin(&run("one-more")));
}

#[test]
fn a_wait_says_how_long_it_lasts_from_then_on() {
    let shelf = Shelf::default();
    let a = run("a");
    shelf.begin(&a);
    let now = Instant::now();
    shelf.wait(&a, wait("a", "ask-1"), Some(now + Duration::from_secs(60)));
    let told = shelf.take(now + Duration::from_secs(45));
    let Some(FromAgent::RunWaits(wait)) = told.last() else { panic!("{told:?}") };
    assert_eq!(wait.timeout, Some(15_000));
}
