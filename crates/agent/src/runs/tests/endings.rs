//! How runs end that do not end well.

use super::*;

async fn fails(script: Value) -> String {
    let mut front = Front::new();
    front.script("r-1", script);
    let ended = front.end("r-1").await;
    assert_eq!(ended.outcome, RunOutcome::Failed);
    assert_eq!(front.stage.browsers().0, 0, "its browser is closed");
    ended.error.unwrap()
}

#[tokio::test]
async fn what_fails_says_where_and_why() {
    for (script, words) in [
        (json!([{"type": "fly"}]), "action 1: "),
        (json!([navigate(), click("#lost")]), "action 2 (click #lost): there is no such element"),
        (json!([navigate(), click("#crash")]), "action 2 (click #crash): the page crashed"),
        (json!([click("#gone")]), "the browser was closed"),
        (json!([click("#mistake")]), "the agent made a mistake"),
    ] {
        let error = fails(script).await;
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_step_that_failed_is_told_with_its_reason() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), click("#lost")]));
    let ended = front.end("r-1").await;
    assert_eq!(ended.commands.unwrap().len(), 1, "what was done can be done again");
    let steps = front.steps("r-1");
    assert!(steps[1].explanation.starts_with("click #lost — not done: there is no such element"));
}

#[tokio::test]
async fn a_task_without_a_model_says_which_setting_is_missing() {
    let mut front = Front::new();
    front.start(StartRun { task: Some("buy shoes".to_owned()), ..Front::order("r-1") });
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("PILOTHOUSE_LLM_MODEL"), "{error}");
    assert_eq!(front.stage.browsers(), (0, 0), "no browser is opened for that");
}

#[tokio::test]
async fn an_agent_without_a_browser_says_so() {
    let mut front = Front::new();
    front.script("unopened", json!([navigate()]));
    let error = front.end("unopened").await.error.unwrap();
    assert!(error.contains("found no browser"), "{error}");
}

#[tokio::test]
async fn a_run_takes_as_many_steps_and_as_long_as_it_may() {
    let mut front = Front::new();
    let script = Some(json!([navigate(), navigate(), navigate()]));
    front.start(StartRun { script: script.clone(), steps: 3, ..Front::order("r-3") });
    front.start(StartRun { script, steps: 2, ..Front::order("r-2") });
    assert_eq!(front.end("r-3").await.outcome, RunOutcome::Completed);
    assert_eq!(front.end("r-2").await.error.unwrap(), "took more than 2 steps");
    let script = Some(json!([navigate(), click("#slow")]));
    front.start(StartRun { script, timeout: 1_000, ..Front::order("late") });
    assert_eq!(front.end("late").await.error.unwrap(), "ran longer than 1 s");
    assert_eq!(front.stage.browsers().0, 0);
}

#[tokio::test]
async fn a_cancelled_run_ends_in_the_middle_of_what_it_does() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), click("#slow")]));
    front.step(1).await;
    front.runs.take(FromServer::CancelRun { run: "r-1".to_owned() });
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Cancelled, None));
    assert_eq!(ended.commands.unwrap().len(), 1);
    assert_eq!(front.stage.browsers().0, 0);
    // One that never came.
    front.runs.take(FromServer::CancelRun { run: "r-2".to_owned() });
    assert_eq!(front.end("r-2").await.outcome, RunOutcome::Cancelled);
    front.script("r-2", json!([navigate()]));
    assert_eq!(front.stage.browsers().1, 1, "and does not come any more");
}

#[tokio::test]
async fn a_run_that_is_not_wanted_ends_unheard() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), click("#slow")]));
    front.step(1).await;
    front.runs.welcomed(&[], &["r-1".to_owned()]);
    front.runs.stop().await;
    assert!(front.runs.take_news().is_empty() && front.runs.are_settled());
    assert_eq!(front.stage.browsers().0, 0);
}

#[tokio::test]
async fn an_agent_that_stops_ends_its_runs_and_says_so() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), click("#slow")]));
    front.script("r-2", json!([{"type": "ask", "question": "Which?"}]));
    front.wait("ask-1").await;
    front.runs.stop().await;
    for id in ["r-1", "r-2"] {
        assert_eq!(front.end(id).await.error.unwrap(), "its agent was stopped");
    }
    assert_eq!(front.stage.browsers().0, 0);
}

#[tokio::test]
async fn more_runs_than_an_agent_does_at_once_fail_at_once() {
    let mut front = Front::new();
    for number in 0..=MOST_RUNNING {
        front.script(&format!("r-{number}"), json!([click("#slow")]));
    }
    let error = front.end(&format!("r-{MOST_RUNNING}")).await.error.unwrap();
    assert!(error.contains("16 runs at once"), "{error}");
    front.runs.stop().await;
}
